package transform

import (
	"fmt"
	"slices"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/transform/graph"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// task is one node's turn: for a model or a seed of a build, with the tests
// that run against what is staged.
type task struct {
	node   *manifest.Node
	audits []*manifest.Node
}

// plan is what a run does, in which order.
type plan struct {
	tasks map[string]*task
	graph *graph.Graph // of the tasks
	total int          // nodes, audits included
}

// newPlan chooses and orders. In a build, tests stand between a node and those
// that read it; elsewhere they stand alone.
func newPlan(p *Project, o *Options) (*plan, []string, error) {
	m := p.Manifest()
	chosen, warnings, err := graph.NewSelector(m, p.Graph()).Select(o.Select, o.Exclude)
	if err != nil {
		return nil, nil, err
	}
	keep := graph.Set{}
	for id := range chosen {
		n := m.Nodes[id]
		if slices.Contains(commands[o.Command], n.Kind) && !o.Done[id] && (!n.IsEphemeral() || o.Command == CommandCompile) {
			keep[id] = true
		}
	}
	out := &plan{tasks: map[string]*task{}, total: len(keep)}
	g := graph.New(m)
	audits := map[string][]*manifest.Node{}
	if o.Command == CommandBuild {
		above := p.Graph().Above()
		g.AddTestEdges(m, above)
		for _, id := range keep.Sorted() {
			n := m.Nodes[id]
			if n.Kind != manifest.Test {
				continue
			}
			if owner := graph.Owner(n, m, above); keep[owner] {
				audits[owner] = append(audits[owner], n)
				delete(keep, id)
			}
		}
	}
	out.graph = g.Subset(keep)
	for id := range keep {
		out.tasks[id] = &task{node: m.Nodes[id], audits: audits[id]}
	}
	return out, warnings, out.check(o)
}

// check refuses, before anything is touched, what the engine cannot do.
func (p *plan) check(o *Options) error {
	if o.Engine == nil || o.Command == CommandCompile {
		return nil
	}
	if _, ok := o.Engine.(Executor); ok {
		return nil
	}
	for _, id := range p.graph.Nodes() {
		n := p.tasks[id].node
		for key, hooks := range map[string][]string{"pre_hook": n.Config.PreHooks, "post_hook": n.Config.PostHooks} {
			if len(hooks) > 0 {
				return fault.New(fault.Usage, fmt.Errorf("%s: %s is not supported by the engine %s: %s", n.Path, key, o.Engine.Dialect(), excerpt(hooks[0])),
					"write what it does as a model, or remove it")
			}
		}
	}
	return nil
}

// below are the tasks that hang on one, nearest first.
func (p *plan) below(id string) []string {
	set := p.graph.Descendants(id, -1)
	var out []string
	for _, x := range p.graph.Order() {
		if set[x] {
			out = append(out, x)
		}
	}
	return out
}
