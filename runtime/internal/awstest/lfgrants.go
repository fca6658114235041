package awstest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// grant is a record as ListPermissions tells it. SELECT of a whole table is
// kept as one of all its columns; a grant of all tables has the table ALL_TABLES.
type grant struct {
	principal, database, table string
	kind                       string // table, columns, all columns, filter, tags
	of                         string // a filter's name; columns that all columns are without; a tag policy
	columns                    []string
	permissions, grantable     []string
}

const allTables = "ALL_TABLES"

// Grant is a grant that somebody makes by hand, as the CLI's
// grant-permissions --resource has it; a grant that AWS would refuse fails the test.
func (a *AWS) Grant(principal, resource string, permissions, grantable []string) {
	a.t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lf.principals[principal] = true
	body, _ := json.Marshal(object{"Principal": object{"DataLakePrincipalIdentifier": principal}, "Resource": json.RawMessage(resource),
		"Permissions": permissions, "PermissionsWithGrantOption": grantable})
	if _, err := a.lf.grantPermissions(&call{body: body}); err != nil {
		a.t.Fatalf("grant %s: %s", resource, err.text)
	}
}

// Grants are all grants, sorted: "principal SELECT database.table a,b".
func (a *AWS) Grants() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []string
	for _, g := range a.lf.grants {
		text := fmt.Sprintf("%s %s %s.%s", g.principal, strings.Join(g.permissions, ","), g.database, g.table)
		if g.kind == "tags" {
			text = g.principal + " " + strings.Join(g.permissions, ",") + " by tags"
		}
		if of := strings.Join(g.columns, ",") + g.of; of != "" && g.kind != "tags" {
			text += " " + of
		} else if g.kind == "all columns" {
			text += " *"
		}
		if len(g.grantable) > 0 {
			text += " and may grant " + strings.Join(g.grantable, ",")
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}

type lfGrantInput struct {
	Principal                               struct{ DataLakePrincipalIdentifier string }
	Resource                                lfResource
	Permissions, PermissionsWithGrantOption []string
}

// target is the record that a resource is kept in, without rights.
func (l *lakeFormation) target(in lfGrantInput) (grant, *lfError) {
	g := grant{principal: in.Principal.DataLakePrincipalIdentifier}
	onlySelect := slices.Equal(in.Permissions, []string{"SELECT"}) || len(in.Permissions) == 0
	switch r := in.Resource; {
	case r.LFTagPolicy != nil:
		g.kind, g.of = "tags", string(r.LFTagPolicy)
	case r.DataCellsFilter != nil:
		f := r.DataCellsFilter
		g.kind, g.database, g.table, g.of = "filter", f.DatabaseName, f.TableName, f.Name
		if l.filters[g.database+"."+g.table+"."+g.of] == nil || f.TableCatalogId != Account {
			return g, invalidInput("Cell Filter not found.")
		}
		if !onlySelect {
			return g, invalidInput("Permissions modification is invalid.")
		}
	case r.TableWithColumns != nil:
		t := r.TableWithColumns
		g.kind, g.database, g.table, g.columns = "columns", t.DatabaseName, t.Name, slices.Sorted(slices.Values(t.ColumnNames))
		if t.ColumnWildcard != nil {
			g.kind, g.of = "all columns", strings.Join(t.ColumnWildcard.ExcludedColumnNames, ",")
		}
		if !onlySelect {
			return g, invalidInput("Permissions modification is invalid.")
		}
		if have, err := l.columns(g.database, g.table); err != nil || len(without(g.columns, have)) > 0 {
			return g, cmp.Or(err, invalidInput("Cannot grant/revoke permission on non-existent column."))
		}
	case r.Table != nil && r.Table.TableWildcard != nil:
		g.kind, g.database, g.table = "table", r.Table.DatabaseName, allTables
	case r.Table != nil:
		g.kind, g.database, g.table = "table", r.Table.DatabaseName, r.Table.Name
		return g, l.check(g.database, g.table, nil)
	default:
		return g, invalidInput("awstest has no such resource")
	}
	return g, nil
}

// split makes the SELECT of a whole table one of all columns.
func split(g grant, permissions []string) []grant {
	if g.kind != "table" || !slices.Contains(permissions, "SELECT") {
		g.permissions = permissions
		return []grant{g}
	}
	all := g
	all.kind, all.permissions = "all columns", []string{"SELECT"}
	g.permissions = slices.DeleteFunc(slices.Clone(permissions), func(p string) bool { return p == "SELECT" })
	if len(g.permissions) == 0 {
		return []grant{all}
	}
	return []grant{g, all}
}

// record finds the record of a principal for the same resource; columns that
// are listed are all in one.
func (l *lakeFormation) record(of grant) *grant {
	for _, g := range l.grants {
		if g.principal == of.principal && g.database == of.database && g.table == of.table && g.kind == of.kind && g.of == of.of {
			return g
		}
	}
	return nil
}

func (l *lakeFormation) grantPermissions(c *call) (object, *lfError) {
	in := decode[lfGrantInput](c)
	if !l.principals[in.Principal.DataLakePrincipalIdentifier] {
		return nil, invalidInput("Invalid principal, %s", in.Principal.DataLakePrincipalIdentifier)
	}
	g, err := l.target(in)
	if err != nil {
		return nil, err
	}
	for _, part := range split(g, in.Permissions) {
		r := l.record(part)
		if r == nil {
			r = &grant{principal: part.principal, database: part.database, table: part.table, kind: part.kind, of: part.of}
			l.grants = append(l.grants, r)
		}
		r.columns = union(r.columns, part.columns)
		r.permissions = union(r.permissions, part.permissions)
		r.grantable = union(r.grantable, common(in.PermissionsWithGrantOption, part.permissions))
	}
	return object{}, nil
}

func (l *lakeFormation) revokePermissions(c *call) (object, *lfError) {
	in := decode[lfGrantInput](c)
	g, err := l.target(in)
	if err != nil {
		return nil, err
	}
	for _, part := range split(g, in.Permissions) {
		r := l.record(part)
		if r == nil || len(common(r.permissions, part.permissions)) < len(part.permissions) {
			return nil, invalidInput("No permissions revoked. Grantee has no permissions on the resource.")
		}
		r.grantable = without(r.grantable, append(part.permissions, in.PermissionsWithGrantOption...))
		if r.columns = without(r.columns, part.columns); r.kind != "columns" || len(r.columns) == 0 {
			r.permissions = without(r.permissions, part.permissions)
		}
	}
	l.grants = slices.DeleteFunc(l.grants, func(g *grant) bool { return len(g.permissions) == 0 })
	return object{}, nil
}

func union(a, b []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(x string) bool { return slices.Contains(b, x) })
}

