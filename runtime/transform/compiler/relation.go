package compiler

import (
	"strings"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/transform/jinja"
)

// relation is dbt's Relation: a table's name in a template. It is rendered
// "schema"."identifier"; the database is known but never written, as a lake
// has one. dbt_utils refuses anything that is not a mapping with metadata.type.
type relation struct {
	database jinja.Value
	schema   jinja.Value
	name     jinja.Value
	kind     string // table, view, cte
	dialect  string
	hide     [2]bool // schema, identifier
}

func (r *relation) String() string {
	if r.kind == "cte" {
		return jinja.Str(r.name)
	}
	var parts []string
	for i, x := range []jinja.Value{r.schema, r.name} {
		if !r.hide[i] && x != nil {
			parts = append(parts, quote(jinja.Str(x)))
		}
	}
	return strings.Join(parts, ".")
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Repr, TypeName and HashKey make it print, fail and compare as dbt's does.
func (r *relation) Repr() string     { return "<" + r.TypeName() + " " + r.String() + ">" }
func (r *relation) TypeName() string { return adapterName(r.dialect) + "Relation" }
func (r *relation) HashKey() string  { return "relation:" + r.String() }

func adapterName(dialect string) string {
	if dialect == "duckdb" {
		return "DuckDB"
	}
	return strings.ToUpper(dialect[:min(1, len(dialect))]) + dialect[min(1, len(dialect)):]
}

// logical is the relation's name in the lake; false for a CTE or half a name.
func (r *relation) logical() (lakehouse.Name, bool) {
	if r.kind == "cte" || r.schema == nil || r.name == nil {
		return lakehouse.Name{}, false
	}
	return lakehouse.Name{Schema: jinja.Str(r.schema), Table: jinja.Str(r.name)}, true
}

// Item, Keys, Iter and Len make it a mapping.
func (r *relation) Item(key jinja.Value) (jinja.Value, bool) {
	switch key {
	case "metadata":
		return jinja.DictOf("type", r.TypeName()), true
	case "database":
		return r.database, true
	case "schema":
		return r.schema, true
	case "identifier":
		return r.name, true
	case "type":
		return r.kindValue(), true
	}
	return nil, false
}

func (r *relation) kindValue() jinja.Value {
	if r.kind == "" {
		return nil
	}
	return r.kind
}

// Keys are the mapping's keys.
func (r *relation) Keys() []jinja.Value {
	return []jinja.Value{"metadata", "database", "schema", "identifier", "type"}
}

// Iter loops over the keys, as over a dict.
func (r *relation) Iter() []jinja.Value { return r.Keys() }

// Attr gives properties and methods.
func (r *relation) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "identifier", "name", "table", "alias":
		return r.name, true
	case "database", "schema", "type":
		return r.Item(name)
	case "is_table", "is_view", "is_cte":
		return r.kind == strings.TrimPrefix(name, "is_"), true
	case "is_iceberg":
		return r.kind == "table", true
	case "is_delta", "is_hudi", "is_dynamic_table", "is_materialized_view":
		return false, true
	case "render", "render_pure", "render_hive":
		return constant(r.String()), true
	case "quote":
		return constant(r), true
	case "without_identifier":
		c := *r
		c.hide[1] = true
		return constant(&c), true
	case "include":
		return jinja.Func(r.include), true
	case "incorporate":
		return jinja.Func(r.incorporate), true
	case "information_schema":
		return jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
			return &relation{database: r.database, schema: "information_schema", name: a.Get(0, "view_name", nil), dialect: r.dialect}, nil
		}), true
	case "get":
		return getter(r), true
	case "keys", "values", "items":
		return jinja.Func(func(*jinja.State, jinja.Args) (jinja.Value, error) { return mappingView(r, name), nil }), true
	}
	return nil, false
}

func (r *relation) include(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("include", jinja.Opt("database", nil), jinja.Opt("schema", nil), jinja.Opt("identifier", nil))
	if err != nil {
		return nil, err
	}
	c := *r
	for i, x := range v[1:] {
		if x != nil {
			c.hide[i] = !jinja.Truth(x)
		}
	}
	return &c, nil
}

func (r *relation) incorporate(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	c := *r
	if p, ok := a.Get(0, "path", nil).(*jinja.Dict); ok {
		for key, field := range map[string]*jinja.Value{"database": &c.database, "schema": &c.schema, "identifier": &c.name} {
			if v, ok := p.GetString(key); ok {
				*field = v
			}
		}
	}
	if t := a.Get(1, "type", nil); t != nil {
		c.kind = jinja.Str(t)
	}
	return &c, nil
}

// constant is a function that always answers v.
func constant(v jinja.Value) jinja.Func {
	return func(*jinja.State, jinja.Args) (jinja.Value, error) { return v, nil }
}

// getter is a mapping's get(key, default).
func getter(m jinja.Mapping) jinja.Func {
	return func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
		v, err := a.Bind("get", jinja.Req("key"), jinja.Opt("default", nil))
		if err != nil {
			return nil, err
		}
		if x, ok := m.Item(v[0]); ok {
			return x, nil
		}
		return v[1], nil
	}
}

func mappingView(m jinja.Mapping, what string) *jinja.List {
	out := jinja.NewList()
	for _, k := range m.Keys() {
		v, _ := m.Item(k)
		switch what {
		case "keys":
			out.Append(k)
		case "values":
			out.Append(v)
		default:
			out.Append(jinja.Tuple{k, v})
		}
	}
	return out
}
