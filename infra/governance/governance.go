package governance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lakeformation"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/storage"
)

// Args are the component's; all but Domains are required.
type Args struct {
	Storage *storage.Storage
	Catalog *catalog.Catalog
	// Domains are the values that the tag domain has already, as Lake.Domains
	// finds them: Lake Formation refuses to take away a value that a table still
	// has. Default none.
	Domains []string
	// Close closes databases, by their names in Glue.
	Close func(context.Context, []string) error
}

// Governance is the component.
type Governance struct {
	pulumi.ResourceState

	// Closed gives the databases once they are closed: what makes or reads
	// tables waits for it with pulumi.DependsOnInputs.
	Closed pulumi.ResourceArrayOutput
	// Ready is what must be there before tags and locations are granted.
	Ready []pulumi.Resource

	site      *site.Site
	catalog   *catalog.Catalog
	tags      map[string]*lakeformation.LfTag    // by tag: layer
	locations map[string]*lakeformation.Resource // by bucket: landing
	tagged    []pulumi.Resource                  // databases' tags, without which a grant by tags grants nothing
}

// New makes tags and locations, and closes the databases.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*Governance, error) {
	if args.Storage == nil || args.Catalog == nil || args.Close == nil {
		return nil, errors.New("governance: storage, catalog and what closes databases are needed")
	}
	if err := check(s); err != nil {
		return nil, err
	}
	g := &Governance{site: s, catalog: args.Catalog, tags: map[string]*lakeformation.LfTag{}, locations: map[string]*lakeformation.Resource{}}
	if err := ctx.RegisterComponentResource("floe:governance:Governance", "governance", g, opts...); err != nil {
		return nil, fmt.Errorf("governance: %w", err)
	}
	for _, part := range []func(*pulumi.Context, Args) error{g.makeTags, g.register, g.tagDatabases} {
		if err := part(ctx, args); err != nil {
			return nil, fmt.Errorf("governance: %w", err)
		}
	}
	g.Closed = closing(ctx, s, args)
	keys := pulumi.StringMap{}
	for tag, made := range g.tags {
		keys[tag] = made.Key
	}
	return g, ctx.RegisterResourceOutputs(g, pulumi.Map{"tags": keys})
}

// Shut is what lets a resource wait until the databases are closed.
func (g *Governance) Shut() pulumi.ResourceOption {
	if g == nil {
		return pulumi.DependsOn(nil)
	}
	return pulumi.DependsOnInputs(g.Closed)
}

// closing closes the databases as soon as all are there. A preview changes
// nothing: it has told what it found before.
func closing(ctx *pulumi.Context, s *site.Site, args Args) pulumi.ResourceArrayOutput {
	var ids []any
	var databases []pulumi.Resource
	schemas := slices.Sorted(maps.Keys(args.Catalog.Databases))
	for _, schema := range schemas {
		made := args.Catalog.Databases[schema]
		ids, databases = append(ids, made.ID()), append(databases, made)
	}
	return pulumi.All(ids...).ApplyTWithContext(ctx.Context(), func(background context.Context, _ []any) ([]pulumi.Resource, error) {
		if ctx.DryRun() {
			return databases, nil
		}
		if err := args.Close(background, Databases(s, schemas)); err != nil {
			return nil, fmt.Errorf("close the databases to who is granted nothing: %w", err)
		}
		return databases, nil
	}).(pulumi.ResourceArrayOutput)
}
