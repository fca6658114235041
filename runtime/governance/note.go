package governance

import (
	"encoding/json"
	"maps"
	"slices"
)

// note is how sensitive the columns of a model's table were held to be when it
// was built: by column, and Every for the others.
type note map[string]string

func (t Table) note() note {
	n := note{Every: Classified(t.Sensitivity)}
	for _, c := range t.Columns {
		n[c.Name] = c.Sensitivity
	}
	return n
}

// of is a column's; where a note does not tell, nobody may read it.
func (n note) of(column string) string {
	if s, ok := n[column]; ok {
		return Classified(s)
	}
	return Classified(n[Every])
}

func (n note) text() string {
	text, err := json.Marshal(n)
	if err != nil {
		return "" // a map of texts has JSON
	}
	return string(text)
}

// parseNote reads what cannot be read as a note that tells nothing.
func parseNote(text string) note {
	n := note{}
	if json.Unmarshal([]byte(text), &n) != nil {
		return note{}
	}
	return n
}

// Note is what a model's table is noted with that is built as the table says.
func (t Table) Note() string { return t.note().text() }

// NoteOfMore is that of a table with these columns and that note which rows are
// added to: what is in it already stays as sensitive as it was.
func (t Table) NoteOfMore(before string, columns []string) string {
	n, was := t.note(), parseNote(before)
	for _, name := range columns {
		n[name] = worse(t.Of(name), was.of(name))
	}
	return n.text()
}

// Under is the table with data that was built under a note: no column is less
// sensitive than it was then, until it is built anew.
func (t Table) Under(text string) Table {
	n := parseNote(text)
	columns := slices.Clone(t.Columns)
	for i, c := range columns {
		if more := worse(c.Sensitivity, n.of(c.Name)); more != c.Sensitivity {
			columns[i].Sensitivity, columns[i].Own = more, true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n)) {
		more := worse(t.Of(name), n.of(name))
		if name != Every && more != t.Of(name) && !slices.ContainsFunc(columns, func(c Column) bool { return c.Name == name }) {
			columns = append(columns, Column{Name: name, Sensitivity: more, Own: true})
		}
	}
	t.Columns, t.Sensitivity = columns, worse(Classified(t.Sensitivity), n.of(Every))
	return t
}

// Held is the table with these columns no less sensitive than they were held to
// be before: Unclassified where they are not in before.
func (t Table) Held(columns []string, before map[string]string) Table {
	held := make([]Column, 0, len(columns))
	for _, name := range columns {
		held = append(held, Column{Name: name, Sensitivity: worse(t.Of(name), Classified(before[name]))})
	}
	t.Columns = held
	return t
}

// worse is the more sensitive of two.
func worse(a, b string) string {
	order := Sensitivities()
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
