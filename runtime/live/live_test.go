package live

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

var update = flag.Bool("update", false, "write the golden files")

// edit changes a file of a copy: the text old, which must be there once,
// becomes new; old "" writes the file, new "-" removes it.
type edit struct{ file, old, new string }

// load reads the prod stack, or another, of a changed copy of the test
// projects of this package and of package project.
func load(t *testing.T, stack string, edits ...edit) (*Stack, error) {
	t.Helper()
	dir := t.TempDir()
	for _, from := range []string{"../project/testdata/good", "testdata/good"} {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range edits {
		name := filepath.Join(dir, filepath.FromSlash(e.file))
		have, err := os.ReadFile(name)
		switch {
		case e.new == "-":
			err = os.Remove(name)
		case e.old == "":
			if err = os.MkdirAll(filepath.Dir(name), 0o755); err == nil {
				err = os.WriteFile(name, []byte(e.new), 0o600)
			}
		case strings.Count(string(have), e.old) != 1:
			t.Fatalf("%s: %q is there %d times, %v", e.file, e.old, strings.Count(string(have), e.old), err)
		default:
			err = os.WriteFile(name, []byte(strings.Replace(string(have), e.old, e.new, 1)), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	p, err := project.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return Load(p, stack)
}

func TestLoad(t *testing.T) {
	s, err := load(t, "prod")
	if err != nil {
		t.Fatal(err)
	}
	want := &Stack{Name: "prod", Region: "eu-west-1",
		Platform: Platform{Version: 1, Account: "012345678901", Architecture: "arm64", Deletion: "refused", Network: Network{Egress: "endpoints", Zones: 3},
			Sizes:     Sizes{Function: FunctionSize{MemoryMB: 1024, DiskMB: 2048}, Task: TaskSize{CPU: 256, MemoryMB: 1024}},
			Athena:    Athena{MBPerQuery: 100_000, GBPerDay: 1_000},
			Retention: Retention{LogsDays: 365, Snapshots: "720h"}, Budget: &Budget{MonthlyUSD: 200}, Alarms: &Alarms{Email: "data@example.org"},
			Owner: "data-team", Objectives: &Objectives{RTO: "4h", RPO: "24h"}, Audit: "trail", Tables: "glue"},
		Pipelines: Pipelines{Version: 1, Workflows: []Workflow{{Name: "daily", Schedule: "rate(6 hours)", Compute: "fargate", Enabled: true}},
			Sources: map[string]Source{"shop": {Vars: map[string]any{"shops": []string{"east"}, "page": int64(100)}}}},
		Access: s.Access, Waivers: s.Waivers}
	if !reflect.DeepEqual(s, want) || len(s.Access.Grants) != 3 {
		t.Errorf("got %+v", s)
	}
	if v := s.SourceVars("shop"); !reflect.DeepEqual(v["shops"], []string{"east"}) || s.SourceVars("none") != nil {
		t.Errorf("vars %v", v)
	}
}

func TestLoadFillsInDefaults(t *testing.T) {
	s, err := load(t, "dev")
	if err != nil {
		t.Fatal(err)
	}
	if want := []Workflow{{Name: "daily", Schedule: "cron(0 5 * * ? *)", Compute: "fargate"}}; !reflect.DeepEqual(s.Pipelines.Workflows, want) {
		t.Errorf("workflows %+v", s.Pipelines.Workflows)
	}
	if s.Platform.Network.Zones != 2 || s.Platform.Network.Egress != "public" || s.Platform.Retention != (Retention{LogsDays: 30, Snapshots: "168h"}) || s.Platform.Account != "" || s.Region != "eu-central-1" {
		t.Errorf("got %+v", s)
	}
	s, err = load(t, "dev", edit{"live/dev/pipelines.yaml", "", "version: 1\nworkflows: []\n"})
	if err != nil || len(s.Pipelines.Workflows) != 0 {
		t.Errorf("an empty list is not all: %+v, %v", s, err)
	}
	s, err = load(t, "dev", edit{"runtime/pipelines/orchestrate/daily.yaml", "schedule: cron(0 5 * * ? *)\n", ""})
	if err != nil || s.Pipelines.Workflows[0].Schedule != NoSchedule {
		t.Errorf("no schedule: %+v, %v", s, err)
	}
}

func TestLoadOfAnUnknownStack(t *testing.T) {
	_, err := load(t, "prd")
	if err == nil || err.Error() != "there is no stack \"prd\": live/ has dev, prod" || fault.Code(err) != int(fault.Usage) {
		t.Fatal(err)
	}
}

func TestWrongStacks(t *testing.T) {
	const platform, pipelines, access, settings = "live/prod/platform.yaml", "live/prod/pipelines.yaml", "live/prod/access.yaml", "stacks/Pulumi.prod.yaml"
	var lines []string
	for _, tc := range []struct {
		name  string
		edits []edit
	}{
		{"no settings", []edit{{settings, "", "-"}}},
		{"no region", []edit{{settings, "  aws:region: eu-west-1\n", ""}}},
		{"a profile", []edit{{settings, "  pulumi:tags", "  aws:profile: work\n  pulumi:tags"}}},
		{"no config", []edit{{settings, "", "encryptionsalt: x\n"}}},
		{"a region's form", []edit{{settings, "eu-west-1", "Ireland"}}},
		{"a region without namespace", []edit{{settings, "aws:region: eu-west-1", "region: eu-west-1"}}},
		{"our values in Pulumi's settings", []edit{{settings, "  pulumi:tags: {a: b}", "  floe:account: \"1\"\n  aws:allowedAccountIds: [\"1\"]\n  floe:players: [a]\nnetwork: {egress: nat}\nversion: 1"}}},
		{"a region in live", []edit{{platform, "account: ", "region: eu-west-1\naccount: "}}},
		{"no account in prod", []edit{{platform, "account: \"012345678901\"\n", ""}}},
		{"an account without quotes", []edit{{platform, "\"012345678901\"", "123456789012"}}},
		{"an account's form", []edit{{platform, "\"012345678901\"", "\"0123-4567-8901\""}}},
		{"egress", []edit{{platform, "egress: endpoints", "egress: endpoint"}}},
		{"zones", []edit{{platform, "zones: 3", "zones: 9"}}},
		{"no network", []edit{{platform, "network:\n  egress: endpoints\n  zones: 3\n", ""}}},
		{"models in a table bucket", []edit{{platform, "version: 1\n", "version: 1\ntables: s3tables\n"}}},
		{"retention", []edit{{platform, "logs_days: 365\n  snapshots: 720h", "logs_days: 10\n  snapshots: 30d"}}},
		{"a budget", []edit{{platform, "monthly_usd: 200", "monthly_usd: $200"}}},
		{"an address", []edit{{platform, "data@example.org", "the team"}}},
		{"an architecture", []edit{{platform, "account: ", "architecture: amd64\naccount: "}}},
		{"a task's size", []edit{{platform, "budget:", "sizes: {task: {cpu: 512, memory_mb: 1500}, function: {memory_mb: 64}}\nbudget:"}}},
		{"a small task's size", []edit{{platform, "budget:", "sizes: {task: {memory_mb: 1536}}\nbudget:"}}},
		{"bytes of queries", []edit{{platform, "budget:", "athena: {mb_per_query: 1, gb_per_day: much}\nbudget:"}}},
		{"schemas that are there", []edit{{platform, "budget:", "schemas: [marts, Reports, x, x]\nbudget:"}}},
		{"a schema that is a source's", []edit{{platform, "budget:", "schemas: [reports, landing_x]\nbudget:"}}},
		{"an existing network is missing", []edit{{platform, "egress: endpoints", "egress: existing"}}},
		{"an existing network that is not used", []edit{{platform, "egress: endpoints", "egress: nat\n  existing: {tags: {a: b}}"}}},
		{"an existing network's names", []edit{{platform, "egress: endpoints", "egress: existing\n  existing: {vpc: vpc-1, subnets: [subnet-12345678, s], cluster: \"arn:x\", tags: {a: b}}"}}},
		{"a task for a public source without a way out", []edit{{pipelines, "  shop:\n", "  shop:\n    compute: fargate\n"}}},
		{"uploads beside the tables", []edit{{pipelines, "  - name: daily\n", "  - name: daily\n    on_upload: landing_shop/\n"}}},
		{"an unknown key", []edit{{platform, "budget:", "bugdet:"}}},
		{"no file", []edit{{platform, "", "-"}, {pipelines, "", "-"}}},
		{"a file that nothing reads", []edit{{"live/prod/acess.yaml", "", "x"}, {"live/prod/network.yaml", "", "x"}, {"live/prod/notes.txt", "", "x"}}},
		{"an unknown workflow", []edit{{pipelines, "name: daily", "name: dialy"}}},
		{"a workflow twice", []edit{{pipelines, "  - name: daily\n", "  - name: daily\n  - name: daily\n"}}},
		{"a schedule", []edit{{pipelines, "rate(6 hours)", "hourly"}}},
		{"an unknown source", []edit{{pipelines, "  shop:", "  shops:"}}},
		{"an unknown var", []edit{{pipelines, "page: 100", "pages: 100"}}},
		{"a var's type", []edit{{pipelines, "shops: [east]\n      page: 100", "shops: east\n      page: many"}}},
		{"vars that no environment has room for", []edit{{pipelines, "shops: [east]", "shops: [" + strings.Repeat("north, ", 400) + "east]"}}},
		{"workflows that AWS takes for one", []edit{{"runtime/pipelines/orchestrate/daily_.yaml", "", "version: 1\nsteps:\n  - {name: load, ingest: {source: shop}}\n"}}},
		{"a base URL", []edit{{pipelines, "page: 100", "base_url: http://example.org"}}},
		{"a principal", []edit{{access, "arn:aws:iam::012345678901:user/eve", "eve"}}},
		{"nothing granted", []edit{{access, "    schemas: [marts, landing_shop]\n", ""}}},
		{"schemas and tables", []edit{{access, "    schemas: [marts, landing_shop]\n", "    schemas: [marts]\n    tables: [marts.fct_orders]\n"}}},
		{"columns of a schema", []edit{{access, "schemas: [marts, landing_shop]", "schemas: [marts]\n    columns: [id]"}}},
		{"an unknown schema", []edit{{access, "[marts, landing_shop]", "[landing_shp, Marts]"}}},
		{"an unknown table", []edit{{access, "[landing_shop.customers]", "[landing_shop.customer]"}}},
		{"an unknown source's table", []edit{{access, "[landing_shop.customers]", "[landing_shp.customers]"}}},
		{"an unknown column", []edit{{access, "[id, _floe_loaded_at]", "[idd]"}}},
		{"an unknown model", []edit{{access, "marts.fct_orders]", "marts.fct_order]"}}},
		{"layers beside schemas", []edit{{access, "schemas: [marts, landing_shop]", "schemas: [marts]\n    layers: [mart]\n    domains: [Sales]"}}},
		{"a sensitivity", []edit{{access, "schemas: [marts, landing_shop]", "schemas: [marts]\n    sensitivity: [secret]"}}},
		{"rows of a schema", []edit{{access, "schemas: [marts, landing_shop]", "schemas: [marts]\n    rows: \"x = 1\""}}},
		{"sensitivity beside columns", []edit{{access, "columns: [id, _floe_loaded_at]", "columns: [id]\n    sensitivity: [public]"}}},
		{"nobody answers", []edit{{platform, "owner: data-team\nobjectives: {rto: 4h, rpo: 24h}\n", ""}}},
		{"objectives", []edit{{platform, "rpo: 24h", "rpo: a day"}}},
		{"a replica beside the original", []edit{{platform, "budget:", "replica: {region: eu-west-1}\nbudget:"}}},
		{"guards", []edit{{platform, "budget:", "replica: {region: Ireland}\nbackup: {databases: [shop]}\npermissions_boundary: boundary\nrepository: acme\nbudget:"}}},
		{"a waiver", []edit{{"live/prod/waivers.yaml", "", "version: 1\nwaivers:\n  - {rule: \"75\", reason: \" \", owner: \"\", until: 2027-02-30}\n  - {rule: x, reason: r, owner: o, until: soon}\n"}}},
		{"a contract without owner", []edit{{"runtime/pipelines/ingest/shop/tables/orders.yaml", "owner: shop-team\nretention: forever\n", ""}}},
		{"a table's form", []edit{{access, "marts.fct_orders]", "fct_orders]"}}},
	} {
		_, err := load(t, "prod", tc.edits...)
		if err == nil {
			t.Errorf("%s: nothing is told", tc.name)
			continue
		}
		if fault.Code(err) != int(fault.Usage) {
			t.Errorf("%s: code %d", tc.name, fault.Code(err))
		}
		lines = append(lines, "# "+tc.name, err.Error())
	}
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile("testdata/wrong.golden", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/wrong.golden")
	if err != nil || got != string(want) {
		t.Fatalf("%v; got\n%s\nwant\n%s", err, got, want)
	}
}

// TestRepository: GitHub's tokens name a repository with ids or without.
func TestRepository(t *testing.T) {
	for name, right := range map[string]bool{
		"acme/data-platform": true, "acme@123456/data-platform@456789": true, "Acme-1/a.b_c": true,
		"acme": false, "acme/": false, "acme@1/data": false, "acme/data@2": false, "acme@x/data@2": false, "acme/*": false, "acme/data:environment": false, "-acme/data": false,
	} {
		_, err := load(t, "prod", edit{"live/prod/platform.yaml", "budget:", "repository: \"" + name + "\"\nbudget:"})
		if (err == nil) != right {
			t.Errorf("%s: %v", name, err)
		}
	}
}
