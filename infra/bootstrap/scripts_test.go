package bootstrap

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// scripts is a project with the scripts of this one, whose Go and Pulumi are
// stand-ins: go build hands out a bootstrap program that was built before, and
// pulumi notes what it was called with.
type scripts struct {
	root, bin string
	env       []string
}

const fakeGo = `#!/bin/sh
case "$*" in
"build -o ../bin/bootstrap ./cmd/bootstrap") mkdir -p ../bin && cp "$FAKES/program" ../bin/bootstrap ;;
*) echo "unexpected: go $*" >&2; exit 1 ;;
esac
`

const fakePulumi = `#!/bin/sh
case "$1" in
version) echo "${FAKE_VERSION:-v3.259.0}"; exit 0 ;;
esac
echo "pulumi $*" >>"$FAKES/calls"
[ "$1 $2" != "stack export" ] || cp "$FAKES/export.json" "$6"
[ "$1" != "${FAKE_FAILS:-}" ] || exit 255
`

// TestScripts runs the targets that work on an account.
func TestScripts(t *testing.T) {
	program := buildProgram(t)
	t.Run("targets", func(t *testing.T) { testTargets(t, program) })
	t.Run("secrets provider", func(t *testing.T) { testSecretsProviderIsGiven(t, program) })
	t.Run("missing tools", func(t *testing.T) { testMissingTools(t, program) })
}

func buildProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	if out, err := exec.Command("go", "build", "-o", program, "../cmd/bootstrap").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

func newScripts(t *testing.T, program string) *scripts {
	t.Helper()
	root := testProject(t, "config:\n  aws:region: eu-central-1\n")
	s := &scripts{root: root, bin: t.TempDir()}
	for _, dir := range []string{"infra", "bin"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(root, "scripts"), os.DirFS("../../scripts")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "Makefile"), strings.Replace(read(t, "../../Makefile"), "deploy: build", "deploy:", 1))
	write(t, filepath.Join(root, "infra", "go.mod"), read(t, "../go.mod"))
	for path, text := range map[string]string{
		filepath.Join(s.bin, "go"): fakeGo, filepath.Join(s.bin, "pulumi"): fakePulumi, filepath.Join(s.bin, "pulumi-language-go"): "",
		filepath.Join(root, "bin", "floe"): "#!/bin/sh\necho \"floe $*\"\n", filepath.Join(s.bin, "program"): read(t, program),
		filepath.Join(s.bin, "export.json"): `{"version":3,"deployment":{}}`,
	} {
		write(t, path, text)
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// The tools of any Unix; nothing else is on PATH, whatever the machine has.
	for _, tool := range []string{"sh", "make", "sed", "awk", "tr", "mktemp", "cp", "rm", "mkdir", "echo"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(s.bin, tool)); err != nil {
			t.Fatal(err)
		}
	}
	s.env = []string{"PATH=" + s.bin, "HOME=" + root, "FAKES=" + s.bin, "PULUMI_BACKEND_URL=file:///state"}
	return s
}

// make runs a target and gives back its output, what pulumi was called with,
// and how the script ended.
func (s *scripts) make(t *testing.T, env []string, args ...string) (out, calls string, code int) {
	t.Helper()
	c := exec.Command("make", append([]string{"--no-print-directory"}, args...)...)
	c.Dir, c.Env = s.root, append(s.env, env...)
	text, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if noted, err := os.ReadFile(filepath.Join(s.bin, "calls")); err == nil {
		calls = string(noted)
	}
	if exit != nil {
		code = exit.ExitCode()
	}
	return string(text), calls, code
}

