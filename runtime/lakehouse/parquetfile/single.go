package parquetfile

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"

	"github.com/floe-data/floe/runtime/schema"
)

// CompareSingle orders two single values (Iceberg spec, Appendix D) of a type.
func CompareSingle(t schema.Type, a, b []byte) int {
	switch t.Stored().Kind {
	case schema.Boolean, schema.Long, schema.Date, schema.Timestamp, schema.Timestamptz:
		return cmp.Compare(SingleInt(a), SingleInt(b))
	case schema.Double:
		return cmp.Compare(singleFloat(a), singleFloat(b))
	case schema.Decimal:
		n := max(len(a), len(b))
		return compareSigned(widen(a, n), widen(b, n))
	}
	return bytes.Compare(a, b)
}

// SingleInt reads a single value of a boolean, date, long or timestamp.
func SingleInt(b []byte) int64 {
	switch len(b) {
	case 1:
		return int64(b[0])
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	case 8:
		return int64(binary.LittleEndian.Uint64(b))
	}
	return 0
}

// Single is the single-value form of a value of the chunk.
func (c *Chunk) Single(col, row int) []byte {
	v, t := &c.cols[col], c.schema.Columns[col].Type
	switch v.class {
	case floats:
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v.floats[row]))
	case blobs:
		if t.Kind == schema.Decimal {
			return minimal(bytes.Clone(v.blob(row)))
		}
		return bytes.Clone(v.blob(row))
	}
	x := v.ints[row]
	switch t.Kind {
	case schema.Boolean:
		return []byte{byte(x)}
	case schema.Date:
		return binary.LittleEndian.AppendUint32(nil, uint32(x))
	case schema.Decimal:
		return minimal(binary.BigEndian.AppendUint64(nil, uint64(x)))
	}
	return binary.LittleEndian.AppendUint64(nil, uint64(x))
}

func singleFloat(b []byte) float64 {
	if len(b) != 8 {
		return math.NaN()
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

// widen sign-extends a big-endian number to n bytes.
func widen(b []byte, n int) []byte {
	if len(b) >= n {
		return b
	}
	out := make([]byte, n)
	if len(b) > 0 && b[0]&0x80 != 0 {
		for i := range out {
			out[i] = 0xff
		}
	}
	copy(out[n-len(b):], b)
	return out
}
