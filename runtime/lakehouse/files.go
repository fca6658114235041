package lakehouse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
)

// DataFile is one data file of a table.
type DataFile struct {
	Path  string `json:"path"` // plain path
	Rows  int64  `json:"rows"` // those that position deletes remove included
	Bytes int64  `json:"bytes"`
	Dirty bool   `json:"dirty"` // a position-delete file may remove rows of it
}

// Files is what a reader has to read.
type Files struct {
	Data    []DataFile
	Deletes []string // position-delete files (columns file_path, as FileURL gives it, and pos)
}

// Files lists the current snapshot's files, sorted by path.
func (t *Table) Files(ctx context.Context) (Files, error) {
	c, err := t.content(ctx)
	if err != nil {
		return Files{}, err
	}
	out := Files{Data: make([]DataFile, len(c.data))}
	for i, f := range c.data {
		path, err := t.lake.fs.path(f.FilePath())
		if err != nil {
			return Files{}, fmt.Errorf("table %s: data file %w", t.name, err)
		}
		out.Data[i] = DataFile{Path: path, Rows: f.Count(), Bytes: f.FileSizeBytes(), Dirty: len(c.dirt[i]) > 0}
	}
	for i, f := range c.deletes {
		path, err := t.lake.fs.path(f.FilePath())
		if err != nil {
			return Files{}, fmt.Errorf("table %s: delete file %w", t.name, err)
		}
		if c.used[i] {
			out.Deletes = append(out.Deletes, path)
		}
	}
	return out, nil
}

// Rows counts the live rows from metadata: position deletes are subtracted. It
// is exact for tables that only floe has written; another writer may have
// deleted a row twice.
func (t *Table) Rows(ctx context.Context) (int64, error) {
	c, err := t.content(ctx)
	if err != nil {
		return 0, err
	}
	var n int64
	for _, f := range c.data {
		n += f.Count()
	}
	for i, f := range c.deletes {
		if c.used[i] {
			n -= f.Count()
		}
	}
	return max(n, 0), nil
}

// content is a snapshot's files and which deletes apply to which data.
type content struct {
	fs            filesystem
	data, deletes []live
	dirt          [][]int // by data file: indexes of the delete files that may apply
	used          []bool  // by delete file: it applies to some data file
}

func (t *Table) content(ctx context.Context) (*content, error) {
	return t.contentAt(ctx, t.ice.CurrentSnapshot())
}

// contentAt is the content of one of the table's snapshots.
func (t *Table) contentAt(ctx context.Context, s *ice.Snapshot) (*content, error) {
	data, deletes, err := t.lake.liveFiles(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", t.name, err)
	}
	c := &content{fs: t.lake.fs, data: data, deletes: deletes, dirt: make([][]int, len(data)), used: make([]bool, len(deletes))}
	for _, f := range deletes {
		if f.ContentType() != iceberg.EntryContentPosDeletes || f.FileFormat() != iceberg.ParquetFile {
			return nil, fmt.Errorf("table %s: delete file %s is no Parquet file of positions; another writer made it, and floe would read the table wrongly: compact the table with that writer", t.name, f.FilePath())
		}
	}
	c.match()
	return c, nil
}

// match finds what each delete file may apply to (Iceberg spec, "Scan
// Planning"): data files of its partition that are not younger and whose path
// is within its bounds.
func (c *content) match() {
	if len(c.deletes) == 0 {
		return
	}
	byPartition := map[string][]int{}
	for i, f := range c.data {
		k := partitionKey(f)
		byPartition[k] = append(byPartition[k], i) // in the order of paths
	}
	for d, f := range c.deletes {
		same := byPartition[partitionKey(f)]
		lower, upper := pathBounds(f)
		from := sort.Search(len(same), func(i int) bool { return c.data[same[i]].FilePath() >= lower })
		for _, i := range same[from:] {
			if upper != "" && c.data[i].FilePath() > upper {
				break
			}
			if c.data[i].sequence <= f.sequence {
				c.dirt[i] = append(c.dirt[i], d)
				c.used[d] = true
			}
		}
	}
}

// pathBounds are the least and the greatest data file that a delete file may
// name; an empty upper means no bound.
func pathBounds(f live) (lower, upper string) {
	if ref := f.ReferencedDataFile(); ref != nil {
		return *ref, *ref
	}
	return string(f.LowerBoundValues()[parquetfile.DeletePathID]), string(f.UpperBoundValues()[parquetfile.DeletePathID])
}

// partitionKey tells partitions apart: the spec and its values.
func partitionKey(f iceberg.DataFile) string {
	values := f.Partition()
	var b strings.Builder
	fmt.Fprint(&b, f.SpecID())
	for _, id := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "|%d=%v", id, values[id])
	}
	return b.String()
}
