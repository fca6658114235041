package lakehouse

import (
	"context"

	ice "github.com/apache/iceberg-go/table"
)

// catalog knows which relations there are and where their metadata is. What
// matters to us is its compare-and-swap of one metadata location: with it every
// act of this package is whole, whatever else happens at the same time.
type catalog interface {
	// find gives a relation's entry; its kind is "" if there is none.
	find(ctx context.Context, n Name) (entry, error)
	// list gives the relations of a schema, or of all if it is "", sorted.
	list(ctx context.Context, schemaName string) ([]Relation, error)
	// schemas gives the schemas, those without relations too, sorted.
	schemas(ctx context.Context) ([]string, error)
	// swap makes next the relation's entry if it still is old; errMovedOn if
	// not. An empty kind stands for no entry, on either side. An error that is
	// errUnanswered leaves open whether it was or still will be done.
	swap(ctx context.Context, n Name, old, next entry) error
	// folder is where a schema's relations have their folders, a plain path; an
	// error where they have none in common.
	folder(ctx context.Context, schemaName string) (string, error)
	// place is where a relation's files belong, a plain path, before it is there,
	// too. A catalog that gives places itself makes one then.
	place(ctx context.Context, n Name) (string, error)
	// noViews is nil where views are kept as Iceberg's, else the refusal.
	noViews(n Name) error
	// remover is who removes the files that a catalog's tables no longer have, ""
	// for this package. Where there is one, nobody else lists or removes any.
	remover() string
	check(ctx context.Context) []Problem
	close() error
}

// perSchema is a catalog that is asked for one schema's relations at a time.
type perSchema interface {
	there(ctx context.Context, schemaName string) error // where a schema is not
	relations(ctx context.Context, schemaName string) ([]Relation, error)
	schemas(ctx context.Context) ([]string, error)
}

// listed gives the relations of a schema, or of all if it is "".
func listed(ctx context.Context, c perSchema, schemaName string) ([]Relation, error) {
	if schemaName != "" {
		if err := c.there(ctx, schemaName); err != nil {
			return nil, err
		}
		return c.relations(ctx, schemaName)
	}
	schemas, err := c.schemas(ctx)
	var all []Relation
	for _, s := range schemas {
		some, err := c.relations(ctx, s)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, err
}

const (
	kindTable = "TABLE"
	kindView  = "VIEW"
)

// entry is a relation in the catalog, and where its metadata is.
type entry struct {
	kind     string // "" if there is none
	location string
	meta     ice.Metadata // what is at location, where swap is to make a table of it
}

func (e entry) view() bool { return e.kind == kindView }

func (e entry) same(o entry) bool { return e.kind == o.kind && e.location == o.location }
