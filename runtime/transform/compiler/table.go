package compiler

import (
	"github.com/floe-data/floe/runtime/transform/jinja"
)

// Table is a query's answer as templates see it: agate's Table, as far as dbt
// projects use it.
type Table struct {
	Columns []ResultColumn
	Rows    [][]jinja.Value
}

// ResultColumn is one column of an answer.
type ResultColumn struct {
	Name string
	Type string // the engine's
}

// sequence is agate's MappedSequence: items by number and by name.
type sequence struct {
	names  []string
	values []jinja.Value
}

func (t *Table) names() []string {
	out := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = c.Name
	}
	return out
}

// String is what agate prints.
func (t *Table) String() string { return "<agate.table.Table object>" }

// TypeName is Python's.
func (t *Table) TypeName() string { return "Table" }

// Iter loops over the rows.
func (t *Table) Iter() []jinja.Value { return t.rows().values }

// Len is the number of rows.
func (t *Table) Len() int { return len(t.Rows) }

// Truth is true: an answer is one even without rows.
func (t *Table) Truth() bool { return true }

func (t *Table) rows() *sequence {
	names := t.names()
	s := &sequence{}
	for _, r := range t.Rows {
		s.values = append(s.values, &sequence{names: names, values: r})
	}
	return s
}

func (t *Table) columns() *sequence {
	s := &sequence{names: t.names()}
	for i, c := range t.Columns {
		col := &tableColumn{name: c.Name, kind: c.Type}
		for _, r := range t.Rows {
			col.values = append(col.values, r[i])
		}
		s.values = append(s.values, col)
	}
	return s
}

// Attr gives properties and methods.
func (t *Table) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "rows":
		return t.rows(), true
	case "columns":
		return t.columns(), true
	case "column_names":
		return t.tuple(func(c ResultColumn) string { return c.Name }), true
	case "column_types":
		return t.tuple(func(c ResultColumn) string { return c.Type }), true
	case "print_table", "print_csv", "print_json":
		return constant(""), true
	case "select":
		return t.picker(true), true
	case "exclude":
		return t.picker(false), true
	case "rename":
		return jinja.Func(t.rename), true
	}
	return nil, false
}

func (t *Table) tuple(of func(ResultColumn) string) jinja.Tuple {
	out := jinja.Tuple{}
	for _, c := range t.Columns {
		out = append(out, of(c))
	}
	return out
}

// picker is select(names) or exclude(names).
func (t *Table) picker(want bool) jinja.Func {
	return func(s *jinja.State, a jinja.Args) (jinja.Value, error) {
		names, err := namesArg(s, a.Get(0, "key", nil))
		if err != nil {
			return nil, err
		}
		out := &Table{Rows: make([][]jinja.Value, len(t.Rows))}
		for i, c := range t.Columns {
			if names[c.Name] != want {
				continue
			}
			out.Columns = append(out.Columns, c)
			for r := range t.Rows {
				out.Rows[r] = append(out.Rows[r], t.Rows[r][i])
			}
		}
		return out, nil
	}
}

func namesArg(s *jinja.State, v jinja.Value) (map[string]bool, error) {
	if text, ok := v.(string); ok {
		return map[string]bool{text: true}, nil
	}
	items, err := s.Items(v)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, x := range items {
		out[jinja.Str(x)] = true
	}
	return out, nil
}

// rename takes column_names: a list of all, or a mapping of some.
func (t *Table) rename(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	out := &Table{Columns: append([]ResultColumn(nil), t.Columns...), Rows: t.Rows}
	switch names := a.Get(0, "column_names", nil).(type) {
	case *jinja.Dict:
		for i, c := range out.Columns {
			if n, ok := names.GetString(c.Name); ok {
				out.Columns[i].Name = jinja.Str(n)
			}
		}
	case nil:
	default:
		items, err := s.Items(names)
		if err != nil {
			return nil, err
		}
		for i := range min(len(items), len(out.Columns)) {
			out.Columns[i].Name = jinja.Str(items[i])
		}
	}
	return out, nil
}

// Len is the number of items.
func (s *sequence) Len() int { return len(s.values) }

// Iter loops over the items.
func (s *sequence) Iter() []jinja.Value { return s.values }

// Item finds by number, negative from the end, or by name.
func (s *sequence) Item(key jinja.Value) (jinja.Value, bool) {
	switch k := key.(type) {
	case int64:
		if k < 0 {
			k += int64(len(s.values))
		}
		if k >= 0 && k < int64(len(s.values)) {
			return s.values[k], true
		}
	case string:
		for i, n := range s.names {
			if n == k {
				return s.values[i], true
			}
		}
	}
	return nil, false
}

// keys are the names as values.
func (s *sequence) keys() jinja.Tuple {
	out := jinja.Tuple{}
	for _, n := range s.names {
		out = append(out, n)
	}
	return out
}

// Attr gives agate's methods.
func (s *sequence) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "values":
		return constant(jinja.Tuple(s.values)), true
	case "keys":
		return constant(s.keys()), true
	case "items", "dict":
		return jinja.Func(func(*jinja.State, jinja.Args) (jinja.Value, error) { return s.pairs(name), nil }), true
	case "get":
		return jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
			if v, ok := s.Item(a.Get(0, "key", nil)); ok {
				return v, nil
			}
			return a.Get(1, "default", nil), nil
		}), true
	}
	return nil, false
}

func (s *sequence) pairs(as string) jinja.Value {
	d, l := jinja.NewDict(), jinja.NewList()
	for i, n := range s.names {
		d.SetString(n, s.values[i])
		l.Append(jinja.Tuple{n, s.values[i]})
	}
	if as == "dict" {
		return d
	}
	return l
}

// tableColumn is one column of a Table.
type tableColumn struct {
	name   string
	kind   string
	values []jinja.Value
}

// Len is the number of rows.
func (c *tableColumn) Len() int { return len(c.values) }

// Iter loops over the values.
func (c *tableColumn) Iter() []jinja.Value { return c.values }

// Item finds by row.
func (c *tableColumn) Item(key jinja.Value) (jinja.Value, bool) {
	return (&sequence{values: c.values}).Item(key)
}

// Attr gives name, data_type and values().
func (c *tableColumn) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "name":
		return c.name, true
	case "data_type":
		return c.kind, true
	case "values", "values_distinct":
		values := jinja.Tuple{}
		for _, v := range c.values {
			if name == "values_distinct" && containsValue(values, v) {
				continue
			}
			values = append(values, v)
		}
		return constant(values), true
	}
	return nil, false
}

func containsValue(values []jinja.Value, v jinja.Value) bool {
	for _, x := range values {
		if jinja.Equal(x, v) {
			return true
		}
	}
	return false
}
