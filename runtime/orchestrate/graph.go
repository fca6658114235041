package orchestrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/project"
)

// Graph is a workflow's steps with what each waits for.
type Graph struct {
	Steps []project.Step      // in an order in which they can run
	After map[string][]string // step -> the steps it waits for
}

// NewGraph orders a workflow's steps. A step without `after` waits for the one
// written before it; `after: []` waits for none.
func NewGraph(w *project.Workflow) (*Graph, error) {
	g := &Graph{After: map[string][]string{}}
	byName := map[string]project.Step{}
	for i, s := range w.Steps {
		if _, twice := byName[s.Name]; twice {
			return nil, fmt.Errorf("workflow %s: two steps are named %q", w.Name, s.Name)
		}
		byName[s.Name] = s
		after := s.After
		if after == nil && i > 0 {
			after = []string{w.Steps[i-1].Name}
		}
		g.After[s.Name] = after
	}
	for _, s := range w.Steps {
		for _, a := range g.After[s.Name] {
			if _, ok := byName[a]; !ok {
				return nil, fmt.Errorf("workflow %s: step %q waits for %q, which is not a step", w.Name, s.Name, a)
			}
		}
	}
	return g, g.order(w)
}

// order sorts the steps so that each comes after what it waits for, keeping
// the written order where it can.
func (g *Graph) order(w *project.Workflow) error {
	placed := map[string]bool{}
	for len(g.Steps) < len(w.Steps) {
		before := len(g.Steps)
		for _, s := range w.Steps {
			waits := func(a string) bool { return !placed[a] }
			if !placed[s.Name] && !slices.ContainsFunc(g.After[s.Name], waits) {
				placed[s.Name] = true
				g.Steps = append(g.Steps, s)
			}
		}
		if len(g.Steps) == before {
			var circle []string
			for _, s := range w.Steps {
				if !placed[s.Name] {
					circle = append(circle, s.Name)
				}
			}
			return fmt.Errorf("workflow %s: the steps %s wait for each other", w.Name, strings.Join(circle, ", "))
		}
	}
	return nil
}
