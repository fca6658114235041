package parquetfile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/floe-data/floe/runtime/schema"
)

// Reader reads one Parquet file by field id.
type Reader struct {
	path   string
	bytes  Bytes
	remote Source // nil: the file is on this disk
	file   *parquet.File
	leaves map[int]int // field id -> leaf column
}

// Bytes are a file's bytes.
type Bytes interface {
	io.ReaderAt
	io.Closer
}

// Source is a file that is far away: every read of it costs a round trip.
type Source interface {
	Bytes
	Size() int64
	// Want says which parts are going to be read, so that each comes whole with
	// the first read of it.
	Want([]Range)
}

// Range is a part of a file.
type Range struct{ From, To int64 }

// Open reads the file's footer.
func Open(path string) (*Reader, error) {
	disk, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open a data file: %w", err)
	}
	info, err := disk.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), disk.Close())
	}
	return newReader(path, disk, info.Size())
}

// OpenSource reads the footer of a file that is far away; path is its name in
// errors. The reader closes the source, also if this fails.
func OpenSource(path string, s Source) (*Reader, error) {
	r, err := newReader(path, s, s.Size(), parquet.SkipMagicBytes(true), parquet.ReadBufferSize(farBuffer))
	if err == nil {
		r.remote = s
	}
	return r, err
}

// farBuffer is how much of a column is read at once from what a Source has
// fetched already.
const farBuffer = 16 << 10

func newReader(path string, b Bytes, size int64, options ...parquet.FileOption) (*Reader, error) {
	r, err := readFooter(path, b, size, options)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), b.Close())
	}
	return r, nil
}

func readFooter(path string, b Bytes, size int64, options []parquet.FileOption) (*Reader, error) {
	f, err := parquet.OpenFile(b, size, append(options, parquet.SkipBloomFilters(true))...)
	if err != nil {
		return nil, err
	}
	ids, err := leafIDs(f.Metadata())
	if err != nil {
		return nil, err
	}
	r := &Reader{path: path, bytes: b, file: f, leaves: make(map[int]int, len(ids))}
	for i, id := range ids {
		if id != 0 {
			r.leaves[id] = i
		}
	}
	if len(r.leaves) == 0 && len(ids) > 0 {
		return nil, errors.New("the file has no field ids")
	}
	return r, nil
}

// Close gives the file back.
func (r *Reader) Close() error { return r.bytes.Close() }

// Rows is how many rows the file holds.
func (r *Reader) Rows() int64 { return r.file.NumRows() }

// Describe gives the file's statistics of the schema's columns.
func (r *Reader) Describe(s schema.Schema) (File, error) {
	f, err := describe(r.path, r.file.Size(), s, r.file.Metadata())
	if err != nil {
		return File{}, fmt.Errorf("read %s: %w", r.path, err)
	}
	return f, nil
}

// Scan reads a file's rows from front to back, the columns of one schema.
type Scan struct {
	reader *Reader
	schema schema.Schema
	group  int   // the row group being read
	left   int64 // rows of it that are still to be read
	cols   []*columnScan
}

// Scan begins reading the schema's columns. A column that the file lacks is null.
func (r *Reader) Scan(s schema.Schema) *Scan {
	return &Scan{reader: r, schema: s, group: -1, cols: make([]*columnScan, len(s.Columns))}
}

// Next appends up to n rows to dst, a chunk of the scan's schema, and says how
// many; io.EOF after the last. It does not cross a row group's end.
func (s *Scan) Next(dst *Chunk, n int) (int, error) {
	if err := s.advance(); err != nil {
		return 0, err
	}
	n = int(min(int64(n), s.left))
	for i, c := range s.cols {
		if err := c.read(&dst.cols[i], n); err != nil {
			return 0, fmt.Errorf("read column %q of %s: %w", s.schema.Columns[i].Name, s.reader.path, err)
		}
	}
	dst.rows += n
	s.left -= int64(n)
	return n, nil
}

// Skip passes over n rows.
func (s *Scan) Skip(n int64) error {
	for n > 0 {
		if err := s.advance(); err != nil {
			return err
		}
		step := min(n, s.left)
		for _, c := range s.cols {
			c.at += step
		}
		s.left -= step
		n -= step
	}
	return nil
}

// Close gives the pages back.
func (s *Scan) Close() error {
	var errs []error
	for _, c := range s.cols {
		if c != nil {
			errs = append(errs, c.close())
		}
	}
	return errors.Join(errs...)
}

// advance makes sure that rows are left in the current row group.
func (s *Scan) advance() error {
	groups := s.reader.file.RowGroups()
	for s.left == 0 {
		s.group++
		if s.group >= len(groups) {
			return io.EOF
		}
		if err := s.Close(); err != nil {
			return err
		}
		g := groups[s.group]
		s.left = g.NumRows()
		s.announce()
		for i, col := range s.schema.Columns {
			var err error
			if s.cols[i], err = s.open(g, col); err != nil {
				return fmt.Errorf("read column %q of %s: %w", col.Name, s.reader.path, err)
			}
		}
	}
	return nil
}

const (
	closeBy  = 64 << 10 // columns with no more between them come in one read
	oneFetch = 32 << 20 // as long as that is not larger
)

// announce tells a far file which parts of the row group are going to be read.
func (s *Scan) announce() {
	if s.reader.remote == nil {
		return
	}
	group := s.reader.file.Metadata().RowGroups[s.group]
	var parts []Range
	for _, col := range s.schema.Columns {
		leaf, ok := s.reader.leaves[col.ID]
		if !ok {
			continue
		}
		m := group.Columns[leaf].MetaData
		from := m.DataPageOffset
		if m.DictionaryPageOffset > 0 {
			from = min(from, m.DictionaryPageOffset)
		}
		parts = append(parts, Range{from, from + m.TotalCompressedSize})
	}
	slices.SortFunc(parts, func(a, b Range) int { return cmp.Compare(a.From, b.From) })
	var joined []Range
	for _, p := range parts {
		if n := len(joined); n > 0 && p.From-joined[n-1].To <= closeBy && p.To-joined[n-1].From <= oneFetch {
			joined[n-1].To = max(joined[n-1].To, p.To)
			continue
		}
		joined = append(joined, p)
	}
	s.reader.remote.Want(joined)
}

func (s *Scan) open(g parquet.RowGroup, col schema.Column) (*columnScan, error) {
	leaf, ok := s.reader.leaves[col.ID]
	if !ok {
		return &columnScan{}, nil
	}
	chunk := g.ColumnChunks()[leaf]
	add, err := adder(col.Type, chunk.Type())
	if err != nil {
		return nil, err
	}
	return &columnScan{pages: chunk.Pages(), add: add}, nil
}
