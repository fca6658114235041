package ingest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/project"
)

// What was committed before a failure is kept, and is not loaded again.
func TestCheckpoints(t *testing.T) {
	s := serveYears(t, "2001", "2002", "2003", "2004", "2005", "2006")
	for _, keyed := range []bool{false, true} {
		c := contract("id string")
		if keyed {
			c = contract("id# string")
		}
		o := Options{Source: years(s, c), Lake: openLake(t), Checkpoint: Checkpoint{Rows: 4}}
		src, err := open(o)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := run(t.Context(), o, &fakeSource{src: src, limit: 3}, []*project.Resource{&o.Source.Resources[0]})
		if !errors.Is(err, errFake) || fault.Code(err) != int(fault.Failed) {
			t.Fatalf("got %v", err)
		}
		if r := sum.Resources[0]; r.Loads != 1 || r.Rows != 4 {
			t.Errorf("keyed %v: %+v, want one load of 4 rows before the failure", keyed, r)
		}
		if state := tableOfLake(t, o.Lake, "landing_test.items").State(); state["cursor"] != `[["2001","2002"]]` {
			t.Errorf("state %v, want exactly the two years of the load", state)
		}
		s.asked = nil
		mustRun(t, o)
		want := []string{"2001a", "2001b", "2002a", "2002b", "2003a", "2003b", "2004a", "2004b", "2005a", "2005b"}
		if keyed {
			want = append(want, "2006a", "2006b")
		}
		wantRows(t, rowsOf(t, o.Lake, "landing_test.items", "id"), want...)
		for _, request := range s.asked {
			if strings.Contains(request, "2001") || strings.Contains(request, "2002") {
				t.Errorf("asked again for %s", request)
			}
		}
	}
}

// Rows that are only added are never committed without the state that covers them.
func TestAppendWithoutCursorIsOneLoad(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/3") && broken.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		writeJSON(w, []string{r.URL.Path})
	})
	src := forEach(itemsSource(s, contract("value string"), project.Endpoint{}))
	o := Options{Source: src, Lake: openLake(t), Vars: map[string]any{"items": []string{"1", "2", "3"}}, Checkpoint: Checkpoint{Rows: 1}}
	_, err := Run(t.Context(), o)
	wantFault(t, err, fault.Failed, "500", "items/3")
	wantNothing(t, o.Lake)
	broken.Store(false)
	if sum := mustRun(t, o); sum.Loads != 1 {
		t.Errorf("%d loads, want one", sum.Loads)
	}
	wantRows(t, rowsOf(t, o.Lake, "landing_test.items", "value"), "/items/1", "/items/2", "/items/3")
}

// Two runs of one resource at the same time: every item comes once.
func TestConcurrentRuns(t *testing.T) {
	var arrived sync.WaitGroup
	arrived.Add(2)
	var first atomic.Int32
	years5 := []string{"2001", "2002", "2003", "2004", "2005"}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/years" {
			if first.Add(1) <= 2 { // both have read the state before either loads
				arrived.Done()
				arrived.Wait()
			}
			writeJSON(w, years5)
			return
		}
		year := strings.TrimPrefix(r.URL.Path, "/items/")
		writeJSON(w, []any{map[string]any{"id": year + "a"}, map[string]any{"id": year + "b"}})
	})
	lake := openLake(t)
	src := years(s, contract("id string"))
	if _, err := prepare(t.Context(), lake, SpecOf(src.Contracts["items"])); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var restarts atomic.Int32
	errs := make([]error, 2)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = Run(context.Background(), Options{Source: src, Lake: lake, Checkpoint: Checkpoint{Rows: 2}, Observer: func(e Event) {
				if e.Kind == extract.EventRestart {
					restarts.Add(1)
				}
			}})
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	wantRows(t, rowsOf(t, lake, "landing_test.items", "id"), "2001a", "2001b", "2002a", "2002b", "2003a", "2003b", "2004a", "2004b")
	if restarts.Load() == 0 {
		t.Error("no run was started again, though both began from the same state")
	}
}

func TestInterruptedKeepsWhatIsCommitted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/years" {
			writeJSON(w, []string{"2001", "2002", "2003"})
			return
		}
		writeJSON(w, []any{map[string]any{"id": r.URL.Path}})
	})
	o := Options{Source: years(s, contract("id# string")), Lake: openLake(t), Checkpoint: Checkpoint{Rows: 1}, Observer: func(e Event) {
		if e.Kind == extract.EventCommit {
			cancel()
		}
	}}
	_, err := Run(ctx, o)
	wantFault(t, err, fault.Interrupted, "test.items", "goes on")
	if state := tableOfLake(t, o.Lake, "landing_test.items").State(); state["cursor"] != `[["2001"]]` {
		t.Errorf("state %v, want that of the committed load", state)
	}
	o.Observer = nil
	mustRun(t, o)
	wantRows(t, rowsOf(t, o.Lake, "landing_test.items", "id"), "/items/2001", "/items/2002", "/items/2003")
}

// A run whose time is up commits what is complete and hands over.
func TestUntil(t *testing.T) {
	s := serveYears(t, "2001", "2002", "2003")
	o := Options{Source: years(s, contract("id# string")), Lake: openLake(t), Until: time.Now().Add(-time.Hour)}
	for range 2 {
		sum, err := Run(t.Context(), o)
		if err != nil || !sum.Unfinished {
			t.Fatalf("%+v, %v; want an unfinished run", sum, err)
		}
	}
	wantRows(t, rowsOf(t, o.Lake, "landing_test.items", "id"), "2001a", "2001b", "2002a", "2002b")
	o.Until = time.Time{}
	if sum, err := Run(t.Context(), o); err != nil || sum.Unfinished {
		t.Fatalf("%+v, %v; want a finished run", sum, err)
	}
	wantRows(t, rowsOf(t, o.Lake, "landing_test.items", "id"), "2001a", "2001b", "2002a", "2002b", "2003a", "2003b")
}

// After each of these the table holds nothing, and the error says what was wrong.
func TestFailuresLeaveNothing(t *testing.T) {
	good := func(w http.ResponseWriter) { _, _ = w.Write([]byte(`[{"id":"good"}]`)) }
	ways := map[string]struct {
		bad  http.HandlerFunc
		want string
	}{
		"html":    {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "<html>"},
		"500":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "2 attempts"},
		"404":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, "404"},
		"429":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, "2 attempts"},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99"); good(w) }, "broke off"},
		"too big": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2000)) }, "max_body"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.org/", http.StatusFound)
		}, "allow_hosts"},
		"broken": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[{"id":"x"},{"id"]`)) }, "not JSON"},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/bad") {
					way.bad(w, r)
					return
				}
				good(w)
			})
			src := forEach(itemsSource(s, contract("id# string"), project.Endpoint{}))
			src.Client.MaxBody = "1KB"
			o := Options{Source: src, Lake: openLake(t), Vars: map[string]any{"items": []string{"good", "bad"}}}
			_, err := Run(t.Context(), o)
			wantFault(t, err, fault.Failed, "load test.items", way.want)
			wantNothing(t, o.Lake)
		})
	}
}
