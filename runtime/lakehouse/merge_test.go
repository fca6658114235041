package lakehouse

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/floe-data/floe/runtime/schema"
)

// scan reads a table with iceberg-go's own reader, each row as text without
// floe's columns, sorted: an independent witness of what was committed.
func scan(t testing.TB, l *Lake, n Name) []string {
	t.Helper()
	table, err := l.Table(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if table.SnapshotID() == 0 {
		return nil
	}
	_, records, err := table.ice.Scan().ToArrowRecords(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for r, err := range records {
		if err != nil {
			t.Fatal(err)
		}
		for row := range int(r.NumRows()) {
			var values []string
			for i, f := range r.Schema().Fields() {
				if !strings.HasPrefix(f.Name, ownColumns) {
					values = append(values, r.Column(i).ValueStr(row))
				}
			}
			out = append(out, strings.Join(values, "|"))
		}
	}
	slices.Sort(out)
	return out
}

type player struct {
	id     int64
	region string
	score  any // int64 or nil
	extra  any // string or nil; the column comes later
}

func (p player) text(extra bool) string {
	out := fmt.Sprintf("%d|%s|%s", p.id, p.region, orNull(p.score))
	if extra {
		out += "|" + orNull(p.extra)
	}
	return out
}

func orNull(v any) string {
	if v == nil {
		return "(null)"
	}
	return fmt.Sprint(v)
}

func playerBatch(rows []player, extra bool) arrow.RecordBatch {
	fields := []arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64}, {Name: "region", Type: arrow.BinaryTypes.String}, {Name: "score", Type: arrow.PrimitiveTypes.Int64},
	}
	if extra {
		fields = append(fields, arrow.Field{Name: "extra", Type: arrow.BinaryTypes.String})
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	for _, p := range rows {
		b.Field(0).(*array.Int64Builder).Append(p.id)
		b.Field(1).(*array.StringBuilder).Append(p.region)
		if p.score == nil {
			b.Field(2).AppendNull()
		} else {
			b.Field(2).(*array.Int64Builder).Append(p.score.(int64))
		}
		if extra && p.extra == nil {
			b.Field(3).AppendNull()
		} else if extra {
			b.Field(3).(*array.StringBuilder).Append(p.extra.(string))
		}
	}
	return b.NewRecordBatch()
}

var playersName = Name{"landing", "players"}

func players(partition ...schema.PartitionField) Spec {
	return Spec{
		Name: playersName, Key: []string{"region", "id"}, Partition: partition,
		Schema: schema.Schema{Columns: append([]schema.Column{
			{Name: "id", Type: typ(schema.Long)}, {Name: "region", Type: typ(schema.String)}, {Name: "score", Type: typ(schema.Long)},
		}, LoadColumns()...)},
	}
}

// TestMergeAgainstModel merges random rows, with doubles in a load, unchanged
// rows and a column that comes half way, and compares the table after each load
// with a plain map.
func TestMergeAgainstModel(t *testing.T) { eachPlace(t, conformMergeAgainstModel) }

func conformMergeAgainstModel(t *testing.T, p lakeAt) {
	tests := []struct {
		name      string
		partition []schema.PartitionField
		budget    int64
	}{
		{"in memory", nil, 0},
		{"spilled", nil, 1},
		{"partition by key", []schema.PartitionField{{Column: "id", Transform: schema.Bucket, N: 4}}, 0},
		{"partition by value", []schema.PartitionField{{Column: "score", Transform: schema.Truncate, N: 10}}, 4096},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := p.another(t)
			l := p.open(t)
			newTable(t, l, players(test.partition...))
			r := rand.New(rand.NewPCG(7, 7))
			model := map[string]player{}
			for step := range 8 {
				extra := step >= 4
				ld, err := l.NewLoad(t.Context(), playersName, LoadOptions{Merge: true, MemoryBudget: test.budget})
				if err != nil {
					t.Fatal(err)
				}
				if step == 4 {
					if err := ld.AddColumns(t.Context(), []schema.Column{{Name: "extra", Type: typ(schema.String)}}); err != nil {
						t.Fatal(err)
					}
				}
				seen, want := map[string]player{}, LoadResult{}
				for range 3 {
					rows := randomPlayers(r, extra)
					for _, p := range rows {
						k := fmt.Sprint(p.region, p.id)
						if _, ok := seen[k]; ok {
							want.Duplicates++
						}
						seen[k] = p
					}
					want.Rows += int64(len(rows))
					if err := ld.Write(t.Context(), playerBatch(rows, extra)); err != nil {
						t.Fatal(err)
					}
				}
				for k, p := range seen {
					old, ok := model[k]
					switch {
					case !ok:
						want.Inserted++
					case old == p:
						want.Unchanged++
					default:
						want.Updated++
					}
					model[k] = p
				}
				got, err := ld.Commit(t.Context(), StateUpdate{})
				if err != nil {
					t.Fatal(err)
				}
				if got.Rows != want.Rows || got.Inserted != want.Inserted || got.Updated != want.Updated || got.Unchanged != want.Unchanged || got.Duplicates != want.Duplicates {
					t.Fatalf("step %d: got %+v, want %+v", step, got, want)
				}
				compare(t, l, model, extra)
			}
			if left, _ := filepath.Glob(filepath.Join(l.fs.scratch(folderOf(t, l, playersName)), "*")); len(left) > 0 {
				t.Errorf("scratch files left: %v", left)
			}
		})
	}
}

func randomPlayers(r *rand.Rand, extra bool) []player {
	rows := make([]player, 40)
	for i := range rows {
		p := player{id: r.Int64N(30), region: string(rune('a' + r.IntN(3)))}
		if r.IntN(4) > 0 {
			p.score = r.Int64N(3) * 7
		}
		if extra && r.IntN(2) == 0 {
			p.extra = "x"
		}
		rows[i] = p
	}
	return rows
}

func compare(t *testing.T, l *Lake, model map[string]player, extra bool) {
	t.Helper()
	var want []string
	for p := range maps.Values(model) {
		want = append(want, p.text(extra))
	}
	slices.Sort(want)
	if got := scan(t, l, playersName); !slices.Equal(got, want) {
		t.Fatalf("table\n%v\nwant\n%v", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := rowsOf(t, l, playersName); n != int64(len(want)) {
		t.Fatalf("Rows says %d, want %d", n, len(want))
	}
}

func TestMergeOfTheSameAddsNoSnapshot(t *testing.T) {
	eachPlace(t, conformMergeOfTheSameAddsNoSnapshot)
}

func conformMergeOfTheSameAddsNoSnapshot(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, games())
	first := load(t, l, gamesName, LoadOptions{Merge: true}, StateUpdate{}, gameRows(0, 500))
	second := load(t, l, gamesName, LoadOptions{Merge: true}, StateUpdate{}, gameRows(0, 500))
	if second.Unchanged != 500 || second.Files != 0 || second.SnapshotID != first.SnapshotID {
		t.Fatalf("second %+v", second)
	}
	third := load(t, l, gamesName, LoadOptions{Merge: true}, StateUpdate{Set: map[string]string{"c": "1"}}, gameRows(0, 500))
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Snapshots()) != 1 || table.State()["c"] != "1" || third.SnapshotID != first.SnapshotID {
		t.Fatalf("state only: %v %v", table.Snapshots(), table.State())
	}
}
