package lakehouse

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/floe-data/floe/runtime/schema"
)

// cpu is the CPU time that the process has used.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// longGames are batches whose pgn is a text of about 3 kB.
func longGames(batches, rows int) []arrow.RecordBatch {
	r := rand.New(rand.NewPCG(1, 2))
	var text strings.Builder
	out := make([]arrow.RecordBatch, batches)
	for i := range out {
		short := gameRows(i*rows, rows)
		pgn := array.NewStringBuilder(memory.DefaultAllocator)
		for range rows {
			text.Reset()
			for move := 1; text.Len() < 3000; move++ {
				fmt.Fprintf(&text, "%d. %c%d {[%%clk 0:%02d:%02d.%d]} ", move, "abcdefgh"[r.IntN(8)], 1+r.IntN(8), r.IntN(10), r.IntN(60), r.IntN(10))
			}
			pgn.Append(text.String())
		}
		columns := short.Columns()
		columns[3] = pgn.NewArray()
		out[i] = array.NewRecordBatch(short.Schema(), columns, short.NumRows())
	}
	return out
}

func narrowGames(batches, rows int) []arrow.RecordBatch {
	out := make([]arrow.RecordBatch, batches)
	for i := range out {
		out[i] = gameRows(i*rows, rows)
	}
	return out
}

// BenchmarkLoad gives rows per CPU second, the steadier figure on a busy machine.
func BenchmarkLoad(b *testing.B) {
	for _, bench := range []struct {
		name    string
		merge   bool
		again   bool
		batches []arrow.RecordBatch
	}{
		{"append narrow", false, false, narrowGames(50, 10_000)},
		{"append 3kB", false, false, longGames(40, 1000)},
		{"merge into nothing, 3kB", true, false, longGames(40, 1000)},
		{"merge narrow of the same", true, true, narrowGames(50, 10_000)},
		{"merge 3kB of the same", true, true, longGames(40, 1000)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			rows := int64(0)
			var used time.Duration
			for b.Loop() {
				b.StopTimer()
				l := openLake(b, b.TempDir())
				newTable(b, l, games())
				if bench.again {
					load(b, l, gamesName, LoadOptions{}, StateUpdate{}, bench.batches...)
				}
				b.StartTimer()
				before := cpu(b)
				rows += load(b, l, gamesName, LoadOptions{Merge: bench.merge}, StateUpdate{}, bench.batches...).Rows
				used += cpu(b) - before
			}
			b.ReportMetric(float64(rows)/used.Seconds()/1000, "krows/cpu-s")
		})
	}
}

// BenchmarkMergeFew merges 5,000 changed rows into a million.
func BenchmarkMergeFew(b *testing.B) {
	l := openLake(b, b.TempDir())
	s := games()
	s.Partition, s.Sort = nil, nil
	newTable(b, l, s)
	load(b, l, gamesName, LoadOptions{}, StateUpdate{}, narrowGames(100, 10_000)...)
	for i := 0; b.Loop(); i++ {
		load(b, l, gamesName, LoadOptions{Merge: true}, StateUpdate{}, changed(gameRows(i*5000, 5000)))
	}
}

// BenchmarkFiles plans a table of 5,000 files.
func BenchmarkFiles(b *testing.B) {
	l := openLake(b, b.TempDir())
	name := Name{"marts", "many"}
	newTable(b, l, Spec{Name: name, Schema: schema.Schema{Columns: []schema.Column{{Name: "n", Type: typ(schema.Long)}, {Name: "m", Type: typ(schema.String)}}},
		Partition: []schema.PartitionField{{Column: "n", Transform: schema.Identity}}})
	for range 5 {
		load(b, l, name, LoadOptions{}, StateUpdate{}, oneEach(1000))
	}
	table, err := l.Table(b.Context(), name)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		files, err := table.Files(b.Context())
		if err != nil || len(files.Data) != 5000 {
			b.Fatal(len(files.Data), err)
		}
	}
}

func oneEach(rows int) arrow.RecordBatch {
	r := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil))
	for i := range rows {
		r.Field(0).(*array.Int64Builder).Append(int64(i))
	}
	return r.NewRecordBatch()
}
