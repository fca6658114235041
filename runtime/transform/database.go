package transform

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform/compiler"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/jinja/pymodules"
)

// database answers a template's questions with an engine.
type database struct{ e Engine }

func databaseOf(e Engine) compiler.Database {
	if e == nil {
		return nil
	}
	return database{e}
}

// maxAnswer bounds what a template may read into memory.
const maxAnswer = 1_000_000

// Query reads a whole answer.
func (d database) Query(ctx context.Context, sql string) (*compiler.Table, error) {
	rows, err := d.e.Query(ctx, compiler.Statement(sql))
	if err != nil {
		return nil, err
	}
	t := &compiler.Table{}
	for _, c := range rows.Columns {
		t.Columns = append(t.Columns, compiler.ResultColumn{Name: c.Name, Type: c.Engine})
	}
	for rows.Next() {
		if len(t.Rows) == maxAnswer {
			return nil, errors.Join(fmt.Errorf("a template's query answers more than %d rows: aggregate in SQL", maxAnswer), rows.Close())
		}
		values := rows.Values()
		row := make([]jinja.Value, len(values))
		for i, v := range values {
			row[i] = templateValue(v, rows.Columns[i].Type.Kind)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, rows.Err()
}

// templateValue makes a value that templates can count and compare with.
func templateValue(v any, kind schema.Kind) jinja.Value {
	switch x := v.(type) {
	case Decimal:
		return number(string(x))
	case time.Time:
		return moment(x, kind)
	case []byte:
		return string(x)
	case *big.Int, nil, bool, int64, float64, string:
		return x
	}
	return jinja.FromGo(v)
}

// datetimes is Python's module datetime; no template reads its clock.
var datetimes = pymodules.Datetimes(time.Now)

// moment is a date, a naive or an aware datetime of Python, by the column's kind.
func moment(t time.Time, kind schema.Kind) jinja.Value {
	class, parts := "datetime", []jinja.Value{int64(t.Year()), int64(t.Month()), int64(t.Day())}
	switch kind {
	case schema.Date:
		class = "date"
	case schema.Timestamp:
		parts = append(parts, int64(t.Hour()), int64(t.Minute()), int64(t.Second()), int64(t.Nanosecond()/1000))
	default:
		return pymodules.NewDatetime(t)
	}
	if m, ok := datetimes.(jinja.Object); ok {
		if f, ok := m.Attr(class); ok {
			if v, err := jinja.NewState(context.Background(), nil).Call(f, jinja.Positional(parts...)); err == nil {
				return v
			}
		}
	}
	return pymodules.NewDatetime(t) // a year that Python has not
}

func number(text string) jinja.Value {
	whole, fraction, _ := strings.Cut(text, ".")
	if strings.Trim(fraction, "0") == "" {
		if n, ok := new(big.Int).SetString(whole, 10); ok {
			if n.IsInt64() {
				return n.Int64()
			}
			return n
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return f
}

// Exec runs a statement that changes things, if the engine can.
func (d database) Exec(ctx context.Context, sql string) error {
	x, ok := d.e.(Executor)
	if !ok {
		return fault.New(fault.Usage, fmt.Errorf("the engine %s runs queries only; this changes something: %s", d.e.Dialect(), excerpt(sql)), "make it a model")
	}
	return x.Exec(ctx, compiler.Statement(sql))
}

func (d database) Columns(ctx context.Context, n lakehouse.Name) ([]schema.Column, error) {
	return d.e.Columns(ctx, n)
}

func (d database) Exists(ctx context.Context, n lakehouse.Name) (string, error) {
	return d.e.Exists(ctx, n)
}

// excerpt is SQL's beginning on one line.
func excerpt(sql string) string {
	s := strings.Join(strings.Fields(sql), " ")
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
