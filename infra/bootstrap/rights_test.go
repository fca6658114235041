package bootstrap

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/rights"
	"github.com/floe-data/floe/infra/internal/rights/demand"
	"github.com/floe-data/floe/infra/internal/sitetest"
)

const (
	ciAccount = "123456789012"
	ciRegion  = "eu-central-1"
	stateKey  = "arn:aws:kms:eu-central-1:123456789012:key/state"
	bounds    = "arn:aws:iam::123456789012:policy/bounds"
	copies    = "eu-north-1" // where the cloud tests have their replica
)

// deployer is the account of a stack whose workflows deploy it.
func ciOf(stack, boundary string) *Account {
	return &Account{key: &key{ARN: stateKey}, Place: Place{Project: "floe", Stack: stack, Account: ciAccount, Region: ciRegion, Repository: "acme/data", Boundary: boundary}}
}

// documents are a role's policies.
func documents(t *testing.T, a *Account, role string) []*rights.Document {
	t.Helper()
	roles, err := a.ciRoles()
	if err != nil {
		t.Fatal(err)
	}
	var all []*rights.Document
	for _, r := range roles {
		if !strings.HasSuffix(r.name, "-"+role) {
			continue
		}
		for _, text := range r.policies {
			d, err := rights.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, d)
		}
	}
	return all
}

