package compiler

import (
	"errors"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/transform/jinja"
)

// adapter is dbt's adapter: dispatch, and questions about relations. While
// parsing it answers as an empty database.
type adapter struct{ r *render }

// TypeName is dbt's.
func (a *adapter) TypeName() string { return adapterName(a.r.p.opts.Target.Type) + "Adapter" }

var adapterMethods = []string{"dispatch", "type", "quote", "quote_as_configured", "quote_seed_column", "get_columns_in_relation",
	"get_relation", "load_relation", "already_exists", "get_missing_columns", "execute", "check_schema_exists",
	"list_relations_without_caching", "valid_incremental_strategies", "Relation", "Column"}

// Attr gives the methods; one that floe has not is a function that says so.
func (a *adapter) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "dispatch":
		return jinja.Func(a.dispatch), true
	case "type":
		return constant(a.r.p.opts.Target.Type), true
	case "quote", "quote_as_configured", "quote_seed_column":
		return jinja.Func(func(_ *jinja.State, args jinja.Args) (jinja.Value, error) {
			return quote(jinja.Str(args.Get(0, "identifier", ""))), nil
		}), true
	case "get_columns_in_relation":
		return jinja.Func(a.columns), true
	case "get_missing_columns":
		return jinja.Func(a.missingColumns), true
	case "get_relation":
		return jinja.Func(a.relation), true
	case "load_relation":
		return jinja.Func(a.load), true
	case "already_exists":
		return jinja.Func(a.alreadyExists), true
	case "check_schema_exists":
		return constant(true), true
	case "list_relations_without_caching":
		return constant(jinja.NewList()), true
	case "valid_incremental_strategies":
		return constant(jinja.NewList("append", "merge", "delete+insert")), true
	case "execute":
		return jinja.Func(a.execute), true
	case "Relation":
		return a.r.relationClass(), true
	case "Column":
		return columnClass(), true
	}
	return jinja.Func(func(*jinja.State, jinja.Args) (jinja.Value, error) {
		return nil, compilationError("adapter.%s is not supported%s; floe has %s", name, didYouMean(name, adapterMethods), strings.Join(adapterMethods, ", "))
	}), true
}

// prefixes are whose macros an engine takes, its own first.
func prefixes(dialect string) []string {
	if dialect == "athena" {
		return []string{"athena", "trino", "default"}
	}
	return []string{dialect, "default"}
}

func (a *adapter) dispatch(_ *jinja.State, args jinja.Args) (jinja.Value, error) {
	v, err := args.Bind("dispatch", jinja.Req("macro_name"), jinja.Opt("macro_namespace", nil), jinja.Opt("packages", nil))
	if err != nil {
		return nil, err
	}
	name, p := jinja.Str(v[0]), a.r.p
	if strings.Contains(name, ".") {
		return nil, compilationError("adapter.dispatch('%s'): give the package as the second argument", name)
	}
	search := []string{""}
	if jinja.Truth(v[1]) {
		space := jinja.Str(v[1])
		if order := p.root.Dispatch[space]; len(order) > 0 {
			search = order
		} else if space != dbtPackage && p.macros.packages[space] != nil {
			search = []string{p.root.Name, space}
		}
	}
	var tried []string
	for _, pkg := range search {
		for _, prefix := range prefixes(p.opts.Target.Type) {
			if m := p.macros.in(pkg, a.r.node.Package, prefix+"__"+name); m != nil {
				return a.r.bind(m), nil
			}
			tried = append(tried, strings.TrimPrefix(pkg+"."+prefix+"__"+name, "."))
		}
	}
	return nil, compilationError("In dispatch: No macro named '%s' found; searched for %s", name, strings.Join(tried, ", "))
}

func relationArg(v jinja.Value) (lakehouse.Name, bool, error) {
	r, ok := v.(*relation)
	if !ok {
		return lakehouse.Name{}, false, compilationError("%s is no relation: give ref(…), source(…) or this", jinja.Repr(v))
	}
	name, whole := r.logical()
	return name, whole, nil
}

// columns is get_columns_in_relation; a relation that is not there has none.
func (a *adapter) columns(s *jinja.State, args jinja.Args) (jinja.Value, error) {
	cols, err := a.columnsOf(s, args.Get(0, "relation", nil))
	if err != nil {
		return nil, err
	}
	out := jinja.NewList()
	for _, c := range cols {
		out.Append(c)
	}
	return out, nil
}

func (a *adapter) columnsOf(s *jinja.State, relation jinja.Value) ([]*column, error) {
	if !a.r.execute {
		return nil, nil
	}
	name, ok, err := relationArg(relation)
	if err != nil || !ok {
		return nil, err
	}
	db, err := a.r.database()
	if err != nil {
		return nil, err
	}
	cols, err := db.Columns(s.Context(), name)
	if err != nil && !errors.Is(err, lakehouse.ErrNotFound) {
		return nil, err
	}
	out := make([]*column, len(cols))
	for i, c := range cols {
		out[i] = columnOf(c)
	}
	return out, nil
}

