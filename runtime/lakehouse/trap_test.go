package lakehouse

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/iceberg-go"
	sqlcat "github.com/apache/iceberg-go/catalog/sql"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

// Each test holds one trap of iceberg-go v0.7.0, or a way around it, so that an
// upgrade tells what has changed.

// goCatalog opens the lake as iceberg-go's own SQL catalog does.
func goCatalog(t *testing.T, home string) *sqlcat.Catalog {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+home+"/catalog.db?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c, err := sqlcat.NewCatalog("floe", db, sqlcat.SQLite, iceberg.Properties{"warehouse": "file://" + home + "/warehouse"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestIcebergGoOpensTheCatalog(t *testing.T) {
	home := t.TempDir()
	l := openLake(t, home)
	newTable(t, l, games())
	load(t, l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 30))
	v := View{Name: Name{"landing_chess", "v"}, SQL: "select 1 as a", Schema: schema.Schema{Columns: []schema.Column{{Name: "a", Type: typ(schema.Long)}}}}
	if err := l.PutView(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	c := goCatalog(t, home)
	var tables []string
	for id, err := range c.ListTables(t.Context(), []string{"landing_chess"}) {
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, strings.Join(id, "."))
	}
	if len(tables) != 1 || tables[0] != gamesName.String() {
		t.Fatalf("tables %v", tables)
	}
	if _, err := c.LoadView(t.Context(), []string{"landing_chess", "v"}); err != nil {
		t.Fatal(err)
	}
	// What it writes we read, and the other way about.
	table, err := c.LoadTable(t.Context(), []string{"landing_chess", "games"})
	if err != nil {
		t.Fatal(err)
	}
	tx := table.NewTransaction()
	if err := tx.SetProperties(iceberg.Properties{"owner": "go"}); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	ours, err := l.Table(t.Context(), gamesName)
	if err != nil || ours.Property("owner") != "go" {
		t.Fatalf("%v %v", ours, err)
	}
}

