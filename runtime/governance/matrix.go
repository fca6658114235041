package governance

import (
	"cmp"
	"maps"
	"slices"

	"github.com/floe-data/floe/runtime/live"
)

// Matrix is who may read what, by principal and table.
type Matrix struct {
	Access []Access `json:"access"`
}

// Access is what a principal may read of one table, and what not.
type Access struct {
	Principal string   `json:"principal"`
	Table     string   `json:"table"`
	View      bool     `json:"view,omitempty"` // who reads it must be granted what it reads, too
	Reads     []Read   `json:"reads"`
	Hidden    []Hidden `json:"hidden"`
}

// Read is some columns of some rows. The column * stands for all that nobody
// declares.
type Read struct {
	Columns []string `json:"columns"`
	Rows    string   `json:"rows,omitempty"` // a condition; "" for all
	Via     []string `json:"via"`            // "schema marts", "table", …
}

// Hidden is a column that the principal may not read.
type Hidden struct {
	Column string `json:"column"`
	Why    string `json:"why"` // its sensitivity, and the table that says so if it is another
}

// NewMatrix says who may read what of some tables. Tables that a principal may
// read nothing of are left out.
func NewMatrix(tables []Table, grants []live.Grant) Matrix {
	m := Matrix{Access: []Access{}}
	tables = slices.Clone(tables)
	slices.SortFunc(tables, func(a, b Table) int { return cmp.Compare(a.String(), b.String()) })
	byPrincipal := map[string][]live.Grant{}
	for _, g := range grants {
		byPrincipal[g.Principal] = append(byPrincipal[g.Principal], g)
	}
	for _, principal := range sortedKeys(byPrincipal) {
		for _, t := range tables {
			if a := access(t, byPrincipal[principal]); len(a.Reads) > 0 {
				a.Principal = principal
				m.Access = append(m.Access, a)
			}
		}
	}
	return m
}

// access is what a principal's grants give of one table.
func access(t Table, grants []live.Grant) Access {
	columns := known(t, grants)
	a := Access{Table: t.String(), View: t.View, Reads: []Read{}, Hidden: []Hidden{}}
	reads := map[string]*cells{}
	for _, g := range grants {
		via := reaches(g, t)
		can := readable(g, columns, t.View)
		if via == "" || len(can) == 0 || t.View && g.Rows != "" {
			continue
		}
		if reads[g.Rows] == nil {
			reads[g.Rows] = &cells{columns: map[string]bool{}}
		}
		reads[g.Rows].add(can, via)
	}
	if all := reads[""]; all != nil { // who reads all rows of a column needs no condition for it
		for rows, some := range reads {
			maps.DeleteFunc(some.columns, func(name string, _ bool) bool { return rows != "" && all.columns[name] })
		}
	}
	seen := map[string]bool{}
	for _, rows := range sortedKeys(reads) {
		if r := reads[rows].read(columns, rows); len(r.Columns) > 0 {
			a.Reads = append(a.Reads, r)
		}
		maps.Copy(seen, reads[rows].columns)
	}
	for _, c := range columns {
		if !seen[c.Name] {
			a.Hidden = append(a.Hidden, Hidden{c.Name, c.why()})
		}
	}
	return a
}

func (c Column) why() string {
	if c.Of == "" {
		return c.Sensitivity
	}
	return c.Sensitivity + " in " + c.Of
}

// known are the columns that are known of: the declared ones, those that a
// grant names, and the one that stands for the rest. A column that a view may
// not even have hides no view here.
func known(t Table, grants []live.Grant) []Column {
	columns := slices.Clone(t.Columns)
	if t.View {
		columns = slices.DeleteFunc(columns, func(c Column) bool { return c.Of != "" })
	}
	for _, g := range grants {
		if !slices.Contains(g.Tables, t.String()) {
			continue
		}
		for _, name := range g.Columns {
			if !slices.ContainsFunc(columns, func(c Column) bool { return c.Name == name }) {
				columns = append(columns, Column{Name: name, Sensitivity: t.Of(name)})
			}
		}
	}
	return append(columns, Column{Name: Every, Sensitivity: t.Of(Every)})
}

// cells are columns that are read by the same rows.
type cells struct {
	columns map[string]bool
	via     []string
}

func (c *cells) add(columns []string, via string) {
	for _, name := range columns {
		c.columns[name] = true
	}
	c.via = sorted(append(c.via, via))
}

// read puts the columns into the table's order. What was taken over is told
// where it differs from all others only: it may not be there.
func (c *cells) read(order []Column, rows string) Read {
	r := Read{Rows: rows, Via: c.via}
	for _, col := range order {
		if c.columns[col.Name] && (col.Of == "" || !c.columns[Every]) {
			r.Columns = append(r.Columns, col.Name)
		}
	}
	return r
}
