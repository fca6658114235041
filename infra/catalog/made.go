package catalog

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/environment"
)

// Made asks Glue which schemas the stack has databases of, sorted.
//
// Pulumi deletes what leaves the program, so a source that is renamed, or a
// schema that is no longer listed, would take its tables with it. No option
// says what is wanted here: retainOnDelete keeps the database when the stack is
// destroyed, too, and then stands in the way of the next one of its name;
// protect refuses both. So what is there stays in the program. It is given back
// by destroying the stack, which deletes what the state holds without asking
// the program; or by deleting the database in Glue by hand, after which the
// next refresh and up forget it.
//
// Whose a database is, its parameters say. The settings are the account's, with
// the credentials that the provider has too.
func Made(ctx context.Context, settings aws.Config, s *site.Site) ([]string, error) {
	var schemas []string
	pages := glue.NewGetDatabasesPaginator(glue.NewFromConfig(settings), &glue.GetDatabasesInput{CatalogId: &s.Account})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the databases of Glue, to keep those of schemas that left the project (needs glue:GetDatabases): %w", err)
		}
		for _, d := range page.DatabaseList {
			if schema := owned(s, d); schema != "" {
				schemas = append(schemas, schema)
			}
		}
	}
	slices.Sort(schemas)
	return slices.Compact(schemas), nil
}

// owned is the schema that a database of the stack holds, "" for any other.
func owned(s *site.Site, d types.Database) string {
	schema := d.Parameters[environment.ParameterSchema]
	if d.Parameters[environment.ParameterProject] != s.Project || d.Parameters[environment.ParameterStack] != s.Stack || d.Name == nil {
		return ""
	}
	if *d.Name != environment.PhysicalSchema(s.Project, s.Stack, schema) {
		return "" // a copy that somebody made by hand
	}
	return schema
}
