package lakehouse

import (
	"iter"
	"path"
	"strings"
	"testing"

	ice "github.com/apache/iceberg-go/table"
)

// killed does all of a load against a head but telling the catalog, as a process
// that is killed then does; it gives the metadata file.
func killed(t *testing.T, l *Lake, head *Table, from, n int) string {
	t.Helper()
	ld, err := l.NewLoad(t.Context(), gamesName, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := ld.Write(t.Context(), gameRows(from, n)); err != nil {
		t.Fatal(err)
	}
	o, err := ld.prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d, err := ld.draft(t.Context(), head, o, StateUpdate{Set: map[string]string{"cursor": "wrong"}})
	if err != nil {
		t.Fatal(err)
	}
	meta, err := ice.UpdateTableMetadata(head.ice.Metadata(), d.updates, head.entry.location)
	if err != nil {
		t.Fatal(err)
	}
	location, err := l.writeMetadata(t.Context(), meta, version(head.entry.location)+1)
	if err != nil {
		t.Fatal(err)
	}
	return path.Base(location)
}

// A metadata file that no commit made the table's is not taken for the newest,
// however late it was written.
func TestRestoreTakesWhatWasCommitted(t *testing.T) {
	eachFolder(t, conformRestoreTakesWhatWasCommitted)
}

func conformRestoreTakesWhatWasCommitted(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, games())
	step := func() *Table {
		t.Helper()
		if err := advance(t.Context(), l, 20); err != nil {
			t.Fatal(err)
		}
		table, err := l.Table(t.Context(), gamesName)
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	first, second := step(), step()
	loser := killed(t, l, first, 500, 10)

	// Of the newest version nothing tells.
	_, doubtful := p.backUp(t).restore(t, RestoreOptions{})
	doubt := doubtful[gamesName.String()].Doubt
	if !strings.Contains(doubt, loser+" of ") || !strings.Contains(doubt, path.Base(second.entry.location)+" of ") {
		t.Errorf("doubt %q", doubt)
	}
	b := p.backUp(t)
	b.lose(t, loser)
	is, done := b.restore(t, RestoreOptions{})
	if done[gamesName.String()].Doubt != "" {
		t.Errorf("%+v", done)
	}
	wantUpToCursor(t, is, 40)

	// Once there is a next one, it tells.
	third := step()
	is, done = p.backUp(t).restore(t, RestoreOptions{})
	if r := done[gamesName.String()]; r.Doubt != "" || r.Snapshot != third.SnapshotID() || r.Lost.Snapshots != 0 || len(r.Lost.Missing) != 0 {
		t.Errorf("%+v", r)
	}
	wantUpToCursor(t, is, 60)
	restored, err := is.Table(t.Context(), gamesName)
	if err != nil || version(restored.entry.location) != version(third.entry.location)+1 {
		t.Errorf("%s, after %s: %v", restored.entry.location, third.entry.location, err)
	}

	// What is not whole is not made up for by what was never the table's; what
	// is written then comes after all that the copy has.
	b = p.backUp(t)
	list := second.ice.CurrentSnapshot().ManifestList
	newest := third.ice.CurrentSnapshot().ManifestList
	b.lose(t, path.Base(list), path.Base(newest))
	is, done = b.restore(t, RestoreOptions{})
	if r := done[gamesName.String()]; r.Snapshot != first.SnapshotID() || r.Lost.Snapshots != 2 {
		t.Errorf("%+v", r)
	}
	wantUpToCursor(t, is, 20)
	if restored, err = is.Table(t.Context(), gamesName); err != nil || version(restored.entry.location) != version(third.entry.location)+1 {
		t.Errorf("%s, after %s: %v", restored.entry.location, third.entry.location, err)
	}
}

// The order of editions is their versions', whatever the clocks say.
func TestRankedEditions(t *testing.T) {
	l := openLake(t, t.TempDir())
	newTable(t, l, games())
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	// made is an edition of a file name, a clock and the log of those before it.
	made := func(name string, clock int64, log ...string) edition {
		return edition{folder: "/t", path: "/t/metadata/" + name + metadataEnd, meta: clocked{table.ice.Metadata(), clock, log}}
	}
	unread := edition{folder: "/t", path: "/t/metadata/00009-x" + metadataEnd, err: incomplete{}}
	for what, tc := range map[string]struct {
		all  []edition
		want string
	}{
		"clocks that run apart":       {[]edition{made("00001-a", 30), made("00002-a", 20, "00001-a"), made("00003-a", 10, "00001-a", "00002-a")}, "00003-a 00002-a 00001-a"},
		"one that lost, written last": {[]edition{made("00002-lost", 90, "00001-a"), made("00001-a", 10), made("00002-a", 20, "00001-a"), made("00003-a", 30, "00002-a")}, "00003-a 00002-a 00001-a"},
		"the winner is not there":     {[]edition{made("00002-lost", 90, "00001-a"), made("00003-a", 30, "00002-a")}, "00003-a"},
		"nothing tells":               {[]edition{made("00002-a", 20, "00001-a"), made("00002-b", 30, "00001-a")}, "00002-b 00002-a"},
		"what does not read":          {[]edition{unread, made("00002-a", 20)}, "00002-a 00009-x"},
		"a catalog that counts anew":  {[]edition{made("00005-b", 60, "v5", "00004-b"), made("00004-b", 50, "v5"), made("v5", 40)}, "00005-b v5 00004-b"},
		"names without a version":     {[]edition{made("a", 20), made("b", 30, "a")}, "b a"},
		"nothing but what lost":       {[]edition{made("00001-a", 20)}, "00001-a"},
	} {
		var got []string
		in := ranked(tc.all)
		if doubt := in[0].doubt(in); (doubt != "") != (what == "nothing tells") {
			t.Errorf("%s: doubt %q", what, doubt)
		}
		for _, e := range in {
			got = append(got, strings.TrimSuffix(path.Base(e.path), metadataEnd))
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: %v, want %s", what, got, tc.want)
		}
	}
}

// clocked is metadata with another clock and log.
type clocked struct {
	ice.Metadata
	clock int64
	log   []string
}

func (c clocked) LastUpdatedMillis() int64 { return c.clock }

func (c clocked) PreviousFiles() iter.Seq[ice.MetadataLogEntry] {
	return func(yield func(ice.MetadataLogEntry) bool) {
		for _, name := range c.log {
			if !yield(ice.MetadataLogEntry{MetadataFile: "s3://b/t/metadata/" + name + metadataEnd}) {
				return
			}
		}
	}
}
