package lakehouse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
)

// rewriter writes every file of a table that holds paths anew. What the
// metadata says besides stays as it is, word for word.
type rewriter struct {
	lake      *Lake
	plan      *restorePlan
	made      []string
	manifests map[string]iceberg.ManifestFile // by former location
	deletes   map[string]rewrittenDeletes
}

// write gives the location of the new metadata file.
func (w *rewriter) write(ctx context.Context) (string, error) {
	w.manifests, w.deletes = map[string]iceberg.ManifestFile{}, map[string]rewrittenDeletes{}
	lists := map[int64]string{}
	for _, s := range w.plan.snapshots {
		list, err := w.list(ctx, s)
		if err != nil {
			return "", fmt.Errorf("snapshot %d: %w", s.SnapshotID, err)
		}
		lists[s.SnapshotID] = list
	}
	text, err := w.plan.document(lists)
	if err != nil {
		return "", err
	}
	location, err := w.lake.writeMetadata(ctx, document{text, FileURL(w.plan.move.to)}, w.plan.version)
	if err != nil {
		return "", err
	}
	path, err := w.lake.fs.path(location)
	w.made = append(w.made, path)
	return location, err
}

// document is a metadata file's text.
type document struct {
	json.RawMessage
	location string
}

// Location is the table's.
func (d document) Location() string { return d.location }

// list writes a snapshot's manifests and their list.
func (w *rewriter) list(ctx context.Context, s ice.Snapshot) (string, error) {
	old, err := s.Manifests(copyIO{w.lake.fs.bind(ctx), w.plan.move})
	if err != nil {
		return "", fmt.Errorf("read the manifest list: %w", err)
	}
	manifests := make([]iceberg.ManifestFile, len(old))
	for i, m := range old {
		if w.manifests[m.FilePath()] == nil {
			if w.manifests[m.FilePath()], err = w.manifest(ctx, m); err != nil {
				return "", fmt.Errorf("manifest %s: %w", m.FilePath(), err)
			}
		}
		manifests[i] = w.manifests[m.FilePath()]
	}
	p := w.press(s.SnapshotID)
	list, err := p.list(ctx, s.ParentSnapshotID, s.SequenceNumber, manifests)
	w.made = append(w.made, p.made...)
	return list, err
}

func (w *rewriter) press(snapshot int64) *press {
	return &press{lake: w.lake, meta: w.plan.edition.meta, folder: under(w.plan.move.to, "metadata"), snapshot: snapshot}
}

// manifest writes a manifest anew: the same entries, of files at new places.
func (w *rewriter) manifest(ctx context.Context, m iceberg.ManifestFile) (iceberg.ManifestFile, error) {
	var items []item
	for e, err := range m.Entries(copyIO{w.lake.fs.bind(ctx), w.plan.move}, false) {
		if err != nil {
			return nil, err
		}
		f, err := w.file(ctx, e)
		if err != nil {
			return nil, err
		}
		id, sequence := e.SnapshotID(), e.SequenceNum()
		items = append(items, item{e.Status(), iceberg.NewManifestEntry(e.Status(), &id, &sequence, e.FileSequenceNum(), f)})
	}
	p := w.press(m.SnapshotID())
	made, err := p.manifest(ctx, shelf{int(m.PartitionSpecID()), m.ManifestContent()}, items)
	w.made = append(w.made, p.made...)
	if err != nil {
		return nil, err
	}
	if was, is := countsOf(m), countsOf(made); was != is {
		return nil, fmt.Errorf("its files and rows do not add up: its list says %v, it holds %v", was, is)
	}
	return iceberg.NewManifestFile(2, made.FilePath(), made.Length(), m.PartitionSpecID(), m.SnapshotID()).
		Content(m.ManifestContent()).SequenceNum(m.SequenceNum(), m.MinSequenceNum()).
		AddedFiles(m.AddedDataFiles()).ExistingFiles(m.ExistingDataFiles()).DeletedFiles(m.DeletedDataFiles()).
		AddedRows(m.AddedRows()).ExistingRows(m.ExistingRows()).DeletedRows(m.DeletedRows()).
		Partitions(m.Partitions()).KeyMetadata(m.KeyMetadata()).Build(), nil
}

// countsOf are the files and rows of a manifest: added, existing, deleted.
func countsOf(m iceberg.ManifestFile) [6]int64 {
	return [6]int64{int64(m.AddedDataFiles()), int64(m.ExistingDataFiles()), int64(m.DeletedDataFiles()), m.AddedRows(), m.ExistingRows(), m.DeletedRows()}
}

// file describes an entry's file at its new place.
func (w *rewriter) file(ctx context.Context, e iceberg.ManifestEntry) (iceberg.DataFile, error) {
	f := e.DataFile()
	spec := w.plan.edition.meta.PartitionSpecByID(int(f.SpecID()))
	if spec == nil {
		return nil, fmt.Errorf("the table has no partition spec %d", f.SpecID())
	}
	if f.ContentType() != iceberg.EntryContentPosDeletes {
		return w.plan.move.data(f, *spec)
	}
	d, ok := w.deletes[f.FilePath()]
	if !ok && e.Status() == iceberg.EntryStatusDELETED {
		return w.plan.move.data(f, *spec) // nobody reads it
	}
	if !ok {
		var err error
		if d, err = w.rewriteDeletes(ctx, f); err != nil {
			return nil, fmt.Errorf("rewrite the deletes %s: %w", f.FilePath(), err)
		}
		w.deletes[f.FilePath()] = d
	}
	return d.describe(f, *spec)
}

