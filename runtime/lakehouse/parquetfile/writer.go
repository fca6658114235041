package parquetfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"github.com/floe-data/floe/runtime/schema"
)

const (
	// pageBytes is a data page before compression.
	pageBytes = 512 << 10
	// stepBytes is how many bytes of values go to a column writer at once; a
	// page may be larger than pageBytes by that much.
	stepBytes = 64 << 10
	stepRows  = 1024
	// wideText is the mean length from which a text column gets no statistics:
	// nobody filters by a range of documents, and their bounds bloat the footer.
	wideText = 512
)

// Writer writes one Parquet file. Each WriteRows is a row group. The file is
// complete, and on disk, when Close has returned.
type Writer struct {
	path    string
	schema  schema.Schema
	file    *os.File
	out     *parquet.Writer //nolint:staticcheck // its successor is for Go structs; columns are written here
	values  []parquet.Value
	rows    int64
	scratch bool
	closed  bool
}

// Create makes the file; it must not exist. The sample, rows that will be
// written, tells which columns are worth a dictionary.
func Create(path string, s schema.Schema, sample *Chunk) (*Writer, error) {
	options, err := encode(s, sample)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return create(path, s, options)
}

// CreateScratch makes a file that the same process reads back soon: neither
// compressed, nor with statistics, nor brought to disk.
func CreateScratch(path string, s schema.Schema) (*Writer, error) {
	fs, err := fileSchema(s, nil)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	options := []parquet.WriterOption{fs, parquet.PageBufferSize(pageBytes), parquet.DataPageStatistics(false)}
	for _, c := range s.Columns {
		options = append(options, parquet.SkipPageBounds(c.Name))
	}
	w, err := create(path, s, options)
	if err == nil {
		w.scratch = true
	}
	return w, err
}

func create(path string, s schema.Schema, options []parquet.WriterOption) (*Writer, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of a data file: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("make a data file: %w", err)
	}
	return &Writer{path: path, schema: s, file: f, out: parquet.NewWriter(f, options...)}, nil
}

// Volatile spares Close from bringing the file to disk: it is going elsewhere.
func (w *Writer) Volatile() { w.scratch = true }

// Path is the file's path.
func (w *Writer) Path() string { return w.path }

// Rows is how many rows were written.
func (w *Writer) Rows() int64 { return w.rows }

// Size is how large the file is by now, without its footer.
func (w *Writer) Size() int64 { return w.out.Size() }

// WriteRows writes the chunk's rows in the given order (nil: as they are) as
// one row group.
func (w *Writer) WriteRows(c *Chunk, order []int32) error {
	if c.rows == 0 {
		return nil
	}
	group := w.out.BeginRowGroup() // of its own, so that an idle writer holds no page buffers
	for i, column := range group.ColumnWriters() {
		if err := w.writeColumn(column, i, c, order); err != nil {
			return fmt.Errorf("write column %q of %s: %w", w.schema.Columns[i].Name, w.path, err)
		}
	}
	if _, err := group.Commit(); err != nil {
		return fmt.Errorf("write %s: %w", w.path, err)
	}
	w.rows += int64(c.rows)
	return nil
}

func (w *Writer) writeColumn(out *parquet.ColumnWriter, col int, c *Chunk, order []int32) error {
	fill := filler(&c.cols[col], w.schema.Columns[col], col)
	step := w.step(&c.cols[col], c.rows)
	for from := 0; from < c.rows; from += step {
		to := min(from+step, c.rows)
		w.values = w.values[:0]
		for r := from; r < to; r++ {
			row := r
			if order != nil {
				row = int(order[r])
			}
			w.values = append(w.values, fill(row))
		}
		if _, err := out.WriteRowValues(w.values); err != nil {
			return err
		}
	}
	return nil
}

// step is how many rows of a column go to its writer at once.
func (w *Writer) step(v *vector, rows int) int {
	if v.class != blobs || len(v.data) == 0 {
		return stepRows
	}
	return max(1, min(stepRows, stepBytes*rows/len(v.data)))
}

// filler makes the Parquet value of a row.
func filler(v *vector, col schema.Column, index int) func(row int) parquet.Value {
	level := 1
	if col.Required {
		level = 0
	}
	var value func(row int) parquet.Value
	switch leaf, _ := leaf(col.Type); leaf.Type().Kind() {
	case parquet.Boolean:
		value = func(row int) parquet.Value { return parquet.BooleanValue(v.ints[row] != 0) }
	case parquet.Int32:
		value = func(row int) parquet.Value { return parquet.Int32Value(int32(v.ints[row])) }
	case parquet.Int64:
		value = func(row int) parquet.Value { return parquet.Int64Value(v.ints[row]) }
	case parquet.Double:
		value = func(row int) parquet.Value { return parquet.DoubleValue(v.floats[row]) }
	case parquet.FixedLenByteArray:
		value = func(row int) parquet.Value { return parquet.FixedLenByteArrayValue(v.blob(row)) }
	default:
		value = func(row int) parquet.Value { return parquet.ByteArrayValue(v.blob(row)) }
	}
	if v.nulls == nil {
		return func(row int) parquet.Value { return value(row).Level(0, level, index) }
	}
	return func(row int) parquet.Value {
		if v.nulls[row] {
			return parquet.Value{}.Level(0, 0, index)
		}
		return value(row).Level(0, level, index)
	}
}

// Close writes the footer, brings the file to disk and says what it holds.
func (w *Writer) Close() (File, error) {
	w.closed = true
	err := w.out.Close()
	if err == nil && !w.scratch {
		err = w.file.Sync()
	}
	size, seekErr := w.file.Seek(0, io.SeekCurrent)
	if err = errors.Join(err, seekErr, w.file.Close()); err != nil {
		return File{}, fmt.Errorf("finish %s: %w", w.path, errors.Join(err, os.Remove(w.path)))
	}
	f, err := describe(w.path, size, w.schema, w.out.File().Metadata())
	if err != nil {
		return File{}, fmt.Errorf("describe %s: %w", w.path, err)
	}
	return f, nil
}

// Abort removes the file. After Close it does nothing.
func (w *Writer) Abort() error {
	if w.closed {
		return nil
	}
	w.closed = true
	return errors.Join(w.file.Close(), os.Remove(w.path))
}
