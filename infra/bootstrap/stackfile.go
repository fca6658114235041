package bootstrap

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/floe-data/floe/runtime/fault"
)

// stackSettings are the keys of stacks/Pulumi.<stack>.yaml that say how Pulumi
// encrypts a stack's secrets.
type stackSettings struct {
	SecretsProvider string `yaml:"secretsprovider"`
	EncryptedKey    string `yaml:"encryptedkey"`
	EncryptionSalt  string `yaml:"encryptionsalt"`
}

// secretLines are the lines that bootstrap and Pulumi write for it. A key's
// value is one line: it holds no space to fold at.
var secretLines = regexp.MustCompile(`(?m)^(secretsprovider|encryptedkey):.*\n?`)

// makeStackFile names the key in stacks/Pulumi.<stack>.yaml. Pulumi adds
// encryptedkey with the stack's first state.
func (a *Account) makeStackFile() error {
	name := filepath.Join("stacks", "Pulumi."+a.Stack+".yaml")
	text, settings, err := a.readStackFile(name)
	if err != nil {
		return err
	}
	const how = "to change it: pulumi stack change-secrets-provider"
	what := "secretsprovider in " + name
	switch {
	case settings.SecretsProvider == a.SecretsProvider():
		a.say(there, "%s", what)
		return nil
	case settings.SecretsProvider != "":
		a.say(kept, "%s: it is %s; %s %q", what, settings.SecretsProvider, how, a.SecretsProvider())
		return nil
	case settings.EncryptionSalt != "":
		a.say(kept, "%s: its secrets are encrypted with a passphrase (encryptionsalt); %s %q", name, how, a.SecretsProvider())
		return nil
	}
	return a.act(changed, what, func() error {
		return a.writeStackFile(name, withProvider(text, a.SecretsProvider()))
	})
}

// removeStackFiles takes the key out of every stack's settings that name it,
// with the encrypted key that only it could decrypt.
func (a *Account) removeStackFiles() error {
	paths, err := filepath.Glob(filepath.Join(a.Root, "stacks", "Pulumi.*.yaml"))
	if err != nil {
		return fmt.Errorf("list stacks/: %w", err)
	}
	slices.Sort(paths)
	for _, path := range paths {
		name := filepath.Join("stacks", filepath.Base(path))
		text, settings, err := a.readStackFile(name)
		if err != nil {
			return err
		}
		if settings.SecretsProvider != a.SecretsProvider() {
			continue
		}
		err = a.act(removed, "secretsprovider in "+name, func() error { return a.writeStackFile(name, secretLines.ReplaceAllString(text, "")) })
		if err != nil {
			return err
		}
	}
	return nil
}

// withProvider puts the key before the first line that is no comment.
func withProvider(text, provider string) string {
	lines := strings.SplitAfter(text, "\n")
	at := slices.IndexFunc(lines, func(l string) bool {
		l = strings.TrimSpace(l)
		return l != "" && l != "---" && !strings.HasPrefix(l, "#")
	})
	if at < 0 {
		at = len(lines)
		if text != "" && !strings.HasSuffix(text, "\n") {
			lines[at-1] += "\n"
		}
	}
	return strings.Join(slices.Insert(lines, at, "secretsprovider: "+provider+"\n"), "")
}

func (a *Account) readStackFile(name string) (string, stackSettings, error) {
	var settings stackSettings
	text, err := os.ReadFile(filepath.Join(a.Root, name))
	if err != nil {
		return "", settings, fmt.Errorf("read the stack's settings: %w", err)
	}
	if err := yaml.Unmarshal(text, &settings); err != nil {
		return "", settings, fault.New(fault.Usage, fmt.Errorf("%s: %w", name, err), "mend the file, then run it again")
	}
	return string(text), settings, nil
}

// writeStackFile replaces the file whole, so that a crash leaves the old one.
func (a *Account) writeStackFile(name, text string) error {
	path := filepath.Join(a.Root, name)
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	aside := path + ".new"
	if err := os.WriteFile(aside, []byte(text), info.Mode().Perm()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.Rename(aside, path); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
