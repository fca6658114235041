package lakehouse

import (
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/schema"
)

// A replica lags behind: what came last is not there, or not whole. The newest
// state that is whole comes back, cursor and all, and the next load goes on.
func TestRestoreOfALaggingCopy(t *testing.T) { eachFolder(t, conformRestoreOfALaggingCopy) }

func conformRestoreOfALaggingCopy(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, games())
	for range 5 {
		if err := advance(t.Context(), l, 20); err != nil {
			t.Fatal(err)
		}
	}
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	all := table.Snapshots()
	data := func(i int) string { // a file that snapshot i added
		older := map[string]bool{}
		for _, f := range filesAt(t, l, all[i-1].ID) {
			older[f] = true
		}
		for _, f := range filesAt(t, l, all[i].ID) {
			if !older[f] {
				return f[strings.LastIndex(f, "/"):]
			}
		}
		t.Fatal("no file")
		return ""
	}
	lists := map[int]string{}
	for i, s := range table.ice.Metadata().Snapshots() {
		lists[i] = s.ManifestList[strings.LastIndex(s.ManifestList, "/"):]
	}
	for name, tc := range map[string]struct {
		lost         []string
		cursor, gone int
	}{
		"the newest load's data file":    {[]string{data(4)}, 80, 1},
		"a list and an older data file":  {[]string{lists[4], data(3)}, 60, 2},
		"the metadata file and its list": {[]string{"/00005-", lists[4]}, 80, 0}, // nothing tells of it
	} {
		t.Run(name, func(t *testing.T) {
			b := p.backUp(t)
			if b.lose(t, tc.lost...) != len(tc.lost) {
				t.Fatal("nothing to lose")
			}
			is, done := b.restore(t, RestoreOptions{})
			r := done[gamesName.String()]
			if r.Lost.Snapshots != tc.gone || tc.gone > 0 && (r.Lost.Rows == nil || *r.Lost.Rows != int64(tc.gone*20) || len(r.Lost.Missing) == 0) {
				t.Errorf("%+v", r)
			}
			wantUpToCursor(t, is, tc.cursor)
			if err := advance(t.Context(), is, 20); err != nil {
				t.Fatal(err)
			}
			wantUpToCursor(t, is, tc.cursor+20)
		})
	}
	t.Run("an old data file", func(t *testing.T) { // every state has it
		b := p.backUp(t)
		b.lose(t, data(1))
		_, err := b.open(t).Restore(t.Context(), RestoreOptions{From: b.from})
		if err != nil {
			t.Fatal(err)
		}
		wantUpToCursor(t, b.open(t), 20)
	})
	t.Run("a data file that is cut off", func(t *testing.T) {
		b := p.backUp(t)
		name := data(4)
		for _, path := range b.list(t) {
			if strings.HasSuffix(path, name) {
				b.put(t, path, []byte("PAR1"))
			}
		}
		is, done := b.restore(t, RestoreOptions{})
		if r := done[gamesName.String()]; r.Lost.Snapshots != 1 || !strings.Contains(r.Lost.Missing[0], "has 4 bytes, not") {
			t.Errorf("%+v", r)
		}
		wantUpToCursor(t, is, 80)
	})
	t.Run("all data files", func(t *testing.T) {
		b := p.backUp(t)
		b.lose(t, ".parquet", "/00000-")
		_, err := b.open(t).Restore(t.Context(), RestoreOptions{From: b.from})
		if fault.Code(err) != int(fault.Failed) || !strings.Contains(err.Error(), "no state of it that is complete") || fault.Next(err) == "" {
			t.Errorf("%v", err)
		}
	})
}

func filesAt(t *testing.T, l *Lake, snapshot int64) []string {
	t.Helper()
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	known, err := l.reach(t.Context(), table, map[int64]bool{snapshot: true})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for path := range known {
		if strings.HasSuffix(path, ".parquet") {
			out = append(out, path)
		}
	}
	slices.Sort(out)
	return out
}

// The copied files lie where the schemas of the new stack do: nothing is copied
// again, and the files that came are not touched.
func TestRestoreInPlace(t *testing.T) {
	p := lakeAt{aws: cloud(t)}
	was := library(t, p)
	next := lakeAt{aws: cloud(t)}
	next.aws.Bucket("new") // than the old stack's
	for _, schemaName := range []string{"landing_chess", "landing"} {
		next.aws.Database(environment.PhysicalSchema("floe", "dev", schemaName), "s3://new/"+schemaName, map[string]string{
			environment.ParameterProject: "floe", environment.ParameterStack: "dev", environment.ParameterSchema: schemaName,
		})
	}
	for _, key := range p.aws.Keys("landing") {
		content, _ := p.aws.Object("landing", key)
		next.aws.PutObject("new", key, content, p.modified("landing", key))
	}
	before := next.aws.Keys("new")
	is := next.open(t)
	done, err := is.Restore(t.Context(), RestoreOptions{})
	if err != nil || len(done) != 2 || done[0].Files != 0 || done[1].Location != "s3://new/landing_chess/games" {
		t.Fatalf("%+v, %v", done, err)
	}
	after := next.aws.Keys("new")
	for _, key := range before {
		if !slices.Contains(after, key) {
			t.Errorf("%s is gone", key)
		}
	}
	wantSame(t, was, is, gamesName)
	wantSame(t, was, is, playersName)
	maintain(t, is, everything) // what came with the copy and is not needed goes as any stray file
	wantSame(t, is, is, playersName)
}

// What an engine built aside and published comes back under the name that it
// took, what it did not publish does not.
func TestRestoreOfAdoptedTables(t *testing.T) {
	p := lakeAt{aws: cloud(t)}
	l := p.open(t)
	target := Name{"marts", "fct"}
	build := func(folder string, rows ...int64) Name {
		staged := Name{"marts", "fct__" + folder}
		spec := Spec{Name: staged, Schema: schema.Schema{Columns: []schema.Column{{Name: "x", Type: typ(schema.Long)}}}}
		meta, err := spec.metadata("s3://lake/marts/fct/floe_" + folder)
		if err != nil {
			t.Fatal(err)
		}
		location, err := l.writeMetadata(t.Context(), meta, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.swap(t.Context(), staged, entry{}, entry{kind: kindTable, location: location, meta: meta}); err != nil {
			t.Fatal(err)
		}
		for _, x := range rows {
			load(t, l, staged, LoadOptions{}, StateUpdate{}, oneValue(schema.Long, x))
		}
		return staged
	}
	for i, folder := range []string{"one", "two"} {
		if err := l.Adopt(t.Context(), target, build(folder, int64(i), 7)); err != nil {
			t.Fatal(err)
		}
	}
	build("three", 8, 9, 10) // newer, and never published
	want := scan(t, l, target)
	is, done := p.backUp(t).restore(t, RestoreOptions{})
	if r := done[target.String()]; len(done) != 1 || !strings.HasSuffix(r.Location, "/marts/fct/floe_two") {
		t.Errorf("%+v", done)
	}
	if got := scan(t, is, target); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
