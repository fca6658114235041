package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
)

var everything = MaintainOptions{KeepFor: time.Nanosecond, OrphansAfter: time.Hour, Expire: true, Compact: true, Orphans: true}

func filesOf(t testing.TB, l *Lake, n Name) Files {
	t.Helper()
	table, err := l.Table(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	files, err := table.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func maintain(t testing.TB, l *Lake, o MaintainOptions) MaintainResult {
	t.Helper()
	r, err := l.Maintain(t.Context(), gamesName, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// urls reads the table's live rows' keys, sorted by file, through its own reader.
func urls(t testing.TB, l *Lake) map[string]int {
	t.Helper()
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	c, err := table.content(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for i, f := range c.data {
		gone, err := c.deleted(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		path, err := l.fs.path(f.FilePath())
		if err != nil {
			t.Fatal(err)
		}
		r, err := l.fs.open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		scan, chunk := r.Scan(table.Schema()), parquetfile.NewChunk(table.Schema())
		for at := int64(0); ; {
			chunk.Reset()
			n, err := scan.Next(chunk, 1000)
			if err != nil {
				break
			}
			for row := range n {
				if !gone[at+int64(row)] {
					out[string(chunk.Blob(0, row))]++
				}
			}
			at += int64(n)
		}
		if err := errors.Join(scan.Close(), r.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func onDisk(t testing.TB, l *Lake) []string {
	t.Helper()
	found, err := l.fs.list(t.Context(), folderOf(t, l, gamesName))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range found {
		out = append(out, f.path)
	}
	return out
}

// smallLoads makes a table of n loads of 50 rows over five partitions.
func smallLoads(t testing.TB, p lakeAt, n int) *Lake {
	l := p.open(t)
	newTable(t, l, games())
	for i := range n {
		load(t, l, gamesName, LoadOptions{ID: fmt.Sprint("load-", i)}, StateUpdate{Set: map[string]string{"cursor": fmt.Sprint(i)}}, gameRows(i*50, 50))
	}
	return l
}

func TestMaintainMergesExpiresAndIsDoneThen(t *testing.T) {
	eachPlace(t, conformMaintainMergesExpiresAndIsDoneThen)
}

func conformMaintainMergesExpiresAndIsDoneThen(t *testing.T, p lakeAt) {
	l := smallLoads(t, p, 6)
	before := urls(t, l)
	dry := everything
	dry.DryRun = true
	disk := p.files(t, l)
	if r := maintain(t, l, dry); r.FilesCompacted != 30 || r.FilesWritten != 5 || r.SnapshotsExpired != 5 {
		t.Fatalf("dry run: %+v", r)
	}
	if now := p.files(t, l); len(now) != len(disk) {
		t.Fatalf("a dry run changed the disk: %d files, were %d", len(now), len(disk))
	}
	r := maintain(t, l, everything)
	if r.FilesCompacted != 30 || r.FilesWritten != 5 || r.SnapshotsExpired != 6 || (r.BytesFreed == 0) != (p.tables != "") {
		t.Fatalf("%+v", r)
	}
	if files := filesOf(t, l, gamesName); len(files.Data) != 5 {
		t.Fatalf("%d files, want one a partition", len(files.Data))
	}
	if after := urls(t, l); len(after) != 300 || fmt.Sprint(after) != fmt.Sprint(before) {
		t.Fatalf("%d keys, want %d, the same", len(after), len(before))
	}
	if again := maintain(t, l, everything); again != (MaintainResult{}) {
		t.Fatalf("the second time: %+v", again)
	}
	data := 0
	for _, path := range p.files(t, l) {
		if strings.HasSuffix(path, ".parquet") {
			data++
		}
	}
	if want := 5; data != want && p.tables == "" || p.tables != "" && data != want+30 { // of a table bucket floe removes none
		t.Errorf("%d data files, want %d", data, want)
	}
	again := load(t, l, gamesName, LoadOptions{ID: "load-3"}, StateUpdate{}, gameRows(150, 50))
	if !again.Again || rowsOf(t, l, gamesName) != 300 {
		t.Errorf("a load is not remembered beyond the expiry of its snapshot: %+v", again)
	}
}

func TestMaintainDropsDeletedRows(t *testing.T) { eachPlace(t, conformMaintainDropsDeletedRows) }

func conformMaintainDropsDeletedRows(t *testing.T, p lakeAt) {
	l := smallLoads(t, p, 1)
	files := filesOf(t, l, gamesName)
	path := under(folderOf(t, l, gamesName), "data", "d.parquet")
	p.deletes(t, path, parquetfile.Deletes{DataFile: FileURL(files.Data[0].Path), Positions: []int64{0, 3, 9}})
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.DeltaFiles(t.Context(), Write{Table: gamesName, Deletes: []string{path}, Base: table.SnapshotID()}); err != nil {
		t.Fatal(err)
	}
	before := urls(t, l)
	if len(before) != 47 {
		t.Fatalf("%d keys after the delete, want 47", len(before))
	}
	if r := maintain(t, l, everything); r.FilesCompacted != 2 || r.FilesWritten != 1 {
		t.Fatalf("%+v", r)
	}
	now := filesOf(t, l, gamesName)
	if len(now.Deletes) != 0 || rowsOf(t, l, gamesName) != 47 || fmt.Sprint(urls(t, l)) != fmt.Sprint(before) {
		t.Fatalf("after: %+v, %d rows", now, rowsOf(t, l, gamesName))
	}
	if again := maintain(t, l, everything); again != (MaintainResult{}) {
		t.Fatalf("the second time: %+v", again)
	}
}

func TestACommitDuringCompactionLosesNothing(t *testing.T) {
	eachPlace(t, conformACommitDuringCompactionLosesNothing)
}

func conformACommitDuringCompactionLosesNothing(t *testing.T, p lakeAt) {
	l := smallLoads(t, p, 6)
	swap, raced := l.swap, false
	l.swap = func(ctx context.Context, n Name, old, next entry) error {
		if !raced { // another writer commits just before the compaction does
			raced = true
			l.swap = swap
			other := p.open(t)
			load(t, other, gamesName, LoadOptions{}, StateUpdate{}, gameRows(1000, 50))
		}
		return swap(ctx, n, old, next)
	}
	r := maintain(t, l, MaintainOptions{Compact: true})
	if !raced || r.FilesWritten != 5 || rowsOf(t, l, gamesName) != 350 || len(urls(t, l)) != 350 {
		t.Fatalf("raced %v, %+v, %d rows", raced, r, rowsOf(t, l, gamesName))
	}
}

func TestOrphansAreRemovedOnlyWhenOldAndUnknown(t *testing.T) {
	eachFolder(t, conformOrphansAreRemovedOnlyWhenOldAndUnknown)
}

func conformOrphansAreRemovedOnlyWhenOldAndUnknown(t *testing.T, p lakeAt) {
	l := smallLoads(t, p, 2)
	known := onDisk(t, l)
	old := time.Now().Add(-2 * time.Hour)
	for _, path := range known {
		p.age(t, path, old)
	}
	stray := under(folderOf(t, l, gamesName), "data", "deep", "stray.parquet")
	young := under(folderOf(t, l, gamesName), "metadata", "young.avro")
	outside := under(parent(folderOf(t, l, gamesName)), "other.parquet")
	for _, path := range []string{stray, young, outside} {
		p.put(t, path, []byte("12345"))
	}
	for _, path := range []string{stray, outside} {
		p.age(t, path, old)
	}
	if p.aws != nil {
		p.aws.Forget()
	}
	r := maintain(t, l, MaintainOptions{Orphans: true, OrphansAfter: time.Hour})
	if r.OrphansRemoved != 1 || r.BytesFreed != 5 {
		t.Fatalf("%+v", r)
	}
	if p.aws != nil && slices.ContainsFunc(p.aws.Requests(), func(q awstest.Request) bool { return q.Action == "HeadObject" }) {
		t.Error("asked for what the listing had told")
	}
	if gone, err := l.missing(t.Context(), []string{stray}); err != nil || len(gone) != 1 {
		t.Errorf("the stray file is still there, %v", err)
	}
	if gone, err := l.missing(t.Context(), append(known, young, outside)); err != nil || len(gone) > 0 {
		t.Errorf("removed what it must not: %v %v", gone, err)
	}
}

func TestCheckFindsMissingFiles(t *testing.T) { eachPlace(t, conformCheckFindsMissingFiles) }

func conformCheckFindsMissingFiles(t *testing.T, p lakeAt) {
	l := smallLoads(t, p, 1)
	if found := l.Check(t.Context()); len(found) != 0 {
		t.Fatalf("%+v", found)
	}
	files := filesOf(t, l, gamesName)
	p.remove(t, files.Data[1].Path)
	found := l.Check(t.Context())
	if len(found) != 1 || found[0].Table != gamesName.String() || !strings.Contains(found[0].What, files.Data[1].Path) || found[0].Advice == "" {
		t.Fatalf("%+v", found)
	}
}
