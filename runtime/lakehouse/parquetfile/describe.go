package parquetfile

import (
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go/format"

	"github.com/floe-data/floe/runtime/schema"
)

// File is what a Parquet file holds, as Iceberg's manifests tell it.
type File struct {
	Path    string
	Rows    int64
	Bytes   int64
	Offsets []int64        // where each row group begins
	Columns map[int]Column // by field id; only columns that the file has
}

// Column is a file's statistics of one column. Lower and Upper are single
// values as Iceberg serialises them (spec, Appendix D), nil if unknown; they
// may be shortened outwards, and then Exact is false.
type Column struct {
	Bytes  int64
	Values int64 // nulls included
	Nulls  int64
	Lower  []byte
	Upper  []byte
	Exact  bool
}

// boundLength is how much of a text or binary bound is kept, as Iceberg's
// default metrics mode truncate(16) does.
const boundLength = 16

// describe turns a footer into a File. Columns are found by field id.
func describe(path string, size int64, s schema.Schema, meta *format.FileMetaData) (File, error) {
	f := File{Path: path, Rows: meta.NumRows, Bytes: size, Columns: map[int]Column{}}
	leaves, err := leafIDs(meta)
	if err != nil {
		return File{}, err
	}
	types := map[int]schema.Type{}
	for _, c := range s.Columns {
		types[c.ID] = c.Type
	}
	for g, group := range meta.RowGroups {
		f.Offsets = append(f.Offsets, groupOffset(group))
		for i, chunk := range group.Columns {
			id := leaves[i]
			t, known := types[id]
			if !known {
				continue
			}
			column, seen := f.Columns[id]
			f.Columns[id] = merge(t, column, chunkStats(t, chunk.MetaData), seen && g > 0)
		}
	}
	slices.Sort(f.Offsets)
	for id, c := range f.Columns {
		f.Columns[id] = shorten(types[id], c)
	}
	return f, nil
}

// leafIDs gives each leaf column's field id, in file order. Nested columns are
// refused: floe's tables are flat.
func leafIDs(meta *format.FileMetaData) ([]int, error) {
	var ids []int
	for _, e := range meta.Schema[1:] {
		if e.NumChildren.Valid && e.NumChildren.V > 0 {
			return nil, fmt.Errorf("column %q is nested; floe's tables hold flat columns only", e.Name)
		}
		ids = append(ids, int(e.FieldID))
	}
	return ids, nil
}

func groupOffset(g format.RowGroup) int64 {
	if len(g.Columns) == 0 {
		return 0
	}
	m := g.Columns[0].MetaData
	if m.DictionaryPageOffset > 0 && m.DictionaryPageOffset < m.DataPageOffset {
		return m.DictionaryPageOffset
	}
	return m.DataPageOffset
}

func chunkStats(t schema.Type, m format.ColumnMetaData) Column {
	c := Column{Bytes: m.TotalCompressedSize, Values: m.NumValues, Nulls: m.Statistics.NullCount, Exact: true}
	if m.Statistics.MinValue != nil && m.Statistics.MaxValue != nil {
		c.Lower, c.Upper = single(t, m.Statistics.MinValue), single(t, m.Statistics.MaxValue)
	}
	return c
}

// single turns a bound as Parquet's footer has it (plain, little-endian
// numbers) into Iceberg's single-value form.
func single(t schema.Type, b []byte) []byte {
	if t.Kind != schema.Decimal {
		return slices.Clone(b)
	}
	switch {
	case t.Precision > maxIntDigits:
		return minimal(slices.Clone(b)) // a fixed-length array is big-endian already
	case len(b) == 4:
		return minimal(binary.BigEndian.AppendUint32(nil, binary.LittleEndian.Uint32(b)))
	case len(b) == 8:
		return minimal(binary.BigEndian.AppendUint64(nil, binary.LittleEndian.Uint64(b)))
	}
	return minimal(slices.Clone(b))
}

// minimal drops the leading bytes of a big-endian number that only repeat its sign.
func minimal(b []byte) []byte {
	for len(b) > 1 && (b[0] == 0 && b[1]&0x80 == 0 || b[0] == 0xff && b[1]&0x80 != 0) {
		b = b[1:]
	}
	return b
}

// merge joins the statistics of two row groups.
func merge(t schema.Type, a, b Column, both bool) Column {
	if !both {
		return b
	}
	out := Column{Bytes: a.Bytes + b.Bytes, Values: a.Values + b.Values, Nulls: a.Nulls + b.Nulls, Exact: a.Exact && b.Exact}
	switch {
	case a.Values == a.Nulls:
		out.Lower, out.Upper = b.Lower, b.Upper
	case b.Values == b.Nulls:
		out.Lower, out.Upper = a.Lower, a.Upper
	case a.Lower != nil && b.Lower != nil:
		out.Lower, out.Upper = a.Lower, a.Upper
		if CompareSingle(t, b.Lower, out.Lower) < 0 {
			out.Lower = b.Lower
		}
		if CompareSingle(t, b.Upper, out.Upper) > 0 {
			out.Upper = b.Upper
		}
	}
	return out
}

// shorten cuts long text and binary bounds: the lower to a prefix, the upper
// to a prefix raised by one; one that cannot be raised is dropped.
func shorten(t schema.Type, c Column) Column {
	k := t.Stored().Kind
	if k != schema.String && k != schema.Binary || c.Lower == nil {
		return c
	}
	text := k == schema.String
	c.Exact = c.Exact && len(c.Lower) <= boundLength && len(c.Upper) <= boundLength
	c.Lower = prefix(c.Lower, text)
	if p := prefix(c.Upper, text); len(p) < len(c.Upper) {
		c.Upper = raise(p, text)
	}
	return c
}

// prefix is the first boundLength characters (text) or bytes.
func prefix(b []byte, text bool) []byte {
	if !text {
		return b[:min(len(b), boundLength)]
	}
	n, at := 0, 0
	for at < len(b) && n < boundLength {
		_, size := utf8.DecodeRune(b[at:])
		at += size
		n++
	}
	return b[:at]
}

// raise gives the least value of this length that is above every value with
// the prefix b; nil if there is none.
func raise(b []byte, text bool) []byte {
	b = slices.Clone(b)
	if !text {
		for i := len(b) - 1; i >= 0; i-- {
			if b[i] != 0xff {
				b[i]++
				return b[:i+1]
			}
		}
		return nil
	}
	runes := []rune(string(b))
	for i := len(runes) - 1; i >= 0; i-- {
		next := runes[i] + 1
		if next >= 0xd800 && next <= 0xdfff { // surrogates are no characters
			next = 0xe000
		}
		if next <= utf8.MaxRune {
			return []byte(string(append(runes[:i:i], next)))
		}
	}
	return nil
}
