package duckdb

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
)

func columns(pairs ...string) schema.Schema {
	var s schema.Schema
	for i := 0; i < len(pairs); i += 2 {
		t, err := schema.ParseType(pairs[i+1])
		if err != nil {
			panic(err)
		}
		s.Columns = append(s.Columns, schema.Column{Name: pairs[i], Type: t})
	}
	return s
}

// load commits rows of a long and a string column to a landing table.
func (b *bench) load(relation string, names [2]string, ids []int64, texts []string, o lakehouse.LoadOptions) {
	b.Helper()
	load, err := b.lake.NewLoad(b.ctx, b.named(relation), o)
	if err != nil {
		b.Fatal(err)
	}
	batch := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: names[0], Type: arrow.PrimitiveTypes.Int64}, {Name: names[1], Type: arrow.BinaryTypes.String}}, nil))
	defer batch.Release()
	batch.Field(0).(*array.Int64Builder).AppendValues(ids, nil)
	batch.Field(1).(*array.StringBuilder).AppendValues(texts, nil)
	record := batch.NewRecordBatch()
	defer record.Release()
	if err := load.Write(b.ctx, record); err != nil {
		b.Fatal(err)
	}
	if _, err := load.Commit(b.ctx, lakehouse.StateUpdate{}); err != nil {
		b.Fatal(err)
	}
	b.engine.Refresh()
}

func TestLandingTables(t *testing.T) {
	b := newBench(t)
	spec := lakehouse.Spec{Name: b.named("landing.t"), Schema: columns("id", "long", "name", "string", "gone", "double"), Key: []string{"id"}}
	spec.Schema.Columns[0].Required = true
	spec.Schema.Columns = append(spec.Schema.Columns, lakehouse.LoadColumns()...)
	if _, err := b.lake.Create(b.ctx, spec); err != nil {
		t.Fatal(err)
	}
	b.wants("select id, name from landing.t")
	b.wants("select count(*) from landing.t", "0")
	id := [2]string{"id", "name"}
	b.load("landing.t", id, []int64{1, 2, 3}, []string{"a", "b", "c"}, lakehouse.LoadOptions{Source: "s"})
	b.wants("select id, name, gone, _floe_source from landing.t order by id", "1|a|null|s", "2|b|null|s", "3|c|null|s")
	b.load("landing.t", id, []int64{2, 4}, []string{"B", "d"}, lakehouse.LoadOptions{Merge: true})
	b.wants("select id, name from landing.t order by id", "1|a", "2|B", "3|c", "4|d")
	files, err := b.table("landing.t").Files(b.ctx)
	if err != nil || len(files.Deletes) == 0 {
		t.Fatalf("no position deletes: %+v %v", files, err)
	}

	evolved := lakehouse.Spec{Name: spec.Name, Key: spec.Key, Renames: map[string]string{"title": "name"},
		Schema: columns("id", "long", "added", "decimal(10,2)", "title", "string")}
	evolved.Schema.Columns[0].Required = true
	evolved.Schema.Columns = append(evolved.Schema.Columns, lakehouse.LoadColumns()...)
	if _, err := b.lake.Apply(b.ctx, evolved, lakehouse.ApplyOptions{AllowBreaking: true}); err != nil {
		t.Fatal(err)
	}
	b.engine.Refresh()
	b.wants("select id, title, added from landing.t order by id", "1|a|null", "2|B|null", "3|c|null", "4|d|null")
	b.wants("select count(*) from landing.t where title = 'a'", "1")
	_, err = b.engine.Query(b.ctx, "select name from landing.t")
	b.fails(err, `"name" not found`)
	// A column of an old name is a new one.
	evolved.Schema.Columns = append(evolved.Schema.Columns, columns("gone", "string").Columns...)
	evolved.Renames = nil
	if _, err := b.lake.Apply(b.ctx, evolved, lakehouse.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	b.load("landing.t", [2]string{"id", "title"}, []int64{4, 5}, []string{"D", "e"}, lakehouse.LoadOptions{Merge: true})
	b.wants("select id, title, added, gone from landing.t order by id", "1|a|null|null", "2|B|null|null", "3|c|null|null", "4|D|null|null", "5|e|null|null")
	// The engine merges into it as well.
	b.build(transform.KindMerge, "landing.t", "select 5 as id, 'E' as title, 1.5 as added, null as gone, 'm' as _floe_load_id, now() as _floe_loaded_at, 'me' as _floe_source", key("id"))
	b.wants("select id, title, added, _floe_source from landing.t order by id", "1|a|null|s", "2|B|null|null", "3|c|null|s", "4|D|null|null", "5|E|1.50|me")
	_, err = b.tryStage(transform.KindAppend, "landing.t", "select null::bigint as id, 'E' as title, 1.5 as added, null as gone, 'm' as _floe_load_id, now() as _floe_loaded_at, 'me' as _floe_source")
	b.fails(err, `column "id" is NULL in 1 rows`)
}

// TestFoldersAreNoColumns: a folder a=5 is no value of column a.
func TestFoldersAreNoColumns(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.t", "select 1 as a, date '2024-01-01' as d", partition("d"))
	table := b.table("marts.t")
	folder := filepath.Join(table.Location(), "data", "a=5", "__floe_part_0=x")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	files, err := table.Files(b.ctx)
	if err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(folder, "f.parquet")
	if err := os.Link(files.Data[0].Path, moved); err != nil {
		t.Fatal(err)
	}
	if _, err := b.lake.AppendFiles(b.ctx, lakehouse.Write{Table: table.Name(), Files: []string{moved}}); err != nil {
		t.Fatal(err)
	}
	b.engine.Refresh()
	b.wants("select a, count(*) from marts.t group by a", "1|2")
	b.wants("select count(*) from (describe marts.t)", "2")
}

// TestOddHomes: DuckDB takes paths for patterns, and Iceberg for URLs.
func TestOddHomes(t *testing.T) {
	for _, folder := range []string{"a b", "it's", "x[1]*", "é%20", "h#x", "q?y", "k=v"} {
		t.Run(folder, func(t *testing.T) {
			b := &bench{T: t, ctx: t.Context()}
			var err error
			if b.lake, err = lakehouse.Open(b.ctx, lakehouse.Options{Home: filepath.Join(t.TempDir(), folder)}); err != nil {
				t.Skip(err)
			}
			defer b.lake.Close()
			b.engine = b.open(Options{Threads: 1})
			b.build(transform.KindTable, "marts.t", "select i as k, 'x' as v from range(3) r(i)")
			b.build(transform.KindMerge, "marts.t", "select 1 as k, 'y' as v", key("k"))
			b.wants("select k, v from marts.t order by k", "0|x", "1|y", "2|x")
			b.build(transform.KindMerge, "marts.t", "select 1 as k, 'z' as v", key("k"))
			b.wants("select k, v from marts.t order by k", "0|x", "1|z", "2|x")
		})
	}
}

// TestManyFiles reads a table of more files than DuckDB opens at once.
func TestManyFiles(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.t", "select i as k, 'x' as v from range(150) r(i)", partition("k"))
	files, err := b.table("marts.t").Files(b.ctx)
	if err != nil || len(files.Data) != 150 {
		t.Fatal(len(files.Data), err)
	}
	b.build(transform.KindMerge, "marts.t", "select i * 2 as k, 'y' as v from range(75) r(i)", key("k"))
	b.wants("select v, count(*), sum(k) from marts.t group by v order by v", "x|75|"+fmt.Sprint(75*75), "y|75|"+fmt.Sprint(75*74))
}
