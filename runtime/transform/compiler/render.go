package compiler

import (
	"context"

	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// render is one rendering of one node: what its template may ask, and what it
// told. It belongs to one goroutine.
type render struct {
	p       *Project
	s       *Session
	node    *manifest.Node
	execute bool

	config *jinja.Dict // the configuration as it stands, config() calls included
	told   *jinja.Dict // what config() said
	refs   []manifest.Ref
	tables [][2]string
	called map[string]bool  // macros
	inline []*manifest.Node // ephemeral models read, in order

	results map[string]jinja.Value // of statement blocks
	known   map[string]jinja.Value // names already resolved
	bound   map[*macro]*macroCall
	extra   map[string]jinja.Value // names of this render only

	body   *jinja.Env // the node's own template
	strict *jinja.Env // macros
}

// newRender begins a render. execute false is dbt's parsing: nothing is asked
// of the database, and undefined names are lenient in the node's own text.
func (s *Session) newRender(n *manifest.Node, execute bool) *render {
	r := &render{p: s.p, s: s, node: n, execute: execute, told: jinja.NewDict(), called: map[string]bool{},
		results: map[string]jinja.Value{}, known: map[string]jinja.Value{}, bound: map[*macro]*macroCall{}, extra: map[string]jinja.Value{}}
	if d, ok := n.Config.Values.(*jinja.Dict); ok {
		r.config = d.Copy()
	} else {
		r.config = jinja.NewDict()
	}
	r.strict = &jinja.Env{Lookup: r.lookup}
	r.body = r.strict
	if !execute {
		r.body = &jinja.Env{Lookup: r.lookup, Undefined: jinja.Lenient}
	}
	return r
}

// lookup finds a name as dbt's context has it: macros of the node's package and
// of the root project first, then the context, dbt's own macros, packages.
func (r *render) lookup(name string) (jinja.Value, bool) {
	if v, ok := r.known[name]; ok {
		return v, true
	}
	v, ok := r.resolve(name)
	if ok {
		r.known[name] = v
	}
	return v, ok
}

func (r *render) resolve(name string) (jinja.Value, bool) {
	if v, ok := r.extra[name]; ok {
		return v, true
	}
	if m := r.p.macros.findOwn(r.node.Package, name); m != nil {
		return r.bind(m), true
	}
	if g, ok := r.p.globals[name]; ok {
		return g(r), true
	}
	if m := r.p.macros.packages[dbtPackage][name]; m != nil {
		return r.bind(m), true
	}
	if _, ok := r.p.macros.packages[name]; ok {
		return &namespace{name: name, r: r}, true
	}
	return nil, false
}

func (r *render) bind(m *macro) *macroCall {
	c, ok := r.bound[m]
	if !ok {
		c = &macroCall{m: m, r: r}
		r.bound[m] = c
	}
	return c
}

// text renders a template of the node.
func (r *render) text(ctx context.Context, t *jinja.Template) (string, error) {
	return t.Render(ctx, r.body)
}

// callMacro calls a macro from Go and gives its value.
func (r *render) callMacro(ctx context.Context, m *macro, args ...jinja.Value) (jinja.Value, error) {
	return r.bind(m).Call(jinja.NewState(ctx, r.strict), jinja.Positional(args...))
}
