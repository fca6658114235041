package compiler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/transform/dbtproject"
	"github.com/floe-data/floe/runtime/transform/graph"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/jinja/pymodules"
	"github.com/floe-data/floe/runtime/transform/manifest"
	"github.com/floe-data/floe/runtime/transform/yamltree"
)

// Project is a parsed project. It does not change after Load.
type Project struct {
	opts     Options
	root     *dbtproject.Config
	packages []*dbtproject.Package
	macros   *macroIndex
	globals  map[string]func(*render) jinja.Value
	vars     map[string]variables
	docs     map[string]string // package.name
	modules  jinja.Value       // dbt's "modules"

	m         *manifest.Manifest
	g         *graph.Graph
	sources   map[string]*manifest.Node // source.table
	templates map[string]*jinja.Template
	testArgs  map[string][]testArg
}

// Manifest is what was parsed.
func (p *Project) Manifest() *manifest.Manifest { return p.m }

// Graph are the dependencies.
func (p *Project) Graph() *graph.Graph { return p.g }

// Target is where relations go.
func (p *Project) Target() Target { return p.opts.Target }

// Hooks are dbt_project.yml's on-run-start and on-run-end.
func (p *Project) Hooks() (start, end []dbtproject.Hook) { return p.root.OnStart, p.root.OnEnd }

// Load reads and parses the project in o.Dir. An error of kind fault.Usage
// lists everything that is wrong.
func Load(ctx context.Context, o Options) (*Project, error) {
	p := &Project{opts: o.withDefaults(), globals: contextNames(), docs: map[string]string{},
		macros:  &macroIndex{packages: map[string]map[string]*macro{}},
		sources: map[string]*manifest.Node{}, templates: map[string]*jinja.Template{}, testArgs: map[string][]testArg{}}
	p.modules = pymodules.Modules(func() time.Time { return p.opts.Now })
	p.vars = map[string]variables{"": resolveVars(&dbtproject.Config{}, &dbtproject.Config{}, nil, o.Vars)}
	if err := p.read(ctx); err != nil {
		return nil, err
	}
	var err error
	if p.macros, err = indexMacros(p.packages); err != nil {
		return nil, err
	}
	return p, p.parse(ctx)
}

// read reads the files of the project and its packages.
func (p *Project) read(ctx context.Context) error {
	root, err := dbtproject.ReadConfig(p.opts.Dir, p.yamlRenderer(ctx, ""))
	if err != nil {
		return err
	}
	p.root = root
	installed, err := dbtproject.Installed(root, p.yamlRenderer(ctx, ""))
	if err != nil {
		return err
	}
	configs := append([]*dbtproject.Config{root}, installed...)
	var names []string
	for _, c := range configs {
		if slices.Contains(names, c.Name) || c.Name == dbtPackage {
			return fault.New(fault.Usage, fmt.Errorf("two packages have the name %s: %s is one of them; dbt is floe's own", c.Name, c.Root), "")
		}
		names = append(names, c.Name)
	}
	for _, c := range configs {
		p.vars[c.Name] = resolveVars(root, c, names, p.opts.Vars)
	}
	for _, c := range configs {
		pkg, err := dbtproject.ReadFiles(c, p.yamlRenderer(ctx, c.Name))
		if err != nil {
			return err
		}
		p.packages = append(p.packages, pkg)
		for _, d := range pkg.Docs {
			p.docs[c.Name+"."+d.Name] = d.Text
		}
	}
	return nil
}

// yamlRenderer renders what stands in YAML: vars, env_var, target and pure functions.
func (p *Project) yamlRenderer(ctx context.Context, pkg string) dbtproject.Renderer {
	s := p.NewSession(nil)
	r := s.newRender(&manifest.Node{Package: pkg}, false)
	r.body = &jinja.Env{Lookup: r.lookup, Filters: nativeFilters}
	return func(_ []string, _ int, text string) (any, error) {
		v, err := r.native(ctx, dbtproject.FileName, text)
		return plain(v), err
	}
}

// native renders a text; one that is a single expression keeps its value.
func (r *render) native(ctx context.Context, name, text string) (jinja.Value, error) {
	inner := strings.TrimSpace(text)
	if strings.HasPrefix(inner, "{{") && strings.HasSuffix(inner, "}}") {
		inner = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(inner, "{{"), "}}"), "-"), "-")
		if !strings.Contains(inner, "{{") && !strings.Contains(inner, "}}") {
			return r.value(ctx, name, inner)
		}
	}
	t, err := jinja.Parse(name, text)
	if err != nil {
		return nil, err
	}
	return t.Render(ctx, r.body)
}

// nativeFilters make a value of a text; in SQL they pass everything.
var nativeFilters = map[string]jinja.Filter{
	"as_bool": func(_ *jinja.State, in jinja.Value, _ jinja.Args) (jinja.Value, error) {
		switch strings.ToLower(jinja.Str(in)) {
		case "true", "yes", "on", "1":
			return true, nil
		case "false", "no", "off", "0", "":
			return false, nil
		}
		return nil, compilationError("as_bool: %s is neither true nor false", jinja.Repr(in))
	},
	"as_number": func(_ *jinja.State, in jinja.Value, _ jinja.Args) (jinja.Value, error) {
		text := strings.TrimSpace(jinja.Str(in))
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, compilationError("as_number: %s is no number", jinja.Repr(in))
		}
		return f, nil
	},
	"as_native": func(_ *jinja.State, in jinja.Value, _ jinja.Args) (jinja.Value, error) {
		tree, err := yamltree.Parse([]byte(jinja.Str(in)))
		if err != nil {
			return in, nil // a text that is nothing else
		}
		return fromYAML(tree), nil
	},
}

// value evaluates an expression.
func (r *render) value(ctx context.Context, name, expression string) (jinja.Value, error) {
	t, err := jinja.Parse(name, "{% macro value() %}{% do return("+expression+") %}{% endmacro %}")
	if err != nil {
		return nil, err
	}
	m, ok := t.Macro(r.body, "value")
	if !ok {
		return nil, errors.New("not one expression")
	}
	return jinja.Catch(m.Call(jinja.NewState(ctx, r.body), jinja.Args{}))
}

// doc is doc(name) or doc(package, name), in descriptions.
func (r *render) doc(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	var names []string
	for _, v := range a.Pos {
		names = append(names, jinja.Str(v))
	}
	switch len(names) {
	case 1:
		for _, pkg := range []string{r.node.Package, r.p.root.Name} {
			if text, ok := r.p.docs[pkg+"."+names[0]]; ok {
				return text, nil
			}
		}
	case 2:
		if text, ok := r.p.docs[names[0]+"."+names[1]]; ok {
			return text, nil
		}
	}
	var known []string
	for k := range r.p.docs {
		_, n, _ := strings.Cut(k, ".")
		known = append(known, n)
	}
	slices.Sort(known)
	last := ""
	if len(names) > 0 {
		last = names[len(names)-1]
	}
	return nil, compilationError("doc(%s): no {%% docs %s %%} block%s", strings.Join(names, ", "), last, didYouMean(last, known))
}
