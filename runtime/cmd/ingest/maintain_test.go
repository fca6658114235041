package main

import (
	"slices"
	"testing"
	"time"

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

func TestMaintainHandsOver(t *testing.T) {
	b := newBench(t)
	b.must(evolveTask)
	task := orchestrate.Task{Act: orchestrate.ActMaintain}
	for calls := 0; ; calls++ {
		// Two thirds of this are the act's: enough for a table or two.
		outcome, err := b.invoke(task, 200*time.Millisecond)
		if retried(err) && calls < 20 {
			continue
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, b.log())
		}
		if outcome.Finished {
			break
		}
		if calls == 20 || len(outcome.Done) <= len(task.Done) {
			t.Fatalf("call %d made no headway: %v", calls, outcome.Done)
		}
		task.Done = outcome.Done
	}
}
