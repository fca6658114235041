package graph

import (
	"fmt"
	"maps"

	"github.com/floe-data/floe/runtime/transform/manifest"
)

// Selector chooses among a manifest's nodes.
type Selector struct {
	m *manifest.Manifest
	g *Graph
}

// NewSelector makes a Selector. g is the graph of m, without test edges.
func NewSelector(m *manifest.Manifest, g *Graph) *Selector { return &Selector{m: m, g: g} }

// Select gives the chosen ids, sources and tests among them; nothing to
// include means everything. As in dbt, a test comes with any of its parents
// that is chosen, and goes with any that is excluded. A word that matches
// nothing is a warning.
func (s *Selector) Select(include, exclude []string) (Set, []string, error) {
	in, err := Parse(include)
	if err != nil {
		return nil, nil, err
	}
	out, err := Parse(exclude)
	if err != nil {
		return nil, nil, err
	}
	var warnings []string
	chosen := Set{}
	if len(in) == 0 {
		for id := range s.m.Nodes {
			chosen[id] = true
		}
	}
	for _, group := range [][2]any{{in, true}, {out, false}} {
		expr, keep := group[0].(Expression), group[1].(bool)
		for _, all := range expr {
			found, more, err := s.intersection(all)
			if err != nil {
				return nil, nil, err
			}
			warnings = append(warnings, more...)
			if keep {
				chosen.Add(found)
				continue
			}
			maps.DeleteFunc(chosen, func(id string, _ bool) bool { return found[id] })
		}
	}
	return chosen, warnings, nil
}

func (s *Selector) intersection(all []Criterion) (Set, []string, error) {
	var both Set
	var warnings []string
	for _, c := range all {
		found, err := s.criterion(c)
		if err != nil {
			return nil, nil, err
		}
		if len(found) == 0 {
			warnings = append(warnings, fmt.Sprintf("the selection criterion %q does not match any enabled nodes", c.Text))
		}
		if both == nil {
			both = found
			continue
		}
		maps.DeleteFunc(both, func(id string, _ bool) bool { return !found[id] })
	}
	return both, warnings, nil
}

func (s *Selector) criterion(c Criterion) (Set, error) {
	match, err := matcher(c)
	if err != nil {
		return nil, err
	}
	found := Set{}
	for id, n := range s.m.Nodes {
		if match(n) {
			found[id] = true
		}
	}
	for _, id := range found.Sorted() {
		if c.Everything {
			for below := range s.g.Descendants(id, -1) {
				found[below] = true
			}
		}
		s.around(found, id, c)
	}
	if c.Everything {
		for _, id := range found.Sorted() {
			found.Add(s.g.Ancestors(id, -1))
		}
	}
	for _, id := range found.Sorted() {
		for child := range s.g.children[id] {
			if s.m.Nodes[child].Kind == manifest.Test {
				found[child] = true
			}
		}
	}
	return found, nil
}

func (s *Selector) around(found Set, id string, c Criterion) {
	if c.Parents != 0 {
		found.Add(s.g.Ancestors(id, c.Parents))
	}
	if c.Children != 0 {
		found.Add(s.g.Descendants(id, c.Children))
	}
}
