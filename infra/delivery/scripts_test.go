package delivery

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// desk is a git repository with a project and the scripts of this one, whose
// tools are stand-ins: go runs programs that were built before, pulumi, gh and
// floe note what they were called with and answer as the environment says.
type desk struct {
	t         *testing.T
	root, bin string
	env       []string
}

const fakeGo = `#!/bin/sh
case "$*" in
"build -o ../bin/bootstrap ./cmd/bootstrap") mkdir -p ../bin && cp "$FAKES/program" ../bin/bootstrap ;;
"run ./cmd/report "*) shift 2; exec "$FAKES/report" "$@" ;;
"run ./cmd/"*) echo "go $*" >>"$FAKES/calls"; echo "said by go $*"; exit ${FAKE_GO:-0} ;;
*) echo "unexpected: go $*" >&2; exit 1 ;;
esac
`

const fakePulumi = `#!/bin/sh
case "$1" in
version) echo v3.259.0; exit 0 ;;
esac
echo "pulumi $*${PULUMI_EXPERIMENTAL:+ (experimental)}" >>"$FAKES/calls"
case "$1 $2" in
"stack export") cp "$FAKES/export.json" "$6" ;;
"stack output") echo '{"ingest":"sha256:1"}' ;;
"stack select") ;;
*)
	echo "${FAKE_SAYS:-said by pulumi $1}"
	[ -z "${FAKE_SAYS:-}" ] || exit 255
	;;
esac
[ "$1" != "${FAKE_FAILS:-}" ] || exit 255
`

const fakeFloe = `#!/bin/sh
echo "said by floe $*" | sed "s|--diff .*|--diff OLD|"
case "$*" in
"${FAKE_FLOE:-none} "*) exit 2 ;;
*--diff*) for last; do :; done; sed -n 's/^name: /the old project is /p' "$last/Pulumi.yaml" ;;
esac
`

const fakeGh = `#!/bin/sh
echo "gh $*" | tr '\n' ' ' >>"$FAKES/calls"
echo >>"$FAKES/calls"
case "$*" in
*"${FAKE_GH:-none}"*) exit 1 ;;
*/pulls/*) echo "${FAKE_STATE:-}" ;;
*--paginate* | *"issue list"* | *"release list"*) echo "${FAKE_FOUND:-}" ;;
*"release view"*) [ -n "${FAKE_FOUND:-}" ] ;;
esac
`

// programs are built once for all tests.
func programs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, path := range map[string]string{"program": "../cmd/bootstrap", "report": "../cmd/report"} {
		if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, name), path).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return dir
}

