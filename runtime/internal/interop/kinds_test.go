//go:build interop

package interop

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

// kindsColumns names every type that a contract may.
const kindsColumns = `  - {name: id, type: long, required: true, description: The key.}
  - {name: flag, type: boolean}
  - {name: n, type: long, description: Whole numbers from end to end.}
  - {name: m, type: long, description: Whole numbers that can be truncated.}
  - {name: x, type: double}
  - {name: d9, type: "decimal(9,2)"}
  - {name: d18, type: "decimal(18,4)"}
  - {name: day, type: date}
  - {name: at, type: timestamp}
  - {name: atz, type: timestamptz}
  - {name: s, type: string, description: "Text, élan & 'quotes'."}
  - {name: b, type: binary}
  - {name: j, type: json}
`

// The values of each type: extremes, what readers are known to trip over, and null (nil).
var (
	longs = []any{num("-9223372036854775808"), num("9223372036854775807"), -1, 0, 1, nil, 4294967296, -2147483649, 99}
	// truncate(10) of a number within 10 of the least one wraps to the greatest, in Java as here: no reader finds it by a filter then
	truncated = []any{num("-9223372036854775798"), num("9223372036854775807"), -1, 0, nil, -10, -11, 99, 100}
	doubles   = []any{num("1"), num("-0.0"), 0.5, num("1.7976931348623157e308"), num("-1.7976931348623157e308"), num("5e-324"), nil, -2.25, num("9007199254740993")}
	nines     = []any{num("9999999.99"), num("-9999999.99"), "0.01", num("-0.01"), 0, nil, num("12.5"), "-3"}
	wides     = []any{num("99999999999999.9999"), num("-99999999999999.9999"), "0.0001", num("-0.0001"), 0, nil, num("12345678901.2345"), "-7.5"}
	days      = []any{"1969-12-31", "1970-01-01", "9999-12-31", "0001-01-01", nil, "1582-10-10", "2024-02-29", "1900-03-01"}
	times     = []any{"1969-12-31T23:59:59.999999", "1970-01-01T00:00:00", "9999-12-31T23:59:59.999999", "0001-01-01T00:00:00", nil, "2024-02-29T12:34:56.789", "1900-03-01T00:00:00.000001"}
	zoned     = []any{"1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", nil, "2024-02-29T23:30:00.5-02:00", "2024-03-31T02:30:00+01:00", "1900-03-01T00:00:00.000001Z"}
	texts     = []any{"", "a", "näme-7", "日本語", "a/b=c d%20", "it's \"quoted\" \\ back", nil, "line\nbreak\ttab", "𝔘😀", " trailing ",
		strings.Repeat("long ", 80), strings.Repeat("\U0010FFFF", 20), strings.Repeat("z", 64)}
	bytesOf = []any{b64(""), b64("\x00"), b64("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), b64("plain"), nil, b64("\x80\x00/=")}
	jsons   = []any{map[string]any{"a": 1, "b": []any{nil, "x", 2.5}}, []any{}, map[string]any{}, "text", nil, 7, true, []any{map[string]any{"deep": map[string]any{"er": "ö"}}}}
)

func num(s string) json.Number { return json.Number(s) }

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// kindsRows are rows from to before to, their values turned by turn from the lists.
func kindsRows(from, to, turn int) []map[string]any {
	at := func(list []any, i int) any { return list[i%len(list)] }
	var rows []map[string]any
	for id := from; id < to; id++ {
		i := id + turn
		rows = append(rows, map[string]any{
			"id": id, "flag": at([]any{true, false, nil}, i), "n": at(longs, i), "m": at(truncated, i), "x": at(doubles, i), "d9": at(nines, i), "d18": at(wides, i),
			"day": at(days, i), "at": at(times, i), "atz": at(zoned, i), "s": at(texts, i), "b": at(bytesOf, i), "j": at(jsons, i),
		})
	}
	return rows
}

// kindsTables is one table without partitions and one for each transform over
// each type that a contract may partition by.
func kindsTables() []resource {
	tables := []resource{{name: "plain", columns: kindsColumns, merge: true}, {name: "appended", columns: kindsColumns}}
	for name, partition := range map[string]string{
		"by_flag": "flag", "by_n": "n", "by_day": "day",
		"by_year_day": "year(day)", "by_month_day": "month(day)", "by_day_day": "day(day)",
		"by_year_at": "year(at)", "by_month_at": "month(at)", "by_day_at": "day(at)", "by_hour_at": "hour(at)",
		"by_year_atz": "year(atz)", "by_month_atz": "month(atz)", "by_day_atz": "day(atz)", "by_hour_atz": "hour(atz)",
		"by_bucket_n": `"bucket(4, n)"`, "by_bucket_d9": `"bucket(4, d9)"`, "by_bucket_d18": `"bucket(4, d18)"`, "by_bucket_day": `"bucket(4, day)"`,
		"by_bucket_at": `"bucket(4, at)"`, "by_bucket_atz": `"bucket(4, atz)"`, "by_bucket_s": `"bucket(4, s)"`, "by_bucket_b": `"bucket(4, b)"`,
		"by_truncate_m": `"truncate(10, m)"`, "by_two": `year(atz), "bucket(3, s)"`,
	} {
		tables = append(tables, resource{name: name, columns: kindsColumns, partition: partition, merge: true})
	}
	return tables
}

// partitioned is the columns of a table that its name says it is partitioned by.
func partitioned(table string) []string {
	if strings.HasSuffix(table, ".by_two") {
		return []string{"atz", "s"}
	}
	return []string{table[strings.LastIndex(table, "_")+1:]}
}

// chooseKinds filters the plain tables by every column and the partitioned
// ones by what they are partitioned by and by the key.
func chooseKinds(c content) map[string]int {
	chosen := map[string]int{"id": 3}
	if strings.Contains(c.Name, ".by_") {
		for _, column := range partitioned(c.Name) {
			chosen[column] = 20
		}
		return chosen
	}
	for _, col := range c.Columns {
		if !strings.Contains(col.Name, ".") { // pyarrow takes a dot for a path, and says so
			chosen[col.Name] = 20
		}
	}
	for _, col := range []string{"id", "_floe_load_id", "_floe_loaded_at", "_floe_source"} {
		if _, ok := chosen[col]; ok {
			chosen[col] = 2
		}
	}
	return chosen
}

// TestKinds loads every type with every partition transform, changes and adds
// rows by a merge (position deletes), builds models on top, and compares all
// tables; then again after they were compacted.
func TestKinds(t *testing.T) {
	root := t.TempDir()
	writeProject(t, root, kindsTables(), models)
	l, a := newLab(t, root), serve(t)
	set := []string{"--set", "base_url=" + a.URL}

	a.set("kinds", kindsRows(0, 120, 0))
	l.must(append([]string{"ingest", "kinds"}, set...)...)
	l.must("transform", "build")
	a.set("kinds", kindsRows(90, 150, 3)) // 30 changed, 30 new
	l.must(append([]string{"ingest", "kinds"}, set...)...)
	l.must("transform", "build")

	t.Run("merged", func(t *testing.T) {
		l := *l
		l.T = t
		if c, err := l.content("landing_kinds.plain"); err != nil || c.rows() != 150 {
			t.Errorf("%d rows, want 150: 120, and 30 more of 60 that came later; %v", c.rows(), err)
		}
		compare(t, l.ask(chooseKinds))
	})
	l.must("maintain", "--keep", "1ns", "--orphans-after", "1ns")
	t.Run("maintained", func(t *testing.T) {
		l := *l
		l.T = t
		compare(t, l.ask(chooseKinds))
	})
}
