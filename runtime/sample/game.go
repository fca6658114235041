package sample

import "strconv"

// A game is what a game's record and its players' statistics are made of.
type game struct {
	number                   int
	white, black             int // indexes of players
	month                    int
	end                      int64
	seconds                  int64 // how long it took
	class, control           int   // indexes of classes and of the class's controls
	open, variant            int
	outcome                  int
	whiteResult, blackResult string
	termination              string // what follows the winner's name, or the whole for a draw
	whiteRating, blackRating int
	threeCheck, tournament   bool
	hash                     uint64 // for whatever else differs between games
}

const (
	whiteWins = iota
	blackWins
	draw
)

// A control is a time control: as the API writes it, base and increment in tenths of a second.
type control struct {
	text            string
	base, increment int
}

var classes = [4]struct {
	name     string
	above    int // rating points above the player's base
	controls []control
}{
	{"bullet", -60, []control{{"60", 600, 0}, {"120+1", 1200, 10}}},
	{"blitz", 0, []control{{"180", 1800, 0}, {"180+2", 1800, 20}, {"300", 3000, 0}}},
	{"rapid", 90, []control{{"600", 6000, 0}, {"600", 6000, 0}, {"900+10", 9000, 100}}},
	{"daily", 40, []control{{"1/86400", 864000, 0}, {"1/259200", 2592000, 0}}},
}

const daily = 3

// losses and draws: the loser's (or both sides') code, and the PGN's words for it.
var losses = []struct{ code, words string }{
	{"resigned", "won by resignation"}, {"resigned", "won by resignation"}, {"checkmated", "won by checkmate"},
	{"checkmated", "won by checkmate"}, {"timeout", "won on time"}, {"timeout", "won on time"}, {"resigned", "won by resignation"},
	{"abandoned", "won - game abandoned"},
}

var draws = []struct{ code, words string }{
	{"repetition", "Game drawn by repetition"}, {"repetition", "Game drawn by repetition"}, {"agreed", "Game drawn by agreement"},
	{"stalemate", "Game drawn by stalemate"}, {"insufficient", "Game drawn by insufficient material"},
	{"timevsinsufficient", "Game drawn by timeout vs insufficient material"}, {"50move", "Game drawn by 50-move rule"},
	{"agreed", "Game drawn by agreement"},
}

// game computes game i from its number alone.
func (w *World) game(i int, g *game) {
	h := mix(uint64(i) ^ 0x6a3e)
	white, black := w.pair(i)
	*g = game{
		number: i, white: white, black: black, month: i % w.config.Months, end: w.endTime(i), hash: mix(h),
		open: int(h % uint64(len(openings))), variant: int(h >> 8 % variants),
		threeCheck: h>>12%50 == 0, tournament: h>>18%10 == 0,
	}
	switch share := h >> 22 % 100; {
	case share < 15:
		g.class = 0
	case share < 60:
		g.class = 1
	case share < 94:
		g.class = 2
	default:
		g.class = daily
	}
	controls := classes[g.class].controls
	g.control = int(h >> 30 % uint64(len(controls)))
	g.seconds = int64(controls[g.control].base/10) * int64(60+h>>32%110) / 100
	age := g.end - w.starts[0]
	g.whiteRating = w.rating(white, g.class, age) + int(h>>40%25) - 12
	g.blackRating = w.rating(black, g.class, age) + int(h>>45%25) - 12
	g.settle(int(h >> 50 % 1000))
}

// rating is a player's rating in a class at an age of the world: a drift and a
// wave of about eleven months, in whole numbers so that every machine agrees.
func (w *World) rating(player, class int, age int64) int {
	p := &w.players[player]
	const wave = 29_000_000
	phase := (age + int64(player*class)*1_000_003) % wave
	if phase > wave/2 {
		phase = wave - phase
	}
	return p.base + classes[class].above + int(age*int64(p.drift)/(5*365*86400)) + int(phase*120/(wave/2)) - 60
}

// settle decides the game by a throw of 0 to 999: a tenth are draws, the rest
// goes to the stronger side more often.
func (g *game) settle(throw int) {
	lean := min(max((g.whiteRating-g.blackRating+25)/2, -300), 300)
	kind := g.hash >> 60 % 8
	switch {
	case throw < 100:
		g.outcome, g.termination = draw, draws[kind].words
		g.whiteResult, g.blackResult = draws[kind].code, draws[kind].code
	case throw < 550+lean:
		g.outcome, g.termination = whiteWins, losses[kind].words
		g.whiteResult, g.blackResult = "win", losses[kind].code
	default:
		g.outcome, g.termination = blackWins, losses[kind].words
		g.whiteResult, g.blackResult = losses[kind].code, "win"
	}
}

// appendURL appends the address of the game's page, which no other game has.
func (g *game) appendURL(b []byte) []byte {
	kind := "live/"
	if g.class == daily {
		kind = "daily/"
	}
	b = append(append(b, "https://www.chess.com/game/"...), kind...)
	return strconv.AppendInt(b, 4_000_000_000+int64(g.number)*1013, 10)
}
