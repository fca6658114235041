package lake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/governance"
)

// part is what is done in one go: a table, or what a database has for all of
// its tables.
type part struct {
	*lake
	id       string // schema.table; schema.* for all tables
	catalog  string // the account
	database string
	table    string // "" for all tables
	declared governance.Table
	columns  []string
	former   []string // columns of former schemas, which who travels in time finds
	built    string   // the note that a model's table has, "" for none
	view     bool
}

// isCurrent is the parameter of a column that Iceberg's writers keep in Glue:
// false is one that the table had.
const isCurrent = "iceberg.field.current"

// everyTable is the part of a database that is not of one table.
const everyTable = "*"

// find lists the stack's tables, whoever made them, in order.
func (l *lake) find(ctx context.Context) ([]part, error) {
	var all []part
	for pages := glue.NewGetDatabasesPaginator(l.glue, &glue.GetDatabasesInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the Glue databases: %w", err)
		}
		for _, d := range page.DatabaseList {
			parts, err := l.database(ctx, d)
			if err != nil {
				return nil, err
			}
			all = append(all, parts...)
		}
	}
	if len(all) == 0 {
		return nil, fault.New(fault.Failed, fmt.Errorf("found no Glue database of stack %s of %s", l.Stack, l.Project), "make deploy STACK="+l.Stack)
	}
	slices.SortFunc(all, func(a, b part) int { return cmp.Compare(a.id, b.id) })
	return all, nil
}

// database lists the tables of a database; none of one that is not the stack's.
func (l *lake) database(ctx context.Context, d types.Database) ([]part, error) {
	schema, name := d.Parameters[environment.ParameterSchema], aws.ToString(d.Name)
	if d.Parameters[environment.ParameterProject] != l.Project || d.Parameters[environment.ParameterStack] != l.Stack ||
		name != environment.PhysicalSchema(l.Project, l.Stack, schema) {
		return nil, nil
	}
	all := []part{{lake: l, id: schema + "." + everyTable, catalog: aws.ToString(d.CatalogId), database: name}}
	for pages := glue.NewGetTablesPaginator(l.glue, &glue.GetTablesInput{DatabaseName: &name}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the tables of the Glue database %s: %w", name, err)
		}
		for _, t := range page.TableList {
			all = append(all, l.part(schema, t))
		}
	}
	return all, nil
}

func (l *lake) part(schema string, t types.Table) part {
	name := aws.ToString(t.Name)
	p := part{lake: l, id: schema + "." + name, catalog: aws.ToString(t.CatalogId), database: aws.ToString(t.DatabaseName), table: name,
		declared: governance.Table{Schema: schema, Name: name}, view: aws.ToString(t.TableType) == "VIRTUAL_VIEW", built: t.Parameters[environment.ParameterClassified]}
	i := slices.IndexFunc(l.Tables, func(d governance.Table) bool { return d.String() == p.id })
	if i >= 0 {
		p.declared = l.Tables[i]
	}
	if t.StorageDescriptor != nil {
		for _, c := range slices.Concat(t.StorageDescriptor.Columns, t.PartitionKeys) {
			name := strings.ToLower(aws.ToString(c.Name))
			p.columns = append(p.columns, name)
			if c.Parameters[isCurrent] == "false" {
				p.former = append(p.former, name)
			}
		}
	}
	return p
}
