package main

import (
	"context"
	"errors"
	"strings"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/governance"
	"github.com/floe-data/floe/runtime/lakehouse"
)

// notes tell how sensitive what a model builds is: as it is declared, and as
// sensitive as what it reads was held to be when that was built.
type notes struct {
	tables map[string]governance.Table // by schema.table
	lake   *lakehouse.Lake
}

func newNotes(tables []governance.Table, lake *lakehouse.Lake) notes {
	n := notes{map[string]governance.Table{}, lake}
	for _, t := range tables {
		n.tables[t.String()] = t
	}
	return n
}

// of is athena.Classified. A table that nobody noted stays so until it is built anew.
func (n notes) of(ctx context.Context, name lakehouse.Name, there *lakehouse.Table) (string, error) {
	t, ok := n.tables[strings.ToLower(name.String())]
	if !ok {
		return "", nil
	}
	t, err := n.held(ctx, t)
	if err != nil || there == nil {
		return t.Note(), err
	}
	before := there.Property(environment.ParameterClassified)
	if before == "" {
		return "", nil
	}
	var columns []string
	for _, c := range there.Schema().Columns {
		columns = append(columns, strings.ToLower(c.Name))
	}
	return t.NoteOfMore(before, columns), nil
}

// held is a model's table if it is built of what is there now.
func (n notes) held(ctx context.Context, t governance.Table) (governance.Table, error) {
	for _, name := range t.Reads {
		from, ok := n.tables[name]
		if !ok || !from.Model {
			continue // a contract is true of what is there
		}
		var err error
		if from.View {
			from, err = n.held(ctx, from)
		} else {
			from, err = n.under(ctx, from)
		}
		if err != nil {
			return t, err
		}
		t.Inherit(from)
	}
	return t, nil
}

// under is a table as it was built.
func (n notes) under(ctx context.Context, t governance.Table) (governance.Table, error) {
	there, err := n.lake.Table(ctx, lakehouse.Name{Schema: t.Schema, Table: t.Name})
	switch {
	case errors.Is(err, lakehouse.ErrNotFound):
		return t, nil
	case err != nil:
		return t, err
	}
	return t.Under(there.Property(environment.ParameterClassified)), nil
}
