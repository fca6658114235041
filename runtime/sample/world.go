package sample

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Config says which world the server shows. Every field is part of the pure
// function: the same Config, the same bytes.
type Config struct {
	Games   int // distinct games, each in both players' archives
	Players int // players with a profile, at least 2
	Months  int // calendar months up to and with December 2024; default 60
}

// Missing is the player that the list of players names and the API does not know.
const Missing = "nobody"

// lastMonth is the newest month of any world, counted from year 0.
const lastMonth = 2024*12 + 11

// The months, as indexes from lastMonth backwards, from which on games carry a
// field: a world of fewer months has it from its first.
const (
	ecoFor        = 54 // July 2020 in a world of the default length
	accuraciesFor = 36 // January 2022
)

// World is a Config's players and games.
type World struct {
	config  Config
	players []player
	starts  []int64    // unix time of each month's begin, and of the last one's end
	pages   [][]uint32 // month*players + player: its games' numbers by end time
	moves   *library
}

// New builds a world.
func New(c Config) (*World, error) {
	if c.Months == 0 {
		c.Months = 60
	}
	switch {
	case c.Players < 2 || c.Players > 100_000:
		return nil, fmt.Errorf("players: %d is not 2 to 100000", c.Players)
	case c.Games < 0 || c.Games > 50_000_000:
		return nil, fmt.Errorf("games: %d is not 0 to 50000000", c.Games)
	case c.Months < 1 || c.Months > 240:
		return nil, fmt.Errorf("months: %d is not 1 to 240", c.Months)
	}
	w := &World{config: c, moves: newLibrary()}
	for i := range c.Months + 1 {
		w.starts = append(w.starts, w.month(i).Unix())
	}
	for i := range c.Players {
		w.players = append(w.players, w.newPlayer(i))
	}
	w.index()
	return w, nil
}

// month is the first moment of a month of the world; -1 is the month before the first.
func (w *World) month(i int) time.Time {
	m := lastMonth - (w.config.Months - 1) + i
	return time.Date(m/12, time.Month(m%12+1), 1, 0, 0, 0, 0, time.UTC)
}

// index sorts every game into its two players' pages.
func (w *World) index() {
	players := w.config.Players
	counts := make([]uint32, w.config.Months*players)
	for i := range w.config.Games {
		white, black := w.pair(i)
		page := i % w.config.Months * players
		counts[page+white]++
		counts[page+black]++
	}
	room := make([]uint32, 2*w.config.Games)
	w.pages = make([][]uint32, len(counts))
	for p, n := range counts {
		w.pages[p], room = room[:0:n], room[n:]
	}
	for i := range w.config.Games {
		white, black := w.pair(i)
		page := i % w.config.Months * players
		w.pages[page+white] = append(w.pages[page+white], uint32(i))
		w.pages[page+black] = append(w.pages[page+black], uint32(i))
	}
	for _, p := range w.pages {
		slices.SortFunc(p, func(a, b uint32) int {
			return cmp.Or(cmp.Compare(w.endTime(int(a)), w.endTime(int(b))), cmp.Compare(a, b))
		})
	}
}

// pair is who plays game i, as indexes of players; never the same one twice.
func (w *World) pair(i int) (white, black int) {
	h := mix(uint64(i))
	n := uint64(w.config.Players)
	white = int(h % n)
	black = int((uint64(white) + 1 + h>>32%(n-1)) % n)
	return white, black
}

// endTime is when game i ended, unix seconds.
func (w *World) endTime(i int) int64 {
	m := i % w.config.Months
	return w.starts[m] + int64(mix(uint64(i)^0xe2d)%uint64(w.starts[m+1]-w.starts[m]))
}

// Players lists the players' names, the missing one last.
func (w *World) Players() []string {
	names := make([]string, 0, len(w.players)+1)
	for _, p := range w.players {
		names = append(names, p.name)
	}
	return append(names, Missing)
}

// find is a player by name, whatever its case.
func (w *World) find(name string) (int, bool) {
	name = strings.ToLower(name)
	i, ok := playerNumber(name)
	if !ok || i >= len(w.players) || w.players[i].name != name {
		return 0, false
	}
	return i, true
}
