package lakehouse

import (
	"context"
	"fmt"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
)

// Checksum stands for a snapshot's rows, in whatever order and files they are:
// two tables of the same columns have the same one if they hold the same rows.
type Checksum struct {
	Rows   int64
	hi, lo uint64
}

// String is the rows and a hash in hexadecimal.
func (c Checksum) String() string { return fmt.Sprintf("%d rows, %016x%016x", c.Rows, c.hi, c.lo) }

// Checksum reads all rows of a snapshot; 0 is the current one.
func (t *Table) Checksum(ctx context.Context, snapshot int64) (Checksum, error) {
	var sum Checksum
	s := t.ice.CurrentSnapshot()
	if snapshot != 0 {
		if s = t.ice.Metadata().SnapshotByID(snapshot); s == nil {
			return sum, fault.New(fault.Usage, fmt.Errorf("checksum of %s: it has no snapshot %d", t.name, snapshot), "floe tables "+t.name.String())
		}
	}
	c, err := t.contentAt(ctx, s)
	if err != nil {
		return sum, err
	}
	for i, f := range c.data {
		gone, err := c.deleted(ctx, i)
		if err == nil {
			err = eachChunk(ctx, t, f, t.schema, func(c *parquetfile.Chunk, at int64, n int) error {
				sum.add(c, at, n, gone)
				return nil
			})
		}
		if err != nil {
			return sum, fmt.Errorf("checksum of %s: %w", t.name, err)
		}
	}
	return sum, nil
}

// add adds a chunk's rows but those that are gone.
func (s *Checksum) add(c *parquetfile.Chunk, at int64, n int, gone map[int64]bool) {
	columns := make([]int, len(c.Schema().Columns))
	for i := range columns {
		columns[i] = i
	}
	hashes := make([]parquetfile.Hash, n)
	c.HashRows(columns, 0, 0, hashes)
	for row, h := range hashes {
		if gone[at+int64(row)] {
			continue
		}
		h = h.Mixed()
		s.Rows++
		s.hi += h.Hi
		s.lo += h.Lo
	}
}
