package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

const (
	defaultBudget = 64 << 20
	maxRowGroup   = 32 << 20 // bytes of rows in memory
	targetFile    = 256 << 20
	maxOpenFiles  = 64
	fewPartitions = 8 // up to so many keep their chunk's memory for the next rows
)

// fanout writes rows to data files, one or more a partition, sorted by the
// table's order within each row group. Rows wait in memory, a chunk a
// partition, until the budget is used; then the largest chunk becomes a row
// group of its partition's open file.
type fanout struct {
	fs        filesystem
	folder    string // of the data files
	schema    schema.Schema
	parts     *partitioner
	columns   []int // of the partition fields
	sort      []parquetfile.SortKey
	sortOrder int
	budget    int64
	stamp     func(*parquetfile.Chunk) // fills the columns that are the same in all rows

	open    map[string]*partition
	used    int64
	clock   int64
	written []iceberg.DataFile
	bytes   int64
}

// partition is where rows of one partition tuple wait, and the file that they go to.
type partition struct {
	values map[int]any
	chunk  *parquetfile.Chunk
	bytes  int64
	writer *outfile
	last   int64 // when it was written to, by the fanout's clock
	rows   []int32
}

func newFanout(fs filesystem, meta ice.Metadata, folder string, s schema.Schema, budget int64) (*fanout, error) {
	parts, err := newPartitioner(meta, meta.DefaultPartitionSpec(), s)
	if err != nil {
		return nil, err
	}
	if budget <= 0 {
		budget = defaultBudget
	}
	order := meta.SortOrder()
	return &fanout{
		fs: fs, folder: under(folder, "data"), schema: s, parts: parts, columns: parts.bind(s),
		sort: sortKeys(order, s), sortOrder: order.OrderID(), budget: budget,
		open: map[string]*partition{},
	}, nil
}

// sortKeys are a table's sort order as far as it is by plain columns.
func sortKeys(order ice.SortOrder, s schema.Schema) []parquetfile.SortKey {
	var keys []parquetfile.SortKey
	for _, f := range order.Fields() {
		i := slices.IndexFunc(s.Columns, func(c schema.Column) bool { return c.ID == f.SourceID() })
		if _, plain := f.Transform.(iceberg.IdentityTransform); i < 0 || !plain {
			break
		}
		keys = append(keys, parquetfile.SortKey{Column: i, Descending: f.Direction == ice.SortDESC})
	}
	return keys
}

// add takes rows of a chunk; nil means all. The chunk is not kept.
func (f *fanout) add(ctx context.Context, c *parquetfile.Chunk, rows []int32) error {
	if len(f.parts.fields) == 0 {
		if c.Rows() == 0 {
			return nil
		}
		p := f.partition("")
		p.chunk.AppendFrom(c, rows)
		f.grown(p)
		return f.relieve(ctx)
	}
	for _, p := range f.distribute(c, rows) {
		p.chunk.AppendFrom(c, p.rows)
		p.rows = p.rows[:0]
		f.grown(p)
	}
	return f.relieve(ctx)
}

// distribute notes for each partition which rows are its.
func (f *fanout) distribute(c *parquetfile.Chunk, rows []int32) []*partition {
	var touched []*partition
	var buf []byte
	put := func(row int32) {
		buf = f.parts.key(buf[:0], c, f.columns, int(row))
		p := f.open[string(buf)]
		if p == nil {
			p = f.partition(string(buf))
		}
		if len(p.rows) == 0 {
			touched = append(touched, p)
		}
		p.rows = append(p.rows, row)
	}
	if rows == nil {
		for r := range c.Rows() {
			put(int32(r))
		}
		return touched
	}
	for _, r := range rows {
		put(r)
	}
	return touched
}

func (f *fanout) partition(key string) *partition {
	p := f.open[key]
	if p == nil {
		p = &partition{chunk: parquetfile.NewChunk(f.schema)}
		if len(f.parts.fields) > 0 {
			p.values = f.parts.values(f.parts.tuple(key))
		}
		f.open[key] = p
	}
	return p
}

func (f *fanout) grown(p *partition) {
	bytes := p.chunk.Bytes()
	f.used += bytes - p.bytes
	p.bytes = bytes
}

