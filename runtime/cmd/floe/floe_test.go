package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunTwiceThenAsk(t *testing.T) {
	b := newBench(t)
	for range 2 {
		b.wants(b.run(), 0, "ingest: succeeded", "customers", "skipped", "south", "transform: succeeded", "maintain: succeeded")
	}
	rows := b.rows("select customer_id, name, spent, orders, last_order_at from {{ ref('spend') }} order by 1")
	want := `[map[customer_id:1 last_order_at:2024-02-01T00:00:00Z name:Ada orders:2 spent:100.25] ` +
		`map[customer_id:2 last_order_at:<nil> name:Bob orders:1 spent:100.01]]`
	if got := fmt.Sprint(rows); got != want {
		t.Fatalf("marts.spend:\n%s\nwant\n%s", got, want)
	}
	if got := fmt.Sprint(b.rows("select count(*) as n from landing_shop.orders")); got != "[map[n:3]]" {
		t.Fatalf("orders: %s", got)
	}
	b.wants(b.floe("sql", "select name from marts.big_spenders order by 1"), 0, "Ada", "Bob", "2 rows")
	b.wants(b.floe("tables"), 0, "landing_shop.orders", "marts.spend")
	b.wants(b.floe("tables", "landing_shop.orders"), 0, "month(at)", "amount", "decimal(12,2)", "append")
	b.wants(b.floe("maintain", "--dry-run"), 0, "dry run")
	b.wants(b.floe("doctor"), 0, "ok   project", "ok   live/dev", "ok   models")
}

func TestJSONValues(t *testing.T) {
	b := newBench(t)
	b.wants(b.run(), 0)
	out := b.ok("sql", `select cast(170141183460469231731687303715884105727 as hugeint) as wide, 9007199254740993 as long,
		cast(1.50 as decimal(4,2)) as dec, timestamp '2024-01-01 00:00:00.25' as ts, null as nothing, true as yes, 'a"b' as text, 0.1 as tenth`, "--output", "json")
	want := "[\n" + `{"wide":170141183460469231731687303715884105727,"long":9007199254740993,"dec":"1.50","ts":"2024-01-01T00:00:00.25Z","nothing":null,"yes":true,"text":"a\"b","tenth":"0.1"}` + "\n]\n"
	if out != want {
		t.Fatalf("got  %swant %s", out, want)
	}
	if out := b.ok("sql", "select 1 as a where false", "--output", "json"); strings.Join(strings.Fields(out), "") != "[]" {
		t.Fatalf("no rows print %q", out)
	}
}

func TestRunSpeaksJSONLines(t *testing.T) {
	b := newBench(t)
	a := b.run("--output", "json")
	b.wants(a, 0)
	var kinds []string
	for _, line := range strings.Split(strings.TrimSpace(a.out), "\n") {
		var e eventLine
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if e.Event != "progress" {
			kinds = append(kinds, strings.TrimSpace(e.Event+" "+e.Step))
		}
	}
	want := "run-started, step-started ingest, step-ended ingest, step-started transform, step-ended transform, step-started maintain, step-ended maintain, run-ended"
	if got := strings.Join(kinds, ", "); got != want {
		t.Fatalf("events %s, want %s", got, want)
	}
}

func TestAFailedTestKeepsTheOldMartAndResumeGoesOn(t *testing.T) {
	b := newBench(t)
	b.wants(b.run(), 0)
	b.shop.customers = `{"id": 1, "name": null}, {"id": 3, "name": "Cy"}`
	a := b.run()
	b.wants(a, 3, "workflow shop, step transform", "not_null", "floe run shop --resume")
	if got := fmt.Sprint(b.rows("select name from marts.spend order by customer_id")); got != "[map[name:Ada] map[name:Bob]]" {
		t.Fatalf("the mart was published though its test failed: %s", got)
	}
	b.edit("runtime/pipelines/transform/models/marts/marts.yml", "name: name, tests: [not_null]", "name: name")
	b.shop.status = 500 // a resumed run must not ingest again
	b.wants(b.floe("run", "shop", "--resume"), 0, "ingest: succeeded, done by an earlier attempt")
	if got := fmt.Sprint(b.rows("select name from marts.spend order by customer_id")); got != "[map[name:<nil>] map[name:Bob] map[name:Cy]]" {
		t.Fatalf("after resume: %s", got)
	}
	b.wants(b.floe("run", "shop", "--resume"), 2, "nothing to resume")
}

