package governance

import (
	"cmp"
	"slices"

	"github.com/floe-data/floe/runtime/project"
)

// Table is what is declared of a table: a contract's, or a model's.
type Table struct {
	Schema      string // logical: landing_chess, marts
	Name        string
	Domain      string // "" for none
	Sensitivity string // of columns that are not declared; Unclassified where a contract declares all of them
	Owner       string
	View        bool     // read as a whole or not at all
	Model       bool     // SQL makes it, so that its content follows what is declared with the next build only
	File        string   // that declares it, from the root
	Columns     []Column // those that are declared
	Reads       []string // the tables that a model reads: schema.name

	heirs []string // columns that are declared, but have their sensitivity from elsewhere
}

// Column is a declared column.
type Column struct {
	Name        string
	Sensitivity string // one of Sensitivities()
	Own         bool   // the column itself says so, not its table
	// Of is the table that it was taken over from, where the table itself does
	// not declare a column of that name; it may have none.
	Of string
}

// String is schema.name.
func (t Table) String() string { return t.Schema + "." + t.Name }

// Of is the sensitivity of one of the table's columns.
func (t Table) Of(column string) string {
	for _, c := range t.Columns {
		if c.Name == column {
			return c.Sensitivity
		}
	}
	return Classified(t.Sensitivity)
}

// Inherit takes over what columns of a table that this one reads say of
// themselves, where a column of the same name here says nothing: it is as
// sensitive as the more sensitive of that and this table, so that a select *
// keeps a name personal. A column that says so itself has what it says,
// whatever it is made of.
func (t *Table) Inherit(from Table) {
	t.Columns, t.heirs = slices.Clone(t.Columns), slices.Clone(t.heirs)
	said := func(c Column) bool { return c.Own && c.Of == "" && !slices.Contains(t.heirs, c.Name) }
	for _, c := range from.Columns {
		i := slices.IndexFunc(t.Columns, func(o Column) bool { return o.Name == c.Name })
		if !c.Own || i >= 0 && said(t.Columns[i]) {
			continue
		}
		more := worse(c.Sensitivity, t.Of(c.Name))
		if i < 0 {
			t.Columns = append(t.Columns, Column{c.Name, more, true, cmp.Or(c.Of, from.String())})
			continue
		}
		t.Columns[i].Sensitivity, t.Columns[i].Own = more, true
		t.heirs = append(t.heirs, c.Name)
	}
}

// Contracts are the landing tables of a project and their tables of rejected
// rows, sorted by name.
func Contracts(p *project.Project) []Table {
	var all []Table
	for _, name := range sortedKeys(p.Sources) {
		contracts := p.Sources[name].Contracts
		for _, table := range sortedKeys(contracts) {
			t := contract(name, table, contracts[table])
			all = append(all, t, rejected(t, contracts[table]))
		}
	}
	return all
}

// contract is a landing table. What every load adds is as sensitive as the
// table says of itself; columns that the contract does not declare are
// unclassified.
func contract(source, name string, c *project.Contract) Table {
	t := Table{Schema: landing + "_" + source, Name: name, Domain: c.Tags[TagDomain], Sensitivity: Unclassified, Owner: c.Owner, File: c.File}
	for _, col := range c.Columns {
		t.Columns = append(t.Columns, Column{Name: col.Name, Sensitivity: Classified(c.Sensitivity(col.Name)), Own: col.Tags[TagSensitivity] != ""})
	}
	for _, col := range loadColumns {
		t.Columns = append(t.Columns, Column{Name: col, Sensitivity: Classified(c.Sensitivity(""))})
	}
	return t
}

// loadColumns are what every load adds to a landing table.
var loadColumns = []string{"_floe_load_id", "_floe_loaded_at", "_floe_source"}

// rejected is the table of a landing table's rejected rows. A reason may quote
// any declared column, so that it is as sensitive as the most sensitive one;
// the row is the whole record, whatever came in it, which nobody classified.
func rejected(of Table, c *project.Contract) Table {
	own, quoted := Classified(c.Sensitivity("")), worst(c.Sensitivity(""), of.Columns)
	t := Table{Schema: of.Schema, Name: of.Name + "__rejected", Domain: of.Domain, Sensitivity: Unclassified, Owner: of.Owner, File: of.File,
		Columns: []Column{{Name: "_floe_reject_id", Sensitivity: own}, {Name: "reason", Sensitivity: quoted}, {Name: "column", Sensitivity: own}, {Name: "row", Sensitivity: Unclassified}}}
	for _, col := range loadColumns {
		t.Columns = append(t.Columns, Column{Name: col, Sensitivity: own})
	}
	return t
}
