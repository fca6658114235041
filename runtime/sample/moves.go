package sample

import (
	"fmt"
	"strings"
	"sync"
)

// variants is how many different games are played from each opening.
const variants = 16

// played is a game's moves: what its record needs but the clocks.
type played struct {
	before [][]byte // text before each ply's clock: "1. e4 {[%clk "
	plain  []byte   // the moves without clocks
	tcn    string
	fen    string
}

// library gives the played games; each is computed when it is first asked for.
type library struct {
	once  [][variants]sync.Once
	games [][variants]*played
}

func newLibrary() *library {
	return &library{once: make([][variants]sync.Once, len(openings)), games: make([][variants]*played, len(openings))}
}

func (l *library) game(open, variant int) *played {
	l.once[open][variant].Do(func() {
		l.games[open][variant] = play(openings[open].line, mix(uint64(open*variants+variant)))
	})
	return l.games[open][variant]
}

// play follows an opening's moves and then goes on at random for 46 to 109
// plies in all. A game that would end by itself is played anew with another seed.
func play(line string, seed uint64) *played {
	for ; ; seed = mix(seed) {
		if g := tryPlay(strings.Fields(line), seed); g != nil {
			return g
		}
	}
}

func tryPlay(line []string, seed uint64) *played {
	g := &played{}
	p := startPosition()
	plies := 46 + int(mix(seed)%64)
	var tcn, plain strings.Builder
	for ply := range plies {
		legal := p.legal(make([]move, 0, 64))
		if len(legal) == 0 {
			return nil
		}
		seed = mix(seed)
		m := legal[seed%uint64(len(legal))]
		if ply < len(line) {
			m = find(&p, legal, line[ply])
		}
		san := p.san(m, legal)
		dots := "."
		if !p.white {
			dots = "..."
		}
		g.before = append(g.before, fmt.Appendf(nil, "%d%s %s {[%%clk ", p.full, dots, san))
		if p.white {
			fmt.Fprintf(&plain, "%d. ", p.full)
		}
		plain.WriteString(san + " ")
		tcn.WriteString(m.tcn())
		p = p.after(m)
	}
	if len(p.legal(nil)) == 0 {
		return nil
	}
	g.tcn, g.plain, g.fen = tcn.String(), []byte(plain.String()), p.fen()
	return g
}

// find is the legal move that san writes. The openings' lines are checked by a
// test; a wrong one would play its first legal move.
func find(p *position, legal []move, san string) move {
	for _, m := range legal {
		if strings.TrimRight(p.san(m, legal), "+#") == san {
			return m
		}
	}
	return legal[0]
}

// mix is splitmix64's step: a number's image is as good as random, and no two
// numbers share one.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
