package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

// loadAt loads rows as a load that began at a time.
func loadAt(t *testing.T, l *Lake, at time.Time, o LoadOptions, from, n int) {
	t.Helper()
	ld, err := l.NewLoad(t.Context(), gamesName, o)
	if err != nil {
		t.Fatal(err)
	}
	ld.began = at
	if err := ld.Write(t.Context(), gameRows(from, n)); err != nil {
		t.Fatal(err)
	}
	if _, err := ld.Commit(t.Context(), StateUpdate{Set: map[string]string{"cursor": fmt.Sprint(from + n)}}); err != nil {
		t.Fatal(err)
	}
}

const kept30 = 30 * 24 * time.Hour

// aged is a table whose first 100 rows are a minute too old, the next 100 are
// not by a minute, and whose last 50 are new.
func aged(t *testing.T, p lakeAt) *Lake {
	l := p.open(t)
	newTable(t, l, games())
	edge := time.Now().Add(-kept30)
	loadAt(t, l, edge.Add(-time.Minute), LoadOptions{ID: "old"}, 0, 100)
	loadAt(t, l, edge.Add(time.Minute), LoadOptions{ID: "edge"}, 100, 100)
	loadAt(t, l, time.Now(), LoadOptions{ID: "new"}, 200, 50)
	return l
}

// wantGames fails unless the table holds just these games.
func wantGames(t *testing.T, l *Lake, from, to int) {
	t.Helper()
	got := urls(t, l)
	for i := from; i < to; i++ {
		if got[fmt.Sprintf("game/%06d", i)] != 1 {
			t.Fatalf("game %d is there %d times", i, got[fmt.Sprintf("game/%06d", i)])
		}
	}
	if len(got) != to-from || rowsOf(t, l, gamesName) != int64(to-from) {
		t.Fatalf("%d games, %d rows by the manifests; want %d", len(got), rowsOf(t, l, gamesName), to-from)
	}
}

func TestRowsOlderThanKeptGo(t *testing.T) { eachPlace(t, conformRowsOlderThanKeptGo) }

func conformRowsOlderThanKeptGo(t *testing.T, p lakeAt) {
	l := aged(t, p)
	o := MaintainOptions{RowsKept: kept30, DryRun: true}
	if r := maintain(t, l, o); r != (MaintainResult{RowsRemoved: 100}) {
		t.Fatalf("dry run: %+v", r)
	}
	wantGames(t, l, 0, 250)
	o.DryRun = false
	files := len(filesOf(t, l, gamesName).Data)
	if r := maintain(t, l, o); r != (MaintainResult{RowsRemoved: 100}) {
		t.Fatalf("%+v", r)
	}
	wantGames(t, l, 100, 250)
	all := snapshotsOf(t, l)
	if last := all[len(all)-1]; len(all) != 4 || last.Operation != "delete" || last.Summary["total-records"] != "150" || len(filesOf(t, l, gamesName).Data) != files-5 {
		t.Errorf("files that are wholly old are dropped, nothing else: %+v", last)
	}
	if r := maintain(t, l, o); r != (MaintainResult{}) || len(snapshotsOf(t, l)) != 4 {
		t.Errorf("the second time: %+v", r)
	}
	table, err := l.Table(t.Context(), gamesName)
	if err != nil || table.State()["cursor"] != "250" {
		t.Errorf("%v, the cursor is at %v", err, table.State())
	}
	if r := load(t, l, gamesName, LoadOptions{ID: "old"}, StateUpdate{}, gameRows(0, 100)); !r.Again {
		t.Errorf("the load is remembered: %+v", r)
	}
	maintain(t, l, everything) // and then the bytes go
	left := 0
	for _, path := range p.files(t, l) {
		if strings.HasSuffix(path, ".parquet") {
			left++
		}
	}
	if left != len(filesOf(t, l, gamesName).Data) && p.tables == "" || len(snapshotsOf(t, l)) != 1 {
		t.Errorf("history: %+v", snapshotsOf(t, l))
	}
	wantGames(t, l, 100, 250)
}

// Compacted files mix loads: they are written anew without the old rows.
func TestOldRowsOfMixedFiles(t *testing.T) { eachPlace(t, conformOldRowsOfMixedFiles) }

