package lakehouse

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/uuid"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

// numbers writes a file as an engine does: a column n of any type that holds
// from..from+count-1, and m, which is n as text or null.
func numbers(t testing.TB, dir string, s schema.Schema, from, count int) string {
	t.Helper()
	c := parquetfile.NewChunk(s)
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "n", Type: arrowOf(s.Columns[0].Type)}, {Name: "m", Type: arrow.BinaryTypes.String, Nullable: true},
	}[:len(s.Columns)], nil))
	for i := from; i < from+count; i++ {
		if err := b.Field(0).AppendValueFromString(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		if len(s.Columns) > 1 {
			b.Field(1).(*array.StringBuilder).Append(fmt.Sprint(i))
		}
	}
	if err := c.AppendRecord(b.NewRecordBatch()); err != nil {
		t.Fatal(err)
	}
	w, err := parquetfile.Create(filepath.Join(dir, uuid.NewString()+".parquet"), s, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteRows(c, nil); err != nil {
		t.Fatal(err)
	}
	f, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return f.Path
}

func arrowOf(t schema.Type) arrow.DataType {
	if t.Kind == schema.String {
		return arrow.BinaryTypes.String
	}
	return arrow.PrimitiveTypes.Int64
}

func TestEngineWrites(t *testing.T) { eachPlace(t, conformEngineWrites) }

func conformEngineWrites(t *testing.T, p lakeAt) {
	l := p.open(t)
	name := Name{"marts", "numbers"}
	spec := Spec{Name: name, Schema: schema.Schema{Columns: []schema.Column{{Name: "n", Type: typ(schema.Long)}, {Name: "m", Type: typ(schema.String)}}}}
	replace := func(s Spec, from, count int) {
		t.Helper()
		target, err := l.PrepareReplace(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.ReplaceFiles(t.Context(), Write{Files: []string{p.numbers(t, target.Dir, target.Schema, from, count)}, Summary: map[string]string{"floe.model": "m"}}, &target); err != nil {
			t.Fatal(err)
		}
	}
	wants := func(want string, snapshots int) *Table {
		t.Helper()
		table, err := l.Table(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(scan(t, l, name), " "); got != want {
			t.Fatalf("rows %q, want %q", got, want)
		}
		if len(table.Snapshots()) != snapshots {
			t.Fatalf("%d snapshots, want %d", len(table.Snapshots()), snapshots)
		}
		return table
	}

	if _, err := l.PrepareReplace(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	if table, _, err := l.Exists(t.Context(), name); err != nil || table {
		t.Fatalf("PrepareReplace made the table: %v %v", table, err)
	}
	replace(spec, 0, 3) // the table appears with its first content
	table := wants("0|0 1|1 2|2", 1)
	if table.Snapshots()[0].Summary["floe.model"] != "m" {
		t.Errorf("summary %v", table.Snapshots()[0].Summary)
	}

	if _, err := l.AppendFiles(t.Context(), Write{Table: name, Files: []string{p.numbers(t, under(table.Location(), "data", "sub"), table.Schema(), 3, 2)}}); err != nil {
		t.Fatal(err)
	}
	table = wants("0|0 1|1 2|2 3|3 4|4", 2)

	delta := func(base int64, pos int64) error {
		files := filesOf(t, l, name)
		path := under(table.Location(), "data", uuid.NewString()+".parquet")
		p.deletes(t, path, parquetfile.Deletes{DataFile: FileURL(files.Data[0].Path), Positions: []int64{pos}})
		_, err := l.DeltaFiles(t.Context(), Write{Table: name, Base: base, Deletes: []string{path}, Files: []string{p.numbers(t, parent(path), table.Schema(), 9, 1)}})
		return err
	}
	stale := table.SnapshotID()
	if err := delta(stale, 0); err != nil {
		t.Fatal(err)
	}
	if err := delta(stale, 1); !errors.Is(err, ErrConflict) {
		t.Fatalf("a delta on an old snapshot: %v", err)
	}
	table = wants(strings.Join(scan(t, l, name), " "), 3)
	if n := rowsOf(t, l, name); n != 5 {
		t.Fatalf("%d rows", n)
	}
	if err := delta(table.SnapshotID(), 7); err == nil || !strings.Contains(err.Error(), "deletes row 7") {
		t.Fatalf("a position beyond the file: %v", err)
	}

	replace(spec, 20, 2) // the position deletes of the old content go with it
	wants("20|20 21|21", 4)
	if files := filesOf(t, l, name); len(files.Deletes) > 0 || len(files.Data) != 1 {
		t.Fatalf("%+v", files)
	}

	was := table.Schema()
	other := spec
	other.Schema = schema.Schema{Columns: []schema.Column{{Name: "n", Type: typ(schema.String), Doc: "text now"}}}
	other.Doc, other.Sort = "only n", []schema.SortField{{Column: "n"}}
	replace(other, 30, 2) // another type, a column less: one commit
	table = wants("30 31", 5)
	if c := table.Schema().Columns[0]; c.ID == was.Columns[0].ID || c.Doc != "text now" || table.Spec().Doc != "only n" || len(table.Spec().Sort) != 1 {
		t.Fatalf("%+v %+v", c, table.Spec())
	}
	replace(spec, 40, 1)
	wants("40|40", 6)

	if _, err := l.ReplaceFiles(t.Context(), Write{Table: name}, nil); err != nil { // emptied
		t.Fatal(err)
	}
	wants("", 7)
}

func TestReplaceOfAnEmptyResult(t *testing.T) { eachPlace(t, conformReplaceOfAnEmptyResult) }

func conformReplaceOfAnEmptyResult(t *testing.T, p lakeAt) {
	l := p.open(t)
	spec := Spec{Name: Name{"marts", "none"}, Schema: schema.Schema{Columns: []schema.Column{{Name: "n", Type: typ(schema.Long)}}}}
	for range 2 {
		target, err := l.PrepareReplace(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		empty := p.numbers(t, target.Dir, target.Schema, 0, 0)
		if _, err := l.ReplaceFiles(t.Context(), Write{Files: []string{empty}}, &target); err != nil {
			t.Fatal(err)
		}
	}
	if rows := scan(t, l, spec.Name); len(rows) > 0 {
		t.Fatal(rows)
	}
}

func TestReplaceNoticesAChangedTable(t *testing.T) { eachPlace(t, conformReplaceNoticesAChangedTable) }

func conformReplaceNoticesAChangedTable(t *testing.T, p lakeAt) {
	l := p.open(t)
	spec := Spec{Name: Name{"marts", "raced"}, Schema: schema.Schema{Columns: []schema.Column{{Name: "n", Type: typ(schema.Long)}}}}
	early, err := l.PrepareReplace(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	wider := spec
	wider.Schema.Columns = []schema.Column{{Name: "m", Type: typ(schema.String)}, {Name: "n", Type: typ(schema.Long)}}
	newTable(t, l, wider)
	_, err = l.ReplaceFiles(t.Context(), Write{Files: []string{p.numbers(t, early.Dir, early.Schema, 0, 1)}}, &early)
	if !errors.Is(err, ErrConflict) {
		t.Fatalf("n's field id is another now: %v", err)
	}
}

func TestEngineFilesArePartitioned(t *testing.T) { eachPlace(t, conformEngineFilesArePartitioned) }

func conformEngineFilesArePartitioned(t *testing.T, p lakeAt) {
	tests := []struct {
		partition schema.PartitionField
		from, n   int
		want      string // part of the error
	}{
		{schema.PartitionField{Column: "n", Transform: schema.Truncate, N: 10}, 10, 10, ""},
		{schema.PartitionField{Column: "n", Transform: schema.Truncate, N: 10}, 5, 10, "rows of several partitions by truncate(10, n)"},
		{schema.PartitionField{Column: "n", Transform: schema.Identity}, 5, 1, ""},
		{schema.PartitionField{Column: "n", Transform: schema.Bucket, N: 1}, 5, 10, ""},
		{schema.PartitionField{Column: "n", Transform: schema.Bucket, N: 16}, 5, 10, "rows of several partitions by bucket(16, n)"},
		{schema.PartitionField{Column: "m", Transform: schema.Bucket, N: 16}, 5, 1, ""},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.partition, test.from, test.n), func(t *testing.T) {
			p := p.another(t)
			l := p.open(t)
			spec := Spec{Name: Name{"marts", "parts"}, Partition: []schema.PartitionField{test.partition},
				Schema: schema.Schema{Columns: []schema.Column{{Name: "n", Type: typ(schema.Long)}, {Name: "m", Type: typ(schema.String)}}}}
			table := newTable(t, l, spec)
			_, err := l.AppendFiles(t.Context(), Write{Table: spec.Name, Files: []string{p.numbers(t, table.Location(), table.Schema(), test.from, test.n)}})
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Fatal(err)
			}
			if err == nil && len(scan(t, l, spec.Name)) != test.n {
				t.Fatal("rows are missing")
			}
		})
	}
}

func TestFilesOutsideTheTableAreRefused(t *testing.T) {
	eachFolder(t, conformFilesOutsideTheTableAreRefused)
}

func conformFilesOutsideTheTableAreRefused(t *testing.T, p lakeAt) {
	l := p.open(t)
	table := newTable(t, l, Spec{Name: Name{"a", "b"}, Schema: schema.Schema{Columns: []schema.Column{{Name: "n", Type: typ(schema.Long)}}}})
	for _, dir := range []string{p.elsewhere(t), under(parent(table.Location()), "c")} {
		if _, err := l.AppendFiles(t.Context(), Write{Table: table.Name(), Files: []string{p.numbers(t, dir, table.Schema(), 0, 1)}}); err == nil || !strings.Contains(err.Error(), "not below") {
			t.Errorf("%s: %v", dir, err)
		}
	}
}
