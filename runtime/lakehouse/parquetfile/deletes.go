package parquetfile

import (
	"errors"
	"fmt"
	"io"

	"github.com/floe-data/floe/runtime/schema"
)

// The field ids of a position-delete file (Iceberg spec, "Position Delete Files").
const (
	DeletePathID = 2147483546
	DeletePosID  = 2147483545
)

// DeleteSchema is the columns of a position-delete file.
var DeleteSchema = schema.Schema{Columns: []schema.Column{
	{ID: DeletePathID, Name: "file_path", Type: schema.Type{Kind: schema.String}, Required: true},
	{ID: DeletePosID, Name: "pos", Type: schema.Type{Kind: schema.Long}, Required: true},
}}

// Deletes are rows of one data file that are deleted.
type Deletes struct {
	DataFile  string // as the table's manifests name it
	Positions []int64
}

const deleteStep = 128 << 10

// WriteDeletes writes a position-delete file. Data files and positions must be
// sorted.
func WriteDeletes(path string, deletes []Deletes) (File, error) {
	c := NewChunk(DeleteSchema)
	sample := NewChunk(DeleteSchema)
	for range 2 { // paths repeat: a dictionary
		sample.add("", 0)
	}
	w, err := Create(path, DeleteSchema, sample)
	if err != nil {
		return File{}, err
	}
	flush := func() error {
		err := w.WriteRows(c, nil)
		c.Reset()
		return err
	}
	for _, d := range deletes {
		for _, pos := range d.Positions {
			c.add(d.DataFile, pos)
			if c.rows < deleteStep {
				continue
			}
			if err := flush(); err != nil {
				return File{}, errors.Join(err, w.Abort())
			}
		}
	}
	if err := flush(); err != nil {
		return File{}, errors.Join(err, w.Abort())
	}
	return w.Close()
}

func (c *Chunk) add(path string, pos int64) {
	c.cols[0].addBlob([]byte(path))
	c.cols[1].addInt(pos)
	c.rows++
}

// Deletes calls visit for each row of a position-delete file.
func (r *Reader) Deletes(visit func(dataFile []byte, pos int64) error) (err error) {
	scan := r.Scan(DeleteSchema)
	defer func() { err = errors.Join(err, scan.Close()) }()
	c := NewChunk(DeleteSchema)
	for {
		c.Reset()
		n, err := scan.Next(c, deleteStep)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for row := range n {
			if c.Null(0, row) || c.Null(1, row) {
				return fmt.Errorf("read %s: row %d of a position-delete file has no file_path or pos", r.path, row)
			}
			if err := visit(c.Blob(0, row), c.Int(1, row)); err != nil {
				return err
			}
		}
	}
}
