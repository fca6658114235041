//go:build cloud

package cloudtest

import (
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/infra/internal/emulated"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// The stacks' workflows: one builds its models in Fargate, one in Lambda.
const (
	devWorkflows  = "  - {name: daily, on_upload: uploads/games/}\n"
	prodWorkflows = "  - {name: daily, compute: lambda}\n  - {name: marts}\n"
)

func TestDev(t *testing.T) {
	t.Parallel()
	life(newWorld(t, "dev", devWorkflows), nil)
}

func TestProd(t *testing.T) {
	t.Parallel()
	life(newWorld(t, "prod", prodWorkflows), []string{"transform"}) // is a function, too
}

// life is that of a stack: each step stands on the one before. functions are
// those that it has beside the ingest image's.
func life(w *world, functions []string) {
	w.functions = append([]string{"evolve", "govern", "ingest-games", "ingest-partner", "maintain"}, functions...)
	for _, step := range []struct {
		name string
		run  func(*world)
	}{
		{"preview", preview},
		{"up", up},
		{"nothing to do", nothingToDo},
		{"load", load},
		{"secrets", secrets},
		{"transform", transform},
		{"who reads", governed},
		{"changes", changes},
		{"drift", drift},
		{"a failed evolution", failedEvolution},
		{"a rename", rename},
		{"no secret anywhere", noSecretAnywhere},
		{"a refused destroy", refusedDestroy},
		{"destroy", destroy},
	} {
		ok := w.Run(step.name, func(t *testing.T) {
			here := *w
			here.T, here.ctx, here.files.t = t, t.Context(), t
			step.run(&here)
		})
		if !ok {
			w.Fatalf("after %s nothing more is tried", step.name)
		}
	}
	w.tellStarts()
	w.calls()
}

// tellStarts shows how long functions took from their start to asking for the
// event: the least is the nearest to a core of its own.
func (w *world) tellStarts() {
	least := map[string]time.Duration{}
	for _, run := range w.engine.AWS.Runs() {
		if old, ok := least[run.Name]; run.Init > 0 && (!ok || run.Init < old) {
			least[run.Name] = run.Init
		}
	}
	for name, took := range least {
		w.Logf("%s: init in %v at least", name, took.Round(time.Millisecond))
	}
}

// preview tells what will be made, and makes nothing.
func preview(w *world) {
	r, err := w.stack.Preview(w.ctx)
	w.must("preview, which builds the images", r, err)
	if r.Changes["create"] < 50 || r.Changed() != r.Changes["create"] {
		w.Errorf("%v", r.Changes)
	}
	for _, c := range w.engine.AWS.Calls() {
		for _, verb := range []string{"Create", "Put", "Delete", "Update", "Attach", "Register", "Tag"} {
			if strings.HasPrefix(c.Action, verb) {
				w.Errorf("a preview called %s %s", c.Service, c.Action)
			}
		}
	}
	r, err = w.stack.Preview(w.ctx)
	w.must("preview with the images cached", r, err)
}

// up makes everything in one go, the landing tables included.
func up(w *world) {
	r, err := w.stack.Up(w.ctx)
	w.must("up", r, err)
	for _, run := range w.engine.AWS.Runs() {
		w.Logf("%s ran: %s%s", run.Name, run.Result, run.Error)
	}
	for _, table := range [][2]string{{"landing_games", "players"}, {"landing_games", "games"}, {"landing_partner", "orders"}} {
		if !w.hasTable(table[0], table[1]) {
			w.Errorf("schema evolution made no table %s.%s", table[0], table[1])
		}
	}
}

func nothingToDo(w *world) {
	r, err := w.stack.Up(w.ctx, emulated.NoChanges)
	w.must("up again", r, err)
	r, err = w.stack.Refresh(w.ctx, emulated.NoChanges)
	w.must("refresh", r, err)
	r, err = w.stack.Up(w.ctx, emulated.NoChanges)
	w.must("up after refresh", r, err)
}

// load runs the step that the workflow would, three times at once, and reads
// the tables with another implementation.
func load(w *world) {
	ingest, maintain := w.names("ingest-games"), w.names("maintain")
	want := w.sources.wanted(w.T)
	games := func(after string) {
		w.Helper()
		if got := w.keys("landing_games", "games", "player", "url"); !equal(got, want) {
			w.Errorf("after %s PyIceberg reads %d games, the server has %d", after, len(got), len(want))
		}
	}
	w.writers(ingest, "games", 3)
	games("three writers")
	if got := w.keys("landing_games", "players", "username"); len(got) != 4 {
		w.Errorf("players: %v", got)
	}
	w.task(ingest, orchestrate.Task{Act: orchestrate.ActLoad, Source: "games"})
	games("another load")
	w.task(maintain, orchestrate.Task{Act: orchestrate.ActMaintain, KeepSnapshots: "1h"})
	games("maintenance")
}
