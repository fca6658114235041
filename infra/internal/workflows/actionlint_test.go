package workflows

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// actionlint builds it once, by the module of testdata/actionlint; "" where
// that failed.
var actionlint = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "floe-actionlint-")
	if err != nil {
		return "", err
	}
	built = dir
	path := filepath.Join(dir, "actionlint")
	c := exec.Command("go", "build", "-o", path, "github.com/rhysd/actionlint/cmd/actionlint")
	c.Dir, c.Env, c.Stderr = filepath.Join("testdata", "actionlint"), append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly"), os.Stderr
	return path, c.Run()
})

var built string // a folder that goes with the tests

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

// lint runs actionlint over the repository's files, of which one may be
// another; it starts no other program.
func lint(t *testing.T, name, text string) string {
	t.Helper()
	program, err := actionlint()
	if err != nil {
		t.Fatalf("build actionlint: %v", err)
	}
	dir := t.TempDir()
	args := []string{"-shellcheck=", "-pyflakes=", "-oneline", "-no-color"}
	for _, f := range repository(t).Files {
		if f.Name == name {
			f.Text = text
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(f.Text), 0o600); err != nil {
			t.Fatal(err)
		}
		if !f.isAction() {
			args = append(args, path)
		}
	}
	// It looks for local actions from the folder that git knows.
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, args...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("actionlint: %v\n%s", err, out)
	}
	return string(out)
}

func TestActionlint(t *testing.T) {
	if found := lint(t, "", ""); found != "" {
		t.Error(found)
	}
}

// TestActionlintCanFail holds that it looks into keys, jobs, expressions, local
// actions and schedules.
func TestActionlintCanFail(t *testing.T) {
	for name, tc := range map[string]struct{ file, old, new, want string }{
		"a key that is none":      {ci, "timeout-minutes: 45", "timeout: 45", "unexpected key"},
		"a job that is none":      {ci, "needs: review", "needs: reviews", "does not exist"},
		"an input that is none":   {deploy, "          stack: dev\n", "          stak: dev\n", "stak"},
		"a value that is none":    {drift, "${{ github.token }}", "${{ github.tokens }}", "tokens"},
		"a schedule that is none": {drift, "17 3 * * *", "17 3 * *", "invalid CRON"},
		"a stranger's text":       {ci, "run: make test", `run: echo "${{ github.event.pull_request.title }}"`, "untrusted"},
		"a right that is none":    {release, "attestations: write", "attestation: write", "unknown permission scope"},
		"an event that is none":   {pr, "labeled, unlabeled", "labelled, unlabeled", "invalid activity type"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range repository(t).Files {
				if f.Name != tc.file {
					continue
				}
				if !strings.Contains(f.Text, tc.old) {
					t.Fatalf("%s no longer holds %q", tc.file, tc.old)
				}
				if found := lint(t, tc.file, strings.Replace(f.Text, tc.old, tc.new, 1)); !strings.Contains(found, tc.want) {
					t.Errorf("found %q, want %q", found, tc.want)
				}
			}
		})
	}
}
