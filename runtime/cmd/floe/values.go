package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
	"time"

	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
)

// isNumber says whether a column is drawn to the right.
func isNumber(c transform.ResultColumn) bool {
	switch c.Type.Kind {
	case schema.Long, schema.Double, schema.Decimal:
		return true
	}
	return false
}

// dateOnly gives a date without its time; another value as it is.
func dateOnly(c transform.ResultColumn, v any) any {
	if t, ok := v.(time.Time); ok && c.Type.Kind == schema.Date {
		return t.UTC().Format(time.DateOnly)
	}
	return v
}

// keysOf are the columns' names, told apart where a query gives one twice: an
// object has each key once.
func keysOf(columns []transform.ResultColumn) []string {
	keys := make([]string, len(columns))
	taken := map[string]bool{}
	for i, c := range columns {
		keys[i] = c.Name
		for n := 1; taken[keys[i]]; n++ {
			keys[i] = fmt.Sprintf("%s_%d", c.Name, n)
		}
		taken[keys[i]] = true
	}
	return keys
}

// cell writes a value as a drawn table shows it.
func cell(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case string:
		return x
	case time.Time:
		return jsonTime(x)
	case float64:
		return strconv.FormatFloat(x, 'g', 10, 64)
	case []byte:
		return fmt.Sprintf("%x", x)
	case bool, int64, *big.Int, transform.Decimal:
		return fmt.Sprint(x)
	}
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(body)
}

// jsonTime is RFC 3339 in UTC with as many decimals as the value has.
func jsonTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// jsonValue is a value as floe sql --output json prints it. JSON knows no NaN
// and no infinity: they become strings.
func jsonValue(v any) any {
	switch x := v.(type) {
	case time.Time:
		return jsonTime(x)
	case *big.Int:
		return json.Number(x.String())
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return strconv.FormatFloat(x, 'g', -1, 64)
		}
		return x
	case transform.Decimal:
		return string(x)
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = jsonValue(e)
		}
		return out
	}
	return v
}

// marshal is json.Marshal without its escapes for HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// writeRows prints the rows as one array of objects whose keys are in the
// query's order, and nothing else. At most limit rows where it is not 0.
func writeRows(w io.Writer, rows *transform.Rows, limit int) error {
	b := bufio.NewWriterSize(w, 1<<16)
	keys := make([][]byte, len(rows.Columns))
	for i, name := range keysOf(rows.Columns) {
		k, err := json.Marshal(name)
		if err != nil {
			return fmt.Errorf("write column %q as JSON: %w", name, err)
		}
		keys[i] = append(k, ':')
	}
	_, _ = b.WriteString("[")
	for n := 0; (limit == 0 || n < limit) && rows.Next(); n++ {
		if n > 0 {
			_, _ = b.WriteString(",")
		}
		_, _ = b.WriteString("\n{")
		for i, v := range rows.Values() {
			if i > 0 {
				_, _ = b.WriteString(",")
			}
			body, err := marshal(jsonValue(dateOnly(rows.Columns[i], v)))
			if err != nil {
				return fmt.Errorf("write column %q as JSON: %w", rows.Columns[i].Name, err)
			}
			_, _ = b.Write(keys[i])
			_, _ = b.Write(body)
		}
		_, _ = b.WriteString("}")
	}
	if err := rows.Err(); err != nil {
		return err
	}
	_, _ = b.WriteString("\n]\n")
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the rows: %w", err)
	}
	return nil
}
