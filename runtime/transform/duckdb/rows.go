package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
)

// Query runs a query and gives its rows. DuckDB holds the whole answer, in a
// table of its own that it spills to disk, so that an answer of any size takes
// no memory beyond the limit and later changes do not reach it.
//
// Values are as transform.Rows says; those of nested types are
// json.RawMessage, times of day, intervals, UUIDs and JSON are strings.
func (e *Engine) Query(ctx context.Context, query string) (*transform.Rows, error) {
	return e.Head(ctx, query, 0)
}

// Head is Query that computes no more than the first rows; 0 is all.
func (e *Engine) Head(ctx context.Context, query string, limit int64) (*transform.Rows, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if rest, ok := explained(query); ok {
		return e.plan(ctx, query, rest)
	}
	query, outputs, err := e.analyse(ctx, query)
	if err != nil {
		return nil, err
	}
	return e.answer(ctx, query, outputs, limit)
}

// pageRows is how many rows are fetched from DuckDB at once.
const pageRows = 20_000

// answer materialises a query's rows and reads them page by page.
func (e *Engine) answer(ctx context.Context, query string, outputs []output, limit int64) (*transform.Rows, error) {
	e.results++
	table := fmt.Sprintf("__floe_result_%d", e.results)
	columns, convert := make([]transform.ResultColumn, len(outputs)), make([]func(any) any, len(outputs))
	names, values := make([]string, len(outputs)), make([]string, len(outputs))
	for i, o := range outputs {
		names[i] = fmt.Sprintf("c%d", i)
		values[i], convert[i] = readable(names[i], o.engine), converter(o.engine)
		columns[i] = transform.ResultColumn{Column: schema.Column{Name: o.name, Type: answerType(o.engine)}, Engine: o.engine}
	}
	statement := fmt.Sprintf("CREATE TEMP TABLE %s AS SELECT %s FROM (%s\n) q(%s)", table, strings.Join(values, ", "), query, strings.Join(names, ", "))
	if limit > 0 {
		statement += fmt.Sprintf(" LIMIT %d", limit)
	}
	var total int64
	err := e.frugally(ctx, func() (err error) {
		total, err = e.count(ctx, statement)
		return err
	})
	if err != nil {
		return nil, err
	}
	p := &pager{engine: e, ctx: ctx, table: table, outputs: outputs, convert: convert, total: total}
	return transform.NewRows(columns, p.next, p.release), nil
}

// readable is a column as the driver reads it without loss: it rounds JSON
// numbers, drops a struct's order and a decimal's zeros.
func readable(column, engine string) string {
	var t schema.Type
	switch {
	case nested(engine):
		return "CAST(to_json(" + column + ") AS VARCHAR) AS " + column
	case decimal(engine, &t), strings.HasPrefix(engine, "ENUM("):
		return "CAST(" + column + " AS VARCHAR) AS " + column
	}
	switch engine {
	case "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
		"HUGEINT", "UHUGEINT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "BLOB":
		return column
	case "FLOAT":
		return "CAST(" + column + " AS DOUBLE) AS " + column
	case "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS":
		return "CAST(" + column + " AS TIMESTAMP) AS " + column
	}
	return "CAST(" + column + " AS VARCHAR) AS " + column
}

// pager reads an answer's table.
type pager struct {
	engine  *Engine
	ctx     context.Context
	table   string
	outputs []output
	convert []func(any) any
	total   int64
	fetched int64
	page    [][]any
	at      int
}

func (p *pager) next() ([]any, error) {
	if p.at == len(p.page) {
		if p.fetched >= p.total {
			return nil, io.EOF
		}
		if err := p.fetch(); err != nil {
			return nil, err
		}
	}
	p.at++
	return p.page[p.at-1], nil
}

func (p *pager) fetch() error {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	if p.engine.conn == nil {
		return errClosed
	}
	p.page, p.at = p.page[:0], 0
	statement := fmt.Sprintf("SELECT * FROM %s WHERE rowid >= %d AND rowid < %d ORDER BY rowid", p.table, p.fetched, p.fetched+pageRows)
	err := p.engine.conn.Raw(func(conn any) error { return p.read(conn.(driver.QueryerContext), statement) })
	if err == nil && len(p.page) == 0 {
		err = fmt.Errorf("read the answer: %d of %d rows are missing", p.total-p.fetched, p.total)
	}
	p.fetched += int64(len(p.page))
	return failure(p.ctx, err)
}

