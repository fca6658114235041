package rest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

// archive is a server of months like Chess.com's: months are listed, each has
// one game, those in gone answer 404.
type archive struct {
	*server
	months map[string][]string // by player
	gone   map[string]bool     // "player/month"
}

func newArchive(t testing.TB) *archive {
	a := &archive{months: map[string][]string{}, gone: map[string]bool{}}
	a.server = serve(t, func(w http.ResponseWriter, r *http.Request) {
		parts := strings.SplitN(strings.Trim(r.URL.Path, "/"), "/", 4)
		player := parts[1]
		switch {
		case a.months[player] == nil || len(parts) == 4 && a.gone[player+"/"+parts[3]]:
			w.WriteHeader(http.StatusNotFound)
		case parts[3] == "archives":
			urls := []string{}
			for _, m := range a.months[player] {
				urls = append(urls, "https://api.chess.com/pub/player/"+player+"/games/"+m)
			}
			writeJSON(w, map[string]any{"archives": urls})
		default:
			writeJSON(w, map[string]any{"games": []any{map[string]any{"url": player + " " + parts[3]}}})
		}
	})
	return a
}

func (a *archive) chess() *project.Source {
	no := false
	src := a.source(
		project.Resource{Name: "archives", Land: &no, ForEach: map[string]string{"player": "{vars.players}"}, IncludeFromParent: []string{"player"},
			Endpoint: project.Endpoint{Path: "player/{each.player}/games/archives", DataSelector: "$.archives[*]"}},
		project.Resource{Name: "games", IncludeFromParent: []string{"player"},
			Endpoint: project.Endpoint{Path: "player/{resources.archives.player}/games/{incremental.cursor}", DataSelector: "$.games[*]",
				Incremental: &project.Incremental{Scope: "request", CursorPath: "value", CursorRegex: `/(\d{4}/\d{2})$`}}},
	)
	src.Defaults = &project.Endpoint{ResponseActions: []project.ResponseAction{{StatusCode: 404, Action: "skip"}}}
	return src
}

// load reads with the state of before and gives the new one.
func (a *archive) load(t *testing.T, state map[string]string, ask func(*project.Source, map[string]string) result) (result, map[string]string) {
	t.Helper()
	got := ask(a.chess(), state)
	if got.err != nil {
		t.Fatal(got.err)
	}
	next := maps.Clone(state)
	maps.Copy(next, got.state)
	return got, next
}

func TestRequestScope(t *testing.T) {
	a := newArchive(t)
	players := map[string]any{"players": []string{"ann", "nobody", "bob"}}
	plain := func(src *project.Source, state map[string]string) result {
		r := asking(src, "games", "player", "url")
		r.State = state
		return read(t, src, players, r)
	}
	between := func(from, to string) func(*project.Source, map[string]string) result {
		return func(src *project.Source, state map[string]string) result {
			r := asking(src, "games", "player", "url")
			r.State, r.From, r.To = state, from, to
			return read(t, src, players, r)
		}
	}
	rows := func(list ...string) []string {
		var out []string
		for _, l := range list {
			player, _, _ := strings.Cut(l, " ")
			out = append(out, player+"|"+l)
		}
		return out
	}
	a.months["ann"] = []string{"2022/12", "2023/02", "2023/01", "2023/05"} // not sorted: the order is the cursor's
	a.months["bob"] = []string{"2023/01"}
	a.gone["ann/2023/01"] = true

	// A piece of the past: the gap around it is filled later.
	got, state := a.load(t, map[string]string{}, between("2023", "2023-01"))
	got.want(t, rows("bob 2023/01")...)
	if want := `[["2023/01"]]`; state["cursor.ann"] != want || state["cursor.bob"] != "" {
		t.Fatalf("state %v, want ann %s (a 404 moves it too) and nothing of bob, whose only month is the newest", state, want)
	}
	if len(got.skips) != 2 { // nobody, and ann 2023/01
		t.Errorf("skips %+v", got.skips)
	}

	got, state = a.load(t, state, plain)
	got.want(t, rows("ann 2022/12", "ann 2023/02", "ann 2023/05", "bob 2023/01")...)
	if want := `[["2022/12","2023/02"]]`; state["cursor.ann"] != want {
		t.Fatalf("state %s, want %s", state["cursor.ann"], want)
	}

	// Nothing new: the newest of each is asked for again.
	got, state = a.load(t, state, plain)
	got.want(t, rows("ann 2023/05", "bob 2023/01")...)

	// What was the newest when it was loaded comes again once another is newer.
	a.months["ann"] = append(a.months["ann"], "2023/06", "2023/09")
	got, state = a.load(t, state, plain)
	got.want(t, rows("ann 2023/05", "ann 2023/06", "ann 2023/09", "bob 2023/01")...)
	if want := `[["2022/12","2023/06"]]`; state["cursor.ann"] != want {
		t.Fatalf("state %s, want %s", state["cursor.ann"], want)
	}
	got, state = a.load(t, state, plain)
	got.want(t, rows("ann 2023/09", "bob 2023/01")...)

	// A full refresh asks for everything and forgets nothing.
	got, after := a.load(t, state, func(src *project.Source, state map[string]string) result {
		r := asking(src, "games", "player", "url")
		r.State, r.FullRefresh = state, true
		return read(t, src, players, r)
	})
	if len(got.rows) != 6 || !maps.Equal(after, state) {
		t.Errorf("full refresh: %v and state %v", got.rows, after)
	}
}

