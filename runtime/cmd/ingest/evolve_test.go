package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/deployed"
	"github.com/floe-data/floe/runtime/orchestrate"
)

var evolveTask = orchestrate.Task{Act: orchestrate.ActEvolve}

// told is an outcome's summary of changes, as "table: kind column, …".
func told(t *testing.T, o orchestrate.Outcome) []string {
	t.Helper()
	text, err := json.Marshal(o.Summary)
	if err != nil {
		t.Fatal(err)
	}
	var summary struct {
		Tables []struct {
			Table   string
			Changes []struct{ Kind, Column string }
		}
	}
	if err := json.Unmarshal(text, &summary); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range summary.Tables {
		line := e.Table + ":"
		for _, c := range e.Changes {
			line += strings.TrimRight(" "+c.Kind+" "+c.Column, " ")
		}
		out = append(out, line)
	}
	return out
}

func TestEvolve(t *testing.T) {
	b := newBench(t)
	for _, step := range []struct{ old, now, want string }{
		{"", "", "[landing_chess.games: create landing_chess.players: create landing_shop.orders: create]"},
		{"", "", "[landing_chess.games: landing_chess.players: landing_shop.orders:]"},
		{"  - {name: note, type: string}", "  - {name: note, type: string, description: What was said.}\n  - {name: paid, type: boolean}",
			"[landing_chess.games: landing_chess.players: landing_shop.orders: add-column paid set-doc note]"},
	} {
		if step.now != "" {
			b.edit("shop/tables/orders.yaml", step.old, step.now)
		}
		if got := fmt.Sprint(told(t, b.must(evolveTask))); got != step.want {
			t.Errorf("got %s, want %s", got, step.want)
		}
	}
}

// What breaks is told of all tables at once, and nothing is touched.
func TestEvolveRefusesBreakingChanges(t *testing.T) {
	b := newBench(t)
	b.must(evolveTask)
	b.edit("shop/tables/orders.yaml", "  - {name: note, type: string}\n", "  - {name: paid, type: boolean}\n")
	b.edit("chess/tables/games.yaml", "white__rating, type: long", "white__rating, type: string")
	b.edit("chess/tables/players.yaml", "  - {name: username", "  - {name: title, type: string}\n  - {name: username")
	_, err := b.invoke(evolveTask, time.Minute)
	b.wants(err, orchestrate.ErrorContract, "landing_shop.orders: drop-column note", "breaks what reads the table", "landing_chess.games: change-type white__rating",
		"from long to string", "nothing was changed", "next: take the changes back", "code: 3")
	if _, changed := b.table("landing_chess.players").Schema().Column("title"); changed {
		t.Error("another table was changed all the same")
	}
}

func TestEvolveWaitsForGrants(t *testing.T) {
	for _, tc := range []struct {
		name     string
		refuse   int
		code     string
		patience time.Duration
		granted  bool
	}{
		{"granted after a while", 2, "AccessDeniedException", 10 * time.Second, true},
		{"never granted", 1 << 30, "AccessDeniedException", 900 * time.Millisecond, false},
		{"another error is told at once", 1, "EntityNotFoundException", 10 * time.Second, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t)
			b.program.grants = tc.patience
			asked := 0
			j := &job{Call: deployed.Call{Task: evolveTask, Log: quiet()}, program: b.program}
			err := j.granted(context.Background(), func() error {
				asked++
				if asked <= tc.refuse {
					return fmt.Errorf("list the databases: %w", &refusal{tc.code})
				}
				return nil
			})
			switch {
			case tc.granted && (err != nil || asked != 3):
				t.Errorf("%v after %d calls", err, asked)
			case !tc.granted && tc.refuse > 1 && (err == nil || asked < 2 || !strings.Contains(err.Error(), "access is denied")):
				t.Errorf("%v after %d calls", err, asked)
			case tc.refuse == 1 && (err == nil || asked != 1):
				t.Errorf("%v after %d calls", err, asked)
			}
		})
	}
}
