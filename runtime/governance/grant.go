package governance

import (
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/live"
)

// Every stands for the columns of a table that nobody declares.
const Every = "*"

// reaches says by what a grant is of a table: "schema marts", "layer marts and
// domain sales", "table"; "" if it is not.
func reaches(g live.Grant, t Table) string {
	layer, domain := Layer(t.Schema), t.Domain
	switch {
	case slices.Contains(g.Tables, t.String()):
		return "table"
	case slices.Contains(g.Schemas, t.Schema):
		return "schema " + t.Schema
	case len(g.Layers)+len(g.Domains) == 0,
		len(g.Layers) > 0 && !slices.Contains(g.Layers, layer),
		len(g.Domains) > 0 && (domain == "" || !slices.Contains(g.Domains, domain)):
		return ""
	}
	var by []string
	if len(g.Layers) > 0 {
		by = append(by, "layer "+layer)
	}
	if len(g.Domains) > 0 {
		by = append(by, "domain "+domain)
	}
	return strings.Join(by, " and ")
}

// named says whether a grant names tables; all others are of tags.
func named(g live.Grant) bool { return len(g.Tables) > 0 }

// readable are those of some columns that a grant is of: the ones that it
// names, or those whose sensitivity it has. Of what is read as a whole it is
// all or none.
func readable(g live.Grant, columns []Column, whole bool) []string {
	var can []string
	for _, c := range columns {
		if allows(g, c) {
			can = append(can, c.Name)
		}
	}
	if whole && len(can) < len(columns) {
		return nil
	}
	return can
}

func allows(g live.Grant, c Column) bool {
	if len(g.Columns) > 0 {
		return slices.ContainsFunc(g.Columns, func(name string) bool { return strings.EqualFold(name, c.Name) })
	}
	return c.Sensitivity != Unclassified && slices.Contains(g.Sensitivity, c.Sensitivity)
}