func common(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(x string) bool { return !slices.Contains(b, x) })
}

// listPermissions tells the rights on a table, or on all tables of a database:
// what is granted of its columns and by tags comes with it, filters where
// related rights are asked for.
func (l *lakeFormation) listPermissions(c *call) (object, *lfError) {
	in := decode[struct {
		Resource       lfResource
		IncludeRelated string
		Principal      json.RawMessage
	}](c)
	t := in.Resource.Table
	switch {
	case t == nil:
		return nil, invalidInput("awstest lists the rights on tables only")
	case in.Principal != nil && in.IncludeRelated == "TRUE":
		return nil, invalidInput("Principal must not be specified with IncludeRelated.")
	case t.TableWildcard == nil:
		if err := l.check(t.DatabaseName, t.Name, nil); err != nil {
			return nil, err
		}
	}
	var found []object
	for _, g := range l.grants {
		own := g.database == t.DatabaseName && (g.table == t.Name || g.table == allTables)
		if g.kind != "tags" && !own || g.kind == "filter" && in.IncludeRelated != "TRUE" {
			continue
		}
		found = append(found, object{"Principal": object{"DataLakePrincipalIdentifier": g.principal}, "Resource": g.resource(),
			"Permissions": g.permissions, "PermissionsWithGrantOption": g.grantable})
	}
	return page(c, "PrincipalResourcePermissions", found), nil
}

