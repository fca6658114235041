package sample

import (
	"fmt"
	"strings"
)

// A position is a chess board between two moves. Squares are numbered in 0x88
// form (rank*16 + file), so that a step off the board shows in a mask.
type position struct {
	at     [128]int8 // + white, - black: pawn 1, knight 2, bishop 3, rook 4, queen 5, king 6
	white  bool
	castle uint8 // 1 white short, 2 white long, 4 black short, 8 black long
	ep     int   // the square that a pawn just passed, -1 for none
	half   int   // half moves since a capture or a pawn's move
	full   int
}

type move struct {
	from, to int
	promote  int8
}

const (
	pawn = iota + 1
	knight
	bishop
	rook
	queen
	king
)

var (
	leaps    = []int{33, 31, 18, 14, -33, -31, -18, -14}
	diagonal = []int{17, 15, -17, -15}
	straight = []int{16, 1, -16, -1}
	all      = append(append([]int{}, diagonal...), straight...)
)

// endsCastling is the rights that end when a piece leaves or takes a square.
var endsCastling = [128]uint8{4: 3, 7: 1, 0: 2, 116: 12, 119: 4, 112: 8}

// startPosition is the position before the first move.
func startPosition() position {
	p := position{white: true, castle: 15, ep: -1, full: 1}
	for file, piece := range []int8{rook, knight, bishop, queen, king, bishop, knight, rook} {
		p.at[file], p.at[16+file] = piece, pawn
		p.at[112+file], p.at[96+file] = -piece, -pawn
	}
	return p
}

func (p *position) sign() int8 {
	if p.white {
		return 1
	}
	return -1
}

// legal appends the legal moves to moves.
func (p *position) legal(moves []move) []move {
	pseudo := p.pseudo(make([]move, 0, 64))
	for _, m := range pseudo {
		next := p.after(m)
		if !next.attacked(next.king(p.sign()), next.white) {
			moves = append(moves, m)
		}
	}
	return moves
}

// pseudo appends the moves that may leave the own king attacked.
func (p *position) pseudo(moves []move) []move {
	for sq, piece := range p.at {
		if sq&0x88 != 0 || piece*p.sign() <= 0 {
			continue
		}
		switch piece * p.sign() {
		case pawn:
			moves = p.pawnMoves(moves, sq)
		case knight:
			moves = p.slide(moves, sq, leaps, 1)
		case bishop:
			moves = p.slide(moves, sq, diagonal, 7)
		case rook:
			moves = p.slide(moves, sq, straight, 7)
		case queen:
			moves = p.slide(moves, sq, all, 7)
		case king:
			moves = p.castles(p.slide(moves, sq, all, 1), sq)
		}
	}
	return moves
}

func (p *position) slide(moves []move, from int, steps []int, reach int) []move {
	for _, step := range steps {
		for to, n := from+step, 0; to&0x88 == 0 && n < reach; to, n = to+step, n+1 {
			there := p.at[to] * p.sign()
			if there <= 0 {
				moves = append(moves, move{from: from, to: to})
			}
			if there != 0 {
				break
			}
		}
	}
	return moves
}

func (p *position) pawnMoves(moves []move, from int) []move {
	ahead, home, last := 16, 1, 7
	if !p.white {
		ahead, home, last = -16, 6, 0
	}
	add := func(to int) {
		if to>>4 == last {
			for _, piece := range []int8{queen, knight, rook, bishop} {
				moves = append(moves, move{from, to, piece})
			}
			return
		}
		moves = append(moves, move{from: from, to: to})
	}
	if to := from + ahead; to&0x88 == 0 && p.at[to] == 0 {
		add(to)
		if to += ahead; from>>4 == home && p.at[to] == 0 {
			add(to)
		}
	}
	for _, side := range []int{-1, 1} {
		if to := from + ahead + side; to&0x88 == 0 && (p.at[to]*p.sign() < 0 || to == p.ep) {
			add(to)
		}
	}
	return moves
}

func (p *position) castles(moves []move, from int) []move {
	rights := p.castle
	if !p.white {
		rights >>= 2
	}
	free := func(squares ...int) bool {
		for _, sq := range squares {
			if p.at[sq] != 0 {
				return false
			}
		}
		return true
	}
	if rights&3 == 0 || p.attacked(from, !p.white) {
		return moves
	}
	if rights&1 != 0 && free(from+1, from+2) && !p.attacked(from+1, !p.white) {
		moves = append(moves, move{from: from, to: from + 2})
	}
	if rights&2 != 0 && free(from-1, from-2, from-3) && !p.attacked(from-1, !p.white) {
		moves = append(moves, move{from: from, to: from - 2})
	}
	return moves
}

func (p *position) king(sign int8) int {
	for sq, piece := range p.at {
		if piece == king*sign {
			return sq
		}
	}
	return -1
}

