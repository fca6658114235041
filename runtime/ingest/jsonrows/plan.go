package jsonrows

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/schema"
)

// What happens to fields that the plan does not know.
const (
	Evolve  = "evolve"
	Freeze  = "freeze"
	Discard = "discard"
)

// Plan is a contract compiled. It does not change; With makes another.
type Plan struct {
	columns  []extract.Column
	policy   string
	nodes    []node
	schema   *arrow.Schema
	required []bool
	cursor   int // the node of the cursor's field, -1 if none
}

// node is a field. Its children are the fields of the object in it.
type node struct {
	path     []string
	children []edge
	column   int // -1: none
}

// edge leads from an object's field name to its node.
type edge struct {
	name string
	to   int
}

// Compile makes the plan of a table. cursor is the path of a field whose text
// the decoder hands to its Keep function, nil for none.
func Compile(t extract.Table, cursor []string) (*Plan, error) {
	p := &Plan{columns: t.Columns, policy: t.NewColumns, cursor: -1, nodes: []node{{column: -1}}}
	if p.policy == "" {
		p.policy = Evolve
	}
	fields := make([]arrow.Field, len(t.Columns))
	p.required = make([]bool, len(t.Columns))
	taken := map[string]string{}
	for i, c := range t.Columns {
		path := c.Path
		if len(path) == 0 {
			path = strings.Split(c.Name, "__")
		}
		n := p.reach(path)
		if other, ok := taken[JoinPath(path)]; ok {
			return nil, fmt.Errorf("columns %s and %s both take the field %s: a field fills one column", other, c.Name, JoinPath(path))
		}
		taken[JoinPath(path)] = c.Name
		p.nodes[n].column = i
		fields[i] = arrow.Field{Name: c.Name, Type: ArrowType(c.Type), Nullable: true}
		p.required[i] = c.Required || c.Key
	}
	p.addAliases()
	if len(cursor) > 0 {
		p.cursor = p.reach(cursor)
	}
	p.schema = arrow.NewSchema(fields, nil)
	return p, nil
}

// reach gives the node of a path, made if need be.
func (p *Plan) reach(path []string) int {
	n := 0
	for depth, name := range path {
		to := p.child(n, name)
		if to < 0 {
			to = len(p.nodes)
			p.nodes = append(p.nodes, node{path: path[:depth+1], column: -1})
			p.nodes[n].children = append(p.nodes[n].children, edge{name: name, to: to})
		}
		n = to
	}
	return n
}

func (p *Plan) child(n int, name string) int {
	for _, e := range p.nodes[n].children {
		if e.name == name {
			return e.to
		}
	}
	return -1
}

// addAliases lets a column parent__child also take a field that is literally
// called parent__child, unless another column does.
func (p *Plan) addAliases() {
	for i, c := range p.columns {
		if len(c.Path) > 1 && c.Name == strings.Join(c.Path, "__") && p.child(0, c.Name) < 0 {
			p.nodes[p.reach([]string{c.Name})].column = i
		}
	}
}

// Policy is what happens to fields that the plan does not know.
func (p *Plan) Policy() string { return p.policy }

// With is the plan with more columns.
func (p *Plan) With(added []extract.Column) (*Plan, error) {
	var cursor []string
	if p.cursor >= 0 {
		cursor = p.nodes[p.cursor].path
	}
	columns := append(slices.Clone(p.columns), added...)
	return Compile(extract.Table{Columns: columns, NewColumns: p.policy}, cursor)
}

// maxColumns is how wide evolution may make a table: a map with ids for keys
// would otherwise make a column of each.
const maxColumns = 1000

// name finds a name for a new field: its safe name, or that with a hash where
// another field has it. Names differ by more than case, for Glue and DuckDB do
// not tell case apart.
func (p *Plan) name(path []string, added []extract.Column) string {
	name := SafeName(path)
	for _, columns := range [][]extract.Column{p.columns, added} {
		for _, c := range columns {
			if strings.EqualFold(c.Name, name) {
				return Distinct(name, path)
			}
		}
	}
	return name
}

// evolvedDoc is the doc of a column that evolution made. It tells a later run
// which field the column is of.
const evolvedDoc = "evolved from "

// Evolved is a table's column that the contract does not name, as a later run finds it.
func Evolved(c schema.Column) extract.Column {
	path := strings.Split(c.Name, "__")
	if text, ok := strings.CutPrefix(c.Doc, evolvedDoc); ok {
		path = SplitPath(text)
	}
	return extract.Column{Column: c, Path: path, Evolved: true}
}
