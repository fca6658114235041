package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/transform"
)

func TestTable(t *testing.T) {
	b := newBench(t)
	s := b.stage(transform.KindTable, "marts.games", "select i as id, 'g' || i as name, i / 2 as half from range(5) r(i)", func(x *transform.Build) {
		x.Summary = map[string]string{"run": "r1"}
		x.Doc, x.ColumnDocs = "all games", map[string]string{"id": "the key"}
	})
	if s.Rows() != 5 {
		t.Errorf("%d rows staged", s.Rows())
	}
	b.wants("select * from marts.games order by id", "0|g0|0", "1|g1|0", "2|g2|1", "3|g3|1", "4|g4|2")
	if table, view, err := b.lake.Exists(b.ctx, b.named("marts.games")); table || view || err != nil {
		t.Errorf("staged content is visible: %v %v %v", table, view, err)
	}
	if err := s.Publish(b.ctx); err != nil {
		t.Fatal(err)
	}
	table := b.table("marts.games")
	snapshots := table.Snapshots()
	if len(snapshots) != 1 || snapshots[0].Summary["run"] != "r1" || snapshots[0].Summary[summaryModel] != "model.test.marts.games" {
		t.Errorf("snapshots %+v", snapshots)
	}
	if c, _ := table.Schema().Column("id"); c.Doc != "the key" {
		t.Errorf("column %+v", c)
	}
	if err := s.Publish(b.ctx); err == nil {
		t.Error("published twice")
	}
	if err := s.Discard(b.ctx); err != nil {
		t.Error(err)
	}
	other := &bench{T: t, ctx: b.ctx, lake: b.lake, engine: b.open(Options{})}
	other.wants(`select sum(id) from "marts"."games"`, "10")
	other.wants(`select max(NAME) from MARTS.Games`, "g4")
}

func TestTableIsReplacedInOneCommit(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.t", "select 1 as a, 'x' as b, 2.5 as c")
	old := b.table("marts.t").Schema()
	b.build(transform.KindTable, "marts.t", "select 'one' as a, 'y' as b, true as d, 7 as e")
	b.wants("select * from marts.t", "one|y|true|7")
	table := b.table("marts.t")
	if n := len(table.Snapshots()); n != 2 {
		t.Errorf("%d snapshots, want 2", n)
	}
	for _, c := range table.Schema().Columns {
		was, ok := old.Column(c.Name)
		if kept := ok && was.ID == c.ID; kept != (c.Name == "b") {
			t.Errorf("column %s: field id %d, was %d: a column of a new type is a new field", c.Name, c.ID, was.ID)
		}
	}
	b.build(transform.KindTable, "marts.t", "select 1 as a where false")
	b.wants("select * from marts.t")
	b.wants("select count(*), count(a) from marts.t", "0|0")
}

func TestDiscard(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.t", "select 1 as a")
	before := b.files("marts.t")
	for _, kind := range []string{transform.KindTable, transform.KindAppend, transform.KindMerge, transform.KindView} {
		s := b.stage(kind, "marts.t", "select 2 as a", key("a"))
		if got := strings.Join(b.rows("select * from marts.t order by 1"), ","); got != "2" && got != "1,2" {
			t.Errorf("%s: staged content reads %s", kind, got)
		}
		for range 2 {
			if err := s.Discard(b.ctx); err != nil {
				t.Fatal(kind, err)
			}
		}
		b.wants("select * from marts.t", "1")
		if after := b.files("marts.t"); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("%s: files %v, want %v", kind, after, before)
		}
		if err := s.Publish(b.ctx); err == nil {
			t.Errorf("%s: published after Discard", kind)
		}
	}
}

