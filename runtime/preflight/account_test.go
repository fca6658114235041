package preflight

import (
	"context"
	"testing"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/live"
)

const bounds = "arn:aws:iam::012345678901:policy/bounds"

func fromGitHub(s *live.Stack) { s.Platform.Repository = "acme/floe" }

func TestStateBucket(t *testing.T) {
	const name = "floe-state-012345678901-eu-west-1"
	hold(t, stateBucket, []setting{
		{name: "there", want: []string{"ok " + name}},
		{name: "not there", world: func(w *world) { delete(w.buckets, name) }, want: []string{"bad there is no " + name + "|make bootstrap STACK=prod"}},
		{name: "another account's", world: func(w *world) { w.buckets[name].foreign = true }, want: []string{"bad " + name + " is another account's|Pulumi.yaml"}},
		{name: "hidden", world: func(w *world) { w.buckets[name].hidden = true }, want: []string{"unchecked permission s3:ListBucket is missing"}},
		{name: "buckets may not be asked for", world: deny("s3:ListBucket"), want: []string{"unchecked state bucket: not checked: permission s3:ListBucket is missing"}},
		{name: "nor listed", world: func(w *world) { w.buckets[name].foreign = true; deny("s3:ListAllMyBuckets")(w) },
			want: []string{"unchecked state bucket: not checked: permission s3:ListAllMyBuckets is missing|is another account's, or not shown"}},
	})
}

func TestProvider(t *testing.T) {
	hold(t, provider, []setting{
		{name: "no repository"},
		{name: "there", stack: fromGitHub, world: func(w *world) { w.audiences = []string{"x", "sts.amazonaws.com"} }, want: []string{"ok takes tokens"}},
		{name: "another audience", stack: fromGitHub, world: func(w *world) { w.audiences = []string{"x"} }, want: []string{"bad does not take the audience|make bootstrap"}},
		{name: "none", stack: fromGitHub, want: []string{"bad there is none; workflows of acme/floe|make bootstrap"}},
		{name: "denied", stack: fromGitHub, world: deny("iam:GetOpenIDConnectProvider"), want: []string{"unchecked permission iam:GetOpenIDConnectProvider is missing"}},
	})
}

func TestCIRoles(t *testing.T) {
	hold(t, ciRoles, []setting{
		{name: "no repository"},
		{name: "one", stack: fromGitHub, world: func(w *world) { w.roles["floe-prod-preview"] = tags{} }, want: []string{"ok floe-prod-preview is there", "bad no role floe-prod-apply|make bootstrap"}},
		{name: "denied", stack: fromGitHub, world: deny("iam:GetRole"), want: []string{"unchecked iam:GetRole", "unchecked iam:GetRole"}},
	})
	withIDs := func(s *live.Stack) { s.Platform.Repository = "acme@12/floe@34" }
	hold(t, ciRoles, []setting{
		{name: "another repository", stack: withIDs, world: func(w *world) { w.roles["floe-prod-preview"], w.roles["floe-prod-apply"] = tags{}, tags{} },
			want: []string{"bad floe-prod-preview trusts workflows of another repository than acme@12/floe@34|make bootstrap", "bad floe-prod-apply trusts"}},
		{name: "with ids", stack: withIDs, world: func(w *world) {
			w.trusts = "acme@12/floe@34"
			w.roles["floe-prod-preview"], w.roles["floe-prod-apply"] = tags{}, tags{}
		},
			want: []string{"ok floe-prod-preview", "ok floe-prod-apply"}},
	})
	ofChange := func(ctx context.Context, a *account) []Finding {
		a.place.Stack = "pr-12"
		return ciRoles(ctx, a)
	}
	hold(t, ofChange, []setting{
		{name: "a change has dev's", stack: fromGitHub, world: func(w *world) { w.roles["floe-dev-preview"], w.roles["floe-dev-apply"] = tags{}, tags{} }, want: []string{"ok floe-dev-preview", "ok floe-dev-apply"}},
	})
}

