// Package schema holds what a table looks like, whatever stores it: columns,
// their types, the partition spec and the sort order.
//
// It knows no Iceberg, Parquet, Arrow or SQL, so that infra and the project's
// reader can check a contract without reaching any of them; lakehouse and the
// engines map these types to theirs.
package schema

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Column is one column of a table. ID is Iceberg's field id, 0 until the table exists.
type Column struct {
	ID       int
	Name     string
	Type     Type
	Required bool
	Doc      string
}

// Schema is a table's columns in order.
type Schema struct {
	Columns []Column
}

// Column finds a column by its exact name.
func (s Schema) Column(name string) (Column, bool) {
	for _, c := range s.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Names lists the columns' names in order.
func (s Schema) Names() []string {
	names := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		names[i] = c.Name
	}
	return names
}

// Transform is how a partition's value comes from a column's (Iceberg spec, "Partition Transforms").
type Transform string

// The transforms that floe writes.
const (
	Identity Transform = "identity"
	Bucket   Transform = "bucket"
	Truncate Transform = "truncate"
	Year     Transform = "year"
	Month    Transform = "month"
	Day      Transform = "day"
	Hour     Transform = "hour"
)

// PartitionField is one field of a partition spec. N is bucket's count or truncate's width.
type PartitionField struct {
	Column    string
	Transform Transform
	N         int
}

// Name is the partition field's name: ASCII, as engines demand.
func (p PartitionField) Name() string {
	name := notWord.ReplaceAllString(p.Column, "_")
	if p.Transform == Identity {
		return name
	}
	return name + "_" + string(p.Transform)
}

// String gives the field as a contract writes it: "year(end_time)", "bucket(16, player)".
func (p PartitionField) String() string {
	switch p.Transform {
	case Identity:
		return p.Column
	case Bucket, Truncate:
		return fmt.Sprintf("%s(%d, %s)", p.Transform, p.N, p.Column)
	}
	return fmt.Sprintf("%s(%s)", p.Transform, p.Column)
}

var (
	notWord       = regexp.MustCompile(`[^A-Za-z0-9_]`)
	partitionForm = regexp.MustCompile(`^(?:(identity|year|month|day|hour)\(\s*([^,()]+?)\s*\)|(bucket|truncate)\(\s*(\d+)\s*,\s*([^,()]+?)\s*\)|([^,()]+))$`)
)

// ParsePartition reads one partition field of a contract.
func ParsePartition(text string) (PartitionField, error) {
	m := partitionForm.FindStringSubmatch(strings.TrimSpace(text))
	switch {
	case m == nil:
		return PartitionField{}, fmt.Errorf("partition %q: write a column, year(c), month(c), day(c), hour(c), bucket(n, c) or truncate(n, c)", text)
	case m[1] != "":
		return PartitionField{Column: m[2], Transform: Transform(m[1])}, nil
	case m[3] != "":
		n, err := strconv.Atoi(m[4])
		if err != nil || n < 1 || n > 100_000 {
			return PartitionField{}, fmt.Errorf("partition %q: the number is 1 to 100000", text)
		}
		return PartitionField{Column: m[5], Transform: Transform(m[3]), N: n}, nil
	}
	return PartitionField{Column: m[6], Transform: Identity}, nil
}

// Accepts says whether the transform takes a column of type t.
// Identity on strings is refused: an empty string as a partition value makes
// Spark find no rows at all, and odd characters break paths.
func (p PartitionField) Accepts(t Type) error {
	ok := true
	switch p.Transform {
	case Year, Month, Day:
		ok = t.Kind == Date || t.Kind == Timestamp || t.Kind == Timestamptz
	case Hour:
		ok = t.Kind == Timestamp || t.Kind == Timestamptz
	case Bucket:
		ok = t.Kind != Double && t.Kind != Boolean
	case Truncate:
		ok = t.Kind == Long
	case Identity:
		ok = t.Kind == Boolean || t.Kind == Long || t.Kind == Date
	}
	if ok {
		return nil
	}
	if t.Stored().Kind == String {
		return fmt.Errorf("partition %q: a string column is partitioned by bucket(n, %s) only: an empty string as a partition's value hides rows from Spark", p, p.Column)
	}
	return fmt.Errorf("partition %q: %s does not take a %s column", p, p.Transform, t)
}

// SortField is one field of a sort order.
type SortField struct {
	Column     string
	Descending bool
}

// ParseSort reads one sort field of a contract: "end_time" or "end_time desc".
func ParseSort(text string) (SortField, error) {
	words := strings.Fields(text)
	switch {
	case len(words) == 1:
		return SortField{Column: words[0]}, nil
	case len(words) == 2 && strings.EqualFold(words[1], "asc"):
		return SortField{Column: words[0]}, nil
	case len(words) == 2 && strings.EqualFold(words[1], "desc"):
		return SortField{Column: words[0], Descending: true}, nil
	}
	return SortField{}, fmt.Errorf("sort %q: write a column, or a column and asc or desc", text)
}
