package governance

import (
	"path"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	declared "github.com/floe-data/floe/runtime/governance"
	"github.com/floe-data/floe/runtime/live"
)

// grantReaders grants what access.yaml grants by schema, layer and domain: the
// columns of the sensitivity that the grant has, in tables that are there and
// that will be. What it grants of named tables is the function's to grant; that
// their databases are seen is granted here. It waits until what it grants is
// classified as it is declared now, so that a classification that fails opens
// nothing.
func (g *Governance) grantReaders(ctx *pulumi.Context, governed pulumi.Resource) error {
	for _, w := range readers(g.site) {
		if _, err := g.permit(ctx, w, pulumi.Parent(g), pulumi.DependsOn(append(slices.Clone(g.Ready), governed))); err != nil {
			return err
		}
	}
	return nil
}

// readers are the readers' grants by tags, each once.
func readers(s *site.Site) []wish {
	var all []wish
	for _, grant := range s.Live.Access.Grants {
		for _, w := range reader(grant, declared.Layers(s.Live)) {
			w.principal = grant.Principal
			w.name = "reader-" + path.Base(grant.Principal) + "-" + short(grant.Principal+" "+w.kind+" "+w.where.String())
			if !slices.ContainsFunc(all, func(other wish) bool { return other.name == w.name }) {
				all = append(all, w)
			}
		}
	}
	return all
}

// reader is one grant. A database has no domain: a grant by domain alone sees
// the names of all.
func reader(grant live.Grant, layers []string) []wish {
	var seen, read []term
	add := func(to *[]term, tag string, values []string) {
		if len(values) > 0 {
			*to = append(*to, term{tag, values})
		}
	}
	add(&seen, declared.TagSchema, grant.Schemas)
	add(&seen, declared.TagSchema, schemasOf(grant.Tables))
	add(&seen, declared.TagLayer, grant.Layers)
	read = slices.Clone(seen)
	add(&read, declared.TagDomain, grant.Domains)
	if len(seen) == 0 {
		seen = []term{{declared.TagLayer, layers}}
	}
	var all []wish
	for _, e := range expressions(seen...) {
		all = append(all, wish{kind: "DATABASE", permissions: readDatabase, where: e})
	}
	if len(grant.Tables) > 0 {
		return all
	}
	add(&read, declared.TagSensitivity, grant.Sensitivity)
	for _, e := range expressions(read...) {
		all = append(all, wish{kind: "TABLE", permissions: readTables, where: e})
	}
	return all
}

// schemasOf are the schemas of tables.
func schemasOf(tables []string) []string {
	var all []string
	for _, t := range tables {
		schema, _, _ := strings.Cut(t, ".")
		all = append(all, schema)
	}
	return distinct(all)
}
