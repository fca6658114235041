package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3tables"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/live"
)

// landing begins the name of a source's schema.
const landing = "landing_"

// Args are where tables lie, and what the stack had before.
type Args struct {
	Storage *storage.Storage
	// Made are the logical schemas that the stack has databases of already, as
	// Made finds them. They are kept even if the project names them no more.
	// Default none.
	Made []string
}

// Catalog is the component.
type Catalog struct {
	pulumi.ResourceState

	// Schemas are the logical ones, sorted.
	Schemas []string
	// Databases by logical schema; none where tables lie in a table bucket.
	Databases map[string]*glue.CatalogDatabase
	// Namespaces by logical schema, where tables lie in a table bucket.
	Namespaces map[string]*s3tables.Namespace
	// Ready is what must be there before tables are made.
	Ready []pulumi.Resource
}

// Landing is the schema of a source's tables.
func Landing(source string) string { return landing + source }

// Schemas are the logical schemas that project and stack name, sorted.
func Schemas(s *site.Site) []string {
	schemas := slices.Concat(live.Layers, s.Live.Platform.Schemas)
	for source := range s.Pipelines.Sources {
		schemas = append(schemas, Landing(source))
	}
	slices.Sort(schemas)
	return slices.Compact(schemas)
}

// New makes the databases.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*Catalog, error) {
	if err := check(s, args); err != nil {
		return nil, err
	}
	c := &Catalog{Databases: map[string]*glue.CatalogDatabase{}, Namespaces: map[string]*s3tables.Namespace{}}
	if err := ctx.RegisterComponentResource("floe:catalog:Catalog", "catalog", c, opts...); err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	current := Schemas(s)
	all := slices.Concat(current, args.Made)
	slices.Sort(all)
	names := pulumi.StringMap{}
	c.Schemas = slices.Compact(all)
	for _, schema := range c.Schemas {
		if args.Storage.Tables != nil {
			if err := c.namespace(ctx, s, args.Storage.Tables, schema); err != nil {
				return nil, fmt.Errorf("namespace of schema %s: %w", schema, err)
			}
			names[schema] = pulumi.String(environment.PhysicalSchema(s.Project, s.Stack, schema))
			continue
		}
		database, err := c.database(ctx, s, args.Storage, schema, slices.Contains(current, schema))
		if err != nil {
			return nil, fmt.Errorf("database of schema %s: %w", schema, err)
		}
		c.Databases[schema] = database
		c.Ready = append(c.Ready, database)
		names[schema] = database.Name
	}
	if err := ctx.RegisterResourceOutputs(c, pulumi.Map{"databases": names}); err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	return c, nil
}

// check refuses schemas that cannot be told apart.
func check(s *site.Site, args Args) error {
	if args.Storage == nil {
		return fmt.Errorf("catalog: Storage is missing; give the buckets that tables lie in")
	}
	for i, name := range s.Live.Platform.Schemas {
		if strings.HasPrefix(name, landing) {
			return fmt.Errorf("live/%s/platform.yaml: schemas[%d]: found %s, but %s is how a source's own schema begins; name it otherwise", s.Stack, i, name, landing)
		}
	}
	physical := map[string]string{}
	for _, schema := range slices.Sorted(maps.Keys(set(slices.Concat(Schemas(s), args.Made)))) {
		name := environment.PhysicalSchema(s.Project, s.Stack, schema)
		if other, taken := physical[name]; taken {
			return fmt.Errorf("schemas %s and %s would have the same Glue database, %s; rename one of them", other, schema, name)
		}
		physical[name] = schema
	}
	return nil
}

func set(names []string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}

// class is how much of a secret a schema's rows are: a landing schema has one
// source's, all others may have any.
func class(s *site.Site, schema string) string {
	source, landed := strings.CutPrefix(schema, landing)
	if !landed {
		return s.DataClass("")
	}
	return s.DataClass(source)
}

// database makes a schema's database. Where it is deleted, Glue deletes the
// entries of its tables with it (DeleteDatabase: "Glue deletes these orphaned
// resources asynchronously"), so tables that the runtime made do not hold up a
// destroy. A stack that may not be deleted protects its databases and keeps
// them even without that.
func (c *Catalog) database(ctx *pulumi.Context, s *site.Site, st *storage.Storage, schema string, current bool) (*glue.CatalogDatabase, error) {
	keep := !s.Live.Platform.Deletable()
	return glue.NewCatalogDatabase(ctx, schema, &glue.CatalogDatabaseArgs{
		Name:        pulumi.String(environment.PhysicalSchema(s.Project, s.Stack, schema)),
		Description: pulumi.String(description(schema, current)),
		LocationUri: pulumi.String(location(st, schema)),
		Tags:        pulumi.StringMap{site.TagLayer: pulumi.String(layer(schema)), site.TagDataClass: pulumi.String(class(s, schema))},
		Parameters: pulumi.StringMap{
			environment.ParameterProject: pulumi.String(s.Project),
			environment.ParameterStack:   pulumi.String(s.Stack),
			environment.ParameterSchema:  pulumi.String(schema),
		},
	}, pulumi.Parent(c), pulumi.Protect(keep), pulumi.RetainOnDelete(keep))
}

// namespace makes a schema's namespace in the table bucket. It has no
// parameters, so its name alone says whose it is: the bucket is the stack's own.
func (c *Catalog) namespace(ctx *pulumi.Context, s *site.Site, bucket *s3tables.TableBucket, schema string) error {
	keep := !s.Live.Platform.Deletable()
	made, err := s3tables.NewNamespace(ctx, schema, &s3tables.NamespaceArgs{
		Namespace: pulumi.String(environment.PhysicalSchema(s.Project, s.Stack, schema)), TableBucketArn: bucket.Arn,
	}, pulumi.Parent(c), pulumi.Protect(keep), pulumi.RetainOnDelete(keep))
	if err != nil {
		return err
	}
	c.Namespaces[schema] = made
	c.Ready = append(c.Ready, made)
	return nil
}

// layer is what the buckets are tagged with, too.
func layer(schema string) string {
	if strings.HasPrefix(schema, landing) {
		return "landing"
	}
	return "lakehouse"
}

// location is where the schema's tables lie, each in a folder of its own.
func location(st *storage.Storage, schema string) string {
	bucket := st.Lakehouse.Name
	if strings.HasPrefix(schema, landing) {
		bucket = st.Landing.Name
	}
	return "s3://" + bucket + "/" + schema
}

func description(schema string, current bool) string {
	source, isLanding := strings.CutPrefix(schema, landing)
	switch {
	case !current:
		return schema + ", which the project no longer has; kept with its tables until the stack is destroyed"
	case isLanding:
		return "tables of the source " + source + ", as delivered"
	}
	return "models of the schema " + schema
}
