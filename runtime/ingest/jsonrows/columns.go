package jsonrows

import (
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/floe-data/floe/runtime/schema"
)

// ArrowType is the Arrow type of the batches' columns of type t.
func ArrowType(t schema.Type) arrow.DataType {
	switch t.Kind {
	case schema.Boolean:
		return arrow.FixedWidthTypes.Boolean
	case schema.Long:
		return arrow.PrimitiveTypes.Int64
	case schema.Double:
		return arrow.PrimitiveTypes.Float64
	case schema.Decimal:
		return &arrow.Decimal128Type{Precision: int32(t.Precision), Scale: int32(t.Scale)}
	case schema.Date:
		return arrow.FixedWidthTypes.Date32
	case schema.Timestamp:
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case schema.Timestamptz:
		return arrow.FixedWidthTypes.Timestamp_us
	case schema.Binary:
		return arrow.BinaryTypes.Binary
	}
	return arrow.BinaryTypes.String
}

// column holds the values of one column until the batch is made. It is not an
// Arrow builder because a row that turns out to be bad must be cut off again.
type column struct {
	kind    schema.Kind
	n       int       // rows
	valid   []byte    // bit i: row i is not null
	longs   []int64   // Long, Timestamp, Timestamptz
	doubles []float64 // Double
	dates   []int32   // Date
	words   []uint64  // Decimal: low and high half
	truths  []byte    // Boolean: bit i
	ends    []int32   // texts: row i is data[ends[i]:ends[i+1]]
	data    []byte
}

// reset forgets all rows; the slices belong to the last batch and are not used again.
func (c *column) reset(rows, bytes int) {
	*c = column{kind: c.kind}
	c.valid = make([]byte, 0, rows/8+1)
	switch c.kind {
	case schema.Long, schema.Timestamp, schema.Timestamptz:
		c.longs = make([]int64, 0, rows)
	case schema.Double:
		c.doubles = make([]float64, 0, rows)
	case schema.Date, schema.Boolean, schema.Decimal:
	default:
		c.ends = append(make([]int32, 0, rows+1), 0)
		c.data = make([]byte, 0, bytes+bytes/8)
	}
}

func setBit(bitmap []byte, i int, on bool) []byte {
	for len(bitmap) <= i/8 {
		bitmap = append(bitmap, 0)
	}
	if on {
		bitmap[i/8] |= 1 << (i % 8)
	} else {
		bitmap[i/8] &^= 1 << (i % 8)
	}
	return bitmap
}

func (c *column) present() {
	c.valid = setBit(c.valid, c.n, true)
	c.n++
}

func (c *column) null() {
	switch c.kind {
	case schema.Boolean:
		c.truths = setBit(c.truths, c.n, false)
	case schema.Long, schema.Timestamp, schema.Timestamptz:
		c.longs = append(c.longs, 0)
	case schema.Double:
		c.doubles = append(c.doubles, 0)
	case schema.Date:
		c.dates = append(c.dates, 0)
	case schema.Decimal:
		c.words = append(c.words, 0, 0)
	default:
		c.ends = append(c.ends, int32(len(c.data)))
	}
	c.valid = setBit(c.valid, c.n, false)
	c.n++
}

func (c *column) long(v int64) {
	c.longs = append(c.longs, v)
	c.present()
}

func (c *column) double(v float64) {
	c.doubles = append(c.doubles, v)
	c.present()
}

func (c *column) date(v int32) {
	c.dates = append(c.dates, v)
	c.present()
}

func (c *column) truth(v bool) {
	c.truths = setBit(c.truths, c.n, v)
	c.present()
}

// decimal takes an unscaled value.
func (c *column) decimal(v int64) {
	c.words = append(c.words, uint64(v), uint64(v>>63))
	c.present()
}

// text ends a value whose bytes were appended to c.data.
func (c *column) text() {
	c.ends = append(c.ends, int32(len(c.data)))
	c.present()
}

// cut removes the rows from n on.
func (c *column) cut(n int) {
	if c.n <= n {
		return
	}
	c.n = n
	switch c.kind {
	case schema.Boolean:
	case schema.Long, schema.Timestamp, schema.Timestamptz:
		c.longs = c.longs[:n]
	case schema.Double:
		c.doubles = c.doubles[:n]
	case schema.Date:
		c.dates = c.dates[:n]
	case schema.Decimal:
		c.words = c.words[:2*n]
	default:
		c.ends = c.ends[:n+1]
		c.data = c.data[:c.ends[n]]
	}
}

// array makes the Arrow array, which takes the slices over.
func (c *column) array(t arrow.DataType) arrow.Array {
	validity := memory.NewBufferBytes(c.valid)
	nulls := c.n - ones(c.valid, c.n)
	var buffers []*memory.Buffer
	switch c.kind {
	case schema.Boolean:
		buffers = []*memory.Buffer{validity, memory.NewBufferBytes(c.truths)}
	case schema.Long, schema.Timestamp, schema.Timestamptz:
		buffers = []*memory.Buffer{validity, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(c.longs))}
	case schema.Double:
		buffers = []*memory.Buffer{validity, memory.NewBufferBytes(arrow.Float64Traits.CastToBytes(c.doubles))}
	case schema.Date:
		buffers = []*memory.Buffer{validity, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.dates))}
	case schema.Decimal:
		buffers = []*memory.Buffer{validity, memory.NewBufferBytes(arrow.Uint64Traits.CastToBytes(c.words))}
	default:
		buffers = []*memory.Buffer{validity, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.ends)), memory.NewBufferBytes(c.data)}
	}
	data := array.NewData(t, c.n, buffers, nil, nulls, 0)
	defer data.Release()
	return array.MakeFromData(data)
}

// ones counts the set bits among the first n; bits behind them may be left from rows that were cut off.
func ones(bitmap []byte, n int) int {
	count := 0
	for i := range n / 8 {
		count += bits.OnesCount8(bitmap[i])
	}
	if n%8 != 0 {
		count += bits.OnesCount8(bitmap[n/8] & (1<<(n%8) - 1))
	}
	return count
}
