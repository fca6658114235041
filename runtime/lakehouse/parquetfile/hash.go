package parquetfile

import (
	"encoding/binary"
	"math"

	"github.com/zeebo/xxh3"
)

// Hash stands for a row's values: equal rows have equal hashes, and with 128
// bits different ones have different hashes for all we will ever see.
type Hash struct{ Hi, Lo uint64 }

// Mixed is a row's hash as it may be added to others' without loss: HashRows
// gives a sum over columns, and sums of sums do not tell whose value is whose.
func (h Hash) Mixed() Hash {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], h.Hi)
	binary.LittleEndian.PutUint64(b[8:], h.Lo)
	m := xxh3.Hash128(b[:])
	return Hash{m.Hi, m.Lo}
}

// HashRows adds to out, one element a row from row `from` on, the hash of the
// values of some columns. Columns count by field id, not by place, and a null
// counts as an absent column; so a row keeps its hash when columns are added.
func (c *Chunk) HashRows(cols []int, seed uint64, from int, out []Hash) {
	var b [8]byte
	for _, col := range cols {
		v := &c.cols[col]
		s := seed ^ uint64(c.schema.Columns[col].ID)*0x9e3779b97f4a7c15
		for r := from; r < c.rows; r++ {
			if v.null(r) {
				continue
			}
			var h xxh3.Uint128
			switch v.class {
			case ints:
				binary.LittleEndian.PutUint64(b[:], uint64(v.ints[r]))
				h = xxh3.Hash128Seed(b[:], s)
			case floats:
				binary.LittleEndian.PutUint64(b[:], floatBits(v.floats[r]))
				h = xxh3.Hash128Seed(b[:], s)
			default:
				h = xxh3.Hash128Seed(v.blob(r), s)
			}
			out[r-from].Hi += h.Hi
			out[r-from].Lo += h.Lo
		}
	}
}

// floatBits makes equal numbers equal bits: one zero, one NaN.
func floatBits(f float64) uint64 {
	switch {
	case f == 0:
		return 0
	case math.IsNaN(f):
		return 0x7ff8000000000001
	}
	return math.Float64bits(f)
}
