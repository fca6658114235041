package orchestrate

import (
	"slices"

	"github.com/floe-data/floe/runtime/project"
)

// block is a part of a graph: one step, parts that come one after the other,
// or parts that run at the same time.
type block struct {
	step     *project.Step
	series   []block
	together []block
	number   int // of together, from 1, in the order of the text
}

// block nests the graph. What does not wait for each other comes to stand side
// by side; where a graph cannot be nested without loss (c after a, d after a
// and b), its first steps come before all others, so that c waits for b too.
func (g *Graph) block() block {
	ancestors := map[string]map[string]bool{}
	for _, s := range g.Steps {
		all := map[string]bool{}
		for _, a := range g.After[s.Name] {
			all[a] = true
			for b := range ancestors[a] {
				all[b] = true
			}
		}
		ancestors[s.Name] = all
	}
	n := nesting{ancestors: ancestors}
	return n.of(g.Steps)
}

type nesting struct {
	ancestors map[string]map[string]bool
	numbers   int
}

func (n *nesting) of(steps []project.Step) block {
	if len(steps) == 1 {
		return block{step: &steps[0]}
	}
	parts := n.apart(steps)
	if len(parts) > 1 {
		n.numbers++
		b := block{number: n.numbers}
		for _, p := range parts {
			b.together = append(b.together, n.of(p))
		}
		return b
	}
	var b block
	for len(steps) > 0 {
		head, rest := n.cut(steps)
		b.series = append(b.series, n.of(head))
		if len(rest) > 0 && len(n.apart(rest)) > 1 {
			b.series = append(b.series, n.of(rest))
			break
		}
		steps = rest
	}
	return b
}

// apart splits steps into those that have to do with each other, in their order.
func (n *nesting) apart(steps []project.Step) [][]project.Step {
	var parts [][]project.Step
	for _, s := range steps {
		joined := []project.Step{}
		var others [][]project.Step
		for _, p := range parts {
			if slices.ContainsFunc(p, func(o project.Step) bool { return n.before(o, s) || n.before(s, o) }) {
				joined = append(joined, p...)
			} else {
				others = append(others, p)
			}
		}
		parts = append(others, append(joined, s))
	}
	place := func(s project.Step) int {
		return slices.IndexFunc(steps, func(o project.Step) bool { return o.Name == s.Name })
	}
	for _, p := range parts {
		slices.SortFunc(p, func(a, b project.Step) int { return place(a) - place(b) })
	}
	slices.SortFunc(parts, func(a, b []project.Step) int { return place(a[0]) - place(b[0]) })
	return parts
}

// cut gives the fewest steps that all others wait for, and the others. Where
// there are none such, it gives those that wait for no other of them.
func (n *nesting) cut(steps []project.Step) (head, rest []project.Step) {
	if len(steps) == 1 {
		return steps, nil
	}
	for i := 1; i < len(steps); i++ {
		head, rest = steps[:i], steps[i:]
		if !slices.ContainsFunc(rest, func(r project.Step) bool {
			return slices.ContainsFunc(head, func(h project.Step) bool { return !n.before(h, r) })
		}) {
			return head, rest
		}
	}
	head, rest = nil, nil
	for _, s := range steps {
		if slices.ContainsFunc(steps, func(o project.Step) bool { return n.before(o, s) }) {
			rest = append(rest, s)
		} else {
			head = append(head, s)
		}
	}
	return head, rest
}

func (n *nesting) before(a, b project.Step) bool { return n.ancestors[b.Name][a.Name] }
