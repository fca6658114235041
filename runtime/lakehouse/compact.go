package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
)

const (
	smallFile      = targetFile * 3 / 4 // a smaller file is worth merging
	manySmallFiles = 5                  // of one partition, from which on they are merged
	manyDeletes    = 5                  // delete files of one partition, from which on its dirty files are cleaned
	dirtyShare     = 10                 // or when one row in so many is deleted
	maintainBatch  = 4 << 30            // bytes of data files that one commit replaces
	compactTries   = 3
	compactRows    = 8192
)

// compact writes small files and files with deleted rows anew. Its output is
// made for one snapshot: when another commit comes first it is thrown away and
// made again, so that no row that was deleted meanwhile comes back.
func (l *Lake) compact(ctx context.Context, n Name, o MaintainOptions, r *MaintainResult) error {
	for tries := 0; tries < compactTries; {
		t, err := l.Table(ctx, n)
		if err != nil {
			return err
		}
		c, err := t.content(ctx)
		if err != nil {
			return err
		}
		plan := c.compaction(l.batchOf(o))
		if o.DryRun {
			r.FilesCompacted, r.FilesWritten = len(plan.data)+len(plan.deletes), plan.outputs
			return nil
		}
		if len(plan.data) == 0 {
			return nil
		}
		written, err := l.rewrite(ctx, t, c, plan)
		switch {
		case errors.Is(err, ErrConflict):
			tries++
		case err != nil:
			return err
		default:
			r.FilesCompacted += len(plan.data) + len(plan.deletes)
			r.FilesWritten += written
			if written >= len(plan.data) && len(plan.deletes) == 0 {
				return nil // it cannot be had any smaller
			}
		}
	}
	return nil // others write all the time; the next maintenance tries again
}

// compaction is which files one commit replaces.
type compaction struct {
	data    []int // indexes of a content's data files
	deletes []int // of its delete files, which apply to nothing else
	outputs int   // about how many files will come of it
}

// batchOf is how many bytes of data files one go may replace: a dry run, which
// makes one only, counts what all of them would.
func (l *Lake) batchOf(o MaintainOptions) int64 {
	if o.DryRun {
		return math.MaxInt64
	}
	return l.batch
}

// compaction chooses the partitions that are worth it, up to one batch.
func (c *content) compaction(batch int64) compaction {
	groups := map[string][]int{}
	var order []string
	for i, f := range c.data {
		k := partitionKey(f)
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], i)
	}
	var plan compaction
	var bytes int64
	chosen := map[int]bool{}
	for _, k := range order {
		group := c.worthwhile(groups[k])
		if len(group) == 0 {
			continue
		}
		var size int64
		for _, i := range group {
			size += c.data[i].FileSizeBytes()
			chosen[i] = true
		}
		plan.data = append(plan.data, group...)
		plan.outputs += int(1 + size/targetFile)
		if bytes += size; bytes >= batch {
			break
		}
	}
	for d := range c.deletes {
		if c.used[d] && c.onlyFor(d, chosen) {
			plan.deletes = append(plan.deletes, d)
		}
	}
	return plan
}

// worthwhile are the files of one partition that should be written anew.
func (c *content) worthwhile(group []int) []int {
	small, rows, deleted := 0, int64(0), int64(0)
	deletes := map[int]bool{}
	for _, i := range group {
		rows += c.data[i].Count()
		if c.data[i].FileSizeBytes() < smallFile {
			small++
		}
		for _, d := range c.dirt[i] {
			if !deletes[d] {
				deletes[d] = true
				deleted += c.deletes[d].Count()
			}
		}
	}
	merge := small >= manySmallFiles
	clean := len(deletes) >= manyDeletes || len(deletes) > 0 && deleted*dirtyShare >= rows
	var out []int
	for _, i := range group {
		if merge && c.data[i].FileSizeBytes() < smallFile || clean && len(c.dirt[i]) > 0 {
			out = append(out, i)
		}
	}
	return out
}

// onlyFor says whether a delete file applies to none but the chosen data files.
func (c *content) onlyFor(d int, chosen map[int]bool) bool {
	for i, dirt := range c.dirt {
		for _, other := range dirt {
			if other == d && !chosen[i] {
				return false
			}
		}
	}
	return true
}

// rewrite writes the plan's rows to new files and swaps them in one commit.
func (l *Lake) rewrite(ctx context.Context, t *Table, c *content, plan compaction) (written int, err error) {
	out, err := newFanout(l.fs, t.ice.Metadata(), t.Location(), t.Schema(), 0)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil && !errors.Is(err, errUnknown) {
			err = errors.Join(err, out.abort())
		}
	}()
	if err := copyRows(ctx, t, c, plan, out); err != nil {
		return 0, err
	}
	files, err := out.close(ctx)
	if err != nil {
		return 0, err
	}
	drop := map[string]bool{}
	for _, i := range plan.data {
		drop[c.data[i].FilePath()] = true
	}
	for _, d := range plan.deletes {
		drop[c.deletes[d].FilePath()] = true
	}
	id := newCommitID()
	_, _, err = l.commit(ctx, t.name, id, func(ctx context.Context, head *Table) (*draft, error) {
		if head.SnapshotID() != t.SnapshotID() {
			return nil, fmt.Errorf("%w: it was at snapshot %d", ErrConflict, t.SnapshotID())
		}
		d, err := l.stage(ctx, head.ice.Metadata(), change{operation: ice.OpReplace, add: files, drop: drop, tidy: true, summary: map[string]string{summaryLoad: id}})
		return &d, err
	})
	return len(files), err
}

// copyRows adds the live rows of the plan's files to a fanout.
func copyRows(ctx context.Context, t *Table, c *content, plan compaction, out *fanout) error {
	for _, i := range plan.data {
		gone, err := c.deleted(ctx, i)
		if err != nil {
			return err
		}
		if err := copyFile(ctx, t, c.data[i].DataFile, gone, out); err != nil {
			return fmt.Errorf("rewrite %s: %w", c.data[i].FilePath(), err)
		}
	}
	return nil
}

// deleted are the positions of a data file that its delete files remove.
func (c *content) deleted(ctx context.Context, i int) (map[int64]bool, error) {
	gone := map[int64]bool{}
	name := c.data[i].FilePath()
	for _, d := range c.dirt[i] {
		err := readDeletes(ctx, c.fs, c.deletes[d].FilePath(), func(dataFile []byte, pos int64) error {
			if string(dataFile) == name {
				gone[pos] = true
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return gone, nil
}

func copyFile(ctx context.Context, t *Table, f iceberg.DataFile, gone map[int64]bool, out *fanout) error {
	return eachChunk(ctx, t, f, t.Schema(), func(c *parquetfile.Chunk, at int64, n int) error {
		return out.add(ctx, c, kept(at, n, gone))
	})
}

// kept are the rows of a chunk, which begins at a file's row, that are not
// gone; nil means all.
func kept(at int64, n int, gone map[int64]bool) []int32 {
	if len(gone) == 0 {
		return nil
	}
	rows := make([]int32, 0, n)
	for i := range n {
		if !gone[at+int64(i)] {
			rows = append(rows, int32(i))
		}
	}
	return rows
}
