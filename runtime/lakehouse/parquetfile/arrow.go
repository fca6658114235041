package parquetfile

import (
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/floe-data/floe/runtime/schema"
)

// AppendRecord adds all rows of an Arrow batch. Columns are matched by name; a
// column that the batch lacks is null, one that the schema lacks is an error.
// On an error the chunk is as it was.
func (c *Chunk) AppendRecord(b arrow.RecordBatch) error {
	columns := make([]arrow.Array, len(c.cols))
	for i, f := range b.Schema().Fields() {
		at := slices.IndexFunc(c.schema.Columns, func(col schema.Column) bool { return col.Name == f.Name })
		if at < 0 {
			return fmt.Errorf("column %q is not in the table; it has %v", f.Name, c.schema.Names())
		}
		if err := accepts(c.schema.Columns[at], f.Type); err != nil {
			return err
		}
		columns[at] = b.Column(i)
	}
	n := int(b.NumRows())
	for i, a := range columns {
		if err := appendArray(&c.cols[i], c.schema.Columns[i], a, n); err != nil {
			c.truncate(c.rows)
			return err
		}
	}
	c.rows += n
	return nil
}

func (c *Chunk) truncate(rows int) {
	for i := range c.cols {
		v := &c.cols[i]
		if v.len() <= rows {
			continue
		}
		switch v.class {
		case ints:
			v.ints = v.ints[:rows]
		case floats:
			v.floats = v.floats[:rows]
		default:
			v.ends = v.ends[:rows]
			v.data = v.data[:0]
			if rows > 0 {
				v.data = v.data[:v.ends[rows-1]]
			}
		}
		if v.nulls != nil {
			v.nulls = v.nulls[:rows]
		}
	}
}

// accepts says whether an Arrow type can be kept in a column.
func accepts(col schema.Column, t arrow.DataType) error {
	ok := t.ID() == arrow.NULL
	switch col.Type.Stored().Kind {
	case schema.Boolean:
		ok = ok || t.ID() == arrow.BOOL
	case schema.Long:
		ok = ok || t.ID() == arrow.INT64 || t.ID() == arrow.INT32
	case schema.Double:
		ok = ok || t.ID() == arrow.FLOAT64 || t.ID() == arrow.FLOAT32
	case schema.Decimal:
		d, is := t.(*arrow.Decimal128Type)
		ok = ok || is && int(d.Scale) == col.Type.Scale && int(d.Precision) <= max(col.Type.Precision, maxIntDigits)
	case schema.Date:
		ok = ok || t.ID() == arrow.DATE32
	case schema.Timestamp, schema.Timestamptz:
		ts, is := t.(*arrow.TimestampType)
		ok = ok || is && ts.Unit == arrow.Microsecond
	case schema.String:
		ok = ok || t.ID() == arrow.STRING || t.ID() == arrow.LARGE_STRING
	case schema.Binary:
		ok = ok || t.ID() == arrow.BINARY || t.ID() == arrow.LARGE_BINARY
	}
	if !ok {
		return fmt.Errorf("column %q is %s, an Arrow %s cannot be kept in it", col.Name, col.Type, t)
	}
	return nil
}

func appendArray(v *vector, col schema.Column, a arrow.Array, n int) error {
	switch a := a.(type) {
	case nil, *array.Null:
		for range n {
			v.addNull()
		}
	case *array.Int64:
		appendInts(v, a, a.Int64Values(), n)
	case *array.Timestamp:
		appendInts(v, a, a.TimestampValues(), n)
	case *array.Int32:
		appendInts(v, a, a.Int32Values(), n)
	case *array.Date32:
		appendInts(v, a, a.Date32Values(), n)
	case *array.Boolean:
		eachValue(v, a, n, func(i int) { v.addInt(boolInt(a.Value(i))) })
	case *array.Float64:
		eachValue(v, a, n, func(i int) { v.addFloat(a.Value(i)) })
	case *array.Float32:
		eachValue(v, a, n, func(i int) { v.addFloat(float64(a.Value(i))) })
	case *array.Decimal128:
		return appendDecimals(v, col, a, n)
	case *array.String:
		return appendStrings(v, col, a, n)
	case *array.LargeString:
		return appendStrings(v, col, a, n)
	case *array.Binary:
		return appendBinaries(v, col, a, n)
	case *array.LargeBinary:
		return appendBinaries(v, col, a, n)
	default:
		return fmt.Errorf("column %q: Arrow arrays of type %s are not read", col.Name, a.DataType())
	}
	return nil
}

func eachValue(v *vector, a arrow.Array, n int, add func(i int)) {
	for i := range n {
		if a.IsNull(i) {
			v.addNull()
			continue
		}
		add(i)
	}
}

func appendInts[T ~int32 | ~int64](v *vector, a arrow.Array, values []T, n int) {
	v.ints = slices.Grow(v.ints, n)
	if a.NullN() > 0 || v.nulls != nil {
		eachValue(v, a, n, func(i int) { v.addInt(int64(values[i])) })
		return
	}
	for _, x := range values[:n] {
		v.ints = append(v.ints, int64(x))
	}
}

func appendStrings(v *vector, col schema.Column, a array.StringLike, n int) error {
	v.ends = slices.Grow(v.ends, n)
	for i := range n {
		if a.IsNull(i) {
			v.addNull()
			continue
		}
		s := a.Value(i)
		if len(v.data)+len(s) >= maxChunkData {
			return fmt.Errorf("column %q: the rows of one batch hold more than %d bytes; write smaller batches", col.Name, maxChunkData)
		}
		v.data = append(v.data, s...)
		v.ends = append(v.ends, uint32(len(v.data)))
		v.mark(false)
	}
	return nil
}

type binaryArray interface {
	arrow.Array
	Value(i int) []byte
}

func appendBinaries(v *vector, col schema.Column, a binaryArray, n int) error {
	for i := range n {
		if a.IsNull(i) {
			v.addNull()
			continue
		}
		b := a.Value(i)
		if len(v.data)+len(b) >= maxChunkData {
			return fmt.Errorf("column %q: the rows of one batch hold more than %d bytes; write smaller batches", col.Name, maxChunkData)
		}
		v.addBlob(b)
	}
	return nil
}

func appendDecimals(v *vector, col schema.Column, a *array.Decimal128, n int) error {
	limit := int64(math.Pow10(min(col.Type.Precision, maxIntDigits)))
	width := decimalWidth(col.Type.Precision)
	for i := range n {
		if a.IsNull(i) {
			v.addNull()
			continue
		}
		d := a.Value(i)
		if v.class == blobs {
			v.addBlob(bigEndian(uint64(d.HighBits()), d.LowBits(), width))
			continue
		}
		x := int64(d.LowBits())
		if d.HighBits() != x>>63 || x >= limit || x <= -limit {
			return fmt.Errorf("column %q: row %d does not fit %s", col.Name, i+1, col.Type)
		}
		v.addInt(x)
	}
	return nil
}

// bigEndian is the last width bytes of a 128-bit number, big-endian.
func bigEndian(high, low uint64, width int) []byte {
	b := make([]byte, 16)
	for i := range 8 {
		b[i] = byte(high >> (56 - 8*i))
		b[8+i] = byte(low >> (56 - 8*i))
	}
	return b[16-width:]
}
