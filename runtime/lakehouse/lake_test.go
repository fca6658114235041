package lakehouse

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/floe-data/floe/runtime/schema"
)

func typ(k schema.Kind) schema.Type { return schema.Type{Kind: k} }

var gamesName = Name{"landing_chess", "games"}

// games is a landing table as a contract makes it.
func games() Spec {
	return Spec{
		Name: gamesName,
		Schema: schema.Schema{Columns: append([]schema.Column{
			{Name: "url", Type: typ(schema.String), Required: true, Doc: "the game's address"},
			{Name: "ended", Type: typ(schema.Timestamptz)},
			{Name: "rating", Type: typ(schema.Long)},
			{Name: "pgn", Type: typ(schema.String)},
		}, LoadColumns()...)},
		Key:       []string{"url"},
		Partition: []schema.PartitionField{{Column: "ended", Transform: schema.Month}},
		Sort:      []schema.SortField{{Column: "ended"}, {Column: "url", Descending: true}},
		Doc:       "finished games",
	}
}

func openLake(t testing.TB, home string) *Lake {
	t.Helper()
	l, err := Open(t.Context(), Options{Home: home})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func folderOf(t testing.TB, l *Lake, n Name) string {
	t.Helper()
	folder, err := l.catalog.place(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// listFiles are the paths below a folder.
func listFiles(folder string) ([]string, error) {
	found, err := localFS{}.list(context.Background(), folder)
	var paths []string
	for _, f := range found {
		paths = append(paths, f.path)
	}
	return paths, err
}

func newTable(t testing.TB, l *Lake, s Spec) *Table {
	t.Helper()
	table, err := l.Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// gameRows makes a batch; ended steps through months.
func gameRows(from, n int) arrow.RecordBatch {
	s := arrow.NewSchema([]arrow.Field{
		{Name: "url", Type: arrow.BinaryTypes.String}, {Name: "ended", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
		{Name: "rating", Type: arrow.PrimitiveTypes.Int64}, {Name: "pgn", Type: arrow.BinaryTypes.String},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	for i := from; i < from+n; i++ {
		b.Field(0).(*array.StringBuilder).Append(fmt.Sprintf("game/%06d", i))
		b.Field(1).(*array.TimestampBuilder).Append(arrow.Timestamp(1_700_000_000_000_000 + int64(i%5)*30*86_400_000_000 + int64(i)))
		b.Field(2).(*array.Int64Builder).Append(int64(1000 + i))
		b.Field(3).(*array.StringBuilder).Append(strings.Repeat("e4 ", i%7))
	}
	return b.NewRecordBatch()
}

func load(t testing.TB, l *Lake, n Name, o LoadOptions, s StateUpdate, batches ...arrow.RecordBatch) LoadResult {
	t.Helper()
	r, err := tryLoad(t.Context(), l, n, o, s, batches...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func tryLoad(ctx context.Context, l *Lake, n Name, o LoadOptions, s StateUpdate, batches ...arrow.RecordBatch) (LoadResult, error) {
	ld, err := l.NewLoad(ctx, n, o)
	if err != nil {
		return LoadResult{}, err
	}
	defer func() { _ = ld.Abort() }()
	for _, b := range batches {
		if err := ld.Write(ctx, b); err != nil {
			return LoadResult{}, err
		}
	}
	return ld.Commit(ctx, s)
}

func rowsOf(t testing.TB, l *Lake, n Name) int64 {
	t.Helper()
	table, err := l.Table(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := table.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestAppendLoad(t *testing.T) { eachPlace(t, conformAppendLoad) }

func conformAppendLoad(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, games())
	r := load(t, l, gamesName, LoadOptions{ID: "one", Source: "test"}, StateUpdate{Set: map[string]string{"cursor": "5"}}, gameRows(0, 100), gameRows(100, 50))
	if r.Rows != 150 || r.Inserted != 150 || r.Files != 5 || r.SnapshotID == 0 || r.Again {
		t.Fatalf("first load: %+v", r)
	}
	again := load(t, l, gamesName, LoadOptions{ID: "one"}, StateUpdate{Set: map[string]string{"cursor": "9"}}, gameRows(0, 100))
	if !again.Again || again.SnapshotID != r.SnapshotID {
		t.Fatalf("the same load again: %+v", again)
	}
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	if rows := rowsOf(t, l, gamesName); rows != 150 || table.State()["cursor"] != "5" || len(table.Snapshots()) != 1 {
		t.Fatalf("rows %d, state %v, snapshots %v", rows, table.State(), table.Snapshots())
	}
}

// gameRowsFor are ten more games with the columns that a table of s has.
func gameRowsFor(s Spec) arrow.RecordBatch {
	b := gameRows(500, 10)
	var fields []arrow.Field
	var columns []arrow.Array
	for i, f := range b.Schema().Fields() {
		if _, ok := s.Schema.Column(f.Name); ok {
			fields = append(fields, f)
			columns = append(columns, b.Column(i))
		}
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, b.NumRows())
}

// changed gives the same games with other ratings.
func changed(b arrow.RecordBatch) arrow.RecordBatch {
	r := array.NewInt64Builder(memory.DefaultAllocator)
	for i := range int(b.NumRows()) {
		r.Append(int64(i) - 7)
	}
	columns := b.Columns()
	columns[2] = r.NewArray()
	return array.NewRecordBatch(b.Schema(), columns, b.NumRows())
}

// decimalBatch is rows n, m: 0, 1, … and unscaled decimals.
func decimalBatch(unscaled ...int64) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "n", Type: arrow.PrimitiveTypes.Int64}, {Name: "m", Type: &arrow.Decimal128Type{Precision: 38, Scale: 2}},
	}, nil))
	for i, x := range unscaled {
		b.Field(0).(*array.Int64Builder).Append(int64(i))
		b.Field(1).(*array.Decimal128Builder).Append(decimal128.FromI64(x))
	}
	return b.NewRecordBatch()
}

// oneValue is a batch of one row x.
func oneValue(k schema.Kind, x int64) arrow.RecordBatch {
	types := map[schema.Kind]arrow.DataType{
		schema.Long: arrow.PrimitiveTypes.Int64, schema.Date: arrow.FixedWidthTypes.Date32,
		schema.Timestamptz: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"},
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "x", Type: types[k]}}, nil))
	switch f := b.Field(0).(type) {
	case *array.Int64Builder:
		f.Append(x)
	case *array.Date32Builder:
		f.Append(arrow.Date32(x))
	case *array.TimestampBuilder:
		f.Append(arrow.Timestamp(x))
	}
	return b.NewRecordBatch()
}

// oneColumn is a row that has one long column only.
func oneColumn(name string) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: name, Type: arrow.PrimitiveTypes.Int64}}, nil))
	b.Field(0).(*array.Int64Builder).Append(1)
	return b.NewRecordBatch()
}

// textColumn is a row that has one text column only.
func textColumn(name string) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: name, Type: arrow.BinaryTypes.String}}, nil))
	b.Field(0).(*array.StringBuilder).Append("x")
	return b.NewRecordBatch()
}
