package parquetfile

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/floe-data/floe/runtime/schema"
)

// class is how a column's values are held in memory.
type class uint8

const (
	ints   class = iota // boolean, long, date, timestamps, decimals of up to 18 digits (unscaled)
	floats              // double
	blobs               // string, json, binary, wider decimals (big-endian, sign-extended to decimalWidth)
)

func classOf(t schema.Type) class {
	switch t.Kind {
	case schema.Double:
		return floats
	case schema.String, schema.JSON, schema.Binary:
		return blobs
	case schema.Decimal:
		if t.Precision > maxIntDigits {
			return blobs
		}
	}
	return ints
}

// maxIntDigits is the widest decimal that an int64 holds.
const maxIntDigits = 18

// decimalWidth is how many bytes a decimal takes as a fixed-length byte array
// (Iceberg spec, Appendix A, Parquet): the fewest that hold its precision.
func decimalWidth(precision int) int {
	return int(math.Ceil((float64(precision)*math.Log2(10) + 1) / 8))
}

// vector is one column of a Chunk. Null rows hold a zero value, so that a row
// has the same index in every slice.
type vector struct {
	class  class
	nulls  []bool // nil: no null yet
	ints   []int64
	floats []float64
	ends   []uint32 // blobs: where row i's bytes end in data
	data   []byte
}

func (v *vector) len() int {
	switch v.class {
	case ints:
		return len(v.ints)
	case floats:
		return len(v.floats)
	}
	return len(v.ends)
}

func (v *vector) size() int64 {
	return int64(8*len(v.ints) + 8*len(v.floats) + 4*len(v.ends) + len(v.data) + len(v.nulls))
}

func (v *vector) reset() {
	v.nulls = nil
	v.ints, v.floats, v.ends, v.data = v.ints[:0], v.floats[:0], v.ends[:0], v.data[:0]
}

func (v *vector) null(row int) bool { return v.nulls != nil && v.nulls[row] }

func (v *vector) blob(row int) []byte {
	start := uint32(0)
	if row > 0 {
		start = v.ends[row-1]
	}
	return v.data[start:v.ends[row]:v.ends[row]]
}

// mark notes whether the row that was just appended is null.
func (v *vector) mark(null bool) {
	switch {
	case v.nulls != nil:
		v.nulls = append(v.nulls, null)
	case null:
		v.nulls = make([]bool, v.len(), max(64, 2*v.len()))
		v.nulls[v.len()-1] = true
	}
}

func (v *vector) addNull() {
	switch v.class {
	case ints:
		v.ints = append(v.ints, 0)
	case floats:
		v.floats = append(v.floats, 0)
	default:
		v.ends = append(v.ends, uint32(len(v.data)))
	}
	v.mark(true)
}

func (v *vector) addInt(x int64) {
	v.ints = append(v.ints, x)
	v.mark(false)
}

func (v *vector) addFloat(x float64) {
	v.floats = append(v.floats, x)
	v.mark(false)
}

func (v *vector) addBlob(b []byte) {
	v.data = append(v.data, b...)
	v.ends = append(v.ends, uint32(len(v.data)))
	v.mark(false)
}

// addAll appends all rows of another vector of the same class.
func (v *vector) addAll(src *vector) {
	if v.nulls != nil || src.nulls != nil {
		v.nulls = slices.Grow(v.nulls, src.len())
		if len(v.nulls) < v.len() {
			v.nulls = append(v.nulls, make([]bool, v.len()-len(v.nulls))...)
		}
		if src.nulls == nil {
			v.nulls = append(v.nulls, make([]bool, src.len())...)
		} else {
			v.nulls = append(v.nulls, src.nulls...)
		}
	}
	v.ints = append(v.ints, src.ints...)
	v.floats = append(v.floats, src.floats...)
	shift := uint32(len(v.data))
	v.data = append(v.data, src.data...)
	v.ends = slices.Grow(v.ends, len(src.ends))
	for _, end := range src.ends {
		v.ends = append(v.ends, end+shift)
	}
}

// addSome appends some rows of another vector of the same class.
func (v *vector) addSome(src *vector, rows []int32) {
	if v.nulls != nil || src.nulls != nil {
		for _, r := range rows {
			v.addFrom(src, int(r))
		}
		return
	}
	switch v.class {
	case ints:
		for _, r := range rows {
			v.ints = append(v.ints, src.ints[r])
		}
	case floats:
		for _, r := range rows {
			v.floats = append(v.floats, src.floats[r])
		}
	default:
		for _, r := range rows {
			v.data = append(v.data, src.blob(int(r))...)
			v.ends = append(v.ends, uint32(len(v.data)))
		}
	}
}

func (v *vector) addFrom(src *vector, row int) {
	switch {
	case src.null(row):
		v.addNull()
	case v.class == ints:
		v.addInt(src.ints[row])
	case v.class == floats:
		v.addFloat(src.floats[row])
	default:
		v.addBlob(src.blob(row))
	}
}

// compare orders two rows that are not null. NaN is the greatest, as engines
// order it.
func (v *vector) compare(t schema.Type, a, b int) int {
	switch v.class {
	case ints:
		return cmp.Compare(v.ints[a], v.ints[b])
	case floats:
		x, y := v.floats[a], v.floats[b]
		if math.IsNaN(x) || math.IsNaN(y) {
			return cmp.Compare(boolInt(math.IsNaN(x)), boolInt(math.IsNaN(y)))
		}
		return cmp.Compare(x, y)
	}
	if t.Kind == schema.Decimal {
		return compareSigned(v.blob(a), v.blob(b))
	}
	return bytes.Compare(v.blob(a), v.blob(b))
}

// compareSigned orders big-endian two's complement numbers of one length.
func compareSigned(a, b []byte) int {
	if len(a) > 0 && len(b) > 0 && a[0]>>7 != b[0]>>7 {
		return cmp.Compare(b[0]>>7, a[0]>>7)
	}
	return bytes.Compare(a, b)
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
