package lakehouse

import (
	"path/filepath"
	"strings"

	"github.com/apache/iceberg-go"
	iceio "github.com/apache/iceberg-go/io"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
)

// move is a table's way from where it lay, by its copy, to its new place.
type move struct {
	was  string // the location that its metadata names
	from string // its folder in the copy
	to   string // its folder in the lake
}

func (e edition) move(to string) move {
	return move{was: strings.TrimRight(bare(e.meta.Location()), "/"), from: e.folder, to: to}
}

// rel is a location below the table's; false for one that is elsewhere.
func (m move) rel(location string) (string, bool) {
	rest, ok := strings.CutPrefix(bare(location), m.was+"/")
	return rest, ok && filepath.IsLocal(rest)
}

// source is the copy of a file that metadata names.
func (m move) source(location string) (path string, ok bool) {
	rest, ok := m.rel(location)
	return under(m.from, rest), ok
}

// moved is a location at the new place; one that is elsewhere stays.
func (m move) moved(location string) string {
	if rest, ok := m.rel(location); ok {
		return FileURL(under(m.to, rest))
	}
	return location
}

// inPlace says whether the copy lies where the table belongs.
func (m move) inPlace() bool { return clean(m.from) == clean(m.to) }

// copyIO reads the files that metadata names from their copies.
type copyIO struct {
	io   iceio.IO
	move move
}

func (c copyIO) Open(name string) (iceio.File, error) {
	if path, ok := c.move.source(name); ok {
		name = path
	}
	return c.io.Open(name)
}

func (c copyIO) Remove(name string) error { return c.io.Remove(name) }

// pathProperties name folders that writers put files in.
var pathProperties = []string{"write.data.path", "write.metadata.path", "write.folder-storage.path", "write.object-storage.path"}

// at describes a file as it is, at another path.
func at(f iceberg.DataFile, path string, size int64, spec iceberg.PartitionSpec) (*iceberg.DataFileBuilder, error) {
	b, err := iceberg.NewDataFileBuilder(spec, f.ContentType(), path, f.FileFormat(), f.Partition(), nil, nil, f.Count(), size)
	if err != nil {
		return nil, err
	}
	for _, counts := range []struct {
		of  map[int]int64
		set func(map[int]int64) *iceberg.DataFileBuilder
	}{
		{f.ColumnSizes(), b.ColumnSizes}, {f.ValueCounts(), b.ValueCounts}, {f.NullValueCounts(), b.NullValueCounts},
		{f.NaNValueCounts(), b.NaNValueCounts},
	} {
		if len(counts.of) > 0 {
			counts.set(counts.of)
		}
	}
	if bounds := f.LowerBoundValues(); len(bounds) > 0 {
		b.LowerBoundValues(bounds)
	}
	if bounds := f.UpperBoundValues(); len(bounds) > 0 {
		b.UpperBoundValues(bounds)
	}
	if key := f.KeyMetadata(); len(key) > 0 {
		b.KeyMetadata(key)
	}
	if offsets := f.SplitOffsets(); len(offsets) > 0 {
		b.SplitOffsets(offsets)
	}
	if ids := f.EqualityFieldIDs(); len(ids) > 0 {
		b.EqualityFieldIDs(ids)
	}
	if id := f.SortOrderID(); id != nil {
		b.SortOrderID(*id)
	}
	return b, nil
}

// data describes a data file, or a file of equality deletes, at its new place.
func (m move) data(f iceberg.DataFile, spec iceberg.PartitionSpec) (iceberg.DataFile, error) {
	b, err := at(f, m.moved(f.FilePath()), f.FileSizeBytes(), spec)
	if err != nil {
		return nil, err
	}
	if ref := f.ReferencedDataFile(); ref != nil {
		b.ReferencedDataFile(m.moved(*ref))
	}
	return b.Build(), nil
}

// rewrittenDeletes is a position-delete file that was written anew.
type rewrittenDeletes struct {
	file        parquetfile.File
	first, last string // data files
}

// describe is the manifest's word for it; was is the file that it stands for.
func (d rewrittenDeletes) describe(was iceberg.DataFile, spec iceberg.PartitionSpec) (iceberg.DataFile, error) {
	b, err := iceberg.NewDataFileBuilder(spec, iceberg.EntryContentPosDeletes, FileURL(d.file.Path), iceberg.ParquetFile, was.Partition(), nil, nil, d.file.Rows, d.file.Bytes)
	if err != nil {
		return nil, err
	}
	// Whole paths, not prefixes: readers pick the deletes of a data file by them.
	b.LowerBoundValues(map[int][]byte{parquetfile.DeletePathID: []byte(d.first)})
	b.UpperBoundValues(map[int][]byte{parquetfile.DeletePathID: []byte(d.last)})
	if d.first == d.last {
		b.ReferencedDataFile(d.first)
	}
	return b.Build(), nil
}