// missingColumns is get_missing_columns(from, to): what from has and to has not.
func (a *adapter) missingColumns(s *jinja.State, args jinja.Args) (jinja.Value, error) {
	from, err := a.columnsOf(s, args.Get(0, "from_relation", nil))
	if err != nil {
		return nil, err
	}
	to, err := a.columnsOf(s, args.Get(1, "to_relation", nil))
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, c := range to {
		have[c.name] = true
	}
	out := jinja.NewList()
	for _, c := range from {
		if !have[c.name] {
			out.Append(c)
		}
	}
	return out, nil
}

// relation is get_relation(database, schema, identifier): None if there is none.
func (a *adapter) relation(s *jinja.State, args jinja.Args) (jinja.Value, error) {
	v, err := args.Bind("get_relation", jinja.Req("database"), jinja.Req("schema"), jinja.Req("identifier"))
	if err != nil || !a.r.execute {
		return nil, err
	}
	return a.existing(s, &relation{database: v[0], schema: v[1], name: v[2], dialect: a.r.p.opts.Target.Type})
}

func (a *adapter) existing(s *jinja.State, r *relation) (jinja.Value, error) {
	name, ok := r.logical()
	if !ok {
		return nil, nil
	}
	if a.r.s.DB == nil { // compiling without an engine: nothing is there yet
		return nil, nil
	}
	kind, err := a.r.s.DB.Exists(s.Context(), name)
	if err != nil || kind == "" {
		return nil, err
	}
	found := *r
	found.kind = kind
	return &found, nil
}

func (a *adapter) load(s *jinja.State, args jinja.Args) (jinja.Value, error) {
	r, ok := args.Get(0, "relation", nil).(*relation)
	if !ok || !a.r.execute {
		return nil, nil
	}
	return a.existing(s, r)
}

// alreadyExists is already_exists(schema, table).
func (a *adapter) alreadyExists(s *jinja.State, args jinja.Args) (jinja.Value, error) {
	if !a.r.execute {
		return false, nil
	}
	v, err := a.existing(s, &relation{schema: args.Get(0, "schema", nil), name: args.Get(1, "table", nil)})
	return v != nil, err
}

// execute is execute(sql, auto_begin, fetch): the response and the answer.
func (a *adapter) execute(s *jinja.State, args jinja.Args) (jinja.Value, error) {
	v, err := args.Bind("execute", jinja.Req("sql"), jinja.Opt("auto_begin", false), jinja.Opt("fetch", false), jinja.Opt("limit", nil))
	if err != nil {
		return nil, err
	}
	if !a.r.execute {
		return jinja.Tuple{"", &Table{}}, nil
	}
	db, err := a.r.database()
	if err != nil {
		return nil, err
	}
	sql := jinja.Str(v[0])
	if jinja.Truth(v[2]) || isQuery(sql) {
		t, err := db.Query(s.Context(), sql)
		if err != nil {
			return nil, err
		}
		return jinja.Tuple{"OK", t}, nil
	}
	return jinja.Tuple{"OK", &Table{}}, db.Exec(s.Context(), sql)
}

// isQuery says that a statement only reads.
func isQuery(sql string) bool {
	words := strings.Fields(stripComments(sql))
	return len(words) == 0 || slices.Contains([]string{"select", "with", "values", "from", "show", "describe", "explain"},
		strings.ToLower(strings.TrimLeft(words[0], "(")))
}

func (r *render) database() (Database, error) {
	if r.s.DB == nil {
		return nil, compilationError("this template asks the database while it is compiled, and there is no engine here")
	}
	return r.s.DB, nil
}

// relationClass is api.Relation.
func (r *render) relationClass() jinja.Value {
	b := &jinja.Bag{Type: "Relation", Attrs: map[string]jinja.Value{
		"create": jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
			rel := &relation{database: a.Get(0, "database", nil), schema: a.Get(1, "schema", nil), name: a.Get(2, "identifier", nil), dialect: r.p.opts.Target.Type}
			if t := a.Get(3, "type", nil); t != nil {
				rel.kind = jinja.Str(t)
			}
			return rel, nil
		}),
		"get_relation_type": constant("table"),
		"scd_args":          jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) { return jinja.NewList(a.Pos...), nil }),
	}}
	for name, v := range map[string]string{"View": "view", "Table": "table", "CTE": "cte", "External": "external", "MaterializedView": "materialized_view"} {
		b.Attrs[name] = v
	}
	return b
}

func (r *render) api() jinja.Value {
	return &jinja.Bag{Type: "api", Attrs: map[string]jinja.Value{"Relation": r.relationClass(), "Column": columnClass()}}
}
