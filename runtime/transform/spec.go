package transform

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
)

// Spec is what the table of a Build with these columns looks like; old is the
// table that is there, nil if none is. Where the model says nothing about
// partitions or sort order, the table keeps its own, as far as it still has
// the columns.
func (b Build) Spec(columns []schema.Column, old *lakehouse.Spec) (lakehouse.Spec, error) {
	s := lakehouse.Spec{Name: b.Name, Schema: schema.Schema{Columns: slices.Clone(columns)}, Doc: b.Doc, Properties: b.Properties}
	for i, c := range s.Schema.Columns {
		s.Schema.Columns[i].Doc = b.ColumnDocs[c.Name]
	}
	var errs []error
	for _, text := range b.Partition {
		f, err := schema.ParsePartition(text)
		f.Column = sameCase(columns, f.Column)
		errs = append(errs, err)
		s.Partition = append(s.Partition, f)
	}
	for _, text := range b.Sort {
		f, err := schema.ParseSort(text)
		f.Column = sameCase(columns, f.Column)
		if _, ok := s.Schema.Column(f.Column); err == nil && !ok {
			err = fmt.Errorf("sort %q: the model has no column %q", text, f.Column)
		}
		errs = append(errs, err)
		s.Sort = append(s.Sort, f)
	}
	if err := errors.Join(errs...); err != nil {
		return s, fault.New(fault.Usage, err, "")
	}
	if old != nil {
		b.inherit(&s, *old)
	}
	return s, nil
}

func (b Build) inherit(s *lakehouse.Spec, old lakehouse.Spec) {
	if b.Partition == nil {
		s.Partition = slices.DeleteFunc(slices.Clone(old.Partition), func(f schema.PartitionField) bool {
			c, ok := s.Schema.Column(f.Column)
			return !ok || f.Accepts(c.Type) != nil
		})
	}
	if b.Sort == nil {
		s.Sort = slices.DeleteFunc(slices.Clone(old.Sort), func(f schema.SortField) bool {
			_, ok := s.Schema.Column(f.Column)
			return !ok
		})
	}
}

// sameCase is a column's name as the columns have it.
func sameCase(columns []schema.Column, name string) string {
	i := slices.IndexFunc(columns, func(c schema.Column) bool { return strings.EqualFold(c.Name, name) })
	if i < 0 {
		return name
	}
	return columns[i].Name
}

// Fits says whether values of a query's type go into a table's column without
// loss: what would lose digits or a zone must be cast in the model.
func Fits(c schema.Column, from schema.Type) error {
	to := c.Type.Stored()
	ok := from.Kind == to.Kind && from.Scale <= to.Scale
	switch from.Kind {
	case schema.Long:
		ok = ok || to.Kind == schema.Double || to.Kind == schema.Decimal
	case schema.Decimal:
		ok = ok || to.Kind == schema.Long && from.Scale == 0 // an overflow is an error of the cast
	case schema.Date:
		ok = ok || to.Kind == schema.Timestamp || to.Kind == schema.Timestamptz
	case schema.Timestamp:
		ok = ok || to.Kind == schema.Timestamptz
	}
	if ok {
		return nil
	}
	return fmt.Errorf("column %q is %s in the query and %s in the table: cast it, or build the table anew with --full-refresh", c.Name, from, to)
}
