package governance

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/live"
)

// Want is what a table should have of tags and named grants. What is granted by
// tags needs none.
type Want struct {
	Domain      string   // "" for no tag
	Sensitivity string   // of a view, as a whole; "" where the columns have their own
	Columns     []Column // those that are there, in their order; none of a view
	Grants      []Named  // by principal, then rows
	Pending     []string // what is granted, but is not there
}

// Named is what one principal may read of one table because it is named.
type Named struct {
	Principal string
	Columns   []string // sorted
	Rows      string   // "" for all
	Whole     bool     // a view, of which there are no columns to grant
}

// FilterPrefix begins the names of the data cells filters that are floe's.
const FilterPrefix = "floe_"

// Filter is the name of the data cells filter that a grant of some rows needs:
// the same for the same columns and rows, another for others.
func (n Named) Filter() string {
	sum := sha256.Sum256([]byte(strings.Join(n.Columns, ",") + "\n" + n.Rows))
	return FilterPrefix + hex.EncodeToString(sum[:16])
}

// Wanted is what a table should have whose columns are these; view says that it
// is read as a whole. A table that nobody declares is Table{Schema, Name}:
// nobody reads it who is not granted columns by name.
func Wanted(t Table, columns []string, view bool, grants []live.Grant) Want {
	w := Want{Domain: t.Domain}
	var all []Column
	for _, name := range columns {
		all = append(all, Column{Name: name, Sensitivity: t.Of(name)})
	}
	switch {
	case view && !t.View && t.Model:
		// Built as the table that is declared now, it would keep what it had as a view.
		w.Sensitivity = Unclassified
		w.Pending = append(w.Pending, t.String()+": it is a view still, and read by nobody until it is built as the table that is declared")
		return w
	case view:
		w.Sensitivity = worst(leastOf(all), all)
	default:
		w.Columns = all
	}
	for _, g := range grants {
		if named(g) && reaches(g, t) != "" {
			w.grant(t, all, view, g)
		}
	}
	slices.SortFunc(w.Grants, func(a, b Named) int {
		return cmp.Or(cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Rows, b.Rows))
	})
	return w
}

// leastOf is where worst begins to count: what has no column is unclassified.
func leastOf(columns []Column) string {
	if len(columns) == 0 {
		return Unclassified
	}
	return columns[0].Sensitivity
}

// grant adds what one grant gives. Several grants of the same rows are one.
func (w *Want) grant(t Table, all []Column, view bool, g live.Grant) {
	can := readable(g, all, view)
	for _, name := range g.Columns {
		if !slices.ContainsFunc(all, func(c Column) bool { return strings.EqualFold(c.Name, name) }) {
			w.Pending = append(w.Pending, fmt.Sprintf("%s.%s for %s: there is no such column yet", t, name, g.Principal))
		}
	}
	switch {
	case view && g.Rows != "":
		w.Pending = append(w.Pending, fmt.Sprintf("rows of %s for %s: it is a view, which is read as a whole; make it a table", t, g.Principal))
		return
	case view && len(can) == 0:
		w.Pending = append(w.Pending, fmt.Sprintf("%s for %s: it is a view, which is read as a whole, and some of its columns are not granted; make it a table", t, g.Principal))
		return
	case len(can) == 0:
		return
	}
	i := slices.IndexFunc(w.Grants, func(n Named) bool { return n.Principal == g.Principal && n.Rows == g.Rows })
	if i < 0 {
		w.Grants = append(w.Grants, Named{Principal: g.Principal, Columns: sorted(can), Rows: g.Rows, Whole: view})
		return
	}
	w.Grants[i].Columns = sorted(append(w.Grants[i].Columns, can...))
}