func TestAFailureNamesWorkflowStepCauseAndNext(t *testing.T) {
	b := newBench(t)
	b.shop.status = 500
	b.wants(b.run(), 1, "workflow shop, step ingest", "500", "orders", "floe run shop --resume")
	b.wants(b.floe("run", "shop", "--resume", "--set", "regions=north"), 2, "--resume goes on with the --set")
	b.shop.status = 0
	b.wants(b.floe("run", "shop", "--resume"), 0)
}

func TestSetPrecedence(t *testing.T) {
	b := newBench(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{nil, "skipped"}, // source.yaml names north and south, and south answers 404
		{[]string{"--stack", "dev"}, ""},
		{[]string{"--stack", "dev", "--set", "regions=north,south"}, "skipped"},
	} {
		a := b.run(tc.args...)
		b.wants(a, 0)
		if got := strings.Contains(a.err, "skipped"); got != (tc.want != "") {
			t.Errorf("%v: skipped=%v, want %q\n%s", tc.args, got, tc.want, a.err)
		}
	}
}

func TestUsedWrongly(t *testing.T) {
	b := newBench(t)
	b.wants(b.run(), 0)
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"run", "shop", "--set", "base_urll=x"}, 2, "base_url"},
		{[]string{"run", "shop", "--set", "base_url"}, 2, "write key=value"},
		{[]string{"run", "shp"}, 2, "shop"},
		{[]string{"ingest", "shp"}, 2, "floe new source shp"},
		{[]string{"ingest", "shop", "--resource", "nope"}, 2, "orders"},
		{[]string{"ingest"}, 2, "accepts 1 arg"},
		{[]string{"runn"}, 2, `unknown command "runn"`},
		{[]string{"tables", "--output", "xml"}, 2, "text or json"},
		{[]string{"tables", "marts"}, 2, "schema.table"},
		{[]string{"maintain", "marts.nope"}, 2, "no table marts.nope"},
		{[]string{"tables", "marts.nope"}, 2, "no table or view marts.nope"},
		{[]string{"sql", "select * from marts.spent"}, 2, "marts.spend"},
		{[]string{"sql", "drop table marts.spend"}, 2, ""},
		{[]string{"sql", "select {{ ref('nope') }}"}, 2, "nope"},
		{[]string{"sql", " ; "}, 2, "empty"},
		{[]string{"run", "shop", "--stack", "staging"}, 2, "staging"},
		{[]string{"maintain", "--only", "sweep"}, 2, "retention, expire, compact or orphans"},
		{[]string{"transform", "build", "--select", "flavour:x"}, 2, "flavour"},
	} {
		t.Run(strings.Join(tc.args, " "), func(t *testing.T) {
			b := &bench{t, b.shop, b.url, b.root, b.home}
			b.wants(b.floe(tc.args...), tc.code, tc.want)
		})
	}
	b.home = filepath.Join(t.TempDir(), "none")
	b.wants(b.floe("sql", "select 1"), 1, "no catalog", "make run")
	if _, err := os.Stat(b.home); err == nil {
		t.Error("asking made a home")
	}
}

func TestPlanAndApply(t *testing.T) {
	b := newBench(t)
	b.wants(b.floe("plan"), 0, "create", "landing_shop.customers", "landing_shop.orders")
	b.wants(b.floe("apply"), 0, "create")
	b.wants(b.floe("plan"), 0, "as the contracts say")
	contract := "runtime/pipelines/ingest/shop/tables/customers.yaml"
	b.edit(contract, "  - {name: region, type: string}\n", "  - {name: region, type: string}\n  - {name: vip, type: boolean}\n")
	b.wants(b.floe("plan"), 0, "add-column", "vip")
	b.wants(b.floe("apply"), 0, "vip")
	b.edit(contract, "  - {name: vip, type: boolean}\n", "")
	b.wants(b.floe("plan"), 0, "drop-column", "breaking")
	if a := b.floe("apply"); a.code == 0 {
		t.Fatalf("a column was dropped without --allow-breaking\n%s", a.out)
	}
	b.wants(b.floe("apply", "--allow-breaking"), 0, "drop-column")
	b.edit(contract, "name: name, type: string", "name: name, type: long")
	b.wants(b.floe("plan"), 3, "refused")
	if a := b.floe("apply", "--allow-breaking"); a.code == 0 {
		t.Fatalf("a type was changed\n%s", a.out)
	}
	b.edit(contract, "name: name, type: long", "name: name, type: txet")
	b.wants(b.floe("plan"), 2, "customers.yaml:", "txet")
}

