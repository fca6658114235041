package sample

import (
	"strconv"
	"time"
)

const initialSetup = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"

// appendGame appends the JSON object of game i, as both players' archives hold
// it. It is the benchmark's hot path: text is put together, nothing is marshalled.
func (w *World) appendGame(b []byte, i int) []byte {
	var g game
	w.game(i, &g)
	moves := w.moves.game(g.open, g.variant)
	control := &classes[g.class].controls[g.control]
	b = g.appendURL(append(b, `{"url":"`...))
	b = w.appendPGN(append(b, `","pgn":"`...), &g, moves)
	b = append(append(b, `","time_control":"`...), control.text...)
	b = strconv.AppendInt(append(b, `","end_time":`...), g.end, 10)
	b = strconv.AppendBool(append(b, `,"rated":`...), g.hash%20 != 0)
	if g.hash>>5%10 < 6 && w.config.Months-g.month <= accuraciesFor {
		b = appendHundredths(append(b, `,"accuracies":{"white":`...), 5000+g.hash>>9%5001)
		b = appendHundredths(append(b, `,"black":`...), 5000+g.hash>>23%5001)
		b = append(b, '}')
	}
	b = append(append(b, `,"tcn":"`...), moves.tcn...)
	b = appendUUID(append(b, `","uuid":"`...), uint64(i))
	b = append(append(b, `","initial_setup":"`...), initialSetup...)
	b = append(append(b, `","fen":"`...), moves.fen...)
	b = append(append(b, `","time_class":"`...), classes[g.class].name...)
	b = append(append(b, `","rules":"`...), g.rules()...)
	if g.class == daily {
		b = strconv.AppendInt(append(b, `","start_time":`...), g.end-g.seconds, 10)
	} else {
		b = append(b, '"')
	}
	b = appendSide(append(b, `,"white":`...), &w.players[g.white], g.whiteRating, g.whiteResult)
	b = appendSide(append(b, `,"black":`...), &w.players[g.black], g.blackRating, g.blackResult)
	if g.tournament {
		b = append(append(b, `,"tournament":"https://api.chess.com/pub/tournament/`...), g.arena()...)
		b = append(b, '"')
	}
	switch {
	case !w.hasECO(&g):
	case g.hash>>38%64 == 0:
		b = append(b, `,"eco":null`...)
	default:
		b = append(append(b, `,"eco":"https://www.chess.com/openings/`...), openings[g.open].slug...)
		b = append(b, '"')
	}
	return append(b, '}')
}

func (w *World) hasECO(g *game) bool { return !g.threeCheck && w.config.Months-g.month <= ecoFor }

func (g *game) rules() string {
	if g.threeCheck {
		return "threecheck"
	}
	return "chess"
}

// arena names the tournament of the game's day.
func (g *game) arena() string {
	return classes[g.class].name + "-arena-" + strconv.FormatInt(g.end/86400, 10)
}

func appendSide(b []byte, p *player, rating int, result string) []byte {
	b = strconv.AppendInt(append(b, `{"rating":`...), int64(rating), 10)
	b = append(append(b, `,"result":"`...), result...)
	b = append(append(b, `","@id":"https://api.chess.com/pub/player/`...), p.name...)
	b = append(append(b, `","username":"`...), p.display...)
	b = append(append(b, `","uuid":"`...), p.uuid...)
	return append(b, `"}`...)
}

// appendHundredths appends a number given in hundredths without trailing
// zeros: 87, 87.5, 87.51. So the API has whole and broken numbers in one field.
func appendHundredths(b []byte, n uint64) []byte {
	b = strconv.AppendUint(b, n/100, 10)
	if n%100 == 0 {
		return b
	}
	b = append(b, '.', byte('0'+n%100/10))
	if n%10 != 0 {
		b = append(b, byte('0'+n%10))
	}
	return b
}

// appendUUID appends a UUID of 116 bits mixed from a number.
func appendUUID(b []byte, n uint64) []byte {
	const hex = "0123456789abcdef"
	high, low := mix(n), mix(n^0xbeef)
	for i := range 36 {
		switch i {
		case 8, 13, 18, 23:
			b = append(b, '-')
		case 14, 15:
			b = append(b, '1')
		case 19:
			b = append(b, '8')
		default:
			if i < 19 {
				b = append(b, hex[high&15])
				high >>= 4
			} else {
				b = append(b, hex[low&15])
				low >>= 4
			}
		}
	}
	return b
}

