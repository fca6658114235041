package parquetfile

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"

	"github.com/floe-data/floe/runtime/schema"
)

// Reader reads one Parquet file by field id.
type Reader struct {
	path   string
	disk   *os.File
	file   *parquet.File
	leaves map[int]int // field id -> leaf column
}

// Open reads the file's footer.
func Open(path string) (*Reader, error) {
	disk, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open a data file: %w", err)
	}
	r, err := newReader(path, disk)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), disk.Close())
	}
	return r, nil
}

func newReader(path string, disk *os.File) (*Reader, error) {
	info, err := disk.Stat()
	if err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(disk, info.Size(), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	ids, err := leafIDs(f.Metadata())
	if err != nil {
		return nil, err
	}
	r := &Reader{path: path, disk: disk, file: f, leaves: make(map[int]int, len(ids))}
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
func (r *Reader) Close() error { return r.disk.Close() }

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

// Describe reads a file's footer and gives its statistics.
func Describe(path string, s schema.Schema) (File, error) {
	r, err := Open(path)
	if err != nil {
		return File{}, err
	}
	f, err := r.Describe(s)
	return f, errors.Join(err, r.Close())
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
		for i, col := range s.schema.Columns {
			var err error
			if s.cols[i], err = s.open(g, col); err != nil {
				return fmt.Errorf("read column %q of %s: %w", col.Name, s.reader.path, err)
			}
		}
	}
	return nil
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
