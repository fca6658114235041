package lakehouse

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/floe-data/floe/runtime/schema"
)

type pyLake struct {
	Namespaces []string
	Tables     map[string]struct {
		Rows      []string
		Snapshots int
		Wrong     []string
	}
}

// readPyIceberg reads a lake with PyIceberg. It needs a Python that has it, and
// is skipped otherwise: FLOE_PYICEBERG=/path/to/venv/bin/python go test -run PyIceberg ./lakehouse
func readPyIceberg(t *testing.T, args ...string) pyLake {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Getenv("FLOE_PYICEBERG"), append([]string{"testdata/read_pyiceberg.py"}, args...)...)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("PyIceberg: %v", err)
	}
	var lake pyLake
	if err := json.Unmarshal(text, &lake); err != nil {
		t.Fatal(err)
	}
	return lake
}

func needsPyIceberg(t *testing.T) {
	if os.Getenv("FLOE_PYICEBERG") == "" {
		t.Skip("FLOE_PYICEBERG names no Python")
	}
}

func TestPyIcebergReadsTheLake(t *testing.T) {
	needsPyIceberg(t)
	for _, name := range oddHomes {
		t.Run(name, func(t *testing.T) {
			home := filepath.Join(t.TempDir(), name)
			l := openLake(t, home)
			newTable(t, l, games())
			load(t, l, gamesName, LoadOptions{ID: "one"}, StateUpdate{}, gameRows(0, 100))
			load(t, l, gamesName, LoadOptions{ID: "two", Merge: true}, StateUpdate{}, changed(gameRows(90, 30)))
			v := View{Name: Name{"landing_chess", "v"}, SQL: "select 1 as a", Schema: schema.Schema{Columns: []schema.Column{{Name: "a", Type: typ(schema.Long)}}}}
			if err := l.PutView(t.Context(), v); err != nil {
				t.Fatal(err)
			}
			lake := readPyIceberg(t, home)
			got := lake.Tables[gamesName.String()]
			if len(lake.Tables) != 1 || len(got.Rows) != 120 || got.Snapshots != 2 {
				t.Fatalf("namespaces %v, %d tables, %d rows, %d snapshots", lake.Namespaces, len(lake.Tables), len(got.Rows), got.Snapshots)
			}
		})
	}
}

// TestPyIcebergFiltersRight puts every type through appends, merges, evolution,
// partitions of every kind and compaction, and asks PyIceberg for each column's
// values.
func TestPyIcebergFiltersRight(t *testing.T) {
	needsPyIceberg(t)
	home := t.TempDir()
	l := openLake(t, home)
	partitions := map[string]schema.PartitionField{
		"none": {}, "boolean": {Column: "b", Transform: schema.Identity}, "day": {Column: "z", Transform: schema.Day}, "hour": {Column: "z", Transform: schema.Hour},
		"year": {Column: "d", Transform: schema.Year}, "month": {Column: "t", Transform: schema.Month}, "date": {Column: "d", Transform: schema.Identity},
		"bucket_s": {Column: "s", Transform: schema.Bucket, N: 5}, "bucket_m": {Column: "m", Transform: schema.Bucket, N: 5}, "bucket_x": {Column: "x", Transform: schema.Bucket, N: 3},
		"truncate": {Column: "l", Transform: schema.Truncate, N: 100}, "identity": {Column: "id", Transform: schema.Identity}, "bucket_z": {Column: "z", Transform: schema.Bucket, N: 4},
	}
	for name, p := range partitions {
		s := allTypes(Name{"types", name})
		if p.Column != "" {
			s.Partition = []schema.PartitionField{p}
		}
		newTable(t, l, s)
		load(t, l, s.Name, LoadOptions{}, StateUpdate{}, allRows(0, 40))
		load(t, l, s.Name, LoadOptions{Merge: true}, StateUpdate{}, allRows(30, 20))
		load(t, l, s.Name, LoadOptions{Merge: true}, StateUpdate{}, allRows(1000, 5), allRows(0, 3))
		if strings.HasPrefix(name, "bucket") {
			if _, err := l.Maintain(t.Context(), s.Name, MaintainOptions{Compact: true, Expire: true, KeepFor: time.Nanosecond}); err != nil {
				t.Fatal(err)
			}
		}
	}
	lake := readPyIceberg(t, home, "filters")
	for name := range partitions {
		got := lake.Tables["types."+name]
		if len(got.Rows) != 55 || len(got.Wrong) > 0 {
			t.Errorf("%s: %d rows, wrong: %s", name, len(got.Rows), strings.Join(got.Wrong, "\n"))
		}
		if n := len(scan(t, l, Name{"types", name})); n != 55 {
			t.Errorf("%s: iceberg-go reads %d rows", name, n)
		}
	}
}

