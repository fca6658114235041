package transform

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
)

const club = "testdata/club"

func loadClub(t *testing.T) *Project {
	t.Helper()
	p, err := Load(context.Background(), LoadOptions{Dir: club})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func statuses(r Results) map[string]Status {
	out := map[string]Status{}
	for _, n := range r.Nodes {
		out[n.Name] = n.Status
	}
	return out
}

func TestBuildOrder(t *testing.T) {
	f := newFake()
	res, err := Run(context.Background(), Options{Project: loadClub(t), Engine: f})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{ // by generation, then by id, as dbt does
		"stage stg_games", "test stg_games", "test stg_games", "test stg_games", "publish stg_games",
		"stage openings", "publish openings",
		"test players", // of the source: stg_players waits for it
		"stage fct_games", "test fct_games", "test fct_games", "test fct_games", "publish fct_games",
		"stage stg_players", "test stg_players", "publish stg_players",
		"stage dim_players", "test dim_players", "publish dim_players",
		"stage games_by_day", "publish games_by_day",
		"test fct_games", // relationships: when both tables are there
	}
	if !slices.Equal(f.log, want) {
		t.Errorf("log:\n%s\nwant:\n%s", strings.Join(f.log, "\n"), strings.Join(want, "\n"))
	}
	if got := res.Count(StatusSuccess); got != 6 {
		t.Errorf("%d nodes built, want 6", got)
	}
	if got := res.Count(StatusPass); got != 10 {
		t.Errorf("%d tests passed, want 10", got)
	}
}

func TestBuildKinds(t *testing.T) {
	f := newFake()
	p := loadClub(t)
	if _, err := Run(context.Background(), Options{Project: p, Engine: f}); err != nil {
		t.Fatal(err)
	}
	if b := f.builds["fct_games"]; b.Kind != KindTable || b.Name.Schema != "marts" || strings.Contains(b.SQL, "max(played_at)") {
		t.Errorf("first build of an incremental model: %+v", b)
	}
	if b := f.builds["fct_games"]; b.Doc != "One row a game." || b.ColumnDocs["uuid"] != "The game." {
		t.Errorf("persist_docs: %+v", b)
	}
	if b := f.builds["stg_games"]; b.Kind != KindView {
		t.Errorf("view: %+v", b)
	}
	if b := f.builds["stg_players"]; strings.HasSuffix(b.SQL, ";") {
		t.Errorf("semicolon left: %q", b.SQL)
	}
	if _, err := Run(context.Background(), Options{Project: p, Engine: f, Command: CommandRun, Select: []string{"fct_games"}}); err != nil {
		t.Fatal(err)
	}
	if b := f.builds["fct_games"]; b.Kind != KindMerge || !slices.Equal(b.Key, []string{"uuid"}) || !strings.Contains(b.SQL, "max(played_at)") || b.OnSchemaChange != SchemaAppend {
		t.Errorf("second build of an incremental model: %+v", b)
	}
	if _, err := Run(context.Background(), Options{Project: p, Engine: f, Command: CommandRun, Select: []string{"fct_games"}, FullRefresh: true}); err != nil {
		t.Fatal(err)
	}
	if b := f.builds["fct_games"]; b.Kind != KindTable || strings.Contains(b.SQL, "max(played_at)") {
		t.Errorf("full refresh: %+v", b)
	}
}

func TestFailingTestDiscards(t *testing.T) {
	f := newFake()
	f.failures["accepted_values"] = 0
	f.failures["'bullet'"] = 2 // the accepted_values test of stg_games
	dir := t.TempDir()
	res, err := Run(context.Background(), Options{Project: loadClub(t), Engine: f, TargetDir: dir})
	if fault.Code(err) != int(fault.Contract) {
		t.Fatalf("error %v, want kind Contract", err)
	}
	if !f.has("discard stg_games") || f.has("publish stg_games") || f.has("stage fct_games") || f.has("stage dim_players") {
		t.Errorf("log: %s", strings.Join(f.log, "\n"))
	}
	got := statuses(res)
	for name, want := range map[string]Status{
		"stg_games": StatusFail, "accepted_values_stg_games_time_class__blitz__rapid__bullet": StatusFail,
		"fct_games": StatusSkipped, "unique_fct_games_uuid": StatusSkipped, "report": StatusSkipped,
		"stg_players": StatusSuccess, "relationships_fct_games_player__player__ref_dim_players_": StatusSkipped,
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	for _, n := range res.Nodes {
		if n.Status == StatusFail && n.Kind == "test" {
			if n.Failures != 2 || !strings.Contains(n.Message, dir) || !strings.Contains(n.Next, filepath.Join(dir, "failures", n.Name+".jsonl")) {
				t.Errorf("failure: %+v", n)
			}
			if n.Sample == nil || len(n.Sample.Rows) != 1 || n.Sample.Rows[0][1] != "x" {
				t.Errorf("sample: %+v", n.Sample)
			}
		}
	}
}

func TestWarningPublishes(t *testing.T) {
	f := newFake()
	f.failures["uuid is null"] = 5 // severity warn on stg_games; error on fct_games
	res, err := Run(context.Background(), Options{Project: loadClub(t), Engine: f, Select: []string{"stg_games"}})
	if err != nil {
		t.Fatal(err)
	}
	if !f.has("publish stg_games") || statuses(res)["not_null_stg_games_uuid"] != StatusWarn {
		t.Errorf("log %v, results %v", f.log, statuses(res))
	}
}

func TestFailedModelSkipsBelow(t *testing.T) {
	f := newFake()
	f.broken["dim_players"] = errors.New("out of memory")
	res, err := Run(context.Background(), Options{Project: loadClub(t), Engine: f})
	if fault.Code(err) != int(fault.Failed) || !strings.Contains(err.Error(), "out of memory") {
		t.Fatalf("error %v", err)
	}
	got := statuses(res)
	if got["dim_players"] != StatusError || got["fct_games"] != StatusSuccess || got["relationships_fct_games_player__player__ref_dim_players_"] != StatusSkipped {
		t.Errorf("%v", got)
	}
	// The relationships test hangs on dim_players; report does not have dim_players above it.
	if got["report"] != StatusSuccess {
		t.Errorf("report is %q", got["report"])
	}
}

func TestSeparateTestBlocksBelow(t *testing.T) {
	// A test over two branches, and a node that reads both.
	dir := project(t, map[string]string{
		"models/a.sql": "select 1 as id", "models/b.sql": "select 1 as id",
		"models/c.sql":   "select * from {{ ref('a') }} union all select * from {{ ref('b') }}",
		"models/d.sql":   "select * from {{ ref('a') }}",
		"tests/both.sql": "select a.id from {{ ref('a') }} a join {{ ref('b') }} b on a.id = b.id",
	})
	f := newFake()
	f.failures["join"] = 1
	res, err := Run(context.Background(), Options{Dir: dir, Engine: f})
	if fault.Code(err) != int(fault.Contract) {
		t.Fatal(err)
	}
	got := statuses(res)
	want := map[string]Status{"a": StatusSuccess, "b": StatusSuccess, "both": StatusFail, "c": StatusSkipped, "d": StatusSuccess}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s is %q, want %q", k, got[k], v)
		}
	}
}