// Rows that are only added and have no key: the newest waits, so that none comes twice.
func TestRequestScopeAppend(t *testing.T) {
	a := newArchive(t)
	a.months["ann"] = []string{"2023/01", "2023/02"}
	add := func(src *project.Source, state map[string]string) result {
		r := asking(src, "games", "url")
		r.State, r.Append = state, true
		return read(t, src, map[string]any{"players": "ann"}, r)
	}
	got, state := a.load(t, map[string]string{}, add)
	got.want(t, "ann 2023/01")
	a.months["ann"] = append(a.months["ann"], "2023/03")
	got, _ = a.load(t, state, add)
	got.want(t, "ann 2023/02")
}

// Thousands of months stay one range.
func TestStateStaysSmall(t *testing.T) {
	a := newArchive(t)
	for year := range 100 {
		for month := range 12 {
			a.months["ann"] = append(a.months["ann"], fmt.Sprintf("%d/%02d", 1900+year, month+1))
		}
	}
	_, state := a.load(t, map[string]string{}, func(src *project.Source, state map[string]string) result {
		return read(t, src, map[string]any{"players": "ann"}, asking(src, "games", "url"))
	})
	if want := `[["1900/01","1999/11"]]`; state["cursor.ann"] != want {
		t.Errorf("state %s, want %s", state["cursor.ann"], want)
	}
}