func TestLinkedRole(t *testing.T) {
	hold(t, linkedRole, []setting{
		{name: "there", want: []string{"ok AWSServiceRoleForECS"}},
		{name: "none", world: func(w *world) { w.linked = false }, want: []string{"bad no service-linked role|make bootstrap"}},
		{name: "denied", world: deny("iam:ListRoles"), want: []string{"unchecked permission iam:ListRoles is missing"}},
	})
}

func TestBoundary(t *testing.T) {
	bounded := func(s *live.Stack) { s.Platform.PermissionsBoundary = bounds }
	hold(t, boundary, []setting{
		{name: "none wanted"},
		{name: "there", stack: bounded, world: func(w *world) { w.policies[bounds] = tags{} }, want: []string{"ok " + bounds}},
		{name: "not there", stack: bounded, want: []string{"bad there is no policy " + bounds + "|permissions_boundary"}},
		{name: "denied", stack: bounded, world: deny("iam:GetPolicy"), want: []string{"unchecked permission iam:GetPolicy is missing"}},
	})
}

func TestLambdaQuota(t *testing.T) {
	reserve := func(n int) func(*live.Stack) {
		return func(s *live.Stack) {
			s.Pipelines.Sources["shop"] = live.Source{ReservedConcurrency: n}
		}
	}
	few := func(n float64) func(*world) { return func(w *world) { w.quotas["L-B99A9384"] = n } }
	hold(t, lambdaQuota, []setting{
		{name: "enough", want: []string{"ok Concurrent executions: 1000 allowed"}},
		{name: "too few for all", world: few(2), want: []string{"warn 2 allowed; the stack's 4 functions|--service-code lambda --quota-code L-B99A9384 --desired-value 4"}},
		{name: "reserved", stack: reserve(900), want: []string{"ok 1000 allowed; sources reserve 900"}},
		{name: "too many reserved", stack: reserve(901), want: []string{"bad AWS keeps 100|--desired-value 1001|reserved_concurrency"}},
		{name: "a new account", world: few(10), stack: reserve(1), want: []string{"bad 10 allowed"}},
		{name: "never raised", world: func(w *world) { delete(w.quotas, "L-B99A9384"); w.defaults["L-B99A9384"] = 1000 }, want: []string{"ok 1000 allowed"}},
		{name: "unknown", world: func(w *world) { delete(w.quotas, "L-B99A9384") }, want: []string{"unchecked NoSuchResource"}},
		{name: "denied", world: deny("servicequotas:GetServiceQuota"), want: []string{"unchecked permission servicequotas:GetServiceQuota is missing"}},
	})
}

func TestFargateQuota(t *testing.T) {
	large := func(s *live.Stack) { s.Platform.Sizes.Task.CPU = 8192 }
	hold(t, fargateQuota, []setting{
		{name: "enough", want: []string{"ok Spot vCPU resource count: 6 allowed; a task takes 0.25, and 1 may", "ok On-Demand"}},
		{name: "no task", stack: func(s *live.Stack) { s.Pipelines.Workflows[0].Compute = live.Lambda }},
		{name: "too large", stack: large, want: []string{"bad a task takes 8|L-36FBB829|sizes.task.cpu", "bad L-3032A538"}},
		{name: "not all at once", stack: func(s *live.Stack) { large(s); s.Pipelines.Sources["shop"] = live.Source{Compute: live.Fargate} },
			world: func(w *world) { w.quotas["L-3032A538"] = 8 }, want: []string{"bad 6 allowed", "warn 8 allowed|2 may run at once|--desired-value 16"}},
		{name: "denied", world: deny("servicequotas:GetServiceQuota"), want: []string{"unchecked servicequotas", "unchecked servicequotas"}},
	})
}

