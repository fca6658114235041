package lake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"

	"github.com/floe-data/floe/runtime/governance"
)

// right is one permission of a principal, and what it is of: the table (""),
// all columns (*), columns (a,b) or a filter's rows and columns (floe_1234).
type right struct {
	principal  string
	permission types.Permission
	of         string
	filter     bool
}

// wholly is what a right to select all columns is of.
const wholly = "*"

// rights are those that named grants need: the least verbs, never ALL.
func rights(want governance.Want) []right {
	var all []right
	for _, n := range want.Grants {
		all = append(all, right{principal: n.Principal, permission: types.PermissionDescribe})
		r := right{principal: n.Principal, permission: types.PermissionSelect, of: strings.Join(n.Columns, ",")}
		switch {
		case n.Rows != "":
			r.of, r.filter = n.Filter(), true
		case n.Whole:
			r.of = wholly
		}
		all = append(all, r)
	}
	return all
}

// resource is what a right is of, as Lake Formation says it.
func (p *part) resource(r right) *types.Resource {
	switch {
	case r.filter:
		return &types.Resource{DataCellsFilter: &types.DataCellsFilterResource{TableCatalogId: &p.catalog, DatabaseName: &p.database, TableName: &p.table, Name: &r.of}}
	case r.of == "" || r.of == wholly:
		return &types.Resource{Table: &types.TableResource{DatabaseName: &p.database, Name: &p.table}}
	}
	return p.columnsOf(strings.Split(r.of, ",")...)
}

// govern makes tags, filters and grants of one part.
func (p *part) govern(ctx context.Context) error {
	if p.table == "" {
		_, err := p.take(ctx, &types.Resource{Table: &types.TableResource{DatabaseName: &p.database, TableWildcard: &types.TableWildcard{}}}, nil)
		return err
	}
	have, err := p.tagged(ctx)
	if err != nil {
		return p.unless(ctx, err)
	}
	declared, pending := p.effective(have)
	want := governance.Wanted(declared, p.columns, p.view, p.Spec.Grants)
	if err := p.tag(ctx, want, have); err != nil {
		return p.unless(ctx, err)
	}
	p.summary.Pending = append(p.summary.Pending, slices.Concat(pending, want.Pending)...)
	return p.grants(ctx, want)
}

// unless is an error, but for one of a table that was dropped meanwhile.
func (p *part) unless(ctx context.Context, err error) error {
	if gone(err) && ctx.Err() == nil && !p.there(ctx) {
		return nil
	}
	return err
}

// grants makes filters and grants of one table.
func (p *part) grants(ctx context.Context, want governance.Want) error {
	made, err := p.makeFilters(ctx, want)
	if err != nil {
		return err
	}
	wanted := rights(want)
	have, err := p.take(ctx, &types.Resource{Table: &types.TableResource{DatabaseName: &p.database, Name: &p.table}}, wanted)
	if err != nil {
		return err
	}
	for _, r := range wanted {
		if slices.Contains(have, r) {
			continue
		}
		if err := p.grant(ctx, r); err != nil {
			return err
		}
	}
	if err := p.removeFilters(ctx, want, made); err != nil {
		return err
	}
	p.summary.Tables++
	return nil
}

func (p *part) grant(ctx context.Context, r right) error {
	_, err := p.lf.GrantPermissions(ctx, &lakeformation.GrantPermissionsInput{Principal: &types.DataLakePrincipal{DataLakePrincipalIdentifier: &r.principal},
		Resource: p.resource(r), Permissions: []types.Permission{r.permission}})
	if err != nil {
		return p.grantFailed(fmt.Sprintf("grant %s to %s on", r.permission, r.principal), r.principal, err)
	}
	p.summary.Granted++
	p.Log.Info("granted", "table", p.id, "principal", r.principal, "permission", r.permission, "of", r.of)
	return nil
}

