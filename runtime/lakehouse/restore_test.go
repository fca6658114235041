package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/schema"
)

// backup is a copy of a lake's files at another place of the same kind.
type backup struct {
	lakeAt        // the new place, whose schemas are empty
	from   string // where the copy lies
}

// backUp copies all files of a lake to a new place, as a replica does: names
// and contents, nothing of the catalog.
func (p lakeAt) backUp(t *testing.T) backup {
	t.Helper()
	b := backup{lakeAt: p.another(t)}
	if p.aws == nil {
		b.from = filepath.Join(t.TempDir(), "copy of the home")
		if err := os.CopyFS(b.from, os.DirFS(p.home)); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(b.from, "catalog.db")); err != nil {
			t.Fatal(err)
		}
		return b
	}
	b.from = "s3://replica"
	b.aws.BucketIn("replica", "eu-north-1") // of another region, as a replica is
	for _, bucket := range []string{"landing", "lake"} {
		for _, key := range p.aws.Keys(bucket) {
			content, _ := p.aws.Object(bucket, key)
			b.aws.PutObject("replica", key, content, p.modified(bucket, key))
		}
	}
	return b
}

// lose removes files of the copy whose names hold a text; it gives how many.
func (b backup) lose(t *testing.T, parts ...string) int {
	t.Helper()
	lost := 0
	for _, path := range b.list(t) {
		for _, part := range parts {
			if strings.Contains(path, part) {
				b.drop(t, path)
				lost++
				break
			}
		}
	}
	return lost
}

func (b backup) drop(t *testing.T, path string) {
	t.Helper()
	if b.aws == nil {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return
	}
	bucket, key := object(path)
	b.aws.DeleteObject(*bucket, *key)
}

// list is every file of the copy with its size.
func (b backup) list(t *testing.T) []string {
	t.Helper()
	l := b.open(t)
	found, err := l.fs.list(t.Context(), b.from)
	if err != nil {
		t.Fatal(err)
	}
	paths := make([]string, len(found))
	for i, f := range found {
		paths[i] = f.path
	}
	slices.Sort(paths)
	return paths
}

