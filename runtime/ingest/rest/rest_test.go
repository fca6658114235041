package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/schema"
)

// quick makes retries of a test's source short.
var quick = &project.Retry{Attempts: 3, MinWait: "1ms", MaxWait: "5ms"}

// server records what it is asked for.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func serve(t testing.TB, answer http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.RequestURI())
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// source is a source with its base_url at the server.
func (s *server) source(resources ...project.Resource) *project.Source {
	return &project.Source{Name: "test", File: "source.yaml", Kind: "rest", Client: project.Client{BaseURL: s.URL, Retry: quick}, Resources: resources}
}

// result is everything that one Read yielded.
type result struct {
	rows    []string // the rows' columns, by "|"
	state   map[string]string
	skips   []extract.Skip
	rejects []extract.Reject
	added   []string
	stats   *extract.Stats
	err     error
}

// asking is a Read of a resource with columns "name type" of string type unless said otherwise.
func asking(src *project.Source, resource string, columns ...string) extract.Read {
	r := extract.Read{Table: extract.Table{NewColumns: "discard"}, Stats: &extract.Stats{}, Observe: func(extract.Event) {}}
	for i := range src.Resources {
		if src.Resources[i].Name == resource {
			r.Resource = &src.Resources[i]
		}
	}
	for _, c := range columns {
		name, kind, ok := strings.Cut(c, " ")
		if !ok {
			kind = "string"
		}
		typ, err := schema.ParseType(kind)
		if err != nil {
			panic(err)
		}
		r.Table.Columns = append(r.Table.Columns, extract.Column{Column: schema.Column{Name: name, Type: typ}, Path: strings.Split(name, "__")})
	}
	return r
}

func read(t testing.TB, src *project.Source, vars map[string]any, ask extract.Read) result {
	t.Helper()
	out := result{state: map[string]string{}, stats: ask.Stats}
	s, err := New(src, Options{Vars: vars})
	if err != nil {
		out.err = err
		return out
	}
	defer s.Close()
	defer func() {
		if held := s.client.budget.used; held != 0 {
			t.Errorf("%d bytes of the budget were not given back", held)
		}
	}()
	for chunk, err := range s.Read(context.Background(), ask) {
		if err != nil {
			out.err = err
			return out
		}
		if chunk.Batch != nil {
			for row := range int(chunk.Batch.NumRows()) {
				var values []string
				for _, column := range chunk.Batch.Columns() {
					values = append(values, column.ValueStr(row))
				}
				out.rows = append(out.rows, strings.Join(values, "|"))
			}
		}
		for k, v := range chunk.State {
			out.state[k] = v
		}
		for _, c := range chunk.Added {
			out.added = append(out.added, c.Name+" "+c.Type.String())
		}
		out.skips = append(out.skips, chunk.Skips...)
		out.rejects = append(out.rejects, chunk.Rejects...)
	}
	return out
}

func (r result) want(t testing.TB, rows ...string) {
	t.Helper()
	if r.err != nil {
		t.Fatal(r.err)
	}
	if !slices.Equal(r.rows, rows) {
		t.Fatalf("rows\n  %v\nwant\n  %v", r.rows, rows)
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func TestSelectors(t *testing.T) {
	const doc = `{"a":{"b":[{"id":"1"},{"id":"2"}],"c":{"id":"3"},"n":null},"l":["x","y"],"k.e y":[{"id":"4"}],"deep":[{"in":[{"id":"5"}]},{"in":[{"id":"6"},{"id":"7"}]}]}`
	for selector, want := range map[string][]string{
		"a.b": {"1", "2"}, "$.a.b[*]": {"1", "2"}, "$.a.b[1]": {"2"}, "$.a.c": {"3"}, "a.n": nil, "$['a']['b']": {"1", "2"},
		`$["k.e y"]`: {"4"}, "$.deep[*].in[*]": {"5", "6", "7"}, "$.deep[*].in": {"5", "6", "7"}, "$..in[*]": {"5", "6", "7"}, "$.a.b[?@.id=='2']": {"2"},
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(doc)) })
		src := s.source(project.Resource{Name: "r", Endpoint: project.Endpoint{Path: "x", DataSelector: selector}})
		got := read(t, src, nil, asking(src, "r", "id"))
		if got.err != nil || !slices.Equal(got.rows, want) {
			t.Errorf("%s: got %v %v, want %v", selector, got.rows, got.err, want)
		}
	}
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(doc)) })
	src := s.source(project.Resource{Name: "r", Endpoint: project.Endpoint{Path: "x", DataSelector: "$.l[*]"}})
	read(t, src, nil, asking(src, "r", "value")).want(t, "x", "y")
	src.Resources[0].Endpoint.DataSelector = "$.typo[*]"
	if got := read(t, src, nil, asking(src, "r", "value")); got.err == nil || !strings.Contains(got.err.Error(), `"$.typo[*]" found nothing`) {
		t.Errorf("a selector that finds nothing: %v", got.err)
	}
}