func allTypes(n Name) Spec {
	dec := schema.Type{Kind: schema.Decimal, Precision: 18, Scale: 3}
	return Spec{Name: n, Key: []string{"id"}, Schema: schema.Schema{Columns: []schema.Column{
		{Name: "id", Type: typ(schema.Long)}, {Name: "b", Type: typ(schema.Boolean)}, {Name: "l", Type: typ(schema.Long)}, {Name: "f", Type: typ(schema.Double)},
		{Name: "m", Type: dec}, {Name: "d", Type: typ(schema.Date)}, {Name: "t", Type: typ(schema.Timestamp)}, {Name: "z", Type: typ(schema.Timestamptz)},
		{Name: "s", Type: typ(schema.String)}, {Name: "x", Type: typ(schema.Binary)}, {Name: "odd näme $", Type: typ(schema.String)},
	}}}
}

// allRows are rows of allTypes; every seventh has nulls only.
func allRows(from, n int) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64}, {Name: "b", Type: arrow.FixedWidthTypes.Boolean}, {Name: "l", Type: arrow.PrimitiveTypes.Int64},
		{Name: "f", Type: arrow.PrimitiveTypes.Float64}, {Name: "m", Type: &arrow.Decimal128Type{Precision: 18, Scale: 3}}, {Name: "d", Type: arrow.FixedWidthTypes.Date32},
		{Name: "t", Type: &arrow.TimestampType{Unit: arrow.Microsecond}}, {Name: "z", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
		{Name: "s", Type: arrow.BinaryTypes.String}, {Name: "x", Type: arrow.BinaryTypes.Binary}, {Name: "odd näme $", Type: arrow.BinaryTypes.String},
	}, nil))
	for i := from; i < from+n; i++ {
		b.Field(0).(*array.Int64Builder).Append(int64(i))
		if i%7 == 3 {
			for _, f := range b.Fields()[1:] {
				f.AppendNull()
			}
			continue
		}
		day := i*977%40_000 - 9000
		b.Field(1).(*array.BooleanBuilder).Append(i%2 == 0)
		b.Field(2).(*array.Int64Builder).Append(int64(i-20) * 1_000_003)
		b.Field(3).(*array.Float64Builder).Append(float64(i-20) / 3)
		if err := b.Field(4).AppendValueFromString(fmt.Sprintf("%d.%03d", (i-20)*1_234_567, i%1000)); err != nil {
			panic(err)
		}
		b.Field(5).(*array.Date32Builder).Append(arrow.Date32(day))
		b.Field(6).(*array.TimestampBuilder).Append(arrow.Timestamp(int64(day)*86_400_000_000 + int64(i)))
		b.Field(7).(*array.TimestampBuilder).Append(arrow.Timestamp(int64(day)*86_400_000_000 - 1))
		b.Field(8).(*array.StringBuilder).Append([]string{"", "漢字", "a longer text than sixteen characters " + fmt.Sprint(i), fmt.Sprint("k", i)}[i%4])
		b.Field(9).(*array.BinaryBuilder).Append([]byte{byte(i), 0xff, 0})
		b.Field(10).(*array.StringBuilder).Append(fmt.Sprint("o", i%3))
	}
	return b.NewRecordBatch()
}

// oddHomes are folder names that URLs, SQLite's and Iceberg's, would mangle.
var oddHomes = []string{"plain", "with space", "per%cent", "per%41cent", "num#ber", "que?stion", "näme 漢字", "plus+and&=;"}

// TestPyIcebergReadsARestoredLake reads a lake of which every path has changed.
func TestPyIcebergReadsARestoredLake(t *testing.T) {
	needsPyIceberg(t)
	p := lakeAt{home: t.TempDir()}
	was := library(t, p)
	b := p.backUp(t)
	b.restore(t, RestoreOptions{})
	b.lose(t, "")
	lake := readPyIceberg(t, b.home, "filters")
	for _, n := range []Name{gamesName, playersName} {
		got := lake.Tables[n.String()]
		if int64(len(got.Rows)) != rowsOf(t, was, n) || len(got.Wrong) > 0 || got.Snapshots != len(tableOf(t, was, n).Snapshots()) {
			t.Errorf("%s: %d rows, %d snapshots, wrong: %v", n, len(got.Rows), got.Snapshots, got.Wrong)
		}
	}
}

func tableOf(t *testing.T, l *Lake, n Name) *Table {
	t.Helper()
	table, err := l.Table(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return table
}
