package duckdb

import (
	"strings"

	"github.com/floe-data/floe/runtime/lakehouse"
)

// text is s as an SQL string.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// ident is s as an SQL name.
func ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// name is a relation's name as SQL.
func name(n lakehouse.Name) string { return ident(n.Schema) + "." + ident(n.Table) }

// pathList is paths as an SQL list. DuckDB takes each for a glob pattern, so
// that what a pattern would mean is put in brackets.
func pathList(paths []string) string {
	items := make([]string, len(paths))
	for i, p := range paths {
		items[i] = text(literalPath(p))
	}
	return "[" + strings.Join(items, ", ") + "]"
}

var globs = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")

func literalPath(p string) string { return globs.Replace(p) }
