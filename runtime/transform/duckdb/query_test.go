package duckdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/transform"
)

func TestValues(t *testing.T) {
	b := newBench(t)
	huge, _ := new(big.Int).SetString("170141183460469231731687303715884105727", 10)
	for _, tc := range []struct {
		sql, typ string
		want     any
	}{
		{"true", "boolean", true}, {"1::tinyint", "long", int64(1)}, {"-1::smallint", "long", int64(-1)}, {"1", "long", int64(1)},
		{"9223372036854775807", "long", int64(9223372036854775807)}, {"255::utinyint", "long", int64(255)},
		{"18446744073709551615::ubigint", "decimal(20,0)", new(big.Int).SetUint64(18446744073709551615)},
		{"170141183460469231731687303715884105727::hugeint", "decimal(38,0)", huge}, {"5::hugeint", "decimal(38,0)", int64(5)},
		{"5::uhugeint", "decimal(38,0)", int64(5)},
		{"0.5::float", "double", 0.5}, {"1e300", "double", 1e300}, {"12.50", "decimal(4,2)", transform.Decimal("12.50")},
		{"0.000::decimal(38,3)", "decimal(38,3)", transform.Decimal("0.000")},
		{"'x'", "string", "x"}, {"null", "long", nil}, {"null::integer", "long", nil},
		{"date '2024-02-29'", "date", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"timestamp '2024-02-29 10:00:00.5'", "timestamp", time.Date(2024, 2, 29, 10, 0, 0, 5e8, time.UTC)},
		{"timestamptz '2024-02-29 10:00:00+02'", "timestamptz", time.Date(2024, 2, 29, 8, 0, 0, 0, time.UTC)},
		{"'2024-02-29'::timestamp_ns", "timestamp", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"time '10:00:00'", "string", "10:00:00"}, {"interval 3 day", "string", "3 days"}, {"'infinity'::timestamp", "timestamp", "infinity"},
		{"'-infinity'::date", "date", "-infinity"}, {"'6ad7f8d6-9f5b-4b0e-8f57-1b6a3f4f2d11'::uuid", "string", "6ad7f8d6-9f5b-4b0e-8f57-1b6a3f4f2d11"},
		{`json '{"a": 1.50, "b": 12345678901234567890}'`, "json", `{"a": 1.50, "b": 12345678901234567890}`},
		{"'b'::enum('a', 'b')", "string", "b"}, {"X'00ff'", "binary", []byte{0, 255}},
		{"[1, null, 3]", "json", json.RawMessage(`[1,null,3]`)},
		{"{'z': 1.50::decimal(9,2), 'a': ['NaN', '\"'], 'n': 'nan'::double, 'i': '-inf'::double}", "json", json.RawMessage(`{"z":1.5,"a":["NaN","\""],"n":"NaN","i":"-Infinity"}`)},
		{"map{'k': 12345678901234567890::hugeint}", "json", json.RawMessage(`{"k":12345678901234567890}`)},
	} {
		rows, err := b.engine.Query(b.ctx, "select "+tc.sql+" as v")
		if err != nil {
			t.Errorf("%s: %v", tc.sql, err)
			continue
		}
		if !rows.Next() {
			t.Errorf("%s: no row, %v", tc.sql, rows.Err())
			continue
		}
		got := rows.Values()[0]
		if fmt.Sprintf("%T %v", got, got) != fmt.Sprintf("%T %v", tc.want, tc.want) {
			t.Errorf("%s: got %T %v, want %T %v", tc.sql, got, got, tc.want, tc.want)
		}
		if rows.Columns[0].Type.String() != tc.typ || rows.Columns[0].Name != "v" {
			t.Errorf("%s: column %+v, want %s", tc.sql, rows.Columns[0], tc.typ)
		}
		if raw, err := json.Marshal(got); err != nil || !json.Valid(raw) {
			t.Errorf("%s: no JSON: %s %v", tc.sql, raw, err)
		}
		if rows.Next() || rows.Err() != nil || rows.Close() != nil {
			t.Errorf("%s: more rows, or %v", tc.sql, rows.Err())
		}
	}
}

