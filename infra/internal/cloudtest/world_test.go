//go:build cloud

package cloudtest

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/internal/emulated"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/platform"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/orchestrate"
	"github.com/floe-data/floe/runtime/transform/athena/athenatest"
)

const region = "eu-central-1"

// world is an account, a project and a stack of it.
type world struct {
	*testing.T
	ctx     context.Context
	engine  *emulated.Engine
	stack   *emulated.Stack
	files   files
	sources sources
	athena  *athenatest.Server
	name    string

	functions []string // those of Lambda, without project and stack
}

// names is the name that AWS knows something of the stack by.
func (w *world) names(what string) string { return "floe-" + w.name + "-" + what }

// newWorld makes an empty account beside a copy of the project. workflows are
// those of the stack's pipelines.yaml.
func newWorld(t *testing.T, stack, workflows string) *world {
	t.Helper()
	w := &world{T: t, ctx: t.Context(), files: newFiles(t), sources: newSources(t), name: stack}
	w.athena = athenatest.New(w.answer)
	w.engine = emulated.Start(t, emulated.Options{Region: region, Athena: w.athena})
	w.files.edit("live/"+stack+"/pipelines.yaml", "", w.sources.live(workflows))
	w.openAccount()
	var err error
	w.stack, err = w.engine.Stack(w.ctx, stack, emulated.Program{Project: "floe", Run: func(ctx *pulumi.Context) error {
		return platform.Deploy(ctx, platform.Options{Root: w.files.root, Made: func(c context.Context, s *site.Site) ([]string, error) {
			return catalog.Made(c, w.engine.AWS.Config(), s) // several accounts are here at once
		}, Lake: func(_ context.Context, s *site.Site) (platform.Lake, error) { return w.closes(s), nil }})
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.stack.SetConfig(w.ctx, "aws:region", region); err != nil {
		t.Fatal(err)
	}
	return w
}

// must fails the test with what the user would have seen.
func (w *world) must(act string, r *emulated.Result, err error) *emulated.Result {
	w.Helper()
	if err != nil {
		w.Fatalf("%s: %v\n%s", act, err, r)
	}
	w.Logf("%s: %s, %v", act, r.Elapsed.Round(1e8), r.Changes)
	return r
}

// wants compares what a result did with a list of "op type name", type without
// its module: "replace Invocation evolve". That all functions are updated is
// part of it.
func (w *world) wants(act string, r *emulated.Result, want ...string) {
	w.Helper()
	for _, f := range w.functions {
		want = append(want, "update Function "+f)
	}
	var got []string
	for _, s := range r.Steps {
		if s.Op == "create-replacement" || s.Op == "delete-replaced" {
			continue // the two halves of a replace
		}
		_, short, _ := strings.Cut(s.Type[strings.LastIndex(s.Type, "/")+1:], ":")
		got = append(got, s.Op+" "+short+" "+s.Name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.Errorf("%s did\n  %s\nwant\n  %s", act, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// task runs a step in the stack's function until it is finished, as the state
// machine does.
func (w *world) task(function string, task orchestrate.Task) orchestrate.Outcome {
	w.Helper()
	for range 20 {
		event, err := json.Marshal(task)
		if err != nil {
			w.Fatal(err)
		}
		answer, err := w.engine.AWS.Invoke(w.ctx, function, event)
		if err != nil || answer.FunctionError != "" {
			w.Fatalf("%s: %v %s %s", function, err, answer.FunctionError, answer.Payload)
		}
		var outcome orchestrate.Outcome
		if err := json.Unmarshal(answer.Payload, &outcome); err != nil {
			w.Fatalf("%s answers %s: %v", function, answer.Payload, err)
		}
		if outcome.Finished {
			return outcome
		}
		task.Done = outcome.Done
	}
	w.Fatalf("%s does not finish", function)
	return orchestrate.Outcome{}
}

// rows are a table's, as PyIceberg reads them.
func (w *world) rows(schema, table string) []map[string]any {
	w.Helper()
	name := environment.PhysicalSchema("floe", w.name, schema) + "." + table
	c := exec.CommandContext(w.ctx, os.Getenv("FLOE_PYTHON"), "testdata/read.py", w.engine.AWS.URL, region, name)
	out, err := c.CombinedOutput()
	if err != nil {
		w.Fatalf("PyIceberg reads %s: %v\n%s", name, err, out)
	}
	var rows []map[string]any
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			w.Fatalf("PyIceberg reads %s: %v in %s", name, err, out)
		}
		rows = append(rows, row)
	}
	return rows
}

// keys are the rows' columns, joined by blanks, sorted; twice where a row is.
func (w *world) keys(schema, table string, columns ...string) []string {
	w.Helper()
	var out []string
	for _, row := range w.rows(schema, table) {
		parts := make([]string, len(columns))
		for i, c := range columns {
			parts[i], _ = row[c].(string)
		}
		out = append(out, strings.Join(parts, " "))
	}
	slices.Sort(out)
	return out
}

func equal(a, b []string) bool { return slices.Equal(a, b) }