func TestNetworkQuota(t *testing.T) {
	egress := func(name string) func(*live.Stack) {
		return func(s *live.Stack) { s.Platform.Network.Egress = name }
	}
	full := func(w *world) { w.vpcs, w.ips = []tags{{}, {}, {}, {}, {}}, []tags{{}, {}, {}} }
	hold(t, networkQuota, []setting{
		{name: "endpoints", want: []string{"ok VPCs per Region: 5 allowed, 1 in use", "ok Interface VPC endpoints per VPC: 50 allowed"}},
		{name: "few endpoints", world: func(w *world) { w.quotas["L-29B6F2EB"] = 6 }, want: []string{"ok VPCs", "bad 6 allowed"}},
		{name: "existing", stack: egress("existing"), world: full},
		{name: "full", stack: egress("nat"), world: full, want: []string{"bad 5 allowed, 5 in use|--desired-value 6|egress: existing", "bad Elastic IPs: 5 allowed, 3 in use; the stack's NAT gateways take 3"}},
		{name: "our own", stack: egress("public"), world: func(w *world) { full(w); w.vpcs[4] = stackTags("prod") }, want: []string{"ok 5 allowed, 4 in use"}},
		{name: "another stack's", stack: egress("public"), world: func(w *world) { full(w); w.vpcs[4] = stackTags("dev") }, want: []string{"bad 5 in use"}},
		{name: "denied", stack: egress("nat"), world: deny("ec2:DescribeVpcs", "ec2:DescribeAddresses"), want: []string{"unchecked permission ec2:DescribeVpcs is missing", "unchecked permission ec2:DescribeAddresses is missing"}},
	})
}

func TestOtherQuotas(t *testing.T) {
	hold(t, athenaQuota, []setting{
		{name: "enough", want: []string{"ok Active DML queries: 200 allowed"}},
		{name: "few", world: func(w *world) { w.quotas["L-FC5F6546"] = 4 }, want: []string{"warn 4 allowed|--desired-value 5"}},
		{name: "denied", world: deny("servicequotas:GetServiceQuota"), want: []string{"unchecked servicequotas:GetServiceQuota"}},
	})
	hold(t, bucketQuota, []setting{
		{name: "enough", want: []string{"ok 10000 allowed, 1 in use; the stack makes 5 more"}},
		{name: "few", world: func(w *world) { w.quotas["L-DC2B2D3D"] = 5 }, want: []string{"bad 5 allowed, 1 in use|--region us-east-1|--desired-value 6"}},
		{name: "denied", world: deny("s3:ListAllMyBuckets"), want: []string{"unchecked permission s3:ListAllMyBuckets is missing"}},
	})
	hold(t, roleQuota, []setting{
		{name: "enough", want: []string{"ok 1000 allowed, 30 in use"}},
		{name: "few", world: func(w *world) { w.rolesUsed = 995 }, want: []string{"warn 1000 allowed, 995 in use|L-FE177D64"}},
		{name: "denied", world: deny("iam:GetAccountSummary"), want: []string{"unchecked permission iam:GetAccountSummary is missing"}},
	})
}

func TestBuckets(t *testing.T) {
	const name = "floe-prod-landing-012345678901-eu-west-1"
	put := func(b bucket) func(*world) { return func(w *world) { w.buckets[name] = &b } }
	hold(t, bucketNames, []setting{
		{name: "free", want: []string{"ok 5 names are free"}},
		{name: "ours", world: put(bucket{tags: stackTags("prod")}), want: []string{"ok 1 name is this stack's, 4 names are free"}},
		{name: "another stack's", world: put(bucket{tags: stackTags("dev")}), want: []string{"ok 4 names", "bad " + name + " is there, and not this stack's|s3 rb"}},
		{name: "without tags", world: put(bucket{}), want: []string{"ok 4 names", "bad not this stack's"}},
		{name: "another account's", world: put(bucket{foreign: true}), want: []string{"ok 4 names", "bad " + name + " is another account's|Pulumi.yaml"}},
		{name: "hidden", world: put(bucket{hidden: true}), want: []string{"ok 4 names", "unchecked permission s3:ListBucket|1 of 5 names"}},
		{name: "denied", world: deny("s3:ListBucket"), want: []string{"unchecked permission s3:ListBucket|5 of 5 names"}},
		{name: "tags denied", world: func(w *world) { put(bucket{})(w); deny("s3:GetBucketTagging")(w) }, want: []string{"ok 4 names", "unchecked s3:GetBucketTagging|1 of 5"}},
	})
}

