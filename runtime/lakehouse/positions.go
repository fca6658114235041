package lakehouse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"
	"github.com/google/uuid"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
)

// maxPrecise is up to how many data files of a partition each get a delete file
// of their own: readers then touch deletes for just those. Beyond it one delete
// file holds a partition's.
const maxPrecise = 64

// doomed are rows of a data file that a commit deletes.
type doomed struct {
	file      iceberg.DataFile
	positions []int64
}

// writeDeletes writes position-delete files for rows of data files: sorted,
// without doubles, within one partition each, as the spec demands.
func (l *Lake) writeDeletes(ctx context.Context, meta ice.Metadata, targets []doomed) (made []iceberg.DataFile, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, l.fs.remove(paths(l.fs, made)))
			made = nil
		}
	}()
	folder, err := l.fs.path(meta.Location())
	if err != nil {
		return nil, err
	}
	folder = under(folder, "data")
	groups := map[string][]doomed{}
	for _, t := range targets {
		k := partitionKey(t.file)
		groups[k] = append(groups[k], t)
	}
	for _, k := range slices.Sorted(maps.Keys(groups)) {
		group := groups[k]
		slices.SortFunc(group, func(a, b doomed) int { return cmp.Compare(a.file.FilePath(), b.file.FilePath()) })
		step := 1
		if len(group) > maxPrecise {
			step = len(group)
		}
		for part := range slices.Chunk(group, step) {
			f, err := l.writeDeleteFile(ctx, meta, folder, part)
			if err != nil {
				return made, err
			}
			made = append(made, f)
		}
	}
	return made, l.fs.settle(folder)
}

func (l *Lake) writeDeleteFile(ctx context.Context, meta ice.Metadata, folder string, part []doomed) (iceberg.DataFile, error) {
	rows := make([]parquetfile.Deletes, len(part))
	for i, t := range part {
		slices.Sort(t.positions)
		rows[i] = parquetfile.Deletes{DataFile: t.file.FilePath(), Positions: slices.Compact(t.positions)}
	}
	path := under(folder, uuid.Must(uuid.NewV7()).String()+"-deletes.parquet")
	f, err := parquetfile.WriteDeletes(l.fs.spool(path), rows)
	if err != nil {
		return nil, err
	}
	if err := l.fs.deliver(ctx, f.Path, path); err != nil {
		return nil, err
	}
	f.Path = path
	first, last := rows[0].DataFile, rows[len(rows)-1].DataFile
	spec := meta.PartitionSpecByID(int(part[0].file.SpecID()))
	if spec == nil {
		return nil, fmt.Errorf("the table has no partition spec %d", part[0].file.SpecID())
	}
	b, err := iceberg.NewDataFileBuilder(*spec, iceberg.EntryContentPosDeletes, FileURL(f.Path), iceberg.ParquetFile, part[0].file.Partition(), nil, nil, f.Rows, f.Bytes)
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", f.Path, err)
	}
	// Whole paths, not prefixes: readers pick the deletes of a data file by them.
	b.LowerBoundValues(map[int][]byte{parquetfile.DeletePathID: []byte(first)})
	b.UpperBoundValues(map[int][]byte{parquetfile.DeletePathID: []byte(last)})
	if first == last {
		b.ReferencedDataFile(first)
	}
	return b.Build(), nil
}

// sortDeletes reads position deletes that an engine wrote, of any data files in
// any order, and writes them as the spec demands.
func (l *Lake) sortDeletes(ctx context.Context, head *Table, files []string) ([]iceberg.DataFile, error) {
	data, _, err := l.liveFiles(ctx, head.ice.CurrentSnapshot())
	if err != nil {
		return nil, err
	}
	byPath := make(map[string]*doomed, len(data))
	for _, f := range data {
		byPath[f.FilePath()] = &doomed{file: f.DataFile}
	}
	for _, path := range files {
		err := readDeletes(ctx, l.fs, path, func(dataFile []byte, pos int64) error {
			t := byPath[string(dataFile)]
			if t == nil {
				return fmt.Errorf("%s deletes rows of %s, which is no file of the table", path, dataFile)
			}
			if pos < 0 || pos >= t.file.Count() {
				return fmt.Errorf("%s deletes row %d of %s, which has %d", path, pos, dataFile, t.file.Count())
			}
			t.positions = append(t.positions, pos)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var targets []doomed
	for _, t := range byPath {
		if len(t.positions) > 0 {
			targets = append(targets, *t)
		}
	}
	return l.writeDeletes(ctx, head.ice.Metadata(), targets)
}

// readDeletes calls visit for each row of a position-delete file.
func readDeletes(ctx context.Context, in filesystem, location string, visit func(dataFile []byte, pos int64) error) (err error) {
	path, err := in.path(location)
	if err != nil {
		return fmt.Errorf("delete file %w", err)
	}
	r, err := in.open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return r.Deletes(visit)
}
