package awstest

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gluePage is how many items a list answers at once: few, so that every test of
// a list reads several pages.
const gluePage = 3

type glue struct{ databases map[string]*database }

type database struct {
	input  object
	tables map[string]object
}

// Database makes a Glue database; location is its LocationUri.
func (a *AWS) Database(name, location string, parameters map[string]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := object{}
	for k, v := range parameters {
		p[k] = v
	}
	a.glue.databases[name] = &database{tables: map[string]object{}, input: object{
		"Name": name, "LocationUri": location, "Parameters": p, "CreateTime": now(), "CatalogId": Account,
	}}
}

// DropDatabase removes a Glue database with its tables, not what is in S3.
func (a *AWS) DropDatabase(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.glue.databases, name)
}

// Table is a Glue table as GetTable answers it, nil if there is none.
func (a *AWS) Table(databaseName, table string) map[string]any {
	a.mu.Lock()
	defer a.mu.Unlock()
	d := a.glue.databases[databaseName]
	if d == nil {
		return nil
	}
	return maps.Clone(d.tables[table])
}

// PutTable makes or replaces a Glue table, as another writer would; its input
// is TableInput's JSON.
func (a *AWS) PutTable(databaseName string, input map[string]any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.glue.databases[databaseName].put(input)
}

func now() float64 { return float64(time.Now().UnixMilli()) / 1000 }

// put keeps a table under its next version.
func (d *database) put(input object) {
	name := strings.ToLower(input["Name"].(string))
	t := maps.Clone(input)
	t["Name"], t["DatabaseName"], t["CatalogId"] = name, d.input["Name"], Account
	t["CreateTime"], t["UpdateTime"], t["VersionId"] = now(), now(), "0"
	if old := d.tables[name]; old != nil {
		version, _ := strconv.Atoi(old["VersionId"].(string))
		t["CreateTime"], t["VersionId"] = old["CreateTime"], strconv.Itoa(version+1)
	}
	d.tables[name] = t
}

func (g *glue) serve(c *call, out *answer) {
	if c.Action == "GetDatabases" {
		g.list(c, out, "DatabaseList", slices.Sorted(maps.Keys(g.databases)), func(name string) object { return g.databases[name].input })
		return
	}
	name := c.text("DatabaseName")
	if c.Action == "GetDatabase" {
		name = c.text("Name")
	}
	d := g.databases[strings.ToLower(name)]
	if d == nil {
		out.fail(c, 400, "EntityNotFoundException", "Database %s not found.", name)
		return
	}
	switch c.Action {
	case "GetDatabase":
		out.json(object{"Database": d.input})
	case "GetTables":
		g.list(c, out, "TableList", slices.Sorted(maps.Keys(d.tables)), func(name string) object { return d.tables[name] })
	case "GetTable", "DeleteTable":
		table := strings.ToLower(c.text("Name"))
		t := d.tables[table]
		switch {
		case t == nil:
			out.fail(c, 400, "EntityNotFoundException", "Entity Not Found")
		case c.Action == "DeleteTable":
			delete(d.tables, table)
			out.json(object{})
		default:
			out.json(object{"Table": t})
		}
	case "CreateTable", "UpdateTable":
		d.write(c, out)
	default:
		out.fail(c, 400, "InvalidInputException", "awstest has no Glue action %s", c.Action)
	}
}

// write serves CreateTable and UpdateTable. Update replaces the whole input,
// and with a VersionId that is not the newest it is refused.
func (d *database) write(c *call, out *answer) {
	in, _ := c.input["TableInput"].(object)
	name := strings.ToLower(c.table().text("Name"))
	old := d.tables[name]
	switch version := c.text("VersionId"); {
	case name == "":
		out.fail(c, 400, "InvalidInputException", "TableInput has no Name")
		return
	case c.Action == "CreateTable" && old != nil:
		out.fail(c, 400, "AlreadyExistsException", "Table already exists.")
		return
	case c.Action == "UpdateTable" && old == nil:
		out.fail(c, 400, "EntityNotFoundException", "Table %s not found.", name)
		return
	case c.Action == "UpdateTable" && version != "" && version != old["VersionId"]:
		out.fail(c, 400, "ConcurrentModificationException", "Update table failed due to concurrent modifications.")
		return
	}
	d.put(in)
	out.json(object{})
}

// list answers one page; the token is the name that the next begins with.
func (g *glue) list(c *call, out *answer, key string, names []string, item func(name string) object) {
	from, _ := slices.BinarySearch(names, c.text("NextToken"))
	to := min(from+gluePage, len(names))
	items := make([]object, 0, gluePage)
	for _, n := range names[from:to] {
		items = append(items, item(n))
	}
	page := object{key: items}
	if to < len(names) {
		page["NextToken"] = names[to]
	}
	out.json(page)
}
