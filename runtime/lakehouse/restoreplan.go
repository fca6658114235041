package lakehouse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/fault"
)

// restorePlan is how one table comes back.
type restorePlan struct {
	edition   edition // whose state it is
	newest    edition // that the copy tells of
	move      move
	snapshots []ice.Snapshot // that are kept, as the edition has them
	rows      map[int64]int64
	deleted   map[int64]int64  // positions, by snapshot
	files     map[string]int64 // that are taken as they are, below the table's folder, and their sizes
	missing   []string         // why newer editions were not taken
	doubt     string           // why the edition may not be what the table was
	version   int              // of the metadata file that will be written: after every one that the copy has
}

// maxMissing is how many missing files are named.
const maxMissing = 5

// choose takes the newest edition of a table whose current snapshot the copy
// holds whole, and what it holds of its history.
func (l *Lake) choose(ctx context.Context, c *copies, n Name, root string) (*restorePlan, error) {
	all := c.tables[n]
	p := &restorePlan{newest: all[0]}
	for _, e := range all {
		p.version = max(p.version, version(e.path)+1)
		if e.err != nil && !errors.As(e.err, new(incomplete)) {
			return nil, fmt.Errorf("what the copy holds is not known: %w", e.err)
		}
	}
	for _, e := range all {
		if e.err != nil {
			p.missing = append(p.missing, fmt.Sprintf("%s does not read: %v", e.path, e.err))
			continue
		}
		to := under(root, e.rel)
		s := &survey{lake: l, sizes: c.sizes, meta: e.meta, move: e.move(to), manifests: map[string]*counted{}}
		current := e.meta.CurrentSnapshot()
		if current != nil {
			if _, err := s.snapshot(ctx, *current); errors.As(err, new(incomplete)) {
				p.missing = append(p.missing, err.Error())
				continue
			} else if err != nil {
				return nil, err
			}
		}
		p.edition, p.move, p.doubt = e, s.move, e.doubt(all)
		for _, o := range all { // a metadata file that was not copied whole
			if o.err != nil && o.folder == e.folder && version(o.path) > version(e.path) {
				p.missing = append(p.missing, fmt.Sprintf("%s does not read: %v", o.path, o.err))
			}
		}
		return p, p.history(ctx, s)
	}
	return nil, fault.New(fault.Failed, fmt.Errorf("the copy holds no state of it that is complete; %d were looked at: %s", len(all), p.missing[0]),
		"wait for the replication to end, or restore from an older copy")
}

// history keeps the snapshots that are whole.
func (p *restorePlan) history(ctx context.Context, s *survey) error {
	p.rows, p.deleted, p.files = map[int64]int64{}, map[int64]int64{}, map[string]int64{}
	for _, snapshot := range p.edition.meta.Snapshots() {
		sum, err := s.snapshot(ctx, snapshot)
		if errors.As(err, new(incomplete)) {
			continue
		}
		if err != nil {
			return err
		}
		p.snapshots = append(p.snapshots, snapshot)
		p.rows[snapshot.SnapshotID], p.deleted[snapshot.SnapshotID] = sum.rows, sum.deleted
		for path, size := range sum.files {
			p.files[path] = size
		}
	}
	p.statistics(s)
	return nil
}

// statistics are taken, too, where they are there: readers do without them.
func (p *restorePlan) statistics(s *survey) {
	take := func(id int64, location string, size int64) {
		if rel, ok := p.move.rel(location); ok && p.kept(id) && s.there(location, size) == nil {
			p.files[rel] = size
		}
	}
	for f := range p.edition.meta.Statistics() {
		take(f.SnapshotID, f.StatisticsPath, f.FileSizeInBytes)
	}
	for f := range p.edition.meta.PartitionStatistics() {
		take(f.SnapshotID, f.StatisticsPath, f.FileSizeInBytes)
	}
}

// report tells a plan.
func (p *restorePlan) report(n Name) Restored {
	current := currentID(p.edition.meta)
	r := Restored{
		Table: n, State: RestoreDone, From: p.move.from, Location: p.move.to, Snapshot: current, Snapshots: len(p.snapshots),
		At: time.UnixMilli(p.edition.updated()).UTC(), Rows: p.rows[current] - p.deleted[current], Doubt: p.doubt,
	}
	r.Lost.Older = len(p.edition.meta.Snapshots()) - len(p.snapshots)
	r.Lost.Missing = p.missing[:min(len(p.missing), maxMissing)]
	if p.newest.meta == nil || p.newest.path == p.edition.path {
		return r
	}
	r.Lost.Behind = time.Duration(max(0, p.newest.updated()-p.edition.updated())) * time.Millisecond
	for _, s := range lineage(p.newest.meta, currentID(p.newest.meta)) {
		if p.edition.meta.SnapshotByID(s.SnapshotID) == nil {
			r.Lost.Snapshots++
		}
	}
	was, knew := summaryRows(p.newest.meta.CurrentSnapshot())
	is, knows := summaryRows(p.edition.meta.CurrentSnapshot())
	if lost := was - is; knew && knows {
		r.Lost.Rows = &lost
	}
	return r
}

