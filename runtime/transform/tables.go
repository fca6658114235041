package transform

import (
	"fmt"
	"slices"

	floe "github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/transform/compiler"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// Table is a relation that the project makes, with what its meta says of it.
type Table struct {
	Schema, Name string
	View         bool
	File         string // of the model or seed, from the project's root
	Owner        string
	Domain       string
	Sensitivity  string // "" where nobody says
	Columns      []TableColumn
	Reads        []string // schema.name of what it selects from, sorted
}

// TableColumn is a documented column.
type TableColumn struct {
	Name        string
	Sensitivity string // "" where the column itself says nothing: the table's
}

// Tables are what the project's models and seeds make; what is read comes
// before what reads it. Ephemeral models make nothing: who reads one reads what
// it reads.
func (p *Project) Tables() []Table {
	var all []Table
	for _, id := range p.Graph().Order() {
		n := p.Manifest().Nodes[id]
		if n.Kind != manifest.Model && n.Kind != manifest.Seed || n.IsEphemeral() {
			continue
		}
		meta := n.Config.Meta
		t := Table{Schema: n.Relation.Schema, Name: n.Relation.Table, View: n.Kind == manifest.Model && n.Config.Materialized == manifest.View, File: n.Path,
			Owner: text(meta["owner"]), Domain: text(meta[floe.TagDomain]), Sensitivity: text(meta[floe.TagSensitivity])}
		for _, c := range n.Columns {
			t.Columns = append(t.Columns, TableColumn{c.Name, text(compiler.MetaOf(c)[floe.TagSensitivity])})
		}
		t.Reads = slices.Compact(slices.Sorted(slices.Values(p.reads(n))))
		all = append(all, t)
	}
	return all
}

func (p *Project) reads(n *manifest.Node) []string {
	var all []string
	for _, id := range n.DependsOn {
		switch on := p.Manifest().Nodes[id]; {
		case on == nil || on.Kind == manifest.Test:
		case on.IsEphemeral():
			all = append(all, p.reads(on)...)
		default:
			all = append(all, on.Relation.String())
		}
	}
	return all
}

// text is a value of meta as a text, "" for none. dbt's projects have owners
// that are mappings; these are not ours to read.
func text(v any) string {
	switch v.(type) {
	case nil, map[string]any, []any:
		return ""
	}
	return fmt.Sprint(v)
}
