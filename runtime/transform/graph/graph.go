package graph

import (
	"maps"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/transform/manifest"
)

// Set is a set of unique ids.
type Set map[string]bool

// Sorted are the members in order.
func (s Set) Sorted() []string { return slices.Sorted(maps.Keys(s)) }

// Add adds all members of o.
func (s Set) Add(o Set) { maps.Copy(s, o) }

// Graph is a directed graph of unique ids.
type Graph struct {
	parents  map[string]Set
	children map[string]Set
}

// New makes the graph of a manifest's dependencies.
func New(m *manifest.Manifest) *Graph {
	g := &Graph{parents: map[string]Set{}, children: map[string]Set{}}
	for id := range m.Nodes {
		g.add(id)
	}
	for id, n := range m.Nodes {
		for _, p := range n.DependsOn {
			g.Connect(p, id)
		}
	}
	return g
}

func (g *Graph) add(id string) {
	if g.parents[id] == nil {
		g.parents[id], g.children[id] = Set{}, Set{}
	}
}

// Connect says that child comes after parent.
func (g *Graph) Connect(parent, child string) {
	g.add(parent)
	g.add(child)
	g.parents[child][parent] = true
	g.children[parent][child] = true
}

// Nodes are all ids, sorted.
func (g *Graph) Nodes() []string { return slices.Sorted(maps.Keys(g.parents)) }

// Has says whether id is in the graph.
func (g *Graph) Has(id string) bool { return g.parents[id] != nil }

// Parents are what id reads, sorted.
func (g *Graph) Parents(id string) []string { return g.parents[id].Sorted() }

// Children are what reads id, sorted.
func (g *Graph) Children(id string) []string { return g.children[id].Sorted() }

// Ancestors are everything above id, at most depth levels; depth < 0 is all.
func (g *Graph) Ancestors(id string, depth int) Set { return reach(g.parents, id, depth) }

// Descendants are everything below id, at most depth levels; depth < 0 is all.
func (g *Graph) Descendants(id string, depth int) Set { return reach(g.children, id, depth) }

func reach(edges map[string]Set, id string, depth int) Set {
	seen := Set{}
	for level := []string{id}; len(level) > 0 && depth != 0; depth-- {
		var next []string
		for _, x := range level {
			for y := range edges[x] {
				if !seen[y] {
					seen[y] = true
					next = append(next, y)
				}
			}
		}
		level = next
	}
	delete(seen, id)
	return seen
}

// Subset keeps the ids in keep, and joins those that were joined through
// others: order and skipping hold across nodes that are not run.
func (g *Graph) Subset(keep Set) *Graph {
	out := &Graph{parents: map[string]Set{}, children: map[string]Set{}}
	for id := range keep {
		if g.Has(id) {
			out.add(id)
		}
	}
	for id := range out.parents {
		for _, p := range g.nearestKept(id, keep) {
			out.Connect(p, id)
		}
	}
	return out
}

// nearestKept are the kept nodes that id hangs on directly or through nodes that are not kept.
func (g *Graph) nearestKept(id string, keep Set) []string {
	var out []string
	seen := Set{id: true}
	todo := g.Parents(id)
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		if keep[p] {
			out = append(out, p)
			continue
		}
		todo = append(todo, g.Parents(p)...)
	}
	return out
}

// Levels gives each node its generation: 0 without parents, else one more
// than when its last parent became free. Nodes on a cycle have none.
func (g *Graph) Levels() map[string]int {
	open := map[string]int{}
	var ready []string
	for id, p := range g.parents {
		open[id] = len(p)
		if len(p) == 0 {
			ready = append(ready, id)
		}
	}
	levels := map[string]int{}
	for level := 0; len(ready) > 0; level++ {
		var next []string
		for _, id := range ready {
			levels[id] = level
			for c := range g.children[id] {
				if open[c]--; open[c] == 0 {
					next = append(next, c)
				}
			}
		}
		ready = next
	}
	return levels
}

// Order is every node after its parents; nodes of a generation by their id.
func (g *Graph) Order() []string {
	levels := g.Levels()
	ids := slices.Collect(maps.Keys(levels))
	slices.SortFunc(ids, func(a, b string) int {
		if levels[a] != levels[b] {
			return levels[a] - levels[b]
		}
		return strings.Compare(a, b)
	})
	return ids
}

// Cycle is one cycle, each node before its parent and the first one repeated at
// the end; nil if there is none.
func (g *Graph) Cycle() []string {
	levels := g.Levels()
	rest := Set{}
	for id := range g.parents {
		if _, ok := levels[id]; !ok {
			rest[id] = true
		}
	}
	if len(rest) == 0 {
		return nil
	}
	// Every node of rest has a parent in rest: walking up must come back.
	at := map[string]int{}
	var path []string
	id := rest.Sorted()[0]
	for {
		if i, ok := at[id]; ok {
			return append(slices.Clone(path[i:]), id)
		}
		at[id] = len(path)
		path = append(path, id)
		for _, p := range g.Parents(id) {
			if rest[p] {
				id = p
				break
			}
		}
	}
}
