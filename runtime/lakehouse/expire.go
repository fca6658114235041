package lakehouse

import (
	"context"
	"errors"
	"io/fs"
	"time"

	ice "github.com/apache/iceberg-go/table"
)

// expire drops old snapshots and then the files that only they knew.
func (l *Lake) expire(ctx context.Context, n Name, o MaintainOptions, r *MaintainResult) error {
	cutoff := time.Now().Add(-o.KeepFor).UnixMilli()
	before, err := l.Table(ctx, n)
	if err != nil {
		return err
	}
	ids := expired(before.ice.Metadata(), cutoff, o.KeepLast)
	r.SnapshotsExpired = len(ids)
	if len(ids) == 0 || o.DryRun {
		return nil
	}
	var old map[string]bool
	ours := l.catalog.remover() == ""
	if ours { // what the dropped snapshots know has to be read before they are gone
		if old, err = l.reach(ctx, before, ids); err != nil {
			return err
		}
	}
	after, _, err := l.commit(ctx, n, "", func(_ context.Context, head *Table) (*draft, error) {
		var still []int64
		for id := range expired(head.ice.Metadata(), cutoff, o.KeepLast) {
			if ids[id] {
				still = append(still, id)
			}
		}
		if len(still) == 0 {
			return nil, nil
		}
		return &draft{updates: []ice.Update{ice.NewRemoveSnapshotsUpdate(still, false)}}, nil
	})
	if err != nil || !ours {
		return err
	}
	known, err := l.reach(ctx, after, nil)
	if err != nil {
		return err
	}
	var gone []string
	for path := range old {
		if !known[path] && l.inside(after.ice.Metadata(), path) == nil {
			gone = append(gone, path)
		}
	}
	freed, err := l.free(ctx, gone)
	r.BytesFreed += freed
	return err
}

// expired are the snapshots that are older than cutoff (milliseconds), no
// branch's or tag's head, and not among the last of the main line.
func expired(meta ice.Metadata, cutoff int64, keepLast int) map[int64]bool {
	keep := map[int64]bool{}
	for _, ref := range meta.Refs() {
		keep[ref.SnapshotID] = true
	}
	s := meta.CurrentSnapshot()
	for range keepLast {
		if s == nil {
			break
		}
		keep[s.SnapshotID] = true
		if s.ParentSnapshotID == nil {
			break
		}
		s = meta.SnapshotByID(*s.ParentSnapshotID)
	}
	out := map[int64]bool{}
	for _, s := range meta.Snapshots() {
		if !keep[s.SnapshotID] && s.TimestampMs < cutoff {
			out[s.SnapshotID] = true
		}
	}
	return out
}

// reach gives the plain paths of everything that a table's snapshots refer to:
// manifest lists, manifests, data and delete files. ids chooses snapshots, nil
// all.
func (l *Lake) reach(ctx context.Context, t *Table, ids map[int64]bool) (map[string]bool, error) {
	known := map[string]bool{}
	add := func(location string) {
		if path, err := l.fs.path(location); err == nil {
			known[clean(path)] = true
		}
	}
	read := map[string]bool{}
	for _, s := range t.ice.Metadata().Snapshots() {
		if ids != nil && !ids[s.SnapshotID] {
			continue
		}
		add(s.ManifestList)
		manifests, err := s.Manifests(l.fs.bind(ctx))
		if errors.Is(err, fs.ErrNotExist) && ids != nil {
			continue // an earlier clean-up was cut off after removing it
		}
		if err != nil {
			return nil, err
		}
		for _, m := range manifests {
			add(m.FilePath())
			if read[m.FilePath()] {
				continue
			}
			read[m.FilePath()] = true
			for e, err := range m.Entries(l.fs.bind(ctx), true) {
				if err != nil {
					return nil, err
				}
				add(e.DataFile().FilePath())
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
	}
	return known, nil
}
