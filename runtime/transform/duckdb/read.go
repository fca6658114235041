package duckdb

import (
	"fmt"
	"strings"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
)

// Names that readFiles gives the row's place, for position deletes.
const (
	fileColumn = "__floe_file"
	rowColumn  = "__floe_row"
)

// readFiles is a SELECT of a table's live rows. Columns are matched by field
// id, so that renamed, added, dropped and widened ones read right. withPlace
// adds each row's file and its number in it.
func readFiles(columns []schema.Column, files lakehouse.Files, withPlace bool) string {
	var clean, dirty []string
	for _, f := range files.Data {
		if f.Dirty && len(files.Deletes) > 0 {
			dirty = append(dirty, f.Path)
		} else {
			clean = append(clean, f.Path)
		}
	}
	selected := columnList("d.", columns)
	if withPlace {
		selected += ", d." + fileColumn + ", d.file_row_number AS " + rowColumn
	}
	var parts []string
	if len(clean) > 0 {
		parts = append(parts, "SELECT "+selected+" FROM "+readParquet(clean, columns, withPlace)+" d")
	}
	if len(dirty) > 0 {
		parts = append(parts, "SELECT "+selected+" FROM "+readParquet(dirty, columns, true)+" d ANTI JOIN ("+
			readDeletes(files.Deletes)+") x ON x.file_path = d."+fileColumn+" AND x.pos = d.file_row_number")
	}
	if len(parts) == 0 {
		return noRows(columns, withPlace)
	}
	return strings.Join(parts, " UNION ALL ")
}

func columnList(prefix string, columns []schema.Column) string {
	items := make([]string, len(columns))
	for i, c := range columns {
		items[i] = prefix + ident(c.Name)
	}
	return strings.Join(items, ", ")
}

// readParquet reads data files. Folders named key=value are no columns.
func readParquet(files []string, columns []schema.Column, withPlace bool) string {
	fields := make([]string, len(columns))
	for i, c := range columns {
		fields[i] = fmt.Sprintf("%d: {name: %s, type: %s, default_value: NULL::VARCHAR}", c.ID, text(c.Name), text(sqlType(c.Type)))
	}
	place := ""
	if withPlace {
		place = ", filename = '" + fileColumn + "', file_row_number = true"
	}
	return "read_parquet(" + pathList(files) + ", schema = MAP {" + strings.Join(fields, ", ") + "}, hive_partitioning = false" + place + ")"
}

// readDeletes reads position deletes, whose paths are plain or file URLs of any
// writer's form.
func readDeletes(files []string) string {
	return "SELECT system.main.regexp_replace(file_path, '^file:(//(localhost)?)?/', '/') AS file_path, pos::BIGINT AS pos" +
		" FROM read_parquet(" + pathList(files) + ", hive_partitioning = false)"
}

// noRows is a SELECT of nothing with the right columns.
func noRows(columns []schema.Column, withPlace bool) string {
	items := make([]string, 0, len(columns)+2)
	for _, c := range columns {
		items = append(items, "NULL::"+sqlType(c.Type)+" AS "+ident(c.Name))
	}
	if withPlace {
		items = append(items, "NULL::VARCHAR AS "+fileColumn, "NULL::BIGINT AS "+rowColumn)
	}
	return "SELECT " + strings.Join(items, ", ") + " WHERE false"
}

// castTo is a SELECT of a query's columns, found by name, with the types that
// a table would hold.
func castTo(columns []schema.Column, sql string) string {
	items := make([]string, len(columns))
	for i, c := range columns {
		items[i] = "CAST(" + ident(c.Name) + " AS " + sqlType(c.Type) + ") AS " + ident(c.Name)
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM (" + sql + "\n)"
}