// take looks at who has what of a resource, takes away what is neither wanted
// nor the stack's own, and gives what is left of the wanted.
func (p *part) take(ctx context.Context, of *types.Resource, wanted []right) ([]right, error) {
	in := &lakeformation.ListPermissionsInput{Resource: of}
	if p.table != "" {
		in.IncludeRelated = aws.String("TRUE") // filters, too
	}
	var listed []types.PrincipalResourcePermissions
	for pages := lakeformation.NewListPermissionsPaginator(p.lf, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, p.failed("list who has rights on", err)
		}
		listed = append(listed, page.PrincipalResourcePermissions...)
	}
	var have []right
	for _, one := range listed {
		principal, ours := "", p.about(one.Resource)
		if one.Principal != nil {
			principal = aws.ToString(one.Principal.DataLakePrincipalIdentifier)
		}
		if !ours {
			continue
		}
		if slices.Contains(p.Spec.Roles, principal) {
			p.summary.Left++
			continue
		}
		kept, err := p.sift(ctx, principal, one, wanted)
		if err != nil {
			return nil, err
		}
		have = append(have, kept...)
	}
	return have, nil
}

// about says whether what is listed is a grant by name of the part: a grant by
// tags is not, nor is one of all tables where one table is looked at.
func (p *part) about(r *types.Resource) bool {
	switch {
	case r == nil:
		return false
	case r.Table != nil:
		return (r.Table.TableWildcard != nil || aws.ToString(r.Table.Name) == allTables) == (p.table == "")
	case r.TableWithColumns != nil:
		return (aws.ToString(r.TableWithColumns.Name) == allTables) == (p.table == "")
	}
	return r.DataCellsFilter != nil
}

// allTables is how Lake Formation names a grant of all tables of a database.
const allTables = "ALL_TABLES"

// sift revokes what is not wanted of one record, and gives the rest. What may
// be passed on to others is revoked whole.
func (p *part) sift(ctx context.Context, principal string, one types.PrincipalResourcePermissions, wanted []right) ([]right, error) {
	if one.Resource = p.present(one.Resource); one.Resource == nil {
		return nil, nil
	}
	var kept []right
	var revoke []types.Permission
	for _, permission := range one.Permissions {
		r := right{principal: principal, permission: permission}
		r.of, r.filter = scope(one.Resource)
		if permission == types.PermissionSelect && one.Resource.Table != nil {
			r.of = wholly
		}
		if len(one.PermissionsWithGrantOption) == 0 && slices.Contains(wanted, r) {
			kept = append(kept, r)
			continue
		}
		revoke = append(revoke, permission)
	}
	if len(revoke) == 0 && len(one.PermissionsWithGrantOption) == 0 {
		return kept, nil
	}
	resource := one.Resource
	if p.table == "" {
		resource = &types.Resource{Table: &types.TableResource{DatabaseName: &p.database, TableWildcard: &types.TableWildcard{}}}
	}
	_, err := p.lf.RevokePermissions(ctx, &lakeformation.RevokePermissionsInput{Principal: one.Principal, Resource: resource,
		Permissions: revoke, PermissionsWithGrantOption: one.PermissionsWithGrantOption})
	if gone(err) || invalid(err, "no permissions") || invalid(err, "cell filter not found") {
		return kept, nil // another run was quicker
	}
	if err != nil {
		return nil, p.failed(fmt.Sprintf("revoke %v from %s on", revoke, principal), err)
	}
	p.summary.Revoked++
	of, _ := scope(one.Resource)
	p.Log.Info("revoked", "table", p.id, "principal", principal, "permissions", revoke, "of", of)
	return kept, nil
}

// present is what is listed without the columns that the table has no longer:
// they stay listed, and AWS refuses to revoke what is granted of them. It is
// nil where none is left.
func (p *part) present(r *types.Resource) *types.Resource {
	if r.TableWithColumns == nil || len(r.TableWithColumns.ColumnNames) == 0 {
		return r
	}
	columns := *r.TableWithColumns
	columns.ColumnNames = slices.DeleteFunc(slices.Clone(columns.ColumnNames), func(c string) bool { return !slices.Contains(p.columns, c) })
	if len(columns.ColumnNames) == 0 {
		return nil
	}
	return &types.Resource{TableWithColumns: &columns}
}

// scope is what of a table a record is of, as right.of has it.
func scope(r *types.Resource) (of string, filter bool) {
	switch {
	case r.DataCellsFilter != nil:
		return aws.ToString(r.DataCellsFilter.Name), true
	case r.TableWithColumns == nil:
		return "", false
	}
	c := r.TableWithColumns
	if c.ColumnWildcard == nil {
		return strings.Join(slices.Sorted(slices.Values(c.ColumnNames)), ","), false
	}
	if len(c.ColumnWildcard.ExcludedColumnNames) > 0 {
		return wholly + " but " + strings.Join(c.ColumnWildcard.ExcludedColumnNames, ","), false
	}
	return wholly, false
}
