package transform

import (
	"context"
	"fmt"

	"github.com/floe-data/floe/runtime/transform/compiler"
	"github.com/floe-data/floe/runtime/transform/graph"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// Target is where relations go, dbt's target.
type Target = compiler.Target

// LoadOptions say what to parse.
type LoadOptions struct {
	Dir    string         // the folder of dbt_project.yml
	Target Target         // default: laptop, duckdb, schema main
	Vars   map[string]any // --vars: they win over the project's
}

// Project is a parsed project. It may be used for many runs.
type Project struct {
	c *compiler.Project
}

// Load reads and parses a project. What is wrong in its files comes back as one
// error of kind fault.Usage that lists everything.
func Load(ctx context.Context, o LoadOptions) (*Project, error) {
	c, err := compiler.Load(ctx, compiler.Options{Dir: o.Dir, Target: o.Target, Vars: o.Vars})
	if err != nil {
		return nil, err
	}
	return &Project{c: c}, nil
}

// Manifest holds the parsed nodes.
func (p *Project) Manifest() *manifest.Manifest { return p.c.Manifest() }

// Graph holds what reads what.
func (p *Project) Graph() *graph.Graph { return p.c.Graph() }

// List gives the nodes that --select and --exclude choose, in the order of the
// graph, and warnings about words that match nothing.
func (p *Project) List(include, exclude []string) ([]*manifest.Node, []string, error) {
	chosen, warnings, err := graph.NewSelector(p.Manifest(), p.Graph()).Select(include, exclude)
	if err != nil {
		return nil, nil, err
	}
	var out []*manifest.Node
	for _, id := range p.Graph().Order() {
		if chosen[id] {
			out = append(out, p.Manifest().Nodes[id])
		}
	}
	return out, warnings, nil
}

// Render renders the templates of a query: {{ ref('fct_games') }} and
// {{ source('chess', 'players') }}. e may be nil if no template asks the database.
func (p *Project) Render(ctx context.Context, e Engine, sql string) (string, error) {
	out, err := p.c.NewSession(databaseOf(e)).Inline(ctx, sql)
	if err != nil {
		return "", fmt.Errorf("render the query: %w", err)
	}
	return compiler.Statement(out), nil
}
