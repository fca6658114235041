package sample

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Options is how a world is served.
type Options struct {
	Faults bool // the two addresses that answer 429 once, and the month that answers 404
	Gzip   bool // answer compressed to clients that accept it, as the real API does
}

// chunk is how much of an answer is put together before it is sent.
const chunk = 1 << 17

type server struct {
	*World
	Options
	mu    sync.Mutex
	asked map[string]bool // addresses that have answered 429
	rooms sync.Pool
}

// Handler serves a world under /pub.
func (w *World) Handler(o Options) http.Handler {
	s := &server{World: w, Options: o, asked: map[string]bool{}}
	s.rooms.New = func() any { b := make([]byte, 0, chunk+16<<10); return &b }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /pub/player/{player}", s.one(func(i int, _ *http.Request) []byte { return s.profile(i) }))
	mux.HandleFunc("GET /pub/player/{player}/stats", s.one(func(i int, _ *http.Request) []byte { return s.stats(i) }))
	mux.HandleFunc("GET /pub/player/{player}/games/archives", s.one(s.archives))
	mux.HandleFunc("GET /pub/player/{player}/games/{year}/{month}", s.games)
	mux.HandleFunc("/", func(rw http.ResponseWriter, r *http.Request) {
		notFound(rw, "Data provider not found for key \""+r.URL.Path+"\".")
	})
	if o.Faults {
		return s.limit(mux)
	}
	return mux
}

// limit answers 429 to the first request of two addresses: the second player's
// profile and the third player's newest month.
func (s *server) limit(next http.Handler) http.Handler {
	limited := map[string]bool{"/pub/player/" + s.players[1].name: true}
	if len(s.players) > 2 {
		limited[s.archive(2, s.config.Months-1)] = true
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if path := strings.ToLower(r.URL.Path); limited[path] {
			s.mu.Lock()
			first := !s.asked[path]
			s.asked[path] = true
			s.mu.Unlock()
			if first {
				rw.Header().Set("Retry-After", "1")
				problem(rw, http.StatusTooManyRequests, "Too Many Requests")
				return
			}
		}
		next.ServeHTTP(rw, r)
	})
}

func problem(rw http.ResponseWriter, status int, message string) {
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	rw.WriteHeader(status)
	fmt.Fprintf(rw, "{\"code\":0,\"message\":%q}\n", message)
}

func notFound(rw http.ResponseWriter, message string) { problem(rw, http.StatusNotFound, message) }

// one serves an answer that is small.
func (s *server) one(body func(int, *http.Request) []byte) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		i, ok := s.find(r.PathValue("player"))
		if !ok {
			notFound(rw, fmt.Sprintf("User %q not found.", r.PathValue("player")))
			return
		}
		rw.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = rw.Write(body(i, r)) // a client that went away is no fault of ours
	}
}

// archive is the path of a player's month.
func (s *server) archive(player, month int) string {
	return fmt.Sprintf("/pub/player/%s/games/%s", s.players[player].name, s.month(month).Format("2006/01"))
}

// archives lists the months in which a player has games. The first player's
// list also names the month before the world's first, which answers 404.
func (s *server) archives(i int, r *http.Request) []byte {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	months := []string{}
	if i == 0 && s.Faults {
		months = append(months, scheme+"://"+r.Host+s.archive(i, -1))
	}
	for m := range s.config.Months {
		if len(s.pages[m*s.config.Players+i]) > 0 {
			months = append(months, scheme+"://"+r.Host+s.archive(i, m))
		}
	}
	var f fields
	f.add("archives", months)
	return f.object()
}

// games streams a player's month. A month without games answers 404.
func (s *server) games(rw http.ResponseWriter, r *http.Request) {
	i, ok := s.find(r.PathValue("player"))
	page := s.page(i, r.PathValue("year"), r.PathValue("month"))
	if !ok || len(page) == 0 {
		notFound(rw, "Data provider not found for key \""+r.URL.Path+"\".")
		return
	}
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	var out io.Writer = rw
	if s.Gzip && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		rw.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(rw)
		defer func() { _ = zip.Close() }() // as above: the client may have gone
		out = zip
	}
	room := s.rooms.Get().(*[]byte)
	defer s.rooms.Put(room)
	b := append((*room)[:0], `{"games":[`...)
	for n, number := range page {
		if n > 0 {
			b = append(b, ',')
		}
		b = s.appendGame(b, int(number))
		if len(b) >= chunk {
			if _, err := out.Write(b); err != nil {
				return // the client went away
			}
			b = b[:0]
		}
	}
	_, _ = out.Write(append(b, `]}`...))
	*room = b
}

// page is the games of a player's month, nil for a month outside the world.
func (s *server) page(player int, year, month string) []uint32 {
	y, err := strconv.Atoi(year)
	m, err2 := strconv.Atoi(month)
	index := y*12 + m - 1 - lastMonth + s.config.Months - 1
	if err != nil || err2 != nil || len(month) != 2 || m < 1 || m > 12 || index < 0 || index >= s.config.Months {
		return nil
	}
	return s.pages[index*s.config.Players+player]
}