func TestViews(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "staging.t", "select i as a, i % 3 as k from range(10) r(i)")
	b.build(transform.KindView, "staging.v", "select k, count(*) as n, sum(a) as total from staging.t group by k;")
	b.build(transform.KindView, "marts.w", `with v as (select * from "staging"."v") select k + 1 as k1, n from v`)
	fresh := &bench{T: t, ctx: b.ctx, lake: b.lake, engine: b.open(Options{})}
	fresh.wants("select * from marts.w order by 1", "1|4", "2|3", "3|3")
	kind, err := fresh.engine.Exists(b.ctx, b.named("marts.w"))
	if kind != "view" || err != nil {
		t.Error(kind, err)
	}
	columns, err := fresh.engine.Columns(b.ctx, b.named("staging.v"))
	if got := fmt.Sprint(columns); err != nil || !strings.Contains(got, "total") {
		t.Error(got, err)
	}
	// Its table's types may change under a view.
	b.build(transform.KindTable, "staging.t", "select cast(i as double) as a, cast(i % 2 as decimal(5,0)) as k from range(4) r(i)")
	b.wants("select * from marts.w order by 1", "1|2", "2|2")
	// View and table take each other's place.
	b.build(transform.KindTable, "marts.w", "select 5 as five")
	b.wants("select * from marts.w", "5")
	b.build(transform.KindView, "marts.w", "select 6 as six")
	b.wants("select * from marts.w", "6")
	if _, err := b.lake.Table(b.ctx, b.named("marts.w")); !errors.Is(err, lakehouse.ErrNotFound) {
		t.Errorf("the table is still there: %v", err)
	}
	_, err = b.tryStage(transform.KindView, "staging.t", "select * from staging.v")
	b.fails(err, "reads itself")
	b.wants("select count(*) from staging.t", "4")
	_, err = b.tryStage(transform.KindView, "marts.x", "select * from staging.nothing")
	b.fails(err, "staging.nothing", "no such table")
	if err := b.engine.Drop(b.ctx, b.named("marts.w")); err != nil {
		t.Error(err)
	}
	if err := b.engine.Drop(b.ctx, b.named("marts.w")); err != nil {
		t.Error("drop twice:", err)
	}
}

func TestColumnsThatNoTableHolds(t *testing.T) {
	b := newBench(t)
	for sql, want := range map[string]string{
		"select null as nothing":                             `column "nothing" is NULL in every row`,
		"select n from (select null as n union select null)": `column "n" is NULL`,
		"select [1] as l":                                    "to_json(l)",
		"select interval 1 day as i":                         "INTERVAL",
		"select time '10:00:00' as t":                        "cast(t as varchar)",
		"select 1 as a, 2 as A":                              `two columns are named "a" and "A"`,
	} {
		for _, kind := range []string{transform.KindTable, transform.KindView} {
			_, err := b.tryStage(kind, "marts.bad", sql)
			b.fails(err, want, "marts.bad")
		}
	}
	if files := b.files("marts.bad"); len(files) > 0 {
		t.Error("files were left:", files)
	}
}

