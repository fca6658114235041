package compiler

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/nearest"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// ref is ref(name) or ref(package, name). While parsing it is noted; when the
// node runs it gives the relation, or the name of the CTE of an ephemeral model.
func (r *render) ref(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	ref, err := refArgs(a)
	if err != nil {
		return nil, err
	}
	if !r.execute {
		r.refs = append(r.refs, ref)
		return r.parseRef(ref), nil
	}
	n := r.p.resolveRef(ref, r.node.Package)
	if n == nil {
		return nil, compilationError("%s", r.p.refProblem(ref))
	}
	if !r.mayRead(n.UniqueID) {
		return nil, compilationError("ref('%s') appeared only now that the model runs, so its order is not known: put `-- depends_on: {{ ref('%s') }}` at the top of %s", ref.Name, ref.Name, r.node.Path)
	}
	if n.IsEphemeral() {
		r.noteInline(n)
		return &relation{name: cteName(n), kind: "cte", dialect: r.p.opts.Target.Type}, nil
	}
	return r.p.relation(n), nil
}

func cteName(n *manifest.Node) string { return "__dbt__cte__" + n.Name }

func (r *render) noteInline(n *manifest.Node) {
	if !slices.Contains(r.inline, n) {
		r.inline = append(r.inline, n)
	}
}

// mayRead: what parsing saw; an inline query may read everything.
func (r *render) mayRead(id string) bool {
	return r.node.Kind == inlineKind || slices.Contains(r.node.DependsOn, id)
}

func refArgs(a jinja.Args) (manifest.Ref, error) {
	for _, k := range a.Kw {
		if (k.Name == "v" || k.Name == "version") && k.Value != nil {
			return manifest.Ref{}, compilationError("ref(…, %s=%s): model versions are not supported: give each version its own name", k.Name, jinja.Repr(k.Value))
		}
		if k.Name != "v" && k.Name != "version" {
			return manifest.Ref{}, compilationError("ref() got an unexpected keyword argument '%s'", k.Name)
		}
	}
	var names []string
	for _, p := range a.Pos {
		s, ok := p.(string)
		if !ok {
			return manifest.Ref{}, compilationError("ref() was given %s; it takes a model's name in quotes", jinja.Repr(p))
		}
		names = append(names, s)
	}
	switch len(names) {
	case 1:
		return manifest.Ref{Name: names[0]}, nil
	case 2:
		return manifest.Ref{Package: names[0], Name: names[1]}, nil
	}
	return manifest.Ref{}, compilationError("ref() takes a name, or a package and a name; it was given %d", len(names))
}

// parseRef is what ref gives while parsing: names are not settled then.
func (r *render) parseRef(ref manifest.Ref) jinja.Value {
	t := r.p.opts.Target
	return &relation{database: t.Database, schema: t.Schema, name: ref.Name, kind: "table", dialect: t.Type}
}

// source is source(name, table).
func (r *render) source(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("source", jinja.Req("source_name"), jinja.Req("table_name"))
	if err != nil {
		return nil, err
	}
	name, ok1 := v[0].(string)
	table, ok2 := v[1].(string)
	if !ok1 || !ok2 {
		return nil, compilationError("source() was given %s and %s; it takes two names in quotes", jinja.Repr(v[0]), jinja.Repr(v[1]))
	}
	if !r.execute {
		r.tables = append(r.tables, [2]string{name, table})
		return r.parseRef(manifest.Ref{Name: table}), nil
	}
	n := r.p.resolveSource(name, table)
	if n == nil {
		return nil, compilationError("%s", r.p.sourceProblem(name, table))
	}
	return r.p.relation(n), nil
}

// resolveRef looks where dbt looks: the named package only, else the root
// project, the node's own package, any.
func (p *Project) resolveRef(ref manifest.Ref, from string) *manifest.Node {
	return p.lookupRef(ref, from, p.m.Nodes)
}

func (p *Project) lookupRef(ref manifest.Ref, from string, nodes map[string]*manifest.Node) *manifest.Node {
	search := []string{p.root.Name, from}
	for _, pkg := range p.packages {
		search = append(search, pkg.Name)
	}
	if ref.Package != "" {
		search = []string{ref.Package}
	}
	for _, pkg := range search {
		for _, kind := range []manifest.Kind{manifest.Model, manifest.Seed} {
			if n := nodes[string(kind)+"."+pkg+"."+ref.Name]; n != nil {
				return n
			}
		}
	}
	return nil
}

// refProblem says why a ref leads nowhere.
func (p *Project) refProblem(ref manifest.Ref) string {
	what := fmt.Sprintf("ref('%s')", ref.Name)
	if ref.Package != "" {
		what = fmt.Sprintf("ref('%s', '%s')", ref.Package, ref.Name)
	}
	if n := p.lookupRef(ref, p.root.Name, p.m.Disabled); n != nil {
		return fmt.Sprintf("%s names %s, which is disabled (enabled: false)", what, n.Path)
	}
	var names []string
	for _, n := range p.m.Nodes {
		if n.Kind == manifest.Model || n.Kind == manifest.Seed {
			names = append(names, n.Name)
		}
	}
	slices.Sort(names)
	return what + ": there is no such model or seed" + didYouMean(ref.Name, names)
}

func didYouMean(name string, known []string) string {
	if near := nearest.Word(name, known); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	return ""
}

func (p *Project) resolveSource(name, table string) *manifest.Node {
	return p.sources[name+"."+table]
}

func (p *Project) sourceProblem(name, table string) string {
	if n := p.m.Disabled["source."+p.root.Name+"."+name+"."+table]; n != nil {
		return fmt.Sprintf("source('%s', '%s') is disabled in %s", name, table, n.Path)
	}
	var known []string
	for k := range p.sources {
		known = append(known, k)
	}
	slices.Sort(known)
	hint := ""
	if near := nearest.Word(name+"."+table, known); near != "" {
		s, t, _ := strings.Cut(near, ".")
		hint = fmt.Sprintf("; did you mean source('%s', '%s')?", s, t)
	}
	return fmt.Sprintf("source('%s', '%s'): no property file declares it under sources:%s", name, table, hint)
}

// relation is a node's relation in templates.
func (p *Project) relation(n *manifest.Node) *relation {
	kind := "table"
	if n.Kind == manifest.Model && n.Config.Materialized == manifest.View {
		kind = "view"
	}
	return &relation{database: p.opts.Target.Database, schema: n.Relation.Schema, name: n.Relation.Table, kind: kind, dialect: p.opts.Target.Type}
}
