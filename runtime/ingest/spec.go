package ingest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/ingest/jsonrows"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/schema"
)

// SpecOf is the landing table that a contract promises: its columns, those of
// the key required, and the columns that every load fills. The contract was
// checked when it was read; what does not parse is left out.
func SpecOf(c *project.Contract) lakehouse.Spec {
	schemaName, table, _ := strings.Cut(c.Name, ".")
	s := lakehouse.Spec{Name: lakehouse.Name{Schema: schemaName, Table: table}, Schema: c.Schema(), Key: c.Key, Doc: c.Description,
		Properties: map[string]string{}, Renames: map[string]string{}}
	for i, col := range s.Schema.Columns {
		if slices.Contains(c.Key, col.Name) {
			s.Schema.Columns[i].Required = true
		}
	}
	s.Schema.Columns = append(s.Schema.Columns, lakehouse.LoadColumns()...)
	for _, text := range c.Partition {
		if f, err := schema.ParsePartition(text); err == nil {
			s.Partition = append(s.Partition, f)
		}
	}
	for _, text := range c.Sort {
		if f, err := schema.ParseSort(text); err == nil {
			s.Sort = append(s.Sort, f)
		}
	}
	for _, col := range c.Columns {
		if col.WasNamed != "" {
			s.Renames[col.Name] = col.WasNamed
		}
		for k, v := range col.Tags {
			s.Properties["floe.tag."+col.Name+"."+k] = v
		}
	}
	for k, v := range c.Tags {
		s.Properties["floe.tag."+k] = v
	}
	if c.Owner != "" {
		s.Properties["floe.owner"] = c.Owner
	}
	if c.Retention != "" {
		s.Properties["floe.retention"] = c.Retention
	}
	return s
}

// tableOf is what a source's rows have to look like: the contract's columns,
// then those that evolution gave the table.
func tableOf(c *project.Contract, has schema.Schema) (extract.Table, error) {
	t := extract.Table{NewColumns: c.OnBreak.NewColumns}
	var errs []error
	for _, col := range c.Columns {
		kind, err := schema.ParseType(col.Type)
		if err != nil {
			errs = append(errs, fmt.Errorf("column %s: %w", col.Name, err))
		}
		path := strings.Split(col.Name, "__")
		if col.WasNamed != "" {
			path = strings.Split(col.WasNamed, "__") // the column was renamed, not the field of the record
		}
		if col.From != "" {
			path = jsonrows.SplitPath(strings.TrimPrefix(col.From, "$."))
		}
		t.Columns = append(t.Columns, extract.Column{
			Column: schema.Column{Name: col.Name, Type: kind, Required: col.Required, Doc: col.Description},
			Path:   path, Format: col.Format, Key: slices.Contains(c.Key, col.Name),
		})
	}
	for _, col := range has.Columns {
		named := slices.ContainsFunc(c.Columns, func(x project.ContractColumn) bool { return x.Name == col.Name })
		if !named && !isLoadColumn(col.Name) {
			t.Columns = append(t.Columns, jsonrows.Evolved(col))
		}
	}
	return t, errors.Join(errs...)
}

func isLoadColumn(name string) bool {
	return slices.ContainsFunc(lakehouse.LoadColumns(), func(c schema.Column) bool { return c.Name == name })
}