// TestTypes writes every type and reads it back, by this engine and by types.
func TestTypes(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.types", `
		select true as boolean, 1::tinyint as tinyint, -2::smallint as smallint, 3 as "integer", 4::bigint as "bigint", 5::uinteger as uinteger,
			18446744073709551615::ubigint as ubigint, 170141183460469231::hugeint * 10 as "hugeint", 0.5::float as "float", 1e300 as "double",
			-1.50::decimal(4,2) as d4, 12345678901234567.1::decimal(18,1) as d18, -1234567890123456789012345678.0123456789::decimal(38,10) as d38,
			date '2024-02-29' as "date", timestamp '2024-02-29 10:11:12.123456' as ts, '2024-02-29 10:11:12'::timestamp_s as ts_s,
			'2024-02-29 10:11:12.123'::timestamp_ms as ts_ms, '2024-02-29 10:11:12.123456789'::timestamp_ns as ts_ns,
			timestamp '2024-02-29 10:11:12 UTC' as tstz, 'é''x' as "varchar", '6ad7f8d6-9f5b-4b0e-8f57-1b6a3f4f2d11'::uuid as "uuid",
			json '{"a": 1.50}' as "json", 'b'::enum('a', 'b') as "enum", X'00ff' as "blob", null::decimal(10,2) as empty`)
	want := []string{
		"boolean boolean true", "tinyint long 1", "smallint long -2", "integer long 3", "bigint long 4", "uinteger long 5",
		"ubigint decimal(20,0) 18446744073709551615", "hugeint decimal(38,0) 1701411834604692310", "float double 0.5", "double double 1e+300",
		"d4 decimal(4,2) -1.50", "d18 decimal(18,1) 12345678901234567.1", "d38 decimal(38,10) -1234567890123456789012345678.0123456789",
		"date date 2024-02-29 00:00:00 +0000 UTC", "ts timestamp 2024-02-29 10:11:12.123456 +0000 UTC", "ts_s timestamp 2024-02-29 10:11:12 +0000 UTC",
		"ts_ms timestamp 2024-02-29 10:11:12.123 +0000 UTC", "ts_ns timestamp 2024-02-29 10:11:12.123456 +0000 UTC",
		"tstz timestamptz 2024-02-29 10:11:12 +0000 UTC", "varchar string é'x", "uuid string 6ad7f8d6-9f5b-4b0e-8f57-1b6a3f4f2d11",
		`json string {"a": 1.50}`, "enum string b", "blob binary 00ff", "empty decimal(10,2) null",
	}
	values := strings.Split(b.rows("select * from marts.types")[0], "|")
	columns := b.table("marts.types").Schema().Columns
	if len(values) != len(want) || len(columns) != len(want) {
		t.Fatalf("%d values, %d columns, want %d", len(values), len(columns), len(want))
	}
	for i, w := range want {
		if got := fmt.Sprintf("%s %s %s", columns[i].Name, columns[i].Type, values[i]); got != w {
			t.Errorf("got %s, want %s", got, w)
		}
	}
}

func TestDecimalsAreFoundByTheirBounds(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.d", "select cast(i - 500 as decimal(38,10)) as d, timestamp '2024-01-01 00:00:00' + to_hours(cast(i as integer)) as t from range(1000) r(i)")
	b.wants("select count(*) from marts.d where d > 0", "499")
	b.wants("select count(*) from marts.d where d < -499.5", "1")
	b.wants("select count(*) from marts.d where t >= timestamp '2024-02-11 00:00:00'", "16")
}

func TestPartitions(t *testing.T) {
	b := newBench(t)
	const sql = `select i as id, timestamp '2024-01-30 00:00:00' + to_hours(cast(i as integer)) as t, date '2024-01-30' + cast(i / 24 as integer) as day,
		i % 2 = 0 as even, i % 7 as mod, case when i < 90 then timestamp '2024-01-30 00:00:00 UTC' end as zoned from range(100) r(i)`
	for fields, files := range map[string]int{
		"day(t)": 5, "month(t)": 2, "year(t)": 1, "hour(t)": 100, "day": 5, "even": 2, "mod": 7, "truncate(50, id)": 2, "day(zoned)": 2, "month(t); mod": 14,
	} {
		b.build(transform.KindTable, "marts.p", sql, partition(strings.Split(fields, "; ")...))
		b.wants("select count(*), sum(id), count(distinct t), count(zoned) from marts.p", "100|4950|100|90")
		got, err := b.table("marts.p").Files(b.ctx)
		if err != nil || len(got.Data) != files {
			t.Errorf("%s: %d files, want %d (%v)", fields, len(got.Data), files, err)
		}
		if spec := b.table("marts.p").Spec(); fmt.Sprint(spec.Partition) != "["+strings.ReplaceAll(fields, ";", "")+"]" {
			t.Errorf("%s: the table's partitions are %v", fields, spec.Partition)
		}
	}
	b.build(transform.KindTable, "marts.p", sql) // keeps what it has
	if spec := b.table("marts.p").Spec(); len(spec.Partition) == 0 {
		t.Error("the partitions are gone")
	}
	for fields, want := range map[string]string{
		"bucket(4, id)": "does not write buckets", "day(nope)": `"nope"`, "day(id)": "does not take a long column", "week(t)": `"week(t)"`,
	} {
		_, err := b.tryStage(transform.KindTable, "marts.q", sql, partition(fields))
		b.fails(err, want)
	}
}

func TestSort(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.s", "select (i * 7919) % 300000 as id from range(300000) r(i)", func(x *transform.Build) { x.Sort = []string{"id desc"} })
	files, err := b.table("marts.s").Files(b.ctx)
	if err != nil || len(files.Data) != 1 {
		t.Fatal(files, err)
	}
	// Row groups are sorted, and may lie in another order.
	groups := "select stats_min::bigint as low, stats_max::bigint as high from parquet_metadata('" + files.Data[0].Path + "')"
	b.wants("select count(*) from ("+groups+") a join ("+groups+") b on a.low < b.high and b.low < a.low", "0")
}

// TestBigTablesAreSplit also holds the answer's order over many pages.
func TestBigTablesAreSplit(t *testing.T) {
	b := newBench(t, Options{FileSize: 1 << 20, MemoryLimit: 200 << 20})
	b.build(transform.KindTable, "marts.big", "select i as id, hash(i) as h from range(1000000) r(i)")
	files, err := b.table("marts.big").Files(b.ctx)
	if err != nil || len(files.Data) < 3 {
		t.Errorf("%d files (%v)", len(files.Data), err)
	}
	rows, err := b.engine.Query(b.ctx, "select id from marts.big order by id desc")
	if err != nil {
		t.Fatal(err)
	}
	next := int64(999999)
	for rows.Next() {
		if rows.Values()[0] != next {
			t.Fatalf("got %v, want %d", rows.Values()[0], next)
		}
		next--
	}
	if rows.Err() != nil || next != -1 {
		t.Error(next, rows.Err())
	}
	if rows, err = b.engine.Head(b.ctx, "select id from marts.big order by id", 3); err != nil {
		t.Fatal(err)
	}
	if got, err := drain(rows); fmt.Sprint(got) != "[0 1 2]" || err != nil {
		t.Error(got, err)
	}
}

// TestCrashBeforeTheCommit leaves only files that no snapshot knows.
func TestCrashBeforeTheCommit(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.t", "select 1 as a")
	b.stage(transform.KindTable, "marts.t", "select 2 as a")
	if n := len(b.files("marts.t")); n != 2 {
		t.Errorf("%d files", n)
	}
	after := &bench{T: t, ctx: b.ctx, lake: b.lake, engine: b.open(Options{})}
	after.wants("select * from marts.t", "1")
	after.build(transform.KindTable, "marts.t", "select 3 as a")
	after.wants("select * from marts.t", "3")
	b.wants("select * from marts.t", "2") // its own session still holds what it staged
}

func TestFailedBuildLeavesNothing(t *testing.T) {
	b := newBench(t)
	_, err := b.tryStage(transform.KindTable, "marts.t", "select case when i < 2000000 then '1' else 'x' end::bigint as a from range(2000001) r(i)")
	b.fails(err, "build marts.t", "Could not convert")
	if files := b.files("marts.t"); len(files) > 0 {
		t.Error(files)
	}
	root := filepath.Join(b.lake.Home(), "warehouse", "marts")
	if left, _ := filepath.Glob(root + "/*/data/*"); len(left) > 0 {
		t.Error(left)
	}
	if kind, err := b.engine.Exists(b.ctx, b.named("marts.t")); kind != "" || err != nil {
		t.Error(kind, err)
	}
}

func TestCloseRemovesTemporaryFiles(t *testing.T) {
	b := newBench(t)
	e := b.open(Options{})
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(e.temp); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := e.Query(b.ctx, "select 1"); !errors.Is(err, errClosed) {
		t.Error(err)
	}
}

// TestDiskFull lets no file grow: nothing is published, nothing is left.
func TestDiskFull(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.t", "select 1 as a, 'x' as b")
	before := b.files("marts.t")
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Skip(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 20, Max: old.Max}); err != nil {
		t.Skip(err)
	}
	_, err := b.tryStage(transform.KindTable, "marts.t", "select i as a, md5(cast(i as varchar)) as b from range(500000) r(i)")
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	b.fails(err, "build marts.t", "Could not write")
	b.wants("select * from marts.t", "1|x")
	if after := b.files("marts.t"); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("files %v, want %v", after, before)
	}
}

func TestCancelledBuildLeavesNothing(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithTimeout(b.ctx, 300*time.Millisecond)
	defer cancel()
	_, err := b.engine.Stage(ctx, transform.Build{Name: b.named("marts.t"), Kind: transform.KindTable, SQL: "select i as a, md5(cast(i as varchar)) as b from range(10000000000) r(i)"})
	if fault.Code(err) != int(fault.Interrupted) {
		t.Error(err)
	}
	if files := b.files("marts.t"); len(files) > 0 {
		t.Error(files)
	}
	b.build(transform.KindTable, "marts.t", "select 1 as a")
}

// TestSeeds are selects of typed literals, thousands of them.
func TestSeeds(t *testing.T) {
	b := newBench(t)
	var rows []string
	for i := range 5000 {
		rows = append(rows, fmt.Sprintf("(%d, 'name %d; -- X''41''', %d.25, date '2024-01-01', true, null)", i, i, i))
	}
	b.build(transform.KindSeed, "seeds.s", "select cast(a as bigint) as a, cast(b as varchar) as b, cast(c as decimal(18,2)) as c, cast(d as date) as d, e, cast(f as varchar) as f from (values\n"+strings.Join(rows, ",\n")+") t(a, b, c, d, e, f)")
	b.wants("select count(*), sum(c), min(b), count(f) from seeds.s", "5000|12498750.00|name 0; -- X'41'|0")
}