func TestResume(t *testing.T) {
	f := newFake()
	f.broken["fct_games"] = errors.New("lost")
	p := loadClub(t)
	res, _ := Run(context.Background(), Options{Project: p, Engine: f})
	delete(f.broken, "fct_games")
	f.log = nil
	if _, err := Run(context.Background(), Options{Project: p, Engine: f, Done: res.Done()}); err != nil {
		t.Fatal(err)
	}
	if f.has("stage stg_games") || f.has("stage dim_players") || !f.has("publish fct_games") || !f.has("publish games_by_day") {
		t.Errorf("log: %v", f.log)
	}
}

func TestInterrupted(t *testing.T) {
	f := newFake()
	ctx, cancel := context.WithCancel(context.Background())
	f.onStage = func(n lakehouse.Name) {
		if n.Table == "fct_games" {
			cancel()
		}
	}
	res, err := Run(ctx, Options{Project: loadClub(t), Engine: f})
	if fault.Code(err) != int(fault.Interrupted) {
		t.Fatalf("error %v, want kind Interrupted", err)
	}
	if !f.has("discard fct_games") || f.has("publish fct_games") || f.has("stage dim_players") {
		t.Errorf("log: %v", f.log)
	}
	if got := statuses(res); got["report"] != StatusSkipped || got["fct_games"] != StatusSkipped || got["openings"] != StatusSuccess {
		t.Errorf("%v", got)
	}
	if len(res.Nodes) != 16 {
		t.Errorf("%d results, want every node's", len(res.Nodes))
	}
}

func TestFailFast(t *testing.T) {
	f := newFake()
	f.broken["openings"] = errors.New("no disk")
	res, err := Run(context.Background(), Options{Project: loadClub(t), Engine: f, FailFast: true})
	if fault.Code(err) != int(fault.Failed) {
		t.Fatal(err)
	}
	if got := statuses(res); got["stg_players"] != StatusSkipped {
		t.Errorf("%v", got)
	}
}

func TestConcurrency(t *testing.T) {
	f := newFake()
	res, err := Run(context.Background(), Options{Project: loadClub(t), Engine: f, Concurrency: 8})
	if err != nil || res.Count(StatusSuccess) != 6 {
		t.Fatalf("%v %v", err, statuses(res))
	}
	at := func(e string) int { return slices.Index(f.log, e) }
	for _, pair := range [][2]string{{"publish stg_games", "stage fct_games"}, {"publish openings", "stage dim_players"}, {"publish fct_games", "stage games_by_day"}} {
		if at(pair[0]) < 0 || at(pair[0]) > at(pair[1]) {
			t.Errorf("%s must come before %s: %v", pair[0], pair[1], f.log)
		}
	}
}