// restore restores all of the copy, which must go well, and the copy must be untouched.
func (b backup) restore(t *testing.T, o RestoreOptions) (*Lake, map[string]Restored) {
	t.Helper()
	before := b.list(t)
	l := b.open(t)
	o.From = b.from
	done, err := l.Restore(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if after := b.list(t); !slices.Equal(before, after) {
		t.Errorf("the copy was changed: %d files, were %d", len(after), len(before))
	}
	byName := map[string]Restored{}
	for _, r := range done {
		byName[r.Table.String()] = r
	}
	return l, byName
}

// wantSame fails unless a table of a restored lake is what it was, snapshot by snapshot.
func wantSame(t *testing.T, was, is *Lake, n Name) {
	t.Helper()
	old, err := was.Table(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	now, err := is.Table(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := fmt.Sprint(old.Schema(), old.Spec(), old.State(), old.SnapshotID()), fmt.Sprint(now.Schema(), now.Spec(), now.State(), now.SnapshotID()); a != b {
		t.Errorf("%s: was %s\nis %s", n, a, b)
	}
	if found := is.Check(t.Context()); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	for _, s := range old.Snapshots() {
		for _, l := range []*Lake{was, is} {
			if _, err := l.Rollback(t.Context(), n, RollbackOptions{Snapshot: s.ID, KeepState: true}); err != nil {
				t.Fatal(err)
			}
		}
		if a, b := scan(t, was, n), scan(t, is, n); !slices.Equal(a, b) {
			t.Errorf("%s, snapshot %d: %d rows, were %d", n, s.ID, len(b), len(a))
		}
	}
}

// library is a lake of all that a table may have: partitions, merges (so
// position deletes), a compaction, columns that came and were renamed, a cursor.
func library(t *testing.T, p lakeAt) *Lake {
	t.Helper()
	l := p.open(t)
	newTable(t, l, games())
	for i := range 3 {
		load(t, l, gamesName, LoadOptions{}, StateUpdate{Set: map[string]string{"cursor": fmt.Sprint(i)}}, gameRows(i*40, 60))
	}
	load(t, l, gamesName, LoadOptions{Merge: true}, StateUpdate{}, changed(gameRows(30, 30)))
	maintain(t, l, MaintainOptions{Compact: true})
	load(t, l, gamesName, LoadOptions{Merge: true}, StateUpdate{}, changed(gameRows(100, 30)))
	newTable(t, l, players())
	luck := rand.New(rand.NewPCG(1, 1))
	for i := range 4 {
		var rows []player
		for range 25 {
			rows = append(rows, player{id: luck.Int64N(60), region: fmt.Sprint("region ", i%2), score: luck.Int64N(100)})
		}
		load(t, l, playersName, LoadOptions{Merge: true}, StateUpdate{}, playerBatch(rows, false))
	}
	evolved := games()
	evolved.Schema.Columns[2].Name = "elo"
	evolved.Renames = map[string]string{"elo": "rating"}
	evolved.Schema.Columns = append(evolved.Schema.Columns, schema.Column{Name: "note", Type: typ(schema.String)})
	evolved.Partition = nil
	if _, err := l.Apply(t.Context(), evolved, ApplyOptions{AllowBreaking: true}); err != nil {
		t.Fatal(err)
	}
	load(t, l, gamesName, LoadOptions{}, StateUpdate{Set: map[string]string{"cursor": "9"}}, gameRowsFor(evolved))
	if l.catalog.noViews(Name{}) == nil {
		if err := l.PutView(t.Context(), View{Name: Name{"landing_chess", "v"}, SQL: "select 1 as a", Schema: schema.Schema{Columns: []schema.Column{{Name: "a", Type: typ(schema.Long)}}}}); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func TestRestore(t *testing.T) { eachFolder(t, conformRestore) }

func conformRestore(t *testing.T, p lakeAt) {
	was := library(t, p)
	b := p.backUp(t)
	if _, dry := b.restore(t, RestoreOptions{DryRun: true}); dry[gamesName.String()].Files == 0 || dry[gamesName.String()].State != RestoreWould {
		t.Errorf("dry run: %+v", dry)
	}
	if relations, err := b.open(t).Relations(t.Context(), ""); err != nil || len(relations) != 0 {
		t.Fatalf("a dry run made %v, %v", relations, err)
	}
	is, done := b.restore(t, RestoreOptions{})
	r := done[gamesName.String()]
	if r.State != RestoreDone || r.Rows != rowsOf(t, was, gamesName) || r.Snapshots != 7 || r.Lost.Snapshots != 0 || r.Lost.Older != 0 || len(r.Lost.Missing) != 0 || r.Bytes == 0 {
		t.Errorf("%+v", r)
	}
	if v := done["landing_chess.v"]; p.aws == nil && v.State != RestoreView {
		t.Errorf("%+v", done)
	}
	// Done again it finds what is there.
	_, again := b.restore(t, RestoreOptions{})
	if again[gamesName.String()].State != RestoreThere || again[playersName.String()].State != RestoreThere {
		t.Errorf("%+v", again)
	}
	wantSame(t, was, is, gamesName)
	wantSame(t, was, is, playersName)
	// The copy may go, and the table goes on.
	b.lose(t, "")
	before := len(scan(t, is, playersName))
	load(t, is, playersName, LoadOptions{Merge: true}, StateUpdate{}, playerBatch([]player{{id: 7, region: "new", score: int64(1)}, {id: 1000, region: "new", score: int64(2)}}, false))
	maintain(t, is, everything)
	if after := len(scan(t, is, playersName)); after < before+1 || after > before+2 {
		t.Errorf("%d rows, were %d", after, before)
	}
	if found := is.Check(t.Context()); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

// Snapshots of the history that are not whole are left out, and named.
func TestRestoreKeepsTheHistoryThatIsWhole(t *testing.T) {
	eachFolder(t, conformRestoreKeepsTheHistoryThatIsWhole)
}

func conformRestoreKeepsTheHistoryThatIsWhole(t *testing.T, p lakeAt) {
	was := library(t, p)
	table, err := was.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	all := table.ice.Metadata().Snapshots()
	b := p.backUp(t)
	list := all[2].ManifestList
	b.lose(t, list[strings.LastIndex(list, "/"):])
	is, done := b.restore(t, RestoreOptions{Only: []string{"landing_chess.games"}})
	if r := done[gamesName.String()]; r.Lost.Older != 1 || r.Snapshots != len(all)-1 || len(done) != 1 {
		t.Errorf("%+v", done)
	}
	if _, err := is.Rollback(t.Context(), gamesName, RollbackOptions{Snapshot: all[2].SnapshotID}); fault.Code(err) != int(fault.Usage) {
		t.Errorf("%v", err)
	}
	if a, b := scan(t, was, gamesName), scan(t, is, gamesName); !slices.Equal(a, b) {
		t.Errorf("%d rows, were %d", len(b), len(a))
	}
}

// Nothing is overwritten but an entry whose metadata is lost.
func TestRestoreOverwritesNothing(t *testing.T) { eachFolder(t, conformRestoreOverwritesNothing) }

func conformRestoreOverwritesNothing(t *testing.T, p lakeAt) {
	was := library(t, p)
	b := p.backUp(t)
	is, _ := b.restore(t, RestoreOptions{})
	load(t, is, playersName, LoadOptions{}, StateUpdate{}, playerBatch([]player{{id: 1000, region: "x", score: int64(1)}}, false))
	n := len(scan(t, is, playersName))
	_, err := is.Restore(t.Context(), RestoreOptions{From: b.from})
	if !errors.Is(err, ErrExists) || !strings.Contains(err.Error(), playersName.String()) || strings.Contains(err.Error(), gamesName.String()) || !strings.Contains(fault.Next(err), "floe rollback") {
		t.Fatalf("%v", err)
	}
	if got := len(scan(t, is, playersName)); got != n {
		t.Errorf("%d rows, were %d", got, n)
	}
	// The bucket is lost, and the catalog still names what lay there.
	found, err := is.fs.list(t.Context(), folderOf(t, is, playersName))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if err := is.fs.remove([]string{f.path}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := is.Table(t.Context(), playersName); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	_, done := b.restore(t, RestoreOptions{Only: []string{"landing_chess", "landing.players"}})
	if r := done[playersName.String()]; r.State != RestoreDone || done[gamesName.String()].State != RestoreThere {
		t.Errorf("%+v", done)
	}
	wantSame(t, was, b.open(t), playersName)
}

// A restore that is cut off at any step leaves nothing that readers see, and the
// next one ends what it began.
func TestRestoreCutOff(t *testing.T) { eachFolder(t, conformRestoreCutOff) }

func conformRestoreCutOff(t *testing.T, p lakeAt) {
	was := library(t, p)
	b := p.backUp(t)
	l := b.open(t)
	swap := l.swap
	for _, done := range []bool{false, true} {
		l.swap = func(ctx context.Context, n Name, old, next entry) error {
			if done {
				if err := swap(ctx, n, old, next); err != nil {
					return err
				}
			}
			return errors.New("the connection broke")
		}
		_, err := l.Restore(t.Context(), RestoreOptions{From: b.from, Only: []string{"landing_chess.games"}})
		if done == (err != nil) {
			t.Fatalf("the swap was done: %v; %v", done, err)
		}
		table, _, err := l.Exists(t.Context(), gamesName)
		if err != nil || table != done {
			t.Fatalf("the table is there: %v, %v", table, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Restore(ctx, RestoreOptions{From: b.from}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	is, done := b.restore(t, RestoreOptions{})
	if done[gamesName.String()].State != RestoreThere || done[playersName.String()].State != RestoreDone {
		t.Errorf("%+v", done)
	}
	wantSame(t, was, is, gamesName)
}

func TestRestoreUsedWrongly(t *testing.T) {
	p := lakeAt{home: t.TempDir()}
	l := library(t, p)
	b := p.backUp(t)
	for _, tc := range []struct {
		lake *Lake
		o    RestoreOptions
		want string
	}{
		{l, RestoreOptions{}, "from where?"},
		{l, RestoreOptions{From: "s3://replica"}, "a home is restored from a folder"},
		{openCloud(t, cloud(t)), RestoreOptions{From: b.from}, "a stack from S3"},
		{l, RestoreOptions{From: t.TempDir()}, "no table below"},
		{l, RestoreOptions{From: b.from, Only: []string{"marts", "landing_chess.gamess"}}, "no table and no schema landing_chess.gamess"},
	} {
		_, err := tc.lake.Restore(t.Context(), tc.o)
		if fault.Code(err) != int(fault.Usage) || !strings.Contains(fmt.Sprint(err), tc.want) || fault.Next(err) == "" {
			t.Errorf("%+v: %v; %s", tc.o, err, fault.Next(err))
		}
	}
}

// Locations are taken however they are written; one that is elsewhere stays.
func TestRestoreMoves(t *testing.T) {
	m := move{was: "/old/table", from: "/copy/table", to: "/new/table"}
	for location, want := range map[string]string{
		"file:///old/table/data/a": "/new/table/data/a", "file:/old/table/data/a": "/new/table/data/a", "/old/table/metadata/m": "/new/table/metadata/m",
		"file:///old/tables/data/a": "file:///old/tables/data/a", "file:///old/table/../secret": "file:///old/table/../secret", "s3://b/old/table/a": "s3://b/old/table/a",
	} {
		got := m.moved(location)
		if strings.HasPrefix(want, "/new") {
			want = FileURL(want)
		}
		if got != want {
			t.Errorf("%s -> %s, want %s", location, got, want)
		}
	}
	s := move{was: "s3://old/marts/t", from: "s3://replica/marts/t", to: "s3://new/marts/t"}
	for location, want := range map[string]string{"s3a://old/marts/t/data/x=a%20b/f": "s3://new/marts/t/data/x=a%20b/f", "s3://old/marts/t2/f": "s3://old/marts/t2/f"} {
		if got := s.moved(location); got != want {
			t.Errorf("%s -> %s, want %s", location, got, want)
		}
	}
}
