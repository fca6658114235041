package sample

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A player is what all the player's pages share.
type player struct {
	name    string // lower case, as addresses have it
	display string // as games have it
	uuid    string
	base    int // the rating that the player's waves start from
	drift   int // rating points won in five years
}

var firstNames = []string{
	"ada", "boris", "chiara", "dmitri", "elena", "felix", "greta", "hassan", "ingrid", "jonas", "keiko", "lars", "mei", "nadia", "otto", "priya",
	"quentin", "rosa", "sanjay", "tomas", "ursula", "viktor", "wanda", "xenia", "yusuf", "zoe", "amelie", "bruno", "cleo", "diego", "esra", "farid",
}

// newPlayer is player i: ada to farid, then ada2 to farid2 and so on.
func (w *World) newPlayer(i int) player {
	name := firstNames[i%len(firstNames)]
	if round := i / len(firstNames); round > 0 {
		name += strconv.Itoa(round + 1)
	}
	h := mix(uint64(i) ^ 0x9a7e)
	p := player{name: name, display: name, uuid: uuidOf(h), base: 900 + int(h%1000), drift: int(h>>20%500) - 100}
	if i%3 == 0 {
		p.display = strings.ToUpper(name[:1]) + name[1:]
	}
	return p
}

// playerNumber is the index of the player who would have this name.
func playerNumber(name string) (int, bool) {
	word := strings.TrimRight(name, "0123456789")
	round := 1
	if digits := name[len(word):]; digits != "" {
		n, err := strconv.Atoi(digits)
		if err != nil || n < 2 || n > 100_000 {
			return 0, false
		}
		round = n
	}
	for i, first := range firstNames {
		if first == word {
			return (round-1)*len(firstNames) + i, true
		}
	}
	return 0, false
}

// uuidOf writes a number as a UUID of version 1's looks.
func uuidOf(h uint64) string {
	low := mix(h)
	return fmt.Sprintf("%08x-%04x-11%02x-8%03x-%012x", uint32(h), uint16(h>>32), uint8(h>>48), low>>52, low&0xffffffffffff)
}

var (
	countries = []string{"US", "IN", "DE", "FR", "NO", "JP", "BR", "EG", "PL", "CN"}
	places    = []string{"Bay Area, CA", "Chennai", "Köln", "Saint-Étienne", "Tromsø", "Kyōto", "São Paulo", "Łódź"}
	leagues   = []string{"Wood", "Stone", "Bronze", "Silver", "Crystal", "Elite", "Champion", "Legend"}
	surnames  = []string{"Berg", "Iyer", "Müller", "Okafor", "O'Neill", "Sørensen", "Tanaka", "Vega"}
)

// profile is a player's /pub/player/{p}. Every third player has no name, some
// give their place as null, few have a title or a stream.
func (w *World) profile(i int) []byte {
	p := w.players[i]
	h := mix(uint64(i) ^ 0x9f0f)
	f := fields{}
	if h&3 != 0 {
		f.add("avatar", fmt.Sprintf("https://images.chesscomfiles.com/uploads/v1/user/%d.%08x.200x200o.%012x.png", 41+i*97, uint32(h), mix(h)>>16))
	}
	f.add("player_id", 41+i*97)
	f.add("@id", "https://api.chess.com/pub/player/"+p.name)
	f.add("url", "https://www.chess.com/member/"+p.display)
	if i%3 != 1 {
		f.add("name", strings.ToUpper(p.name[:1])+p.name[1:]+" "+surnames[h>>8%8])
	}
	f.add("username", p.name)
	if p.base > 1600 {
		f.add("title", []string{"GM", "IM", "FM", "WGM"}[h>>12%4])
	}
	f.add("followers", int(h>>16%5000))
	f.add("country", "https://api.chess.com/pub/country/"+countries[h>>24%10])
	switch i % 4 {
	case 0, 1:
		f.add("location", places[h>>28%8])
	case 2:
		f.add("location", nil)
	}
	f.add("last_online", w.starts[len(w.starts)-1]-int64(h>>32%86400))
	f.add("joined", w.starts[0]-int64(h>>34%(5*365*86400))-86400)
	f.add("status", []string{"basic", "premium", "premium", "mod"}[h>>50%4])
	streams := h>>52%5 == 0
	f.add("is_streamer", streams)
	if streams {
		f.add("twitch_url", "https://twitch.tv/"+p.name)
	}
	if i%2 == 0 {
		f.add("verified", h>>56%7 == 0)
		f.add("league", leagues[h>>58%8])
	}
	return f.object()
}

// fields is a JSON object whose keys keep their order.
type fields struct{ body []byte }

func (f *fields) add(key string, value any) {
	f.body = append(f.body, ',')
	f.body = strconv.AppendQuote(f.body, key)
	f.body = append(f.body, ':')
	text, err := json.Marshal(value)
	if err != nil { // only strings, numbers and objects of them come here
		text = []byte("null")
	}
	f.body = append(f.body, text...)
}

func (f *fields) object() []byte {
	if len(f.body) == 0 {
		return []byte("{}")
	}
	f.body[0] = '{'
	return append(f.body, '}')
}

// stats is a player's /pub/player/{p}/stats, counted over the player's games.
func (w *World) stats(i int) []byte {
	type side struct{ last, best, win, loss, draw, lastAt, bestAt, bestGame int }
	var sides [4]side
	var g game
	for m := range w.config.Months {
		for _, n := range w.pages[m*w.config.Players+i] {
			w.game(int(n), &g)
			rating, result := g.blackRating, g.blackResult
			if g.white == i {
				rating, result = g.whiteRating, g.whiteResult
			}
			s := &sides[g.class]
			s.last, s.lastAt = rating, int(g.end)
			if rating > s.best {
				s.best, s.bestAt, s.bestGame = rating, int(g.end), int(n)
			}
			switch {
			case result == "win":
				s.win++
			case g.outcome == draw:
				s.draw++
			default:
				s.loss++
			}
		}
	}
	var f fields
	for class, s := range sides {
		if s.lastAt == 0 {
			continue
		}
		w.game(s.bestGame, &g)
		f.add("chess_"+classes[class].name, map[string]any{
			"last":   map[string]any{"rating": s.last, "date": s.lastAt, "rd": 30 + mix(uint64(s.lastAt))%60},
			"best":   map[string]any{"rating": s.best, "date": s.bestAt, "game": string(g.appendURL(nil))},
			"record": map[string]any{"win": s.win, "loss": s.loss, "draw": s.draw},
		})
	}
	if i%2 == 0 {
		f.add("fide", w.players[i].base-100)
	}
	return f.object()
}
