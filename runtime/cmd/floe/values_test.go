package main

import (
	"bytes"
	"io"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
)

func rowsOf(columns []string, rows ...[]any) *transform.Rows {
	var heads []transform.ResultColumn
	for _, c := range columns {
		heads = append(heads, transform.ResultColumn{Column: schema.Column{Name: c}})
	}
	return transform.NewRows(heads, func() ([]any, error) {
		if len(rows) == 0 {
			return nil, io.EOF
		}
		row := rows[0]
		rows = rows[1:]
		return row, nil
	}, nil)
}

func TestWriteRows(t *testing.T) {
	wide, _ := new(big.Int).SetString("-170141183460469231731687303715884105728", 10)
	zone := time.FixedZone("+2", 7200)
	for _, tc := range []struct {
		name  string
		value any
		want  string
	}{
		{"null", nil, "null"},
		{"bool", true, "true"},
		{"long", int64(math.MinInt64), "-9223372036854775808"},
		{"wide", wide, "-170141183460469231731687303715884105728"},
		{"double", 1.5, "1.5"},
		{"nan", math.NaN(), `"NaN"`},
		{"infinity", math.Inf(-1), `"-Inf"`},
		{"decimal", transform.Decimal("12.50"), `"12.50"`},
		{"text", "a\"b\n<é>", `"a\"b\n<é>"`},
		{"time", time.Date(2024, 1, 1, 2, 0, 0, 1000, zone), `"2024-01-01T00:00:00.000001Z"`},
		{"binary", []byte{0, 255}, `"AP8="`},
		{"list", []any{wide, nil, transform.Decimal("1")}, `[-170141183460469231731687303715884105728,null,"1"]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := writeRows(&out, rowsOf([]string{"v"}, []any{tc.value}), 0); err != nil {
				t.Fatal(err)
			}
			if want := "[\n{\"v\":" + tc.want + "}\n]\n"; out.String() != want {
				t.Errorf("got %q, want %q", out.String(), want)
			}
		})
	}
}

func TestWriteRowsKeepsOrderAndLimit(t *testing.T) {
	var out bytes.Buffer
	err := writeRows(&out, rowsOf([]string{"b", "a"}, []any{int64(1), int64(2)}, []any{int64(3), int64(4)}), 1)
	if err != nil || out.String() != "[\n{\"b\":1,\"a\":2}\n]\n" {
		t.Fatalf("%q, %v", out.String(), err)
	}
}

func TestWords(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{count(0), "0"}, {count(999), "999"}, {count(1234567), "1 234 567"}, {count(-1000), "-1 000"},
		{size(999), "999 B"}, {size(1500), "1.5 kB"}, {size(2_000_000_000), "2.0 GB"},
		{plural(1, "row"), "1 row"}, {plural(2, "row"), "2 rows"},
		{moment(time.Time{}), ""}, {cell(nil), "null"}, {cell(map[string]any{"a": 1}), `{"a":1}`},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}

func TestWordCompleter(t *testing.T) {
	w := wordCompleter{"marts.fct_games", "marts.openings", "select"}
	ends, n := w.Do([]rune("select * from MARTS.f"), 21)
	if len(ends) != 1 || string(ends[0]) != "ct_games" || n != 7 {
		t.Fatalf("%q, %d", ends, n)
	}
	if ends, _ := w.Do([]rune("se"), 2); len(ends) != 1 || !strings.HasPrefix("select", "se"+string(ends[0])) {
		t.Fatalf("%q", ends)
	}
}
