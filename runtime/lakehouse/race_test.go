package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/apache/iceberg-go"

	"github.com/floe-data/floe/runtime/schema"
)

// TestMergesOfTheSameKeys: merges of the same keys race, and answers are lost;
// each key is there once, with the values of one of the loads.
func TestMergesOfTheSameKeys(t *testing.T) { eachPlace(t, conformMergesOfTheSameKeys) }

func conformMergesOfTheSameKeys(t *testing.T, p lakeAt) {
	const keys, racers, rounds = 30, 4, 3
	newTable(t, p.open(t), players())
	errs := make([]error, racers)
	var wg sync.WaitGroup
	for w := range racers {
		l := p.open(t) // lakes of their own, so that they do race
		l.swap = lossy(l.swap, rand.New(rand.NewPCG(uint64(w), 3)))
		wg.Go(func() {
			for i := range rounds {
				var rows []player
				for k := range keys {
					rows = append(rows, player{id: int64(k), region: "r", score: int64(w*100 + i)})
				}
				_, err := tryLoad(context.Background(), l, playersName, LoadOptions{Merge: true}, StateUpdate{}, playerBatch(rows, false))
				errs[w] = errors.Join(errs[w], err)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	rows := scan(t, p.open(t), playersName)
	score := rows[0][strings.LastIndex(rows[0], "|"):]
	for k, r := range rows {
		if !strings.HasSuffix(r, score) {
			t.Errorf("row %d is of another load: %s, not %s", k, r, score)
		}
	}
	if len(rows) != keys {
		t.Fatalf("%d rows of %d keys", len(rows), keys)
	}
}

func TestLoadsAddTheSameColumn(t *testing.T) { eachPlace(t, conformLoadsAddTheSameColumn) }

func conformLoadsAddTheSameColumn(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, players())
	extra := []schema.Column{{Name: "extra", Type: typ(schema.String)}}
	var loads []*Load
	for range 3 {
		ld, err := l.NewLoad(t.Context(), playersName, LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		loads = append(loads, ld)
	}
	for i, ld := range loads {
		if err := ld.Write(t.Context(), playerBatch([]player{{int64(i), "a", nil, nil}}, false)); err != nil {
			t.Fatal(err)
		}
		if err := ld.AddColumns(t.Context(), extra); err != nil {
			t.Fatal(err)
		}
		if err := ld.Write(t.Context(), playerBatch([]player{{int64(i) + 10, "a", nil, "x"}}, true)); err != nil {
			t.Fatal(err)
		}
	}
	for _, ld := range loads {
		if _, err := ld.Commit(t.Context(), StateUpdate{}); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(scan(t, l, playersName), " "); got != "0|a|(null)|(null) 10|a|(null)|x 11|a|(null)|x 12|a|(null)|x 1|a|(null)|(null) 2|a|(null)|(null)" {
		t.Fatal(got)
	}
}

func TestStateIsExpected(t *testing.T) { eachPlace(t, conformStateIsExpected) }

func conformStateIsExpected(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, games())
	set := func(value, expected string) error {
		_, err := tryLoad(t.Context(), l, gamesName, LoadOptions{}, StateUpdate{Set: map[string]string{"cursor": value}, Expect: map[string]string{"cursor": expected}}, gameRows(0, 1))
		return err
	}
	if err := set("1", ""); err != nil {
		t.Fatal(err)
	}
	if err := set("2", ""); !errors.Is(err, ErrStateMoved) {
		t.Fatalf("the state was 1: %v", err)
	}
	if err := set("2", "1"); err != nil {
		t.Fatal(err)
	}
	if err := l.SetState(t.Context(), gamesName, StateUpdate{Delete: []string{"cursor"}, Expect: map[string]string{"cursor": "2"}}); err != nil {
		t.Fatal(err)
	}
	table, err := l.Table(t.Context(), gamesName)
	if err != nil || len(table.State()) > 0 {
		t.Fatal(table.State(), err)
	}
	if n := rowsOf(t, l, gamesName); n != 2 {
		t.Fatalf("%d rows: the refused load left some", n)
	}
}

// TestManifestsAreMerged: a table of many small loads has few manifests.
func TestManifestsAreMerged(t *testing.T) { eachPlace(t, conformManifestsAreMerged) }

func conformManifestsAreMerged(t *testing.T, p lakeAt) {
	const loads = manyManifests + 5
	l := p.open(t)
	s := players()
	newTable(t, l, s)
	for i := range loads {
		load(t, l, playersName, LoadOptions{Merge: true}, StateUpdate{}, playerBatch([]player{{int64(i), "a", nil, nil}, {int64(i) / 2, "b", int64(i), nil}}, false))
	}
	table, err := l.Table(t.Context(), playersName)
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := l.manifests(t.Context(), table.ice.CurrentSnapshot())
	if err != nil {
		t.Fatal(err)
	}
	count := map[iceberg.ManifestContent]int{}
	for _, m := range manifests {
		count[m.ManifestContent()]++
	}
	if count[iceberg.ManifestContentData] > manyManifests {
		t.Errorf("manifests: %v", count)
	}
	if rows := scan(t, l, playersName); len(rows) != loads+(loads+1)/2 {
		t.Errorf("%d rows", len(rows))
	}
	total := table.ice.CurrentSnapshot().Summary.Properties
	want := fmt.Sprintf("%d records in %d files, %d deletes", 2*loads, loads, loads/2)
	if got := fmt.Sprintf("%s records in %s files, %s deletes", total["total-records"], total["total-data-files"], total["total-position-deletes"]); got != want {
		t.Errorf("totals: %s, want %s", got, want)
	}
}

// TestARowThatBreaksTheTable is refused whole, and the load goes on.
func TestARowThatBreaksTheTable(t *testing.T) { eachPlace(t, conformARowThatBreaksTheTable) }

func conformARowThatBreaksTheTable(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, players())
	ld, err := l.NewLoad(t.Context(), playersName, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for want, b := range map[string]func() error{
		`column "n" is not in the table`: func() error { return ld.Write(t.Context(), decimalBatch(1)) },
		`"region" is required`:           func() error { return ld.Write(t.Context(), oneColumn("id")) },
		`"score" is long, an Arrow utf8`: func() error { return ld.Write(t.Context(), textColumn("score")) },
	} {
		if err := b(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	if err := ld.Write(t.Context(), playerBatch([]player{{1, "a", nil, nil}}, false)); err != nil {
		t.Fatal(err)
	}
	r, err := ld.Commit(t.Context(), StateUpdate{})
	if err != nil || r.Rows != 1 {
		t.Fatal(r, err)
	}
}

// TestALostAnswerLongAgo: a commit was taken, its answer was lost, and before
// the table is looked at again so many others came that the log of metadata
// files no longer names it. Its files are the table's.
func TestALostAnswerLongAgo(t *testing.T) { eachPlace(t, conformALostAnswerLongAgo) }

func conformALostAnswerLongAgo(t *testing.T, p lakeAt) {
	l, other := p.open(t), p.open(t)
	newTable(t, l, players())
	first := playerBatch([]player{{id: 1, region: "r", score: int64(1)}, {id: 2, region: "r", score: int64(1)}}, false)
	if _, err := tryLoad(t.Context(), l, playersName, LoadOptions{}, StateUpdate{}, first); err != nil {
		t.Fatal(err)
	}
	swap, lost := l.swap, false
	l.swap = func(ctx context.Context, n Name, old, next entry) error {
		err := swap(ctx, n, old, next)
		if lost || err != nil {
			return err
		}
		lost = true
		for i := range 30 {
			if err := other.SetState(ctx, n, StateUpdate{Set: map[string]string{"i": fmt.Sprint(i)}}); err != nil {
				return err
			}
		}
		return errors.New("the answer was lost")
	}
	second := playerBatch([]player{{id: 2, region: "r", score: int64(2)}, {id: 3, region: "r", score: int64(2)}}, false)
	if _, err := tryLoad(t.Context(), l, playersName, LoadOptions{Merge: true}, StateUpdate{}, second); err != nil {
		t.Fatal(err)
	}
	if found := other.Check(t.Context()); len(found) > 0 || rowsOf(t, other, playersName) != 3 {
		t.Errorf("%+v, %d rows", found, rowsOf(t, other, playersName))
	}
}