func conformOldRowsOfMixedFiles(t *testing.T, p lakeAt) {
	l := aged(t, p)
	edge := time.Now().Add(-kept30)
	for i := range 4 {
		loadAt(t, l, edge.Add(time.Duration(i)*time.Hour+time.Minute), LoadOptions{}, 250+i*10, 10)
	}
	maintain(t, l, MaintainOptions{Compact: true})
	if n := len(filesOf(t, l, gamesName).Data); n != 5 {
		t.Fatalf("%d files, want one a partition", n)
	}
	if r := maintain(t, l, MaintainOptions{RowsKept: kept30}); r.RowsRemoved != 100 {
		t.Fatalf("%+v", r)
	}
	wantGames(t, l, 100, 290)
	if r := maintain(t, l, MaintainOptions{RowsKept: kept30, Compact: true}); r != (MaintainResult{}) {
		t.Errorf("the second time: %+v", r)
	}
}

// What is more than one commit takes is done by several, and a dry run counts
// all of it.
func TestDryRunCountsEveryBatch(t *testing.T) {
	p := lakeAt{home: t.TempDir()}
	l := aged(t, p)
	for i := range 4 {
		loadAt(t, l, time.Now(), LoadOptions{}, 250+i*10, 10)
	}
	maintain(t, l, MaintainOptions{Compact: true}) // into one file a partition, of old and of new rows
	l.batch = 1
	o := MaintainOptions{RowsKept: kept30, DryRun: true}
	if r := maintain(t, l, o); r != (MaintainResult{RowsRemoved: 100}) {
		t.Errorf("dry run: %+v", r)
	}
	before := len(snapshotsOf(t, l))
	o.DryRun = false
	if r := maintain(t, l, o); r != (MaintainResult{RowsRemoved: 100}) || len(snapshotsOf(t, l)) != before+5 {
		t.Errorf("%+v in %d commits, want one a file", r, len(snapshotsOf(t, l))-before)
	}
	wantGames(t, l, 100, 290)
	for i := range 4 {
		loadAt(t, l, time.Now(), LoadOptions{}, 290+i*10, 10)
	}
	dry, done := maintain(t, l, MaintainOptions{Compact: true, DryRun: true}), maintain(t, l, MaintainOptions{Compact: true})
	if dry != done || done.FilesCompacted != 25 {
		t.Errorf("compaction: the dry run says %+v, it did %+v", dry, done)
	}
}

// Rows that position deletes removed neither count nor come back, and delete
// files go with the last data file that they apply to.
func TestOldRowsAndDeletedRows(t *testing.T) { eachPlace(t, conformOldRowsAndDeletedRows) }

