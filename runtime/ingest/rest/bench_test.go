package rest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/ingest/jsonrows"
	"github.com/floe-data/floe/runtime/schema"
)

// benchPage is a page of games of about 3.6 kB each, in the shape of Chess.com's.
func benchPage(games int) []byte {
	var b strings.Builder
	b.WriteString(`{"games":[`)
	for n := range games {
		if n > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"url":"https://www.chess.com/game/live/%d","pgn":"%s\n`, 22353661097+n, strings.Repeat(`[Event \"Live Chess\"]\n[Site \"Chess.com\"]\n`, 8))
		for m := range 60 {
			fmt.Fprintf(&b, `%d. Nf3 {[%%clk 0:02:53]} %d... g6 {[%%clk 0:03:00.2]} `, m+1, m+1)
		}
		fmt.Fprintf(&b, `0-1\n","time_control":"180+1","end_time":%d,"rated":true,"accuracies":{"white":88.07041442826889,"black":87.78109319598687},`, 1628615170+n)
		b.WriteString(`"tcn":"gv2UmC92lBZRfmWOiyXPbs0Seg6Xfe5ZcM!0dl3VMFUMFwMEvFVNnD2TCKRKBKT2lu0JsJXJedJXDL2Vun?!df70ad86LS1Sn1Vugh01f1uM","uuid":"670cd0c9-f9fc-11eb-9187-09ff3c010001","initial_setup":"rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1","fen":"2kr2r1/1bpn1R2/pp2p3/4P1bp/P5pN/6B1/1PP1B1PP/3R3K w - -","time_class":"blitz","rules":"chess",`)
		fmt.Fprintf(&b, `"white":{"rating":%d,"result":"timeout","@id":"https://api.chess.com/pub/player/gulkov_igor","username":"Gulkov_Igor","uuid":"b88a1a90-3ea9-11e2-8018-000000000000"},`, 2499+n%100)
		fmt.Fprintf(&b, `"black":{"rating":%d,"result":"win","@id":"https://api.chess.com/pub/player/hikaru","username":"Hikaru","uuid":"6f4deb88-7718-11e3-8016-000000000000"}}`, 3232)
	}
	b.WriteString("]}")
	return []byte(b.String())
}

func BenchmarkDecodeGames(b *testing.B) {
	const games = 300
	doc := benchPage(games)
	var columns []extract.Column
	add := func(kind, format string, fields ...string) {
		t, err := schema.ParseType(kind)
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range fields {
			path := jsonrows.SplitPath(f)
			columns = append(columns, extract.Column{Column: schema.Column{Name: jsonrows.SafeName(path), Type: t}, Path: path, Format: format})
		}
	}
	add("string", "", "player", "url", "uuid", "time_control", "time_class", "rules", "eco", "tournament", "match", "initial_setup", "fen", "tcn", "pgn")
	add("string", "", "white.username", "white.result", "white.@id", "white.uuid", "black.username", "black.result", "black.@id", "black.uuid")
	add("long", "", "white.rating", "black.rating")
	add("double", "", "accuracies.white", "accuracies.black")
	add("timestamptz", "epoch_seconds", "end_time", "start_time")
	add("boolean", "", "rated")
	plan, err := jsonrows.Compile(extract.Table{Columns: columns}, nil)
	if err != nil {
		b.Fatal(err)
	}
	games1, err := parseSelector("$.games[*]")
	if err != nil {
		b.Fatal(err)
	}
	d := jsonrows.NewDecoder(plan)
	consts := []jsonrows.Const{{Name: "player", JSON: []byte(`"hikaru"`)}}
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		d.Begin(len(doc), consts, nil)
		if err := games1.each(doc, d.Row); err != nil || d.Rows() != games {
			b.Fatal(d.Rows(), err)
		}
		d.Flush().Release()
	}
	b.ReportMetric(float64(games)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
