package lakehouse

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"
	"github.com/twmb/murmur3"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

// partitioner computes the partition of rows (Iceberg spec, "Partition
// Transforms"). Every transform that floe allows gives an integer.
type partitioner struct {
	spec   iceberg.PartitionSpec
	fields []partitionField
}

type partitionField struct {
	schema.PartitionField
	id     int // of the partition field
	source int // field id of the column
	kind   schema.Kind
}

// partValue is one value of a partition tuple.
type partValue struct {
	null  bool
	value int64
}

func newPartitioner(meta ice.Metadata, specID int, s schema.Schema) (*partitioner, error) {
	spec := meta.PartitionSpecByID(specID)
	if spec == nil {
		return nil, fmt.Errorf("the table has no partition spec %d", specID)
	}
	p := &partitioner{spec: *spec}
	for _, f := range spec.Fields() {
		transform, n, err := floeTransform(f.Transform)
		i := slices.IndexFunc(s.Columns, func(c schema.Column) bool { return c.ID == f.SourceID() })
		if err == nil && i < 0 {
			err = errors.New("its column is gone")
		}
		if err == nil {
			field := schema.PartitionField{Column: s.Columns[max(i, 0)].Name, Transform: transform, N: n}
			p.fields = append(p.fields, partitionField{field, f.FieldID, f.SourceID(), s.Columns[i].Type.Stored().Kind})
			err = field.Accepts(s.Columns[i].Type)
		}
		if err != nil {
			return nil, fmt.Errorf("partition field %q: %w", f.Name, err)
		}
	}
	return p, nil
}

// bind finds the partition fields' columns in a chunk's schema.
func (p *partitioner) bind(s schema.Schema) []int {
	columns := make([]int, len(p.fields))
	for i, f := range p.fields {
		columns[i] = slices.IndexFunc(s.Columns, func(c schema.Column) bool { return c.ID == f.source })
	}
	return columns
}

// key appends the partition tuple of a row to b, as text that only equal
// tuples share.
func (p *partitioner) key(b []byte, c *parquetfile.Chunk, columns []int, row int) []byte {
	for i, f := range p.fields {
		v := f.of(c, columns[i], row)
		b = append(b, byte(boolInt(v.null)))
		b = binary.BigEndian.AppendUint64(b, uint64(v.value))
	}
	return b
}

// tuple is the opposite of key.
func (p *partitioner) tuple(key string) []partValue {
	out := make([]partValue, len(p.fields))
	for i := range out {
		part := key[9*i : 9*i+9]
		out[i] = partValue{null: part[0] == 1, value: int64(binary.BigEndian.Uint64([]byte(part[1:])))}
	}
	return out
}

// values are a tuple as a manifest's data file takes it.
func (p *partitioner) values(tuple []partValue) map[int]any {
	if len(p.fields) == 0 {
		return nil
	}
	out := make(map[int]any, len(p.fields))
	for i, f := range p.fields {
		out[f.id] = f.literal(tuple[i])
	}
	return out
}

func (f partitionField) literal(v partValue) any {
	switch {
	case v.null:
		return nil
	case f.Transform == schema.Truncate, f.Transform == schema.Identity && f.kind == schema.Long:
		return v.value
	case f.Transform == schema.Identity && f.kind == schema.Boolean:
		return v.value != 0
	case f.Transform == schema.Day, f.Transform == schema.Identity && f.kind == schema.Date:
		return iceberg.Date(v.value)
	}
	return int32(v.value)
}

// of is the partition value of a row.
func (f partitionField) of(c *parquetfile.Chunk, column, row int) partValue {
	if column < 0 || c.Null(column, row) {
		return partValue{null: true}
	}
	if f.Transform == schema.Bucket {
		return partValue{value: int64(bucketOf(c, column, row, f.N))}
	}
	return partValue{value: f.transform(c.Int(column, row))}
}

// transform applies the order-preserving transforms.
func (f partitionField) transform(x int64) int64 {
	switch f.Transform {
	case schema.Truncate:
		n := int64(f.N)
		return x - ((x%n)+n)%n
	case schema.Hour:
		return floorDiv(x, int64(time.Hour/time.Microsecond))
	case schema.Year, schema.Month, schema.Day:
		days := x
		if f.kind != schema.Date {
			days = floorDiv(x, int64(24*time.Hour/time.Microsecond))
		}
		if f.Transform == schema.Day {
			return days
		}
		date := time.Unix(0, 0).UTC().AddDate(0, 0, int(days))
		if f.Transform == schema.Year {
			return int64(date.Year() - 1970)
		}
		return int64((date.Year()-1970)*12 + int(date.Month()) - 1)
	}
	return x
}

// bucketOf is the bucket transform (Iceberg spec, Appendix B): 32-bit murmur3.
func bucketOf(c *parquetfile.Chunk, column, row, n int) int32 {
	var hash uint32
	switch c.Schema().Columns[column].Type.Stored().Kind {
	case schema.String, schema.Binary:
		hash = murmur3.Sum32(c.Blob(column, row))
	case schema.Decimal:
		hash = murmur3.Sum32(c.Single(column, row))
	default:
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], uint64(c.Int(column, row)))
		hash = murmur3.Sum32(b[:])
	}
	return int32(hash&0x7fffffff) % int32(n)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// dataFile describes a written file for a manifest.
func dataFile(spec iceberg.PartitionSpec, partition map[int]any, f parquetfile.File, sortOrder int) (iceberg.DataFile, error) {
	b, err := iceberg.NewDataFileBuilder(spec, iceberg.EntryContentData, FileURL(f.Path), iceberg.ParquetFile, partition, nil, nil, f.Rows, f.Bytes)
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", f.Path, err)
	}
	sizes, values, nulls := map[int]int64{}, map[int]int64{}, map[int]int64{}
	lower, upper := map[int][]byte{}, map[int][]byte{}
	for id, c := range f.Columns {
		sizes[id], values[id], nulls[id] = c.Bytes, c.Values, c.Nulls
		if c.Lower != nil {
			lower[id] = c.Lower
		}
		if c.Upper != nil {
			upper[id] = c.Upper
		}
	}
	b.ColumnSizes(sizes).ValueCounts(values).NullValueCounts(nulls).LowerBoundValues(lower).UpperBoundValues(upper).SplitOffsets(f.Offsets)
	if sortOrder > 0 {
		b.SortOrderID(sortOrder)
	}
	return b.Build(), nil
}