func (g *grant) resource() object {
	switch g.kind {
	case "tags":
		return object{"LFTagPolicy": json.RawMessage(g.of)}
	case "filter":
		return object{"DataCellsFilter": object{"TableCatalogId": Account, "DatabaseName": g.database, "TableName": g.table, "Name": g.of}}
	case "columns":
		return object{"TableWithColumns": object{"CatalogId": Account, "DatabaseName": g.database, "Name": g.table, "ColumnNames": g.columns}}
	case "all columns":
		but := object{}
		if g.of != "" {
			but["ExcludedColumnNames"] = strings.Split(g.of, ",")
		}
		return object{"TableWithColumns": object{"CatalogId": Account, "DatabaseName": g.database, "Name": g.table, "ColumnWildcard": but}}
	}
	t := object{"CatalogId": Account, "DatabaseName": g.database, "Name": g.table}
	if g.table == allTables {
		t["TableWildcard"] = object{}
	}
	return object{"Table": t}
}

// page answers a few items; the token is how many came before.
func page(c *call, key string, items []object) object {
	from, _ := strconv.Atoi(c.text("NextToken")) // none: 0
	to := min(from+gluePage, len(items))
	result := object{key: items[min(from, to):to]}
	if to < len(items) {
		result["NextToken"] = strconv.Itoa(to)
	}
	return result
}

func (l *lakeFormation) listFilters(c *call) (object, *lfError) {
	t := decode[struct {
		Table struct{ DatabaseName, Name string }
	}](c).Table
	if err := l.check(t.DatabaseName, t.Name, nil); err != nil {
		return nil, err
	}
	var found []object
	for _, name := range slices.Sorted(maps.Keys(l.filters)) {
		if strings.HasPrefix(name, t.DatabaseName+"."+t.Name+".") {
			found = append(found, l.filters[name])
		}
	}
	return page(c, "DataCellsFilters", found), nil
}

func (l *lakeFormation) putFilter(c *call) (object, *lfError) {
	data, _ := c.input["TableData"].(object)
	f := decode[struct {
		TableData struct {
			TableCatalogId, DatabaseName, TableName, Name string
			ColumnNames                                   []string
			RowFilter                                     struct{ FilterExpression string }
		}
	}](c).TableData
	name := f.DatabaseName + "." + f.TableName + "." + f.Name
	switch there := l.filters[name] != nil; {
	case f.TableCatalogId != Account || f.Name == "" || len(f.ColumnNames) == 0 || f.RowFilter.FilterExpression == "":
		return nil, invalidInput("TableData is not whole: %v", data)
	case c.Action == "CreateDataCellsFilter" && there:
		return nil, &lfError{"AlreadyExistsException", "Data cells filter already exists: " + f.Name}
	case c.Action == "UpdateDataCellsFilter" && !there:
		return nil, notFound("Data cells filter not found: %s", f.Name)
	}
	if err := l.check(f.DatabaseName, f.TableName, f.ColumnNames); err != nil {
		return nil, err
	}
	l.filters[name] = data
	return object{}, nil
}

func (l *lakeFormation) deleteFilter(c *call) (object, *lfError) {
	name := c.text("DatabaseName") + "." + c.text("TableName") + "." + c.text("Name")
	if l.filters[name] == nil {
		return nil, notFound("Data cells filter not found: %s", c.text("Name"))
	}
	if slices.ContainsFunc(l.grants, func(g *grant) bool { return g.kind == "filter" && g.database+"."+g.table+"."+g.of == name }) {
		return nil, invalidInput("Data cells filter %s has grants.", name)
	}
	delete(l.filters, name)
	return object{}, nil
}
