package lakehouse

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

const (
	searchStep = 64 << 10 // rows of key columns read at once
	nearRows   = 256      // found rows that are closer are read together
	nearStep   = 2048
)

// search finds the staged rows' keys in a data file, and whether the values are
// the same; rows that are deleted already are passed over.
func (m *merge) search(ctx context.Context, s schema.Schema, f live, deleted []int64) (hits []hit, err error) {
	path, err := m.fs.path(f.FilePath())
	if err != nil {
		return nil, err
	}
	r, err := m.fs.open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if hits, err = m.searchKeys(ctx, r, s, deleted); err != nil || len(hits) == 0 {
		return hits, err
	}
	return hits, m.compareValues(r, s, hits)
}

func (m *merge) searchKeys(ctx context.Context, r *parquetfile.Reader, s schema.Schema, deleted []int64) (hits []hit, err error) {
	keys := schema.Schema{}
	for _, k := range m.key {
		c, _ := s.Column(k)
		keys.Columns = append(keys.Columns, c)
	}
	columns := m.keyColumns(keys)
	scan := r.Scan(keys)
	defer func() { err = errors.Join(err, scan.Close()) }()
	c := parquetfile.NewChunk(keys)
	hashes := make([]parquetfile.Hash, searchStep)
	for at := int64(0); ; {
		c.Reset()
		n, err := scan.Next(c, searchStep)
		if errors.Is(err, io.EOF) {
			return hits, nil
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		clear(hashes)
		c.HashRows(columns, m.seed, 0, hashes)
		for row := range n {
			place, ok := m.index[hashes[row]]
			if !ok {
				continue
			}
			pos := at + int64(row)
			if _, gone := slices.BinarySearch(deleted, pos); !gone {
				hits = append(hits, hit{pos: pos, place: place})
			}
		}
		at += int64(n)
	}
}

// compareValues reads the rows that were found and compares all their values
// with the staged rows'.
func (m *merge) compareValues(r *parquetfile.Reader, s schema.Schema, hits []hit) (err error) {
	var values schema.Schema
	for _, i := range valueColumns(s) {
		values.Columns = append(values.Columns, s.Columns[i])
	}
	columns := valueColumns(values)
	scan := r.Scan(values)
	defer func() { err = errors.Join(err, scan.Close()) }()
	c := parquetfile.NewChunk(values)
	var at int64
	for len(hits) > 0 {
		n := near(hits)
		if err := scan.Skip(hits[0].pos - at); err != nil {
			return err
		}
		at = hits[0].pos
		want := int(hits[n-1].pos - at + 1)
		c.Reset()
		for c.Rows() < want { // a step may cross row groups
			if _, err := scan.Next(c, want-c.Rows()); err != nil {
				return err
			}
		}
		hashes := make([]parquetfile.Hash, want)
		c.HashRows(columns, m.seed, 0, hashes)
		for i := range hits[:n] {
			h := &hits[i]
			h.same = hashes[h.pos-at] == m.staged[h.place.stage].values[h.place.row]
		}
		at += int64(want)
		hits = hits[n:]
	}
	return nil
}

// near is how many of the hits are read in one step.
func near(hits []hit) int {
	n := 1
	for n < len(hits) && hits[n].pos-hits[n-1].pos <= nearRows && hits[n].pos-hits[0].pos < nearStep {
		n++
	}
	return n
}
