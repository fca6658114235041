package governance

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lakeformation"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/environment"
	declared "github.com/floe-data/floe/runtime/governance"
)

// allTags are the stack's, in the order in which expressions name them.
var allTags = []string{declared.TagLayer, declared.TagSchema, declared.TagDomain, declared.TagSensitivity}

// Key is the key of one of the stack's tags.
func Key(s *site.Site, tag string) string { return declared.TagKey(s.Project, s.Stack, tag) }

// Databases are the names that schemas have in Glue.
func Databases(s *site.Site, schemas []string) []string {
	var names []string
	for _, schema := range schemas {
		names = append(names, environment.PhysicalSchema(s.Project, s.Stack, schema))
	}
	return names
}

// makeTags makes the stack's tags with all values that are used.
func (g *Governance) makeTags(ctx *pulumi.Context, args Args) error {
	schemas := slices.Sorted(maps.Keys(g.catalog.Databases))
	values := map[string][]string{
		declared.TagLayer:       g.layers(),
		declared.TagSchema:      schemas,
		declared.TagDomain:      distinct(append(declared.Domains(g.site.Pipelines, g.site.Live), args.Domains...)),
		declared.TagSensitivity: declared.Sensitivities(),
	}
	for _, tag := range allTags {
		made, err := lakeformation.NewLfTag(ctx, tag, &lakeformation.LfTagArgs{
			Key: pulumi.String(Key(g.site, tag)), Values: pulumi.ToStringArray(values[tag]),
		}, pulumi.Parent(g))
		if err != nil {
			return fmt.Errorf("tag %s: %w", Key(g.site, tag), err)
		}
		g.tags[tag] = made
		g.Ready = append(g.Ready, made)
	}
	return nil
}

// layers are those of all databases, kept ones among them.
func (g *Governance) layers() []string {
	if g == nil {
		return nil
	}
	all := declared.Layers(g.site.Live)
	for schema := range g.catalog.Databases {
		all = append(all, declared.Layer(schema))
	}
	return distinct(all)
}

// tagDatabases tags the databases; their tables and columns inherit that. What
// nobody classified stays unclassified, which no reader is granted.
func (g *Governance) tagDatabases(ctx *pulumi.Context, _ Args) error {
	for _, schema := range slices.Sorted(maps.Keys(g.catalog.Databases)) {
		for tag, value := range map[string]string{
			declared.TagLayer: declared.Layer(schema), declared.TagSchema: schema, declared.TagSensitivity: declared.Unclassified,
		} {
			made, err := lakeformation.NewResourceLfTag(ctx, schema+"-"+tag, &lakeformation.ResourceLfTagArgs{
				Database: lakeformation.ResourceLfTagDatabaseArgs{Name: g.catalog.Databases[schema].Name},
				LfTag:    lakeformation.ResourceLfTagLfTagArgs{Key: g.tags[tag].Key, Value: pulumi.String(value)},
			}, pulumi.Parent(g))
			if err != nil {
				return fmt.Errorf("tag %s of database %s: %w", tag, schema, err)
			}
			g.tagged = append(g.tagged, made)
		}
	}
	return nil
}

func distinct(values []string) []string {
	values = slices.Clone(values)
	slices.Sort(values)
	return slices.Compact(values)
}
