package lakehouse

import (
	"context"
	"fmt"
	"time"
)

// MaintainOptions says what Maintain does. The zero durations mean the defaults.
type MaintainOptions struct {
	KeepFor      time.Duration // snapshots younger than this are kept, default 168h
	KeepLast     int           // and at least this many, default 1
	OrphansAfter time.Duration // files that no snapshot knows are removed when older than this, default 72h
	Expire       bool
	Compact      bool
	Orphans      bool
	DryRun       bool // say what would be done
}

const (
	defaultKeepFor      = 168 * time.Hour
	defaultOrphansAfter = 72 * time.Hour
)

// MaintainResult is what Maintain did, or would do.
type MaintainResult struct {
	SnapshotsExpired int   `json:"snapshots_expired"`
	FilesCompacted   int   `json:"files_compacted"` // data and delete files that went
	FilesWritten     int   `json:"files_written"`
	OrphansRemoved   int   `json:"orphans_removed"`
	BytesFreed       int64 `json:"bytes_freed"` // on disk; what compaction replaces is freed when its snapshot expires
}

// Maintain keeps a table small and quick: small files and files with deleted
// rows are written anew, old snapshots are dropped together with the files that
// only they know, and so are files that nothing knows. Run twice it does
// nothing the second time.
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
	for _, act := range []struct {
		name   string
		wanted bool
		do     func(context.Context, Name, MaintainOptions, *MaintainResult) error
	}{
		{"compact", o.Compact, l.compact},
		{"expire snapshots of", o.Expire, l.expire},
		{"remove orphans of", o.Orphans, l.removeOrphans},
	} {
		if !act.wanted {
			continue
		}
		if err := act.do(ctx, n, o, &r); err != nil {
			return r, fmt.Errorf("%s %s: %w", act.name, n, err)
		}
	}
	return r, nil
}
