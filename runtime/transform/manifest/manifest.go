// Package manifest holds what a dbt-format project is once it has been parsed:
// nodes with their settled configuration, and what each one reads.
//
// It is data only. compiler makes it, graph selects from it and orders it,
// transform runs it and writes it down as dbt's manifest.json.
package manifest

import (
	"maps"
	"slices"

	"github.com/floe-data/floe/runtime/lakehouse"
)

// Kind is a node's resource type, in dbt's word.
type Kind string

// The kinds of a node.
const (
	Model  Kind = "model"
	Seed   Kind = "seed"
	Test   Kind = "test"
	Source Kind = "source"
)

// The materialisations of a model.
const (
	View        = "view"
	Table       = "table"
	Incremental = "incremental"
	Ephemeral   = "ephemeral"
)

// Node is a model, a seed, a test or a source's table.
type Node struct {
	UniqueID    string // "model.floe.fct_games"
	Kind        Kind
	Name        string
	Package     string
	FQN         []string
	Path        string // from the project's root: "models/marts/fct_games.sql"; tests and sources: the property file
	Rel         string // from its search path
	Line        int    // where the node begins in Path
	PatchPath   string // the property file that describes it, "" if none
	Raw         string // the template; "" for seeds and sources
	Description string
	Columns     []Column
	Config      Config
	Relation    lakehouse.Name // tests: where it would be stored

	Refs      []Ref
	SourceIDs [][2]string // source name, table name
	DependsOn []string    // unique ids, sorted
	Macros    []string    // unique ids of the macros that it called

	Test   *TestInfo   // tests
	Source *SourceInfo // sources
	Root   string      // the package's folder on disk
}

// Column is a documented column.
type Column struct {
	Name        string
	Description string
	DataType    string
	Tags        []string
	Meta        any
}

// Ref is one call of ref.
type Ref struct {
	Package string // "" if not named
	Name    string
}

// TestInfo is what a test adds.
type TestInfo struct {
	Generic   bool
	Name      string // of the generic test: "not_null"
	Namespace string // "dbt_utils"
	Column    string
	Attached  string // unique id of the node that it is written under
	Short     string // name of the compiled file
}

// SourceInfo is what a source's table adds.
type SourceInfo struct {
	Name       string // of the source
	Identifier string
}

// IsEphemeral says that the node is inlined where it is read.
func (n *Node) IsEphemeral() bool {
	return n.Kind == Model && n.Config.Materialized == Ephemeral
}

// Manifest is a parsed project.
type Manifest struct {
	Project  string
	Nodes    map[string]*Node // enabled ones, by unique id
	Disabled map[string]*Node
	Warnings []string
}

// IDs are the nodes' unique ids, sorted.
func (m *Manifest) IDs() []string { return slices.Sorted(maps.Keys(m.Nodes)) }

// Sorted are the nodes in the order of their unique ids.
func (m *Manifest) Sorted() []*Node {
	out := make([]*Node, 0, len(m.Nodes))
	for _, id := range m.IDs() {
		out = append(out, m.Nodes[id])
	}
	return out
}
