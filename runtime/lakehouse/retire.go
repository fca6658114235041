package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

// retireTries is how often rows are taken out anew because another commit came
// first: retention is a promise, which compaction is not.
const retireTries = 20

// retire removes the rows whose load began longer ago than they are kept. Files
// that hold nothing else are dropped, those that hold other rows, too, are
// written anew without them; a commit takes both. The bytes go with the
// snapshots that know the files.
func (l *Lake) retire(ctx context.Context, n Name, o MaintainOptions, r *MaintainResult) error {
	before := time.Now().Add(-o.RowsKept).UnixMicro()
	for tries := 0; ; {
		t, err := l.Table(ctx, n)
		if err != nil {
			return err
		}
		p, err := t.retirement(ctx, before, l.batchOf(o))
		if err != nil {
			return err
		}
		if o.DryRun || p.rows == 0 {
			r.RowsRemoved += p.rows
			return nil
		}
		err = l.retireOnce(ctx, t, p)
		switch {
		case err == nil:
			r.RowsRemoved += p.rows
			tries = 0
		case !errors.Is(err, ErrConflict):
			return err
		default:
			if tries++; tries == retireTries {
				return fault.New(fault.Failed, fmt.Errorf("%d times another commit came first: %w", tries, err), "run it when fewer loads run")
			}
		}
	}
}

// retirement is which rows one commit removes.
type retirement struct {
	content *content
	column  schema.Column // _floe_loaded_at
	before  int64         // microseconds since 1970: rows of earlier loads go
	gone    []int         // indexes of data files that hold nothing else
	mixed   []int         // of those that hold rows that stay, too
	rows    int64         // that go, those that were deleted before not counted
}

// retirement finds what goes. Files that a manifest's bounds do not tell of are
// read, one column of them. What has no time stays. A commit takes every file
// that goes whole, and so many of the others that it can be done in one go.
func (t *Table) retirement(ctx context.Context, before, batch int64) (retirement, error) {
	p := retirement{before: before}
	c, ok := t.schema.Column(ColumnLoadedAt)
	if !ok || c.Type.Kind != schema.Timestamptz {
		return p, fault.New(fault.Failed, fmt.Errorf("it has no column %s that tells how old its rows are", ColumnLoadedAt), "take retention out of its contract, or drop the table and load again")
	}
	p.column = c
	var err error
	if p.content, err = t.content(ctx); err != nil {
		return p, err
	}
	var bytes int64
	for i, f := range p.content.data {
		if !mayBeOlder(f, c.ID, before) || bytes >= batch && !allOlder(f, c.ID, before) {
			continue
		}
		old, rest, err := p.look(ctx, t, i)
		if err != nil {
			return p, err
		}
		switch {
		case old == 0:
			continue
		case rest == 0:
			p.gone = append(p.gone, i)
		default:
			p.mixed = append(p.mixed, i)
			bytes += f.FileSizeBytes()
		}
		p.rows += old
	}
	return p, nil
}

// mayBeOlder says whether a file may hold a row with an earlier time.
func mayBeOlder(f live, column int, before int64) bool {
	lower := f.LowerBoundValues()[column]
	return len(lower) != 8 || parquetfile.SingleInt(lower) < before
}

// allOlder says whether all rows of a file have an earlier time.
func allOlder(f live, column int, before int64) bool {
	nulls, counted := f.NullValueCounts()[column]
	upper := f.UpperBoundValues()[column]
	return counted && nulls == 0 && len(upper) == 8 && parquetfile.SingleInt(upper) < before
}

// look counts a data file's rows that go and those that stay; what was deleted
// before is neither.
func (p *retirement) look(ctx context.Context, t *Table, i int) (old, rest int64, err error) {
	gone, err := p.content.deleted(ctx, i)
	if err != nil {
		return 0, 0, err
	}
	f := p.content.data[i]
	if allOlder(f, p.column.ID, p.before) {
		return f.Count() - int64(len(gone)), 0, nil
	}
	only := schema.Schema{Columns: []schema.Column{p.column}}
	err = eachChunk(ctx, t, f, only, func(c *parquetfile.Chunk, at int64, n int) error {
		for row := range n {
			switch {
			case gone[at+int64(row)]:
			case p.goes(c, 0, row):
				old++
			default:
				rest++
			}
		}
		return nil
	})
	return old, rest, err
}

