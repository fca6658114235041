package lakehouse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/schema"
)

// TestRollbacksRaceLoads: two writers load from the cursor on, a third rolls
// back again and again, and answers are lost. Whatever comes first, the table
// holds each row up to its cursor once.
func TestRollbacksRaceLoads(t *testing.T) { eachPlace(t, conformRollbacksRaceLoads) }

func conformRollbacksRaceLoads(t *testing.T, p lakeAt) {
	l := p.open(t)
	s := games()
	s.Partition = nil
	newTable(t, l, s)
	if err := advance(t.Context(), l, 7); err != nil {
		t.Fatal(err)
	}
	errs := make([]error, 3)
	var wg sync.WaitGroup
	for w := range 2 {
		one := p.open(t)
		one.swap = lossy(one.swap, rand.New(rand.NewPCG(uint64(w), 11)))
		wg.Go(func() {
			for range 12 {
				err := advance(context.Background(), one, 3+w)
				if err != nil && !errors.Is(err, ErrStateMoved) {
					errs[w] = errors.Join(errs[w], err)
				}
			}
		})
	}
	back := p.open(t)
	back.swap = lossy(back.swap, rand.New(rand.NewPCG(8, 12)))
	wg.Go(func() {
		luck := rand.New(rand.NewPCG(3, 3))
		for range 10 {
			table, err := back.Table(context.Background(), gamesName)
			if err == nil {
				all := table.Snapshots()
				_, err = back.Rollback(context.Background(), gamesName, RollbackOptions{Snapshot: all[luck.IntN(len(all))].ID})
			}
			errs[2] = errors.Join(errs[2], err)
		}
	})
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if err := advance(t.Context(), l, 4); err != nil {
		t.Fatal(err)
	}
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	cursor, _ := strconv.Atoi(table.State()["cursor"])
	wantUpToCursor(t, l, cursor)
	if found := l.Check(t.Context()); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	for _, s := range table.Snapshots() { // no file of history is gone: each can be gone back to
		rollback(t, l, RollbackOptions{Snapshot: s.ID})
		if found := l.Check(t.Context()); len(found) > 0 {
			t.Errorf("snapshot %d: %+v", s.ID, found)
		}
	}
}

// A commit whose answer was lost, and which a rollback undid before it was
// asked for: it was done, and its files are history's.
func TestCommitUndoneBeforeItKnew(t *testing.T) { eachPlace(t, conformCommitUndoneBeforeItKnew) }

func conformCommitUndoneBeforeItKnew(t *testing.T, p lakeAt) {
	l := smallLoads(t, p, 2)
	first := snapshotsOf(t, l)[0].ID
	swap := l.swap
	l.swap = func(ctx context.Context, n Name, old, next entry) error {
		l.swap = swap
		if err := swap(ctx, n, old, next); err != nil {
			return err
		}
		other := p.open(t)
		rollback(t, other, RollbackOptions{Snapshot: first})
		return errors.New("the answer was lost")
	}
	r, err := tryLoad(t.Context(), l, gamesName, LoadOptions{ID: "undone"}, StateUpdate{Set: map[string]string{"cursor": "9"}, Expect: map[string]string{"cursor": "1"}}, gameRows(500, 10))
	if err != nil || r.Again || rowsOf(t, l, gamesName) != 50 {
		t.Fatalf("%+v, %v, %d rows", r, err, rowsOf(t, l, gamesName))
	}
	all := snapshotsOf(t, l)
	rollback(t, l, RollbackOptions{Snapshot: all[2].ID})
	if found := l.Check(t.Context()); len(found) > 0 || rowsOf(t, l, gamesName) != 110 {
		t.Errorf("%+v, %d rows", found, rowsOf(t, l, gamesName))
	}
}

// A load that goes by what a former one brought, without a cursor that moved, is
// refused after a rollback, and so is one that knows of an older rollback only.
func TestLoadAfterARollbackIsRefused(t *testing.T) { eachPlace(t, conformLoadAfterARollbackIsRefused) }

