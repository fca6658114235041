package lakehouse

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// removeOrphans removes files below the table's own folder that are old and that
// nothing of the table refers to: what killed loads and lost commits left. A
// young one may belong to a load that is still going on.
func (l *Lake) removeOrphans(ctx context.Context, n Name, o MaintainOptions, r *MaintainResult) error {
	cutoff := time.Now().Add(-o.OrphansAfter)
	orphans, err := l.strays(ctx, n, cutoff)
	if err != nil {
		return err
	}
	r.OrphansRemoved = len(orphans)
	if o.DryRun {
		return nil
	}
	for _, path := range orphans {
		freed, err := removeFile(path)
		if err != nil {
			return err
		}
		r.BytesFreed += freed
	}
	return nil
}

// strays lists the files that nothing refers to. The folder is read before the
// table: a file that is committed meanwhile is found referred to.
func (l *Lake) strays(ctx context.Context, n Name, cutoff time.Time) ([]string, error) {
	t, err := l.Table(ctx, n)
	if err != nil || !l.within(t.Location()) {
		return nil, err // another writer's table may lie above other tables
	}
	var old []string
	err = filepath.WalkDir(t.Location(), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err == nil && info.Mode().IsRegular() && info.ModTime().Before(cutoff) {
			old = append(old, path)
		}
		return err
	})
	if err != nil || len(old) == 0 {
		return nil, err
	}
	if t, err = l.Table(ctx, n); err != nil {
		return nil, err
	}
	known, err := l.reach(ctx, t, nil)
	if err != nil {
		return nil, err
	}
	locations := []string{t.entry.location}
	for f := range t.ice.Metadata().PreviousFiles() {
		locations = append(locations, f.MetadataFile)
	}
	for s := range t.ice.Metadata().Statistics() {
		locations = append(locations, s.StatisticsPath)
	}
	for s := range t.ice.Metadata().PartitionStatistics() {
		locations = append(locations, s.StatisticsPath)
	}
	for _, location := range locations {
		if path, err := plainPath(location); err == nil {
			known[filepath.Clean(path)] = true
		}
	}
	var out []string
	for _, path := range old {
		if !known[path] {
			out = append(out, path)
		}
	}
	return out, nil
}
