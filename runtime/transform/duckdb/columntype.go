package duckdb

import (
	"fmt"
	"strings"

	"github.com/floe-data/floe/runtime/schema"
)

// sqlType is the type that a column is cast to before it is written, and read as.
func sqlType(t schema.Type) string {
	switch t.Kind {
	case schema.Boolean:
		return "BOOLEAN"
	case schema.Long:
		return "BIGINT"
	case schema.Double:
		return "DOUBLE"
	case schema.Decimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	case schema.Date:
		return "DATE"
	case schema.Timestamp:
		return "TIMESTAMP"
	case schema.Timestamptz:
		return "TIMESTAMP WITH TIME ZONE"
	case schema.Binary:
		return "BLOB"
	}
	return "VARCHAR"
}

// stored are the types that a table holds for DuckDB's. A narrower integer is
// a long and a float a double, as widening one later breaks filters on it.
var stored = map[string]schema.Type{
	"BOOLEAN": {Kind: schema.Boolean},
	"TINYINT": {Kind: schema.Long}, "SMALLINT": {Kind: schema.Long}, "INTEGER": {Kind: schema.Long}, "BIGINT": {Kind: schema.Long},
	"UTINYINT": {Kind: schema.Long}, "USMALLINT": {Kind: schema.Long}, "UINTEGER": {Kind: schema.Long},
	"UBIGINT": {Kind: schema.Decimal, Precision: 20},
	"HUGEINT": {Kind: schema.Decimal, Precision: 38},
	"FLOAT":   {Kind: schema.Double}, "DOUBLE": {Kind: schema.Double},
	"DATE":      {Kind: schema.Date},
	"TIMESTAMP": {Kind: schema.Timestamp}, "TIMESTAMP_S": {Kind: schema.Timestamp},
	"TIMESTAMP_MS": {Kind: schema.Timestamp}, "TIMESTAMP_NS": {Kind: schema.Timestamp},
	"TIMESTAMP WITH TIME ZONE": {Kind: schema.Timestamptz},
	"VARCHAR":                  {Kind: schema.String}, "UUID": {Kind: schema.String}, "JSON": {Kind: schema.String},
	"BLOB": {Kind: schema.Binary},
}

// nullType is typeof() of a column that is nothing but NULL.
const nullType = `"NULL"`

// storedType gives the type that a table holds for DuckDB's type, or the
// reason why there is none and what to write.
func storedType(column, engine string) (schema.Type, error) {
	if t, ok := stored[engine]; ok {
		return t, nil
	}
	var t schema.Type
	switch {
	case decimal(engine, &t):
		return t, nil
	case strings.HasPrefix(engine, "ENUM("):
		return schema.Type{Kind: schema.String}, nil
	case engine == nullType:
		return t, fmt.Errorf("column %q is NULL in every row and has no type: write cast(null as varchar), or the type that is meant", column)
	case nested(engine):
		return t, fmt.Errorf("column %q is %s, which a table of floe does not hold: write its fields as columns, or to_json(%s) for text", column, engine, column)
	case engine == "INTERVAL":
		return t, fmt.Errorf("column %q is an INTERVAL, which a table does not hold: write cast(%s as varchar), or the number of seconds", column, column)
	}
	return t, fmt.Errorf("column %q is %s, which a table does not hold: write cast(%s as varchar)", column, engine, column)
}

func decimal(engine string, t *schema.Type) bool {
	n, err := fmt.Sscanf(engine, "DECIMAL(%d,%d)", &t.Precision, &t.Scale)
	t.Kind = schema.Decimal
	return err == nil && n == 2 && !nested(engine)
}

// nested says whether the type is a list, array, struct, map or union.
func nested(engine string) bool {
	return strings.HasSuffix(engine, "]") || strings.HasPrefix(engine, "STRUCT(") ||
		strings.HasPrefix(engine, "MAP(") || strings.HasPrefix(engine, "UNION(")
}

// answerType is the nearest type of a result's column: what a table cannot
// hold reads as text, nested values as JSON.
func answerType(engine string) schema.Type {
	t, err := storedType("", engine)
	switch {
	case err == nil && engine == "JSON", nested(engine):
		return schema.Type{Kind: schema.JSON}
	case err == nil:
		return t
	case engine == "UHUGEINT":
		return schema.Type{Kind: schema.Decimal, Precision: 38}
	}
	return schema.Type{Kind: schema.String}
}
