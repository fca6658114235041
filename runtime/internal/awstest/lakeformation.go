package awstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// lakeFormation is tags, grants and data cells filters of what is in Glue. It is
// strict where floe relies on AWS: a tag must be known with its value, a table,
// a column and a principal must be there.
type lakeFormation struct {
	glue       *glue
	tags       map[string][]string          // that the account has: key -> values
	assigned   map[string]map[string]string // resource -> key -> value
	principals map[string]bool
	grants     []*grant
	filters    map[string]object // database.table.name -> DataCellsFilter
}

// lfResource is a Resource of the API, as far as it is served.
type lfResource struct {
	Table *struct {
		DatabaseName, Name string
		TableWildcard      *struct{}
	} `json:",omitempty"`
	TableWithColumns *lfColumns `json:",omitempty"`
	DataCellsFilter  *struct {
		TableCatalogId, DatabaseName, TableName, Name string
	} `json:",omitempty"`
	LFTagPolicy json.RawMessage `json:",omitempty"`
}

type lfColumns struct {
	DatabaseName, Name string
	ColumnNames        []string   `json:",omitempty"`
	ColumnWildcard     *lfButThat `json:",omitempty"`
}

type lfButThat struct {
	ExcludedColumnNames []string `json:",omitempty"`
}

type lfPair struct {
	TagKey    string
	TagValues []string
}

// LFTag makes a tag of Lake Formation with the values that it may have.
func (a *AWS) LFTag(key string, values ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lf.tags[key] = values
}

// Principal makes a role or user to whom Lake Formation may grant.
func (a *AWS) Principal(arn string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lf.principals[arn] = true
}

// Tag tags a table or a column, database.table or database.table.column, as
// somebody does by hand.
func (a *AWS) Tag(resource, key, value string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lf.assigned[resource] == nil {
		a.lf.assigned[resource] = map[string]string{}
	}
	a.lf.assigned[resource][key] = value
}

// Filter makes or replaces a data cells filter, as somebody does by hand; data
// is TableData's JSON.
func (a *AWS) Filter(data string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var f object
	if err := json.Unmarshal([]byte(data), &f); err != nil {
		a.t.Fatal(err)
	}
	a.lf.filters[fmt.Sprintf("%v.%v.%v", f["DatabaseName"], f["TableName"], f["Name"])] = f
}

// DropTable drops a table with what Lake Formation has of it.
func (a *AWS) DropTable(databaseName, table string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.glue.databases[databaseName].tables, table)
	a.lf.drop(databaseName, table)
}

// Tagged are the tags that tables and columns have themselves, sorted:
// "database.table.column key=value".
func (a *AWS) Tagged() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []string
	for resource, tags := range a.lf.assigned {
		for key, value := range tags {
			all = append(all, fmt.Sprintf("%s %s=%s", resource, key, value))
		}
	}
	slices.Sort(all)
	return all
}

// Filters are the data cells filters, sorted:
// "database.table.name a,b where condition".
func (a *AWS) Filters() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []string
	for name, f := range a.lf.filters {
		row, _ := f["RowFilter"].(object)
		all = append(all, fmt.Sprintf("%s %s where %v", name, strings.Trim(strings.ReplaceAll(fmt.Sprint(f["ColumnNames"]), " ", ","), "[]"), row["FilterExpression"]))
	}
	slices.Sort(all)
	return all
}

func (l *lakeFormation) serve(c *call, out *answer) {
	acts := map[string]func(*call) (object, *lfError){
		"GetResourceLFTags": l.getTags, "AddLFTagsToResource": l.addTags, "RemoveLFTagsFromResource": l.removeTags,
		"ListPermissions": l.listPermissions, "GrantPermissions": l.grantPermissions, "RevokePermissions": l.revokePermissions,
		"ListDataCellsFilter": l.listFilters, "CreateDataCellsFilter": l.putFilter, "UpdateDataCellsFilter": l.putFilter, "DeleteDataCellsFilter": l.deleteFilter,
	}
	act := acts[c.Action]
	if act == nil {
		out.fail(c, 400, "InvalidInputException", "awstest has no Lake Formation action %s", c.Action)
		return
	}
	result, err := act(c)
	if err != nil {
		out.fail(c, 400, err.code, "%s", err.text)
		return
	}
	out.json(result)
}

type lfError struct{ code, text string }

