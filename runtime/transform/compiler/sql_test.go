package compiler

import (
	"strings"
	"testing"
)

func TestTrimStatement(t *testing.T) {
	for in, want := range map[string]string{
		"select 1;":               "select 1",
		" select 1 ;\n; ":         "select 1",
		"select 1; -- done;":      "select 1 -- done;",
		"select ';' -- x":         "select ';' -- x",
		"select 1 /* ; */ ; /**/": "select 1 /* ; */  /**/",
		"":                        "",
	} {
		if got := trimStatement(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestStatements(t *testing.T) {
	for in, want := range map[string]int{
		"": 0, "-- only a comment": 0, ";": 0, "select 1": 1, "select 1;": 1, "select 1; select 2": 2, "select ';'": 1, "select 1; -- x\n": 1,
	} {
		if got := statements(in); got != want {
			t.Errorf("%q: %d, want %d", in, got, want)
		}
	}
}

func TestInjectCTEs(t *testing.T) {
	ctes := []cte{{"a", "select 1"}}
	for in, want := range map[string]string{
		"select * from a":                      "with a as (\nselect 1\n)\nselect * from a",
		"-- c\nselect 1":                       "-- c\nwith a as (\nselect 1\n)\nselect 1",
		"WITH x as (select 2) select 3":        "WITH a as (\nselect 1\n), x as (select 2) select 3",
		"with recursive x as (select 2) table": "with recursive a as (\nselect 1\n), x as (select 2) table",
		"select 'with' as w":                   "with a as (\nselect 1\n)\nselect 'with' as w",
	} {
		if got := injectCTEs(in, ctes); got != want {
			t.Errorf("%q:\n%s\nwant\n%s", in, got, want)
		}
	}
	if got := injectCTEs("select 1", nil); got != "select 1" {
		t.Errorf("without: %q", got)
	}
}

func TestWithLimit(t *testing.T) {
	for in, want := range map[string]string{
		"select 1 -- x":                         "select 1 -- x\nlimit 5",
		"select * from (select 1 limit 2) a":    "select * from (select 1 limit 2) a\nlimit 5",
		"select 1 order by 1 limit 3":           "select 1 order by 1 limit 3",
		"select 'limit'":                        "select 'limit'\nlimit 5",
		"select 1 offset 2 rows fetch next row": "select 1 offset 2 rows fetch next row",
	} {
		if got := WithLimit(in, 5); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"select 'a''b' -- c\n", "/* x", "\"", "$$ a $$", "with recursive x", "é ü", "\xac"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		var b strings.Builder
		for _, tok := range tokens(sql) {
			if tok.end <= tok.start {
				t.Fatal("an empty token")
			}
			b.WriteString(sql[tok.start:tok.end])
		}
		if b.String() != sql {
			t.Fatal("tokens are not the text")
		}
		trimStatement(sql)
		injectCTEs(sql, []cte{{"a", "select 1"}})
	})
}
