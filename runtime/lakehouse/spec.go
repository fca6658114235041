package lakehouse

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/schema"
)

// Spec is what a table should look like.
type Spec struct {
	Name       Name
	Schema     schema.Schema // the columns' IDs are ignored
	Key        []string      // Iceberg's identifier fields; they become required
	Partition  []schema.PartitionField
	Sort       []schema.SortField
	Doc        string
	Properties map[string]string
	Renames    map[string]string // new name -> old name
}

// normal checks a Spec and gives it as a table would hold it: key columns
// required, json stored as string.
func (s Spec) normal() (Spec, error) {
	errs := []error{s.Name.check()}
	s.Schema.Columns = slices.Clone(s.Schema.Columns)
	seen := map[string]string{}
	for i := range s.Schema.Columns {
		c := &s.Schema.Columns[i]
		c.Type = c.Type.Stored()
		c.Required = c.Required || slices.Contains(s.Key, c.Name)
		if _, err := iceType(c.Type); err != nil {
			errs = append(errs, fmt.Errorf("column %q: %w", c.Name, err))
		}
		switch other, twice := seen[strings.ToLower(c.Name)]; {
		case c.Name == "":
			errs = append(errs, errors.New("a column has no name"))
		case twice:
			errs = append(errs, fmt.Errorf("columns %q and %q: engines do not tell names apart by case", other, c.Name))
		}
		seen[strings.ToLower(c.Name)] = c.Name
	}
	if len(s.Schema.Columns) == 0 {
		errs = append(errs, errors.New("a table needs at least one column"))
	}
	errs = append(errs, s.checkKey(), s.checkLayout())
	if err := errors.Join(errs...); err != nil {
		return Spec{}, fault.New(fault.Usage, fmt.Errorf("table %s: %w", s.Name, err), "")
	}
	return s, nil
}

func (s Spec) checkKey() error {
	var errs []error
	for _, k := range s.Key {
		c, ok := s.Schema.Column(k)
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("key column %q is not among the columns %v", k, s.Schema.Names()))
		case c.Type.Kind == schema.Double:
			errs = append(errs, fmt.Errorf("key column %q is a double, which is no identity: write decimal or string", k))
		}
	}
	return errors.Join(errs...)
}

func (s Spec) checkLayout() error {
	var errs []error
	for i, p := range s.Partition {
		c, ok := s.Schema.Column(p.Column)
		if !ok {
			errs = append(errs, fmt.Errorf("partition column %q is not among the columns %v", p.Column, s.Schema.Names()))
			continue
		}
		if slices.ContainsFunc(s.Partition[:i], func(o schema.PartitionField) bool { return o == p }) {
			errs = append(errs, fmt.Errorf("partition field %s is there twice", p))
		}
		errs = append(errs, p.Accepts(c.Type))
	}
	for _, f := range s.Sort {
		if _, ok := s.Schema.Column(f.Column); !ok {
			errs = append(errs, fmt.Errorf("sort column %q is not among the columns %v", f.Column, s.Schema.Names()))
		}
	}
	return errors.Join(errs...)
}

// partitionSpec makes the Iceberg spec. Field ids are those that the table has
// given to the same fields before, or new ones.
func (s Spec) partitionSpec(ids schema.Schema, known []iceberg.PartitionSpec, last int) iceberg.PartitionSpec {
	var fields []iceberg.PartitionField
	taken := map[string]bool{}
	for _, c := range s.Schema.Columns {
		taken[c.Name] = true
	}
	for _, p := range s.Partition {
		c, _ := ids.Column(p.Column)
		f := iceberg.PartitionField{SourceIDs: []int{c.ID}, Transform: iceTransform(p), Name: partitionName(p, taken)}
		taken[f.Name] = true
		if old, ok := knownField(known, f); ok {
			f.FieldID, f.Name = old.FieldID, old.Name
		} else {
			last++
			f.FieldID = last
		}
		fields = append(fields, f)
	}
	return iceberg.NewPartitionSpec(fields...)
}

// partitionName is ASCII, as engines demand, does not begin with a digit, as
// Avro demands, and is no other column's name, as Iceberg demands.
func partitionName(p schema.PartitionField, taken map[string]bool) string {
	name := p.Name()
	if name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	for taken[name] && (p.Transform != schema.Identity || name != p.Column) {
		name += "_p"
	}
	return name
}

func knownField(known []iceberg.PartitionSpec, f iceberg.PartitionField) (iceberg.PartitionField, bool) {
	for _, spec := range known {
		for _, old := range spec.Fields() {
			if old.SourceID() == f.SourceID() && old.Transform.Equals(f.Transform) {
				return old, true
			}
		}
	}
	return iceberg.PartitionField{}, false
}

// sortOrder makes the Iceberg order; nulls first ascending, last descending.
func (s Spec) sortOrder(ids schema.Schema) (ice.SortOrder, error) {
	if len(s.Sort) == 0 {
		return ice.UnsortedSortOrder, nil
	}
	fields := make([]ice.SortField, len(s.Sort))
	for i, f := range s.Sort {
		c, _ := ids.Column(f.Column)
		fields[i] = ice.SortField{SourceIDs: []int{c.ID}, Transform: iceberg.IdentityTransform{}, Direction: ice.SortASC, NullOrder: ice.NullsFirst}
		if f.Descending {
			fields[i].Direction, fields[i].NullOrder = ice.SortDESC, ice.NullsLast
		}
	}
	return ice.NewSortOrder(1, fields)
}

// numbered gives the columns fresh field ids, 1 and up, as CreateTable does.
func numbered(s schema.Schema) schema.Schema {
	out := schema.Schema{Columns: slices.Clone(s.Columns)}
	for i := range out.Columns {
		out.Columns[i].ID = i + 1
	}
	return out
}

// metadata makes a new table's metadata, without snapshots.
func (s Spec) metadata(location string) (ice.Metadata, error) {
	ids := numbered(s.Schema)
	fields, err := iceSchema(ids, s.Key)
	if err != nil {
		return nil, err
	}
	spec := s.partitionSpec(ids, nil, 999)
	order, err := s.sortOrder(ids)
	if err != nil {
		return nil, err
	}
	meta, err := ice.NewMetadata(fields, &spec, order, FileURL(location), s.properties())
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", s.Name, err)
	}
	return meta, nil
}