func invalidInput(format string, args ...any) *lfError {
	return &lfError{"InvalidInputException", fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) *lfError {
	return &lfError{"EntityNotFoundException", fmt.Sprintf(format, args...)}
}

// decode reads the call's input.
func decode[T any](c *call) T {
	var in T
	_ = json.Unmarshal(c.body, &in) // it was read as an object already
	return in
}

// columns are a table's, an error if there is none.
func (l *lakeFormation) columns(database, table string) ([]string, *lfError) {
	d := l.glue.databases[database]
	if d == nil || d.tables[table] == nil {
		return nil, notFound("Table not found: %s.%s", database, table)
	}
	var is struct {
		StorageDescriptor struct{ Columns []struct{ Name string } }
	}
	text, _ := json.Marshal(d.tables[table]) // of maps and texts
	_ = json.Unmarshal(text, &is)            // a test made it
	var names []string
	for _, col := range is.StorageDescriptor.Columns {
		names = append(names, col.Name)
	}
	return names, nil
}

// check finds columns that a table has not.
func (l *lakeFormation) check(database, table string, columns []string) *lfError {
	have, err := l.columns(database, table)
	if err != nil {
		return err
	}
	for _, name := range columns {
		if !slices.Contains(have, name) {
			return notFound("Column not found: %s", name)
		}
	}
	return nil
}

// places are the resources that tags are put on.
func (l *lakeFormation) places(r lfResource) ([]string, *lfError) {
	switch {
	case r.Table != nil:
		_, err := l.columns(r.Table.DatabaseName, r.Table.Name)
		return []string{r.Table.DatabaseName + "." + r.Table.Name}, err
	case r.TableWithColumns != nil:
		t := r.TableWithColumns
		var all []string
		for _, name := range t.ColumnNames {
			all = append(all, t.DatabaseName+"."+t.Name+"."+name)
		}
		return all, l.check(t.DatabaseName, t.Name, t.ColumnNames)
	}
	return nil, invalidInput("awstest tags tables and columns only")
}

type lfTagsInput struct {
	Resource           lfResource
	LFTags             []lfPair
	ShowAssignedLFTags bool
}

func (l *lakeFormation) getTags(c *call) (object, *lfError) {
	in := decode[lfTagsInput](c)
	if in.Resource.Table == nil || !in.ShowAssignedLFTags {
		return nil, invalidInput("awstest tells the tags that are assigned to a table and its columns")
	}
	place := in.Resource.Table.DatabaseName + "." + in.Resource.Table.Name
	columns, err := l.columns(in.Resource.Table.DatabaseName, in.Resource.Table.Name)
	if err != nil {
		return nil, err
	}
	result := object{}
	if own := l.pairs(place); len(own) > 0 {
		result["LFTagsOnTable"] = own
	}
	var of []object
	for _, name := range columns {
		if own := l.pairs(place + "." + name); len(own) > 0 {
			of = append(of, object{"Name": name, "LFTags": own})
		}
	}
	result["LFTagsOnColumns"] = of
	return result, nil
}

func (l *lakeFormation) pairs(place string) []lfPair {
	var all []lfPair
	for _, key := range slices.Sorted(maps.Keys(l.assigned[place])) {
		all = append(all, lfPair{key, []string{l.assigned[place][key]}})
	}
	return all
}

func (l *lakeFormation) addTags(c *call) (object, *lfError) {
	in := decode[lfTagsInput](c)
	places, err := l.places(in.Resource)
	if err != nil {
		return nil, err
	}
	for _, pair := range in.LFTags {
		values, known := l.tags[pair.TagKey]
		if !known || len(pair.TagValues) != 1 || !slices.Contains(values, pair.TagValues[0]) {
			failure := object{"LFTag": pair, "Error": object{"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Tag key or values do not exist"}}
			return object{"Failures": []object{failure}}, nil
		}
		for _, place := range places {
			if l.assigned[place] == nil {
				l.assigned[place] = map[string]string{}
			}
			l.assigned[place][pair.TagKey] = pair.TagValues[0]
		}
	}
	return object{"Failures": []object{}}, nil
}

func (l *lakeFormation) removeTags(c *call) (object, *lfError) {
	in := decode[lfTagsInput](c)
	places, err := l.places(in.Resource)
	if err != nil {
		return nil, err
	}
	for _, pair := range in.LFTags {
		for _, place := range places {
			delete(l.assigned[place], pair.TagKey)
		}
	}
	return object{"Failures": []object{}}, nil
}

// drop forgets a table that Glue has no longer.
func (l *lakeFormation) drop(database, table string) {
	place := database + "." + table
	of := func(name string) bool { return name == place || strings.HasPrefix(name, place+".") }
	maps.DeleteFunc(l.assigned, func(name string, _ map[string]string) bool { return of(name) })
	maps.DeleteFunc(l.filters, func(name string, _ object) bool { return of(name) })
	l.grants = slices.DeleteFunc(l.grants, func(g *grant) bool { return g.database == database && g.table == table })
}
