package parquetfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/floe-data/floe/runtime/schema"
)

func typ(k schema.Kind) schema.Type { return schema.Type{Kind: k} }

func dec(p, s int) schema.Type { return schema.Type{Kind: schema.Decimal, Precision: p, Scale: s} }

// everyType is a schema with a column of each type, and rows of it with nulls
// and extreme values.
func everyType(rows int) *Chunk {
	types := []schema.Type{typ(schema.Boolean), typ(schema.Long), typ(schema.Double), dec(9, 2), dec(18, 4), dec(38, 10), typ(schema.Date), typ(schema.Timestamp),
		typ(schema.Timestamptz), typ(schema.String), typ(schema.Binary), typ(schema.JSON)}
	s := schema.Schema{Columns: []schema.Column{{ID: 1, Name: "id", Type: typ(schema.Long), Required: true}}}
	for i, t := range types {
		s.Columns = append(s.Columns, schema.Column{ID: i + 2, Name: fmt.Sprintf("c %d %s", i, t), Type: t})
	}
	c := NewChunk(s)
	r := rand.New(rand.NewPCG(1, 1))
	for row := range rows {
		c.cols[0].addInt(int64(row))
		for i, col := range s.Columns[1:] {
			v := &c.cols[i+1]
			if r.IntN(5) == 0 {
				v.addNull()
				continue
			}
			addRandom(r, v, col.Type)
		}
		c.rows++
	}
	return c
}

func addRandom(r *rand.Rand, v *vector, t schema.Type) {
	switch {
	case wideDecimal(t):
		x := r.Int64() - r.Int64()
		v.addBlob(bigEndian(uint64(x>>63), uint64(x), decimalWidth(t.Precision)))
	case t.Kind == schema.Boolean:
		v.addInt(r.Int64N(2))
	case t.Kind == schema.Decimal:
		limit := int64(math.Pow10(t.Precision))
		v.addInt(r.Int64N(2*limit-1) - limit + 1)
	case t.Kind == schema.Date:
		v.addInt(r.Int64N(100_000) - 50_000)
	case v.class == ints:
		v.addInt([]int64{math.MinInt64, math.MaxInt64, 0, -1, r.Int64()}[r.IntN(5)])
	case v.class == floats:
		v.addFloat([]float64{math.Inf(-1), math.Inf(1), 0, math.Copysign(0, -1), math.NaN(), r.NormFloat64()}[r.IntN(6)])
	default:
		v.addBlob([]byte([]string{"", "ä", "漢字😀", "plain", fmt.Sprint(r.Int64())}[r.IntN(5)]))
	}
}

