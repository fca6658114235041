package duckdb

import (
	"errors"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/transform"
)

// TestReplacedMeanwhile: rows written for a table must not land in another.
func TestReplacedMeanwhile(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.t", "select 1 as k, 'x' as v")
	for _, kind := range []string{transform.KindAppend, transform.KindMerge} {
		s := b.stage(kind, "marts.t", "select 2 as k, 'y' as v", key("k"))
		other := &bench{T: t, ctx: b.ctx, lake: b.lake, engine: b.open(Options{Threads: 1})}
		other.build(transform.KindTable, "marts.t", "select 'one' as k, 5 as v")
		if err := s.Publish(b.ctx); !errors.Is(err, lakehouse.ErrConflict) {
			t.Errorf("%s: %v", kind, err)
		}
		b.wants("select * from marts.t", "one|5")
		b.build(transform.KindTable, "marts.t", "select 1 as k, 'x' as v")
	}
	// A column that another writer added stays.
	s := b.stage(transform.KindAppend, "marts.t", "select 2 as k, 2.5 as w", onSchemaChange(transform.SchemaSync))
	spec := b.table("marts.t").Spec()
	spec.Schema.Columns = append(spec.Schema.Columns, columns("theirs", "long").Columns...)
	if _, err := b.lake.Apply(b.ctx, spec, lakehouse.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(b.ctx); !errors.Is(err, lakehouse.ErrConflict) {
		t.Error(err)
	}
	if _, ok := b.table("marts.t").Schema().Column("theirs"); !ok {
		t.Error("their column is gone")
	}
}

// TestRolledBackMeanwhile: rows that an incremental model chose by what its table
// held would leave a gap in one that went back.
func TestRolledBackMeanwhile(t *testing.T) {
	for _, kind := range []string{transform.KindAppend, transform.KindMerge} {
		b := newBench(t)
		b.build(transform.KindTable, "marts.t", "select 1 as k")
		first := b.table("marts.t").SnapshotID()
		b.build(kind, "marts.t", "select max(k) + 1 as k from marts.t", key("k"))
		s := b.stage(kind, "marts.t", "select max(k) + 1 as k from marts.t", key("k"))
		if _, err := b.lake.Rollback(b.ctx, b.named("marts.t"), lakehouse.RollbackOptions{Snapshot: first}); err != nil {
			t.Fatal(err)
		}
		if err := s.Publish(b.ctx); !errors.Is(err, lakehouse.ErrRolledBack) || fault.Next(err) != "run again" {
			t.Errorf("%s: %v; %s", kind, err, fault.Next(err))
		}
		b.build(kind, "marts.t", "select max(k) + 1 as k from marts.t", key("k"))
		b.wants("select k from marts.t order by k", "1", "2")
	}
}

// TestBinaryIsFound: DuckDB 1.5.5 writes a Bloom filter for a BLOB column by
// which it then finds no row.
func TestBinaryIsFound(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.t", "select i, case when i % 2 = 0 then from_hex('00') else from_hex('80FF') end as v from range(100) r(i)")
	b.wants("select count(*) from marts.t where v = from_hex('00')", "50")
	b.wants("select count(*) from marts.t where v = from_hex('80FF')", "50")
}

func TestInfinityIsRefused(t *testing.T) {
	b := newBench(t)
	for _, sql := range []string{"select 'infinity'::timestamp as t", "select '-infinity'::date as t", "select 'infinity'::timestamptz as t"} {
		_, err := b.engine.Stage(b.ctx, transform.Build{Name: b.named("marts.t"), Kind: transform.KindTable, SQL: sql})
		if err == nil || !strings.Contains(err.Error(), `column "t" holds infinity`) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	b.build(transform.KindTable, "marts.t", "select null::timestamp as t, current_date as d, timestamptz '9999-12-31 23:59:59+00' as z")
	b.wants("select count(*) from marts.t where t is null and z > now()", "1")
}
