package lakehouse

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"github.com/floe-data/floe/runtime/environment"
)

// What Glue takes of texts at most.
const (
	maxComment     = 255
	maxDescription = 2048
)

// The parameters of a Glue column that is an Iceberg column.
const (
	glueFieldID       = "iceberg.field.id"
	glueFieldOptional = "iceberg.field.optional"
	glueFieldCurrent  = "iceberg.field.current"
)

// tableInput is the Glue table t with next's metadata. What other writers have
// added stays: parameters, the owner, a storage descriptor's other settings.
func tableInput(t types.Table, old, next entry) *types.TableInput {
	in := &types.TableInput{
		Name: t.Name, TableType: aws.String(glueExternal), Owner: t.Owner, Retention: t.Retention,
		LastAccessTime: t.LastAccessTime, LastAnalyzedTime: t.LastAnalyzedTime,
		PartitionKeys: t.PartitionKeys, Parameters: maps.Clone(t.Parameters), StorageDescriptor: &types.StorageDescriptor{},
	}
	if in.Parameters == nil {
		in.Parameters = map[string]string{}
	}
	refresh(in.Parameters, next.meta.Properties())
	if built := next.meta.Properties()[environment.ParameterClassified]; built != "" {
		in.Parameters[environment.ParameterClassified] = built
	}
	if t.StorageDescriptor != nil {
		*in.StorageDescriptor = *t.StorageDescriptor
	}
	in.Parameters[glueTableType] = glueIceberg
	in.Parameters[glueMetadata] = next.location
	if old.location != "" {
		in.Parameters[gluePreviousMetadata] = old.location
	}
	if doc := next.meta.Properties()[propComment]; doc != "" {
		in.Description = aws.String(oneLine(doc, maxDescription))
	}
	in.StorageDescriptor.Location = aws.String(next.meta.Location())
	in.StorageDescriptor.Columns = glueColumns(next.meta, in.StorageDescriptor.Columns)
	return in
}

// refresh brings the table properties up to date that PyIceberg and others
// repeat as parameters.
func refresh(parameters map[string]string, properties iceberg.Properties) {
	for k := range parameters {
		if v, ok := properties[k]; ok {
			parameters[k] = v
		} else if strings.HasPrefix(k, "floe.") {
			delete(parameters, k)
		}
	}
}

// glueColumns are the current schema's columns, and those of former schemas,
// for who travels in time; parameters of others stay with their column.
func glueColumns(meta ice.Metadata, before []types.Column) []types.Column {
	current := meta.CurrentSchema()
	schemas := []*iceberg.Schema{current}
	for _, s := range meta.Schemas() {
		if s.ID != current.ID {
			schemas = append(schemas, s)
		}
	}
	var columns []types.Column
	seen := map[string]bool{}
	for i, s := range schemas {
		for _, f := range s.Fields() {
			key := strings.ToLower(f.Name) // Glue does not tell names apart by case
			if seen[key] {
				continue
			}
			seen[key] = true
			columns = append(columns, glueColumn(f, i == 0, before))
		}
	}
	return columns
}

func glueColumn(f iceberg.NestedField, current bool, before []types.Column) types.Column {
	c := types.Column{Name: aws.String(f.Name), Type: aws.String(hiveType(f.Type)), Parameters: map[string]string{}}
	if i := slices.IndexFunc(before, func(o types.Column) bool { return aws.ToString(o.Name) == f.Name }); i >= 0 {
		maps.Copy(c.Parameters, before[i].Parameters)
	}
	c.Parameters[glueFieldID] = strconv.Itoa(f.ID)
	c.Parameters[glueFieldOptional] = strconv.FormatBool(!f.Required)
	c.Parameters[glueFieldCurrent] = strconv.FormatBool(current)
	if f.Doc != "" {
		c.Comment = aws.String(oneLine(f.Doc, maxComment))
	}
	return c
}

// oneLine makes of a text what Glue takes for a comment: one line of up to so
// many bytes.
func oneLine(s string, most int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == ' ' }), " ")
	if len(s) <= most {
		return s
	}
	cut := most - len("…")
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// hiveTypes are the types that Hive, and so Glue, has its own word for. It has
// none for a time or a uuid.
var hiveTypes = map[string]string{
	"boolean": "boolean", "int": "int", "long": "bigint", "float": "float", "double": "double",
	"date": "date", "time": "string", "timestamp": "timestamp", "timestamptz": "timestamp",
	"timestamp_ns": "timestamp", "timestamptz_ns": "timestamp", "string": "string", "uuid": "string", "binary": "binary",
}

// hiveType is an Iceberg type as Glue has it.
func hiveType(t iceberg.Type) string {
	switch t := t.(type) {
	case iceberg.DecimalType:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision(), t.Scale())
	case iceberg.FixedType:
		return "binary"
	case *iceberg.StructType:
		fields := make([]string, len(t.FieldList))
		for i, f := range t.FieldList {
			fields[i] = f.Name + ":" + hiveType(f.Type)
		}
		return "struct<" + strings.Join(fields, ",") + ">"
	case *iceberg.ListType:
		return "array<" + hiveType(t.Element) + ">"
	case *iceberg.MapType:
		return "map<" + hiveType(t.KeyType) + "," + hiveType(t.ValueType) + ">"
	}
	return cmp.Or(hiveTypes[t.String()], "string")
}
