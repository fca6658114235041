package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"
)

// change is what a new snapshot makes of its parent.
type change struct {
	operation  ice.Operation
	add        []iceberg.DataFile
	addDeletes []iceberg.DataFile
	drop       map[string]bool // locations of data and delete files that go
	dropAll    bool
	tidy       bool // merge all small manifests, however few
	summary    map[string]string
	set        iceberg.Properties // of the table, which the same commit makes
	remove     []string
}

func (c change) empty() bool {
	return len(c.add)+len(c.addDeletes)+len(c.drop) == 0 && !c.dropAll && !c.tidy
}

// properties are the table's, once the commit is made.
func (c change) properties(meta ice.Metadata) iceberg.Properties {
	p := maps.Clone(meta.Properties())
	if p == nil {
		p = iceberg.Properties{}
	}
	maps.Copy(p, c.set)
	for _, k := range c.remove {
		delete(p, k)
	}
	return p
}

const (
	// Manifests below smallManifest are merged when there are manyManifests of
	// them: a table of many small loads stays quick to plan.
	smallManifest = 4 << 20
	manyManifests = 20
)

// stage writes a snapshot's manifests and gives the updates that add it to
// meta, which is the head with the commit's earlier updates applied. On an
// error nothing is left.
func (l *Lake) stage(ctx context.Context, meta ice.Metadata, c change) (d draft, err error) {
	if meta.Version() != 2 {
		return draft{}, fmt.Errorf("the table is of Iceberg format version %d; floe writes version 2 only", meta.Version())
	}
	folder, err := l.fs.path(meta.Location())
	if err != nil {
		return draft{}, err
	}
	parent := meta.CurrentSnapshot()
	p := &press{lake: l, meta: meta, folder: under(folder, "metadata"), snapshot: rand.Int64N(1<<62) + 1}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.fs.remove(p.made))
		}
	}()
	manifests, gone, err := p.assemble(ctx, parent, c)
	if err != nil {
		return draft{}, err
	}
	sequence := meta.LastSequenceNumber() + 1
	var parentID *int64
	if parent != nil {
		parentID = &parent.SnapshotID
	}
	list, err := p.list(ctx, parentID, sequence, manifests)
	if err != nil {
		return draft{}, err
	}
	schemaID := meta.CurrentSchema().ID
	summary := summarise(parent, c, gone)
	noteState(summary, stateOf(c.properties(meta)))
	s := ice.Snapshot{
		SnapshotID: p.snapshot, ParentSnapshotID: parentID, SequenceNumber: sequence, ManifestList: list, SchemaID: &schemaID,
		TimestampMs: max(time.Now().UnixMilli(), meta.LastUpdatedMillis()),
		Summary:     &ice.Summary{Operation: c.operation, Properties: summary},
	}
	return draft{made: p.made, snapshot: p.snapshot, updates: []ice.Update{
		ice.NewAddSnapshotUpdate(&s),
		ice.NewSetSnapshotRefUpdate(ice.MainBranch, s.SnapshotID, ice.BranchRef, 0, 0, 0),
	}}, nil
}

// assemble gives the new snapshot's manifests, and the files that went.
func (p *press) assemble(ctx context.Context, parent *ice.Snapshot, c change) (all []iceberg.ManifestFile, gone []iceberg.DataFile, err error) {
	old, err := p.lake.manifests(ctx, parent)
	if err != nil {
		return nil, nil, err
	}
	kept, rewritten, gone, err := p.sift(ctx, old, c)
	if err != nil {
		return nil, nil, err
	}
	for _, added := range []struct {
		content iceberg.ManifestContent
		files   []iceberg.DataFile
	}{{iceberg.ManifestContentData, c.add}, {iceberg.ManifestContentDeletes, c.addDeletes}} {
		fresh := map[shelf][]item{}
		for _, f := range added.files {
			s := shelf{int(f.SpecID()), added.content}
			fresh[s] = append(fresh[s], item{iceberg.EntryStatusADDED, iceberg.NewManifestEntry(iceberg.EntryStatusADDED, &p.snapshot, nil, nil, f)})
		}
		written, err := p.fill(ctx, fresh)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, written...)
	}
	written, err := p.fill(ctx, rewritten)
	if err != nil {
		return nil, nil, err
	}
	return slices.Concat(all, written, kept), gone, nil
}

// fill writes a manifest for each shelf.
func (p *press) fill(ctx context.Context, shelves map[shelf][]item) ([]iceberg.ManifestFile, error) {
	var out []iceberg.ManifestFile
	for _, s := range slices.SortedFunc(maps.Keys(shelves), func(a, b shelf) int {
		return (a.spec*2 + int(a.content)) - (b.spec*2 + int(b.content))
	}) {
		m, err := p.manifest(ctx, s, shelves[s])
		if err != nil {
			return nil, fmt.Errorf("write a manifest: %w", err)
		}
		out = append(out, m)
	}
	return out, nil
}

