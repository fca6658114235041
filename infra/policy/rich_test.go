package policy_test

import (
	"os"
	"path/filepath"
	"testing"
)

// rich is a project whose stacks use all that live/ offers.
func rich(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../internal/cloudtest/testdata/project")); err != nil {
		t.Fatal(err)
	}
	waivers := `version: 1
waivers:
  - {rule: "75", reason: floe maintain, owner: team, until: 2027-11-30}
  - {rule: "76", reason: floe maintain, owner: team, until: 2027-11-30}
  - {rule: "77", reason: floe maintain, owner: team, until: 2027-11-30}
  - {rule: "78", reason: floe maintain, owner: team, until: 2027-11-30}
  - {rule: "41", reason: a new account, owner: team, until: 2027-11-30}
`
	for name, text := range map[string]string{
		"live/prod/platform.yaml": `version: 1
owner: data-team
objectives: {rto: 4h, rpo: 24h}
account: "123456789012"
network: {egress: endpoints, zones: 3}
retention: {logs_days: 365, snapshots: 720h}
alarms: {email: data@example.org}
storage: {uploads_days: 30, access_logs: true}
athena: {spark: true}
replica: {region: eu-north-1}
backup: {databases: ["arn:aws:rds:eu-central-1:123456789012:db:shop"]}
budget: {monthly_usd: 500}
`,
		"live/prod/pipelines.yaml": `version: 1
workflows:
  - {name: daily, on_upload: uploads/games/}
  - {name: marts, compute: lambda}
`,
		"live/prod/access.yaml": `version: 1
grants:
  - {principal: "arn:aws:iam::123456789012:role/analyst", schemas: [marts]}
`,
		"live/prod/waivers.yaml":  waivers,
		"live/nat/platform.yaml":  "version: 1\nnetwork: {egress: nat, zones: 2}\nbudget: {monthly_usd: 100}\n",
		"live/nat/pipelines.yaml": "version: 1\n",
		"live/nat/access.yaml":    "version: 1\n",
		"live/nat/waivers.yaml":   waivers,
		"live/existing/platform.yaml": "version: 1\nnetwork: {egress: existing, existing: {vpc: vpc-0123456789abcdef0, subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]}}\n" +
			"budget: {monthly_usd: 100}\npermissions_boundary: arn:aws:iam::123456789012:policy/bounds\naudit: trail\n",
		"live/existing/pipelines.yaml": "version: 1\nsources: {games: {compute: fargate, reserved_concurrency: 2}, partner: {reserved_concurrency: 1}}\n",
		"live/existing/access.yaml":    "version: 1\n",
		"live/existing/waivers.yaml":   waivers,
		"stacks/Pulumi.existing.yaml":  "config:\n  aws:region: eu-central-1\n",
		"live/tables/platform.yaml":    "version: 1\ntables: s3tables\nnetwork: {egress: nat}\nbudget: {monthly_usd: 100}\n",
		"live/tables/pipelines.yaml":   "version: 1\nworkflows: []\n", // where none may transform
		"live/tables/access.yaml":      "version: 1\n",
		"live/tables/waivers.yaml":     "version: 1\nwaivers:\n  - {rule: \"41\", reason: a new account, owner: team, until: 2027-11-30}\n",
		"stacks/Pulumi.tables.yaml":    "config:\n  aws:region: eu-central-1\n",
		"stacks/Pulumi.nat.yaml":       "config:\n  aws:region: eu-central-1\n",
	} {
		write(t, dir, name, text)
	}
	return dir
}

// richTables is the project where production's tables are in S3 Tables.
func richTables(t *testing.T) string {
	t.Helper()
	dir := rich(t)
	for name, text := range map[string]string{
		"platform.yaml": `version: 1
owner: data-team
tables: s3tables
objectives: {rto: 4h, rpo: 24h}
account: "123456789012"
network: {egress: endpoints, zones: 3}
retention: {logs_days: 365, snapshots: 720h}
alarms: {email: data@example.org}
budget: {monthly_usd: 500}
audit: trail
`,
		"pipelines.yaml": "version: 1\nworkflows: []\n",
		"access.yaml":    "version: 1\n",
		"waivers.yaml": `version: 1
waivers:
  - {rule: "14", reason: nothing copies a table bucket, owner: team, until: 2027-11-30}
  - {rule: "41", reason: a new account, owner: team, until: 2027-11-30}
`,
	} {
		write(t, dir, "live/prod/"+name, text)
	}
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
