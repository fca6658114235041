package compiler

import (
	"context"
	"crypto/md5" // names, as dbt makes them
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/transform/dbtproject"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/manifest"
	"github.com/floe-data/floe/runtime/transform/yamltree"
)

// testArg is an argument of a generic test, not yet rendered.
type testArg struct {
	name  string
	value *yamltree.Value
}

// kwargsName is what dbt calls a generic test's arguments.
const kwargsName = "_dbt_generic_test_kwargs"

// generic makes the generic tests that a package's property files ask for.
func (ps *parser) generic(ctx context.Context, pkg *dbtproject.Package) error {
	for _, f := range pkg.Properties {
		for kind, list := range map[string][]dbtproject.Resource{"model": f.Models, "seed": f.Seeds} {
			for _, res := range list {
				id := kind + "." + pkg.Name + "." + res.Name
				if ps.p.m.Nodes[id] == nil {
					continue // disabled, or warned of already
				}
				t := tested{pkg: pkg, folders: res.Folders, id: id, name: res.Name, model: fmt.Sprintf("ref('%s', '%s')", pkg.Name, res.Name)}
				if pkg.Config == ps.p.root {
					t.model = fmt.Sprintf("ref('%s')", res.Name)
				}
				ps.testsOf(ctx, t, res.Tests, res.Columns)
			}
		}
		for _, s := range f.Sources {
			for _, table := range s.Tables {
				id := fmt.Sprintf("source.%s.%s.%s", pkg.Name, s.Name, table.Name)
				if ps.p.m.Nodes[id] == nil {
					continue
				}
				ps.testsOf(ctx, tested{pkg: pkg, folders: s.Folders, id: id, name: s.Name + "_" + table.Name, prefix: "source_",
					tags:  slices.Concat(s.Tags, table.Tags),
					model: fmt.Sprintf("source('%s', '%s')", s.Name, table.Name)}, table.Tests, table.Columns)
			}
		}
	}
	return nil
}

// tested is what a generic test is written under.
type tested struct {
	pkg     *dbtproject.Package
	folders []string // of the property file
	id      string
	name    string
	prefix  string // of the tests' names
	tags    []string
	model   string // the call that gives the relation
}

func (ps *parser) testsOf(ctx context.Context, t tested, own []dbtproject.TestEntry, columns []dbtproject.Column) {
	for _, e := range own {
		ps.test(ctx, t, e, nil)
	}
	for i := range columns {
		for _, e := range columns[i].Tests {
			ps.test(ctx, t, e, &columns[i])
		}
	}
}

// test makes one node.
func (ps *parser) test(ctx context.Context, t tested, e dbtproject.TestEntry, col *dbtproject.Column) {
	n := ps.testNode(t, e, col)
	m := ps.testMacro(t, e)
	if m == nil {
		ps.addf(e.File, e.Line, "%s", ps.noTest(e, t.pkg.Name))
		return
	}
	args := ps.testArgs(t, e, col)
	ps.p.testArgs[n.UniqueID] = args
	own := func(d *jinja.Dict) {
		if len(t.tags) > 0 {
			setConfig(d, "tags", stringList(t.tags))
		}
		if col != nil && len(col.Tags) > 0 {
			setConfig(d, "tags", stringList(col.Tags))
		}
		for _, p := range e.Config {
			setConfig(d, p.Key, fromYAML(p.Value))
		}
	}
	n.Config.Values = ps.layers(t.pkg, n, own, nil)
	tmpl, err := jinja.ParseAt(e.File, n.Raw, max(e.Line, 1))
	if err != nil {
		ps.fail(n, err)
		return
	}
	r := ps.s.newRender(n, false)
	if err := r.bindTest(ctx, args); err != nil {
		ps.fail(n, err)
		return
	}
	if _, err := r.text(ctx, tmpl); err != nil {
		ps.fail(n, err)
		return
	}
	ps.keep(n, r)
	ps.settle(ctx, n, ps.layers(t.pkg, n, own, r.told))
	if ps.add(n) {
		ps.p.templates[n.UniqueID] = tmpl
	}
}

func (ps *parser) testNode(t tested, e dbtproject.TestEntry, col *dbtproject.Column) *manifest.Node {
	short, full := testNames(t, e, col)
	n := &manifest.Node{Kind: manifest.Test, Name: full, Package: t.pkg.Name, FQN: append(append([]string{t.pkg.Name}, t.folders...), full),
		Path: e.File, Rel: short + ".sql", Line: e.Line, Root: t.pkg.Root, Description: e.Docs,
		Test: &manifest.TestInfo{Generic: true, Name: e.Test, Namespace: e.Namespace, Attached: t.id, Short: short}}
	if col != nil {
		n.Test.Column = col.Name
	}
	space := ""
	if e.Namespace != "" {
		space = e.Namespace + "."
	}
	n.Raw = fmt.Sprintf("{{ %stest_%s(**%s) }}", space, e.Test, kwargsName)
	n.UniqueID = fmt.Sprintf("test.%s.%s.%s", t.pkg.Name, full, testHash(t, e, col))
	return n
}

// testMacro finds the macro that a generic test is.
func (ps *parser) testMacro(t tested, e dbtproject.TestEntry) *macro {
	return ps.p.macros.in(e.Namespace, t.pkg.Name, "test_"+e.Test)
}

