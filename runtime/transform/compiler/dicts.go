package compiler

import (
	"strings"

	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// nodeDict is a node as `model` and `graph.nodes` show it.
func nodeDict(n *manifest.Node, config *jinja.Dict) *jinja.Dict {
	columns := jinja.NewDict()
	for _, c := range n.Columns {
		columns.SetString(c.Name, jinja.DictOf("name", c.Name, "description", c.Description, "meta", c.Meta,
			"data_type", textOrNone(c.DataType), "tags", stringList(c.Tags)))
	}
	refs, sources := jinja.NewList(), jinja.NewList()
	for _, r := range n.Refs {
		refs.Append(jinja.DictOf("name", r.Name, "package", textOrNone(r.Package), "version", nil))
	}
	for _, s := range n.SourceIDs {
		sources.Append(jinja.NewList(s[0], s[1]))
	}
	var meta jinja.Value = jinja.NewDict()
	if config != nil {
		config = config.Copy()
		if m, ok := config.GetString("meta"); ok {
			meta = m
		}
		for _, key := range []string{"schema", "alias"} {
			if _, ok := config.GetString(key); !ok {
				config.SetString(key, nil)
			}
		}
	}
	d := jinja.DictOf(
		"unique_id", n.UniqueID, "resource_type", string(n.Kind), "name", n.Name, "alias", n.Relation.Table,
		"package_name", n.Package, "path", n.Rel, "original_file_path", n.Path, "fqn", stringList(n.FQN),
		"database", nil, "schema", n.Relation.Schema, "description", n.Description, "columns", columns,
		"config", config, "meta", meta, "tags", stringList(n.Config.Tags), "refs", refs, "sources", sources,
		"depends_on", jinja.DictOf("nodes", stringList(n.DependsOn), "macros", stringList(n.Macros)),
		"raw_code", n.Raw, "raw_sql", n.Raw, "language", "sql", "patch_path", textOrNone(n.PatchPath),
		"relation_name", textOrNone(relationName(n)))
	if n.Source != nil {
		d.SetString("source_name", n.Source.Name)
		d.SetString("identifier", n.Source.Identifier)
	}
	if n.Test != nil && n.Test.Generic {
		d.SetString("test_metadata", jinja.DictOf("name", n.Test.Name, "namespace", textOrNone(n.Test.Namespace)))
		d.SetString("column_name", textOrNone(n.Test.Column))
		d.SetString("attached_node", textOrNone(n.Test.Attached))
	}
	return d
}

func relationName(n *manifest.Node) string {
	if n.Kind == manifest.Test || n.IsEphemeral() || n.Relation.Table == "" {
		return ""
	}
	return quote(n.Relation.Schema) + "." + quote(n.Relation.Table)
}

func textOrNone(s string) jinja.Value {
	if s == "" {
		return nil
	}
	return s
}

// Dict is a node as dbt's context and manifest.json show it.
func Dict(n *manifest.Node) *jinja.Dict {
	config, _ := n.Config.Values.(*jinja.Dict)
	return nodeDict(n, config)
}

// graphDict is `graph`: made anew for each render, as templates may change it.
func (p *Project) graphDict() jinja.Value {
	nodes, sources := jinja.NewDict(), jinja.NewDict()
	if p.m != nil {
		for _, n := range p.m.Sorted() {
			if n.Kind == manifest.Source {
				sources.SetString(n.UniqueID, Dict(n))
				continue
			}
			nodes.SetString(n.UniqueID, Dict(n))
		}
	}
	return jinja.DictOf("nodes", nodes, "sources", sources, "exposures", jinja.NewDict(), "metrics", jinja.NewDict(),
		"groups", jinja.NewDict(), "semantic_models", jinja.NewDict(), "saved_queries", jinja.NewDict())
}

func (p *Project) targetDict() jinja.Value {
	t := p.opts.Target
	profile := "floe"
	if p.root != nil {
		profile = p.root.Name
	}
	return jinja.DictOf("name", t.Name, "target_name", t.Name, "schema", t.Schema, "type", t.Type, "database", t.Database,
		"dbname", t.Database, "catalog", t.Database, "threads", int64(t.Threads), "profile_name", strings.ToLower(profile))
}
