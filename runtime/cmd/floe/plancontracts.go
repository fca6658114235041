package main

import (
	"context"
	"fmt"
	"maps"
	"os"

	"github.com/floe-data/floe/runtime/ingest"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// contracts are a project's by the landing table's name.
func contracts(p *project.Project) map[string]*project.Contract {
	all := map[string]*project.Contract{}
	for _, s := range p.Sources {
		for _, c := range s.Contracts {
			all[c.Name] = c
		}
	}
	return all
}

// diffContracts makes the old tables in a lake of its own, empty, and asks what
// the new contracts would do to them: the same rules as in a load and a deploy.
func diffContracts(ctx context.Context, was, now side) (changes []projectChange, err error) {
	home, err := os.MkdirTemp("", "floe-plan-")
	if err != nil {
		return nil, fmt.Errorf("make a lake to compare in: %w", err)
	}
	defer os.RemoveAll(home)
	lake, err := lakehouse.Open(ctx, lakehouse.Options{Home: home})
	if err != nil {
		return nil, fmt.Errorf("open a lake to compare in: %w", err)
	}
	defer lake.Close()
	before, after := contracts(was.Project), contracts(now.Project)
	for _, name := range keys(before, after) {
		old, c := before[name], after[name]
		switch {
		case old == nil:
			changes = append(changes, projectChange{Area: "contract", Name: name, Change: "added", Detail: plural(int64(len(c.Columns)), "column"), Downstream: readers(now, name)})
		case c == nil:
			changes = append(changes, projectChange{Area: "contract", Name: name, Change: "removed", Breaking: true,
				Detail: "its table stays, and is no longer loaded", Downstream: readers(was, name)})
		default:
			found, err := diffContract(ctx, lake, old, c)
			if err != nil {
				return nil, err
			}
			for i := range found {
				found[i].Downstream = readers(now, name)
			}
			changes = append(changes, found...)
		}
	}
	return changes, nil
}

func diffContract(ctx context.Context, lake *lakehouse.Lake, old, c *project.Contract) ([]projectChange, error) {
	if _, err := lake.Apply(ctx, ingest.SpecOf(old), lakehouse.ApplyOptions{}); err != nil {
		return nil, fmt.Errorf("make table %s as the old contract says: %w", old.Name, err)
	}
	planned, err := lake.Plan(ctx, ingest.SpecOf(c))
	if err != nil {
		return nil, fmt.Errorf("compare the contracts of %s: %w", c.Name, err)
	}
	var changes []projectChange
	for _, p := range explained(planned) {
		if p.Kind == lakehouse.ChangeProperties {
			continue // what they are made of is told below
		}
		changes = append(changes, projectChange{Area: "contract", Name: c.Name, Change: p.Kind, Column: p.Column, Detail: p.Detail, Breaking: p.Breaking, Refused: p.Refused})
	}
	add := func(column, what string, was, now any) {
		changes = append(changes, setting("contract", c.Name, column, what, was, now)...)
	}
	add("", "owner", old.Owner, c.Owner)
	add("", "retention", old.Retention, c.Retention)
	add("", "tags", old.Tags, c.Tags)
	add("", "new_columns", old.OnBreak.NewColumns, c.OnBreak.NewColumns)
	add("", "bad_rows", old.OnBreak.BadRows, c.OnBreak.BadRows)
	columns := map[string]project.ContractColumn{}
	for _, column := range old.Columns {
		columns[column.Name] = column
	}
	for _, column := range c.Columns {
		former, ok := columns[column.Name]
		if !ok {
			continue
		}
		add(column.Name, "from", former.From, column.From)
		add(column.Name, "format", former.Format, column.Format)
		add(column.Name, "tags", former.Tags, column.Tags)
	}
	return changes, nil
}

// readers are the models that read a landing table, directly or not.
func readers(s side, table string) []string {
	for id, n := range s.models.Manifest().Nodes {
		if n.Kind == manifest.Source && n.Relation.String() == table {
			return below(s, id)
		}
	}
	return nil
}

// below names the models and seeds that hang on a node, by name.
func below(s side, id string) []string {
	names := map[string]bool{}
	for child := range s.models.Graph().Descendants(id, -1) {
		if n := s.models.Manifest().Nodes[child]; n != nil && n.Kind != manifest.Test {
			names[n.Name] = true
		}
	}
	return sortedNames(maps.Keys(names))
}