// appendTag appends one PGN tag, escaped for a JSON string.
func appendTag(b []byte, name, value string) []byte {
	b = append(append(append(b, '['), name...), ` \"`...)
	return append(append(b, value...), `\"]\n`...)
}

func (w *World) appendPGN(b []byte, g *game, moves *played) []byte {
	end, start := time.Unix(g.end, 0).UTC(), time.Unix(g.end-g.seconds, 0).UTC()
	var day, clock [16]byte
	date := func(t time.Time) string { return string(t.AppendFormat(day[:0], "2006.01.02")) }
	hour := func(t time.Time) string { return string(t.AppendFormat(clock[:0], "15:04:05")) }
	result := [...]string{whiteWins: "1-0", blackWins: "0-1", draw: "1/2-1/2"}[g.outcome]
	event := "Live Chess"
	if g.class == daily {
		event = "Let's Play!"
	}
	white, black := &w.players[g.white], &w.players[g.black]
	b = appendTag(b, "Event", event)
	b = appendTag(b, "Site", "Chess.com")
	b = appendTag(b, "Date", date(start))
	b = appendTag(b, "Round", "-")
	b = appendTag(b, "White", white.display)
	b = appendTag(b, "Black", black.display)
	b = appendTag(b, "Result", result)
	if g.tournament {
		b = appendTag(b, "Tournament", "https://www.chess.com/tournament/live/arena/"+g.arena())
	}
	if g.threeCheck {
		b = appendTag(b, "Variant", "Three-check")
	}
	b = appendTag(b, "CurrentPosition", moves.fen)
	b = appendTag(b, "Timezone", "UTC")
	if !g.threeCheck {
		b = appendTag(b, "ECO", openings[g.open].eco)
		b = appendTag(b, "ECOUrl", "https://www.chess.com/openings/"+openings[g.open].slug)
	}
	b = appendTag(b, "UTCDate", date(start))
	b = appendTag(b, "UTCTime", hour(start))
	b = appendTag(b, "WhiteElo", strconv.Itoa(g.whiteRating))
	b = appendTag(b, "BlackElo", strconv.Itoa(g.blackRating))
	b = appendTag(b, "TimeControl", classes[g.class].controls[g.control].text)
	b = appendTag(b, "Termination", [...]string{white.display + " ", black.display + " ", ""}[g.outcome]+g.termination)
	b = appendTag(b, "StartTime", hour(start))
	b = appendTag(b, "EndDate", date(end))
	b = appendTag(b, "EndTime", hour(end))
	b = append(g.appendURL(append(b, `[Link \"`...)), `\"]\n\n`...)
	if g.class == daily {
		b = append(b, moves.plain...)
	} else {
		b = g.appendMoves(b, moves)
	}
	return append(append(b, result...), `\n`...)
}

// appendMoves appends the moves with what each side's clock showed after it.
func (g *game) appendMoves(b []byte, moves *played) []byte {
	control := &classes[g.class].controls[g.control]
	left := [2]int{control.base, control.base}
	pace := uint64(2*control.base/(len(moves.before)/2+1) + 1) // twice the mean, of which a random share goes
	h := g.hash
	for ply, before := range moves.before {
		if ply&3 == 0 {
			h = mix(h)
		}
		side := &left[ply&1]
		*side = max(*side-int(h>>(ply&3*16)&0xffff*pace>>16)-1, 1) + control.increment
		b = appendClock(append(b, before...), *side)
		b = append(b, "]} "...)
	}
	return b
}

// appendClock appends tenths of a second as the API writes clocks: 0:09:58.4, 0:09:43.
func appendClock(b []byte, tenths int) []byte {
	s := tenths / 10
	b = strconv.AppendInt(b, int64(s/3600), 10)
	m, s := s/60%60, s%60
	b = append(b, ':', byte('0'+m/10), byte('0'+m%10), ':', byte('0'+s/10), byte('0'+s%10))
	if tenths%10 != 0 {
		b = append(b, '.', byte('0'+tenths%10))
	}
	return b
}