// relieve writes chunks until the rest is within the budget.
func (f *fanout) relieve(ctx context.Context) error {
	for {
		var largest *partition
		for _, p := range f.open {
			if largest == nil || p.bytes > largest.bytes {
				largest = p
			}
		}
		if largest == nil || largest.bytes == 0 || f.used < f.budget && largest.bytes < min(maxRowGroup, f.budget/2) {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.flush(ctx, largest); err != nil {
			return err
		}
	}
}

func (f *fanout) flush(ctx context.Context, p *partition) error {
	if p.writer == nil {
		if err := f.makeRoom(ctx); err != nil {
			return err
		}
	}
	f.clock++
	p.last = f.clock
	if err := f.write(p); err != nil {
		return err
	}
	f.used -= p.bytes
	p.bytes = 0
	if p.writer.Size() >= targetFile {
		return f.finish(ctx, p)
	}
	return nil
}

// write makes the partition's rows a row group of its file. Several partitions
// may be written at once.
func (f *fanout) write(p *partition) error {
	if f.stamp != nil {
		f.stamp(p.chunk)
	}
	if p.writer == nil {
		path := under(f.folder, uuid.Must(uuid.NewV7()).String()+".parquet")
		w, err := createFile(f.fs, path, f.schema, p.chunk)
		if err != nil {
			return err
		}
		p.writer = w
	}
	if err := p.writer.WriteRows(p.chunk, p.chunk.Order(f.sort)); err != nil {
		return err
	}
	if len(f.open) <= fewPartitions {
		p.chunk.Reset()
		return nil
	}
	p.chunk = parquetfile.NewChunk(f.schema) // the memory is given back: another partition may be the large one now
	return nil
}

// makeRoom closes the file that was written to longest ago when too many are open.
func (f *fanout) makeRoom(ctx context.Context) error {
	var oldest *partition
	n := 0
	for _, p := range f.open {
		if p.writer == nil {
			continue
		}
		n++
		if oldest == nil || p.last < oldest.last {
			oldest = p
		}
	}
	if n < maxOpenFiles {
		return nil
	}
	return f.finish(ctx, oldest)
}

func (f *fanout) finish(ctx context.Context, p *partition) error {
	d, err := f.seal(ctx, p)
	if err != nil || d == nil {
		return err
	}
	f.take(d)
	return nil
}

// seal closes the partition's file and describes it; nil if there is none.
func (f *fanout) seal(ctx context.Context, p *partition) (iceberg.DataFile, error) {
	if p.writer == nil {
		return nil, nil
	}
	file, err := p.writer.finish(ctx)
	if err != nil {
		return nil, err
	}
	p.writer = nil
	return dataFile(f.parts.spec, p.values, file, f.sortOrder)
}

func (f *fanout) take(d iceberg.DataFile) {
	f.written = append(f.written, d)
	f.bytes += d.FileSizeBytes()
}

// close writes all that waits, several partitions at once, and gives the
// files, in the partitions' order.
func (f *fanout) close(ctx context.Context) ([]iceberg.DataFile, error) {
	keys := slices.Sorted(maps.Keys(f.open))
	last := make([]iceberg.DataFile, len(keys))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(min(4, runtime.GOMAXPROCS(0)))
	for i, key := range keys {
		g.Go(func() (err error) {
			p := f.open[key]
			if err := ctx.Err(); err != nil {
				return err
			}
			if p.chunk.Rows() > 0 {
				if err := f.write(p); err != nil {
					return err
				}
			}
			last[i], err = f.seal(ctx, p)
			return err
		})
	}
	err := g.Wait()
	for _, d := range last {
		if d != nil {
			f.take(d)
		}
	}
	if err != nil {
		return nil, err
	}
	clear(f.open)
	f.used = 0
	if len(f.written) == 0 {
		return nil, nil
	}
	return f.written, f.fs.settle(f.folder)
}

// abort removes every file that was written.
func (f *fanout) abort() error {
	var errs []error
	for _, p := range f.open {
		if p.writer != nil {
			errs = append(errs, p.writer.Abort())
		}
	}
	errs = append(errs, f.fs.remove(paths(f.fs, f.written)))
	f.open, f.written, f.used, f.bytes = map[string]*partition{}, nil, 0, 0
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("remove the files of an abandoned load: %w", err)
	}
	return nil
}

// paths are the plain paths of files that are in a file system.
func paths(in filesystem, files []iceberg.DataFile) []string {
	var out []string
	for _, f := range files {
		if p, err := in.path(f.FilePath()); err == nil {
			out = append(out, p)
		}
	}
	return out
}