func conformLoadAfterARollbackIsRefused(t *testing.T, p lakeAt) {
	l := smallLoads(t, p, 3)
	all := snapshotsOf(t, l)
	for _, to := range []int{0, 2, 0} {
		read, err := l.Table(t.Context(), gamesName)
		if err != nil {
			t.Fatal(err)
		}
		load(t, l, gamesName, LoadOptions{Merge: true}, StateUpdate{Read: read}, gameRows(500, 10))
		rollback(t, l, RollbackOptions{Snapshot: all[to].ID, KeepState: to == 2})
		if _, err := tryLoad(t.Context(), l, gamesName, LoadOptions{Merge: true}, StateUpdate{Read: read}, gameRows(510, 10)); !errors.Is(err, ErrStateMoved) {
			t.Errorf("back to %d: %v", to, err)
		}
		if got := rowsOf(t, l, gamesName); got != int64(50*(to+1)) {
			t.Errorf("back to %d: %d rows", to, got)
		}
	}
}

// Files whose rows an engine chose by what the table held are refused after a
// rollback; what is written without a look at the table is added to any.
func TestFilesAfterARollbackAreRefused(t *testing.T) {
	eachPlace(t, conformFilesAfterARollbackAreRefused)
}

func conformFilesAfterARollbackAreRefused(t *testing.T, p lakeAt) {
	l := p.open(t)
	name := Name{"marts", "numbers"}
	target, err := l.PrepareReplace(t.Context(), Spec{Name: name, Schema: schema.Schema{Columns: []schema.Column{{Name: "n", Type: typ(schema.Long)}}}})
	if err != nil {
		t.Fatal(err)
	}
	file := func(from int) []string { return []string{p.numbers(t, target.Dir, target.Schema, from, 1)} }
	first, err := l.ReplaceFiles(t.Context(), Write{Files: file(0)}, &target)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = l.AppendFiles(t.Context(), Write{Table: name, Files: file(1)}); err != nil {
		t.Fatal(err)
	}
	read, err := l.Table(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = l.AppendFiles(t.Context(), Write{Table: name, Files: file(2), Read: read}); err != nil {
		t.Fatal(err) // nothing went back
	}
	if _, err = l.Rollback(t.Context(), name, RollbackOptions{Snapshot: first}); err != nil {
		t.Fatal(err)
	}
	if _, err = l.AppendFiles(t.Context(), Write{Table: name, Files: file(3), Read: read}); !errors.Is(err, ErrRolledBack) {
		t.Errorf("append: %v", err)
	}
	if _, err = l.DeltaFiles(t.Context(), Write{Table: name, Files: file(3), Base: first, Read: read}); !errors.Is(err, ErrRolledBack) || errors.Is(err, ErrConflict) {
		t.Errorf("delta: %v", err)
	}
	if _, err = l.AppendFiles(t.Context(), Write{Table: name, Files: file(4)}); err != nil {
		t.Fatal(err)
	}
	if n := rowsOf(t, l, name); n != 2 {
		t.Errorf("%d rows, want the first one and the last", n)
	}
}

// childRollbacks loads and rolls back in turns until it is killed; args: a lakeAt's address.
func childRollbacks(args []string) error {
	ctx := context.Background()
	l, err := openAddress(ctx, args[0])
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		if err := advance(ctx, l, 3); err != nil {
			return err
		}
		table, err := l.Table(ctx, gamesName)
		if err != nil {
			return err
		}
		all := table.Snapshots()
		if _, err := l.Rollback(ctx, gamesName, RollbackOptions{Snapshot: all[(i*7)%len(all)].ID}); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

// TestKilledRollbacks kills a process between the steps of loads and rollbacks:
// cursor and rows always belong together.
func TestKilledRollbacks(t *testing.T) { eachPlace(t, conformKilledRollbacks) }

func conformKilledRollbacks(t *testing.T, p lakeAt) {
	l := p.open(t)
	s := games()
	s.Partition = nil
	newTable(t, l, s)
	luck := rand.New(rand.NewPCG(6, 6))
	for range 5 {
		cmd := child(t, "rollbacks", p.address())
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines, n := bufio.NewScanner(out), 1+luck.IntN(4); n > 0 && lines.Scan(); n-- {
		}
		time.Sleep(time.Duration(luck.IntN(30)) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
		table, err := l.Table(t.Context(), gamesName)
		if err != nil {
			t.Fatal(err)
		}
		cursor, _ := strconv.Atoi(table.State()["cursor"])
		wantUpToCursor(t, l, cursor)
	}
	if err := advance(t.Context(), l, 5); err != nil {
		t.Fatal(err)
	}
}
