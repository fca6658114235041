//go:build interop

package interop

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/internal/programs"
)

// content is a table as floe says it.
type content struct {
	programs.Table
	values [][]value // by column
}

func (c content) rows() int {
	if len(c.values) == 0 {
		return 0
	}
	return len(c.values[0])
}

// filter is one condition that every engine counts the rows of.
type filter struct {
	ID     string `json:"id"`
	Column string `json:"column"`
	Op     string `json:"op"` // =, <, >=, null, not null
	Type   string `json:"type"`
	Value  string `json:"value"`
	want   int
}

func (f filter) String() string {
	if strings.Contains(f.Op, "null") {
		return f.Column + " is " + f.Op
	}
	return fmt.Sprintf("%s %s %q", f.Column, f.Op, f.Value)
}

// sql is the condition in DuckDB's words.
func (f filter) sql() string {
	column := `"` + strings.ReplaceAll(f.Column, `"`, `""`) + `"`
	if strings.Contains(f.Op, "null") {
		return column + " is " + f.Op
	}
	return column + " " + f.Op + " " + duck(f.Type, f.Value)
}

// filters makes the conditions on one column: up to most of its values by =,
// its middle one by < and >=, and null. The counts that they should give are
// counted over all rows here, without any engine's statistics.
func (c content) filters(column string, most int) []filter {
	i := slices.IndexFunc(c.Columns, func(col programs.Column) bool { return col.Name == column })
	if i < 0 {
		return nil
	}
	kind, values := c.Columns[i].Type, c.values[i]
	distinct := slices.DeleteFunc(slices.Clone(values), func(v value) bool { return v.null || v.canon == "nan" })
	slices.SortFunc(distinct, value.compare)
	distinct = slices.CompactFunc(distinct, func(a, b value) bool { return a.compare(b) == 0 })
	count := func(keep func(value) bool) int {
		n := 0
		for _, v := range values {
			if keep(v) {
				n++
			}
		}
		return n
	}
	f := func(op, literal string, want int) filter {
		return filter{ID: fmt.Sprintf("%s/%s/%s", column, op, literal), Column: column, Op: op, Type: kind, Value: literal, want: want}
	}
	nulls := count(func(v value) bool { return v.null })
	all := []filter{f("null", "", nulls), f("not null", "", len(values)-nulls)}
	for n := range min(most, len(distinct)) {
		at := distinct[n*(len(distinct)-1)/max(min(most, len(distinct))-1, 1)]
		all = append(all, f("=", at.literal(kind), count(func(v value) bool { return !v.null && v.compare(at) == 0 })))
	}
	hasNaN := slices.ContainsFunc(values, func(v value) bool { return v.canon == "nan" }) // Spark and DuckDB put it above all, pyarrow nowhere
	if len(distinct) > 0 && kind != "binary" && kind != "boolean" && !hasNaN {
		middle := distinct[len(distinct)/2]
		less := count(func(v value) bool { return !v.null && v.compare(middle) < 0 })
		all = append(all, f("<", middle.literal(kind), less), f(">=", middle.literal(kind), len(values)-nulls-less))
	}
	return all
}

// report is what a reader says of a table.
type report struct {
	Error           string            `json:"error"`
	Rows            int               `json:"rows"`
	Counted         int               `json:"counted"` // by the reader's own count, from metadata where it can
	Columns         []reportColumn    `json:"columns"`
	Sum             string            `json:"sum"`
	Format          int               `json:"format"`
	EqualityDeletes int               `json:"equality_deletes"`
	PositionDeletes int               `json:"position_deletes"`
	Filters         map[string]any    `json:"filters"`
	Metadata        map[string]string `json:"metadata"` // metadata tables that could not be read
	Warnings        []string          `json:"warnings"`
}

type reportColumn struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	ID       int    `json:"id"` // this, requiredness and description: PyIceberg only
	Required bool   `json:"required"`
	Doc      string `json:"doc"`
	Sum      string `json:"sum"`
}

// differences tells what a reader says otherwise than floe.
func differences(want content, filters []filter, got report) []string {
	if got.Error != "" {
		return []string{"it cannot be read: " + got.Error}
	}
	var found []string
	differ := func(what string, have, should any) {
		if fmt.Sprint(have) != fmt.Sprint(should) {
			found = append(found, fmt.Sprintf("%s: %v, floe says %v", what, have, should))
		}
	}
	differ("rows", got.Rows, want.rows())
	differ("count(*)", got.Counted, want.rows())
	if want.Rows != nil {
		differ("rows in floe tables", want.rows(), *want.Rows)
	}
	differ("equality deletes, which PyIceberg refuses", got.EqualityDeletes, 0)
	if got.Format > 2 {
		found = append(found, fmt.Sprintf("format version %d: deletion vectors and row lineage are not read everywhere", got.Format))
	}
	if len(got.Columns) != len(want.Columns) {
		return append(found, fmt.Sprintf("%d columns, floe says %d", len(got.Columns), len(want.Columns)))
	}
	for i, c := range got.Columns {
		w := want.Columns[i]
		differ("column's name", c.Name, w.Name)
		differ(w.Name+"'s type", c.Type, strings.ReplaceAll(w.Type, " ", ""))
		differ(w.Name+"'s checksum", c.Sum, checksum(want.values[i]))
		if c.ID != 0 { // PyIceberg only
			differ(w.Name+"'s field id", c.ID, w.ID)
			differ(w.Name+"'s requiredness", c.Required, w.Required)
			differ(w.Name+"'s description", c.Doc, w.Doc)
		}
	}
	differ("checksum of whole rows", got.Sum, rowsChecksum(want.values))
	for _, f := range filters {
		differ("rows where "+f.String(), got.Filters[f.ID], f.want)
	}
	return found
}