func TestIntervals(t *testing.T) {
	listed := []string{"1", "2", "3", "9", "10", "11"}
	var v intervals
	for _, step := range []struct{ add, want string }{
		{"9", `[["9"]]`}, {"2", `[["2"],["9"]]`}, {"11", `[["2"],["9"],["11"]]`}, {"10", `[["2"],["9","11"]]`}, {"3", `[["2","11"]]`}, {"3", `[["2","11"]]`}, {"1", `[["1","11"]]`},
	} {
		v = v.add(step.add, listed)
		if v.String() != step.want {
			t.Fatalf("after %s: %s, want %s", step.add, v, step.want)
		}
		again, err := parseIntervals(v.String())
		if err != nil || again.String() != step.want {
			t.Fatalf("read again: %s, %v", again, err)
		}
	}
	for _, text := range []string{`{`, `[[]]`, `[["a","b","c"]]`} {
		if _, err := parseIntervals(text); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}

// A value that is listed later inside a range counts as done; outside it does not.
func TestIntervalsAgainstAChangedList(t *testing.T) {
	v := intervals{{"2020/01", "2020/06"}}
	if !v.contains("2020/03") || v.contains("2020/07") || v.contains("2019/12") {
		t.Error("contains is wrong")
	}
	v = v.add("2020/09", []string{"2020/06", "2020/08", "2020/09"})
	if v.String() != `[["2020/01","2020/06"],["2020/09"]]` {
		t.Errorf("%s: 2020/08 is listed and missing, so two ranges are right", v)
	}
}

func TestBounds(t *testing.T) {
	tests := []struct {
		cursor, from, to string
		want             bool
	}{
		{"2023/05", "2023-05", "2023-05", true}, {"2023/05", "2023/05", "", true}, {"2023/05", "2023", "2023", true}, {"2023/04", "2023-05", "", false},
		{"2023/05", "", "2023-04", false}, {"2022/12", "2023", "", false}, {"2024/01", "", "2023", false}, {"2023-05-31T23:59:59Z", "", "2023-05", true},
		{"2023-06-01T00:00:00Z", "", "2023-05-31", false}, {"7", "7", "7", true}, {"10", "9", "", true}, {"10", "", "9", false},
		{"1682899200", "2023-05", "2023-05", true}, {"1682899199", "2023-05", "", false}, {"1685577599", "", "2023-05", true}, {"1685577600", "", "2023-05-31", false},
		{"1685577599999", "2023-05-31", "2023-05-31", true},
	}
	for _, tt := range tests {
		got, err := bounds{from: tt.from, to: tt.to}.contains(tt.cursor)
		if err != nil || got != tt.want {
			t.Errorf("%s in %s…%s: %v %v, want %v", tt.cursor, tt.from, tt.to, got, err, tt.want)
		}
	}
	if _, err := (bounds{from: "2023-05"}).contains("17"); err == nil {
		t.Error("a date as the bound of small numbers: no error")
	}
	if _, err := (bounds{from: "may"}).contains("2023/05"); err == nil {
		t.Error("a word as the bound of months: no error")
	}
	for _, tt := range []struct {
		b  bounds
		ok bool
	}{{bounds{"2023/01", "2022/03"}, false}, {bounds{"2023", "2023-05"}, true}, {bounds{"2023-05", "2023"}, true}, {bounds{"9", "10"}, true}, {bounds{"10", "9"}, false}, {bounds{"", "1"}, true}} {
		if err := tt.b.check(); (err == nil) != tt.ok {
			t.Errorf("%+v: %v", tt.b, err)
		}
	}
}

// feed is a server of rows with a time, from since on, two to a page.
func feed(t *testing.T, rows *[][2]string) *server {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		since, page := r.URL.Query().Get("since"), intOf(r.URL.Query().Get("page"))
		var list []any
		for _, row := range *rows {
			if since == "" || row[1] >= since {
				list = append(list, map[string]any{"id": row[0], "at": row[1]})
			}
		}
		writeJSON(w, list[min(len(list), 2*(page-1)):min(len(list), 2*page)])
	})
}

func feedSource(s *server, inc project.Incremental) *project.Source {
	return s.source(project.Resource{Name: "r", Endpoint: project.Endpoint{Path: "feed", Params: map[string]string{"since": "{incremental.start_value}", "until": "{incremental.end_value}"},
		Paginator: &project.Paginator{Type: "page_number"}, Incremental: &inc}})
}

func TestRowScope(t *testing.T) {
	rows := [][2]string{{"a", "2023-01-01T00:00:00Z"}, {"b", "2023-03-01T00:00:00Z"}, {"c", "2023-02-01T00:00:00Z"}, {"d", "2023-03-01T00:00:00Z"}}
	s := feed(t, &rows)
	for _, appends := range []bool{false, true} {
		s.asked = nil
		src := feedSource(s, project.Incremental{CursorPath: "at", InitialValue: "2023-02-01T00:00:00Z"})
		ask := asking(src, "r", "id")
		ask.Append = appends
		got := read(t, src, nil, ask)
		got.want(t, "b", "c", "d")
		if first := s.requests()[0]; first != "/feed?page=1&since=2023-02-01T00%3A00%3A00Z" {
			t.Errorf("first request %s", first)
		}
		if !strings.Contains(got.state["cursor"], `"last":"2023-03-01T00:00:00Z"`) {
			t.Fatalf("state %v", got.state)
		}
		// A row that was not there comes with the last value of before.
		rows = append(rows, [2]string{"e", "2023-03-01T00:00:00Z"}, [2]string{"f", "2023-04-01T00:00:00Z"})
		ask = asking(src, "r", "id")
		ask.Append, ask.State = appends, got.state
		again := read(t, src, nil, ask)
		if appends {
			again.want(t, "e", "f")
		} else {
			again.want(t, "b", "d", "e", "f")
		}
		rows = rows[:4]
	}
}