func TestOnlyQueries(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "s.t", "select 1 as a")
	for _, sql := range []string{
		"drop table s.t", "insert into s.t values (2)", "delete from s.t", "update s.t set a = 2", "create table x as select 1", "copy s.t to '/tmp/x'",
		"attach '/tmp/x.db'", "install httpfs", "load httpfs", "set threads = 1", "pragma threads = 1", "call pragma_version()", "checkpoint",
		"begin", "export database '/tmp/x'", "vacuum", "use s", "explain insert into s.t values (1)", "select 1; drop view s.t", "prepare x as select 1",
		"with x as (insert into s.t values (1) returning *) select * from x", "create or replace view s.t as select 5 as a", "detach memory",
	} {
		_, err := b.engine.Query(b.ctx, sql)
		if fault.Code(err) != int(fault.Usage) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	_, err := b.engine.Query(b.ctx, "drop table s.t")
	b.fails(err, "DROP cannot run here: only queries")
	_, err = b.engine.Query(b.ctx, "")
	b.fails(err, "0 statements")
	b.wants("select * from s.t", "1")
	for _, sql := range []string{"from s.t", "values (1)", "(select 1) union all select 2 order by 1 limit 1;", "with x as (select 1) select * from x", "table s.t", "-- c\nselect 1 -- d"} {
		if got := b.rows(sql); fmt.Sprint(got) != "[1]" {
			t.Errorf("%s: %v", sql, got)
		}
	}
	if got := b.rows("describe s.t"); len(got) != 1 || !strings.HasPrefix(got[0], "a|BIGINT") {
		t.Error(got)
	}
	if got := b.rows("summarize s.t"); len(got) != 1 {
		t.Error(got)
	}
	if got := b.rows("explain analyze select count(*) from s.t"); !strings.Contains(strings.Join(got, ""), "READ_PARQUET") {
		t.Error(got)
	}
}

func TestNames(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "landing_chess.players", "select 1 as id")
	b.build(transform.KindTable, "Odd.Näme", "select 2 as id")
	b.wants(`select * from "LANDING_chess"."Players"`, "1")
	b.wants(`select p.id, o.id from landing_chess.players p join odd.näme o on true`, "1|2")
	b.wants(`select (select max(id) from landing_chess.players), 3 in (select id from "Odd"."Näme")`, "1|false")
	b.wants("with players as (select 7 as id) select * from players", "7")
	b.wants("select id, id from landing_chess.players", "1|1")
	b.wants("select table_schema || '.' || table_name from information_schema.tables where table_schema <> 'main' order by 1", "Odd.Näme", "landing_chess.players")
	for sql, want := range map[string]string{
		"select * from landing_chess.player":          "did you mean landing_chess.players?",
		"select * from landing.nothing_at_all_here":   "there are Odd.Näme, landing_chess.players",
		"select * from players":                       "did you mean landing_chess.players?",
		"select * from other.landing_chess.players":   "a lake has one, write landing_chess.players",
		"select nope from landing_chess.players":      `"nope" not found`,
		"selec 1":                                     "LINE 1",
		"select * from 'x.parquet":                    "unterminated",
		"select * from read_csv('https://x.y/z.csv')": "without extensions",
	} {
		_, err := b.engine.Query(b.ctx, sql)
		if err == nil || !strings.Contains(err.Error()+" "+fault.Next(err), want) {
			t.Errorf("%s: %v (%s), want %q", sql, err, fault.Next(err), want)
		}
		if fault.Code(err) != int(fault.Usage) {
			t.Errorf("%s: exit code %d", sql, fault.Code(err))
		}
	}
	_, err := b.engine.Query(b.ctx, "select id, ) from landing_chess.players")
	if err == nil || !strings.HasSuffix(err.Error(), "LINE 1: select id, ) from landing_chess.players\n"+strings.Repeat(" ", len("LINE 1: select id, "))+"^") {
		t.Error(err)
	}
	_, err = b.engine.Columns(b.ctx, b.named("s.nothing"))
	if !errors.Is(err, lakehouse.ErrNotFound) {
		t.Error(err)
	}
	if columns, err := b.engine.Columns(b.ctx, b.named("landing_chess.PLAYERS")); err != nil || columns[0].Name != "id" {
		t.Error(columns, err)
	}
}

