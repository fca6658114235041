package athena

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"github.com/floe-data/floe/runtime/schema"
)

// output is a column of a query as Athena tells it.
type output struct {
	name, engine     string // engine is the type's name without its parameters
	precision, scale int
}

func outputOf(c types.ColumnInfo) output {
	engine := strings.ToLower(aws.ToString(c.Type))
	o := output{name: aws.ToString(c.Name), engine: engine, precision: int(c.Precision), scale: int(c.Scale)}
	if base, rest, ok := strings.Cut(engine, "("); ok && !o.nested() { // some types come with their parameters
		_, zone, _ := strings.Cut(rest, ")")
		o.engine = base + zone
		if base == "decimal" {
			_, _ = fmt.Sscanf(rest, "%d,%d)", &o.precision, &o.scale)
		}
	}
	return o
}

// String is the type as SQL writes it.
func (o output) String() string {
	if o.engine == "decimal" {
		return fmt.Sprintf("decimal(%d,%d)", o.precision, o.scale)
	}
	return o.engine
}

func (o output) nested() bool {
	for _, p := range []string{"array", "map", "row", "struct"} {
		if strings.HasPrefix(o.engine, p) {
			return true
		}
	}
	return false
}

// storedTypes are the types that a table holds for Athena's. A narrower integer
// is a long and a real a double, as widening one later breaks filters on it.
var storedTypes = map[string]schema.Kind{
	"boolean": schema.Boolean,
	"tinyint": schema.Long, "smallint": schema.Long, "integer": schema.Long, "int": schema.Long, "bigint": schema.Long,
	"real": schema.Double, "float": schema.Double, "double": schema.Double,
	"date": schema.Date, "timestamp": schema.Timestamp, "timestamp with time zone": schema.Timestamptz,
	"varchar": schema.String, "char": schema.String, "string": schema.String, "uuid": schema.String, "json": schema.String,
	"varbinary": schema.Binary, "binary": schema.Binary,
}

// stored gives the type that a table holds, or why there is none and what to write.
func (o output) stored() (schema.Type, error) {
	if k, ok := storedTypes[o.engine]; ok {
		return schema.Type{Kind: k}, nil
	}
	switch {
	case o.engine == "decimal":
		return schema.Type{Kind: schema.Decimal, Precision: o.precision, Scale: o.scale}, nil
	case o.engine == "unknown":
		return schema.Type{}, fmt.Errorf("column %q is NULL in every row and has no type: write cast(null as varchar), or the type that is meant", o.name)
	case o.nested():
		return schema.Type{}, fmt.Errorf("column %q is %s, which a table of floe does not hold: write its fields as columns, or json_format(cast(%s as json)) for text", o.name, o.engine, o.name)
	}
	return schema.Type{}, fmt.Errorf("column %q is %s, which a table does not hold: write cast(%s as varchar)", o.name, o.engine, o.name)
}

// answer is the nearest type of a result's column: what a table cannot hold
// reads as text.
func (o output) answer() schema.Type {
	if o.engine == "json" {
		return schema.Type{Kind: schema.JSON}
	}
	if t, err := o.stored(); err == nil {
		return t
	}
	return schema.Type{Kind: schema.String}
}

// asStored is the column in a select list, as a table holds it: named, and cast
// where Athena's type is another. Iceberg keeps microseconds, and Athena says
// of a timestamp not always how many digits it has.
func (o output) asStored() (string, error) {
	t, err := o.stored()
	if err != nil {
		return "", err
	}
	name := ident(o.name)
	if o.engine == "json" {
		return "json_format(" + name + ") AS " + name, nil
	}
	if o.exact() {
		return name, nil
	}
	return cast(name, t) + " AS " + name, nil
}

func (o output) exact() bool {
	switch o.engine {
	case "boolean", "bigint", "double", "date", "varchar", "varbinary", "decimal":
		return true
	}
	return false
}

func cast(what string, t schema.Type) string { return "CAST(" + what + " AS " + sqlType(t) + ")" }

// sqlType is a table's type in Trino's words.
func sqlType(t schema.Type) string {
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
		return "timestamp(6)"
	case schema.Timestamptz:
		return "timestamp(6) with time zone"
	case schema.Binary:
		return "varbinary"
	}
	return "varchar"
}
