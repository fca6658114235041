package graph

import "github.com/floe-data/floe/runtime/transform/manifest"

// AddTestEdges makes each node wait for the tests above it: those whose parents
// are all among the node's ancestors. That is what `dbt build` adds.
func (g *Graph) AddTestEdges(m *manifest.Manifest) {
	testsOf := map[string][]*manifest.Node{}
	for _, n := range m.Sorted() {
		if n.Kind != manifest.Test {
			continue
		}
		for _, p := range n.DependsOn {
			testsOf[p] = append(testsOf[p], n)
		}
	}
	type edge struct{ from, to string }
	var edges []edge
	for _, n := range m.Sorted() {
		if n.Kind == manifest.Test || n.Kind == manifest.Source {
			continue
		}
		above := g.Ancestors(n.UniqueID, -1)
		for a := range above {
			for _, t := range testsOf[a] {
				if within(t.DependsOn, above) {
					edges = append(edges, edge{t.UniqueID, n.UniqueID})
				}
			}
		}
	}
	for _, e := range edges {
		g.Connect(e.from, e.to)
	}
}

func within(ids []string, set Set) bool {
	for _, id := range ids {
		if !set[id] {
			return false
		}
	}
	return true
}

// Owner is the node against whose staged content a test can run: all the
// test's other parents are that node's ancestors. "" if there is none.
func (g *Graph) Owner(test *manifest.Node, m *manifest.Manifest) string {
	for _, id := range test.DependsOn {
		n := m.Nodes[id]
		if n == nil || n.Kind == manifest.Source || n.IsEphemeral() {
			continue
		}
		above := g.Ancestors(id, -1)
		above[id] = true
		if within(test.DependsOn, above) {
			return id
		}
	}
	return ""
}