// sift parts the parent's manifests into those that stay as they are and the
// entries of those that are written anew: because a file of theirs goes, or
// because they are small and many.
func (p *press) sift(ctx context.Context, old []iceberg.ManifestFile, c change) (kept []iceberg.ManifestFile, rewritten map[shelf][]item, gone []iceberg.DataFile, err error) {
	rewritten = map[shelf][]item{}
	merge := p.mergeable(old, c.tidy)
	if !c.dropAll && len(c.drop) == 0 && len(merge) == 0 {
		return old, rewritten, nil, nil
	}
	look := old
	if !c.dropAll && len(c.drop) == 0 {
		look = merge
		kept = slices.DeleteFunc(slices.Clone(old), func(m iceberg.ManifestFile) bool { return slices.Contains(merge, m) })
	}
	read, err := p.lake.entries(ctx, look)
	if err != nil {
		return nil, nil, nil, err
	}
	for i, m := range look {
		hit := slices.ContainsFunc(read[i], func(e iceberg.ManifestEntry) bool { return c.drop[e.DataFile().FilePath()] })
		if !c.dropAll && !hit && !slices.Contains(merge, m) {
			kept = append(kept, m)
			continue
		}
		s := shelf{int(m.PartitionSpecID()), m.ManifestContent()}
		for _, e := range read[i] {
			status := iceberg.EntryStatusEXISTING
			if c.dropAll || c.drop[e.DataFile().FilePath()] {
				status = iceberg.EntryStatusDELETED
				gone = append(gone, e.DataFile())
			}
			rewritten[s] = append(rewritten[s], item{status, e})
		}
	}
	if !c.dropAll && len(gone) != len(c.drop) {
		return nil, nil, nil, fmt.Errorf("%w: %d of the %d files that should go are not in its current snapshot", ErrConflict, len(c.drop)-len(gone), len(c.drop))
	}
	return kept, rewritten, gone, nil
}

// mergeable are the small manifests of each shelf that has many of them.
func (p *press) mergeable(old []iceberg.ManifestFile, tidy bool) []iceberg.ManifestFile {
	small := map[shelf][]iceberg.ManifestFile{}
	for _, m := range old {
		if m.Length() < smallManifest {
			s := shelf{int(m.PartitionSpecID()), m.ManifestContent()}
			small[s] = append(small[s], m)
		}
	}
	var out []iceberg.ManifestFile
	for _, group := range small {
		if len(group) >= manyManifests || tidy && len(group) > 1 {
			out = append(out, group...)
		}
	}
	return out
}

// tally counts files for a snapshot's summary (Iceberg spec, Appendix F).
type tally struct{ files, records, size, deleteFiles, positions int64 }

func count(files []iceberg.DataFile) tally {
	var t tally
	for _, f := range files {
		t.size += f.FileSizeBytes()
		if f.ContentType() == iceberg.EntryContentData {
			t.files++
			t.records += f.Count()
			continue
		}
		t.deleteFiles++
		t.positions += f.Count()
	}
	return t
}

func summarise(parent *ice.Snapshot, c change, gone []iceberg.DataFile) iceberg.Properties {
	added, removed := count(slices.Concat(c.add, c.addDeletes)), count(gone)
	p := iceberg.Properties{}
	maps.Copy(p, c.summary)
	put := func(key string, n int64) {
		if n > 0 {
			p[key] = strconv.FormatInt(n, 10)
		}
	}
	put("added-data-files", added.files)
	put("added-records", added.records)
	put("added-files-size", added.size)
	put("added-delete-files", added.deleteFiles)
	put("added-position-delete-files", added.deleteFiles)
	put("added-position-deletes", added.positions)
	put("deleted-data-files", removed.files)
	put("deleted-records", removed.records)
	put("removed-files-size", removed.size)
	put("removed-delete-files", removed.deleteFiles)
	put("removed-position-delete-files", removed.deleteFiles)
	put("removed-position-deletes", removed.positions)
	var before iceberg.Properties
	switch {
	case c.dropAll:
		removed = tally{} // the totals begin anew
	case parent != nil && parent.Summary != nil:
		before = parent.Summary.Properties
	}
	total := func(key string, delta int64) {
		n, err := strconv.ParseInt(before[key], 10, 64)
		if err == nil || before == nil {
			p[key] = strconv.FormatInt(n+delta, 10)
		} // else another writer left it out
	}
	total("total-data-files", added.files-removed.files)
	total("total-records", added.records-removed.records)
	total("total-files-size", added.size-removed.size)
	total("total-delete-files", added.deleteFiles-removed.deleteFiles)
	total("total-position-deletes", added.positions-removed.positions)
	total("total-equality-deletes", 0)
	return p
}
