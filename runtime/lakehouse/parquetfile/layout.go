package parquetfile

import (
	"fmt"
	"reflect"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/floe-data/floe/runtime/schema"
)

// codec is shared: it pools its encoders. The fastest level is within some
// percent of the default one's size on our data at a fraction of its CPU
// (BenchmarkWriter).
var codec compress.Codec = &zstd.Codec{Level: zstd.SpeedFastest}

// group is a Parquet schema's root that keeps the columns in the table's
// order; parquet-go's own Group sorts them by name.
type group struct {
	parquet.Group
	fields []parquet.Field
}

func (g *group) Fields() []parquet.Field { return g.fields }

type field struct {
	parquet.Node
	name string
}

func (f *field) Name() string                           { return f.name }
func (f *field) Value(base reflect.Value) reflect.Value { return base }

// fileSchema maps a table's columns to Parquet (Iceberg spec, Appendix A).
// dictionary says which columns are worth one.
func fileSchema(s schema.Schema, dictionary []bool) (*parquet.Schema, error) {
	root := &group{Group: parquet.Group{}}
	for i, c := range s.Columns {
		if c.ID == 0 {
			return nil, fmt.Errorf("column %q has no field id", c.Name)
		}
		node, err := leaf(c.Type)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", c.Name, err)
		}
		if dictionary != nil && dictionary[i] {
			node = parquet.Encoded(node, &parquet.RLEDictionary)
		}
		if !c.Required {
			node = parquet.Optional(node)
		}
		node = parquet.FieldID(node, c.ID)
		root.Group[c.Name] = node
		root.fields = append(root.fields, &field{Node: node, name: c.Name})
	}
	return parquet.NewSchema("table", root), nil
}

func leaf(t schema.Type) (parquet.Node, error) {
	switch t.Kind {
	case schema.Boolean:
		return parquet.Leaf(parquet.BooleanType), nil
	case schema.Long:
		return parquet.Leaf(parquet.Int64Type), nil
	case schema.Double:
		return parquet.Leaf(parquet.DoubleType), nil
	case schema.Decimal:
		return decimalLeaf(t), nil
	case schema.Date:
		return parquet.Date(), nil
	case schema.Timestamp:
		return parquet.TimestampAdjusted(parquet.Microsecond, false), nil
	case schema.Timestamptz:
		return parquet.TimestampAdjusted(parquet.Microsecond, true), nil
	case schema.String, schema.JSON:
		return parquet.String(), nil
	case schema.Binary:
		return parquet.Leaf(parquet.ByteArrayType), nil
	}
	return nil, fmt.Errorf("no Parquet type for %q", t)
}

func decimalLeaf(t schema.Type) parquet.Node {
	switch {
	case t.Precision <= maxInt32Digits:
		return parquet.Decimal(t.Scale, t.Precision, parquet.Int32Type)
	case t.Precision <= maxIntDigits:
		return parquet.Decimal(t.Scale, t.Precision, parquet.Int64Type)
	}
	return parquet.Decimal(t.Scale, t.Precision, parquet.FixedLenByteArrayType(decimalWidth(t.Precision)))
}

const maxInt32Digits = 9

// wideDecimal says whether parquet-go would order the column's statistics
// wrongly (unsigned bytes): readers would then drop rows without a word.
func wideDecimal(t schema.Type) bool { return t.Kind == schema.Decimal && t.Precision > maxIntDigits }
