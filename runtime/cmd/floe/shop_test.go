package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// shop is a small API that the project in testdata loads.
type shop struct {
	mu        sync.Mutex
	customers string // records of region north
	orders    string
	status    int    // of orders, 0 for 200
	bearer    string // the Authorization header of the latest request
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bearer = r.Header.Get("Authorization")
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/api/customers/north":
		fmt.Fprintf(w, `{"customers": [%s]}`, s.customers)
	case "/api/orders":
		if s.status != 0 {
			w.WriteHeader(s.status)
			return
		}
		fmt.Fprintf(w, `{"orders": [%s]}`, s.orders)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// bench is a copy of the project in testdata, a home and the shop.
type bench struct {
	t    *testing.T
	shop *shop
	url  string
	root string
	home string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	s := &shop{
		customers: `{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}`,
		orders: `{"id": 10, "customer_id": 1, "amount": 99.50, "at": "2024-01-31T23:59:59Z"},
			{"id": 11, "customer_id": 1, "amount": 0.75, "at": "2024-02-01T00:00:00Z"},
			{"id": 12, "customer_id": 2, "amount": 100.01, "at": null}`,
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS("testdata/project")); err != nil {
		t.Fatal(err)
	}
	return &bench{t: t, shop: s, url: server.URL + "/api", root: root, home: filepath.Join(root, ".floe")}
}

// answer is what a command line gave.
type answer struct {
	code     int
	out, err string
}

// floe runs a command line on the bench's project and home.
func (b *bench) floe(args ...string) answer {
	b.t.Helper()
	var out, errs bytes.Buffer
	args = append(args, "--project", b.root, "--home", b.home)
	code := execute(context.Background(), args, strings.NewReader(""), &out, &errs)
	return answer{code, out.String(), errs.String()}
}

// ok runs a command line that must end with 0.
func (b *bench) ok(args ...string) string {
	b.t.Helper()
	a := b.floe(args...)
	if a.code != 0 {
		b.t.Fatalf("floe %s: code %d\n%s%s", strings.Join(args, " "), a.code, a.out, a.err)
	}
	return a.out
}

// run runs the workflow on the shop.
func (b *bench) run(args ...string) answer {
	b.t.Helper()
	return b.floe(append([]string{"run", "shop", "--set", "base_url=" + b.url}, args...)...)
}

// rows asks in SQL and gives the rows as JSON objects.
func (b *bench) rows(query string) []map[string]any {
	b.t.Helper()
	var rows []map[string]any
	d := json.NewDecoder(strings.NewReader(b.ok("sql", query, "--output", "json")))
	d.UseNumber()
	if err := d.Decode(&rows); err != nil {
		b.t.Fatal(err)
	}
	return rows
}

func (b *bench) wants(a answer, code int, texts ...string) {
	b.t.Helper()
	if a.code != code {
		b.t.Fatalf("code %d, want %d\n%s%s", a.code, code, a.out, a.err)
	}
	for _, text := range texts {
		if !strings.Contains(a.out+a.err, text) {
			b.t.Fatalf("no %q in\n%s%s", text, a.out, a.err)
		}
	}
}

// edit replaces text in a file of the project; the text must be there.
func (b *bench) edit(path, old, now string) {
	b.t.Helper()
	full := filepath.Join(b.root, path)
	body, err := os.ReadFile(full)
	if err != nil {
		b.t.Fatal(err)
	}
	if !strings.Contains(string(body), old) {
		b.t.Fatalf("%s holds no %q", path, old)
	}
	if err := os.WriteFile(full, []byte(strings.Replace(string(body), old, now, 1)), 0o644); err != nil {
		b.t.Fatal(err)
	}
}
