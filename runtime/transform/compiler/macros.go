package compiler

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/transform/dbtproject"
	"github.com/floe-data/floe/runtime/transform/jinja"
)

//go:embed builtin/*.sql
var builtin embed.FS

// dbtPackage is the name under which the built-in macros are called: dbt.dateadd.
const dbtPackage = "dbt"

// macro is one macro; its text is parsed when it is first called.
type macro struct {
	pkg   string
	name  string // dbt's name: tests are test_<name>
	file  string
	block jinja.Block

	once sync.Once
	tmpl *jinja.Template
	err  error
}

func (m *macro) id() string { return "macro." + m.pkg + "." + m.name }

func (m *macro) template() (*jinja.Template, error) {
	m.once.Do(func() { m.tmpl, m.err = m.block.Parse() })
	return m.tmpl, m.err
}

// macroIndex finds macros by package and name.
type macroIndex struct {
	root     string
	packages map[string]map[string]*macro
}

var macroBlocks = []string{"macro", "test", "data_test", "materialization", "docs", "snapshot"}

// indexMacros reads the macros of all packages; the first is the root.
func indexMacros(packages []*dbtproject.Package) (*macroIndex, error) {
	ix := &macroIndex{root: packages[0].Name, packages: map[string]map[string]*macro{dbtPackage: {}}}
	entries, err := fs.ReadDir(builtin, "builtin")
	if err != nil {
		return nil, fmt.Errorf("read built-in macros: %w", err)
	}
	for _, e := range entries {
		text, err := fs.ReadFile(builtin, "builtin/"+e.Name())
		if err != nil {
			return nil, fmt.Errorf("read built-in macros: %w", err)
		}
		if err := ix.add(dbtPackage, dbtproject.File{Path: "dbt/" + e.Name(), Text: string(text)}); err != nil {
			return nil, err
		}
	}
	for _, p := range packages {
		if ix.packages[p.Name] == nil {
			ix.packages[p.Name] = map[string]*macro{}
		}
		for _, f := range slices.Concat(p.Macros, p.GenericTests) {
			if err := ix.add(p.Name, f); err != nil {
				return nil, fault.New(fault.Usage, err, "")
			}
		}
	}
	return ix, ix.check(packages[0].Name)
}

func (ix *macroIndex) add(pkg string, f dbtproject.File) error {
	blocks, err := jinja.Blocks(f.Path, f.Text, macroBlocks...)
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if b.Kind == "docs" || b.Kind == "snapshot" {
			continue
		}
		m := &macro{pkg: pkg, name: b.Macro, file: f.Path, block: b}
		if old := ix.packages[pkg][m.name]; old != nil {
			return fmt.Errorf("%s:%d: %s %s is there already, at %s:%d: rename one", f.Path, b.Line, b.Kind, b.Name, old.file, old.block.Line)
		}
		ix.packages[pkg][m.name] = m
	}
	return nil
}

// check parses the root project's macros, so that a slip is found before anything runs.
func (ix *macroIndex) check(pkg string) error {
	var lines []string
	for _, m := range ix.packages[pkg] {
		if _, err := m.template(); err != nil {
			lines = append(lines, err.Error())
		}
	}
	if len(lines) == 0 {
		return nil
	}
	slices.Sort(lines)
	return fault.New(fault.Usage, fmt.Errorf("macros are not right:\n%s", strings.Join(lines, "\n")), "")
}

// find looks where dbt looks: the node's package, the root project, dbt's own.
func (ix *macroIndex) find(pkg, name string) *macro {
	if m := ix.findOwn(pkg, name); m != nil {
		return m
	}
	return ix.packages[dbtPackage][name]
}

func (ix *macroIndex) findOwn(pkg, name string) *macro {
	if m := ix.packages[pkg][name]; m != nil {
		return m
	}
	return ix.packages[ix.root][name]
}

// in looks in one package; "" is everywhere, as seen from pkg.
func (ix *macroIndex) in(where, pkg, name string) *macro {
	if where == "" {
		return ix.find(pkg, name)
	}
	return ix.packages[where][name]
}

// names are the macros that pkg can call by their bare names.
func (ix *macroIndex) names(pkg string) []string {
	var out []string
	for _, p := range []string{pkg, ix.root, dbtPackage} {
		for n := range ix.packages[p] {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// macroCall is a macro as a template calls it: bound to one render, and the
// place where return() ends.
type macroCall struct {
	m *macro
	r *render
}

// Call runs the macro.
func (c *macroCall) Call(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	t, err := c.m.template()
	if err != nil {
		return nil, err
	}
	f, ok := t.Macro(c.r.strict, c.m.block.Macro)
	if !ok {
		return nil, jinja.Errorf("CompilationError", "macro %s is not in its block", c.m.name)
	}
	c.r.called[c.m.id()] = true
	return jinja.Catch(f.Call(s, a))
}

// TypeName is dbt's.
func (c *macroCall) TypeName() string { return "MacroGenerator" }

// namespace is a package's macros: dbt_utils.star(…).
type namespace struct {
	name string
	r    *render
}

// Attr finds a macro.
func (n *namespace) Attr(name string) (jinja.Value, bool) {
	if v, ok := n.Item(name); ok {
		return v, true
	}
	if name == "get" {
		return jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
			if v, ok := n.Item(a.Get(0, "key", nil)); ok {
				return v, nil
			}
			return a.Get(1, "default", nil), nil
		}), true
	}
	return nil, false
}

// Item finds a macro.
func (n *namespace) Item(key jinja.Value) (jinja.Value, bool) {
	name, ok := key.(string)
	if !ok {
		return nil, false
	}
	m := n.r.p.macros.packages[n.name][name]
	if m == nil {
		return nil, false
	}
	return n.r.bind(m), true
}

// Has answers `in`.
func (n *namespace) Has(key jinja.Value) bool {
	_, ok := n.Item(key)
	return ok
}