// recorded are the calls of the cloud tests, of both stacks and with all options,
// as if for one: what a stack consists of is live/'s to say, and may change. What
// was called in the copy's region counts for a stack that has a copy, and what
// puts a boundary on a role for one that has a boundary.
func recorded(t *testing.T, stack, role, boundary, replica string) []rights.Request {
	t.Helper()
	var all []rights.Request
	for _, file := range []string{"dev/deploy", "prod/deploy", "options/costs", "options/safety", "options/tables"} {
		text, err := os.ReadFile(filepath.Join("..", "internal", "cloudtest", "testdata", "calls", file+"."+role+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.NewReplacer("floe-dev", "floe-"+stack, "floe_dev", "floe_"+stack, "floe-prod", "floe-"+stack, "floe_prod", "floe_"+stack).Replace(string(text))
		found, err := demand.Parse(lines)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return slices.DeleteFunc(all, func(r rights.Request) bool {
		return replica == "" && strings.Contains(r.Resource, ":"+copies+":") || boundary == "" && r.Action == "iam:PutRolePermissionsBoundary"
	})
}

// ciNeeds are all that the role needs: calls, what follows, and what scripts do.
func ciNeeds(t *testing.T, stack, role, boundary, replica string) []rights.Request {
	t.Helper()
	all := recorded(t, stack, role, boundary, replica)
	if role == roleApply {
		all = append(all, demand.Deploy(ciAccount, ciRegion, "floe", stack)...)
	}
	all = slices.Concat(all, scripted(t, stack, role)) // what was made bears the stack's tags: the provider sets them on everything
	if stack == "dev" && role == roleApply {
		all = append(all, asPullRequest(all)...)
	}
	for i := range all {
		c := rights.Context{}
		for k, v := range all[i].Context {
			c[k] = v
		}
		name := stack
		if strings.Contains(all[i].Resource, "pr-*") || c["of"] != nil {
			name = "pr-*"
		}
		delete(c, "of")
		for _, kind := range []string{"aws:resourcetag/", "aws:requesttag/"} {
			c[kind+"floe:stack"], c[kind+"floe:project"] = []string{name}, []string{"floe"}
		}
		if slices.Contains(bounded, all[i].Action) && boundary != "" {
			c["iam:permissionsboundary"] = []string{boundary}
		}
		all[i].Context = c
	}
	return all
}

// anyOf puts a role's or policy's name for the pattern of all: the two roles that deploy are
// called alike, and refused.
func anyOf(all []rights.Request) []rights.Request {
	all = slices.Clone(all)
	for i, r := range all {
		if begin, ok := strings.CutSuffix(r.Resource, "*"); ok && (strings.Contains(r.Resource, ":role/") || strings.Contains(r.Resource, ":policy/")) {
			all[i].Resource = begin + "ingest-games"
		}
	}
	return all
}

// asPullRequest are dev's needs as those of the environments of pull requests.
func asPullRequest(all []rights.Request) []rights.Request {
	var out []rights.Request
	for _, r := range all {
		before := r.Resource
		r.Resource = strings.NewReplacer("floe-dev-*", "floe-pr-*", "floe_dev_*", "floe_pr_*", "floe-dev", "floe-pr-*", "/dev.", "/pr-*.", "/dev/", "/pr-*/").Replace(before)
		c := rights.Context{"of": {"pr"}}
		for k, v := range r.Context {
			c[k] = v
		}
		r.Context = c
		out = append(out, r)
	}
	return out
}

// TestCIRights holds both directions for both roles, without and with a boundary
// and a copy in another region.
func TestCIRights(t *testing.T) {
	used := map[int]bool{}
	for _, stack := range []string{"dev", "prod"} {
		for _, role := range []string{rolePreview, roleApply} {
			for _, boundary := range []string{"", bounds} {
				for _, replica := range []string{"", copies} {
					a := ciOf(stack, boundary)
					a.Replica = replica
					bothWays(t, a, role, ciNeeds(t, stack, role, boundary, replica), used)
				}
			}
		}
	}
	for i, r := range ciReviews {
		if !used[i] {
			t.Errorf("the reviewed list holds what is not there: %s: %s", r.what, r.why)
		}
	}
}

func bothWays(t *testing.T, a *Account, role string, all []rights.Request, used map[int]bool) {
	t.Helper()
	may, who := documents(t, a, role), "arn:aws:iam::123456789012:role/floe-"+a.Stack+"-"+role
	_, unneeded, err := demand.Allowed(may, who, all)
	if err != nil {
		t.Fatal(err)
	}
	refused, _, err := demand.Allowed(may, who, anyOf(all))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range refused {
		t.Errorf("%s of %s is not allowed what it needs: %s", role, a.Stack, line)
	}
	for _, line := range unneeded {
		if !ciReviewed(line, used) {
			t.Errorf("%s of %s may do what nothing needs: %s", role, a.Stack, line)
		}
	}
}

func ciReviewed(line string, used map[int]bool) bool {
	found := false
	for i, r := range ciReviews {
		if regexp.MustCompile(r.what).MatchString(line) {
			used[i], found = true, true
		}
	}
	return found
}

// ciReviews are rights that no recorded call needs, and why they are there.
var ciReviews = []struct{ what, why string }{
	{`untag|removetags`, "a tag that live/ no longer has is taken off; the tests take none off"},
	{`^ChangeRoles iam:update|^Change(Replica)?Keys kms:(update|putkeypolicy)|^Change(Replica)?Aliases kms:updatealias|^ChangeMonitors ce:updateanomalymonitor|^Change(Plans|RestoreTests) backup:update|^ChangeSecrets secretsmanager:updatesecret|^ChangeSchedules scheduler:updateschedule|^ChangeCluster ecs:updatecluster|^ChangeTrail cloudtrail:(updatetrail|stoplogging)`,
		"the provider updates in place what another version of the program says otherwise; the tests change live/ and pipelines only"},
	{`^ChangeFunctions lambda:(put|delete)functionconcurrency`, "a source's reserved_concurrency, which the tests' stacks do not set"},
	{`^(Change)?Counted logs:.*:/aws/ecs/`, "a source in Fargate that has a secret, which the tests' stacks do not have"},
	{`^(Change)?Masked logs:.*:/aws/ecs/`, "a source in Fargate whose data is personal, which the tests' stacks do not have"},
	{`^Look ec2:describe(addresses|addressesattribute|natgateways)|^Change(Make)?Network ec2:(allocateaddress|releaseaddress|createnatgateway|deletenatgateway)|^ChangeTag ec2:createtags [^ ]*(elastic-ip|natgateway)`,
		"network.egress: nat, which the tests' stacks do not have"},
	{`^Lake lakeformation:getlftagexpression`, "what an administrator granted by a saved expression, which the tests' account has not"},
	{`^ChangeObjects s3:deleteobject `, "S3 asks for it where the version that is deleted is a delete marker's object"},
	{`^(ChangeMakeRoles iam:attachrolepolicy|ChangeRoles iam:detachrolepolicy)`, "policies of AWS's that an option attaches"},
}

// TestPreviewChangesNothing: whatever a deployment writes, the role that
// previews may not.
func TestPreviewChangesNothing(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		look := documents(t, ciOf(stack, ""), rolePreview)
		writes := demand.Writes(ciNeeds(t, stack, roleApply, "", ""))
		if len(writes) < 100 {
			t.Fatalf("only %d calls of %s write", len(writes), stack)
		}
		for _, r := range writes {
			if strings.HasPrefix(r.Action, "kms:Decrypt") || strings.HasPrefix(r.Action, "sts:") || strings.HasPrefix(r.Action, "ecr:Batch") {
				continue // reads by another name
			}
			if d, err := (rights.Policies{Identity: look}).Decide(r); err != nil || d.Allowed {
				t.Errorf("the role that previews %s may %s: %v, %v", stack, r, d, err)
			}
		}
	}
}

// TestOutOfReach: what no role of a stack may do, however it is named.
func TestOutOfReach(t *testing.T) {
	request := func(action, resource string, keys ...string) rights.Request {
		c := rights.Context{"aws:requesttag/floe:stack": {"dev"}, "aws:requesttag/floe:project": {"floe"}}
		for i := 0; i+1 < len(keys); i += 2 {
			c[keys[i]] = []string{keys[i+1]}
		}
		return rights.Request{Action: action, Resource: resource, Context: c}
	}
	const role = "arn:aws:iam::123456789012:role/"
	for name, r := range map[string]rights.Request{
		"its own policy":                 request("iam:PutRolePolicy", role+"floe-dev-apply", "iam:permissionsboundary", bounds),
		"its own trust":                  request("iam:UpdateAssumeRolePolicy", role+"floe-dev-apply"),
		"its own managed policy":         request("iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/floe-dev-apply-1"),
		"the other role's policy":        request("iam:AttachRolePolicy", role+"floe-dev-preview", "iam:permissionsboundary", bounds),
		"the role of a pull request":     request("iam:PutRolePolicy", role+"floe-pr-1-apply", "iam:permissionsboundary", bounds),
		"passing itself":                 request("iam:PassRole", role+"floe-dev-apply", "iam:passedtoservice", "lambda.amazonaws.com"),
		"a role without a boundary":      request("iam:CreateRole", role+"floe-dev-x"),
		"a role of another stack":        request("iam:CreateRole", role+"floe-prod-x", "iam:permissionsboundary", bounds),
		"passing a role to a machine":    request("iam:PassRole", role+"floe-dev-x", "iam:passedtoservice", "ec2.amazonaws.com"),
		"a user":                         request("iam:CreateUser", "arn:aws:iam::123456789012:user/floe-dev-x"),
		"another stack's bucket":         request("s3:PutBucketPolicy", "arn:aws:s3:::floe-prod-landing-123456789012-eu-central-1"),
		"the state of another stack":     request("s3:GetObject", "arn:aws:s3:::floe-state-123456789012-eu-central-1/.pulumi/stacks/floe/prod.json"),
		"a loaded file":                  request("s3:GetObject", "arn:aws:s3:::floe-dev-landing-123456789012-eu-central-1/landing_games/games/data/a.parquet"),
		"a secret's value":               request("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:floe-dev-partner-auth-abcdef"),
		"another's key":                  request("kms:ScheduleKeyDeletion", "arn:aws:kms:eu-central-1:123456789012:key/1", "aws:resourcetag/floe:stack", "prod", "aws:resourcetag/floe:project", "floe"),
		"the key of the state":           request("kms:ScheduleKeyDeletion", stateKey),
		"another's network":              request("ec2:DeleteVpc", "arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-1", "aws:resourcetag/floe:stack", "prod", "aws:resourcetag/floe:project", "floe"),
		"a network that bears no tag":    request("ec2:DeleteVpc", "arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-1"),
		"another database":               request("glue:DeleteDatabase", "arn:aws:glue:eu-central-1:123456789012:database/sales"),
		"another region":                 request("lambda:CreateFunction", "arn:aws:lambda:eu-west-1:123456789012:function:floe-dev-x"),
		"another account's provider":     request("iam:CreateOpenIDConnectProvider", "arn:aws:iam::123456789012:oidc-provider/x"),
		"being somebody else altogether": request("sts:AssumeRole", role+"admin"),
	} {
		for _, kind := range []string{rolePreview, roleApply} {
			if d, err := (rights.Policies{Identity: documents(t, ciOf("dev", bounds), kind)}).Decide(r); err != nil || d.Allowed {
				t.Errorf("%s may do %s: %s: %v, %v", kind, name, r, d, err)
			}
		}
	}
}

// TestTrust: only tokens of this repository's environments come in, compared in
// full; a pull request's job has one, too. GitHub writes ids beside the names in
// tokens of repositories that are newer than July 2026, or were renamed since.
func TestTrust(t *testing.T) {
	for _, repository := range []string{"acme/data", "acme@12345/data@6789"} {
		t.Run(repository, func(t *testing.T) { trusts(t, repository) })
	}
}

func trusts(t *testing.T, repository string) {
	a := ciOf("dev", "")
	a.Repository = repository
	roles, err := a.ciRoles()
	if err != nil || len(roles) != 2 {
		t.Fatalf("%v, %v", roles, err)
	}
	for _, c := range []struct {
		audience, subject string
		preview, apply    bool
	}{
		{audience, "repo:" + repository + ":environment:dev", false, true},
		{audience, "repo:" + repository + ":environment:dev-preview", true, false},
		{audience, "repo:" + repository + "1:environment:dev", false, false},
		{audience, "repo:acme@1/data@2:environment:dev", false, false},
		{audience, "repo:" + repository + ":pull_request", false, false},
		{audience, "repo:" + repository + ":environment:prod", false, false},
		{audience, "repo:" + repository + ":ref:refs/heads/main", false, false},
		{audience, "repo:" + repository + ":environment:dev2", false, false},
		{"https://github.com/acme", "repo:" + repository + ":environment:dev", false, false},
		{audience, "", false, false},
	} {
		for i, want := range []bool{c.preview, c.apply} {
			text, err := a.trust(roles[i])
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(text, "Like") {
				t.Errorf("trust by a pattern: %s", text)
			}
			d, err := rights.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			r := rights.Request{Principal: "arn:aws:iam::123456789012:oidc-provider/" + issuer, Action: "sts:AssumeRoleWithWebIdentity",
				Resource: "arn:aws:iam::123456789012:role/" + roles[i].name, Context: rights.Context{issuer + ":aud": {c.audience}}}
			if c.subject != "" {
				r.Context[issuer+":sub"] = []string{c.subject}
			}
			if got, err := (rights.Policies{Resource: d, Owned: true}).Decide(r); err != nil || got.Allowed != want {
				t.Errorf("%s for %s of %s: %v %v, want %v", roles[i].name, c.subject, c.audience, got, err, want)
			}
		}
	}
}

// TestCIRoles holds both roles of both stacks against golden files, and that
// they fit into what IAM takes.
func TestCIRoles(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		for _, more := range []struct{ boundary, replica, file string }{{"", "", ""}, {bounds, "", ""}, {"", copies, "-replica"}, {bounds, copies, ""}} {
			a := ciOf(stack, more.boundary)
			a.Replica = more.replica
			roles, err := a.ciRoles()
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range roles {
				trust, err := a.trust(r)
				if err != nil {
					t.Fatal(err)
				}
				if len(r.policies) > most {
					t.Errorf("%s has %d policies", r.name, len(r.policies))
				}
				var all []any
				for _, text := range append([]string{trust}, r.policies...) {
					var d any
					if err := json.Unmarshal([]byte(text), &d); err != nil || len(text) > largest {
						t.Errorf("%s: a policy of %d characters, %v", r.name, len(text), err)
					}
					all = append(all, d)
				}
				text, err := json.MarshalIndent(all, "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				if more.boundary == "" {
					sitetest.Text(t, filepath.Join("testdata", "roles", r.name+more.file+".json"), string(text)+"\n")
				}
			}
		}
	}
	if roles, err := (&Account{}).ciRoles(); err != nil || roles != nil {
		t.Errorf("without a repository there is %v, %v", roles, err)
	}
}