func newDesk(t *testing.T, built string) *desk {
	t.Helper()
	d := &desk{t: t, root: t.TempDir(), bin: t.TempDir()}
	for _, from := range []string{"../../runtime/project/testdata/good", "../../runtime/live/testdata/good"} {
		d.must(os.CopyFS(d.root, os.DirFS(from)))
	}
	d.must(os.CopyFS(filepath.Join(d.root, "scripts"), os.DirFS("../../scripts")))
	makefile := d.read("../../Makefile")
	for _, target := range []string{"deploy", "review", "release-notes", "pr"} {
		makefile = strings.Replace(makefile, "\n"+target+": build", "\n"+target+":", 1)
	}
	d.write("Makefile", makefile)
	d.write("infra/go.mod", d.read("../go.mod"))
	d.write("Pulumi.yaml", "name: before\nruntime: go\nmain: infra\nstackConfigDir: stacks\n")
	d.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n- New.\n\n## 1.0\n- Old.\n")
	d.write("bin/floe", fakeFloe)
	d.must(os.Chmod(filepath.Join(d.root, "bin", "floe"), 0o755))
	for name, text := range map[string]string{"go": fakeGo, "pulumi": fakePulumi, "gh": fakeGh, "pulumi-language-go": "", "export.json": `{"version":3,"deployment":{}}`,
		"program": d.read(filepath.Join(built, "program")), "report": d.read(filepath.Join(built, "report"))} {
		d.must(os.WriteFile(filepath.Join(d.bin, name), []byte(text), 0o755))
	}
	// The tools of any Unix, and git; nothing else is on PATH, whatever the machine has.
	for _, tool := range strings.Fields("sh make sed awk tr mktemp cp rm mkdir echo cat dirname git tar head grep ls") {
		path, err := exec.LookPath(tool)
		d.must(err)
		d.must(os.Symlink(path, filepath.Join(d.bin, tool)))
	}
	d.env = []string{"PATH=" + d.bin, "HOME=" + d.root, "FAKES=" + d.bin, "PULUMI_BACKEND_URL=file:///state", "GH_REPO=acme/data",
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b.c", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b.c"}
	d.git("init", "--quiet", "--initial-branch", "main")
	d.write(".gitignore", "/bin/\n")
	d.commit("First")
	d.git("tag", "v1.0.0")
	d.write("Pulumi.yaml", "name: floe\nruntime: go\nmain: infra\nstackConfigDir: stacks\n")
	d.commit("Second")
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) write(name, text string) {
	d.t.Helper()
	path := filepath.Join(d.root, name)
	d.must(os.MkdirAll(filepath.Dir(path), 0o755))
	d.must(os.WriteFile(path, []byte(text), 0o644))
}

// read reads a file of the desk, or one of this repository.
func (d *desk) read(name string) string {
	d.t.Helper()
	if !strings.HasPrefix(name, "..") && !filepath.IsAbs(name) {
		name = filepath.Join(d.root, name)
	}
	text, err := os.ReadFile(name)
	d.must(err)
	return string(text)
}

func (d *desk) has(name string) bool {
	_, err := os.Stat(filepath.Join(d.root, name))
	return err == nil
}

func (d *desk) git(args ...string) {
	d.t.Helper()
	c := exec.Command("git", args...)
	c.Dir, c.Env = d.root, d.env
	if out, err := c.CombinedOutput(); err != nil {
		d.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (d *desk) commit(subject string) {
	d.t.Helper()
	d.git("add", "--all")
	d.git("commit", "--quiet", "--message", subject)
}

// make runs a target and gives back its output, what the stand-ins were called
// with, and how the script ended. Words with = are variables; NAME=value in env
// is the environment's.
func (d *desk) make(words string, env ...string) (out, calls string, code int) {
	d.t.Helper()
	d.must(os.RemoveAll(filepath.Join(d.bin, "calls")))
	c := exec.Command("make", append([]string{"--no-print-directory"}, strings.Fields(words)...)...)
	c.Dir, c.Env = d.root, append(d.env, env...)
	text, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		d.t.Fatal(err)
	}
	if noted, err := os.ReadFile(filepath.Join(d.bin, "calls")); err == nil {
		calls = string(noted)
	}
	if exit != nil {
		code = exit.ExitCode()
	}
	return string(text), calls, code
}

// wants holds that a text has all of the parts.
func (d *desk) wants(text string, parts ...string) {
	d.t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			d.t.Errorf("no %q in\n%s", part, text)
		}
	}
}

// TestScripts runs what the workflows run.
func TestScripts(t *testing.T) {
	built := programs(t)
	for _, test := range []struct {
		name string
		run  func(*desk)
	}{
		{"review", testReview}, {"review of a fork", testReviewOfAFork}, {"review that fails", testReviewFails}, {"review refuses", testReviewRefuses},
		{"notes", testNotes}, {"preview and deploy", testPlanFile}, {"drift", testDrift}, {"drift's issue", testIssue},
		{"comment", testComment}, {"release", testRelease}, {"summary", testSummary}, {"images", testImages},
		{"a change's stack", testChangeStack}, {"sbom", testSBOM}, {"region", testRegion}, {"provider", testProvider}, {"released", testReleased},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(newDesk(t, built))
		})
	}
}