// library is a server of authors, their shelves and the books on them.
func library(t *testing.T) *server {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/"); {
		case parts[0] == "author" && len(parts) == 3 && parts[2] == "shelves":
			if parts[1] == "gone" {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			n := intOf(r.URL.Query().Get("page"))
			rows := []any{}
			if n <= 3 {
				rows = append(rows, map[string]any{"id": fmt.Sprintf("%s/%d", parts[1], n), "meta": map[string]any{"n": n}})
			}
			writeJSON(w, rows)
		case parts[0] == "shelf":
			writeJSON(w, map[string]any{"books": []any{map[string]any{"title": strings.Join(parts[1:], "-") + "x"}, map[string]any{"title": strings.Join(parts[1:], "-") + "y"}}})
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
}

func TestParentsAndChildren(t *testing.T) {
	s := library(t)
	no := false
	src := s.source(
		project.Resource{Name: "shelves", Land: &no, ForEach: map[string]string{"author": "{vars.authors}"}, IncludeFromParent: []string{"author"},
			Endpoint: project.Endpoint{Path: "author/{each.author}/shelves", Paginator: &project.Paginator{Type: "page_number"},
				ResponseActions: []project.ResponseAction{{StatusCode: 404, Action: "skip"}}}},
		project.Resource{Name: "books", IncludeFromParent: []string{"author", "meta.n"},
			Endpoint: project.Endpoint{Path: "/shelf/{resources.shelves.id}", DataSelector: "books", Params: map[string]string{"of": "{resources.shelves.author}"}}},
	)
	var want []string
	for _, author := range []string{"ann", "bob", "cy"} {
		for n := 1; n <= 3; n++ {
			want = append(want, fmt.Sprintf("%s|%d|%s-%dx", author, n, author, n), fmt.Sprintf("%s|%d|%s-%dy", author, n, author, n))
		}
	}
	for _, concurrency := range []int{1, 2, 8} {
		src.Client.Concurrency = concurrency
		got := read(t, src, map[string]any{"authors": []string{"ann", "gone", "bob", "ann", "cy"}}, asking(src, "books", "author", "n long", "title"))
		got.want(t, want...)
		if len(got.skips) != 1 || !strings.HasSuffix(got.skips[0].Request, "/author/gone/shelves?page=1") {
			t.Errorf("skips: %+v, want that of gone", got.skips)
		}
	}
	if !slices.Contains(s.requests(), "/shelf/cy/3?of=cy") {
		t.Errorf("asked for %v", s.requests())
	}
}

// Results come in the order of the items, whichever answer is first.
func TestOrderUnderConcurrency(t *testing.T) {
	release := make(chan struct{})
	var once sync.Once
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/0" {
			<-release // the first answer waits until others are there
		} else {
			defer once.Do(func() { close(release) })
		}
		writeJSON(w, []any{r.URL.Path})
	})
	src := s.source(project.Resource{Name: "r", ForEach: map[string]string{"n": "{vars.ns}"}, Endpoint: project.Endpoint{Path: "{each.n}"}})
	src.Client.Concurrency = 4
	var ns, want []string
	for n := range 40 {
		ns, want = append(ns, fmt.Sprint(n)), append(want, fmt.Sprintf("/%d", n))
	}
	read(t, src, map[string]any{"ns": ns}, asking(src, "r", "value")).want(t, want...)
}

