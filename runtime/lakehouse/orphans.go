package lakehouse

import (
	"context"
	"errors"
	"slices"
	"time"
)

// removeOrphans removes files below the table's own folders that are old and
// that nothing of the table refers to: what killed loads and lost commits left,
// and tables that this one took the place of. A young one may belong to a load
// that is still going on, or be read by who looked the table up before it was
// adopted.
func (l *Lake) removeOrphans(ctx context.Context, n Name, o MaintainOptions, r *MaintainResult) error {
	cutoff := time.Now().Add(-o.OrphansAfter)
	orphans, done, err := l.strays(ctx, n, cutoff)
	if err != nil {
		return err
	}
	r.OrphansRemoved = len(orphans)
	if o.DryRun {
		return nil
	}
	for some := range slices.Chunk(orphans, maxDeletes) {
		if err := errors.Join(ctx.Err(), l.removeFound(some, r)); err != nil {
			return err
		}
	}
	return l.forget(ctx, n, done)
}

// removeFound removes files of a listing and counts what they took.
func (l *Lake) removeFound(files []foundFile, r *MaintainResult) error {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.path
	}
	if err := l.fs.remove(paths); err != nil {
		return err
	}
	for _, f := range files {
		r.BytesFreed += f.size
	}
	return nil
}

// strays lists the files that nothing refers to, and the former folders that
// hold nothing else. The folders are read before the table: a file that is
// committed meanwhile is found referred to.
func (l *Lake) strays(ctx context.Context, n Name, cutoff time.Time) (orphans []foundFile, done []string, err error) {
	t, err := l.Table(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	ours, err := l.within(ctx, n, t.Location())
	if err != nil || !ours {
		return nil, nil, err // another writer's table may lie above other tables
	}
	e, err := l.estate(ctx, n, t.ice)
	if err != nil {
		return nil, nil, err
	}
	found, err := l.estateFiles(ctx, n, e)
	if err != nil {
		return nil, nil, err
	}
	used := map[string]bool{} // former folders that keep files
	var old []foundFile
	for _, f := range found {
		owner := e.owner(f.path)
		young := !f.modified.Before(cutoff) || owner != nil && !owner.at.Before(cutoff)
		if !f.special && !young {
			old = append(old, f)
		} else if owner != nil {
			used[owner.path] = true
		}
	}
	for _, f := range e.former {
		if f.at.Before(cutoff) && !used[f.path] {
			done = append(done, f.path)
		}
	}
	if len(old) == 0 {
		return nil, done, nil
	}
	known, err := l.known(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range old {
		if !known[f.path] {
			orphans = append(orphans, f)
		}
	}
	return orphans, done, nil
}

// known are the plain paths of all that a table's metadata refers to.
func (l *Lake) known(ctx context.Context, n Name) (map[string]bool, error) {
	t, err := l.Table(ctx, n)
	if err != nil {
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
		if path, err := l.fs.path(location); err == nil {
			known[clean(path)] = true
		}
	}
	return known, nil
}
