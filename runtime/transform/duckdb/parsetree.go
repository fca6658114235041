package duckdb

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
)

// tableRef is a name in a FROM clause. Schema is "" for a CTE, a file, or a
// name that somebody forgot to qualify.
type tableRef struct {
	catalog, schema, table string
}

func (r tableRef) String() string {
	if r.schema == "" {
		return r.table
	}
	return r.schema + "." + r.table
}

const parseStatement = `SELECT CAST(json_serialize_sql(CAST($1 AS VARCHAR)) AS VARCHAR)`

// tableRefs gives the tables that a query names, sorted. DuckDB serialises queries
// only, so this is what keeps everything else out of a session.
func (e *Engine) tableRefs(ctx context.Context, sql string) ([]tableRef, error) {
	var parsed string
	if e.conn == nil {
		return nil, errClosed
	}
	if err := e.conn.QueryRowContext(ctx, parseStatement, sql).Scan(&parsed); err != nil {
		return nil, failure(ctx, err)
	}
	var tree struct {
		Error      bool              `json:"error"`
		Kind       string            `json:"error_type"`
		Message    string            `json:"error_message"`
		Statements []json.RawMessage `json:"statements"`
	}
	if err := json.Unmarshal([]byte(parsed), &tree); err != nil {
		return nil, fmt.Errorf("read DuckDB's parse tree: %w", err)
	}
	switch {
	case tree.Error && tree.Kind == "not implemented":
		return nil, onlyQueries(sql)
	case tree.Error:
		return nil, e.parseError(ctx, sql, tree.Message)
	case len(tree.Statements) != 1:
		return nil, fault.New(fault.Usage, fmt.Errorf("the SQL holds %d statements: write one query", len(tree.Statements)), "")
	}
	var root any
	if err := json.Unmarshal(tree.Statements[0], &root); err != nil {
		return nil, fmt.Errorf("read DuckDB's parse tree: %w", err)
	}
	found := map[tableRef]bool{}
	var refs []tableRef
	walk(root, func(node map[string]any) {
		if node["type"] != "BASE_TABLE" {
			return
		}
		r := tableRef{catalog: str(node["catalog_name"]), schema: str(node["schema_name"]), table: str(node["table_name"])}
		if !found[r] {
			found[r] = true
			refs = append(refs, r)
		}
	})
	slices.SortFunc(refs, func(a, b tableRef) int {
		return cmp.Or(cmp.Compare(a.catalog, b.catalog), cmp.Compare(a.schema, b.schema), cmp.Compare(a.table, b.table))
	})
	return refs, nil
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, child := range v {
			walk(child, visit)
		}
	case []any:
		for _, child := range v {
			walk(child, visit)
		}
	}
}

// onlyQueries refuses a statement that is no query.
func onlyQueries(sql string) error {
	what := "this statement"
	if tokens := scan(sql); len(tokens) > 0 {
		what = strings.ToUpper(tokens[0].text)
	}
	err := fmt.Errorf("%s cannot run here: only queries can (select, with, values, from, describe, summarize, explain)", what)
	next := ""
	switch what {
	case "PIVOT", "UNPIVOT":
		next = "select * from (pivot … on … in (…) using …)"
	case "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "DROP", "ALTER", "TRUNCATE":
		next = "tables are changed by floe ingest and floe transform"
	case "SHOW":
		next = "floe tables"
	}
	return fault.New(fault.Usage, err, next)
}

// parseError gives DuckDB's own account of a syntax error, with the line that
// json_serialize_sql leaves out.
func (e *Engine) parseError(ctx context.Context, sql, message string) error {
	var ignored any
	if err := e.row(ctx, describePrefix+sql, &ignored); err != nil {
		return err
	}
	return fault.New(fault.Usage, errors.New(message), "")
}
