package duckdb

import (
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

func TestPortable(t *testing.T) {
	for _, tc := range []struct{ name, sql, want string }{
		{"nothing", "select a from s.t", "select a from s.t"},
		{"semicolon", "select 1 ; -- done\n;", "select 1 "},
		{"semicolon in text", "select ';' as a -- x;\n, 1", "select ';' as a -- x;\n, 1"},
		{"hex", "select X'65 66', x'', 'x''65'", "select unhex('6566'), unhex(''), 'x''65'"},
		{"hex as a name", "select x, t.x from t", "select x, t.x from t"},
		{"utc", "select timestamp '2024-01-01 00:00:00 UTC', TIMESTAMP '2024-01-01 00:00:00.5Z'", "select TIMESTAMPTZ '2024-01-01 00:00:00 UTC', TIMESTAMPTZ '2024-01-01 00:00:00.5Z'"},
		{"no zone", "select timestamp '2024-01-01 00:00:00', timestamp '2024-01-01'", "select timestamp '2024-01-01 00:00:00', timestamp '2024-01-01'"},
		{"timestamp(6) with time zone", "cast(a as timestamp(6) with time zone)", "cast(a as timestamp with time zone)"},
		{"timestamp(3)", "cast(a as timestamp(3))", "cast(a as timestamp(3))"},
		{"varchar(n)", "select cast(f(a, 'x)') as varchar(3)) b", "select substr(cast(f(a, 'x)') as varchar), 1, 3) b"},
		{"nested", "try_cast(cast(a as varchar(5)) as varchar(3))", "substr(try_cast(substr(cast(a as varchar), 1, 5) as varchar), 1, 3)"},
		{"plain varchar", "cast(a as varchar)", "cast(a as varchar)"},
		{"wall clock", "cast(at_timezone(t, 'Asia/Tokyo') as timestamp(6)), date(at_timezone(t, z)), cast(at_timezone(t, z) as date)", "cast(at_timezone(t, 'Asia/Tokyo') as timestamp(6)), date(at_timezone(t, z)), cast(at_timezone(t, z) as date)"},
		{"transform", "transform(a, x -> x + 1), t.transform", "list_transform(a, x -> x + 1), t.transform"},
		{"comments", "select 1 /* at time zone /* x'6' */ */ -- varchar(3)", "select 1 /* at time zone /* x'6' */ */ -- varchar(3)"},
		{"quoted", `select "at time zone", "x'65'" from t`, `select "at time zone", "x'65'" from t`},
		{"escapes", `select E'it\'s x''1' as a, e'\\', te, x'00'`, `select E'it\'s x''1' as a, e'\\', te, unhex('00')`},
		{"dollars", "select $$a;b$$, $t$x'6'$t$, $1", "select $$a;b$$, $t$x'6'$t$, $1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := portable(tc.sql)
			if err != nil || got != tc.want {
				t.Errorf("got  %q, %v\nwant %q", got, err, tc.want)
			}
		})
	}
}

func TestPortableRefuses(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{"select 1; select 2", "line 1, column 9: one statement at a time"},
		{"select\n  é, t at time zone 'UTC'", "line 2, column 8: AT TIME ZONE"},
		{"select timestamp '2024-01-01 00:00:00 America/New_York'", "write the time in UTC"},
		{"select timestamp '2024-01-01 00:00:00 +02:00'", "write the time in UTC"},
		{"select timestamp '2024-01-01 00:00:00+02'", "write the time in UTC"},
		{"select X'6'", "pairs of hexadecimal digits"},
		{"cast(a as char(3))", "char(3) does not cut or pad"},
		{"cast(a as array(varchar(3)))", "varchar(3) does not cut"},
		{"a::varchar(3)", "varchar(3) does not cut"},
		{"cast(a as timestamp(3) with time zone)", "write timestamp(6) with time zone"},
		{"select at_timezone(t, 'UTC')", "write cast(at_timezone(t, 'zone') as timestamp)"},
		{"cast(at_timezone(t, 'UTC') as varchar)", "wall clock"},
		{"cast(at_timezone(t, 'UTC') as timestamp(6) with time zone)", "wall clock"},
	} {
		_, err := portable(tc.sql)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.sql, err, tc.want)
		} else if fault.Code(err) != int(fault.Usage) {
			t.Errorf("%s: exit code %d", tc.sql, fault.Code(err))
		}
	}
}

func FuzzPortable(f *testing.F) {
	for _, s := range []string{"select 'a' -- b\n;", "cast(a as varchar(3))", "x'65'", "/* /* */", "$a$", `"a""b`, "timestamp '2024-01-01 UTC'", "date(at_timezone(t, z))", "varchar(", ")(", "at time zone"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		end := 0
		for _, tok := range scan(s) {
			if tok.start < end || tok.end <= tok.start || s[tok.start:tok.end] != tok.text {
				t.Fatalf("%q: token %+v after %d", s, tok, end)
			}
			end = tok.end
		}
		once, err := portable(s)
		if err != nil {
			return
		}
		twice, err := portable(once)
		if err != nil || twice != once {
			t.Errorf("%q became %q, and that %q, %v", s, once, twice, err)
		}
	})
}
