package governance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	catalog "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"

	"github.com/floe-data/floe/runtime/fault"
)

// closings is how often it is tried: what AWS was told a moment ago it does not
// always tell, and somebody else may deploy at the same time.
const closings = 4

// Close takes away what is open of the databases and makes their new tables
// open to nobody, then asks whether that is so. It lets who administers Lake
// Formation change and remove the databases: once they are closed, AWS refuses
// that to all but who made them.
func (l *Lake) Close(ctx context.Context, databases []string) error {
	var left []Opening
	dropped := map[string]bool{}
	for try := range closings {
		if err := l.wait(ctx, try); err != nil {
			return err
		}
		s, err := l.look(ctx, databases)
		if err != nil {
			return err
		}
		if err := l.hold(ctx, s, databases); err != nil {
			return err
		}
		s.forget(dropped)
		if left = s.all(); len(left) == 0 {
			return nil
		}
		if err := l.take(ctx, s, dropped); err != nil {
			return err
		}
	}
	var lines []string
	for _, o := range left {
		lines = append(lines, o.String())
	}
	return fault.New(fault.Failed, fmt.Errorf("it was taken away, and is there again:\n%s", strings.Join(lines, "\n")),
		"look who grants it (CloudTrail: GrantPermissions, UpdateDatabase), end that, and deploy again")
}

// wait lets AWS show what it was told; the first try waits for nothing.
func (l *Lake) wait(ctx context.Context, try int) error {
	if try == 0 {
		return nil
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("wait for Lake Formation: %w", ctx.Err())
	case <-time.After(l.pause << (try - 1)):
		return nil
	}
}

// take takes everything away that is open, and notes the openings of columns
// that are not there.
func (l *Lake) take(ctx context.Context, s *state, dropped map[string]bool) error {
	for _, o := range s.openings {
		err := l.revoke(ctx, o, revocable(o.grant.Resource))
		if refused(err, noColumn) {
			err = l.byColumn(ctx, o, dropped)
		}
		if err != nil && !gone(err) {
			return l.failed("take away that "+o.String(), err)
		}
	}
	for _, d := range s.defaults {
		_, err := l.glue.UpdateDatabase(ctx, &glue.UpdateDatabaseInput{CatalogId: &l.site.Account, Name: d.Name, DatabaseInput: &catalog.DatabaseInput{
			Name: d.Name, Description: d.Description, LocationUri: d.LocationUri, Parameters: d.Parameters,
			TargetDatabase: d.TargetDatabase, FederatedDatabase: d.FederatedDatabase,
			CreateTableDefaultPermissions: []catalog.PrincipalPermissions{}, // an absent list would not close it
		}})
		if err != nil {
			return l.failed("make new tables of database "+aws.ToString(d.Name)+" open to nobody", err)
		}
	}
	return nil
}

func (l *Lake) revoke(ctx context.Context, o Opening, of *types.Resource) error {
	_, err := l.lake.RevokePermissions(ctx, &lakeformation.RevokePermissionsInput{
		CatalogId: &l.site.Account, Principal: o.grant.Principal, Resource: of,
		Permissions: o.grant.Permissions, PermissionsWithGrantOption: o.grant.PermissionsWithGrantOption,
	})
	return err
}

// byColumn takes away what is open of each column that is there. What was
// granted of a column outlives it: it stays listed, and AWS refuses to revoke it.
func (l *Lake) byColumn(ctx context.Context, o Opening, dropped map[string]bool) error {
	for _, column := range columnsOf(o) {
		one := *o.grant.Resource.TableWithColumns
		one.ColumnNames = []string{column}
		err := l.revoke(ctx, o, &types.Resource{TableWithColumns: &one})
		if refused(err, noColumn) {
			dropped[columnOf(o, column)] = true
		} else if err != nil && !gone(err) {
			return err
		}
	}
	return nil
}

// forget leaves out what is open of dropped columns only.
func (s *state) forget(dropped map[string]bool) {
	s.openings = slices.DeleteFunc(s.openings, func(o Opening) bool {
		columns := columnsOf(o)
		return len(columns) > 0 && !slices.ContainsFunc(columns, func(c string) bool { return !dropped[columnOf(o, c)] })
	})
}

func columnsOf(o Opening) []string {
	if o.grant.Resource.TableWithColumns == nil {
		return nil
	}
	return o.grant.Resource.TableWithColumns.ColumnNames
}

func columnOf(o Opening, column string) string { return o.What + "." + column }

// allTables is how Lake Formation shows a grant of all tables of a database.
const allTables = "ALL_TABLES"

// revocable is what is shown as what it can be revoked as.
func revocable(shown *types.Resource) *types.Resource {
	var database, table *string
	switch {
	case shown.LFTagPolicy != nil && shown.LFTagPolicy.ExpressionName != nil:
		return &types.Resource{LFTagPolicy: &types.LFTagPolicyResource{CatalogId: shown.LFTagPolicy.CatalogId, // by name or by terms, not both
			ResourceType: shown.LFTagPolicy.ResourceType, ExpressionName: shown.LFTagPolicy.ExpressionName}}
	case shown.Table != nil:
		database, table = shown.Table.DatabaseName, shown.Table.Name
	case shown.TableWithColumns != nil:
		database, table = shown.TableWithColumns.DatabaseName, shown.TableWithColumns.Name
	}
	if aws.ToString(table) != allTables {
		return shown
	}
	return &types.Resource{Table: &types.TableResource{DatabaseName: database, TableWildcard: &types.TableWildcard{}}}
}

// gone says that somebody else was quicker.
func gone(err error) bool {
	var missing *types.EntityNotFoundException
	return errors.As(err, &missing) || refused(err, "no permissions revoked") || refused(err, "cell filter not found")
}

// noColumn is what AWS says of a grant of a column that is not there.
const noColumn = "non-existent column"

// refused says whether AWS holds a call to be wrong, and says so in these words.
func refused(err error, words string) bool {
	var invalid *types.InvalidInputException
	return errors.As(err, &invalid) && strings.Contains(strings.ToLower(invalid.ErrorMessage()), words)
}

// held is what administrators need of a database.
var held = []types.Permission{types.PermissionAlter, types.PermissionDescribe, types.PermissionDrop}

// hold grants administrators what they need of the databases. One whose role or
// user was deleted needs nothing: Lake Formation keeps it among them.
func (l *Lake) hold(ctx context.Context, s *state, databases []string) error {
	for _, name := range databases {
		for _, admin := range s.admins {
			has := func(p types.Permission) bool { return s.databases[name][admin+" "+string(p)] }
			if has(types.PermissionAll) || !slices.ContainsFunc(held, func(p types.Permission) bool { return !has(p) }) {
				continue
			}
			_, err := l.lake.GrantPermissions(ctx, &lakeformation.GrantPermissionsInput{
				CatalogId: &l.site.Account, Principal: &types.DataLakePrincipal{DataLakePrincipalIdentifier: &admin}, Permissions: held,
				Resource: &types.Resource{Database: &types.DatabaseResource{Name: &name}},
			})
			if err != nil && !refused(err, "principal") {
				return l.failed(fmt.Sprintf("let the administrator %s change database %s", admin, name), err)
			}
		}
	}
	return nil
}
