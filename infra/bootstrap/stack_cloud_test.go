//go:build cloud

package bootstrap

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	emulated "github.com/floe-data/floe/infra/internal/emulated/aws"
)

// withPulumi gives the project Pulumi's own command line, a small
// program, and the credentials of the account.
func (s *scripts) withPulumi(t *testing.T, a *emulated.Account) {
	t.Helper()
	cli, err := findPulumi()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pulumi", "pulumi-language-go"} {
		link := filepath.Join(s.bin, name)
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(cli, name), link); err != nil {
			t.Fatal(err)
		}
	}
	// Pulumi's plugin asks Go about the program's module and then builds it: it
	// gets the real answers, and a program that was built once.
	golang, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-o", filepath.Join(s.bin, "stack"), "./testdata/program").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	runtime, err := filepath.Abs("../../runtime")
	if err != nil {
		t.Fatal(err)
	}
	infra := filepath.Join(s.root, "infra")
	write(t, filepath.Join(s.bin, "go"), strings.Replace(fakeGo, `*) echo "unexpected: go $*" >&2; exit 1 ;;`,
		`"build -o "*/pulumi-go*) rm -f "$3" && cp "$FAKES/stack" "$3" ;;`+"\n*) exec "+golang+` "$@" ;;`, 1))
	write(t, filepath.Join(infra, "go.mod"), strings.Replace(read(t, "../go.mod"), "=> ../runtime", "=> "+runtime, 1))
	write(t, filepath.Join(infra, "go.sum"), read(t, "../go.sum"))
	write(t, filepath.Join(infra, "main.go"), read(t, filepath.Join("testdata", "program", "main.go")))
	s.env = []string{"PATH=" + s.bin, "HOME=" + s.root, "FAKES=" + s.bin, "PULUMI_HOME=" + filepath.Join(s.bin, "home"),
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true", "GOWORK=off", "GOPROXY=off", "GOMODCACHE=" + goEnv(t, "GOMODCACHE"), "GOCACHE=" + goEnv(t, "GOCACHE"), "AWS_ENDPOINT_URL=" + a.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null"}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// findPulumi is the folder of pulumi and pulumi-language-go: FLOE_PULUMI, or
// where PATH has them.
func findPulumi() (string, error) {
	if dir := os.Getenv("FLOE_PULUMI"); dir != "" {
		return dir, nil
	}
	path, err := exec.LookPath("pulumi")
	return filepath.Dir(path), err
}

// TestStackOnTheState goes the way of docs/deploy.md with Pulumi's own command
// line: its state lies in the bucket, encrypted with the key, and is not to be
// removed while a stack has resources.
func TestStackOnTheState(t *testing.T) {
	a := cloud(t)
	s := newScripts(t, buildProgram(t))
	s.withPulumi(t, a)
	const admin = "ADMIN=arn:aws:iam::" + account + ":role/admin"
	for _, step := range []struct {
		args  string
		env   []string
		says  string
		fails bool
	}{
		{args: "preview STACK=dev", says: "make bootstrap STACK=dev", fails: true},
		{args: "bootstrap STACK=dev DRY_RUN=1 " + admin, says: "Nothing was touched"},
		{args: "bootstrap STACK=dev " + admin, says: "The account is ready"},
		{args: "preview STACK=dev", says: "next: make deploy STACK=dev"},
		{args: "deploy STACK=dev YES=1", env: []string{"PROTECT=1"}, says: "floe secret list --stack dev"},
		{args: "unbootstrap STACK=dev CONFIRM=" + account, says: "stack floe/dev has 2 resources", fails: true},
		{args: "destroy STACK=dev CONFIRM=dev", says: "1 resources are still protected (part)", fails: true},
		{args: "deploy STACK=dev YES=1", says: "floe secret list --stack dev"},
		{args: "destroy STACK=dev CONFIRM=dev", says: "What stays behind by design"},
	} {
		out, _, code := s.make(t, step.env, strings.Fields(step.args)...)
		if (code != 0) != step.fails || !strings.Contains(out, step.says) {
			t.Fatalf("make %s ended with %d:\n%s", step.args, code, out)
		}
	}
	checkState(t, a, filepath.Join(s.root, "stacks", "Pulumi.dev.yaml"))
	out, _, code := s.make(t, nil, "unbootstrap", "STACK=dev", "CONFIRM="+account)
	if code != 0 || !strings.Contains(out, "What bootstrap made is gone") {
		t.Errorf("make unbootstrap ended with %d:\n%s", code, out)
	}
	if got := read(t, filepath.Join(s.root, "stacks", "Pulumi.dev.yaml")); got != settings {
		t.Errorf("the stack's settings are\n%s", got)
	}
}

// checkState holds that the secret lies nowhere in plain text and that the key
// encrypted it.
func checkState(t *testing.T, a *emulated.Account, stackFile string) {
	t.Helper()
	client := s3.NewFromConfig(a.Config())
	bucket := aws.String("floe-state-" + account + "-eu-central-1")
	list, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: bucket})
	if err != nil || len(list.Contents) == 0 {
		t.Fatalf("the state bucket holds nothing: %v", err)
	}
	encrypted := false
	for _, o := range list.Contents {
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: o.Key})
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(out.Body)
		out.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "canary-7d1f") {
			t.Errorf("%s holds the secret in plain text", *o.Key)
		}
		encrypted = encrypted || strings.Contains(string(text), "awskms://alias/"+*bucket)
	}
	if !encrypted {
		t.Error("no state names the key")
	}
	if !strings.Contains(read(t, stackFile), "encryptedkey: ") {
		t.Error("the stack's settings hold no encrypted key")
	}
}
