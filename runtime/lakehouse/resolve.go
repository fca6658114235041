package lakehouse

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/apache/iceberg-go"
	"golang.org/x/sync/errgroup"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

// resolve finds out against a head what a merge has to write and to delete, and
// writes it. Done again when the head has moved.
func (ld *Load) resolve(ctx context.Context, head *Table, o *outcome) error {
	if o.resolved && o.base == snapshotID(head.ice) {
		return nil // only properties changed
	}
	if err := o.remove(ld.lake.fs); err != nil {
		return err
	}
	m := ld.merge
	if err := m.fits(head); err != nil {
		return err
	}
	for _, s := range m.staged {
		for r := range s.flags {
			s.flags[r] &= outdated
		}
	}
	doomedRows, err := m.find(ctx, head)
	if err != nil {
		return err
	}
	next := outcome{resolved: true, base: snapshotID(head.ice), doubles: m.double}
	m.tally(&next)
	if next.files, err = ld.writeWanted(ctx, head); err != nil {
		return err
	}
	if next.deletes, err = ld.lake.writeDeletes(ctx, head.ice.Metadata(), doomedRows); err != nil {
		_ = ld.lake.fs.remove(paths(ld.lake.fs, next.files))
		return err
	}
	*o = next
	return nil
}

// fits says whether the key columns are still those that the rows were staged by.
func (m *merge) fits(head *Table) error {
	for _, s := range m.staged {
		for _, k := range m.key {
			was, _ := s.schema.Column(k)
			if is, _ := head.schema.Column(k); is.ID != was.ID || is.Type != was.Type {
				return fmt.Errorf("%w: key column %q was changed during the load; run again", ErrConflict, k)
			}
		}
	}
	return nil
}

// tally counts what becomes of the staged rows.
func (m *merge) tally(o *outcome) {
	for _, s := range m.staged {
		for _, f := range s.flags {
			switch {
			case f&outdated != 0:
			case f&same != 0:
				o.same++
			case f&matched != 0:
				o.updated++
			default:
				o.inserted++
			}
		}
	}
}

// writeWanted writes the staged rows that the table lacks.
func (ld *Load) writeWanted(ctx context.Context, head *Table) (files []iceberg.DataFile, err error) {
	out, err := newFanout(ld.lake.fs, head.ice.Metadata(), head.Location(), head.schema, ld.out.budget/2)
	if err != nil {
		return nil, err
	}
	out.stamp = ld.stamper(head.schema)
	defer func() {
		if err != nil {
			_ = out.abort()
		}
	}()
	for _, s := range ld.merge.staged {
		rows := s.wanted()
		if len(rows) == 0 {
			continue
		}
		c, err := s.read()
		if err != nil {
			return nil, err
		}
		if !slices.Equal(s.schema.Columns, head.schema.Columns) {
			c = c.Project(head.schema)
		}
		if err := out.add(ctx, c, rows); err != nil {
			return nil, err
		}
	}
	return out.close(ctx)
}

// hit is a row of the table that has the key of a staged row.
type hit struct {
	pos   int64
	place place
	same  bool // and its values
}

// find looks for the staged rows' keys in the table, marks what it finds, and
// gives the table's rows that go.
func (m *merge) find(ctx context.Context, head *Table) ([]doomed, error) {
	content, err := head.content(ctx)
	if err != nil {
		return nil, err
	}
	var candidates []int
	for i := range content.data {
		if m.mayHold(head.schema, content.data[i]) {
			candidates = append(candidates, i)
		}
	}
	deleted, err := content.positions(ctx, candidates)
	if err != nil {
		return nil, err
	}
	found := make([][]hit, len(candidates))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(min(4, runtime.GOMAXPROCS(0)))
	for i, at := range candidates {
		g.Go(func() (err error) {
			found[i], err = m.search(ctx, head.schema, content.data[at], deleted[at])
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var out []doomed
	for i, at := range candidates {
		if rows := m.mark(found[i]); len(rows) > 0 {
			out = append(out, doomed{file: content.data[at].DataFile, positions: rows})
		}
	}
	return out, nil
}

// mark notes what was found and gives the positions that go: all rows of a
// key, but for one that is the same already.
func (m *merge) mark(hits []hit) []int64 {
	var rows []int64
	for _, h := range hits {
		f := &m.staged[h.place.stage].flags[h.place.row]
		*f |= matched
		if h.same && *f&same == 0 {
			*f |= same
			continue
		}
		rows = append(rows, h.pos)
	}
	return rows
}

// mayHold says whether a data file may hold a staged key, by the manifest's
// bounds of the key columns.
func (m *merge) mayHold(s schema.Schema, f live) bool {
	lower, upper := f.LowerBoundValues(), f.UpperBoundValues()
	for _, k := range m.key {
		c, _ := s.Column(k)
		b, ok := m.bounds[k]
		if !ok {
			return false // nothing was staged
		}
		if low := lower[c.ID]; low != nil && parquetfile.CompareSingle(c.Type, low, b.upper) > 0 {
			return false
		}
		if high := upper[c.ID]; high != nil && parquetfile.CompareSingle(c.Type, high, b.lower) < 0 {
			return false
		}
	}
	return true
}

// positions reads the deleted rows of some data files, sorted, by the data
// file's index.
func (c *content) positions(ctx context.Context, files []int) (map[int][]int64, error) {
	byPath, needed := map[string]int{}, map[int]bool{}
	for _, i := range files {
		for _, d := range c.dirt[i] {
			byPath[c.data[i].FilePath()] = i
			needed[d] = true
		}
	}
	out := map[int][]int64{}
	for d := range needed {
		err := readDeletes(ctx, c.fs, c.deletes[d].FilePath(), func(dataFile []byte, pos int64) error {
			if i, ok := byPath[string(dataFile)]; ok && c.data[i].sequence <= c.deletes[d].sequence {
				out[i] = append(out[i], pos)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	for i := range out {
		slices.Sort(out[i])
		out[i] = slices.Compact(out[i])
	}
	return out, nil
}