func TestARenamedColumnIsStillReadFromItsField(t *testing.T) {
	b := newBench(t)
	ingest := []string{"ingest", "shop", "--set", "base_url=" + b.url, "--set", "regions=north"}
	b.ok(ingest...)
	b.edit("runtime/pipelines/ingest/shop/tables/customers.yaml", "{name: name, type: string}", "{name: full_name, type: string, was_named: name}")
	b.wants(b.floe("apply"), 0, "rename-column", "full_name")
	b.shop.customers = `{"id": 1, "name": "Ada L."}, {"id": 2, "name": "Bob"}`
	b.ok(ingest...)
	if got := fmt.Sprint(b.rows("select * exclude (_floe_load_id, _floe_loaded_at, _floe_source) from landing_shop.customers order by id")); got !=
		"[map[full_name:Ada L. id:1 region:north] map[full_name:Bob id:2 region:north]]" {
		t.Fatalf("after the rename: %s", got)
	}
}

func TestDatesAndDoubleNames(t *testing.T) {
	b := newBench(t)
	b.wants(b.run(), 0)
	want := "[\n" + `{"d":"2024-12-31","a":1,"a_1":2}` + "\n]\n"
	if out := b.ok("sql", "select date '2024-12-31' as d, 1 as a, 2 as a", "--output", "json"); out != want {
		t.Fatalf("got %s, want %s", out, want)
	}
	b.wants(b.floe("sql", "select date '2024-12-31' as d"), 0, "│ 2024-12-31 │")
	b.wants(b.floe("--version"), 0, "floe version")
	b.wants(b.floe("new", "source", "w2", "--base-url", "foo"), 2, "base-url")
}

func TestNewSourceIsSound(t *testing.T) {
	b := newBench(t)
	b.wants(b.floe("new", "source", "weather", "--resource", "stations"), 0, "source.yaml", "stations.yaml")
	b.wants(b.floe("doctor"), 0, "sources shop, weather")
	b.wants(b.floe("plan", "weather"), 0, "landing_weather.stations")
	b.wants(b.floe("new", "source", "weather"), 2, "there already")
	b.wants(b.floe("new", "source", "We-ather"), 2, "lower-case")
}

func TestDoctorNamesWhatIsWrong(t *testing.T) {
	b := newBench(t)
	b.wants(b.run(), 0)
	b.edit("live/dev/platform.yaml", "version: 1", "version: 1\nnetwrok: {}")
	b.wants(b.floe("doctor"), 2, "BAD  live/dev", "platform.yaml:2", "network")
	b.edit("live/dev/platform.yaml", "netwrok: {}", "")
	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(b.home, moved); err != nil {
		t.Fatal(err)
	}
	b.home = moved
	b.wants(b.floe("doctor"), 1, "moved", filepath.Join(b.root, ".floe"))
	b.wants(b.floe("sql", "select 1"), 1, "moved")
}

func TestModelsAreSelected(t *testing.T) {
	b := newBench(t)
	b.wants(b.floe("ingest", "shop", "--set", "base_url="+b.url), 0, "customers")
	b.wants(b.floe("transform", "ls", "--select", "+big_spenders"), 0, "spend", "big_spenders")
	b.wants(b.floe("transform", "build", "--select", "spend"), 0, "spend")
	b.wants(b.floe("sql", "select * from marts.big_spenders"), 2, "big_spenders")
	b.wants(b.floe("transform", "build"), 0, "big_spenders")
	b.wants(b.floe("transform", "show", "--select", "big_spenders"), 0, "Bob")
	b.wants(b.floe("transform", "compile", "--select", "big_spenders"), 0)
}

func TestEveryCommandHelpsWithExamples(t *testing.T) {
	root := (&app{}).root()
	for _, c := range root.Commands() {
		if c.Name() == "completion" || c.Name() == "help" || c.HasSubCommands() {
			continue
		}
		if c.Example == "" || c.Short == "" {
			t.Errorf("floe %s has no example or no short help", c.Name())
		}
	}
	b := newBench(t)
	b.wants(b.floe("--help"), 0, "Exit codes", "3  tests or contracts failed")
	b.wants(b.floe("completion", "bash"), 0, "complete")
}