// read asks the driver itself: database/sql's Scan would cost more than the query.
func (p *pager) read(conn driver.QueryerContext, statement string) (err error) {
	rows, err := conn.QueryContext(p.ctx, statement, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values := make([]driver.Value, len(p.outputs))
	for {
		if err := rows.Next(values); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("read a row: %w", err)
		}
		row := make([]any, len(values))
		for i, v := range values {
			row[i] = p.convert[i](v)
		}
		p.page = append(p.page, row)
	}
}

func (p *pager) release() error {
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	p.page = nil
	if p.engine.conn == nil {
		return nil // the session is over, and its tables are gone
	}
	return p.engine.exec(context.WithoutCancel(p.ctx), "DROP TABLE IF EXISTS "+p.table)
}

// converter gives the function that makes a driver's value one of transform.Rows.
func converter(engine string) func(any) any {
	isText := textual(engine)
	return func(v any) any {
		switch v := v.(type) {
		case int8:
			return int64(v)
		case int16:
			return int64(v)
		case int32:
			return int64(v)
		case uint8:
			return int64(v)
		case uint16:
			return int64(v)
		case uint32:
			return int64(v)
		case uint64:
			return integer(new(big.Int).SetUint64(v))
		case *big.Int:
			return integer(v)
		case time.Time:
			return instant(v, engine)
		case string:
			if isText {
				return v
			}
			return ofText(v, engine)
		}
		return v
	}
}

// textual says whether a string that the driver gives is the value itself.
func textual(engine string) bool {
	return !nested(engine) && !strings.HasPrefix(engine, "DECIMAL(") && engine != "BIGNUM"
}

func integer(v *big.Int) any {
	if v.IsInt64() {
		return v.Int64()
	}
	return v
}

func ofText(v, engine string) any {
	switch {
	case nested(engine):
		return json.RawMessage(quoteNumbers(v))
	case strings.HasPrefix(engine, "DECIMAL("):
		return transform.Decimal(v)
	case engine == "BIGNUM":
		if n, ok := new(big.Int).SetString(v, 10); ok {
			return integer(n)
		}
	}
	return v
}

// instant gives a time; DuckDB's infinities, which no time.Time is, are text.
func instant(v time.Time, engine string) any {
	if y := v.Year(); y >= 1 && y <= 9999 {
		return v
	}
	switch {
	case v.Year() > 200_000 && engine != "DATE", engine == "DATE" && v.Year() > 5_000_000:
		return "infinity"
	case v.Year() < -200_000 && engine != "DATE", engine == "DATE" && v.Year() < -5_000_000:
		return "-infinity"
	}
	return v.Format("2006-01-02T15:04:05.999999Z07:00")
}

// notNumbers finds what to_json writes for doubles that JSON has not, outside strings.
var notNumbers = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity|nan|inf)`)

func quoteNumbers(s string) string {
	if !strings.Contains(s, "N") && !strings.Contains(s, "I") && !strings.Contains(s, "n") {
		return s
	}
	return notNumbers.ReplaceAllStringFunc(s, func(m string) string {
		if m[0] == '"' {
			return m
		}
		return `"` + m + `"`
	})
}

// explained gives what follows EXPLAIN or EXPLAIN ANALYZE.
func explained(query string) (string, bool) {
	tokens := scan(query)
	if len(tokens) < 2 || !tokens[0].is("explain") {
		return "", false
	}
	if tokens[1].is("analyze") && len(tokens) > 2 {
		return query[tokens[2].start:], true
	}
	return query[tokens[1].start:], true
}

// plan answers an EXPLAIN, of a query only.
func (e *Engine) plan(ctx context.Context, query, rest string) (*transform.Rows, error) {
	explain := query[:len(query)-len(rest)]
	rest, _, err := e.analyse(ctx, rest)
	if err != nil {
		return nil, err
	}
	var lines [][]any
	err = e.query(ctx, explain+rest, func(rows *sql.Rows) error {
		var key, text string
		err := rows.Scan(&key, &text)
		lines = append(lines, []any{text})
		return err
	})
	if err != nil {
		return nil, err
	}
	column := transform.ResultColumn{Column: schema.Column{Name: "plan", Type: schema.Type{Kind: schema.String}}, Engine: "VARCHAR"}
	return transform.NewRows([]transform.ResultColumn{column}, func() ([]any, error) {
		if len(lines) == 0 {
			return nil, io.EOF
		}
		row := lines[0]
		lines = lines[1:]
		return row, nil
	}, nil), nil
}
