package lakehouse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	iceio "github.com/apache/iceberg-go/io"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/schema"
)

// Table properties that floe keeps.
const (
	propState = "floe.state." // + key: the cursor state
	propLoads = "floe.loads"  // ids of the last loads, newest last; expiry erases summaries, not this
	// propRolledBack is the id of the last rollback. A load of several commits
	// sees by it that its former ones may be gone, where the cursor did not move.
	propRolledBack = "floe.rolled-back"
	propEvolved    = "floe.evolved" // field ids of columns that loads added
	propComment    = "comment"
)

// Table is a table as it was when it was loaded; it does not change.
type Table struct {
	name   Name
	entry  entry
	ice    *ice.Table
	schema schema.Schema
	lake   *Lake
}

// Table loads a table as it is now, or ErrNotFound.
func (l *Lake) Table(ctx context.Context, n Name) (*Table, error) {
	e, err := l.catalog.find(ctx, n)
	if err != nil {
		return nil, err
	}
	if e.kind != kindTable {
		return nil, notFound(n, e)
	}
	return l.load(ctx, n, e)
}

func notFound(n Name, e entry) error {
	if e.view() {
		return fmt.Errorf("%w: %s is a view, not a table", ErrNotFound, n)
	}
	return fmt.Errorf("%w: %s", ErrNotFound, n)
}

// head reads a table's metadata, whatever types it has.
func (l *Lake) head(ctx context.Context, n Name, e entry) (*ice.Table, error) {
	open := func(ctx context.Context) (iceio.IO, error) { return l.fs.bind(ctx), nil }
	t, err := ice.NewFromLocation(ctx, []string{n.Schema, n.Table}, e.location, open, nil)
	if err == nil {
		return t, nil
	}
	next := "restore that file, or drop the table (delete the lake's folder to begin anew) and load again"
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Failed, fmt.Errorf("table %s: its metadata file %s is gone: %w", n, e.location, err), next)
	}
	return nil, fault.New(fault.Failed, fmt.Errorf("table %s: its metadata file %s does not read: %w", n, e.location, err), next)
}

func (l *Lake) load(ctx context.Context, n Name, e entry) (*Table, error) {
	head, err := l.head(ctx, n, e)
	if err != nil {
		return nil, err
	}
	return l.wrap(n, e, head)
}

// made is the table whose metadata has just been written. It is not read back:
// a commit that is done must not fail for that.
func (l *Lake) made(n Name, e entry) (*Table, error) {
	open := func(ctx context.Context) (iceio.IO, error) { return l.fs.bind(ctx), nil }
	return l.wrap(n, e, ice.New([]string{n.Schema, n.Table}, e.meta, e.location, open, nil))
}

func (l *Lake) wrap(n Name, e entry, head *ice.Table) (*Table, error) {
	s, err := floeSchema(head.Schema())
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", n, err)
	}
	return &Table{name: n, entry: e, ice: head, schema: s, lake: l}, nil
}

// Name is the table's logical name.
func (t *Table) Name() Name { return t.name }

// Schema is the table's columns with their field ids. JSON reads as a string.
func (t *Table) Schema() schema.Schema {
	return schema.Schema{Columns: slices.Clone(t.schema.Columns)}
}

// Spec is the table as a Spec that Plan would find no difference to.
// Properties are those that floe does not keep for itself.
func (t *Table) Spec() Spec {
	s := Spec{Name: t.name, Schema: t.Schema(), Doc: t.Property(propComment), Properties: map[string]string{}}
	for _, c := range t.schema.Columns {
		if slices.Contains(t.ice.Schema().IdentifierFieldIDs, c.ID) {
			s.Key = append(s.Key, c.Name)
		}
	}
	s.Partition, _ = t.partition()
	for _, f := range t.ice.SortOrder().Fields() {
		if c, ok := t.columnByID(f.SourceID()); ok {
			s.Sort = append(s.Sort, schema.SortField{Column: c.Name, Descending: f.Direction == ice.SortDESC})
		}
	}
	for k, v := range t.ice.Properties() {
		if !reserved(k) {
			s.Properties[k] = v
		}
	}
	return s
}

// reserved says whether a property is floe's own business, not a Spec's.
func reserved(key string) bool {
	_, standard := standardProperties[key]
	return standard || key == propComment || strings.HasPrefix(key, "floe.")
}

// partition is the current partition spec in floe's words.
func (t *Table) partition() ([]schema.PartitionField, error) {
	spec := t.ice.Spec()
	var fields []schema.PartitionField
	for _, f := range spec.Fields() {
		if _, void := f.Transform.(iceberg.VoidTransform); void {
			continue
		}
		transform, n, err := floeTransform(f.Transform)
		c, ok := t.columnByID(f.SourceID())
		if err != nil || !ok {
			return nil, fmt.Errorf("table %s: partition field %q: %w", t.name, f.Name, cmp.Or(err, errors.New("its column is gone")))
		}
		fields = append(fields, schema.PartitionField{Column: c.Name, Transform: transform, N: n})
	}
	return fields, nil
}

func (t *Table) columnByID(id int) (schema.Column, bool) {
	i := slices.IndexFunc(t.schema.Columns, func(c schema.Column) bool { return c.ID == id })
	if i < 0 {
		return schema.Column{}, false
	}
	return t.schema.Columns[i], true
}

// Location is the table's folder, a plain path (s3://bucket/key in S3). Data files belong under
// Location()/data.
func (t *Table) Location() string {
	path, err := t.lake.fs.path(t.ice.Location())
	if err != nil {
		return t.ice.Location()
	}
	return path
}

// Property gives a table property, "" if it is not set.
func (t *Table) Property(key string) string { return t.ice.Properties()[key] }

// SnapshotID is the current snapshot, 0 if there is none.
func (t *Table) SnapshotID() int64 { return snapshotID(t.ice) }

func snapshotID(t *ice.Table) int64 {
	if s := t.CurrentSnapshot(); s != nil {
		return s.SnapshotID
	}
	return 0
}

// Snapshot is one commit of a table.
type Snapshot struct {
	ID        int64             `json:"id"`
	Parent    int64             `json:"parent"`
	At        time.Time         `json:"at"`
	Operation string            `json:"operation"` // append, overwrite, replace, delete
	Summary   map[string]string `json:"summary"`
	Current   bool              `json:"current"` // it is what readers see
	Undone    bool              `json:"undone"`  // a rollback took it out of what the table has become
}

// Snapshots lists the snapshots that are kept, oldest first.
func (t *Table) Snapshots() []Snapshot {
	kept := t.ice.Metadata().Snapshots()
	held := heldSnapshots(t.ice.Metadata())
	out := make([]Snapshot, len(kept))
	for i, s := range kept {
		out[i] = Snapshot{ID: s.SnapshotID, At: time.UnixMilli(s.TimestampMs).UTC(), Current: s.SnapshotID == t.SnapshotID(), Undone: !held[s.SnapshotID]}
		if s.ParentSnapshotID != nil {
			out[i].Parent = *s.ParentSnapshotID
		}
		if s.Summary != nil {
			out[i].Operation = string(s.Summary.Operation)
			out[i].Summary = maps.Clone(s.Summary.Properties)
		}
	}
	slices.SortStableFunc(out, func(a, b Snapshot) int { return a.At.Compare(b.At) })
	return out
}

// State is the cursor state that loads committed together with their rows.
func (t *Table) State() map[string]string { return stateOf(t.ice.Properties()) }
