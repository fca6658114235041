//go:build cloud

package bootstrap

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// TestRolesOfWorkflows makes the two roles, twice, mends what was changed behind
// its back, and takes them away again.
func TestRolesOfWorkflows(t *testing.T) {
	config := cloud(t).Config()
	_, mine := deployer(t, config)
	root := testProject(t, settings)
	path := filepath.Join(root, "live", "dev", "platform.yaml")
	text := read(t, path)
	if err := os.WriteFile(path, []byte(text+"\nrepository: acme/data\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := mustMake(t, mine, root, Options{DryRun: true}); !strings.Contains(out, "would make    role floe-dev-apply") {
		t.Errorf("a dry run says\n%s", out)
	}
	first := mustMake(t, mine, root, Options{})
	for _, want := range []string{"role floe-dev-preview for repo:acme/data:environment:dev-preview", "role floe-dev-apply for repo:acme/data:environment:dev",
		"policy floe-dev-apply-1", "Lake Formation administrator arn:aws:iam::" + account + ":role/floe-dev-apply", "Lake Formation read-only administrator"} {
		if !strings.Contains(first, want) {
			t.Errorf("the first run does not make %s:\n%s", want, first)
		}
	}
	if second := mustMake(t, mine, root, Options{}); !slices.Equal(states(second), []string{there}) {
		t.Errorf("the second run says\n%s", second)
	}

	client := iam.NewFromConfig(config)
	const other = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	const anybody = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account + `:root"},"Action":"sts:AssumeRole"}]}`
	if _, err := client.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("floe-dev-apply"), PolicyDocument: aws.String(anybody)}); err != nil {
		t.Fatal(err)
	}
	policy := "arn:aws:iam::" + account + ":policy/floe-dev-preview-1"
	if _, err := client.CreatePolicyVersion(t.Context(), &iam.CreatePolicyVersionInput{PolicyArn: aws.String(policy), PolicyDocument: aws.String(other), SetAsDefault: true}); err != nil {
		t.Fatal(err)
	}
	if out := mustMake(t, mine, root, Options{}); strings.Count(out, changed) != 2 {
		t.Errorf("after two changes behind its back:\n%s", out)
	}
	if out := mustMake(t, mine, root, Options{}); !slices.Equal(states(out), []string{there}) {
		t.Errorf("after they were mended:\n%s", out)
	}

	a, out := open(t, mine, root, Options{})
	if err := a.Remove(t.Context(), account); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	left, err := client.ListRoles(t.Context(), &iam.ListRolesInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range left.Roles {
		if strings.HasPrefix(aws.ToString(r.RoleName), "floe-") {
			t.Errorf("after unbootstrap there is role %s", *r.RoleName)
		}
	}
	if _, err := client.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String(policy)}); err == nil {
		t.Error("after unbootstrap there is a policy")
	}
}
