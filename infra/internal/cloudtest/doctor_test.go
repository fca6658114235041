//go:build cloud

package cloudtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// TestDoctor asks the account before the first deployment, in which somebody
// has taken names, after it, and with files that are wrong.
func TestDoctor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "dev", "  - {name: daily}\n")
	config := w.engine.AWS.Config()
	taken := iam.NewFromConfig(config)
	if _, err := taken.CreateRole(w.ctx, &iam.CreateRoleInput{RoleName: aws.String("floe-dev-evolve"), AssumeRolePolicyDocument: aws.String(`{"Version": "2012-10-17", "Statement": []}`)}); err != nil {
		t.Fatal(err)
	}
	gone := secretsmanager.NewFromConfig(config)
	if _, err := gone.CreateSecret(w.ctx, &secretsmanager.CreateSecretInput{Name: aws.String("floe-dev-partner-auth")}); err != nil {
		t.Fatal(err)
	}
	if _, err := gone.DeleteSecret(w.ctx, &secretsmanager.DeleteSecretInput{SecretId: aws.String("floe-dev-partner-auth"), RecoveryWindowInDays: aws.Int64(7)}); err != nil {
		t.Fatal(err)
	}
	w.doctor("before", 1, "ok   credentials", "BAD  state bucket: there is no floe-state-123456789012-eu-central-1", "next: make bootstrap STACK=dev",
		"BAD  roles: floe-dev-evolve is there", "BAD  secrets' names: floe-dev-partner-auth was deleted", "ok   workgroups: 2 names are free", "ok   buckets: 4 names are free",
		"ok   databases: 5 names are free", "ok   policies: 1 name is free", "warn secrets: source partner has none yet")

	if _, err := taken.DeleteRole(w.ctx, &iam.DeleteRoleInput{RoleName: aws.String("floe-dev-evolve")}); err != nil {
		t.Fatal(err)
	}
	if _, err := gone.DeleteSecret(w.ctx, &secretsmanager.DeleteSecretInput{SecretId: aws.String("floe-dev-partner-auth"), ForceDeleteWithoutRecovery: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	r, err := w.stack.Up(w.ctx)
	w.must("up", r, err)
	w.doctor("after", 1, "names are this stack's", "ok   secrets' names: 1 name is this stack's", "ok   workgroups: 2 names are this stack's", "ok   buckets: 4 names are this stack's",
		"ok   databases: 5 names are this stack's", "ok   policies: 1 name is this stack's", "BAD  secrets: that of source partner is empty", "next: floe secret set partner --stack dev")
	if out, err := w.floe("canary", "secret", "set", "partner", "--stack", "dev"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w.doctor("with a secret", 1, "ok   secrets: set: partner")

	file := "live/dev/waivers.yaml"
	text, err := os.ReadFile(filepath.Join(w.files.root, file))
	if err != nil {
		t.Fatal(err)
	}
	w.files.edit(file, "", strings.Replace(string(text), "2027-11-30", "2020-11-30", 1))
	w.doctor("an expired waiver", 1, "BAD  waivers: rule 75", "was good until 2020-11-30")
	w.files.edit("live/dev/platform.yaml", "version: 1\n", "version: 1\naccount: \"999999999999\"\n")
	w.doctor("another account", 1, "BAD  credentials: they are of account 123456789012", "nothing else was asked")
	w.files.edit("live/dev/platform.yaml", "account:", "acount:")
	w.doctor("a wrong file", 2, "acount")
}

// doctor runs floe doctor and wants an exit code and texts.
func (w *world) doctor(when string, code int, want ...string) {
	w.Helper()
	out, err := w.floe("", "doctor", "--stack", w.name)
	got := 0
	if ended := new(exec.ExitError); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else if err != nil {
		w.Fatalf("%s: %v", when, err)
	}
	if got != code {
		w.Errorf("%s: exit code %d, want %d", when, got, code)
	}
	for _, text := range want {
		if !strings.Contains(out, text) {
			w.Errorf("%s: %q is not told:\n%s", when, text, out)
		}
	}
}
