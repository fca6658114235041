package compiler

import (
	"context"
	"fmt"
	"strings"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/transform/dbtproject"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/manifest"
	"github.com/floe-data/floe/runtime/transform/yamltree"
)

// newNode makes a node of a file.
func newNode(kind manifest.Kind, pkg *dbtproject.Package, f dbtproject.File) *manifest.Node {
	fqn := append([]string{pkg.Name}, f.Folders()...)
	return &manifest.Node{UniqueID: string(kind) + "." + pkg.Name + "." + f.Stem(), Kind: kind, Name: f.Stem(), Package: pkg.Name,
		FQN: append(fqn, f.Stem()), Path: f.Path, Rel: f.Rel, Line: 1, Raw: f.Text, Root: pkg.Root}
}

// patch finds and uses a node's entry in a property file; nil if it has none.
func (ps *parser) patch(n *manifest.Node) *dbtproject.Resource {
	key := n.UniqueID
	res := ps.patches[key]
	if res != nil {
		ps.used[key] = true
		n.PatchPath = n.Package + "://" + res.File
	}
	return res
}

// patchLayer lays a property file's configuration.
func patchLayer(res *dbtproject.Resource) func(*jinja.Dict) {
	return func(d *jinja.Dict) {
		if res == nil {
			return
		}
		yamlLayer(d, res.Config)
		if res.Meta != nil {
			setConfig(d, "meta", fromYAML(res.Meta))
		}
	}
}

// describe takes over descriptions and columns.
func (ps *parser) describe(ctx context.Context, n *manifest.Node, file string, line int, text string, columns []dbtproject.Column) {
	n.Description = ps.description(ctx, n, file, line, text)
	for _, c := range columns {
		meta := metaOf(c.Meta)
		ps.checkColumnMeta(n, file, c.Line, c.Name, meta)
		n.Columns = append(n.Columns, manifest.Column{Name: c.Name, DataType: c.DataType, Tags: c.Tags, Meta: meta,
			Description: ps.description(ctx, n, file, c.Line, c.Description)})
	}
}

// MetaOf is a column's meta in Go's own values.
func MetaOf(c manifest.Column) map[string]any {
	m, _ := plain(c.Meta).(map[string]any)
	return m
}

func metaOf(v *yamltree.Value) jinja.Value {
	if v == nil {
		return jinja.NewDict()
	}
	return fromYAML(v)
}

func (ps *parser) description(ctx context.Context, n *manifest.Node, file string, line int, text string) string {
	if !yamltree.HasTemplate(text) {
		return text
	}
	t, err := jinja.ParseAt(file, text, max(line, 1))
	if err != nil {
		ps.fail(n, err)
		return text
	}
	out, err := ps.s.newRender(n, false).text(ctx, t)
	if err != nil {
		ps.fail(n, err)
		return text
	}
	return out
}

// models parses a package's models.
func (ps *parser) models(ctx context.Context, pkg *dbtproject.Package) error {
	for _, f := range pkg.Models {
		ps.template(ctx, pkg, newNode(manifest.Model, pkg, f))
	}
	return nil
}

// template parses a model or a singular test: a first rendering tells its
// configuration and what it reads.
func (ps *parser) template(ctx context.Context, pkg *dbtproject.Package, n *manifest.Node) {
	res := ps.patch(n)
	own := patchLayer(res)
	n.Config.Values = ps.layers(pkg, n, own, nil)
	n.Relation = lakehouse.Name{Schema: ps.p.opts.Target.Schema, Table: n.Name} // what `this` is before names are settled
	if strings.TrimSpace(n.Raw) == "" {
		ps.addf(n.Path, 1, "the file is empty: write a select")
		return
	}
	t, err := jinja.Parse(n.Path, n.Raw)
	if err != nil {
		ps.fail(n, err)
		return
	}
	r := ps.s.newRender(n, false)
	if _, err := r.text(ctx, t); err != nil {
		ps.fail(n, err)
		return
	}
	ps.keep(n, r)
	ps.settle(ctx, n, ps.layers(pkg, n, own, r.told))
	if res != nil {
		ps.describe(ctx, n, res.File, res.Line, res.Description, res.Columns)
	}
	if ps.add(n) {
		ps.p.templates[n.UniqueID] = t
	}
}

// keep takes over what a rendering told.
func (ps *parser) keep(n *manifest.Node, r *render) {
	n.Refs, n.SourceIDs = r.refs, r.tables
	n.Macros = nil
	for id := range r.called {
		n.Macros = append(n.Macros, id)
	}
	n.Macros = sorted(n.Macros)
}

// seeds parses a package's seeds.
func (ps *parser) seeds(ctx context.Context, pkg *dbtproject.Package) error {
	for _, f := range pkg.Seeds {
		n := newNode(manifest.Seed, pkg, f)
		res := ps.patch(n)
		ps.settle(ctx, n, ps.layers(pkg, n, patchLayer(res), nil))
		if res != nil {
			ps.describe(ctx, n, res.File, res.Line, res.Description, res.Columns)
		}
		ps.add(n)
	}
	return nil
}

// sourceTables parses a package's sources.
func (ps *parser) sourceTables(ctx context.Context, pkg *dbtproject.Package) error {
	for _, f := range pkg.Properties {
		for _, s := range f.Sources {
			for _, t := range s.Tables {
				ps.sourceTable(ctx, pkg, s, t)
			}
		}
	}
	return nil
}

func (ps *parser) sourceTable(ctx context.Context, pkg *dbtproject.Package, s dbtproject.Source, t dbtproject.SourceTable) {
	n := &manifest.Node{UniqueID: fmt.Sprintf("source.%s.%s.%s", pkg.Name, s.Name, t.Name), Kind: manifest.Source, Name: t.Name,
		Package: pkg.Name, FQN: append(append([]string{pkg.Name}, s.Folders...), s.Name, t.Name), Path: s.File, Rel: s.File, Line: t.Line,
		Root: pkg.Root, Source: &manifest.SourceInfo{Name: s.Name, Identifier: t.Identifier}}
	d := ps.layers(pkg, n, func(d *jinja.Dict) {
		setConfig(d, "tags", stringList(append(append([]string(nil), s.Tags...), t.Tags...)))
		for _, v := range []*yamltree.Value{s.Config, t.Config} {
			yamlLayer(d, v)
		}
		for _, v := range []*yamltree.Value{s.Meta, t.Meta} {
			if v != nil {
				setConfig(d, "meta", fromYAML(v))
			}
		}
	}, nil)
	if err := settle(n, d, func(text string) { ps.warnf("%s: %s", n.Path, text) }); err != nil {
		ps.addf(n.Path, n.Line, "source %s.%s: %v", s.Name, t.Name, err)
		return
	}
	n.Relation = lakehouse.Name{Schema: s.Schema, Table: t.Identifier}
	if _, err := lakehouse.ParseName(n.Relation.String()); err != nil {
		ps.addf(n.Path, n.Line, "source %s.%s: %v", s.Name, t.Name, err)
	}
	ps.describe(ctx, n, s.File, t.Line, t.Description, t.Columns)
	if ps.add(n) {
		ps.p.sources[s.Name+"."+t.Name] = n
	}
}

// singular parses a package's singular tests.
func (ps *parser) singular(ctx context.Context, pkg *dbtproject.Package) error {
	for _, f := range pkg.Tests {
		n := newNode(manifest.Test, pkg, f)
		n.Test = &manifest.TestInfo{Name: n.Name, Short: n.Name}
		ps.template(ctx, pkg, n)
	}
	return nil
}