func TestNamesThatDifferInCaseOnly(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "s.T", "select 1 as a")
	b.build(transform.KindTable, "s.t", "select 2 as a")
	for range 2 {
		b.wants("select * from s.T", "1")
		b.wants("select * from s.t", "2")
	}
	_, err := b.engine.Query(b.ctx, "select * from s.T, s.t")
	b.fails(err, "s.T and s.t in one query")
	_, err = b.engine.Query(b.ctx, "select * from S.T")
	b.fails(err, "ambiguous")
}

// TestSchemasNamedAsDuckDBs: main and temp have a meaning there.
func TestSchemasNamedAsDuckDBs(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "main.t", "select 1 as a")
	b.wants("select * from main.t", "1")
	for _, schema := range []string{"memory", "system", "Temp"} {
		b.build(transform.KindTable, schema+".t", "select 1 as a")
		_, err := b.engine.Query(b.ctx, "select * from "+schema+".t")
		b.fails(err, "DuckDB keeps this name for itself")
	}
}

func TestDescribe(t *testing.T) {
	b := newBench(t)
	columns, err := b.engine.Describe(b.ctx, "select 1 as a, 'x' as b, sum(1.5) as c, count(*) as d, current_timestamp as e")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range columns {
		got = append(got, c.Name+" "+c.Type.String())
	}
	if want := "a long,b string,c decimal(38,1),d long,e timestamptz"; strings.Join(got, ",") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestOneSnapshotASession(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "s.t", "select 1 as a")
	reader := &bench{T: t, ctx: b.ctx, lake: b.lake, engine: b.open(Options{})}
	reader.wants("select * from s.t", "1")
	b.build(transform.KindTable, "s.t", "select 2 as a, 3 as b")
	reader.wants("select * from s.t", "1")
	reader.engine.Refresh()
	reader.wants("select * from s.t", "2|3")
}

func TestAnswersOutliveChanges(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "s.t", "select i as a from range(50000) r(i)")
	rows, err := b.engine.Query(b.ctx, "select a from s.t order by a")
	if err != nil {
		t.Fatal(err)
	}
	rows.Next()
	b.build(transform.KindTable, "s.t", "select 'other' as a")
	got, err := drain(rows)
	if err != nil || len(got) != 49999 {
		t.Error(len(got), err)
	}
}

func TestCancel(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithTimeout(b.ctx, 100*time.Millisecond)
	defer cancel()
	// It would take hours.
	_, err := b.engine.Query(ctx, "select count(*) from range(100000000000) a(i), range(10) b(j) where hash(i + j) = 1")
	if fault.Code(err) != int(fault.Interrupted) {
		t.Error(err)
	}
	b.wants("select 1", "1")
}

// TestSpills keeps one row a key of a table far larger than the memory.
func TestSpills(t *testing.T) {
	b := newBench(t, Options{MemoryLimit: 160 << 20, Threads: 2})
	const wide = `i as id, i % 250000 as k, repeat('x', 40) || i as c1, repeat('y', 40) || (i * 7) as c2, hash(i) as c3, i / 3.0 as c4, repeat('z', 60) || i as c5, repeat('w', 60) || i as c6`
	b.build(transform.KindTable, "landing.wide", "select "+wide+" from range(500000) r(i)")
	b.build(transform.KindTable, "staging.wide", `select * from (select *, row_number() over (partition by k order by id desc) as rank from landing.wide) where rank = 1`)
	b.wants("select count(*), min(id), count(distinct k) from staging.wide", "250000|250000|250000")
}