func testTargets(t *testing.T, program string) {
	const selected = "pulumi stack select dev --create\n"
	const exported = "pulumi stack select dev\npulumi stack export --stack dev --file F\n"
	protected := `{"version":3,"deployment":{"resources":[{"urn":"urn:pulumi:dev::floe::aws:s3/bucketV2:BucketV2::landing","protect":true}]}}`
	refusing := "version: 1\ndeletion: refused\n"
	for _, tc := range []struct {
		name     string
		args     string
		env      []string
		platform string
		export   string
		calls    string // of pulumi
		says     string
		fails    bool
	}{
		{name: "preview", args: "preview STACK=dev", calls: selected + "pulumi preview --stack dev\n", says: "next: make deploy STACK=dev"},
		{name: "whole diff", args: "preview STACK=dev DIFF=1", calls: selected + "pulumi preview --stack dev --diff\n"},
		{name: "deploy", args: "deploy STACK=dev YES=1", calls: selected + "pulumi up --stack dev --yes\n", says: "floe secret list --stack dev"},
		{name: "nobody to ask", args: "deploy STACK=dev", says: "YES=1", fails: true},
		{name: "no is no yes", args: "deploy STACK=dev YES=0", says: "YES=1", fails: true},
		{name: "failed deploy", args: "deploy STACK=dev YES=1", env: []string{"FAKE_FAILS=up"}, calls: selected + "pulumi up --stack dev --yes\n", fails: true},
		{name: "no stack", args: "preview", says: "live/ has: dev prod", fails: true},
		{name: "unknown stack", args: "preview STACK=stage", says: "there is no stack stage", fails: true},
		{name: "hostile stack", args: "preview STACK='dev;echo'", says: "is no stack's name", fails: true},
		{name: "old pulumi", args: "preview STACK=dev", env: []string{"FAKE_VERSION=v3.99.1"}, says: "pulumi is 3.99.1; infra/go.mod builds on 3.259.0", fails: true},
		{name: "new pulumi", args: "preview STACK=dev", env: []string{"FAKE_VERSION=v4.0.0-beta.1"}, calls: selected + "pulumi preview --stack dev\n"},
		{name: "destroy, not confirmed", args: "destroy STACK=dev", says: "make destroy STACK=dev CONFIRM=dev", fails: true},
		{name: "destroy, another confirmed", args: "destroy STACK=dev CONFIRM=prod", says: `confirmed for "prod"`, fails: true},
		{name: "destroy, refused", args: "destroy STACK=dev CONFIRM=dev", platform: refusing, says: "write deletion: allowed in live/dev/platform.yaml, make deploy STACK=dev, then", fails: true},
		{name: "destroy, not deployed", args: "destroy STACK=dev CONFIRM=dev", export: protected, calls: exported, says: "1 resources are still protected (landing)", fails: true},
		{name: "destroy", args: "destroy STACK=dev CONFIRM=dev", calls: exported + "pulumi destroy --stack dev --yes\n", says: "What stays behind by design:"},
		{name: "failed destroy", args: "destroy STACK=dev CONFIRM=dev", env: []string{"FAKE_FAILS=destroy"}, calls: exported + "pulumi destroy --stack dev --yes\n", fails: true},
		{name: "no bootstrap yet", args: "preview STACK=dev", env: []string{"PULUMI_BACKEND_URL=s3://b"}, says: "make bootstrap STACK=dev", fails: true},
		{name: "no stack to bootstrap", args: "bootstrap", says: "make bootstrap STACK=dev", fails: true},
		{name: "no stack to unbootstrap", args: "unbootstrap", says: "make unbootstrap STACK=dev", fails: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newScripts(t, program)
			if tc.platform != "" {
				write(t, filepath.Join(s.root, "live", "dev", "platform.yaml"), tc.platform)
			}
			if tc.export != "" {
				write(t, filepath.Join(s.bin, "export.json"), tc.export)
			}
			var args []string
			for _, a := range strings.Fields(tc.args) {
				args = append(args, strings.Trim(a, "'"))
			}
			out, calls, code := s.make(t, tc.env, args...)
			if (code != 0) != tc.fails || !strings.Contains(out, tc.says) {
				t.Errorf("ended with %d:\n%s", code, out)
			}
			if got := withoutFile(calls); got != tc.calls {
				t.Errorf("pulumi was called with\n%s", got)
			}
			if tc.fails && strings.Contains(out, "What stays behind") {
				t.Error("a destroy that failed tells what stays behind")
			}
		})
	}
}

// testSecretsProviderIsGiven holds that a new stack gets the key of its settings.
func testSecretsProviderIsGiven(t *testing.T, program string) {
	s := newScripts(t, program)
	write(t, filepath.Join(s.root, "stacks", "Pulumi.dev.yaml"), "secretsprovider: \"awskms://alias/a?region=x&awssdk=v2\"\nconfig:\n  aws:region: eu-central-1\n")
	out, calls, code := s.make(t, nil, "preview", "STACK=dev")
	if want := "pulumi stack select dev --create --secrets-provider awskms://alias/a?region=x&awssdk=v2\n"; code != 0 || !strings.HasPrefix(calls, want) {
		t.Errorf("%s\n%s", calls, out)
	}
}

func testMissingTools(t *testing.T, program string) {
	for _, tool := range []string{"go", "pulumi", "pulumi-language-go"} {
		s := newScripts(t, program)
		if err := os.Remove(filepath.Join(s.bin, tool)); err != nil {
			t.Fatal(err)
		}
		out, calls, code := s.make(t, nil, "preview", "STACK=dev")
		if code == 0 || calls != "" || !strings.Contains(out, "error: "+tool+" is not on PATH") || !strings.Contains(out, "next: ") {
			t.Errorf("%s: ended with %d:\n%s", tool, code, out)
		}
	}
}

// withoutFile puts F for the name of the temporary file.
func withoutFile(calls string) string {
	before, after, found := strings.Cut(calls, "--file ")
	if !found {
		return calls
	}
	_, rest, _ := strings.Cut(after, "\n")
	return before + "--file F\n" + rest
}
