package bootstrap

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// local is an account that is asked nothing.
func local(root string, out *strings.Builder) *Account {
	return &Account{Place: Place{Root: root, Project: "floe", Stack: "dev", Account: account, Region: "eu-central-1"}, Options: Options{Out: out}}
}

const line = "secretsprovider: awskms://alias/floe-state-123456789012-eu-central-1?region=eu-central-1&awssdk=v2\n"

func TestStackFile(t *testing.T) {
	const config = "config:\n  aws:region: eu-central-1 # Frankfurt\n"
	for _, tc := range []struct{ name, before, after, say string }{
		{"plain", config, line + config, changed},
		{"comments stay", "# ours\n\n# more\n" + config, "# ours\n\n# more\n" + line + config, changed},
		{"a document's start", "---\n" + config, "---\n" + line + config, changed},
		{"no end of line", "config:\n  aws:region: eu-central-1", line + "config:\n  aws:region: eu-central-1", changed},
		{"there already", config + line, config + line, there},
		{"another key", "secretsprovider: awskms://alias/mine\n" + config, "secretsprovider: awskms://alias/mine\n" + config, kept},
		{"a passphrase", "encryptionsalt: v1:abc\n" + config, "encryptionsalt: v1:abc\n" + config, kept},
	} {
		t.Run(tc.name, func(t *testing.T) {
			root := testProject(t, tc.before)
			path := filepath.Join(root, "stacks", "Pulumi.dev.yaml")
			var out strings.Builder
			if err := local(root, &out).makeStackFile(); err != nil {
				t.Fatal(err)
			}
			if got := read(t, path); got != tc.after || !strings.HasPrefix(out.String(), tc.say) {
				t.Errorf("got\n%s\nand said %s", got, out.String())
			}
			p, err := project.Load(root)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := live.Load(p, "dev"); err != nil {
				t.Errorf("live does not take it: %v", err)
			}
		})
	}
}

func TestStackFilesAreGivenBack(t *testing.T) {
	const config = "# ours\nconfig:\n  aws:region: eu-central-1\n"
	root := testProject(t, line+"encryptedkey: AQICAHh=\n"+config)
	other := "secretsprovider: awskms://alias/mine\nencryptedkey: AQ=\n" + config
	write(t, filepath.Join(root, "stacks", "Pulumi.prod.yaml"), other)
	var out strings.Builder
	a := local(root, &out)
	a.DryRun = true
	if err := a.removeStackFiles(); err != nil || !strings.Contains(read(t, filepath.Join(root, "stacks", "Pulumi.dev.yaml")), line) {
		t.Fatalf("a dry run changed the file: %v", err)
	}
	a.DryRun = false
	if err := a.removeStackFiles(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(root, "stacks", "Pulumi.dev.yaml")); got != config {
		t.Errorf("dev is %s", got)
	}
	if got := read(t, filepath.Join(root, "stacks", "Pulumi.prod.yaml")); got != other {
		t.Errorf("prod is %s", got)
	}
}

func TestStackFileIsRefused(t *testing.T) {
	root := testProject(t, "config: [\n")
	var out strings.Builder
	if err := local(root, &out).makeStackFile(); err == nil || !strings.Contains(err.Error(), "Pulumi.dev.yaml") {
		t.Error(err)
	}
}