func TestRolesAndPolicies(t *testing.T) {
	hold(t, roleNames, []setting{
		{name: "free", want: []string{"ok names are free"}},
		{name: "ours", world: func(w *world) { w.roles["floe-prod-evolve"] = stackTags("prod") }, want: []string{"ok 1 name is this stack's"}},
		{name: "taken", world: func(w *world) { w.roles["floe-prod-evolve"] = stackTags("dev") }, want: []string{"ok free", "bad floe-prod-evolve is there|delete-role"}},
		{name: "denied", world: deny("iam:GetRole"), want: []string{"unchecked permission iam:GetRole is missing (11 of 11 names)"}},
	})
	const reader = "arn:aws:iam::012345678901:policy/floe-prod-reader"
	hold(t, policyNames, []setting{
		{name: "free", want: []string{"ok 1 name is free"}},
		{name: "ours", world: func(w *world) { w.policies[reader] = stackTags("prod") }, want: []string{"ok this stack's"}},
		{name: "taken", world: func(w *world) { w.policies[reader] = tags{} }, want: []string{"bad floe-prod-reader is there|delete-policy"}},
		{name: "denied", world: deny("iam:GetPolicy"), want: []string{"unchecked permission iam:GetPolicy is missing"}},
	})
}

func TestSecretsNames(t *testing.T) {
	put := func(s secret) func(*world) { return func(w *world) { w.secrets["floe-prod-shop-auth"] = &s } }
	hold(t, secretNames, []setting{
		{name: "free", want: []string{"ok 1 name is free"}},
		{name: "ours", world: put(secret{tags: stackTags("prod")}), want: []string{"ok this stack's"}},
		{name: "deleted", world: put(secret{tags: stackTags("prod"), deleted: true}), want: []string{"bad was deleted|restore-secret|--force-delete-without-recovery"}},
		{name: "taken", world: put(secret{}), want: []string{"bad floe-prod-shop-auth is there"}},
		{name: "denied", world: deny("secretsmanager:DescribeSecret"), want: []string{"unchecked permission secretsmanager:DescribeSecret is missing"}},
	})
}

func TestCatalogNames(t *testing.T) {
	ours := tags{environment.ParameterProject: "floe", environment.ParameterStack: "prod"}
	hold(t, databaseNames, []setting{
		{name: "free", want: []string{"ok 4 names are free"}},
		{name: "ours", world: func(w *world) { w.databases["floe_prod_marts"] = ours }, want: []string{"ok 1 name is this stack's"}},
		{name: "taken", world: func(w *world) { w.databases["floe_prod_marts"] = tags{} }, want: []string{"ok 3", "bad floe_prod_marts is there|floe.project|delete-database"}},
		{name: "denied", world: deny("glue:GetDatabase"), want: []string{"unchecked glue:GetDatabase|Lake Formation"}},
		{name: "in a table bucket", stack: inTables},
	})
	hold(t, workgroupNames, []setting{
		{name: "free", want: []string{"ok 2 names are free"}},
		{name: "ours", world: func(w *world) { w.workgroups["floe-prod-analyst"] = stackTags("prod") }, want: []string{"ok 1 name is this stack's"}},
		{name: "taken", world: func(w *world) { w.workgroups["floe-prod-analyst"] = tags{} }, want: []string{"ok 1", "bad floe-prod-analyst is there|delete-work-group"}},
		{name: "denied", world: deny("athena:ListTagsForResource"), want: []string{"unchecked permission athena:ListTagsForResource is missing (2 of 2"}},
	})
	hold(t, tableBucketName, []setting{
		{name: "not wanted"},
		{name: "free", stack: inTables, want: []string{"ok 1 name is free"}},
		{name: "ours", stack: inTables, world: func(w *world) { w.tables["floe-prod-tables"] = stackTags("prod") }, want: []string{"ok this stack's"}},
		{name: "taken", stack: inTables, world: func(w *world) { w.tables["floe-prod-tables"] = tags{} }, want: []string{"bad floe-prod-tables is there"}},
		{name: "denied", stack: inTables, world: deny("s3tables:GetTableBucket"), want: []string{"unchecked s3tables:GetTableBucket"}},
	})
}

