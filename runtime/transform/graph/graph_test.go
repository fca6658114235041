package graph

import (
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/transform/manifest"
)

// build makes a manifest of "child: parent parent" lines; ids say their kind.
func build(lines ...string) *manifest.Manifest {
	m := &manifest.Manifest{Nodes: map[string]*manifest.Node{}}
	for _, l := range lines {
		id, parents, _ := strings.Cut(l, ":")
		kind, name, _ := strings.Cut(id, ".")
		n := &manifest.Node{UniqueID: id, Kind: manifest.Kind(kind), Name: name, FQN: []string{"p", name}, DependsOn: strings.Fields(parents)}
		if n.Kind == manifest.Test {
			n.Test = &manifest.TestInfo{}
		}
		if strings.HasPrefix(name, "eph") {
			n.Config.Materialized = manifest.Ephemeral
		}
		m.Nodes[id] = n
	}
	return m
}

func TestOrder(t *testing.T) {
	g := New(build("model.d: model.b model.c", "model.c: model.a", "model.b: model.a", "model.a: source.s", "source.s:", "model.z:"))
	want := []string{"model.z", "source.s", "model.a", "model.b", "model.c", "model.d"}
	if got := g.Order(); !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
	if g.Cycle() != nil {
		t.Errorf("cycle %v", g.Cycle())
	}
}

func TestReach(t *testing.T) {
	g := New(build("model.d: model.c", "model.c: model.b", "model.b: model.a", "model.a:"))
	tests := []struct {
		got  Set
		want string
	}{
		{g.Ancestors("model.d", -1), "model.a model.b model.c"},
		{g.Ancestors("model.d", 1), "model.c"},
		{g.Ancestors("model.d", 2), "model.b model.c"},
		{g.Descendants("model.a", -1), "model.b model.c model.d"},
		{g.Descendants("model.d", -1), ""},
		{g.Descendants("model.a", 0), ""},
	}
	for i, tt := range tests {
		if got := strings.Join(tt.got.Sorted(), " "); got != tt.want {
			t.Errorf("%d: %q, want %q", i, got, tt.want)
		}
	}
}

func TestSubsetJoinsAcross(t *testing.T) {
	g := New(build("model.d: model.c", "model.c: model.b", "model.b: model.a", "model.a:"))
	sub := g.Subset(Set{"model.a": true, "model.d": true})
	if got := sub.Parents("model.d"); !slices.Equal(got, []string{"model.a"}) {
		t.Errorf("parents of d: %v", got)
	}
}

func TestCycle(t *testing.T) {
	g := New(build("model.a: model.b", "model.b: model.c", "model.c: model.a", "model.x: model.a"))
	if got := strings.Join(g.Cycle(), " "); got != "model.a model.b model.c model.a" {
		t.Errorf("cycle %q", got)
	}
}

func TestTestEdges(t *testing.T) {
	m := build("model.a:", "model.b:", "model.c: model.a model.b", "model.d: model.a", "model.e: model.c",
		"test.ofa: model.a", "test.both: model.a model.b", "test.ofc: model.c")
	g := New(m)
	g.AddTestEdges(m, New(m).Above())
	tests := map[string]string{
		"model.c": "model.a model.b test.both test.ofa", // a test of one branch and one of both
		"model.d": "model.a test.ofa",                   // not both: b is no ancestor
		"model.e": "model.c test.ofc",                   // the others hold c back already
	}
	for id, want := range tests {
		if got := strings.Join(g.Parents(id), " "); got != want {
			t.Errorf("parents of %s: %s, want %s", id, got, want)
		}
	}
}

func TestOwner(t *testing.T) {
	m := build("source.s:", "model.a: source.s", "model.b: model.a", "model.eph: model.a", "model.x:",
		"test.one: model.a", "test.up: model.b model.a", "test.src: model.b source.s", "test.branch: model.b model.x", "test.eph: model.eph", "test.only: source.s")
	g := New(m)
	for test, want := range map[string]string{"test.one": "model.a", "test.up": "model.b", "test.src": "model.b", "test.branch": "", "test.eph": "", "test.only": ""} {
		if got := Owner(m.Nodes[test], m, g.Above()); got != want {
			t.Errorf("owner of %s is %q, want %q", test, got, want)
		}
	}
}
