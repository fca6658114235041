package lakehouse

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

// merge keeps a merging load's rows until Commit, when it is known which of
// them the table has already. A row's key and its values are kept as hashes;
// the rows themselves go to scratch files beyond the memory budget.
type merge struct {
	key    []string
	fs     filesystem
	folder string // of scratch files
	seed   uint64 // hashes are of this load only: nobody can prepare collisions
	staged []*staged
	index  map[parquetfile.Hash]place // by key: the last row that has it
	bounds map[string]bounds          // of the key columns
	memory int64
	rows   int64
	double int64
}

// staged is a run of rows in the order of their arrival.
type staged struct {
	schema schema.Schema
	chunk  *parquetfile.Chunk // nil: in the scratch file
	file   string
	values []parquetfile.Hash // of each row's columns, floe's own left out
	flags  []flag
}

// place is where a row is staged.
type place struct{ stage, row int32 }

// flag is what became of a staged row.
type flag uint8

const (
	outdated flag = 1 << iota // a later row has its key
	matched                   // the table has a row with its key
	same                      // and with its values: nothing to do
)

type bounds struct{ lower, upper []byte }

// stageBytes is how many bytes of rows are staged together.
const stageBytes = 16 << 20

func newMerge(t *Table, key []string) (*merge, error) {
	if key == nil {
		key = t.Spec().Key
	}
	if len(key) == 0 {
		return nil, fault.New(fault.Usage, fmt.Errorf("table %s has no key to merge by", t.name), "name key columns in its contract")
	}
	for _, k := range key {
		if _, ok := t.schema.Column(k); !ok {
			return nil, fault.New(fault.Usage, fmt.Errorf("key column %q is not in the table %s; it has %v", k, t.name, t.schema.Names()), "")
		}
	}
	return &merge{
		key: key, fs: t.lake.fs, folder: t.lake.fs.scratch(t.Location()), seed: rand.Uint64(),
		index: map[parquetfile.Hash]place{}, bounds: map[string]bounds{},
	}, nil
}

// keyColumns are the key's places in a schema, in the key's order.
func (m *merge) keyColumns(s schema.Schema) []int {
	out := make([]int, len(m.key))
	for i, k := range m.key {
		out[i] = slices.IndexFunc(s.Columns, func(c schema.Column) bool { return c.Name == k })
	}
	return out
}

// valueColumns are the columns that tell whether two rows of a key are the same.
func valueColumns(s schema.Schema) []int {
	var out []int
	for i, c := range s.Columns {
		if !strings.HasPrefix(c.Name, ownColumns) {
			out = append(out, i)
		}
	}
	return out
}

// keep stages a batch.
func (m *merge) keep(c *parquetfile.Chunk, budget int64) error {
	columns := m.keyColumns(c.Schema())
	for i, col := range columns {
		for r := range c.Rows() {
			if c.Null(col, r) {
				return fault.New(fault.Contract, fmt.Errorf("row %d: key column %q has no value; a merge needs one", r+1, m.key[i]), "")
			}
		}
		m.widen(m.key[i], c, col)
	}
	s := m.current(c.Schema())
	at := s.chunk.Rows()
	before := s.chunk.Bytes()
	s.chunk.AppendFrom(c, nil)
	m.memory += s.chunk.Bytes() - before
	s.values = append(s.values, make([]parquetfile.Hash, c.Rows())...)
	c.HashRows(valueColumns(c.Schema()), m.seed, 0, s.values[at:])
	s.flags = append(s.flags, make([]flag, c.Rows())...)
	keys := make([]parquetfile.Hash, c.Rows())
	c.HashRows(columns, m.seed, 0, keys)
	for r, k := range keys {
		if old, ok := m.index[k]; ok {
			m.staged[old.stage].flags[old.row] |= outdated
			m.double++
		}
		m.index[k] = place{int32(len(m.staged) - 1), int32(at + r)}
	}
	m.rows += int64(c.Rows())
	return m.spill(budget)
}

// widen makes the key column's bounds cover a batch.
func (m *merge) widen(name string, c *parquetfile.Chunk, col int) {
	t := c.Schema().Columns[col].Type
	lower, upper := c.Bounds(col, 0)
	b, ok := m.bounds[name]
	if !ok || parquetfile.CompareSingle(t, lower, b.lower) < 0 {
		b.lower = lower
	}
	if !ok || parquetfile.CompareSingle(t, upper, b.upper) > 0 {
		b.upper = upper
	}
	m.bounds[name] = b
}

// current is the run that rows of a schema are added to.
func (m *merge) current(s schema.Schema) *staged {
	if n := len(m.staged); n > 0 {
		last := m.staged[n-1]
		if last.chunk != nil && last.chunk.Bytes() < stageBytes && slices.Equal(last.schema.Columns, s.Columns) {
			return last
		}
	}
	m.staged = append(m.staged, &staged{schema: s, chunk: parquetfile.NewChunk(s)})
	return m.staged[len(m.staged)-1]
}

// spill writes runs to scratch files, the oldest first, until the rest is
// within the budget.
func (m *merge) spill(budget int64) error {
	for _, s := range m.staged {
		if m.memory <= budget {
			return nil
		}
		if s.chunk == nil {
			continue
		}
		bytes := s.chunk.Bytes()
		if err := s.write(m.folder); err != nil {
			return err
		}
		m.memory -= bytes
	}
	return nil
}

func (s *staged) write(folder string) error {
	path := filepath.Join(folder, uuid.Must(uuid.NewV7()).String()+".parquet")
	w, err := parquetfile.CreateScratch(path, s.schema)
	if err != nil {
		return err
	}
	s.file = path
	if err := w.WriteRows(s.chunk, nil); err != nil {
		return errors.Join(err, w.Abort())
	}
	if _, err := w.Close(); err != nil {
		return err
	}
	s.chunk = nil
	return nil
}

// read gives the run's rows, wherever they are.
func (s *staged) read() (c *parquetfile.Chunk, err error) {
	if s.chunk != nil {
		return s.chunk, nil
	}
	r, err := parquetfile.Open(s.file)
	if err != nil {
		return nil, err
	}
	scan := r.Scan(s.schema)
	defer func() { err = errors.Join(err, scan.Close(), r.Close()) }()
	c = parquetfile.NewChunk(s.schema)
	if _, err := scan.Next(c, len(s.flags)); err != nil {
		return nil, err
	}
	return c, nil
}

// wanted are the rows of the run that the commit has to write.
func (s *staged) wanted() []int32 {
	var rows []int32
	for r, f := range s.flags {
		if f&(outdated|same) == 0 {
			rows = append(rows, int32(r))
		}
	}
	return rows
}

// clear removes the scratch files.
func (m *merge) clear() error {
	var files []string
	for _, s := range m.staged {
		if s.file != "" {
			files = append(files, s.file)
		}
	}
	m.staged, m.index = nil, nil
	return removeLocal(files)
}