// attacked says whether a side could take on a square.
func (p *position) attacked(sq int, byWhite bool) bool {
	sign, behind := int8(1), -16
	if !byWhite {
		sign, behind = -1, 16
	}
	for _, side := range []int{-1, 1} {
		if from := sq + behind + side; from&0x88 == 0 && p.at[from] == pawn*sign {
			return true
		}
	}
	ray := func(steps []int, reach int, pieces ...int8) bool {
		for _, step := range steps {
			for from, n := sq+step, 0; from&0x88 == 0 && n < reach; from, n = from+step, n+1 {
				if p.at[from] == 0 {
					continue
				}
				for _, piece := range pieces {
					if p.at[from] == piece*sign {
						return true
					}
				}
				break
			}
		}
		return false
	}
	return ray(leaps, 1, knight) || ray(all, 1, king) || ray(diagonal, 7, bishop, queen) || ray(straight, 7, rook, queen)
}

// after is the position that a move leads to.
func (p *position) after(m move) position {
	n := *p
	piece := n.at[m.from]
	n.half++
	if piece*p.sign() == pawn || n.at[m.to] != 0 {
		n.half = 0
	}
	if piece*p.sign() == pawn && m.to == p.ep {
		n.at[m.from&0x70|m.to&7] = 0
	}
	n.at[m.to], n.at[m.from], n.ep = piece, 0, -1
	if m.promote != 0 {
		n.at[m.to] = m.promote * p.sign()
	}
	switch step := m.to - m.from; {
	case piece*p.sign() == pawn && (step == 32 || step == -32):
		n.ep = m.from + step/2
	case piece*p.sign() == king && step == 2:
		n.at[m.to-1], n.at[m.to+1] = n.at[m.to+1], 0
	case piece*p.sign() == king && step == -2:
		n.at[m.to+1], n.at[m.to-2] = n.at[m.to-2], 0
	}
	for _, sq := range []int{m.from, m.to} {
		n.castle &^= endsCastling[sq]
	}
	if !p.white {
		n.full++
	}
	n.white = !p.white
	return n
}

func square(sq int) string { return string([]byte{byte('a' + sq&7), byte('1' + sq>>4)}) }

// san writes a move as a game's record does: Nbd7, exd5, O-O, a8=Q+.
func (p *position) san(m move, legal []move) string {
	piece := p.at[m.from] * p.sign()
	takes := p.at[m.to] != 0 || piece == pawn && m.to == p.ep
	var s strings.Builder
	switch {
	case piece == king && m.to-m.from == 2:
		s.WriteString("O-O")
	case piece == king && m.to-m.from == -2:
		s.WriteString("O-O-O")
	case piece == pawn && takes:
		fmt.Fprintf(&s, "%cx%s", 'a'+m.from&7, square(m.to))
	case piece == pawn:
		s.WriteString(square(m.to))
	default:
		s.WriteByte(" PNBRQK"[piece])
		s.WriteString(p.which(m, legal))
		if takes {
			s.WriteByte('x')
		}
		s.WriteString(square(m.to))
	}
	if m.promote != 0 {
		s.WriteByte('=')
		s.WriteByte(" PNBRQK"[m.promote])
	}
	next := p.after(m)
	if next.attacked(next.king(next.sign()), p.white) {
		if len(next.legal(nil)) == 0 {
			s.WriteByte('#')
		} else {
			s.WriteByte('+')
		}
	}
	return s.String()
}

// which tells a piece from others of its kind that could go to the same square.
func (p *position) which(m move, legal []move) string {
	other, file, rank := false, false, false
	for _, o := range legal {
		if o.to == m.to && o.from != m.from && p.at[o.from] == p.at[m.from] {
			other = true
			file = file || o.from&7 == m.from&7
			rank = rank || o.from>>4 == m.from>>4
		}
	}
	switch {
	case !other:
		return ""
	case !file:
		return square(m.from)[:1]
	case !rank:
		return square(m.from)[1:]
	}
	return square(m.from)
}

const tcnAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!?{~}(^)[_]@#$,./&-*++="

// tcn writes a move in Chess.com's two-character form.
func (m move) tcn() string {
	from, to := m.from>>4*8+m.from&7, m.to>>4*8+m.to&7
	if m.promote != 0 {
		to = 64 + 3*strings.IndexByte("qnrb", " pnbrqk"[m.promote]) + to%8 - from%8 + 1
	}
	return string([]byte{tcnAlphabet[from], tcnAlphabet[to]})
}

// fen writes the position in Forsyth-Edwards notation.
func (p *position) fen() string {
	var s strings.Builder
	for rank := 7; rank >= 0; rank-- {
		empty := 0
		for file := range 8 {
			piece := p.at[rank*16+file]
			if piece == 0 {
				empty++
				continue
			}
			if empty > 0 {
				fmt.Fprint(&s, empty)
				empty = 0
			}
			if piece > 0 {
				s.WriteByte(" PNBRQK"[piece])
			} else {
				s.WriteByte(" pnbrqk"[-piece])
			}
		}
		if empty > 0 {
			fmt.Fprint(&s, empty)
		}
		if rank > 0 {
			s.WriteByte('/')
		}
	}
	side, castle, ep := "b", "", "-"
	if p.white {
		side = "w"
	}
	for i, c := range "KQkq" {
		if p.castle&(1<<i) != 0 {
			castle += string(c)
		}
	}
	if castle == "" {
		castle = "-"
	}
	if p.ep >= 0 {
		ep = square(p.ep)
	}
	return fmt.Sprintf("%s %s %s %s %d %d", s.String(), side, castle, ep, p.half, p.full)
}
