package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

// describe reads the footers of files that an engine wrote, finds their
// partitions, and brings them to disk. Files without rows are left out.
func (l *Lake) describe(ctx context.Context, meta ice.Metadata, files []string) ([]iceberg.DataFile, error) {
	if len(files) == 0 {
		return nil, nil
	}
	s, err := floeSchema(meta.CurrentSchema())
	if err != nil {
		return nil, err
	}
	parts, err := newPartitioner(meta, meta.DefaultPartitionSpec(), s)
	if err != nil {
		return nil, err
	}
	var out []iceberg.DataFile
	folders := map[string]bool{}
	for _, path := range files {
		d, err := l.describeFile(ctx, meta, parts, s, path)
		if err != nil {
			return nil, err
		}
		if d.Count() > 0 {
			out = append(out, d)
			folders[parent(path)] = true
		}
	}
	return out, l.fs.settle(slices.Sorted(maps.Keys(folders))...)
}

func (l *Lake) describeFile(ctx context.Context, meta ice.Metadata, parts *partitioner, s schema.Schema, path string) (_ iceberg.DataFile, err error) {
	if err := l.inside(meta, path); err != nil {
		return nil, err
	}
	r, err := l.fs.open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	f, err := r.Describe(s)
	if err != nil {
		return nil, err
	}
	for _, c := range s.Columns {
		stats, has := f.Columns[c.ID]
		if c.Required && f.Rows > 0 && (!has || stats.Nulls > 0) {
			return nil, fmt.Errorf("file %s: column %q is required and has no value in some rows", path, c.Name)
		}
	}
	values, err := parts.infer(r, f, s)
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", path, err)
	}
	if err := l.fs.settle(path); err != nil {
		return nil, err
	}
	return dataFile(parts.spec, values, f, 0)
}

// infer finds the partition of a file: from its bounds where the transform
// keeps order, else by reading the column.
func (p *partitioner) infer(r *parquetfile.Reader, f parquetfile.File, s schema.Schema) (map[int]any, error) {
	if len(p.fields) == 0 || f.Rows == 0 {
		return nil, nil
	}
	tuple := make([]partValue, len(p.fields))
	for i, field := range p.fields {
		c, has := f.Columns[field.source]
		switch {
		case !has || c.Nulls == f.Rows:
			tuple[i] = partValue{null: true}
			continue
		case c.Nulls == 0 && field.Transform != schema.Bucket && c.Lower != nil && c.Upper != nil:
			low := field.transform(parquetfile.SingleInt(c.Lower))
			if low != field.transform(parquetfile.SingleInt(c.Upper)) {
				return nil, severalPartitions(field)
			}
			tuple[i] = partValue{value: low}
			continue
		}
		var err error
		if tuple[i], err = field.read(r, s); err != nil {
			return nil, err
		}
	}
	return p.values(tuple), nil
}

func severalPartitions(f partitionField) error {
	return fmt.Errorf("it holds rows of several partitions by %s: write a file for each", f.PartitionField)
}

// read computes the field of every row of a file; they must be the same.
func (f partitionField) read(r *parquetfile.Reader, s schema.Schema) (v partValue, err error) {
	i := slices.IndexFunc(s.Columns, func(c schema.Column) bool { return c.ID == f.source })
	one := schema.Schema{Columns: s.Columns[i : i+1]}
	scan := r.Scan(one)
	defer func() { err = errors.Join(err, scan.Close()) }()
	c := parquetfile.NewChunk(one)
	for first := true; ; {
		c.Reset()
		n, err := scan.Next(c, 64<<10)
		if errors.Is(err, io.EOF) {
			return v, nil
		}
		if err != nil {
			return partValue{}, err
		}
		for row := range n {
			x := f.of(c, 0, row)
			if !first && x != v {
				return partValue{}, severalPartitions(f)
			}
			v, first = x, false
		}
	}
}
