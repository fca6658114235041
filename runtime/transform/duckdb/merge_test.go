package duckdb

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/transform"
)

func TestAppend(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.t", "select 1 as a, 'x' as b, 1.50 as c")
	s := b.stage(transform.KindAppend, "marts.t", "select 9::hugeint as extra, 2.5 as C, 'y' as B, 2::smallint as A union all select 8, 3, null, 3")
	if s.Rows() != 2 {
		t.Errorf("%d rows", s.Rows())
	}
	b.wants("select * from marts.t order by a", "1|x|1.50", "2|y|2.50", "3|null|3.00")
	if err := s.Publish(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.wants("select * from marts.t order by a", "1|x|1.50", "2|y|2.50", "3|null|3.00")
	if n := len(b.table("marts.t").Snapshots()); n != 2 {
		t.Errorf("%d snapshots", n)
	}
	b.build(transform.KindAppend, "marts.t", "select a, b, c from marts.t where a > 3")
	b.wants("select count(*) from marts.t", "3")
	for sql, want := range map[string]string{
		"select 1 as a, 'x' as b":                     `no column "c"`,
		"select 'x' as a, 'x' as b, 1 as c":           `column "a" is string in the query and long in the table`,
		"select 1.5 as a, 'x' as b, 1 as c":           `column "a" is decimal(2,1) in the query`,
		"select 1 as a, 'x' as b, 1.555 as c":         `column "c" is decimal(4,3) in the query`,
		"select 1 as a, 'x' as b, [1] as c":           "to_json(c)",
		"select 1 as a, 'x' as b, 12345678901.5 as c": "DECIMAL(3,2)",
	} {
		_, err := b.tryStage(transform.KindAppend, "marts.t", sql)
		b.fails(err, "build marts.t", want)
	}
	_, err := b.tryStage(transform.KindAppend, "marts.t", "select 1 as a, 'x' as b, 1 as c, 2 as d", onSchemaChange(transform.SchemaRefused))
	b.fails(err, `no column "d"`)
	_, err = b.tryStage(transform.KindAppend, "marts.nothing", "select 1 as a")
	if !errors.Is(err, lakehouse.ErrNotFound) {
		t.Error(err)
	}
	b.build(transform.KindView, "marts.v", "select 1 as a")
	_, err = b.tryStage(transform.KindAppend, "marts.v", "select 1 as a")
	b.fails(err, "rows are added to a table only")
	if n := len(b.files("marts.t")); n != 2 {
		t.Errorf("files %v", b.files("marts.t"))
	}
}

func TestSchemaChanges(t *testing.T) {
	b := newBench(t)
	for _, kind := range []string{transform.KindAppend, transform.KindMerge} {
		relation := "marts." + kind
		b.build(transform.KindTable, relation, "select 1 as a, 'x' as b")
		b.build(kind, relation, "select 2 as a, null as d, 2.5 as c", onSchemaChange(transform.SchemaAppend), key("a"), func(x *transform.Build) { x.SQL = "select 2 as a, true as d, 2.5 as c" })
		b.wants("select * from "+relation+" order by a", "1|x|null|null", "2|null|true|2.5")
		s := b.stage(kind, relation, "select 2 as a, 7 as e, 3.5 as c", onSchemaChange(transform.SchemaSync), key("a"))
		rows := []string{"1|null|null", "2|3.5|7"}
		if kind == transform.KindAppend {
			rows = []string{"1|null|null", "2|2.5|null", "2|3.5|7"}
		}
		b.wants("select * from "+relation+" order by a, c", rows...)
		if got := len(b.table(relation).Schema().Columns); got != 4 {
			t.Errorf("%d columns before Publish", got)
		}
		if err := s.Publish(b.ctx); err != nil {
			t.Fatal(err)
		}
		b.wants("select * from "+relation+" order by a, c", rows...)
		if got := b.table(relation).Schema().Names(); fmt.Sprint(got) != "[a c e]" {
			t.Errorf("columns %v", got)
		}
	}
}

// TestMergeAgainstAModel merges at random and holds every state to a map's.
func TestMergeAgainstAModel(t *testing.T) {
	for _, partitions := range [][]string{nil, {"day(d)"}, {"bucket_of", "even"}} {
		t.Run(strings.Join(partitions, ","), func(t *testing.T) {
			b := newBench(t)
			random := rand.New(rand.NewPCG(1, 2))
			model := map[string]string{}
			other := &bench{T: t, ctx: b.ctx, lake: b.lake, engine: b.open(Options{})}
			for round := range 8 {
				var rows []string
				for _, i := range random.Perm(60)[:random.IntN(30)+1] {
					k, v, day := fmt.Sprintf("%d-%c", i/2, 'a'+i%2), random.IntN(1000), random.IntN(5)
					rows = append(rows, fmt.Sprintf("(%d, '%c', %d, date '2024-01-0%d', %d, %t)", i/2, 'a'+i%2, v, day+1, i%3, i%2 == 0))
					model[k] = fmt.Sprintf("%d|%c|%d|%d", i/2, 'a'+i%2, v, day+1)
				}
				kind := transform.KindMerge
				if round == 0 {
					kind = transform.KindTable
				}
				sql := "select * from (values " + strings.Join(rows, ", ") + ") t(k1, k2, v, d, bucket_of, even)"
				s := b.stage(kind, "marts.m", sql, key("K1", "k2"), partition(partitions...))
				want := slices.Sorted(func(yield func(string) bool) {
					for _, row := range model {
						if !yield(row) {
							return
						}
					}
				})
				const state = "select k1, k2, v, day(d) from marts.m"
				check := func(when string, b *bench) {
					t.Helper()
					got := b.rows(state)
					slices.Sort(got)
					if !slices.Equal(got, want) {
						t.Fatalf("round %d, %s:\n got %v\nwant %v", round, when, got, want)
					}
				}
				check("staged", b)
				if err := s.Publish(b.ctx); err != nil {
					t.Fatal(err)
				}
				check("published", b)
				other.engine.Refresh()
				check("by another session", other)
				if n, err := b.table("marts.m").Rows(b.ctx); err != nil || n != int64(len(model)) {
					t.Errorf("metadata count %d rows, want %d (%v)", n, len(model), err)
				}
			}
			if n := len(b.table("marts.m").Snapshots()); n != 8 {
				t.Errorf("%d snapshots, want one a merge", n)
			}
		})
	}
}

func TestMergeRefuses(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.t", "select 1 as k, 'a' as l, 'x' as v")
	for sql, want := range map[string]string{
		"select 1 as k, 'a' as l, 'x' as v union all select 1, 'a', 'y' union all select 2, 'b', 'z'": "2 rows for one unique_key, k = 1, l = a",
		"select null::bigint as k, 'b' as l, 'x' as v":                                                "1 rows have NULL in unique_key (k, l)",
	} {
		_, err := b.tryStage(transform.KindMerge, "marts.t", sql, key("k", "l"))
		b.fails(err, want)
		if fault.Code(err) != int(fault.Contract) {
			t.Errorf("exit code %d", fault.Code(err))
		}
	}
	_, err := b.tryStage(transform.KindMerge, "marts.t", "select 1 as k, 'b' as l, 'x' as v")
	b.fails(err, "needs unique_key")
	_, err = b.tryStage(transform.KindMerge, "marts.t", "select 1 as k, 'b' as l, 'x' as v", key("z"))
	b.fails(err, `unique_key "z" is no column of the table: it has k, l, v`)
	if n := len(b.files("marts.t")); n != 1 {
		t.Errorf("files were left: %v", b.files("marts.t"))
	}
	b.build(transform.KindMerge, "marts.t", "select * from marts.t where false", key("k"))
	b.wants("select * from marts.t", "1|a|x")
	if n := len(b.table("marts.t").Snapshots()); n != 1 {
		t.Errorf("%d snapshots: an empty merge commits nothing", n)
	}
	b.build(transform.KindTable, "marts.empty", "select 1 as k where false")
	b.build(transform.KindMerge, "marts.empty", "select 5 as k", key("k"))
	b.wants("select * from marts.empty", "5")
}

// TestMergesMeet has writers merge into one table at once: each finds the rows
// that it replaces again in what the other left.
func TestMergesMeet(t *testing.T) {
	b := newBench(t)
	b.build(transform.KindTable, "marts.t", "select i as k, -1 as v from range(20) r(i)")
	const writers = 3
	var group sync.WaitGroup
	errs := make([]error, writers)
	for w := range writers {
		e := b.open(Options{Threads: 1})
		group.Go(func() {
			for round := range 3 {
				s, err := e.Stage(b.ctx, transform.Build{Name: b.named("marts.t"), Kind: transform.KindMerge, Key: []string{"k"},
					SQL: fmt.Sprintf("select i as k, %d as v from range(%d, %d) r(i)", w*10+round, w*5, w*5+10)})
				if err == nil {
					err = s.Publish(b.ctx)
				}
				errs[w] = errors.Join(errs[w], err)
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	b.engine.Refresh()
	b.wants("select count(*), count(distinct k), min(v) from marts.t", "20|20|2")
	if n := len(b.table("marts.t").Snapshots()); n != 1+writers*3 {
		t.Errorf("%d snapshots", n)
	}
}
