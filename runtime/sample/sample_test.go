package sample

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// get asks a handler as a client of host would.
func get(t *testing.T, h http.Handler, path string) (int, http.Header, []byte) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://example.test"+path, nil)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	body, err := io.ReadAll(rec.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return rec.Code, rec.Header(), body
}

func newWorld(t *testing.T, c Config) *World {
	t.Helper()
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// archives are the month addresses of a player, as paths.
func archives(t *testing.T, h http.Handler, player string) []string {
	t.Helper()
	status, _, body := get(t, h, "/pub/player/"+player+"/games/archives")
	if status != http.StatusOK {
		t.Fatalf("archives of %s: %d %s", player, status, body)
	}
	var list struct{ Archives []string }
	if err := json.Unmarshal(body, &list); err != nil {
		t.Fatal(err)
	}
	for i, a := range list.Archives {
		path, ok := strings.CutPrefix(a, "http://example.test")
		if !ok {
			t.Fatalf("archive %s is not on the host that was asked", a)
		}
		list.Archives[i] = path
	}
	return list.Archives
}

type record struct {
	URL, UUID, PGN string
	EndTime        int64 `json:"end_time"`
	White, Black   struct{ Username, Result string }
	raw            string
}

// crawl reads every month of every player; a 429 is asked again, a 404 skipped.
func crawl(t *testing.T, w *World, h http.Handler) (byPlayer map[string][]record, skipped int) {
	t.Helper()
	byPlayer = map[string][]record{}
	for _, player := range w.Players() {
		if player == Missing {
			continue
		}
		for _, month := range archives(t, h, player) {
			status, _, body := get(t, h, month)
			if status == http.StatusTooManyRequests {
				status, _, body = get(t, h, month)
			}
			if status == http.StatusNotFound {
				skipped++
				continue
			}
			var page struct{ Games []json.RawMessage }
			if err := json.Unmarshal(body, &page); err != nil || status != http.StatusOK {
				t.Fatalf("%s: %d %v", month, status, err)
			}
			for _, raw := range page.Games {
				var r record
				if err := json.Unmarshal(raw, &r); err != nil {
					t.Fatal(err)
				}
				r.raw = string(raw)
				byPlayer[player] = append(byPlayer[player], r)
			}
		}
	}
	return byPlayer, skipped
}

func TestEveryGameLiesInBothArchives(t *testing.T) {
	w := newWorld(t, Config{Games: 1000, Players: 7})
	byPlayer, skipped := crawl(t, w, w.Handler(Options{Faults: true}))
	if skipped != 1 {
		t.Errorf("%d months answered 404, want 1", skipped)
	}
	seen := map[string][]string{} // url -> players
	content, uuids := map[string]string{}, map[string]bool{}
	for player, games := range byPlayer {
		if !slices.IsSortedFunc(games, func(a, b record) int { return int(a.EndTime - b.EndTime) }) {
			t.Errorf("the games of %s are not in order", player)
		}
		for _, g := range games {
			seen[g.URL] = append(seen[g.URL], player)
			if had, ok := content[g.URL]; ok && had != g.raw {
				t.Errorf("%s differs between its archives:\n%s\n%s", g.URL, had, g.raw)
			}
			content[g.URL], uuids[g.UUID] = g.raw, true
			sides := []string{strings.ToLower(g.White.Username), strings.ToLower(g.Black.Username)}
			if !slices.Contains(sides, player) || sides[0] == sides[1] {
				t.Errorf("%s in the archive of %s is between %v", g.URL, player, sides)
			}
			if (g.White.Result == "win") == (g.Black.Result == "win") && g.White.Result != g.Black.Result {
				t.Errorf("%s: results %s and %s", g.URL, g.White.Result, g.Black.Result)
			}
		}
	}
	if len(seen) != 1000 || len(uuids) != 1000 {
		t.Errorf("%d addresses and %d UUIDs, want 1000 of each", len(seen), len(uuids))
	}
	for url, players := range seen {
		if len(players) != 2 || players[0] == players[1] {
			t.Errorf("%s lies with %v, want two players", url, players)
		}
	}
}

func TestSameFlagsSameBytes(t *testing.T) {
	a, b := newWorld(t, Config{Games: 300, Players: 5}), newWorld(t, Config{Games: 300, Players: 5})
	first, _ := crawl(t, a, a.Handler(Options{}))
	second, _ := crawl(t, b, b.Handler(Options{}))
	if fmt.Sprint(first) != fmt.Sprint(second) {
		t.Error("two servers of the same flags answer differently")
	}
	for _, path := range []string{"/pub/player/ada", "/pub/player/chiara/stats", "/pub/player/elena/games/archives"} {
		_, _, x := get(t, a.Handler(Options{}), path)
		_, _, y := get(t, b.Handler(Options{}), path)
		if !bytes.Equal(x, y) {
			t.Errorf("%s differs:\n%s\n%s", path, x, y)
		}
	}
}

func TestMoreGamesOnlyAdd(t *testing.T) {
	few, many := newWorld(t, Config{Games: 200, Players: 5}), newWorld(t, Config{Games: 260, Players: 5})
	a, _ := crawl(t, few, few.Handler(Options{}))
	b, _ := crawl(t, many, many.Handler(Options{}))
	for player, games := range a {
		have := map[string]string{}
		for _, g := range b[player] {
			have[g.URL] = g.raw
		}
		for _, g := range games {
			if have[g.URL] != g.raw {
				t.Errorf("%s of %s changed when games were added", g.URL, player)
			}
		}
	}
}

func TestFaults(t *testing.T) {
	w := newWorld(t, Config{Games: 500, Players: 4})
	h := w.Handler(Options{Faults: true})
	limited := map[string]bool{}
	for _, player := range w.Players() {
		paths := []string{"/pub/player/" + player}
		if player != Missing {
			paths = append(paths, archives(t, h, player)...)
		}
		for _, path := range paths {
			status, header, _ := get(t, h, path)
			if status == http.StatusTooManyRequests {
				limited[path] = true
				if header.Get("Retry-After") != "1" {
					t.Errorf("%s: Retry-After %q", path, header.Get("Retry-After"))
				}
			}
		}
	}
	want := []string{"/pub/player/boris", "/pub/player/chiara/games/2024/12"}
	if got := slices.Sorted(maps.Keys(limited)); !slices.Equal(got, want) {
		t.Errorf("429 once: %v, want %v", got, want)
	}
	for path, want := range map[string]int{
		"/pub/player/boris":                   200,
		"/pub/player/BORIS":                   200,
		"/pub/player/chiara/games/2024/12":    200,
		"/pub/player/" + Missing:              404,
		"/pub/player/nobody/games/archives":   404,
		"/pub/player/ada/games/2019/12":       404,
		"/pub/player/boris/games/2019/12":     404,
		"/pub/player/ada/games/2024/13":       404,
		"/pub/player/ada/games/2024/1":        404,
		"/pub/player/ada/games/xx/01":         404,
		"/pub/player/ada99":                   404,
		"/pub/player/ada1":                    404,
		"/pub/nothing":                        404,
		"/pub/player/ada/games/2025/01":       404,
		"/pub/player/dmitri/games/archives":   200,
		"/pub/player/dmitri/stats":            200,
		"/pub/player/nobody/games/2024/12":    404,
		"/pub/player/ada/games/2024/12/extra": 404,
	} {
		status, _, body := get(t, h, path)
		if status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
		if !json.Valid(body) {
			t.Errorf("%s: not JSON: %s", path, body)
		}
	}
}

func TestFieldsComeAndGo(t *testing.T) {
	w := newWorld(t, Config{Games: 6000, Players: 6})
	byPlayer, _ := crawl(t, w, w.Handler(Options{}))
	first := map[string]int64{} // field -> when it is first seen
	nulls, size, games := 0, 0, 0
	for _, list := range byPlayer {
		for _, g := range list {
			size, games = size+len(g.raw), games+1
			var m map[string]any
			if err := json.Unmarshal([]byte(g.raw), &m); err != nil {
				t.Fatal(err)
			}
			for k, v := range m {
				if had, ok := first[k]; !ok || g.EndTime < had {
					first[k] = g.EndTime
				}
				if v == nil {
					nulls++
				}
			}
		}
	}
	month := func(i int) int64 { return w.month(i).Unix() }
	if at := first["accuracies"]; at < month(24) || at > month(25) {
		t.Errorf("accuracies appear at %d, want January 2022", at)
	}
	if at := first["eco"]; at < month(6) || at > month(7) {
		t.Errorf("eco appears at %d, want July 2020", at)
	}
	if nulls == 0 || first["tournament"] == 0 || first["start_time"] == 0 {
		t.Errorf("nulls %d, tournament %d, start_time %d: want some of each", nulls, first["tournament"], first["start_time"])
	}
	if mean := size / games; mean < 3400 || mean > 3800 {
		t.Errorf("a game's mean is %d bytes, want about 3600 as in the real API", mean)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []Config{{Players: 1}, {Players: 2, Games: -1}, {Players: 2, Months: 1000}, {Players: 1 << 30}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
	w := newWorld(t, Config{Players: 70})
	if names := w.Players(); len(names) != 71 || names[70] != Missing || names[32] != "ada2" {
		t.Errorf("players %v", names)
	}
	for i, p := range w.players {
		if found, ok := w.find(p.name); !ok || found != i {
			t.Errorf("player %d %s is found as %d %v", i, p.name, found, ok)
		}
	}
}

func BenchmarkPage(b *testing.B) {
	w, err := New(Config{Games: 60_000, Players: 10})
	if err != nil {
		b.Fatal(err)
	}
	var room []byte
	b.ReportAllocs()
	for i := range b.N {
		room = w.appendGame(room[:0], i%60_000)
		b.SetBytes(int64(len(room)))
	}
}