func (ps *parser) noTest(e dbtproject.TestEntry, pkg string) string {
	if e.Namespace != "" && ps.p.macros.packages[e.Namespace] == nil {
		return fmt.Sprintf("test %s.%s: the package %s is not in %s", e.Namespace, e.Test, e.Namespace, ps.p.root.PackagesPath)
	}
	var known []string
	names := ps.p.macros.names(pkg)
	if e.Namespace != "" {
		names = sorted(keysOf(ps.p.macros.packages[e.Namespace]))
	}
	for _, n := range names {
		if rest, ok := strings.CutPrefix(n, "test_"); ok {
			known = append(known, rest)
		}
	}
	hint := didYouMean(e.Test, known)
	if hint == "" {
		hint = "; there are " + strings.Join(known, ", ")
	}
	return fmt.Sprintf("unknown test %s%s", e.Test, hint)
}

// testArgs are the arguments: the relation, the column, and what is written.
func (ps *parser) testArgs(t tested, e dbtproject.TestEntry, col *dbtproject.Column) []testArg {
	text := func(s string) *yamltree.Value { return yamltree.Of(s, e.Line) }
	args := []testArg{{"model", text("{{ get_where_subquery(" + t.model + ") }}")}}
	if col != nil {
		args = append(args, testArg{"column_name", text(columnText(col))})
	}
	for _, p := range e.Args {
		if p.Key == "column_name" && col != nil {
			continue
		}
		args = append(args, testArg{p.Key, p.Value})
	}
	return args
}

// columnText is a column's name as SQL has it.
func columnText(c *dbtproject.Column) string {
	if c.Quote {
		return quote(c.Name)
	}
	return c.Name
}

// callText is an argument that is a call without braces: to: ref('players').
var callText = regexp.MustCompile(`(?s)^\s*(env_var|ref|var|source|doc)\s*\(.+\)\s*$`)

// bindTest renders a generic test's arguments and hands them to its template.
func (r *render) bindTest(ctx context.Context, args []testArg) error {
	d := jinja.NewDict()
	for _, a := range args {
		v, err := r.testValue(ctx, a)
		if err != nil {
			return err
		}
		d.SetString(a.name, v)
	}
	r.extra[kwargsName] = d
	return nil
}

func (r *render) testValue(ctx context.Context, a testArg) (jinja.Value, error) {
	v := a.value
	if v != nil && v.Kind == yamltree.List || v != nil && v.Kind == yamltree.Map {
		return r.testCollection(ctx, v)
	}
	s, ok := "", false
	if v != nil {
		s, ok = v.Scalar.(string)
	}
	switch {
	case !ok:
		return fromYAML(v), nil
	case callText.MatchString(s):
		return r.value(ctx, r.node.Path, s)
	case yamltree.HasTemplate(s):
		return r.native(ctx, r.node.Path, s)
	}
	return s, nil
}

func (r *render) testCollection(ctx context.Context, v *yamltree.Value) (jinja.Value, error) {
	if v.Kind == yamltree.List {
		l := jinja.NewList()
		for _, x := range v.Items {
			e, err := r.testValue(ctx, testArg{value: x})
			if err != nil {
				return nil, err
			}
			l.Append(e)
		}
		return l, nil
	}
	d := jinja.NewDict()
	for _, p := range v.Pairs {
		e, err := r.testValue(ctx, testArg{value: p.Value})
		if err != nil {
			return nil, err
		}
		d.SetString(p.Key, e)
	}
	return d, nil
}

var notNameChar = regexp.MustCompile(`[^0-9a-zA-Z_]+`)

// testNames are dbt's synthetic names: the full one for the id, and one of at
// most 63 letters for the compiled file.
func testNames(t tested, e dbtproject.TestEntry, col *dbtproject.Column) (short, full string) {
	if e.CustomName != "" {
		return e.CustomName, e.CustomName
	}
	args := map[string][]string{}
	if col != nil {
		args["column_name"] = []string{columnText(col)}
	}
	for _, p := range e.Args {
		args[p.Key] = flat(p.Value)
	}
	var words []string
	for _, k := range sorted(keysOf(args)) {
		for _, w := range args[k] {
			words = append(words, notNameChar.ReplaceAllString(w, "_"))
		}
	}
	kind := t.prefix + e.Test
	if e.Namespace != "" {
		kind = e.Namespace + "_" + kind
	}
	full = kind + "_" + t.name + "_" + strings.Join(words, "__")
	if len(full) < 64 {
		return full, full
	}
	trunc := kind + "_" + t.name
	return trunc[:min(30, len(trunc))] + "_" + sum(full), full
}

func flat(v *yamltree.Value) []string {
	switch {
	case v == nil:
		return []string{"None"}
	case v.Kind == yamltree.List:
		var out []string
		for _, x := range v.Items {
			out = append(out, jinja.Str(fromYAML(x)))
		}
		return out
	case v.Kind == yamltree.Map:
		var out []string
		for _, p := range v.Pairs {
			out = append(out, jinja.Str(fromYAML(p.Value)))
		}
		return out
	}
	return []string{jinja.Str(v.Scalar)}
}

// testHash tells two uses of a test apart that have the same name.
func testHash(t tested, e dbtproject.TestEntry, col *dbtproject.Column) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%s|%s|%s", t.id, e.Namespace, e.Test, e.CustomName)
	if col != nil {
		b.WriteString("|" + col.Name)
	}
	for _, pairs := range [][]yamltree.Pair{e.Args, e.Config} {
		for _, p := range pairs {
			fmt.Fprintf(&b, "|%s=%s", p.Key, jinja.Repr(fromYAML(p.Value)))
		}
	}
	return sum(b.String())[22:]
}

func sum(text string) string {
	h := md5.Sum([]byte(text)) // see above
	return hex.EncodeToString(h[:])
}

func sorted(in []string) []string {
	slices.Sort(in)
	return in
}

func keysOf[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}
