package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// MaintainOptions says what Maintain does. The zero durations mean the defaults.
type MaintainOptions struct {
	KeepFor      time.Duration // snapshots younger than this are kept, default 168h
	KeepLast     int           // and at least this many, default 1
	OrphansAfter time.Duration // files that no snapshot knows are removed when older than this, default 96h
	RowsKept     time.Duration // rows of loads that began longer ago are removed; 0: rows are kept for ever
	Expire       bool
	Compact      bool
	Orphans      bool
	DryRun       bool // say what would be done
}

const (
	defaultKeepFor      = 168 * time.Hour
	defaultOrphansAfter = 96 * time.Hour
)

// MaintainResult is what Maintain did, or would do.
type MaintainResult struct {
	RowsRemoved      int64 `json:"rows_removed"` // that were older than they are kept
	SnapshotsExpired int   `json:"snapshots_expired"`
	FilesCompacted   int   `json:"files_compacted"` // data and delete files that went
	FilesWritten     int   `json:"files_written"`
	OrphansRemoved   int   `json:"orphans_removed"`
	BytesFreed       int64 `json:"bytes_freed"` // on disk; what compaction replaces is freed when its snapshot expires
}

// Maintain keeps a table small and quick: rows that are older than they are kept
// go, small files and files with deleted rows are written anew, old snapshots are dropped together with the files that
// only they know, and so are files that nothing knows. Run twice it does
// nothing the second time. An act that fails does not stop the others: a table
// whose old rows cannot be told is kept small all the same. In an S3 table bucket no file is removed here: S3
// Tables does that to what no snapshot knows.
func (l *Lake) Maintain(ctx context.Context, n Name, o MaintainOptions) (MaintainResult, error) {
	if err := l.writable("maintain", n); err != nil {
		return MaintainResult{}, err
	}
	if o.KeepFor == 0 {
		o.KeepFor = defaultKeepFor
	}
	if o.OrphansAfter == 0 {
		o.OrphansAfter = defaultOrphansAfter
	}
	o.KeepLast = max(o.KeepLast, 1)
	var r MaintainResult
	var failed []error
	for _, act := range []struct {
		name   string
		wanted bool
		do     func(context.Context, Name, MaintainOptions, *MaintainResult) error
	}{
		{"remove the old rows of", o.RowsKept > 0, l.retire},
		{"compact", o.Compact, l.compact},
		{"expire snapshots of", o.Expire, l.expire},
		{"remove orphans of", o.Orphans && l.catalog.remover() == "", l.removeOrphans},
	} {
		if !act.wanted {
			continue
		}
		if err := act.do(ctx, n, o, &r); err != nil {
			failed = append(failed, fmt.Errorf("%s %s: %w", act.name, n, err))
			if ctx.Err() != nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrLocked) {
				break // the next one would fail alike
			}
		}
	}
	return r, errors.Join(failed...)
}
