package lakehouse

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"
)

// verify reads what was written as any reader would: the metadata parses, every
// file that a snapshot names is there with its size, at the new place, and each
// snapshot has the rows that it had.
func (l *Lake) verify(ctx context.Context, n Name, p *restorePlan, location string) (ice.Metadata, error) {
	t, err := l.head(ctx, n, entry{kind: kindTable, location: location})
	if err != nil {
		return nil, err
	}
	meta := t.Metadata()
	if got, want := len(meta.Snapshots()), len(p.snapshots); got != want || currentID(meta) != currentID(p.edition.meta) {
		return nil, fmt.Errorf("%d snapshots, the current one %d; want %d and %d", got, currentID(meta), want, currentID(p.edition.meta))
	}
	found, err := l.fs.list(ctx, p.move.to)
	if err != nil {
		return nil, err
	}
	v := verifier{lake: l, folder: p.move.to, sizes: map[string]int64{}, manifests: map[string]*counted{}}
	for _, f := range found {
		v.sizes[clean(f.path)] = f.size
	}
	for _, s := range meta.Snapshots() {
		rows, deleted, err := v.snapshot(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("snapshot %d: %w", s.SnapshotID, err)
		}
		if wantRows, wantDeleted := p.rows[s.SnapshotID], p.deleted[s.SnapshotID]; rows != wantRows || deleted != wantDeleted {
			return nil, fmt.Errorf("snapshot %d has %d rows and %d deleted positions, its copy %d and %d", s.SnapshotID, rows, deleted, wantRows, wantDeleted)
		}
	}
	return meta, nil
}

type verifier struct {
	lake      *Lake
	folder    string
	sizes     map[string]int64
	manifests map[string]*counted
}

func (v *verifier) snapshot(ctx context.Context, s ice.Snapshot) (rows, deleted int64, err error) {
	if err := v.there(s.ManifestList, -1); err != nil {
		return 0, 0, err
	}
	manifests, err := s.Manifests(v.lake.fs.bind(ctx))
	if err != nil {
		return 0, 0, fmt.Errorf("read the manifest list: %w", err)
	}
	for _, m := range manifests {
		c := v.manifests[m.FilePath()]
		if c == nil {
			if c, err = v.manifest(ctx, m); err != nil {
				return 0, 0, fmt.Errorf("manifest %s: %w", m.FilePath(), err)
			}
			v.manifests[m.FilePath()] = c
		}
		rows += c.rows
		deleted += c.deleted
	}
	return rows, deleted, nil
}

func (v *verifier) manifest(ctx context.Context, m iceberg.ManifestFile) (*counted, error) {
	if err := v.there(m.FilePath(), m.Length()); err != nil {
		return nil, err
	}
	c := &counted{}
	for e, err := range m.Entries(v.lake.fs.bind(ctx), true) {
		if err != nil {
			return nil, err
		}
		f := e.DataFile()
		if err := v.there(f.FilePath(), f.FileSizeBytes()); err != nil {
			return nil, err
		}
		switch f.ContentType() {
		case iceberg.EntryContentData:
			c.rows += f.Count()
		case iceberg.EntryContentPosDeletes:
			c.deleted += f.Count()
		}
	}
	return c, ctx.Err()
}

// there says whether a file is at the table's place with its size; size < 0: any.
func (v *verifier) there(location string, size int64) error {
	path, err := v.lake.fs.path(location)
	if err != nil {
		return err
	}
	switch is, ok := v.sizes[clean(path)]; {
	case !below(v.folder, path):
		return fmt.Errorf("%s is not below %s", path, v.folder)
	case !ok:
		return fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	case size >= 0 && is != size:
		return fmt.Errorf("%s has %d bytes, not %d", path, is, size)
	}
	return nil
}