func conformOldRowsAndDeletedRows(t *testing.T, p lakeAt) {
	l := p.open(t)
	s := games()
	s.Partition = nil
	newTable(t, l, s)
	edge := time.Now().Add(-kept30)
	loadAt(t, l, edge.Add(-time.Hour), LoadOptions{}, 0, 100)
	loadAt(t, l, edge.Add(time.Hour), LoadOptions{}, 100, 100)
	// The same keys with other values: rows of the two files are deleted.
	ld, err := l.NewLoad(t.Context(), gamesName, LoadOptions{Merge: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := ld.Write(t.Context(), changed(gameRows(90, 20))); err != nil {
		t.Fatal(err)
	}
	if _, err := ld.Commit(t.Context(), StateUpdate{}); err != nil {
		t.Fatal(err)
	}
	wantGames(t, l, 0, 200)
	if n := len(filesOf(t, l, gamesName).Deletes); n != 2 {
		t.Fatalf("%d delete files, want one a data file", n)
	}
	if r := maintain(t, l, MaintainOptions{RowsKept: kept30}); r.RowsRemoved != 90 {
		t.Fatalf("%+v", r)
	}
	wantGames(t, l, 90, 200)
	if n := len(filesOf(t, l, gamesName).Deletes); n != 1 {
		t.Errorf("%d delete files, want the other's", n)
	}
	all := snapshotsOf(t, l)
	if got := all[len(all)-1].Summary["total-position-deletes"]; got != "10" {
		t.Errorf("%s deleted positions", got)
	}
}

func TestALoadDuringRetirementLosesNothing(t *testing.T) {
	eachPlace(t, conformALoadDuringRetirementLosesNothing)
}

func conformALoadDuringRetirementLosesNothing(t *testing.T, p lakeAt) {
	l := aged(t, p)
	swap, races := l.swap, 3
	l.swap = func(ctx context.Context, n Name, old, next entry) error {
		if races > 0 {
			races--
			other := p.open(t)
			load(t, other, gamesName, LoadOptions{}, StateUpdate{}, gameRows(250+races*10, 10))
		}
		return swap(ctx, n, old, next)
	}
	if r := maintain(t, l, MaintainOptions{RowsKept: kept30}); r.RowsRemoved != 100 || races != 0 {
		t.Fatalf("%+v, %d races left", r, races)
	}
	wantGames(t, l, 100, 280)
	if found := l.Check(t.Context()); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

// The edge is exact, wherever the rows are: neither a file's bounds nor its
// rows lose or keep one too many.
func TestRetirementIsExact(t *testing.T) {
	l := openLake(t, t.TempDir())
	s := games()
	s.Partition = nil
	newTable(t, l, s)
	at := time.UnixMicro(1_700_000_000_000_000)
	for i := range 7 {
		loadAt(t, l, at.Add(time.Duration(i-3)*time.Microsecond), LoadOptions{}, i*10, 10)
	}
	for _, compacted := range []bool{false, true} {
		if compacted {
			maintain(t, l, MaintainOptions{Compact: true})
		}
		table, err := l.Table(t.Context(), gamesName)
		if err != nil {
			t.Fatal(err)
		}
		for off := -4; off <= 4; off++ {
			p, err := table.retirement(t.Context(), at.Add(time.Duration(off)*time.Microsecond).UnixMicro(), math.MaxInt64)
			if want := int64(min(max(off+3, 0), 7) * 10); err != nil || p.rows != want {
				t.Errorf("compacted %v, %d µs: %d rows go, want %d, %v", compacted, off, p.rows, want, err)
			}
		}
	}
}

func TestRetirementNeedsItsColumn(t *testing.T) {
	l := openLake(t, t.TempDir())
	newTable(t, l, Spec{Name: gamesName, Schema: schema.Schema{Columns: []schema.Column{{Name: "x", Type: typ(schema.Long)}}}})
	_, err := l.Maintain(t.Context(), gamesName, MaintainOptions{RowsKept: kept30})
	if err == nil || !strings.Contains(err.Error(), ColumnLoadedAt) || fault.Next(err) == "" {
		t.Errorf("%v", err)
	}
}

// Where the old rows cannot be told, the table is kept small all the same.
func TestMaintainGoesOn(t *testing.T) { eachPlace(t, conformMaintainGoesOn) }

func conformMaintainGoesOn(t *testing.T, p lakeAt) {
	l := p.open(t)
	s := games()
	s.Partition = nil
	s.Schema.Columns = slices.DeleteFunc(slices.Clone(s.Schema.Columns), func(c schema.Column) bool { return c.Name == ColumnLoadedAt })
	newTable(t, l, s)
	for i := range 6 {
		load(t, l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(i*10, 10))
	}
	r, err := l.Maintain(t.Context(), gamesName, MaintainOptions{RowsKept: kept30, Compact: true, Expire: true, KeepFor: time.Nanosecond})
	if err == nil || !strings.Contains(err.Error(), "remove the old rows of") || strings.Contains(err.Error(), "compact") {
		t.Errorf("%v", err)
	}
	if r.FilesCompacted != 6 || r.SnapshotsExpired != 6 {
		t.Errorf("%+v", r)
	}
	missing := Name{gamesName.Schema, "nope"}
	if _, err := l.Maintain(t.Context(), missing, MaintainOptions{Compact: true, Expire: true}); !errors.Is(err, ErrNotFound) || strings.Contains(err.Error(), "expire") {
		t.Errorf("a table that is not there is told once: %v", err)
	}
}

// A row whose time is not known stays.
func TestRowsWithoutATimeStay(t *testing.T) {
	l := openLake(t, t.TempDir())
	newTable(t, l, games())
	path := under(folderOf(t, l, gamesName), "data", "by-hand.parquet")
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	c := parquetfile.NewChunk(table.Schema())
	rows := gameRows(0, 1)
	if err := c.AppendRecord(rows); err != nil {
		t.Fatal(err)
	}
	w, err := parquetfile.Create(path, table.Schema(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteRows(c, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.AppendFiles(t.Context(), Write{Table: gamesName, Files: []string{path}}); err != nil {
		t.Fatal(err)
	}
	if r := maintain(t, l, MaintainOptions{RowsKept: time.Hour}); r != (MaintainResult{}) {
		t.Errorf("%+v", r)
	}
}
