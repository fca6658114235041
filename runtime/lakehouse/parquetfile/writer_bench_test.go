package parquetfile

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/schema"
)

// narrow is ten columns of mixed types without long text.
func narrow(rows int) *Chunk {
	k := func(kind schema.Kind) schema.Type { return schema.Type{Kind: kind} }
	s := schema.Schema{Columns: []schema.Column{
		{ID: 1, Name: "id", Type: k(schema.Long), Required: true}, {ID: 2, Name: "player", Type: k(schema.String)},
		{ID: 3, Name: "rating", Type: k(schema.Long)}, {ID: 4, Name: "accuracy", Type: k(schema.Double)},
		{ID: 5, Name: "ended", Type: k(schema.Timestamptz)}, {ID: 6, Name: "rated", Type: k(schema.Boolean)},
		{ID: 7, Name: "day", Type: k(schema.Date)}, {ID: 8, Name: "fee", Type: schema.Type{Kind: schema.Decimal, Precision: 12, Scale: 2}},
		{ID: 9, Name: "result", Type: k(schema.String)}, {ID: 10, Name: "note", Type: k(schema.String)},
	}}
	c := NewChunk(s)
	r := rand.New(rand.NewPCG(1, 2))
	results := []string{"win", "loss", "agreed", "timeout", "resigned"}
	for i := range rows {
		c.cols[0].addInt(int64(i))
		c.cols[1].addBlob(fmt.Appendf(nil, "player%d", r.IntN(50_000)))
		c.cols[2].addInt(r.Int64N(3000))
		c.cols[3].addFloat(r.Float64() * 100)
		c.cols[4].addInt(1_700_000_000_000_000 + int64(i)*1_000_000)
		c.cols[5].addInt(r.Int64N(2))
		c.cols[6].addInt(20_000 + r.Int64N(365))
		c.cols[7].addInt(r.Int64N(1_000_000))
		c.cols[8].addBlob([]byte(results[r.IntN(len(results))]))
		if i%5 == 0 {
			c.cols[9].addBlob(fmt.Appendf(nil, "note %d", r.IntN(1000)))
		} else {
			c.cols[9].addNull()
		}
		c.rows++
	}
	return c
}

// wide is rows with a text of about 3 kB that looks like a game's moves.
func wide(rows int) *Chunk {
	s := schema.Schema{Columns: []schema.Column{
		{ID: 1, Name: "url", Type: schema.Type{Kind: schema.String}, Required: true},
		{ID: 2, Name: "pgn", Type: schema.Type{Kind: schema.String}}, {ID: 3, Name: "ended", Type: schema.Type{Kind: schema.Timestamptz}},
	}}
	c := NewChunk(s)
	r := rand.New(rand.NewPCG(3, 4))
	files, pieces := "abcdefgh", []string{"", "N", "B", "R", "Q", "K"}
	var b strings.Builder
	for i := range rows {
		b.Reset()
		for move := 1; b.Len() < 3000; move++ {
			fmt.Fprintf(&b, "%d. %s%c%d {[%%clk 0:%02d:%02d.%d]} ", move, pieces[r.IntN(6)], files[r.IntN(8)], 1+r.IntN(8), r.IntN(10), r.IntN(60), r.IntN(10))
		}
		c.cols[0].addBlob(fmt.Appendf(nil, "https://www.chess.com/game/live/%d", r.Int64()))
		c.cols[1].addBlob([]byte(b.String()))
		c.cols[2].addInt(1_700_000_000_000_000 + int64(i)*1_000_000)
		c.rows++
	}
	return c
}

func BenchmarkWriter(b *testing.B) {
	for _, bench := range []struct {
		name  string
		chunk *Chunk
	}{{"narrow", narrow(200_000)}, {"text3kB", wide(8_000)}} {
		b.Run(bench.name, func(b *testing.B) {
			dir := b.TempDir()
			b.SetBytes(bench.chunk.Bytes())
			var size int64
			for i := 0; b.Loop(); i++ {
				w, err := Create(filepath.Join(dir, fmt.Sprint(i)), bench.chunk.schema, bench.chunk)
				if err != nil {
					b.Fatal(err)
				}
				if err := w.WriteRows(bench.chunk, nil); err != nil {
					b.Fatal(err)
				}
				f, err := w.Close()
				if err != nil {
					b.Fatal(err)
				}
				size = f.Bytes
			}
			b.ReportMetric(float64(b.N)*float64(bench.chunk.rows)/b.Elapsed().Seconds()/1000, "krows/s")
			b.ReportMetric(float64(size)/float64(bench.chunk.Bytes()), "ratio")
		})
	}
}