// rewriteDeletes writes a position-delete file anew: its rows name data files.
func (w *rewriter) rewriteDeletes(ctx context.Context, f iceberg.DataFile) (rewrittenDeletes, error) {
	source, _ := w.plan.move.source(f.FilePath())
	positions := map[string][]int64{}
	err := readDeletes(ctx, w.lake.fs, source, func(dataFile []byte, pos int64) error {
		name := w.plan.move.moved(string(dataFile))
		positions[name] = append(positions[name], pos)
		return nil
	})
	if err != nil {
		return rewrittenDeletes{}, err
	}
	var rows []parquetfile.Deletes
	var n int64
	for _, name := range slices.Sorted(maps.Keys(positions)) {
		slices.Sort(positions[name])
		rows = append(rows, parquetfile.Deletes{DataFile: name, Positions: positions[name]})
		n += int64(len(positions[name]))
	}
	if n == 0 || n != f.Count() {
		return rewrittenDeletes{}, fmt.Errorf("it holds %d rows, its manifest says %d", n, f.Count())
	}
	path := under(w.plan.move.to, "data", uuid.Must(uuid.NewV7()).String()+"-deletes.parquet")
	made, err := parquetfile.WriteDeletes(w.lake.fs.spool(path), rows)
	if err != nil {
		return rewrittenDeletes{}, err
	}
	w.made = append(w.made, path)
	if err := w.lake.fs.deliver(ctx, made.Path, path); err != nil {
		return rewrittenDeletes{}, err
	}
	made.Path = path
	return rewrittenDeletes{made, rows[0].DataFile, rows[len(rows)-1].DataFile}, w.lake.fs.settle(path, parent(path))
}

// document is the metadata's text for the new place. The log of former metadata
// files ends here, and so does what was seen before a snapshot that is lost.
func (p *restorePlan) document(lists map[int64]string) ([]byte, error) {
	var doc map[string]any
	d := json.NewDecoder(bytes.NewReader(p.edition.text))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("read %s: %w", p.edition.path, err)
	}
	doc["location"], doc["metadata-log"] = FileURL(p.move.to), []any{}
	doc["snapshots"] = p.sifted(doc["snapshots"], func(s map[string]any, id int64) bool {
		s["manifest-list"] = lists[id]
		return true
	})
	for _, key := range []string{"statistics", "partition-statistics"} {
		if doc[key] != nil {
			doc[key] = p.sifted(doc[key], func(s map[string]any, _ int64) bool {
				path, _ := s["statistics-path"].(string)
				rel, ok := p.move.rel(path)
				_, there := p.files[rel]
				s["statistics-path"] = p.move.moved(path)
				return ok && there
			})
		}
	}
	if refs, ok := doc["refs"].(map[string]any); ok {
		maps.DeleteFunc(refs, func(_ string, ref any) bool { return !p.kept(snapshotOf(ref)) })
	}
	log, _ := doc["snapshot-log"].([]any)
	for i, e := range slices.Backward(log) {
		if !p.kept(snapshotOf(e)) {
			log = log[i+1:]
			break
		}
	}
	doc["snapshot-log"] = append([]any{}, log...)
	p.properties(doc)
	return json.Marshal(doc)
}

// sifted are the elements of a list that speak of kept snapshots, and that keep
// takes and changes.
func (p *restorePlan) sifted(list any, keep func(element map[string]any, snapshot int64) bool) []any {
	all, _ := list.([]any)
	out := []any{}
	for _, x := range all {
		element, ok := x.(map[string]any)
		if id := snapshotOf(x); ok && p.kept(id) && keep(element, id) {
			out = append(out, element)
		}
	}
	return out
}

// snapshotOf is the snapshot-id of an object of the metadata, 0 for none.
func snapshotOf(x any) int64 {
	o, _ := x.(map[string]any)
	n, _ := o["snapshot-id"].(json.Number)
	id, _ := n.Int64() // 0 where it is no number
	return id
}

// properties mends the table's properties that name places.
func (p *restorePlan) properties(doc map[string]any) {
	properties, _ := doc["properties"].(map[string]any)
	delete(properties, propFormer)
	for _, key := range pathProperties {
		path, ok := properties[key].(string)
		if !ok {
			continue
		}
		if _, ok := p.move.rel(path); ok {
			properties[key] = p.move.moved(path)
		} else {
			delete(properties, key) // elsewhere: the table's own folder takes its place
		}
	}
}

// lacking are the files, below the table's folder, that its new place lacks.
func (l *Lake) lacking(ctx context.Context, p *restorePlan) (files []string, bytes int64, err error) {
	if p.move.inPlace() {
		return nil, 0, nil
	}
	found, err := l.fs.list(ctx, p.move.to)
	if err != nil {
		return nil, 0, err
	}
	has := map[string]int64{}
	for _, f := range found {
		has[f.path] = f.size
	}
	for rel, size := range p.files {
		if is, ok := has[under(p.move.to, rel)]; !ok || is != size {
			files = append(files, rel)
			bytes += size
		}
	}
	sort.Strings(files)
	return files, bytes, nil
}

// copyFiles copies data files to their new place.
func (l *Lake) copyFiles(ctx context.Context, m move, sizes map[string]int64, files []string) error {
	folders := map[string]bool{}
	g, copying := errgroup.WithContext(ctx)
	g.SetLimit(besides)
	for _, rel := range files {
		to := under(m.to, rel)
		for dir := parent(to); below(m.to, dir); dir = parent(dir) {
			folders[dir] = true
		}
		g.Go(func() error {
			return errors.Join(l.fs.copyFile(copying, under(m.from, rel), to, sizes[rel]), copying.Err())
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return l.fs.settle(slices.SortedFunc(maps.Keys(folders), func(a, b string) int { return strings.Compare(b, a) })...)
}