func TestConcurrencyIsBounded(t *testing.T) {
	var mu sync.Mutex
	at, most := 0, 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		at++
		most = max(most, at)
		mu.Unlock()
		if strings.HasPrefix(r.URL.Path, "/parent") {
			writeJSON(w, []any{"a", "b", "c", "d", "e", "f"})
		} else {
			writeJSON(w, []any{r.URL.Path})
		}
		mu.Lock()
		at--
		mu.Unlock()
	})
	no := false
	src := s.source(
		project.Resource{Name: "p", Land: &no, ForEach: map[string]string{"n": "{vars.ns}"}, IncludeFromParent: []string{"n"}, Endpoint: project.Endpoint{Path: "parent/{each.n}"}},
		project.Resource{Name: "c", Endpoint: project.Endpoint{Path: "child/{resources.p.n}/{resources.p.value}"}},
	)
	src.Client.Concurrency = 2
	got := read(t, src, map[string]any{"ns": []string{"1", "2", "3", "4", "5"}}, asking(src, "c", "value"))
	if got.err != nil || len(got.rows) != 30 {
		t.Fatalf("%d rows, %v; want 30", len(got.rows), got.err)
	}
	if most > 2 {
		t.Errorf("%d requests at once, want at most 2", most)
	}
}

func TestNewColumnsDoNotHangOnSpeed(t *testing.T) {
	for range 20 {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/0":
				_, _ = w.Write([]byte(`[{"id":"0","n":1}]`))
			case "/1":
				_, _ = w.Write([]byte(`[{"id":"1","n":1.5,"m":true}]`))
			default:
				_, _ = w.Write([]byte(`[{"id":"2","n":"x","m":false}]`))
			}
		})
		src := s.source(project.Resource{Name: "r", ForEach: map[string]string{"n": "{vars.ns}"}, Endpoint: project.Endpoint{Path: "{each.n}"}})
		ask := asking(src, "r", "id")
		ask.Table.NewColumns = "evolve"
		got := read(t, src, map[string]any{"ns": []string{"0", "1", "2"}}, ask)
		got.want(t, "0|1")
		if !slices.Equal(got.added, []string{"n long", "m boolean"}) || len(got.rejects) != 2 {
			t.Fatalf("added %v, rejected %v", got.added, got.rejects)
		}
	}
}

// A child's requests begin while the parent's pages still come.
func TestChildrenAreStreamed(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := intOf(r.URL.Query().Get("page"))
		if strings.HasPrefix(r.URL.Path, "/child") || n > 60 {
			writeJSON(w, []any{})
			return
		}
		writeJSON(w, []any{map[string]any{"id": n}})
	})
	no := false
	src := s.source(
		project.Resource{Name: "p", Land: &no, Endpoint: project.Endpoint{Path: "parent", Paginator: &project.Paginator{Type: "page_number"}}},
		project.Resource{Name: "c", Endpoint: project.Endpoint{Path: "child/{resources.p.id}"}},
	)
	src.Client.Concurrency = 2
	read(t, src, nil, asking(src, "c", "value")).want(t)
	child, page := slices.Index(s.requests(), "/child/1"), slices.Index(s.requests(), "/parent?page=30")
	if child < 0 || page < 0 || child > page {
		t.Errorf("the first child was asked for as request %d, the parent's page 30 as %d; want the child first", child, page)
	}
}

func TestSettings(t *testing.T) {
	got, err := readSettings(project.Client{})
	if err != nil || got != (settings{concurrency: 4, timeout: 60e9, maxBody: 256_000_000, attempts: 6, minWait: 5e8, maxWait: 60e9}) {
		t.Errorf("defaults %+v, %v", got, err)
	}
	got, err = readSettings(project.Client{Concurrency: 2, Timeout: "5s", MaxBody: "1MiB", RateLimit: &project.RateLimit{PerSecond: 0.5}, Retry: &project.Retry{Attempts: 1, MinWait: "2m"}})
	if err != nil || got != (settings{concurrency: 2, timeout: 5e9, maxBody: 1 << 20, attempts: 1, minWait: 120e9, maxWait: 120e9, perSecond: 0.5, burst: 1}) {
		t.Errorf("%+v, %v", got, err)
	}
	c := newClient(hosts{}, got, 1)
	if c.limit == nil || c.limit.Limit() != 0.5 || c.limit.Burst() != 1 || cap(c.slots) != 2 {
		t.Errorf("the client's rate limit is %v", c.limit)
	}
}
