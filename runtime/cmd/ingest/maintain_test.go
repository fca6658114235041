package main

import (
	"context"
	"log/slog"
	"slices"
	"testing"

	"github.com/floe-data/floe/runtime/deployed"
	"github.com/floe-data/floe/runtime/orchestrate"
)

func TestMaintain(t *testing.T) {
	b := newBench(t)
	b.chess(200, nil)
	b.must(evolveTask)
	b.must(loadChess)
	for _, tc := range []struct {
		task orchestrate.Task
		want []string
	}{
		{orchestrate.Task{}, []string{"landing_chess.games", "landing_chess.players", "landing_shop.orders"}},
		{orchestrate.Task{Schemas: []string{"landing_shop"}}, []string{"landing_shop.orders"}},
		{orchestrate.Task{Schemas: []string{"landing_chess"}, Done: []string{"landing_chess.games"}, KeepSnapshots: "1h"}, []string{"landing_chess.games", "landing_chess.players"}},
	} {
		tc.task.Act = orchestrate.ActMaintain
		if outcome := b.must(tc.task); !slices.Equal(outcome.Done, tc.want) {
			t.Errorf("%+v: done %v, want %v", tc.task, outcome.Done, tc.want)
		}
	}
}

// watch is a log that tells when a line of a message comes.
type watch struct {
	slog.Handler
	message string
	seen    func()
}

func (w watch) Enabled(context.Context, slog.Level) bool { return true }

func (w watch) Handle(_ context.Context, r slog.Record) error {
	if r.Message == w.message {
		w.seen()
	}
	return nil
}

// A call that is told to end after its first table hands the others over.
func TestMaintainHandsOver(t *testing.T) {
	b := newBench(t)
	b.must(evolveTask)
	task := orchestrate.Task{Act: orchestrate.ActMaintain}
	tables := []string{"landing_chess.games", "landing_chess.players", "landing_shop.orders"}
	for n := 1; n <= len(tables); n++ {
		stop := make(chan struct{})
		log := slog.New(watch{slog.DiscardHandler, "maintained", func() { close(stop) }})
		outcome, err := b.program.act(t.Context(), deployed.Call{Task: task, Log: log, Stop: stop})
		if err != nil || outcome.Finished != (n == len(tables)) || !slices.Equal(outcome.Done, tables[:n]) {
			t.Fatalf("call %d: %+v, %v", n, outcome, err)
		}
		task.Done = outcome.Done
	}
}
