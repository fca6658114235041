package compiler

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/transform/dbtproject"
	"github.com/floe-data/floe/runtime/transform/graph"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/manifest"
	"github.com/floe-data/floe/runtime/transform/yamltree"
)

// parser makes a manifest; it collects problems rather than stop at the first.
type parser struct {
	p        *Project
	s        *Session
	problems yamltree.Problems
	patches  map[string]*dbtproject.Resource // "model.pkg.name" and so on
	used     map[string]bool                 // patches that found their node
	warned   map[string]bool
}

func (p *Project) parse(ctx context.Context) error {
	p.m = &manifest.Manifest{Project: p.root.Name, Nodes: map[string]*manifest.Node{}, Disabled: map[string]*manifest.Node{}}
	ps := &parser{p: p, s: p.NewSession(nil), patches: map[string]*dbtproject.Resource{}, used: map[string]bool{}, warned: map[string]bool{}}
	ps.s.Command = "parse"
	steps := []func(context.Context, *dbtproject.Package) error{ps.collect, ps.models, ps.seeds, ps.sourceTables, ps.singular, ps.generic}
	for _, step := range steps {
		for _, pkg := range p.packages {
			if err := ctx.Err(); err != nil {
				return fault.New(fault.Interrupted, fmt.Errorf("parse project %s: %w", p.root.Name, context.Cause(ctx)), "")
			}
			if err := step(ctx, pkg); err != nil {
				return err
			}
		}
	}
	ps.resolve()
	ps.relations()
	ps.unusedPatches()
	if err := ps.problems.Err(); err != nil {
		return fault.New(fault.Usage, fmt.Errorf("project %s is not right:\n%w", p.root.Name, err), "")
	}
	p.g = graph.New(p.m)
	if cycle := p.g.Cycle(); cycle != nil {
		return fault.New(fault.Usage, fmt.Errorf("the models read each other in a circle: %s", strings.Join(cycle, " reads ")),
			"break it: one of them must not ref the next")
	}
	return nil
}

// addf notes a problem at a place.
func (ps *parser) addf(file string, line int, format string, args ...any) {
	ps.problems = append(ps.problems, yamltree.Problem{File: file, Line: line, Msg: fmt.Sprintf(format, args...)})
}

// fail notes err; what the template engine says has its place already.
func (ps *parser) fail(n *manifest.Node, err error) {
	var je *jinja.Error
	if errors.As(err, &je) && je.Template != "" {
		msg := *je
		msg.Template = ""
		ps.addf(je.Template, je.Line, "%s", strings.TrimPrefix(msg.Error(), ":0: "))
		return
	}
	ps.addf(n.Path, n.Line, "%s: %v", n.Name, err)
}

func (ps *parser) warnf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !ps.warned[text] {
		ps.warned[text] = true
		ps.p.m.Warnings = append(ps.p.m.Warnings, text)
	}
}

// collect gathers the property files' entries by what they describe.
func (ps *parser) collect(_ context.Context, pkg *dbtproject.Package) error {
	for _, w := range pkg.Warnings {
		ps.warnf("%s", w)
	}
	for i := range pkg.Properties {
		f := &pkg.Properties[i]
		for kind, list := range map[string][]dbtproject.Resource{"model": f.Models, "seed": f.Seeds, "test": f.Tests} {
			for j := range list {
				key := kind + "." + pkg.Name + "." + list[j].Name
				if old := ps.patches[key]; old != nil {
					ps.addf(f.Path, list[j].Line, "%s %s is described already, at %s:%d: join the two", kind, list[j].Name, old.File, old.Line)
					continue
				}
				ps.patches[key] = &list[j]
			}
		}
	}
	return nil
}

// unusedPatches warns of descriptions of what is not there, as dbt does.
func (ps *parser) unusedPatches() {
	var names []string
	for _, n := range ps.p.m.Nodes {
		names = append(names, n.Name)
	}
	slices.Sort(names)
	for key, patch := range ps.patches {
		if !ps.used[key] && !strings.HasPrefix(key, "test.") {
			ps.warnf("%s:%d: %s %s: there is no such file%s", patch.File, patch.Line, strings.SplitN(key, ".", 2)[0], patch.Name, didYouMean(patch.Name, names))
		}
	}
	slices.Sort(ps.p.m.Warnings)
}

// add puts a node where it belongs; a second one of its name is a problem.
func (ps *parser) add(n *manifest.Node) bool {
	m := ps.p.m
	for _, nodes := range []map[string]*manifest.Node{m.Nodes, m.Disabled} {
		if old := nodes[n.UniqueID]; old != nil && (n.Config.Enabled && old.Config.Enabled) {
			ps.addf(n.Path, n.Line, "%s %s is there already, at %s: names are unique, rename one", n.Kind, n.Name, place(old))
			return false
		}
	}
	if !n.Config.Enabled {
		m.Disabled[n.UniqueID] = n
		return false
	}
	m.Nodes[n.UniqueID] = n
	return true
}

func place(n *manifest.Node) string {
	if n.Line > 1 {
		return fmt.Sprintf("%s:%d", n.Path, n.Line)
	}
	return n.Path
}

// tree is a kind's configuration in a package's dbt_project.yml.
func tree(c *dbtproject.Config, kind manifest.Kind) *yamltree.Value {
	return c.Trees[string(kind)+"s"]
}

