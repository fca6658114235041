package graph

import "github.com/floe-data/floe/runtime/transform/manifest"

// AddTestEdges makes each node wait for the tests above it: those whose parents
// are all among the node's ancestors. That is what `dbt build` adds. above is
// of the graph without test edges. An edge that a parent of the node has
// already is left out: it would say nothing new.
func (g *Graph) AddTestEdges(m *manifest.Manifest, above *Above) {
	single := map[string][]*manifest.Node{} // by the one node that they read
	var several []*manifest.Node
	for _, n := range m.Sorted() {
		switch {
		case n.Kind != manifest.Test || len(n.DependsOn) == 0:
		case len(n.DependsOn) == 1:
			single[n.DependsOn[0]] = append(single[n.DependsOn[0]], n)
		default:
			several = append(several, n)
		}
	}
	for _, n := range m.Nodes {
		if n.Kind == manifest.Test || n.Kind == manifest.Source {
			continue
		}
		for _, p := range n.DependsOn {
			for _, t := range single[p] {
				g.Connect(t.UniqueID, n.UniqueID)
			}
		}
		for _, t := range several {
			if above.All(n.UniqueID, t.DependsOn) && !aParentWaits(n, t, above) {
				g.Connect(t.UniqueID, n.UniqueID)
			}
		}
	}
}

func aParentWaits(n, test *manifest.Node, above *Above) bool {
	for _, p := range n.DependsOn {
		if above.All(p, test.DependsOn) {
			return true
		}
	}
	return false
}

// Owner is the node against whose staged content a test can run: all the
// test's other parents are that node's ancestors. "" if there is none.
func Owner(test *manifest.Node, m *manifest.Manifest, above *Above) string {
	for i, id := range test.DependsOn {
		n := m.Nodes[id]
		if n == nil || n.Kind == manifest.Source || n.IsEphemeral() {
			continue
		}
		if above.All(id, test.DependsOn[:i]) && above.All(id, test.DependsOn[i+1:]) {
			return id
		}
	}
	return ""
}