// Traps 1 and 2: iceberg-go's copy-on-write delete loses rows whose filter
// column is null, and brings back rows that were deleted before. Our tables ask
// for merge-on-read, which does neither.
func TestDeletesOfIcebergGoAreMergeOnRead(t *testing.T) {
	home := t.TempDir()
	l := openLake(t, home)
	newTable(t, l, players())
	load(t, l, playersName, LoadOptions{}, StateUpdate{}, playerBatch([]player{{1, "a", int64(1), nil}, {2, "a", nil, nil}, {3, "a", int64(3), nil}, {4, "a", int64(4), nil}}, false))
	load(t, l, playersName, LoadOptions{Merge: true}, StateUpdate{}, playerBatch([]player{{4, "a", int64(40), nil}}, false))
	table, err := goCatalog(t, home).LoadTable(t.Context(), []string{"landing", "players"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := table.Delete(t.Context(), iceberg.EqualTo(iceberg.Reference("score"), int64(3)), nil); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(scan(t, l, playersName), " "); got != "1|a|1 2|a|(null) 4|a|40" {
		t.Fatalf("got %s", got)
	}
	if n := rowsOf(t, l, playersName); n != 3 {
		t.Fatalf("Rows says %d", n)
	}
}

// Trap 4: a frozen name mapping makes later columns unreadable. Ours is never set.
func TestNoNameMapping(t *testing.T) {
	l := openLake(t, t.TempDir())
	newTable(t, l, games())
	load(t, l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 5))
	load(t, l, gamesName, LoadOptions{Merge: true}, StateUpdate{}, changed(gameRows(0, 5)))
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	if m := table.Property(ice.DefaultNameMappingKey); m != "" {
		t.Fatalf("name mapping %s", m)
	}
}

// Trap 8: iceberg-go's local files are written in place. Ours appear whole.
func TestFilesAppearWhole(t *testing.T) {
	dir := t.TempDir()
	fs := localFS{}
	path := filepath.Join(dir, "sub", "a%20b.json")
	f, err := fs.Create("file://" + path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("there before it was closed: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := fs.ReadFile(FileURL(path)); err != nil || string(text) != "half" {
		t.Fatalf("%q %v", text, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Fatalf("left: %v", left)
	}
	if err := fs.WriteFile(filepath.Join(dir, "sub", "a%20b.json", "not a folder"), nil); err == nil {
		t.Error("no error for a folder that cannot be")
	}
}

// iceberg-go's DataFile bounds of wide decimals must be ordered as numbers are:
// parquet-go's statistics order them as unsigned bytes, and readers then drop rows.
func TestWideDecimalsKeepTheirRows(t *testing.T) {
	l := openLake(t, t.TempDir())
	wide := schema.Type{Kind: schema.Decimal, Precision: 38, Scale: 2}
	spec := Spec{Name: Name{"marts", "wide"}, Schema: schema.Schema{Columns: []schema.Column{{Name: "n", Type: typ(schema.Long)}, {Name: "m", Type: wide}}}}
	table := newTable(t, l, spec)
	path := wideDecimals(t, filepath.Join(table.Location(), "data"), table.Schema())
	if _, err := l.AppendFiles(t.Context(), Write{Table: spec.Name, Files: []string{path}}); err != nil {
		t.Fatal(err)
	}
	head, err := l.Table(t.Context(), spec.Name)
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := head.ice.Scan(ice.WithRowFilter(iceberg.GreaterThan(iceberg.Reference("n"), int64(-1)))).PlanFiles(t.Context())
	if err != nil || len(tasks) != 1 {
		t.Fatalf("%v %v", tasks, err)
	}
	if b := tasks[0].File.LowerBoundValues()[table.Schema().Columns[1].ID]; b != nil {
		t.Fatalf("a bound of a wide decimal: %x", b)
	}
	if got := strings.Join(scan(t, l, spec.Name), " "); got != "0|-5 1|5" {
		t.Fatalf("got %s", got)
	}
}

func wideDecimals(t *testing.T, dir string, s schema.Schema) string {
	t.Helper()
	c := parquetfile.NewChunk(s)
	if err := c.AppendRecord(decimalBatch(-500, 500)); err != nil {
		t.Fatal(err)
	}
	w, err := parquetfile.Create(filepath.Join(dir, "wide.parquet"), s, c)
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

// The partition values that we compute are those of iceberg-go.
func TestTransformsAreIcebergs(t *testing.T) {
	micros := []int64{0, 1, -1, 1_700_000_000_000_000, -1_700_000_000_000_123, 86_400_000_000, -86_400_000_000, 253_402_300_799_000_000, -62_135_596_800_000_000}
	days := []int64{0, 1, -1, 19_000, -719_162, 2_932_896, 59, 60}
	longs := []int64{0, 1, -1, 34, 9_223_372_036_854_775_807, -9_223_372_036_854_775_808, 1_000_003}
	check := func(kind schema.Kind, x int64, lit iceberg.Literal, p schema.PartitionField) {
		f := partitionField{PartitionField: p, kind: kind}
		want := iceTransform(p).Apply(iceberg.Optional[iceberg.Literal]{Valid: true, Val: lit})
		var got any
		if p.Transform == schema.Bucket {
			c := parquetfile.NewChunk(schema.Schema{Columns: []schema.Column{{Name: "x", Type: typ(kind)}}})
			if err := c.AppendRecord(oneValue(kind, x)); err != nil {
				t.Fatal(err)
			}
			got = f.literal(f.of(c, 0, 0))
		} else {
			got = f.literal(partValue{value: f.transform(x)})
		}
		if fmt.Sprint(got) != fmt.Sprint(want.Val.Any()) {
			t.Errorf("%s of %s %d: %v, iceberg-go says %v", p, typ(kind), x, got, want.Val.Any())
		}
	}
	for _, x := range micros {
		for _, tr := range []schema.Transform{schema.Year, schema.Month, schema.Day, schema.Hour, schema.Bucket} {
			check(schema.Timestamptz, x, iceberg.TimestampLiteral(x), schema.PartitionField{Column: "x", Transform: tr, N: 7})
		}
	}
	for _, x := range days {
		for _, tr := range []schema.Transform{schema.Identity, schema.Year, schema.Month, schema.Day, schema.Bucket} {
			check(schema.Date, x, iceberg.DateLiteral(x), schema.PartitionField{Column: "x", Transform: tr, N: 16})
		}
	}
	for _, x := range longs {
		for _, n := range []int{1, 10, 99_999} {
			check(schema.Long, x, iceberg.Int64Literal(x), schema.PartitionField{Column: "x", Transform: schema.Bucket, N: n})
			if x > -9_000_000_000_000_000_000 { // below it the result does not fit
				check(schema.Long, x, iceberg.Int64Literal(x), schema.PartitionField{Column: "x", Transform: schema.Truncate, N: n})
			}
		}
		check(schema.Long, x, iceberg.Int64Literal(x), schema.PartitionField{Column: "x", Transform: schema.Identity})
	}
}