// layers merges a node's configuration; told is what config() said, own what
// the property file says. Tests take the property file last: it is the single
// use of a test that others define.
func (ps *parser) layers(pkg *dbtproject.Package, n *manifest.Node, own func(*jinja.Dict), told *jinja.Dict) *jinja.Dict {
	d := jinja.NewDict()
	treeLayers(d, tree(pkg.Config, n.Kind), n.FQN)
	if n.Test != nil && n.Test.Generic {
		setAll(d, told)
		own(d)
	} else {
		own(d)
		setAll(d, told)
	}
	if pkg.Config != ps.p.root {
		treeLayers(d, tree(ps.p.root, n.Kind), n.FQN)
	}
	return d
}

// settle reads the merged configuration and gives the node its name in the lake.
func (ps *parser) settle(ctx context.Context, n *manifest.Node, d *jinja.Dict) {
	warn := func(text string) { ps.warnf("%s: %s", n.Path, text) }
	if err := settle(n, d, warn); err != nil {
		for _, line := range strings.Split(err.Error(), "\n") {
			ps.addf(n.Path, n.Line, "%s: %s", n.Name, line)
		}
		return
	}
	if n.Kind == manifest.Test {
		n.Relation = lakehouse.Name{Schema: ps.p.opts.Target.Schema, Table: n.Test.Short}
		return
	}
	schema, err := ps.name(ctx, "generate_schema_name", n, n.Config.Schema)
	if err != nil {
		ps.fail(n, err)
		return
	}
	alias, err := ps.name(ctx, "generate_alias_name", n, n.Config.Alias)
	if err != nil {
		ps.fail(n, err)
		return
	}
	n.Relation = lakehouse.Name{Schema: schema, Table: alias}
	if n.IsEphemeral() {
		return
	}
	if _, err := lakehouse.ParseName(n.Relation.String()); err != nil {
		ps.addf(n.Path, n.Line, "%s would be the relation %q: %v", n.Name, n.Relation, err)
	}
}

// name asks the project's macro for a schema or an alias.
func (ps *parser) name(ctx context.Context, macroName string, n *manifest.Node, custom string) (string, error) {
	m := ps.p.macros.find(ps.p.root.Name, macroName)
	if m == nil {
		return "", fmt.Errorf("macro %s is not there", macroName)
	}
	r := ps.s.newRender(n, false)
	dict := Dict(n)
	dict.SetString("alias", n.Name)
	v, err := r.callMacro(ctx, m, textOrNone(custom), dict)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(jinja.Str(v)), nil
}

// resolve turns refs and sources into dependencies.
func (ps *parser) resolve() {
	for _, n := range ps.p.m.Sorted() {
		n.DependsOn = nil
		disabled := ""
		for _, ref := range n.Refs {
			to := ps.p.resolveRef(ref, n.Package)
			switch {
			case to != nil:
				n.DependsOn = append(n.DependsOn, to.UniqueID)
			case n.Kind == manifest.Test && ps.p.lookupRef(ref, n.Package, ps.p.m.Disabled) != nil:
				disabled = ref.Name
			default:
				ps.addf(n.Path, callLine(n, "ref", ref.Name), "%s: %s", n.Name, ps.p.refProblem(ref))
			}
		}
		for _, s := range n.SourceIDs {
			to := ps.p.resolveSource(s[0], s[1])
			if to == nil {
				ps.addf(n.Path, callLine(n, "source", s[1]), "%s: %s", n.Name, ps.p.sourceProblem(s[0], s[1]))
				continue
			}
			n.DependsOn = append(n.DependsOn, to.UniqueID)
		}
		slices.Sort(n.DependsOn)
		n.DependsOn = slices.Compact(n.DependsOn)
		if disabled != "" {
			ps.warnf("%s:%d: test %s is left out: it reads %s, which is disabled", n.Path, n.Line, n.Name, disabled)
			delete(ps.p.m.Nodes, n.UniqueID)
			ps.p.m.Disabled[n.UniqueID] = n
		}
	}
}

// callLine finds the line of a call in a node's template; for a generic test
// it is the line of the property file.
func callLine(n *manifest.Node, function, name string) int {
	if n.Raw == "" || (n.Test != nil && n.Test.Generic) {
		return n.Line
	}
	call := regexp.MustCompile(function + `\s*\([^)]*['"]` + regexp.QuoteMeta(name) + `['"]`)
	if at := call.FindStringIndex(n.Raw); at != nil {
		return 1 + strings.Count(n.Raw[:at[0]], "\n")
	}
	return n.Line
}

// relations refuses two nodes that would be one table.
func (ps *parser) relations() {
	owner := map[string]*manifest.Node{}
	for _, n := range ps.p.m.Sorted() {
		if n.Kind == manifest.Test || n.Kind == manifest.Source || n.IsEphemeral() {
			continue
		}
		key := strings.ToLower(n.Relation.String())
		if old := owner[key]; old != nil {
			ps.addf(n.Path, n.Line, "%s and %s (%s) would both be the table %s: give one another alias or schema", n.Name, old.Name, old.Path, n.Relation)
			continue
		}
		owner[key] = n
	}
	for _, n := range ps.p.m.Sorted() {
		if old := owner[strings.ToLower(n.Relation.String())]; n.Kind == manifest.Source && old != nil {
			ps.addf(n.Path, n.Line, "source %s.%s is the table %s that %s makes: read it with ref('%s')", n.Source.Name, n.Name, n.Relation, old.Path, old.Name)
		}
	}
}
