package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/deployed"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/governance"
	"github.com/floe-data/floe/runtime/governance/declared"
	"github.com/floe-data/floe/runtime/governance/lake"
	"github.com/floe-data/floe/runtime/orchestrate"
)

const reader = "arn:aws:iam::123456789012:role/reader"

const grants = `{"grants": [{"principal": "` + reader + `", "tables": ["marts.dim_players"], "sensitivity": ["public", "internal"]},
	{"principal": "` + reader + `", "tables": ["marts.openings"], "rows": "games > 10", "sensitivity": ["public"]}], "domains": ["chess"], "roles": []}`

// deployedWith makes text the specification that the stack was deployed with.
func deployedWith(t *testing.T, text string) {
	t.Helper()
	spec, err := governance.ParseSpec([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	id, err := spec.ID()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(environment.Grants, id)
}

// classified are the notes of the tables of the project that the test is in.
func (c *cloud) classified() map[string]string {
	c.t.Helper()
	p, err := here()
	if err != nil {
		c.t.Fatal(err)
	}
	tables, err := declared.Tables(c.t.Context(), p, "dev")
	if err != nil {
		c.t.Fatal(err)
	}
	all := map[string]string{}
	for _, t := range tables {
		all[t.String()] = t.Note()
	}
	return all
}

// table makes a table as a program before this one did.
func (c *cloud) table(database, name string, columns ...string) {
	var all []map[string]any
	for _, column := range columns {
		all = append(all, map[string]any{"Name": column, "Type": "string"})
	}
	c.aws.PutTable(database, map[string]any{"Name": name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": map[string]any{"Columns": all},
		"Parameters": map[string]string{environment.ParameterClassified: c.classified()[strings.TrimPrefix(database, "floe_dev_")+"."+name]}})
}

// TestGovern: contracts and models of the image's project are joined with the
// task's grants.
func TestGovern(t *testing.T) {
	c := newCloud(t)
	inProject(t)
	t.Setenv(environment.Workgroup, "") // it asks no query
	c.table("floe_dev_landing_chess", "players", "username", "name", "_floe_load_id", "unheard_of")
	c.table("floe_dev_marts", "dim_players", "username", "full_name", "games")
	c.aws.LFTag("floe-dev-domain", "chess")
	c.aws.LFTag("floe-dev-sensitivity", governance.Sensitivities()...)
	c.aws.Principal(reader)
	deployedWith(t, grants)
	task := orchestrate.Task{Act: orchestrate.ActGovern, Govern: json.RawMessage(grants)}
	var log bytes.Buffer
	for _, done := range [][]string{nil, {"marts.dim_players"}} {
		task.Done = done
		out, err := act(context.Background(), deployed.Call{Task: task, Log: slog.New(slog.NewJSONHandler(&log, nil))})
		sum, _ := out.Summary.(lake.Summary)
		if err != nil || !out.Finished || !slices.Contains(out.Done, "marts.dim_players") || len(sum.Pending) != 1 || !strings.HasPrefix(sum.Pending[0], "marts.openings for "+reader) {
			t.Fatalf("%v, %+v", err, out)
		}
	}
	if got := strings.Join(c.aws.Tagged(), "\n"); got != `floe_dev_landing_chess.players floe-dev-domain=chess
floe_dev_landing_chess.players._floe_load_id floe-dev-sensitivity=public
floe_dev_landing_chess.players.name floe-dev-sensitivity=personal
floe_dev_landing_chess.players.username floe-dev-sensitivity=public
floe_dev_marts.dim_players floe-dev-domain=chess
floe_dev_marts.dim_players.full_name floe-dev-sensitivity=personal
floe_dev_marts.dim_players.games floe-dev-sensitivity=public
floe_dev_marts.dim_players.username floe-dev-sensitivity=public` {
		t.Error(got)
	}
	if got := strings.Join(c.aws.Grants(), "\n"); got != reader+" DESCRIBE floe_dev_marts.dim_players\n"+reader+" SELECT floe_dev_marts.dim_players games,username" {
		t.Error(got)
	}
	if !strings.Contains(log.String(), `"msg":"granted","table":"marts.dim_players"`) {
		t.Error(log.String())
	}
}

// TestGovernChecksWhatIsDeclared: a grant of what nothing makes, or a model's
// domain without a tag, is told before anything is tagged or granted.
func TestGovernChecksWhatIsDeclared(t *testing.T) {
	c := newCloud(t)
	inProject(t)
	c.table("floe_dev_marts", "dim_players", "username", "full_name", "games")
	for _, tc := range []struct{ from, to, want string }{
		{"marts.openings", "marts.opening", "live/dev/access.yaml: grants[1].tables[0]: found marts.opening, which nothing makes"},
		{`["chess"]`, `["sales"]`, "found chess, which stack dev has no tag for; write domains: [chess] into live/dev/platform.yaml"},
	} {
		text := strings.Replace(grants, tc.from, tc.to, 1)
		deployedWith(t, text)
		task := orchestrate.Task{Act: orchestrate.ActGovern, Govern: json.RawMessage(text)}
		_, err := act(context.Background(), deployed.Call{Task: task, Log: slog.New(slog.DiscardHandler)})
		if fault.Code(err) != int(fault.Usage) || !strings.Contains(err.Error(), tc.want) || !strings.Contains(fault.Next(err), "then make deploy STACK=dev") {
			t.Errorf("%v; next %s", err, fault.Next(err))
		}
	}
	if got := slices.Concat(c.aws.Tagged(), c.aws.Grants()); len(got) > 0 {
		t.Errorf("it did %v", got)
	}
}

// TestGovernOfAFormerRun: an execution that began before access.yaml changed, or
// is redriven, brings grants that may have been taken away since.
func TestGovernOfAFormerRun(t *testing.T) {
	c := newCloud(t)
	inProject(t)
	c.table("floe_dev_marts", "dim_players", "username", "full_name", "games")
	c.aws.LFTag("floe-dev-domain", "chess")
	c.aws.LFTag("floe-dev-sensitivity", governance.Sensitivities()...)
	c.aws.Principal(reader)
	deployedWith(t, strings.Replace(grants, `["public", "internal"]`, `["public"]`, 1))
	_, err := act(context.Background(), deployed.Call{Task: orchestrate.Task{Act: orchestrate.ActGovern, Govern: json.RawMessage(grants)}, Log: slog.New(slog.DiscardHandler)})
	if fault.Code(err) != int(fault.Usage) || !strings.Contains(err.Error(), "changed after the run began") || !strings.Contains(fault.Next(err), "start the workflow again") {
		t.Errorf("%v", err)
	}
	if got := slices.Concat(c.aws.Tagged(), c.aws.Grants()); len(got) > 0 {
		t.Errorf("it did %v", got)
	}
}

func TestGovernUsedWrongly(t *testing.T) {
	newCloud(t)
	inProject(t)
	deployedWith(t, grants)
	for name, text := range map[string]string{"nothing": "", "no domains": `{"grants": [], "roles": []}`, "a grant of what it does not know": `{"grants": [{"principal": "x", "everything": true}]}`} {
		_, err := act(context.Background(), deployed.Call{Task: orchestrate.Task{Act: orchestrate.ActGovern, Govern: json.RawMessage(text)}, Log: slog.New(slog.DiscardHandler)})
		if fault.Code(err) != int(fault.Usage) || fault.Next(err) != "deploy the stack again" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