func TestRowScopeBounds(t *testing.T) {
	rows := [][2]string{{"a", "2023-01-01T00:00:00Z"}, {"b", "2023-02-01T00:00:00Z"}, {"c", "2023-03-01T00:00:00Z"}}
	s := feed(t, &rows)
	src := feedSource(s, project.Incremental{CursorPath: "at"})
	ask := asking(src, "r", "id")
	ask.From, ask.To, ask.State = "2023-02", "2023-02", map[string]string{"cursor": `{"last":"2023-03-01T00:00:00Z"}`}
	got := read(t, src, nil, ask)
	got.want(t, "b")
	if len(got.state) != 0 {
		t.Errorf("a piece moved the state: %v", got.state)
	}
	if first := s.requests()[0]; first != "/feed?page=1&since=2023-02&until=2023-02" {
		t.Errorf("first request %s", first)
	}
}

func TestRowScopeLag(t *testing.T) {
	rows := [][2]string{{"a", "2023-01-01T00:00:00Z"}, {"b", "2023-01-01T12:00:00Z"}}
	s := feed(t, &rows)
	src := feedSource(s, project.Incremental{CursorPath: "at", Lag: "6h"})
	ask := asking(src, "r", "id")
	ask.State = map[string]string{"cursor": `{"last":"2023-01-01T12:00:00Z"}`}
	read(t, src, nil, ask).want(t, "b")
	if first := s.requests()[0]; first != "/feed?page=1&since=2023-01-01T06%3A00%3A00Z" {
		t.Errorf("first request %s", first)
	}
	ask.Append = true
	if got := read(t, src, nil, ask); fault.Code(got.err) != int(fault.Usage) {
		t.Errorf("lag and append without a key: %v", got.err)
	}
}

// More rows than are remembered share the last value: none of them comes twice.
func TestRowScopeManyAtOnce(t *testing.T) {
	var rows [][2]string
	for n := range maxSeen + 10 {
		rows = append(rows, [2]string{fmt.Sprint(n), "2023-01-01T00:00:00Z"})
	}
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		var list []any
		for _, row := range rows {
			list = append(list, map[string]any{"id": row[0], "at": row[1]})
		}
		writeJSON(w, list)
	})
	src := s.source(project.Resource{Name: "r", Endpoint: project.Endpoint{Path: "x", Incremental: &project.Incremental{CursorPath: "at"}}})
	ask := asking(src, "r", "id")
	ask.Append = true
	got := read(t, src, nil, ask)
	if want := `{"last":"2023-01-01T00:00:00Z","all":true}`; len(got.rows) != len(rows) || got.state["cursor"] != want {
		t.Fatalf("%d rows, state %s, want %d and %s", len(got.rows), got.state["cursor"], len(rows), want)
	}
	ask = asking(src, "r", "id")
	ask.Append, ask.State = true, got.state
	read(t, src, nil, ask).want(t)
}

func TestCompareCursors(t *testing.T) {
	sorted := []string{"-1", "2", "10", "10.5", "2020-01-01T00:00:00Z", "2020-01-01T03:00:00+02:00", "2020-01-01T02:00:00Z", "a", "b"}
	for i := range sorted {
		for j := range sorted {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := compareCursors(sorted[i], sorted[j]); got != want {
				t.Errorf("compare %s with %s: %d, want %d", sorted[i], sorted[j], got, want)
			}
		}
	}
	if !slices.IsSortedFunc(sorted, compareCursors) {
		t.Error("not sorted")
	}
}
