package lakehouse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
)

// glueCatalog is the Glue Data Catalog of one stack. A schema is a database
// that infra made; databases are neither created nor dropped here. A table is
// kept as Athena, Trino, Spark and PyIceberg keep theirs, so that all of them
// may write it: the parameter metadata_location is its pointer, and the
// VersionId that UpdateTable compares makes changing it a compare-and-swap.
type glueCatalog struct {
	client         *glue.Client
	project, stack string

	mu    sync.Mutex
	roots map[string]string // schema -> its database's location
}

var _ catalog = (*glueCatalog)(nil)

// The parameters of a Glue table that is an Iceberg table.
const (
	glueTableType        = "table_type"
	glueIceberg          = "ICEBERG"
	glueMetadata         = "metadata_location"
	gluePreviousMetadata = "previous_metadata_location"
	glueExternal         = "EXTERNAL_TABLE"
	glueView             = "VIRTUAL_VIEW"
)

// database is the Glue database of a schema.
func (c *glueCatalog) database(schemaName string) string {
	return environment.PhysicalSchema(c.project, c.stack, schemaName)
}

// tableName is a table's name in Glue, which keeps lower case only.
func tableName(n Name) *string { return aws.String(strings.ToLower(n.Table)) }

// ours says whether a database is the stack's, and which schema it is. A name
// alone does not tell: stack dev's x_marts looks like stack dev-x's marts.
func (c *glueCatalog) ours(d types.Database) (schemaName string, ok bool) {
	p := d.Parameters
	return p[environment.ParameterSchema], p[environment.ParameterProject] == c.project && p[environment.ParameterStack] == c.stack
}

// folder is the database's location; a database that is not there, or another
// stack's, is an error.
func (c *glueCatalog) folder(ctx context.Context, schemaName string) (string, error) {
	c.mu.Lock()
	root, ok := c.roots[schemaName]
	c.mu.Unlock()
	if ok {
		return root, nil
	}
	name := c.database(schemaName)
	out, err := c.client.GetDatabase(ctx, &glue.GetDatabaseInput{Name: &name})
	var missing *types.EntityNotFoundException
	if errors.As(err, &missing) {
		return "", c.noDatabase(schemaName)
	}
	if err != nil {
		return "", fmt.Errorf("look up the Glue database %s: %w", name, err)
	}
	p := out.Database.Parameters
	if is, ok := c.ours(*out.Database); !ok || is != schemaName {
		return "", fault.New(fault.Failed, fmt.Errorf("%w: the Glue database %s is not schema %s of stack %s: its parameters say project %q, stack %q, schema %q",
			ErrNoSchema, name, schemaName, c.stack, p[environment.ParameterProject], p[environment.ParameterStack], is), c.deploy())
	}
	root = strings.TrimRight(aws.ToString(out.Database.LocationUri), "/")
	if bucket, key := object(root); !inS3(root) || *bucket == "" || *key == "" {
		return "", fault.New(fault.Failed, fmt.Errorf("the Glue database %s: its location is %q, not s3://bucket/folder", name, root), c.deploy())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.roots[schemaName] = root
	return root, nil
}

// noDatabase is the error of a schema whose database is not there, or is no
// longer: nothing that was known of it counts.
func (c *glueCatalog) noDatabase(schemaName string) error {
	c.mu.Lock()
	delete(c.roots, schemaName)
	c.mu.Unlock()
	return fault.New(fault.Failed, fmt.Errorf("%w: schema %s is the Glue database %s, which does not exist", ErrNoSchema, schemaName, c.database(schemaName)), c.deploy())
}

func (c *glueCatalog) deploy() string { return "make deploy STACK=" + c.stack }

func (c *glueCatalog) find(ctx context.Context, n Name) (entry, error) {
	t, err := c.table(ctx, n)
	if err != nil || t == nil {
		return entry{}, err
	}
	e := entryOf(*t)
	if e.kind == "" {
		return entry{}, fault.New(fault.Failed, fmt.Errorf("the Glue table %s.%s is no Iceberg table: its type is %q, its parameter table_type %q",
			c.database(n.Schema), *t.Name, aws.ToString(t.TableType), t.Parameters[glueTableType]), "drop it, or give the table of floe another name")
	}
	return e, nil
}

// table is the Glue table of a relation, nil if there is none.
func (c *glueCatalog) table(ctx context.Context, n Name) (*types.Table, error) {
	if _, err := c.folder(ctx, n.Schema); err != nil {
		return nil, err
	}
	out, err := c.client.GetTable(ctx, &glue.GetTableInput{DatabaseName: aws.String(c.database(n.Schema)), Name: tableName(n)})
	var missing *types.EntityNotFoundException
	if errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up %s in Glue: %w", n, err)
	}
	return out.Table, nil
}

// entryOf is a Glue table as an entry; its kind is "" if it is neither an
// Iceberg table nor a view.
func entryOf(t types.Table) entry {
	location := t.Parameters[glueMetadata]
	switch {
	case aws.ToString(t.TableType) == glueView:
		return entry{kind: kindView}
	case strings.EqualFold(t.Parameters[glueTableType], glueIceberg) && location != "":
		return entry{kind: kindTable, location: location}
	}
	return entry{}
}

func (c *glueCatalog) schemas(ctx context.Context) ([]string, error) {
	var found []string
	for pages := glue.NewGetDatabasesPaginator(c.client, &glue.GetDatabasesInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the Glue databases: %w", err)
		}
		for _, d := range page.DatabaseList {
			if name, ok := c.ours(d); ok && aws.ToString(d.Name) == c.database(name) {
				found = append(found, name)
			}
		}
	}
	slices.Sort(found)
	return found, nil
}

func (c *glueCatalog) list(ctx context.Context, schemaName string) ([]Relation, error) {
	return listed(ctx, c, schemaName)
}

func (c *glueCatalog) there(ctx context.Context, schemaName string) error {
	_, err := c.folder(ctx, schemaName)
	return err
}

// relations are the Iceberg tables and the views of one schema.
func (c *glueCatalog) relations(ctx context.Context, schemaName string) ([]Relation, error) {
	var found []Relation
	in := &glue.GetTablesInput{DatabaseName: aws.String(c.database(schemaName))}
	for pages := glue.NewGetTablesPaginator(c.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the tables of the Glue database %s: %w", *in.DatabaseName, err)
		}
		for _, t := range page.TableList {
			if e := entryOf(t); e.kind != "" {
				found = append(found, Relation{Name: Name{schemaName, aws.ToString(t.Name)}, View: e.view(), location: e.location})
			}
		}
	}
	slices.SortFunc(found, func(a, b Relation) int { return cmp.Compare(a.Name.Table, b.Name.Table) })
	return found, nil
}

func (c *glueCatalog) place(ctx context.Context, n Name) (string, error) { return inFolder(ctx, c, n) }

// noViews: a view is the SQL engine's, which keeps its text in Glue.
func (c *glueCatalog) noViews(n Name) error {
	return fault.New(fault.Failed, fmt.Errorf("view %s: on AWS the SQL engine makes and drops views, not the lake", n), "CREATE VIEW or DROP VIEW in Athena")
}

func (c *glueCatalog) remover() string { return "" }

// check finds nothing to say of Glue itself: what does not answer is an error
// of the listing that follows.
func (c *glueCatalog) check(context.Context) []Problem { return nil }

func (c *glueCatalog) close() error { return nil }
