package duckdb

import (
	_ "embed"
	"strings"
	"testing"
)

//go:embed testdata/dialect.txt
var dialectCases string

// refusedDialect are the expressions of Trino that are an error here, and a
// word of it.
var refusedDialect = map[string]string{
	"at time zone":          "AT TIME ZONE means something else",
	"ts tz at tz then date": "AT TIME ZONE means something else",
	"cast array(int)":       "syntax error",
	"cast array<int>":       "syntax error",
	"cast json":             "syntax error",
	"json_value returning":  "syntax error",
	"cardinality map":       "No function matches",
	"reduce lambda":         "failed to bind function",
	"any_match":             "does not exist",
	"unnest multi":          "No function matches",
	"unnest map":            "UNNEST requires a single list",
	"listagg":               "Unknown ordered aggregate",
	"xxhash64":              "does not exist",
	"lag ignore nulls":      "syntax error",
	"tablesample":           "cannot be used with a discrete sample count",
	"unicode lit":           "NOT IMPLEMENTED",
	"time travel":           "syntax error",
	"bare VALUES":           "syntax error",
}

// differentDialect are those with another answer here, and which. Their values
// agree but for their type or form; none is a wrong number.
var differentDialect = map[string]string{
	"interval lit":                "2024-01-04 00:00:00", // a date plus days is a timestamp
	"decimal div":                 "3.5",                 // and a double
	"decimal div type":            "DOUBLE",
	"avg decimal type":            "DOUBLE",
	"sum int type":                "HUGEINT", // stored as decimal(38,0)
	"sum bigint type":             "HUGEINT",
	"json_extract_scalar num":     "1.5",
	"string int compare implicit": "false", // Trino refuses to compare the two
}

// TestDialect holds DuckDB to Trino's answers, and to the known differences,
// so that an upgrade tells when one is gone.
func TestDialect(t *testing.T) {
	b := newBench(t)
	same := 0
	for _, line := range strings.Split(strings.TrimSpace(dialectCases), "\n") {
		name, rest, _ := strings.Cut(line, "|")
		at := strings.LastIndex(rest, "|")
		expression, want := rest[:at], rest[at+1:]
		got, err := b.try("SELECT CAST(v AS VARCHAR) FROM (SELECT " + expression + ") q(v)")
		if word, ok := refusedDialect[name]; ok {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %q, %v; want an error about %q", name, got, err, word)
			}
			continue
		}
		other, differs := differentDialect[name]
		if differs {
			want = other
		}
		switch {
		case err != nil:
			t.Errorf("%s: %s", name, strings.Split(err.Error(), "\n")[0])
		case len(got) != 1:
			t.Errorf("%s: rows %q", name, got)
		case got[0] != want && got[0]+".0" != want && (differs || got[0] != want+".0"):
			t.Errorf("%s: got %s, want %s", name, got[0], want)
		case !differs:
			same++
		}
	}
	if want := 156 - len(refusedDialect) - len(differentDialect); same != want {
		t.Errorf("%d expressions answer as Trino does, want %d", same, want)
	}
}

// TestMacros are meanings that the cases of the dialect leave open.
func TestMacros(t *testing.T) {
	b := newBench(t)
	for _, tc := range [][2]string{
		{"md5('a')", "0cc175b9c0f1b6a831c399e269772661"},
		{"to_hex(sha1(to_utf8('a')))", "86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8"},
		{"concat('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j')", "abcdefghij"},
		{"date_parse('03/04/2024', '%d/%m/%Y')", "2024-04-03 00:00:00 +0000 UTC"},
		{"date_format(date '2024-04-03', '%e %M, %W')", "3 April, Wednesday"},
		{"date_format(date '2024-04-03', '%' || 'Y')", "2024"},
		{"cast(at_timezone(timestamp '2024-01-01 00:00:00 UTC', 'America/New_York') as timestamp)", "2023-12-31 19:00:00 +0000 UTC"},
		{"date(at_timezone(timestamp '2024-01-01 00:00:00', 'America/New_York'))", "2023-12-31 00:00:00 +0000 UTC"},
		{"with_timezone(timestamp '2024-01-01 00:00:00', 'America/New_York')", "2024-01-01 05:00:00 +0000 UTC"},
		{"greatest(1, 3, 2, null) is null", "true"},
		{"cast('héllo' as varchar(2))", "hé"},
		{"json_query('{\"a\":[1]}', 'strict $.a')", "[1]"},
		{"json_value('{\"a\":[1]}', '$.a') is null", "true"},
		{"date_trunc('day', null) is null", "true"},
		{"date_add('fortnight', 1, date '2024-01-01')", "error: unknown unit fortnight"},
		{"date_parse('x', '%Y-' || '%m')", "error: written out"},
		{"date_format(now(), '%Q')", `error: the format has "%Q"`},
		{"7 / 2", "3"},
	} {
		got, err := b.try("select " + tc[0])
		if word, wantsError := strings.CutPrefix(tc[1], "error: "); wantsError {
			b.fails(err, word)
			continue
		}
		if err != nil || len(got) != 1 || got[0] != tc[1] {
			t.Errorf("%s: %q, %v; want %s", tc[0], got, err, tc[1])
		}
	}
}
