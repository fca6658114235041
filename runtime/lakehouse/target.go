package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/schema"
)

// Target is where, and with which field ids, an engine writes the files of a
// table that will be created or replaced.
type Target struct {
	Name     Name
	Schema   schema.Schema // with the field ids that the table will have after ReplaceFiles
	Location string        // the table's folder
	Dir      string        // Location/data: put files here, or in a folder below
	Exists   bool          // false: ReplaceFiles will create the table
	spec     Spec
}

// PrepareReplace gives field ids and a folder for the new content of a table
// that may not exist yet. It changes nothing but making the folder.
//
//	target, err := lake.PrepareReplace(ctx, spec)
//	// write files with target.Schema's field ids into target.Dir
//	id, err := lake.ReplaceFiles(ctx, Write{Files: files}, &target)
func (l *Lake) PrepareReplace(ctx context.Context, s Spec) (Target, error) {
	if err := l.writable("replace", s.Name); err != nil {
		return Target{}, err
	}
	s, err := s.normal()
	if err != nil {
		return Target{}, err
	}
	folder, err := l.catalog.place(ctx, s.Name)
	if err != nil {
		return Target{}, err
	}
	t := Target{Name: s.Name, Schema: numbered(s.Schema), Location: folder, spec: s}
	head, err := l.Table(ctx, s.Name)
	switch {
	case err == nil:
		shape, err := reshape(head, s)
		if err != nil {
			return Target{}, err
		}
		t.Schema, t.Location, t.Exists = shape.schema, head.Location(), true
	case !errors.Is(err, ErrNotFound):
		return Target{}, err
	}
	t.Dir = under(t.Location, "data")
	if err := l.fs.makeFolder(t.Dir); err != nil {
		return Target{}, fmt.Errorf("make the folder of table %s: %w", s.Name, err)
	}
	return t, nil
}

// fits says whether the files that were written for the target have the field
// ids that the table would have now.
func (t *Target) fits(s schema.Schema) error {
	same := slices.EqualFunc(t.Schema.Columns, s.Columns, func(a, b schema.Column) bool {
		return a.ID == b.ID && a.Name == b.Name && a.Type == b.Type
	})
	if same {
		return nil
	}
	return fault.New(fault.Failed, fmt.Errorf("%w: the columns of %s were changed while its new content was built", ErrConflict, t.Name), "run again")
}

// shape is a table's schema and layout, and what makes it so.
type shape struct {
	schema  schema.Schema
	updates []ice.Update
}

// reshape makes a table's schema what a Spec says, whatever it was: its whole
// content is about to be replaced. Columns that keep name and type keep their id.
func reshape(head *Table, s Spec) (shape, error) {
	out := shape{schema: schema.Schema{Columns: slices.Clone(s.Schema.Columns)}}
	next := head.ice.Metadata().LastColumnID()
	for i := range out.schema.Columns {
		c := &out.schema.Columns[i]
		if old, ok := head.schema.Column(c.Name); ok && old.Type == c.Type {
			c.ID = old.ID
			continue
		}
		next++
		c.ID = next
	}
	var err error
	if out.updates, err = layoutUpdates(head, s, out.schema); err != nil {
		return shape{}, err
	}
	set := iceberg.Properties{}
	for k, v := range s.properties() {
		if k != ice.PropertyFormatVersion && head.ice.Properties()[k] != v {
			set[k] = v
		}
	}
	if len(set) > 0 {
		out.updates = append(out.updates, ice.NewSetPropertiesUpdate(set))
	}
	return out, nil
}

// layoutUpdates are the updates that give a table a schema, key, partition spec
// and sort order; those that it has already are left out.
func layoutUpdates(head *Table, s Spec, columns schema.Schema) ([]ice.Update, error) {
	var updates []ice.Update
	now := head.Spec()
	fields, err := iceSchema(columns, s.Key)
	if err != nil {
		return nil, err
	}
	sameKey := slices.Equal(slices.Sorted(slices.Values(now.Key)), slices.Sorted(slices.Values(s.Key)))
	if !slices.Equal(columns.Columns, head.schema.Columns) || !sameKey {
		updates = append(updates, ice.NewAddSchemaUpdate(fields), ice.NewSetCurrentSchemaUpdate(-1))
	}
	meta := head.ice.Metadata()
	// A field belongs to a column's id, so the same words may mean another spec.
	if !slices.Equal(now.Partition, s.Partition) || moved(head.schema, columns, partitionColumns(s.Partition)) {
		last := 999
		if id := meta.LastPartitionSpecID(); id != nil {
			last = *id
		}
		spec := s.partitionSpec(columns, meta.PartitionSpecs(), last)
		updates = append(updates, ice.NewAddPartitionSpecUpdate(&spec, false), ice.NewSetDefaultSpecUpdate(-1))
	}
	if !slices.Equal(now.Sort, s.Sort) || moved(head.schema, columns, sortColumns(s.Sort)) {
		order, err := s.sortOrder(columns)
		if err != nil {
			return nil, fmt.Errorf("sort order: %w", err)
		}
		updates = append(updates, ice.NewAddSortOrderUpdate(&order), ice.NewSetDefaultSortOrderUpdate(-1))
	}
	return updates, nil
}

// moved says whether one of the columns has another field id than before.
func moved(before, after schema.Schema, columns []string) bool {
	for _, name := range columns {
		was, _ := before.Column(name)
		is, _ := after.Column(name)
		if was.ID != is.ID {
			return true
		}
	}
	return false
}

func partitionColumns(fields []schema.PartitionField) []string {
	set := map[string]bool{}
	for _, f := range fields {
		set[f.Column] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func sortColumns(fields []schema.SortField) []string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Column)
	}
	return out
}
