package governance

import (
	"cmp"
	"slices"
)

// Change is what a principal gains and loses.
type Change struct {
	Principal string `json:"principal"`
	Adds      []Line `json:"adds"`
	Takes     []Line `json:"takes"`
}

// Line is some columns of some rows of a table.
type Line struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"` // sorted; *, all that nobody declares, first
	Rows    string   `json:"rows,omitempty"`
}

// cell is one column as a principal reads it.
type cell struct{ principal, table, rows, column string }

// Diff is what becomes of some access, by principal.
func Diff(from, to Matrix) []Change {
	before, after := from.cells(), to.cells()
	changes := map[string]*Change{}
	of := func(principal string) *Change {
		if changes[principal] == nil {
			changes[principal] = &Change{Principal: principal, Adds: []Line{}, Takes: []Line{}}
		}
		return changes[principal]
	}
	for _, c := range missing(after, before) {
		one := of(c.principal)
		one.Adds = join(one.Adds, c)
	}
	for _, c := range missing(before, after) {
		one := of(c.principal)
		one.Takes = join(one.Takes, c)
	}
	all := []Change{}
	for _, principal := range sortedKeys(changes) {
		all = append(all, *changes[principal])
	}
	return all
}

func (m Matrix) cells() map[cell]bool {
	all := map[cell]bool{}
	for _, a := range m.Access {
		for _, r := range a.Reads {
			for _, column := range r.Columns {
				all[cell{a.Principal, a.Table, r.Rows, column}] = true
			}
		}
	}
	return all
}

// missing are the cells of all that are not in others, in order.
func missing(all, others map[cell]bool) []cell {
	var only []cell
	for c := range all {
		if !others[c] {
			only = append(only, c)
		}
	}
	slices.SortFunc(only, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.principal, b.principal), cmp.Compare(a.table, b.table), cmp.Compare(a.rows, b.rows), cmp.Compare(a.column, b.column))
	})
	return only
}

// join adds a cell to the last line, or begins another.
func join(lines []Line, c cell) []Line {
	if n := len(lines) - 1; n >= 0 && lines[n].Table == c.table && lines[n].Rows == c.rows {
		lines[n].Columns = append(lines[n].Columns, c.column)
		return lines
	}
	return append(lines, Line{Table: c.table, Rows: c.rows, Columns: []string{c.column}})
}
