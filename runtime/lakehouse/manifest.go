package lakehouse

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

// live is a file that a snapshot holds, with its sequence number.
type live struct {
	iceberg.DataFile
	sequence int64
}

// manifests reads a snapshot's manifest list; those without live files are left out.
func (l *Lake) manifests(ctx context.Context, s *ice.Snapshot) ([]iceberg.ManifestFile, error) {
	if s == nil {
		return nil, nil
	}
	all, err := s.Manifests(l.fs.bind(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the manifest list of snapshot %d: %w", s.SnapshotID, err)
	}
	return slices.DeleteFunc(all, func(m iceberg.ManifestFile) bool { return !m.HasAddedFiles() && !m.HasExistingFiles() }), nil
}

// entries reads manifests side by side; the answer is in their order.
func (l *Lake) entries(ctx context.Context, manifests []iceberg.ManifestFile) ([][]iceberg.ManifestEntry, error) {
	read := make([][]iceberg.ManifestEntry, len(manifests))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i, m := range manifests {
		g.Go(func() error {
			for e, err := range m.Entries(l.fs.bind(ctx), true) {
				if err != nil {
					return fmt.Errorf("read manifest %s: %w", m.FilePath(), err)
				}
				read[i] = append(read[i], e)
			}
			return ctx.Err()
		})
	}
	return read, g.Wait()
}

// liveFiles are the files that a snapshot holds.
func (l *Lake) liveFiles(ctx context.Context, s *ice.Snapshot) (data, deletes []live, err error) {
	manifests, err := l.manifests(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	read, err := l.entries(ctx, manifests)
	if err != nil {
		return nil, nil, err
	}
	for _, entries := range read {
		for _, e := range entries {
			f := live{DataFile: e.DataFile(), sequence: e.SequenceNum()}
			if f.ContentType() == iceberg.EntryContentData {
				data = append(data, f)
				continue
			}
			deletes = append(deletes, f)
		}
	}
	byPath := func(a, b live) int { return cmp.Compare(a.FilePath(), b.FilePath()) }
	slices.SortFunc(data, byPath)
	slices.SortFunc(deletes, byPath)
	return data, deletes, nil
}

// press writes the manifests of one snapshot.
type press struct {
	lake     *Lake
	meta     ice.Metadata
	folder   string // metadata folder, plain
	snapshot int64
	made     []string
}

// item is an entry of a manifest that is being written.
type item struct {
	status iceberg.ManifestEntryStatus
	entry  iceberg.ManifestEntry
}

// shelf is what one manifest can hold: files of one partition spec and content.
type shelf struct {
	spec    int
	content iceberg.ManifestContent
}

func (p *press) manifest(ctx context.Context, s shelf, items []item) (iceberg.ManifestFile, error) {
	spec := p.meta.PartitionSpecByID(s.spec)
	if spec == nil {
		return nil, fmt.Errorf("the table has no partition spec %d", s.spec)
	}
	var out bytes.Buffer
	w, err := iceberg.NewManifestWriter(p.meta.Version(), &out, *spec, schemaOf(p.meta, spec), p.snapshot, iceberg.WithManifestWriterContent(s.content))
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		add := w.Existing
		switch it.status {
		case iceberg.EntryStatusADDED:
			add = w.Add
		case iceberg.EntryStatusDELETED:
			add = w.Delete
		}
		if err := add(it.entry); err != nil {
			return nil, fmt.Errorf("manifest entry %s: %w", it.entry.DataFile().FilePath(), err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	path := under(p.folder, uuid.NewString()+"-m.avro")
	if err := p.write(ctx, path, out.Bytes()); err != nil {
		return nil, err
	}
	return w.ToManifestFile(FileURL(path), int64(out.Len()))
}

// schemaOf is the schema that a manifest of the spec is written with: the
// current one, or the newest that still has the spec's columns.
func schemaOf(meta ice.Metadata, spec *iceberg.PartitionSpec) *iceberg.Schema {
	if current := meta.CurrentSchema(); hasSources(current, spec) {
		return current
	}
	for _, s := range slices.Backward(meta.Schemas()) {
		if hasSources(s, spec) {
			return s
		}
	}
	return meta.CurrentSchema()
}

func hasSources(s *iceberg.Schema, spec *iceberg.PartitionSpec) bool {
	for _, f := range spec.Fields() {
		if _, ok := s.FindFieldByID(f.SourceID()); !ok {
			return false
		}
	}
	return true
}

// list writes the snapshot's manifest list.
func (p *press) list(ctx context.Context, parent *int64, sequence int64, manifests []iceberg.ManifestFile) (string, error) {
	var out bytes.Buffer
	if err := iceberg.WriteManifestList(p.meta.Version(), &out, p.snapshot, parent, &sequence, 0, manifests); err != nil {
		return "", fmt.Errorf("write the manifest list: %w", err)
	}
	path := under(p.folder, fmt.Sprintf("snap-%d-1-%s.avro", p.snapshot, uuid.New()))
	if err := p.write(ctx, path, out.Bytes()); err != nil {
		return "", err
	}
	return FileURL(path), nil
}

func (p *press) write(ctx context.Context, path string, content []byte) error {
	p.made = append(p.made, path)
	return p.lake.fs.bind(ctx).WriteFile(path, content)
}
