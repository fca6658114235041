package lake

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"

	"github.com/floe-data/floe/runtime/governance"
)

// makeFilters makes the data cells filters that named grants of some rows need,
// and mends those that somebody changed. It gives the names of floe's that are
// there. A filter's name holds its columns and rows, so that a grant that
// changes has another filter, which is there before the old one goes.
func (p *part) makeFilters(ctx context.Context, want governance.Want) ([]string, error) {
	there, err := p.filters(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range there {
		names = append(names, aws.ToString(f.Name))
	}
	for _, n := range want.Grants {
		if n.Rows == "" {
			continue
		}
		f := p.filter(n)
		i := slices.Index(names, *f.Name)
		switch {
		case i < 0:
			_, err = p.lf.CreateDataCellsFilter(ctx, &lakeformation.CreateDataCellsFilterInput{TableData: &f})
			if is(err, "AlreadyExistsException") {
				err = nil // another run was quicker
			}
			names = append(names, *f.Name)
		case !same(f, there[i]):
			_, err = p.lf.UpdateDataCellsFilter(ctx, &lakeformation.UpdateDataCellsFilterInput{TableData: &f})
		default:
			continue
		}
		if err != nil {
			return nil, p.failed("let rows where "+n.Rows+" be read of", err)
		}
		there = append(there, f)
		p.summary.Filters++
		p.Log.Info("filter", "table", p.id, "name", *f.Name, "rows", n.Rows)
	}
	return names, nil
}

// filters are floe's data cells filters of the table.
func (p *part) filters(ctx context.Context) ([]types.DataCellsFilter, error) {
	var all []types.DataCellsFilter
	in := &lakeformation.ListDataCellsFilterInput{Table: &types.TableResource{CatalogId: &p.catalog, DatabaseName: &p.database, Name: &p.table}}
	for pages := lakeformation.NewListDataCellsFilterPaginator(p.lf, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, p.failed("list the filters of", err)
		}
		for _, f := range page.DataCellsFilters {
			if strings.HasPrefix(aws.ToString(f.Name), governance.FilterPrefix) {
				all = append(all, f)
			}
		}
	}
	return all, nil
}

func (p *part) filter(n governance.Named) types.DataCellsFilter {
	return types.DataCellsFilter{TableCatalogId: &p.catalog, DatabaseName: &p.database, TableName: &p.table, Name: aws.String(n.Filter()),
		ColumnNames: n.Columns, RowFilter: &types.RowFilter{FilterExpression: aws.String(n.Rows)}}
}

// same says whether a filter lets the same columns and rows be read.
func same(a, b types.DataCellsFilter) bool {
	return b.RowFilter != nil && aws.ToString(a.RowFilter.FilterExpression) == aws.ToString(b.RowFilter.FilterExpression) && b.ColumnWildcard == nil &&
		slices.Equal(slices.Sorted(slices.Values(a.ColumnNames)), slices.Sorted(slices.Values(b.ColumnNames)))
}

// removeFilters removes floe's filters that no grant needs any more.
func (p *part) removeFilters(ctx context.Context, want governance.Want, there []string) error {
	for _, name := range there {
		if slices.ContainsFunc(want.Grants, func(n governance.Named) bool { return n.Rows != "" && n.Filter() == name }) {
			continue
		}
		_, err := p.lf.DeleteDataCellsFilter(ctx, &lakeformation.DeleteDataCellsFilterInput{TableCatalogId: &p.catalog, DatabaseName: &p.database, TableName: &p.table, Name: &name})
		if err != nil && !gone(err) {
			return p.failed("remove the filter "+name+" of", err)
		}
		p.summary.Filters++
		p.Log.Info("no filter", "table", p.id, "name", name)
	}
	return nil
}

// there says whether the table is in Glue still; where that cannot be told, it is.
func (p *part) there(ctx context.Context) bool {
	_, err := p.glue.GetTable(ctx, &glue.GetTableInput{DatabaseName: &p.database, Name: &p.table})
	var missing *gluetypes.EntityNotFoundException
	return !errors.As(err, &missing)
}
