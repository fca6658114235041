package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/fault"
)

// advance loads the next rows after the cursor, as an incremental source does.
func advance(ctx context.Context, l *Lake, step int) error {
	table, err := l.Table(ctx, gamesName)
	if err != nil {
		return err
	}
	was := table.State()["cursor"]
	from, _ := strconv.Atoi(was)
	_, err = tryLoad(ctx, l, gamesName, LoadOptions{},
		StateUpdate{Set: map[string]string{"cursor": strconv.Itoa(from + step)}, Expect: map[string]string{"cursor": was}}, gameRows(from, step))
	return err
}

// wantUpToCursor fails unless the table holds each row up to its cursor once.
func wantUpToCursor(t *testing.T, l *Lake, cursor int) {
	t.Helper()
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	if got := table.State()["cursor"]; got != strconv.Itoa(cursor) {
		t.Errorf("the cursor is at %q, want %d", got, cursor)
	}
	rows := scan(t, l, gamesName)
	slices.Sort(rows)
	if n := len(slices.Compact(slices.Clone(rows))); len(rows) != cursor || n != cursor {
		t.Errorf("%d rows, %d of them unique; the cursor is at %d", len(rows), n, cursor)
	}
}

func rollback(t *testing.T, l *Lake, o RollbackOptions) Rollback {
	t.Helper()
	r, err := l.Rollback(t.Context(), gamesName, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func snapshotsOf(t *testing.T, l *Lake) []Snapshot {
	t.Helper()
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	return table.Snapshots()
}

func TestRollbackAndLoadAgain(t *testing.T) { eachPlace(t, conformRollbackAndLoadAgain) }

func conformRollbackAndLoadAgain(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, games())
	for range 3 {
		if err := advance(t.Context(), l, 20); err != nil {
			t.Fatal(err)
		}
	}
	all := snapshotsOf(t, l)
	dry := rollback(t, l, RollbackOptions{Snapshot: all[0].ID, DryRun: true})
	if !dry.Changed || dry.Undone != 2 || dry.Before["cursor"] != "60" || dry.After["cursor"] != "20" {
		t.Errorf("dry run: %+v", dry)
	}
	wantUpToCursor(t, l, 60)
	if r := rollback(t, l, RollbackOptions{Snapshot: all[0].ID}); !r.Changed || r.From != all[2].ID || r.To != all[0].ID || r.Undone != 2 || !r.StateMoved() {
		t.Errorf("%+v", r)
	}
	wantUpToCursor(t, l, 20)
	if r := rollback(t, l, RollbackOptions{Snapshot: all[0].ID}); r.Changed {
		t.Errorf("the second time: %+v", r)
	}
	now := snapshotsOf(t, l)
	if len(now) != 3 || !now[0].Current || now[0].Undone || !now[1].Undone || !now[2].Undone || now[2].Current {
		t.Errorf("history: %+v", now)
	}
	if err := advance(t.Context(), l, 25); err != nil {
		t.Fatal(err)
	}
	wantUpToCursor(t, l, 45)
	// A rollback can be rolled back: what was undone is there again.
	if r := rollback(t, l, RollbackOptions{Snapshot: all[2].ID}); r.Undone != 1 || r.After["cursor"] != "60" {
		t.Errorf("forward: %+v", r)
	}
	wantUpToCursor(t, l, 60)
	maintain(t, l, everything)
	wantUpToCursor(t, l, 60)
	if err := advance(t.Context(), l, 5); err != nil {
		t.Fatal(err)
	}
	wantUpToCursor(t, l, 65)
}

// The id of a load that was undone is forgotten, that of one that stands is not.
func TestRollbackForgetsLoads(t *testing.T) { eachPlace(t, conformRollbackForgetsLoads) }

func conformRollbackForgetsLoads(t *testing.T, p lakeAt) {
	l := smallLoads(t, p, 4) // load-0 … load-3
	all := snapshotsOf(t, l)
	rollback(t, l, RollbackOptions{Snapshot: all[1].ID})
	if r := load(t, l, gamesName, LoadOptions{ID: "load-1"}, StateUpdate{}, gameRows(50, 50)); !r.Again {
		t.Errorf("load-1 is still there: %+v", r)
	}
	if r := load(t, l, gamesName, LoadOptions{ID: "load-2"}, StateUpdate{}, gameRows(100, 50)); r.Again || rowsOf(t, l, gamesName) != 150 {
		t.Errorf("load-2 was undone: %+v, %d rows", r, rowsOf(t, l, gamesName))
	}
	rollback(t, l, RollbackOptions{Snapshot: all[3].ID})
	maintain(t, l, MaintainOptions{Expire: true, KeepFor: time.Nanosecond})
	for i := range 4 {
		if r := load(t, l, gamesName, LoadOptions{ID: fmt.Sprint("load-", i)}, StateUpdate{}, gameRows(i*50, 50)); !r.Again {
			t.Errorf("load-%d is there: %+v", i, r)
		}
	}
}

func TestRollbackToATime(t *testing.T) { eachPlace(t, conformRollbackToATime) }

func conformRollbackToATime(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, games())
	began := time.Now()
	var moments []time.Time
	for range 3 {
		if err := advance(t.Context(), l, 10); err != nil {
			t.Fatal(err)
		}
		moments = append(moments, time.Now())
		time.Sleep(2 * time.Millisecond)
	}
	rollback(t, l, RollbackOptions{At: moments[1]})
	wantUpToCursor(t, l, 20)
	back := time.Now()
	time.Sleep(2 * time.Millisecond)
	rollback(t, l, RollbackOptions{At: moments[2]})
	wantUpToCursor(t, l, 30)
	rollback(t, l, RollbackOptions{At: back}) // what was seen then, not what had been made by then
	wantUpToCursor(t, l, 20)
	_, err := l.Rollback(t.Context(), gamesName, RollbackOptions{At: began.Add(-time.Hour)})
	if fault.Code(err) != int(fault.Usage) || !strings.Contains(err.Error(), "does not reach back to") || fault.Next(err) != "floe tables landing_chess.games" {
		t.Errorf("%v; %s", err, fault.Next(err))
	}
}

