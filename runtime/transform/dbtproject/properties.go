package dbtproject

import (
	"fmt"
	"slices"

	"github.com/floe-data/floe/runtime/transform/yamltree"
)

// Properties is one property file.
type Properties struct {
	Path    string // of the file, from the project's root
	Folders []string
	Models  []Resource
	Seeds   []Resource
	Tests   []Resource // singular tests, macros of generic ones
	Macros  []Resource
	Sources []Source
}

// Resource is the properties of a model, a seed, a singular test or a macro.
type Resource struct {
	Name        string
	Description string
	File        string
	Line        int
	Folders     []string        // of the property file, below its search path
	Config      *yamltree.Value // a mapping or nil
	Meta        *yamltree.Value
	Columns     []Column
	Tests       []TestEntry
}

// Column is a documented column.
type Column struct {
	Name        string
	Description string
	DataType    string
	Quote       bool
	Tags        []string
	Meta        *yamltree.Value
	Tests       []TestEntry
	Line        int
}

// TestEntry is one generic test as a property file names it.
type TestEntry struct {
	Namespace  string // the package whose test it is, "" for the project's own and dbt's
	Test       string // "not_null"
	CustomName string
	Args       []yamltree.Pair
	Config     []yamltree.Pair
	Docs       string
	File       string
	Line       int
}

// Source is a source with its tables.
type Source struct {
	Name        string
	Schema      string // default: the name
	Description string
	Tags        []string
	Meta        *yamltree.Value
	Config      *yamltree.Value
	Tables      []SourceTable
	File        string
	Line        int
	Folders     []string
}

// SourceTable is one table of a source.
type SourceTable struct {
	Name        string
	Identifier  string // default: the name
	Description string
	Tags        []string
	Meta        *yamltree.Value
	Config      *yamltree.Value
	Columns     []Column
	Tests       []TestEntry
	Line        int
}

var (
	fileKeys = []string{"version", "models", "seeds", "sources", "tests", "data_tests", "macros", "analyses",
		"snapshots", "exposures", "groups", "metrics", "semantic_models", "saved_queries", "unit_tests", "functions", "anchors"}
	resourceKeys = []string{"name", "description", "docs", "config", "meta", "columns", "tests", "data_tests",
		"access", "group", "constraints", "versions", "latest_version", "deprecation_date", "defined_in", "time_spine", "arguments"}
	columnKeys = []string{"name", "description", "docs", "data_type", "quote", "meta", "tags", "config", "tests", "data_tests",
		"constraints", "policy_tags", "granularity", "time_granularity", "dimension", "entity"}
	sourceKeys = []string{"name", "description", "database", "schema", "loader", "loaded_at_field", "loaded_at_query", "freshness",
		"meta", "tags", "config", "quoting", "overrides", "tables", "docs"}
	tableKeys = []string{"name", "description", "identifier", "loader", "loaded_at_field", "loaded_at_query", "freshness", "docs",
		"meta", "tags", "config", "quoting", "columns", "tests", "data_tests", "external", "constraints"}
	// unsupported says, for a key of a property file, what to do instead.
	unsupported = map[string]string{
		"snapshots":       "snapshots are not supported: every table keeps its own history (Iceberg snapshots)",
		"unit_tests":      "unit tests are not supported yet: write a singular test, or a seed and a model's test over it",
		"metrics":         "metrics are not supported: write a model",
		"semantic_models": "semantic models are not supported: write a model",
		"saved_queries":   "saved queries are not supported: write a model",
		"functions":       "functions are not supported: write a macro",
	}
)

func (w *walker) properties(f File) error {
	text, err := yamltree.Parse([]byte(f.Text))
	if err != nil {
		w.r.Problems = append(w.r.Problems, yamltree.Problem{File: f.Path, Msg: err.Error()})
		return nil
	}
	tree, err := renderTree(text, w.render, f.Path, skipProperty)
	if err != nil {
		return err
	}
	w.r.File = f.Path
	w.p.Properties = append(w.p.Properties, w.decode(f, tree))
	return nil
}

// skipProperty keeps descriptions and tests, which are rendered with the node.
func skipProperty(path []string) bool {
	return path[len(path)-1] == "description" || slices.Contains(path, "tests") || slices.Contains(path, "data_tests") || skipLate(path)
}

func (w *walker) decode(f File, tree *yamltree.Value) Properties {
	r, p := w.r, Properties{Path: f.Path, Folders: f.Folders()}
	if !r.Keys(tree, "", fileKeys...) || tree.Kind == yamltree.Null {
		return p
	}
	if v := tree.Get("version"); v != nil && v.Text() != "2" {
		r.Addf(v.Line, "version", "found %s; property files are version: 2", v.Text())
	}
	for _, pair := range tree.Pairs {
		if why, ok := unsupported[pair.Key]; ok && len(pair.Value.Items) > 0 {
			r.Addf(pair.Line, pair.Key, "%s", why)
		}
		if pair.Key == "exposures" || pair.Key == "groups" {
			w.p.Warnings = append(w.p.Warnings, fmt.Sprintf("%s:%d: %s: floe has none; they have no effect", f.Path, pair.Line, pair.Key))
		}
	}
	d := decoder{r: r, file: f}
	p.Models = d.resources(tree.Get("models"), "models")
	p.Seeds = d.resources(tree.Get("seeds"), "seeds")
	p.Macros = d.resources(tree.Get("macros"), "macros")
	p.Tests = append(d.resources(tree.Get("tests"), "tests"), d.resources(tree.Get("data_tests"), "data_tests")...)
	for i, v := range r.List(tree.Get("sources"), "sources") {
		p.Sources = append(p.Sources, d.source(v, fmt.Sprintf("sources[%d]", i)))
	}
	return p
}

