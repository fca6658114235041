package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
)

// output is a column of a query: its name and DuckDB's type.
type output struct {
	name, engine string
}

// Describe gives a query's columns as a table would hold them. A column that
// no table holds is an error that says what to write.
func (e *Engine) Describe(ctx context.Context, query string) ([]schema.Column, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, columns, err := e.prepare(ctx, query)
	return columns, err
}

// prepare resolves a query's names and gives it as DuckDB runs it, with its
// columns as a table would hold them.
func (e *Engine) prepare(ctx context.Context, query string) (string, []schema.Column, error) {
	query, outputs, err := e.analyse(ctx, query)
	if err != nil {
		return "", nil, err
	}
	columns, err := e.storedColumns(ctx, query, outputs)
	return query, columns, err
}

// analyse makes a query ready to run and gives its columns.
func (e *Engine) analyse(ctx context.Context, query string) (string, []output, error) {
	query, err := portable(query)
	if err != nil {
		return "", nil, err
	}
	if err := e.resolve(ctx, query); err != nil {
		return "", nil, err
	}
	outputs, err := e.outputs(ctx, query)
	return query, outputs, err
}

// outputs asks DuckDB for a query's columns.
func (e *Engine) outputs(ctx context.Context, query string) ([]output, error) {
	var outputs []output
	statement := describePrefix + query
	if tokens := scan(query); len(tokens) > 0 && tokens[0].is("describe", "desc", "summarize", "show") {
		statement = describePrefix + "SELECT * FROM (" + query + "\n)"
	}
	err := e.query(ctx, statement, func(rows *sql.Rows) error {
		var o output
		var ignored any
		err := rows.Scan(&o.name, &o.engine, &ignored, &ignored, &ignored, &ignored)
		outputs = append(outputs, o)
		return err
	})
	return outputs, e.explain(ctx, err)
}

// storedColumns maps a query's columns to a table's.
func (e *Engine) storedColumns(ctx context.Context, query string, outputs []output) ([]schema.Column, error) {
	if err := e.findNulls(ctx, query, outputs); err != nil {
		return nil, err
	}
	columns := make([]schema.Column, len(outputs))
	seen := map[string]string{}
	var errs []error
	for i, o := range outputs {
		t, err := storedType(o.name, o.engine)
		errs = append(errs, err)
		columns[i] = schema.Column{Name: o.name, Type: t}
		if other, ok := seen[strings.ToLower(o.name)]; ok {
			errs = append(errs, fmt.Errorf("two columns are named %q and %q: give one of them another name with AS", other, o.name))
		}
		seen[strings.ToLower(o.name)] = o.name
	}
	return columns, fault.New(fault.Usage, errors.Join(errs...), "")
}

// findNulls corrects the type of columns that are NULL in every row, which
// DESCRIBE calls INTEGER: only typeof tells.
func (e *Engine) findNulls(ctx context.Context, query string, outputs []output) error {
	var asked []string
	var at []int
	names := make([]string, len(outputs))
	for i, o := range outputs {
		names[i] = fmt.Sprintf("c%d", i)
		if o.engine == "INTEGER" {
			asked = append(asked, "typeof("+names[i]+")")
			at = append(at, i)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	found := make([]any, len(asked))
	for i := range found {
		found[i] = new(string)
	}
	statement := "SELECT " + strings.Join(asked, ", ") + " FROM (SELECT 1) LEFT JOIN (SELECT * FROM (" + query + "\n) q(" + strings.Join(names, ", ") + ") LIMIT 0) ON true"
	if err := e.row(ctx, statement, found...); err != nil {
		return err
	}
	for i, f := range found {
		outputs[at[i]].engine = *f.(*string)
	}
	return nil
}

// Columns gives a relation's columns, a staged one's included.
func (e *Engine) Columns(ctx context.Context, n lakehouse.Name) ([]schema.Column, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n, err := e.find(ctx, n)
	if err != nil {
		return nil, err
	}
	r, err := e.known(ctx, n)
	if err != nil {
		return nil, err
	}
	return r.columns, nil
}

// Exists gives "" (none), "table" or "view".
func (e *Engine) Exists(ctx context.Context, n lakehouse.Name) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n, err := e.find(ctx, n)
	if errors.Is(err, lakehouse.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	r, err := e.known(ctx, n)
	if err != nil {
		return "", err
	}
	return r.kind, nil
}
