package sample

import (
	"slices"
	"strings"
	"testing"
)

// perft counts the positions that depth moves can lead to; the numbers are the
// chess programmers' known ones (chessprogramming.org/Perft_Results).
func perft(p position, depth int) int {
	if depth == 0 {
		return 1
	}
	n := 0
	for _, m := range p.legal(nil) {
		n += perft(p.after(m), depth-1)
	}
	return n
}

func TestLegalMoves(t *testing.T) {
	for depth, want := range []int{1, 20, 400, 8902, 197281} {
		if got := perft(startPosition(), depth); got != want {
			t.Errorf("depth %d: %d positions, want %d", depth, got, want)
		}
	}
}

func TestOpeningsAreLegal(t *testing.T) {
	slugs := map[string]bool{}
	for _, o := range openings {
		p := startPosition()
		for _, san := range strings.Fields(o.line) {
			legal := p.legal(nil)
			i := slices.IndexFunc(legal, func(m move) bool { return strings.TrimRight(p.san(m, legal), "+#") == san })
			if i < 0 {
				t.Errorf("%s: %s is no legal move in %s", o.slug, san, p.fen())
				break
			}
			p = p.after(legal[i])
		}
		if slugs[o.slug] {
			t.Errorf("%s is twice in the list", o.slug)
		}
		slugs[o.slug] = true
	}
}

// TestNotation plays a line with castling, en passant, a promotion with a
// capture, two knights that reach one square, and mate.
func TestNotation(t *testing.T) {
	for _, c := range []struct{ line, tcn, fen string }{
		{"e4 d5 exd5 Qxd5 Nc3 Qe6+", "mCZJCJ7JbsJS", ""}, // as recorded
		{"e4 e5 Nf3 Nc6 Bb5 a6 O-O Nf6 d3 Be7 Nbd2 O-O", "mC0Kgv5QfHWOeg!Tlt90bl8!",
			"r1bq1rk1/1pppbppp/p1n2n2/1B2p3/4P3/3P1N2/PPPN1PPP/R1BQ1RK1 w - - 3 7"},
		{"e4 a6 e5 d5 exd6 Nc6 dxc7 Nf6 cxd8=N", "", "r1bNkb1r/1p2pppp/p1n2n2/8/8/8/PPPP1PPP/RNBQKBNR b KQkq - 0 5"},
		{"f3 e5 g4 Qh4#", "", "rnb1kbnr/pppp1ppp/8/4p3/6Pq/5P2/PPPPP2P/RNBQKBNR w KQkq - 1 3"},
	} {
		p := startPosition()
		tcn := ""
		for _, san := range strings.Fields(c.line) {
			legal := p.legal(nil)
			i := slices.IndexFunc(legal, func(m move) bool { return p.san(m, legal) == san })
			if i < 0 {
				t.Fatalf("%s: %s is not found in %s", c.line, san, p.fen())
			}
			tcn += legal[i].tcn()
			p = p.after(legal[i])
		}
		if c.fen != "" && p.fen() != c.fen {
			t.Errorf("%s: %s, want %s", c.line, p.fen(), c.fen)
		}
		if c.tcn != "" && tcn != c.tcn {
			t.Errorf("%s: %s, want %s", c.line, tcn, c.tcn)
		}
	}
	up := move{from: 0x65, to: 0x75, promote: queen} // f7-f8=Q, as in a recorded game
	if got := up.tcn(); got != "1~" {
		t.Errorf("f8=Q is %s, want 1~", got)
	}
}
