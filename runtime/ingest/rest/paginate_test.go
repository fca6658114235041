package rest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/project"
)

func TestPaginators(t *testing.T) {
	pages := [][]string{{"a", "b"}, {"c"}, {"d"}}
	one := 1
	zero := 0
	tests := []struct {
		name      string
		paginator *project.Paginator
		answer    func(w http.ResponseWriter, r *http.Request, page func(int) map[string]any)
		requests  []string
	}{
		{"single", nil, func(w http.ResponseWriter, _ *http.Request, page func(int) map[string]any) { writeJSON(w, page(0)) }, []string{"/items"}},
		{"json_link", &project.Paginator{Type: "json_link", NextURLPath: "$.paging['next']"}, func(w http.ResponseWriter, r *http.Request, page func(int) map[string]any) {
			n := intOf(r.URL.Query().Get("p"))
			body := page(n)
			if n < 2 {
				body["paging"] = map[string]any{"next": fmt.Sprintf("/items?p=%d", n+1)}
			} else {
				body["paging"] = map[string]any{"next": nil}
			}
			writeJSON(w, body)
		}, []string{"/items", "/items?p=1", "/items?p=2"}},
		{"header_link", &project.Paginator{Type: "header_link"}, func(w http.ResponseWriter, r *http.Request, page func(int) map[string]any) {
			n := intOf(r.URL.Query().Get("p"))
			if n < 2 {
				w.Header().Set("Link", fmt.Sprintf(`<http://%s/items?p=0>; rel="first", <?p=%d>; rel="next"`, r.Host, n+1))
			}
			writeJSON(w, page(n))
		}, []string{"/items", "/items?p=1", "/items?p=2"}},
		{"page_number until empty", &project.Paginator{Type: "page_number"}, func(w http.ResponseWriter, r *http.Request, page func(int) map[string]any) {
			writeJSON(w, page(intOf(r.URL.Query().Get("page"))-1))
		}, []string{"/items?page=1", "/items?page=2", "/items?page=3", "/items?page=4"}},
		{"page_number with a total", &project.Paginator{Type: "page_number", BasePage: &zero, PageParam: "n", TotalPath: "pages"}, func(w http.ResponseWriter, r *http.Request, page func(int) map[string]any) {
			body := page(intOf(r.URL.Query().Get("n")))
			body["pages"] = 3
			writeJSON(w, body)
		}, []string{"/items?n=0", "/items?n=1", "/items?n=2"}},
		{"page_number with a maximum", &project.Paginator{Type: "page_number", BasePage: &one, MaximumPage: 2}, func(w http.ResponseWriter, r *http.Request, page func(int) map[string]any) {
			writeJSON(w, page(intOf(r.URL.Query().Get("page"))-1))
		}, []string{"/items?page=1", "/items?page=2"}},
		{"cursor", &project.Paginator{Type: "cursor", CursorPath: "meta.next", CursorParam: "after"}, func(w http.ResponseWriter, r *http.Request, page func(int) map[string]any) {
			n := intOf(r.URL.Query().Get("after"))
			body := page(n)
			if n < 2 {
				body["meta"] = map[string]any{"next": n + 1}
			}
			writeJSON(w, body)
		}, []string{"/items", "/items?after=1", "/items?after=2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				tt.answer(w, r, func(n int) map[string]any {
					rows := []any{}
					if n < len(pages) {
						for _, id := range pages[n] {
							rows = append(rows, map[string]any{"id": id})
						}
					}
					return map[string]any{"items": rows}
				})
			})
			src := s.source(project.Resource{Name: "items", Endpoint: project.Endpoint{Path: "items", DataSelector: "items", Paginator: tt.paginator}})
			got := read(t, src, nil, asking(src, "items", "id"))
			var want []string
			for _, p := range pages[:min(len(tt.requests), len(pages))] {
				want = append(want, p...)
			}
			got.want(t, want...)
			if !slices.Equal(s.requests(), tt.requests) {
				t.Errorf("asked for %v, want %v", s.requests(), tt.requests)
			}
		})
	}
}

func TestPaginatorsThatNeverEnd(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, map[string]any{"items": []any{1}, "next": "http://" + r.Host + r.URL.RequestURI(), "cursor": "same"})
	})
	for _, p := range []*project.Paginator{{Type: "json_link"}, {Type: "cursor", CursorPath: "cursor"}} {
		src := s.source(project.Resource{Name: "items", Endpoint: project.Endpoint{Path: "items", DataSelector: "items", Paginator: p}})
		if got := read(t, src, nil, asking(src, "items", "value")); got.err == nil || !strings.Contains(got.err.Error(), "would never end") {
			t.Errorf("%s: got %v, want an error", p.Type, got.err)
		}
	}
}

func intOf(s string) int {
	var n int
	_, _ = fmt.Sscan(s, &n)
	return n
}
