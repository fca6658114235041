//go:build cloud

package cloudtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/emulated"
)

// TestCLI does what a user does: the CLI in the project's folder, with
// Pulumi.yaml, stackConfigDir and go.work as they are.
func TestCLI(t *testing.T) {
	t.Parallel()
	f := newFiles(t)
	repository := filepath.Join("..", "..", "..")
	copyCode(t, filepath.Join(repository, "infra"), filepath.Join(f.root, "infra"))
	for _, name := range []string{"go.work", "go.work.sum", "Pulumi.yaml"} {
		text, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Fatal(err)
		}
		f.edit(name, "", string(text))
	}
	engine := emulated.Start(t, emulated.Options{Region: region})
	pulumi := func(args ...string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), "pulumi", append(args, "--non-interactive", "--color", "never")...)
		c.Dir, c.Env = f.root, append(engine.Env(), toolchain(t)...)
		for _, e := range c.Env {
			if path, ok := strings.CutPrefix(e, "PATH="); ok {
				first, _, _ := strings.Cut(path, string(os.PathListSeparator))
				c.Path = filepath.Join(first, "pulumi")
			}
		}
		c.Err = nil
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("pulumi %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	pulumi("stack", "init", "dev")
	if out := pulumi("preview", "--stack", "dev"); !strings.Contains(out, "to create") {
		t.Errorf("preview:\n%s", out)
	}
	pulumi("up", "--yes", "--skip-preview", "--stack", "dev")
	if out := pulumi("stack", "output", "--json", "--stack", "dev"); !strings.Contains(out, `"floe-dev-ingest-games"`) || !strings.Contains(out, "floe secret set partner --stack dev") {
		t.Errorf("outputs:\n%s", out)
	}
	if out := pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev"); !strings.Contains(out, "unchanged") {
		t.Errorf("up again:\n%s", out)
	}
	settings, err := os.ReadFile(filepath.Join(f.root, "stacks", "Pulumi.dev.yaml"))
	if err != nil || !strings.Contains(string(settings), "encryptionsalt") {
		t.Errorf("the CLI's settings are not in stacks/: %v\n%s", err, settings)
	}
	pulumi("destroy", "--yes", "--skip-preview", "--stack", "dev")
}

// toolchain is what Go's own settings are here: the program is compiled with
// the caches of whoever runs the tests.
func toolchain(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, key := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GONOSUMDB", "GOTOOLCHAIN"} {
		value, err := exec.Command("go", "env", key).Output()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, key+"="+strings.TrimSpace(string(value)))
	}
	return out
}
