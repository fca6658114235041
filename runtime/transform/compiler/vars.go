package compiler

import (
	"fmt"
	"strings"

	"github.com/floe-data/floe/runtime/nearest"
	"github.com/floe-data/floe/runtime/transform/dbtproject"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/yamltree"
)

// variables are the vars that one package's templates see.
type variables map[string]jinja.Value

// resolveVars lays them in dbt's order: the package's own, the root project's
// for all, the root project's for this package, the command line's.
func resolveVars(root, pkg *dbtproject.Config, names []string, command map[string]any) variables {
	out := variables{}
	lay := func(v *yamltree.Value, scope string) {
		if v == nil {
			return
		}
		for _, p := range v.Pairs {
			if !isScope(p, names) {
				out[p.Key] = fromYAML(p.Value)
			}
		}
		if own := v.Get(scope); own != nil && own.Kind == yamltree.Map {
			for _, p := range own.Pairs {
				out[p.Key] = fromYAML(p.Value)
			}
		}
	}
	if pkg != root {
		lay(pkg.Vars, pkg.Name)
	}
	lay(root.Vars, pkg.Name)
	for k, v := range command {
		out[k] = jinja.FromGo(v)
	}
	return out
}

// isScope says that an entry of vars is a package's own vars.
func isScope(p yamltree.Pair, packages []string) bool {
	if p.Value.Kind != yamltree.Map {
		return false
	}
	for _, n := range packages {
		if n == p.Key {
			return true
		}
	}
	return false
}

// varObject is `var`: var(name, default) and var.has_var(name).
func (r *render) varObject() jinja.Value {
	vars := r.p.vars[r.node.Package]
	return &jinja.Bag{Type: "Var",
		Fn: func(s *jinja.State, a jinja.Args) (jinja.Value, error) {
			v, err := a.Bind("var", jinja.Req("var_name"), jinja.Opt("default", missing))
			if err != nil {
				return nil, err
			}
			x, ok := vars[jinja.Str(v[0])]
			switch {
			case ok:
				return r.renderVar(s, x)
			case v[1] != missing:
				return v[1], nil
			}
			return nil, missingVar(jinja.Str(v[0]), vars)
		},
		Attrs: map[string]jinja.Value{"has_var": jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
			_, ok := vars[jinja.Str(a.Get(0, "var_name", ""))]
			return ok, nil
		})},
	}
}

// missing is a default that was not given: None is a default too.
var missing jinja.Value = &jinja.Bag{Type: "missing"}

func missingVar(name string, vars variables) error {
	var known []string
	for k := range vars {
		known = append(known, k)
	}
	hint := ""
	if near := nearest.Word(name, known); near != "" {
		hint = fmt.Sprintf("; did you mean %s?", near)
	}
	return compilationError("Required var '%s' is neither in dbt_project.yml (vars:) nor given with --vars%s", name, hint)
}

// renderVar: a string is a template itself.
func (r *render) renderVar(s *jinja.State, v jinja.Value) (jinja.Value, error) {
	text, ok := v.(string)
	if !ok || !yamltree.HasTemplate(text) {
		return v, nil
	}
	t, err := jinja.Parse(dbtproject.FileName, text)
	if err != nil {
		return nil, err
	}
	return t.RenderIn(s.In(r.strict))
}

// envVar is env_var(name, default).
func (r *render) envVar(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("env_var", jinja.Req("var"), jinja.Opt("default", nil))
	if err != nil {
		return nil, err
	}
	name := jinja.Str(v[0])
	if strings.HasPrefix(name, "DBT_ENV_SECRET") {
		return nil, compilationError("env_var('%s'): secrets never reach SQL, which is logged and stored", name)
	}
	if text, ok := r.p.opts.Env(name); ok {
		return text, nil
	}
	if v[1] != nil {
		return v[1], nil
	}
	return nil, compilationError("Env var required but not provided: '%s'", name)
}
