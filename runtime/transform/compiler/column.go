package compiler

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform/jinja"
)

// column is dbt's Column.
type column struct {
	name  string
	dtype string
	size  jinja.Value // characters
	prec  jinja.Value
	scale jinja.Value
}

// columnOf makes a Column of a table's.
func columnOf(c schema.Column) *column {
	out := &column{name: c.Name, dtype: SQLType(c.Type)}
	if c.Type.Kind == schema.Decimal {
		out.dtype, out.prec, out.scale = "decimal", int64(c.Type.Precision), int64(c.Type.Scale)
	}
	return out
}

// SQLType is a column type as DuckDB and Trino both write it.
func SQLType(t schema.Type) string {
	switch t.Kind {
	case schema.Boolean:
		return "boolean"
	case schema.Long:
		return "bigint"
	case schema.Double:
		return "double"
	case schema.Decimal:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	case schema.Date:
		return "date"
	case schema.Timestamp:
		return "timestamp"
	case schema.Timestamptz:
		return "timestamp with time zone"
	case schema.Binary:
		return "varbinary"
	}
	return "varchar"
}

var (
	integerTypes = []string{"tinyint", "smallint", "integer", "int", "bigint", "hugeint", "smallserial", "serial", "bigserial", "int2", "int4", "int8"}
	floatTypes   = []string{"real", "float", "float4", "float8", "double", "double precision"}
	numericTypes = []string{"numeric", "decimal"}
	stringTypes  = []string{"text", "varchar", "character varying", "character", "string", "char"}
)

func (c *column) String() string   { return fmt.Sprintf("<Column %s (%s)>", c.name, c.dataType()) }
func (c *column) Repr() string     { return c.String() }
func (c *column) TypeName() string { return "Column" }
func (c *column) HashKey() string  { return "column:" + c.name + ":" + c.dataType() }

func (c *column) dataType() string {
	switch {
	case c.size != nil && c.is(stringTypes):
		return fmt.Sprintf("character varying(%s)", jinja.Str(c.size))
	case c.prec != nil && c.is(numericTypes) && c.scale != nil:
		return fmt.Sprintf("%s(%s,%s)", c.dtype, jinja.Str(c.prec), jinja.Str(c.scale))
	}
	return c.dtype
}

func (c *column) is(types []string) bool { return slices.Contains(types, strings.ToLower(c.dtype)) }

// Attr gives properties and methods.
func (c *column) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "name", "column":
		return c.name, true
	case "quoted":
		return quote(c.name), true
	case "dtype":
		return c.dtype, true
	case "data_type":
		return c.dataType(), true
	case "char_size":
		return c.size, true
	case "numeric_precision":
		return c.prec, true
	case "numeric_scale":
		return c.scale, true
	case "is_string":
		return constant(c.is(stringTypes)), true
	case "is_integer":
		return constant(c.is(integerTypes)), true
	case "is_float":
		return constant(c.is(floatTypes)), true
	case "is_numeric":
		return constant(c.is(numericTypes)), true
	case "is_number":
		return constant(c.is(integerTypes) || c.is(floatTypes) || c.is(numericTypes)), true
	case "string_size":
		if c.size == nil {
			return constant(int64(256)), true
		}
		return constant(c.size), true
	case "can_expand_to":
		return constant(false), true
	}
	return nil, false
}

// translateType gives the dialect's name of dbt's abstract types.
func translateType(name string) string {
	switch strings.ToUpper(name) {
	case "STRING", "TEXT":
		return "varchar"
	case "TIMESTAMP":
		return "timestamp"
	case "FLOAT":
		return "double"
	case "INTEGER":
		return "integer"
	case "BOOLEAN":
		return "boolean"
	case "NUMERIC":
		return "decimal(28,6)"
	}
	return name
}

// columnClass is api.Column.
func columnClass() *jinja.Bag {
	create := jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
		v, err := a.Bind("Column", jinja.Req("column"), jinja.Req("dtype"), jinja.Opt("char_size", nil),
			jinja.Opt("numeric_precision", nil), jinja.Opt("numeric_scale", nil))
		if err != nil {
			return nil, err
		}
		return &column{name: jinja.Str(v[0]), dtype: jinja.Str(v[1]), size: v[2], prec: v[3], scale: v[4]}, nil
	})
	return &jinja.Bag{Type: "Column", Fn: create, Attrs: map[string]jinja.Value{
		"create": create,
		"translate_type": jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
			return translateType(jinja.Str(a.Get(0, "dtype", ""))), nil
		}),
		"string_type": jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
			return "character varying(" + jinja.Str(a.Get(0, "size", int64(256))) + ")", nil
		}),
		"numeric_type": jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
			p, s := a.Get(1, "precision", nil), a.Get(2, "scale", nil)
			if p == nil || s == nil {
				return jinja.Str(a.Get(0, "dtype", "decimal")), nil
			}
			return jinja.Str(a.Get(0, "dtype", "decimal")) + "(" + jinja.Str(p) + "," + jinja.Str(s) + ")", nil
		}),
	}}
}