func inTables(s *live.Stack) { s.Platform.Tables = environment.S3Tables }

func TestAdministrators(t *testing.T) {
	hold(t, administrators, []setting{
		{name: "is one", want: []string{"ok is one of 1"}},
		{name: "is none", world: func(w *world) { w.admins = []string{"arn:aws:iam::012345678901:role/administrator"} }, want: []string{"bad is none|make bootstrap STACK=prod"}},
		{name: "of another account", world: func(w *world) { w.admins = []string{"arn:aws:iam::999999999999:role/admin"} }, want: []string{"bad is none"}},
		{name: "root", world: func(w *world) { w.arn = "arn:aws:iam::012345678901:root" }, want: []string{"bad ADMIN="}},
		{name: "workflows", stack: fromGitHub, want: []string{"ok is one", "bad role/floe-prod-apply is none"}},
		{name: "denied", world: deny("lakeformation:GetDataLakeSettings"), want: []string{"unchecked permission lakeformation:GetDataLakeSettings is missing"}},
		{name: "in a table bucket", stack: inTables},
	})
}

func TestLakeSettings(t *testing.T) {
	hold(t, lakeSettings, []setting{
		{name: "open", want: []string{"ok CROSS_ACCOUNT_VERSION 4|new databases are open to IAM"}},
		{name: "closed", world: func(w *world) { w.open = false }, want: []string{"ok new databases are closed and new tables are closed"}},
		{name: "denied", world: deny("lakeformation:GetDataLakeSettings"), want: []string{"unchecked permission lakeformation:GetDataLakeSettings is missing"}},
	})
}

func TestPrincipals(t *testing.T) {
	hold(t, principals, []setting{
		{name: "there", want: []string{"ok 3 of 3 principals are there"}},
		{name: "none granted", stack: func(s *live.Stack) { s.Access.Grants = nil }},
		{name: "missing", world: func(w *world) { delete(w.roles, "ops"); w.users["eve"] = false }, want: []string{"ok 1 of 3", "bad role/ops is not there|access.yaml", "bad user/eve is not there"}},
		{name: "another path", world: func(w *world) { w.paths["analyst"] = "" }, want: []string{"ok 2 of 3", "bad has another path|write arn:aws:iam::012345678901:role/analyst in"}},
		{name: "another account's", stack: func(s *live.Stack) { s.Access.Grants[2].Principal = "arn:aws:iam::999999999999:role/x" }, want: []string{"ok 2 of 3", "unchecked another account's"}},
		{name: "denied", world: deny("iam:GetRole", "iam:GetUser"), want: []string{"unchecked iam:GetRole", "unchecked iam:GetRole", "unchecked iam:GetUser"}},
	})
}

func TestEmptySecrets(t *testing.T) {
	put := func(set bool) func(*world) {
		return func(w *world) {
			t := stackTags("prod")
			t[environment.TagSource] = "shop"
			w.secrets["floe-prod-shop-auth"] = &secret{tags: t, set: set}
		}
	}
	hold(t, emptySecrets, []setting{
		{name: "not made", want: []string{"warn source shop has none yet|make deploy STACK=prod|floe secret set shop --stack prod"}},
		{name: "empty", world: put(false), want: []string{"bad shop is empty: floe-prod-shop-auth|floe secret set shop --stack prod"}},
		{name: "set", world: put(true), want: []string{"ok set: shop"}},
		{name: "denied", world: deny("secretsmanager:ListSecrets"), want: []string{"unchecked permission secretsmanager:ListSecrets is missing"}},
	})
	none := func(ctx context.Context, a *account) []Finding {
		a.Project.Sources["shop"].Client.Auth = nil
		return emptySecrets(ctx, a)
	}
	hold(t, none, []setting{{name: "none needed", want: []string{"ok no source needs one"}}})
}