type decoder struct {
	r    *yamltree.Reader
	file File
}

// named gives a readable key: models[fct_games].
func (d decoder) named(v *yamltree.Value, at string, i int) (name, key string) {
	name = d.r.String(v.Get("name"), at+".name")
	if name == "" {
		if v.Kind == yamltree.Map {
			d.r.Addf(v.Line, fmt.Sprintf("%s[%d]", at, i), "no name: each entry begins with - name: …")
		}
		return "", fmt.Sprintf("%s[%d]", at, i)
	}
	return name, fmt.Sprintf("%s[%s]", at, name)
}

func (d decoder) resources(list *yamltree.Value, at string) []Resource {
	var out []Resource
	for i, v := range d.r.List(list, at) {
		name, key := d.named(v, at, i)
		d.keys(v, key, resourceKeys)
		for _, k := range []string{"versions", "latest_version"} {
			if x := v.Get(k); x != nil {
				d.r.Addf(x.Line, key+"."+k, "model versions are not supported: give each version its own name")
			}
		}
		if meta := v.Get("meta"); meta != nil && v.Get("config").Get("meta") != nil {
			d.r.Addf(meta.Line, key+".meta", "meta is under config: as well: write it there only")
		}
		res := Resource{Name: name, Description: d.r.String(v.Get("description"), key+".description"),
			File: d.file.Path, Line: v.Line, Folders: d.file.Folders(),
			Config: d.mapping(v.Get("config"), key+".config"), Meta: d.mapping(v.Get("meta"), key+".meta"),
			Columns: d.columns(v.Get("columns"), key), Tests: d.tests(v, key)}
		out = append(out, res)
	}
	return out
}

// keys checks an entry's keys; one that belongs under config is told so.
func (d decoder) keys(v *yamltree.Value, at string, known []string) {
	if v.Kind != yamltree.Map {
		d.r.Keys(v, at, known...)
		return
	}
	rest := *v
	rest.Pairs = nil
	for _, p := range v.Pairs {
		if slices.Contains(configKeys, p.Key) && !slices.Contains(known, p.Key) {
			d.r.Addf(p.Line, yamltree.Join(at, p.Key), "this is configuration: write it under config:")
			continue
		}
		rest.Pairs = append(rest.Pairs, p)
	}
	d.r.Keys(&rest, at, known...)
}

// configKeys are those that people write one level too high.
var configKeys = []string{"materialized", "schema", "alias", "enabled", "unique_key", "incremental_strategy", "on_schema_change",
	"partitioned_by", "pre_hook", "post_hook", "pre-hook", "post-hook", "persist_docs", "full_refresh", "column_types", "delimiter", "tags"}

func (d decoder) mapping(v *yamltree.Value, at string) *yamltree.Value {
	if v == nil || v.Kind == yamltree.Null {
		return nil
	}
	if v.Kind != yamltree.Map {
		d.r.Addf(v.Line, at, "found %s; a mapping is needed", v.Kind)
		return nil
	}
	return v
}

func (d decoder) columns(list *yamltree.Value, at string) []Column {
	var out []Column
	for i, v := range d.r.List(list, at+".columns") {
		name, key := d.named(v, at+".columns", i)
		d.r.Keys(v, key, columnKeys...)
		cfg := d.mapping(v.Get("config"), key+".config")
		c := Column{Name: name, Description: d.r.String(v.Get("description"), key+".description"), Line: v.Line,
			DataType: d.r.String(v.Get("data_type"), key+".data_type"), Quote: d.r.Bool(v.Get("quote"), key+".quote", false),
			Tags: d.r.Strings(v.Get("tags"), key+".tags"), Meta: d.mapping(v.Get("meta"), key+".meta"), Tests: d.tests(v, key)}
		c.Tags = append(c.Tags, d.r.Strings(cfg.Get("tags"), key+".config.tags")...)
		if c.Meta == nil {
			c.Meta = d.mapping(cfg.Get("meta"), key+".config.meta")
		}
		out = append(out, c)
	}
	return out
}

func (d decoder) source(v *yamltree.Value, at string) Source {
	d.r.Keys(v, at, sourceKeys...)
	s := Source{Name: d.r.String(v.Get("name"), at+".name"), Schema: d.r.String(v.Get("schema"), at+".schema"),
		Description: d.r.String(v.Get("description"), at+".description"), Tags: d.r.Strings(v.Get("tags"), at+".tags"),
		Meta: d.mapping(v.Get("meta"), at+".meta"), Config: d.mapping(v.Get("config"), at+".config"),
		File: d.file.Path, Line: v.Line, Folders: d.file.Folders()}
	if s.Name == "" {
		d.r.Addf(v.Line, at, "no name: each source begins with - name: …")
	} else {
		at = fmt.Sprintf("sources[%s]", s.Name)
	}
	if s.Schema == "" {
		s.Schema = s.Name
	}
	for i, t := range d.r.List(v.Get("tables"), at+".tables") {
		name, key := d.named(t, at+".tables", i)
		d.r.Keys(t, key, tableKeys...)
		table := SourceTable{Name: name, Identifier: d.r.String(t.Get("identifier"), key+".identifier"),
			Description: d.r.String(t.Get("description"), key+".description"), Tags: d.r.Strings(t.Get("tags"), key+".tags"),
			Meta: d.mapping(t.Get("meta"), key+".meta"), Config: d.mapping(t.Get("config"), key+".config"),
			Columns: d.columns(t.Get("columns"), key), Tests: d.tests(t, key), Line: t.Line}
		if table.Identifier == "" {
			table.Identifier = name
		}
		s.Tables = append(s.Tables, table)
	}
	return s
}
