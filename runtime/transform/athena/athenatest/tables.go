package athenatest

import (
	"regexp"
	"strings"
)

// Table is what a CREATE TABLE AS makes.
type Table struct {
	Database, Name string
	Location       string
	Partitioning   []string // month(played_at), bucket(id, 16)
	Columns        []Column
	Query          string
}

// Catalog is the test's side of DefaultScript: where tables and views really
// are made, in a stand-in of Glue or in moto.
type Catalog struct {
	Columns    func(query string) []Column            // what a query gives
	Rows       func(query string) [][]any             // what it answers; nil: nothing
	Create     func(Table) error                      // CREATE TABLE AS
	CreateView func(database, name, sql string) error // CREATE OR REPLACE VIEW; nil: nothing is done
	DropView   func(database, name string) error      // DROP VIEW IF EXISTS; nil: nothing is done
	Written    int64                                  // rows that a CREATE TABLE AS or an INSERT is said to write
}

var (
	ctasForm      = regexp.MustCompile(`(?is)^\s*create\s+table\s+"([^"]+)"\."([^"]+)"\s+with\s*\((.*?)\n\)\s+as\s+(.*)$`)
	viewForm      = regexp.MustCompile(`(?is)^\s*create\s+or\s+replace\s+view\s+"([^"]+)"\."([^"]+)"\s+as\s+(.*)$`)
	dropViewForm  = regexp.MustCompile(`(?is)^\s*drop\s+view\s+(?:if\s+exists\s+)?"([^"]+)"\."([^"]+)"\s*$`)
	locationForm  = regexp.MustCompile(`(?i)\blocation\s*=\s*'([^']*)'`)
	partitionForm = regexp.MustCompile(`(?is)\bpartitioning\s*=\s*array\[(.*?)\]`)
	textForm      = regexp.MustCompile(`'([^']*)'`)
)

// Script answers statements as a database with this catalog would: queries with
// the columns and rows that it gives, statements that make something by making it.
func (c Catalog) Script() Script {
	return func(sql string) Answer {
		if m := ctasForm.FindStringSubmatch(sql); m != nil {
			return c.create(m)
		}
		if m := viewForm.FindStringSubmatch(sql); m != nil {
			return Answer{Finish: func() error {
				if c.CreateView == nil {
					return nil
				}
				return c.CreateView(m[1], m[2], m[3])
			}}
		}
		if m := dropViewForm.FindStringSubmatch(sql); m != nil {
			return Answer{Finish: func() error {
				if c.DropView == nil {
					return nil
				}
				return c.DropView(m[1], m[2])
			}}
		}
		return c.query(sql)
	}
}

func (c Catalog) create(m []string) Answer {
	t := Table{Database: m[1], Name: m[2], Query: m[4]}
	if l := locationForm.FindStringSubmatch(m[3]); l != nil {
		t.Location = l[1]
	}
	if p := partitionForm.FindStringSubmatch(m[3]); p != nil {
		for _, f := range textForm.FindAllStringSubmatch(p[1], -1) {
			t.Partitioning = append(t.Partitioning, f[1])
		}
	}
	if c.Columns != nil {
		t.Columns = c.Columns(t.Query)
	}
	return Answer{Updated: c.Written, Scanned: 1000, Finish: func() error {
		if c.Create == nil {
			return nil
		}
		return c.Create(t)
	}}
}

func (c Catalog) query(sql string) Answer {
	a := Answer{Updated: c.Written, Scanned: 100}
	if !reads(sql) {
		return a
	}
	if c.Columns != nil {
		a.Columns = c.Columns(sql)
	}
	if c.Rows != nil && !strings.HasSuffix(strings.TrimSpace(sql), "LIMIT 0") {
		a.Rows = c.Rows(sql)
	}
	return a
}