func TestSchemaChangeFail(t *testing.T) {
	dir := project(t, map[string]string{"models/a.sql": "{{ config(materialized='incremental', on_schema_change='fail') }} select 1 as id"})
	f := newFake()
	f.existing["main.a"] = "table"
	long, text := schema.Type{Kind: schema.Long}, schema.Type{Kind: schema.String}
	f.columns["main.a"] = []schema.Column{{Name: "id", Type: long}, {Name: "old", Type: text}}
	f.columns[""] = []schema.Column{{Name: "id", Type: text}, {Name: "new", Type: text}}
	_, err := Run(context.Background(), Options{Dir: dir, Engine: f})
	if err == nil || !strings.Contains(err.Error(), "id is long and would be string, new is new, old is gone") || !strings.Contains(fault.Next(err), "--full-refresh") {
		t.Errorf("error %v, next %q", err, fault.Next(err))
	}
}

func TestHooks(t *testing.T) {
	files := map[string]string{
		"dbt_project.yml":  "name: small\non-run-start: \"{{ note() }}\"\non-run-end: [\"insert into log values ('{{ target.name }}')\"]\n",
		"macros/note.sql":  "{% macro note() %}{% do log('hello', info=true) %}{% endmacro %}",
		"models/plain.sql": "{{ config(materialized='table', pre_hook=\"vacuum {{ this }}\") }} select 1 as id",
	}
	dir := project(t, files)
	_, err := Run(context.Background(), Options{Dir: dir, Engine: newFake()})
	if fault.Code(err) != int(fault.Usage) || !strings.Contains(err.Error(), "pre_hook is not supported by the engine duckdb") {
		t.Errorf("error %v", err)
	}
	f := newFake()
	var said []string
	_, err = Run(context.Background(), Options{Dir: dir, Engine: executor{f}, Observer: func(e Event) {
		if e.Kind == EventLog {
			said = append(said, e.Message)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`exec vacuum "main"."plain"`, "stage plain", "publish plain", "exec insert into log values ('laptop')"}
	if !slices.Equal(f.log, want) || !slices.Equal(said, []string{"hello"}) {
		t.Errorf("log %q, said %q", f.log, said)
	}
}

func TestOtherCommands(t *testing.T) {
	for command, want := range map[Command]int{CommandRun: 5, CommandSeed: 1, CommandTest: 10} {
		f := newFake()
		res, err := Run(context.Background(), Options{Project: loadClub(t), Engine: f, Command: command})
		if err != nil || len(res.Nodes) != want {
			t.Errorf("%s: %d results, want %d (%v)", command, len(res.Nodes), want, err)
		}
	}
	if _, err := Run(context.Background(), Options{Project: loadClub(t), Engine: newFake(), Command: "bild"}); fault.Code(err) != int(fault.Usage) {
		t.Errorf("unknown command: %v", err)
	}
}

func TestSelectionOfNothing(t *testing.T) {
	res, err := Run(context.Background(), Options{Project: loadClub(t), Engine: newFake(), Select: []string{"nothing_here"}})
	if err != nil || len(res.Nodes) != 0 || !slices.ContainsFunc(res.Warnings, func(w string) bool { return strings.Contains(w, `"nothing_here" does not match any enabled nodes`) }) {
		t.Errorf("%v %+v", err, res)
	}
	_, err = Run(context.Background(), Options{Project: loadClub(t), Engine: newFake(), Select: []string{"tags:x"}})
	if fault.Code(err) != int(fault.Usage) || !strings.Contains(err.Error(), "did you mean tag:") {
		t.Errorf("%v", err)
	}
}

func TestShow(t *testing.T) {
	f := newFake()
	p := loadClub(t)
	_, sql, err := p.Show(context.Background(), ShowOptions{Engine: f, Select: []string{"dim_players"}, Limit: 3})
	if err != nil || !strings.HasSuffix(sql, "limit 3") || !strings.Contains(sql, `"staging"."stg_players"`) {
		t.Errorf("%v\n%s", err, sql)
	}
	rows, sql, err := p.Show(context.Background(), ShowOptions{Engine: f, Inline: "select * from {{ ref('fct_games') }} limit 9;"})
	if err != nil || sql != `select * from "marts"."fct_games" limit 9` {
		t.Errorf("%v %q", err, sql)
	}
	if !rows.Next() || rows.Next() || rows.Err() != nil {
		t.Error("rows")
	}
}

func TestUntilLeavesTheRestForALaterRun(t *testing.T) {
	f := newFake()
	p := loadClub(t)
	done, runs := map[string]bool{}, 0
	for runs = 1; ; runs++ {
		o := Options{Project: p, Engine: f, Done: done, Until: time.Now().Add(time.Minute)}
		if runs < 3 {
			o.Until = time.Now() // it has come already
		}
		res, err := Run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		if res.Unfinished != (runs < 3) || res.Unfinished && res.Count(StatusSkipped) != len(res.Nodes) {
			t.Fatalf("run %d: unfinished %v, %v", runs, res.Unfinished, statuses(res))
		}
		if !res.Unfinished {
			break
		}
	}
	if runs != 3 || !f.has("publish fct_games") {
		t.Errorf("finished in run %d: %s", runs, strings.Join(f.log, "\n"))
	}
}