// goes says whether a row is too old.
func (p *retirement) goes(c *parquetfile.Chunk, column, row int) bool {
	return !c.Null(column, row) && c.Int(column, row) < p.before
}

// retireOnce makes the commit.
func (l *Lake) retireOnce(ctx context.Context, t *Table, p retirement) (err error) {
	out, err := newFanout(l.fs, t.ice.Metadata(), t.Location(), t.Schema(), 0)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil && !errors.Is(err, errUnknown) {
			err = errors.Join(err, out.abort())
		}
	}()
	for _, i := range p.mixed {
		if err := p.keep(ctx, t, i, out); err != nil {
			return fmt.Errorf("rewrite %s: %w", p.content.data[i].FilePath(), err)
		}
	}
	files, err := out.close(ctx)
	if err != nil {
		return err
	}
	id := newCommitID()
	c := change{operation: ice.OpOverwrite, add: files, drop: p.drop(), summary: map[string]string{
		summaryLoad: id, "floe.retired-before": time.UnixMicro(p.before).UTC().Format(time.RFC3339Nano),
	}}
	if len(files) == 0 {
		c.operation = ice.OpDelete
	}
	_, _, err = l.commit(ctx, t.name, id, func(ctx context.Context, head *Table) (*draft, error) {
		if head.SnapshotID() != t.SnapshotID() {
			return nil, fmt.Errorf("%w: it was at snapshot %d", ErrConflict, t.SnapshotID())
		}
		d, err := l.stage(ctx, head.ice.Metadata(), c)
		return &d, err
	})
	return err
}

// drop are the locations of the files that go: with the data files the delete
// files that apply to nothing else.
func (p *retirement) drop() map[string]bool {
	drop, chosen := map[string]bool{}, map[int]bool{}
	for _, i := range slices.Concat(p.gone, p.mixed) {
		chosen[i] = true
		drop[p.content.data[i].FilePath()] = true
	}
	for d, f := range p.content.deletes {
		if p.content.used[d] && p.content.onlyFor(d, chosen) {
			drop[f.FilePath()] = true
		}
	}
	return drop
}

// keep adds a data file's rows that stay to a fanout.
func (p *retirement) keep(ctx context.Context, t *Table, i int, out *fanout) error {
	gone, err := p.content.deleted(ctx, i)
	if err != nil {
		return err
	}
	s := t.Schema()
	column := slices.IndexFunc(s.Columns, func(c schema.Column) bool { return c.ID == p.column.ID })
	return eachChunk(ctx, t, p.content.data[i].DataFile, s, func(c *parquetfile.Chunk, at int64, n int) error {
		rows := make([]int32, 0, n)
		for row := range n {
			if !gone[at+int64(row)] && !p.goes(c, column, row) {
				rows = append(rows, int32(row))
			}
		}
		if len(rows) == 0 {
			return nil
		}
		return out.add(ctx, c, rows)
	})
}

// eachChunk reads columns of a data file; visit gets the file's row that a chunk
// begins with, and how many there are.
func eachChunk(ctx context.Context, t *Table, f iceberg.DataFile, s schema.Schema, visit func(c *parquetfile.Chunk, at int64, n int) error) (err error) {
	path, err := t.lake.fs.path(f.FilePath())
	if err != nil {
		return err
	}
	r, err := t.lake.fs.open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	scan := r.Scan(s)
	defer func() { err = errors.Join(err, scan.Close()) }()
	chunk := parquetfile.NewChunk(s)
	for at := int64(0); ; {
		chunk.Reset()
		n, err := scan.Next(chunk, compactRows)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = errors.Join(ctx.Err(), visit(chunk, at, n))
		}
		if err != nil {
			return err
		}
		at += int64(n)
	}
}
