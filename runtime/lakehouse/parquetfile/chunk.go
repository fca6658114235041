package parquetfile

import (
	"fmt"
	"slices"

	"github.com/floe-data/floe/runtime/schema"
)

// Chunk is rows that wait to be written: one typed slice a column.
type Chunk struct {
	schema schema.Schema
	cols   []vector
	rows   int
}

// maxChunkData keeps a column's bytes within 32-bit offsets.
const maxChunkData = 1 << 31

// NewChunk makes an empty chunk of the schema's columns.
func NewChunk(s schema.Schema) *Chunk {
	c := &Chunk{schema: s, cols: make([]vector, len(s.Columns))}
	for i, col := range s.Columns {
		c.cols[i].class = classOf(col.Type)
	}
	return c
}

// Schema is the chunk's columns.
func (c *Chunk) Schema() schema.Schema { return c.schema }

// Rows is how many rows wait.
func (c *Chunk) Rows() int { return c.rows }

// Bytes is what the rows take in memory.
func (c *Chunk) Bytes() int64 {
	var n int64
	for i := range c.cols {
		n += c.cols[i].size()
	}
	return n
}

// Reset empties the chunk and keeps its memory.
func (c *Chunk) Reset() {
	for i := range c.cols {
		c.cols[i].reset()
	}
	c.rows = 0
}

// Null says whether a value is null.
func (c *Chunk) Null(col, row int) bool { return c.cols[col].null(row) }

// Int is the value of a boolean (0, 1), long, date (days), timestamp
// (microseconds) or decimal of up to 18 digits (unscaled).
func (c *Chunk) Int(col, row int) int64 { return c.cols[col].ints[row] }

// Blob is the value of a string, json or binary column; it must not be changed.
func (c *Chunk) Blob(col, row int) []byte { return c.cols[col].blob(row) }

// AppendFrom adds some rows of a chunk with the same column types. Nil means
// all rows.
func (c *Chunk) AppendFrom(src *Chunk, rows []int32) {
	for i := range c.cols {
		if rows == nil {
			c.cols[i].addAll(&src.cols[i])
			continue
		}
		c.cols[i].addSome(&src.cols[i], rows)
	}
	if rows == nil {
		c.rows += src.rows
		return
	}
	c.rows += len(rows)
}

// Project gives the same rows with another schema's columns, matched by field
// id; a column that is missing is null. The values are shared, not copied.
func (c *Chunk) Project(s schema.Schema) *Chunk {
	out := &Chunk{schema: s, cols: make([]vector, len(s.Columns)), rows: c.rows}
	for i, col := range s.Columns {
		from := slices.IndexFunc(c.schema.Columns, func(o schema.Column) bool { return o.ID == col.ID })
		if from >= 0 {
			out.cols[i] = c.cols[from]
			continue
		}
		out.cols[i].class = classOf(col.Type)
		for range c.rows {
			out.cols[i].addNull()
		}
	}
	return out
}

// Bounds are the least and the greatest value of a column from a row on, as
// single values; nil if all are null.
func (c *Chunk) Bounds(col, from int) (lower, upper []byte) {
	v, t := &c.cols[col], c.schema.Columns[col].Type
	low, high := -1, -1
	for r := from; r < c.rows; r++ {
		if v.null(r) {
			continue
		}
		if low < 0 || v.compare(t, r, low) < 0 {
			low = r
		}
		if high < 0 || v.compare(t, r, high) > 0 {
			high = r
		}
	}
	if low < 0 {
		return nil, nil
	}
	return c.Single(col, low), c.Single(col, high)
}

// SetInt makes every row's value of a column x.
func (c *Chunk) SetInt(col int, x int64) {
	v := &c.cols[col]
	v.reset()
	v.ints = slices.Grow(v.ints, c.rows)
	for range c.rows {
		v.ints = append(v.ints, x)
	}
}

// SetText makes every row's value of a string column s, null if s is empty.
func (c *Chunk) SetText(col int, s string) {
	v := &c.cols[col]
	v.reset()
	for range c.rows {
		if s == "" {
			v.addNull()
			continue
		}
		v.data = append(v.data, s...)
		v.ends = append(v.ends, uint32(len(v.data)))
	}
}

// Missing finds the first null in a required column from a row on; columns in
// except are not looked at.
func (c *Chunk) Missing(from int, except []int) error {
	for i, col := range c.schema.Columns {
		if !col.Required || c.cols[i].nulls == nil || slices.Contains(except, i) {
			continue
		}
		if r := slices.Index(c.cols[i].nulls[from:], true); r >= 0 {
			return fmt.Errorf("row %d: column %q is required and has no value", r+1, col.Name)
		}
	}
	return nil
}

// Truncate drops the rows from a row on.
func (c *Chunk) Truncate(rows int) {
	c.truncate(rows)
	c.rows = min(c.rows, rows)
}

// SortKey orders rows by a column. Nulls come first ascending, last descending,
// as Iceberg's default is.
type SortKey struct {
	Column     int // index in the schema
	Descending bool
}

// Order gives the rows' indexes sorted by keys, equal rows in their old order;
// nil if they are sorted already or there are no keys.
func (c *Chunk) Order(keys []SortKey) []int32 {
	if len(keys) == 0 || c.sorted(keys) {
		return nil
	}
	order := make([]int32, c.rows)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return c.compareRows(keys, int(a), int(b)) })
	return order
}

func (c *Chunk) sorted(keys []SortKey) bool {
	for r := 1; r < c.rows; r++ {
		if c.compareRows(keys, r-1, r) > 0 {
			return false
		}
	}
	return true
}

func (c *Chunk) compareRows(keys []SortKey, a, b int) int {
	for _, k := range keys {
		v := &c.cols[k.Column]
		na, nb := v.null(a), v.null(b)
		var d int
		switch {
		case na && nb:
			continue
		case na:
			d = -1
		case nb:
			d = 1
		default:
			d = v.compare(c.schema.Columns[k.Column].Type, a, b)
		}
		if k.Descending {
			d = -d
		}
		if d != 0 {
			return d
		}
	}
	return 0
}