// summaryRows are a snapshot's live rows by its summary.
func summaryRows(s *ice.Snapshot) (int64, bool) {
	if s == nil {
		return 0, true
	}
	all, _ := noted(*s, "total-records")
	deleted, _ := noted(*s, "total-position-deletes")
	rows, err := strconv.ParseInt(all, 10, 64)
	gone, _ := strconv.ParseInt(deleted, 10, 64) // left out by who has none
	return rows - gone, err == nil
}

// incomplete is why a snapshot of a copy cannot be had.
type incomplete struct{ error }

// survey looks what of an edition a copy holds.
type survey struct {
	lake      *Lake
	sizes     map[string]int64
	meta      ice.Metadata
	move      move
	manifests map[string]*counted // by location: those that were looked at
}

// counted is what a snapshot, or one of its manifests, holds.
type counted struct {
	rows, deleted int64            // of data files; positions that delete files name
	files         map[string]int64 // live ones but for position deletes, below the table's folder
	err           error            // incomplete
}

// there says whether the copy holds a file with its size; size < 0: any.
func (s *survey) there(location string, size int64) error {
	path, ok := s.move.source(location)
	if !ok {
		return incomplete{fmt.Errorf("%s is not below the table's folder %s", location, s.move.was)}
	}
	switch is, ok := s.sizes[path]; {
	case !ok:
		return incomplete{fmt.Errorf("%s is missing", path)}
	case size >= 0 && is != size:
		return incomplete{fmt.Errorf("%s has %d bytes, not %d", path, is, size)}
	}
	return nil
}

// snapshot looks whether all files of a snapshot are there.
func (s *survey) snapshot(ctx context.Context, snapshot ice.Snapshot) (*counted, error) {
	if err := s.there(snapshot.ManifestList, -1); err != nil {
		return nil, err
	}
	text, err := s.read(ctx, snapshot.ManifestList)
	if err != nil {
		return nil, err
	}
	manifests, err := iceberg.ReadManifestList(bytes.NewReader(text))
	if err != nil {
		return nil, incomplete{fmt.Errorf("manifest list %s does not read: %w", snapshot.ManifestList, err)}
	}
	all := &counted{files: map[string]int64{}}
	for _, m := range manifests {
		c := s.manifests[m.FilePath()]
		if c == nil {
			if c, err = s.manifest(ctx, m); err != nil {
				return nil, err
			}
			s.manifests[m.FilePath()] = c
		}
		if c.err != nil {
			return nil, c.err
		}
		all.rows += c.rows
		all.deleted += c.deleted
		for path, size := range c.files {
			all.files[path] = size
		}
	}
	return all, nil
}

// read reads the copy of a file that is there.
func (s *survey) read(ctx context.Context, location string) ([]byte, error) {
	path, _ := s.move.source(location)
	return s.lake.readCopy(ctx, path)
}

// manifest looks whether all live files of a manifest are there.
func (s *survey) manifest(ctx context.Context, m iceberg.ManifestFile) (*counted, error) {
	c := &counted{files: map[string]int64{}}
	if c.err = s.there(m.FilePath(), m.Length()); c.err != nil {
		return c, nil
	}
	text, err := s.read(ctx, m.FilePath())
	if errors.As(err, new(incomplete)) {
		c.err = err
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := iceberg.ReadManifest(m, bytes.NewReader(text), true)
	if err != nil {
		c.err = incomplete{fmt.Errorf("manifest %s does not read: %w", m.FilePath(), err)}
		return c, nil
	}
	for _, e := range entries {
		if c.err = s.count(c, e.DataFile()); c.err != nil {
			return c, nil
		}
	}
	return c, nil
}

func (s *survey) count(c *counted, f iceberg.DataFile) error {
	if err := s.there(f.FilePath(), f.FileSizeBytes()); err != nil {
		return err
	}
	if f.ContentType() == iceberg.EntryContentPosDeletes {
		if f.FileFormat() != iceberg.ParquetFile {
			return incomplete{fmt.Errorf("delete file %s is no Parquet file", f.FilePath())}
		}
		c.deleted += f.Count()
		return nil // it names paths: it is written anew
	}
	rel, _ := s.move.rel(f.FilePath())
	c.files[rel] = f.FileSizeBytes()
	if f.ContentType() == iceberg.EntryContentData {
		c.rows += f.Count()
	}
	return nil
}

// kept says whether a snapshot comes back.
func (p *restorePlan) kept(id int64) bool {
	return slices.ContainsFunc(p.snapshots, func(s ice.Snapshot) bool { return s.SnapshotID == id })
}