func write(t testing.TB, c *Chunk, groups int, order []int32) File {
	t.Helper()
	w, err := Create(filepath.Join(t.TempDir(), "f.parquet"), c.schema, c)
	if err != nil {
		t.Fatal(err)
	}
	for range groups {
		if err := w.WriteRows(c, order); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func read(t testing.TB, path string, s schema.Schema, step int) *Chunk {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	scan, c := r.Scan(s), NewChunk(s)
	for {
		_, err := scan.Next(c, step)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(scan.Close(), r.Close()); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *Chunk) text(row int) string {
	var b bytes.Buffer
	for i := range c.cols {
		v := &c.cols[i]
		switch {
		case v.null(row):
			b.WriteString("null|")
		case v.class == ints:
			fmt.Fprintf(&b, "%d|", v.ints[row])
		case v.class == floats:
			fmt.Fprintf(&b, "%x|", math.Float64bits(v.floats[row]))
		default:
			fmt.Fprintf(&b, "%x|", v.blob(row))
		}
	}
	return b.String()
}

func TestRoundTrip(t *testing.T) {
	for step, rows := range map[int]int{1: 200, 999: 5000, 100_000: 5000} {
		c := everyType(rows)
		f := write(t, c, 2, nil)
		if f.Rows != int64(2*rows) || len(f.Offsets) != 2 {
			t.Fatalf("%+v", f)
		}
		got := read(t, f.Path, c.schema, step)
		if got.rows != 2*rows {
			t.Fatalf("step %d: %d rows", step, got.rows)
		}
		for row := range got.rows {
			if want := c.text(row % rows); got.text(row) != want {
				t.Fatalf("row %d: %s, want %s", row, got.text(row), want)
			}
		}
	}
}

func TestReadOtherColumns(t *testing.T) {
	c := everyType(100)
	f := write(t, c, 1, nil)
	s := schema.Schema{Columns: []schema.Column{
		{ID: 99, Name: "absent", Type: typ(schema.String)},
		{ID: 1, Name: "renamed", Type: typ(schema.Long)},
	}}
	got := read(t, f.Path, s, 7)
	for row := range got.rows {
		if !got.Null(0, row) || got.Int(1, row) != int64(row) {
			t.Fatalf("row %d: %s", row, got.text(row))
		}
	}
	r, err := Open(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	wrong := r.Scan(schema.Schema{Columns: []schema.Column{{ID: 1, Name: "id", Type: typ(schema.String)}}})
	if _, err := wrong.Next(NewChunk(wrong.schema), 1); err == nil {
		t.Error("a long was read as a string")
	}
}

func TestSkip(t *testing.T) {
	c := everyType(1000)
	f := write(t, c, 3, nil)
	r, err := Open(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	scan, got := r.Scan(c.schema), NewChunk(c.schema)
	defer scan.Close()
	at := int64(0)
	for _, pos := range []int64{0, 5, 6, 900, 999, 1000, 1999, 2500, 2999} {
		if err := scan.Skip(pos - at); err != nil {
			t.Fatal(err)
		}
		got.Reset()
		if n, err := scan.Next(got, 1); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if want := c.text(int(pos % 1000)); got.text(0) != want {
			t.Fatalf("row %d: %s, want %s", pos, got.text(0), want)
		}
		at = pos + 1
	}
	if _, err := scan.Next(got, 1); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
}

// TestBoundsHold: every value of a file is within its bounds, and nulls are counted.
func TestBoundsHold(t *testing.T) {
	c := everyType(3000)
	f := write(t, c, 2, nil)
	for i, col := range c.schema.Columns {
		stats := f.Columns[col.ID]
		nulls := int64(0)
		for row := range c.rows {
			if c.Null(i, row) {
				nulls++
				continue
			}
			if c.cols[i].class == floats && math.IsNaN(c.cols[i].floats[row]) {
				continue // NaN is outside of every bound (Iceberg spec, data_file)
			}
			x := c.Single(i, row)
			if stats.Lower != nil && CompareSingle(col.Type, x, stats.Lower) < 0 || stats.Upper != nil && CompareSingle(col.Type, x, stats.Upper) > 0 {
				t.Fatalf("%s: %x is not in %x..%x", col.Name, x, stats.Lower, stats.Upper)
			}
		}
		if stats.Values != int64(2*c.rows) || stats.Nulls != 2*nulls {
			t.Errorf("%s: %d values, %d nulls; want %d, %d", col.Name, stats.Values, stats.Nulls, 2*c.rows, 2*nulls)
		}
		if (stats.Lower == nil) != wideDecimal(col.Type) {
			t.Errorf("%s: bounds %x..%x", col.Name, stats.Lower, stats.Upper)
		}
	}
}

func TestOrder(t *testing.T) {
	c := everyType(2000)
	for i, col := range c.schema.Columns {
		for _, descending := range []bool{false, true} {
			keys := []SortKey{{Column: i, Descending: descending}, {Column: 0}}
			order := c.Order(keys)
			for j := 1; j < len(order); j++ {
				if c.compareRows(keys, int(order[j-1]), int(order[j])) >= 0 {
					t.Fatalf("%s: row %d is out of order", col.Name, j)
				}
			}
		}
	}
	if c.Order([]SortKey{{Column: 0}}) != nil {
		t.Error("sorted rows need no order")
	}
}

func TestAppendFrom(t *testing.T) {
	c := everyType(300)
	all, some := NewChunk(c.schema), NewChunk(c.schema)
	all.AppendFrom(c, nil)
	all.AppendFrom(c, nil)
	rows := []int32{5, 299, 0, 5}
	some.AppendFrom(c, rows)
	some.AppendFrom(c, rows)
	for r := range all.rows {
		if all.text(r) != c.text(r%300) {
			t.Fatal(r)
		}
	}
	for r := range some.rows {
		if some.text(r) != c.text(int(rows[r%4])) {
			t.Fatal(r)
		}
	}
	some.Truncate(3)
	some.AppendFrom(c, rows)
	if some.rows != 7 || some.text(2) != c.text(0) || some.text(3) != c.text(5) {
		t.Fatal("truncated wrongly")
	}
}

// TestHashIgnoresAbsentColumns: a row has one hash, whatever columns it lacks.
func TestHashIgnoresAbsentColumns(t *testing.T) {
	c := everyType(500)
	wider := schema.Schema{Columns: append([]schema.Column{{ID: 77, Name: "new", Type: typ(schema.String)}}, c.schema.Columns...)}
	p := c.Project(wider)
	a, b := make([]Hash, c.rows), make([]Hash, c.rows)
	cols := func(n int) []int {
		out := make([]int, n)
		for i := range out {
			out[i] = i
		}
		return out
	}
	c.HashRows(cols(len(c.cols)), 3, 0, a)
	p.HashRows(cols(len(p.cols)), 3, 0, b)
	seen := map[Hash]bool{}
	for r := range a {
		if a[r] != b[r] {
			t.Fatalf("row %d", r)
		}
		if seen[a[r]] {
			t.Fatalf("row %d has another's hash", r)
		}
		seen[a[r]] = true
	}
}

func TestDictionaryIsChosenByTheRows(t *testing.T) {
	c := narrow(10_000)
	for i, want := range map[int]bool{1: false, 8: true, 9: true} {
		if got := lowCardinality(&c.cols[i], c.rows); got != want {
			t.Errorf("%s: %v", c.schema.Columns[i].Name, got)
		}
	}
}

func FuzzRaise(f *testing.F) {
	f.Add("abc", "abd")
	f.Add("\U0010ffff", "x")
	f.Add("\xff\xff", "y")
	f.Add("\ud7ff", "z")
	f.Fuzz(func(t *testing.T, value, rest string) {
		for _, text := range []bool{true, false} {
			if text && !utf8.ValidString(value+rest) {
				continue
			}
			whole := []byte(value + rest)
			p := prefix(whole, text)
			if bytes.Compare(p, whole) > 0 {
				t.Fatalf("prefix %x of %x", p, whole)
			}
			if up := raise(p, text); up != nil && (bytes.Compare(up, whole) <= 0 || text && !utf8.Valid(up)) {
				t.Fatalf("%x does not bound %x", up, whole)
			}
		}
	})
}

func TestDeletesRoundTrip(t *testing.T) {
	want := []Deletes{{"file:///a b/1.parquet", []int64{0, 5, 1 << 40}}, {"file:///a b/2.parquet", []int64{7}}}
	f, err := WriteDeletes(filepath.Join(t.TempDir(), "d.parquet"), want)
	if err != nil || f.Rows != 4 {
		t.Fatal(f, err)
	}
	var got []string
	r, err := Open(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	err = r.Deletes(func(file []byte, pos int64) error {
		got = append(got, fmt.Sprint(string(file), pos))
		return nil
	})
	if err != nil || fmt.Sprint(got) != "[file:///a b/1.parquet0 file:///a b/1.parquet5 file:///a b/1.parquet1099511627776 file:///a b/2.parquet7]" {
		t.Fatal(got, err)
	}
}
