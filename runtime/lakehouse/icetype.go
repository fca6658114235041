package lakehouse

import (
	"fmt"

	"github.com/apache/iceberg-go"

	"github.com/floe-data/floe/runtime/schema"
)

// iceType is a column's type in Iceberg.
func iceType(t schema.Type) (iceberg.Type, error) {
	switch t.Kind {
	case schema.Boolean:
		return iceberg.PrimitiveTypes.Bool, nil
	case schema.Long:
		return iceberg.PrimitiveTypes.Int64, nil
	case schema.Double:
		return iceberg.PrimitiveTypes.Float64, nil
	case schema.Decimal:
		return iceberg.DecimalTypeOf(t.Precision, t.Scale), nil
	case schema.Date:
		return iceberg.PrimitiveTypes.Date, nil
	case schema.Timestamp:
		return iceberg.PrimitiveTypes.Timestamp, nil
	case schema.Timestamptz:
		return iceberg.PrimitiveTypes.TimestampTz, nil
	case schema.String, schema.JSON:
		return iceberg.PrimitiveTypes.String, nil
	case schema.Binary:
		return iceberg.PrimitiveTypes.Binary, nil
	}
	return nil, fmt.Errorf("no Iceberg type for %q", t)
}

// floeType is the opposite of iceType; an error for a type that floe never makes.
func floeType(t iceberg.Type) (schema.Type, error) {
	switch t := t.(type) {
	case iceberg.BooleanType:
		return schema.Type{Kind: schema.Boolean}, nil
	case iceberg.Int64Type:
		return schema.Type{Kind: schema.Long}, nil
	case iceberg.Float64Type:
		return schema.Type{Kind: schema.Double}, nil
	case iceberg.DecimalType:
		return schema.Type{Kind: schema.Decimal, Precision: t.Precision(), Scale: t.Scale()}, nil
	case iceberg.DateType:
		return schema.Type{Kind: schema.Date}, nil
	case iceberg.TimestampType:
		return schema.Type{Kind: schema.Timestamp}, nil
	case iceberg.TimestampTzType:
		return schema.Type{Kind: schema.Timestamptz}, nil
	case iceberg.StringType:
		return schema.Type{Kind: schema.String}, nil
	case iceberg.BinaryType:
		return schema.Type{Kind: schema.Binary}, nil
	}
	return schema.Type{}, fmt.Errorf("its type %s is none that floe reads", t)
}

// iceSchema makes an Iceberg schema of columns that have their field ids.
func iceSchema(s schema.Schema, key []string) (*iceberg.Schema, error) {
	fields := make([]iceberg.NestedField, len(s.Columns))
	ids := map[string]int{}
	for i, c := range s.Columns {
		t, err := iceType(c.Type)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name, err)
		}
		fields[i] = iceberg.NestedField{ID: c.ID, Name: c.Name, Type: t, Required: c.Required, Doc: c.Doc}
		ids[c.Name] = c.ID
	}
	keys := make([]int, len(key))
	for i, k := range key {
		keys[i] = ids[k]
	}
	return iceberg.NewSchemaWithIdentifiers(0, keys, fields...), nil
}

// floeSchema is the opposite of iceSchema.
func floeSchema(s *iceberg.Schema) (schema.Schema, error) {
	var out schema.Schema
	for _, f := range s.Fields() {
		t, err := floeType(f.Type)
		if err != nil {
			return schema.Schema{}, fmt.Errorf("column %q: %w", f.Name, err)
		}
		out.Columns = append(out.Columns, schema.Column{ID: f.ID, Name: f.Name, Type: t, Required: f.Required, Doc: f.Doc})
	}
	return out, nil
}

func iceTransform(p schema.PartitionField) iceberg.Transform {
	switch p.Transform {
	case schema.Bucket:
		return iceberg.BucketTransform{NumBuckets: p.N}
	case schema.Truncate:
		return iceberg.TruncateTransform{Width: p.N}
	case schema.Year:
		return iceberg.YearTransform{}
	case schema.Month:
		return iceberg.MonthTransform{}
	case schema.Day:
		return iceberg.DayTransform{}
	case schema.Hour:
		return iceberg.HourTransform{}
	}
	return iceberg.IdentityTransform{}
}

func floeTransform(t iceberg.Transform) (schema.Transform, int, error) {
	switch t := t.(type) {
	case iceberg.IdentityTransform:
		return schema.Identity, 0, nil
	case iceberg.BucketTransform:
		return schema.Bucket, t.NumBuckets, nil
	case iceberg.TruncateTransform:
		return schema.Truncate, t.Width, nil
	case iceberg.YearTransform:
		return schema.Year, 0, nil
	case iceberg.MonthTransform:
		return schema.Month, 0, nil
	case iceberg.DayTransform:
		return schema.Day, 0, nil
	case iceberg.HourTransform:
		return schema.Hour, 0, nil
	}
	return "", 0, fmt.Errorf("its partition transform %s is none that floe knows", t)
}