func TestRollbackRefusesWhatIsNotThere(t *testing.T) {
	eachPlace(t, conformRollbackRefusesWhatIsNotThere)
}

func conformRollbackRefusesWhatIsNotThere(t *testing.T, p lakeAt) {
	l := smallLoads(t, p, 8)
	all := snapshotsOf(t, l)
	_, err := l.Rollback(t.Context(), gamesName, RollbackOptions{Snapshot: 42})
	for _, want := range []string{"no snapshot 42", strconv.FormatInt(all[7].ID, 10), "and 3 older ones"} {
		if fault.Code(err) != int(fault.Usage) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in %v", want, err)
		}
	}
	maintain(t, l, MaintainOptions{Expire: true, KeepFor: time.Nanosecond})
	for _, o := range []RollbackOptions{{Snapshot: all[3].ID}, {At: all[3].At}} {
		if _, err = l.Rollback(t.Context(), gamesName, o); fault.Code(err) != int(fault.Usage) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err = l.Rollback(t.Context(), Name{"landing_chess", "none"}, RollbackOptions{Snapshot: 1}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

// A load of a former floe has not noted the state: the rollback says so, and
// leaves the cursor where it is if it is told to.
func TestRollbackOfFormerTables(t *testing.T) {
	p := lakeAt{home: t.TempDir()}
	l := p.open(t)
	newTable(t, l, games())
	swap, note := l.swap, regexp.MustCompile(`"floe\.state":"(\\"|[^"])*",?`)
	l.swap = func(ctx context.Context, n Name, old, next entry) error {
		text, err := l.fs.bind(ctx).(localFS).ReadFile(next.location)
		if err == nil {
			err = localFS{}.WriteFile(next.location, note.ReplaceAll(text, nil))
		}
		return errors.Join(err, swap(ctx, n, old, next))
	}
	for range 3 {
		if err := advance(t.Context(), l, 10); err != nil {
			t.Fatal(err)
		}
	}
	l.swap = swap
	all := snapshotsOf(t, l)
	if _, ok := all[0].Summary[summaryState]; ok {
		t.Fatalf("the state is noted: %v", all[0].Summary)
	}
	_, err := l.Rollback(t.Context(), gamesName, RollbackOptions{Snapshot: all[0].ID})
	if fault.Code(err) != int(fault.Failed) || !strings.Contains(fault.Next(err), "--keep-state") {
		t.Fatalf("%v; %s", err, fault.Next(err))
	}
	rollback(t, l, RollbackOptions{Snapshot: all[0].ID, KeepState: true})
	table, err := l.Table(t.Context(), gamesName)
	if err != nil || table.State()["cursor"] != "30" || rowsOf(t, l, gamesName) != 10 {
		t.Errorf("%v, state %v, %d rows", err, table.State(), rowsOf(t, l, gamesName))
	}
}

// A long state is noted compressed, one that is too long is not; then a rollback
// says so.
func TestLongStates(t *testing.T) {
	l := openLake(t, t.TempDir())
	newTable(t, l, games())
	var first int64
	for i, keys := range []int{200, 200, 100_000} {
		state := map[string]string{}
		for k := range keys {
			state[fmt.Sprint("cursor.", k)] = fmt.Sprint(i, " ", rand.New(rand.NewPCG(uint64(k), 1)).Uint64())
		}
		r := load(t, l, gamesName, LoadOptions{}, StateUpdate{Set: state}, gameRows(i*10, 10))
		if i == 0 {
			first = r.SnapshotID
		}
	}
	all := snapshotsOf(t, l)
	if note := all[0].Summary[summaryState]; !strings.HasPrefix(note, zippedNote) || all[2].Summary[summaryState] != "" {
		t.Errorf("notes %.20s and %.20s", note, all[2].Summary[summaryState])
	}
	rollback(t, l, RollbackOptions{Snapshot: first})
	table, err := l.Table(t.Context(), gamesName)
	if err != nil || len(table.State()) != 200 || !strings.HasPrefix(table.State()["cursor.7"], "0 ") {
		t.Errorf("%v, %d keys", err, len(table.State()))
	}
	if _, err := l.Rollback(t.Context(), gamesName, RollbackOptions{Snapshot: all[2].ID}); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("%v", err)
	}
	for _, wrong := range []string{"x", "gzip:%", "gzip:YWJj"} {
		if _, ok := readState(wrong); ok {
			t.Errorf("%q reads", wrong)
		}
	}
}
