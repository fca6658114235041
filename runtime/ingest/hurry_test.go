package ingest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/project"
)

// A source that is slow to answer is not waited for when the time is up: what
// is complete is committed.
func TestStopCutsAWaitShort(t *testing.T) {
	for _, keyed := range []bool{true, false} {
		free, stop := make(chan struct{}), make(chan struct{})
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch year := strings.TrimPrefix(r.URL.Path, "/items/"); {
			case r.URL.Path == "/years":
				writeJSON(w, []string{"2001", "2002", "2003", "2004"})
			case year == "2003":
				select {
				case <-free:
				case <-r.Context().Done():
				}
			default:
				writeJSON(w, []any{map[string]any{"id": year}})
			}
		})
		c := contract("id string")
		if keyed {
			c = contract("id# string")
		}
		var once sync.Once
		rows := 0
		o := Options{Source: years(s, c), Lake: openLake(t), Stop: stop, Observer: func(e Event) {
			if e.Kind == extract.EventRows {
				if rows++; rows == 2 { // 2001 and 2002 are there; 2003 never comes
					once.Do(func() { close(stop) })
				}
			}
		}}
		sum, err := Run(t.Context(), o)
		close(free)
		if err != nil || !sum.Unfinished || !sum.Resources[0].Advanced {
			t.Fatalf("keyed %v: %+v, %v; want an unfinished run that moved the cursor", keyed, sum, err)
		}
		wantRows(t, rowsOf(t, o.Lake, "landing_test.items", "id"), "2001", "2002")
		if state := tableOfLake(t, o.Lake, "landing_test.items").State(); state["cursor"] != `[["2001","2002"]]` {
			t.Errorf("keyed %v: state %v", keyed, state)
		}
	}
}

// A commit that leaves the cursor where it was is no headway: the next run
// would read the same again.
func TestSameCursorIsNoHeadway(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, []any{map[string]any{"id": "1", "at": "2026-01-01"}, map[string]any{"id": "2", "at": "2026-01-02"}})
	})
	o := Options{Source: itemsSource(s, contract("id# string", "at string"), project.Endpoint{Incremental: &project.Incremental{CursorPath: "at"}}), Lake: openLake(t)}
	for i, want := range []bool{true, false} {
		if sum := mustRun(t, o); sum.Advanced != want || sum.Loads != 1 {
			t.Errorf("run %d: %+v, want advanced %v", i+1, sum, want)
		}
	}
}

// Where a load may not end, no hurry cuts its reading off: rows that are only
// added would come twice.
func TestHurry(t *testing.T) {
	stop := make(chan struct{})
	close(stop)
	h, asking, done := newHurry(t.Context(), Options{Stop: stop})
	defer done()
	<-asking.Done() // nothing was loaded: it may end at once
	if !h.cut() || h.goOn() {
		t.Error("the reading goes on")
	}
	h, asking, done = newHurry(t.Context(), Options{Until: time.Now().Add(-time.Second)})
	defer done()
	for !h.late() {
		time.Sleep(time.Millisecond)
	}
	if asking.Err() != nil || !h.goOn() {
		t.Error("a run that begins late makes no headway")
	}
	if h.wait(false); asking.Err() != nil {
		t.Error("cut off where the load may not end")
	}
}

func TestResourceAfterTheTimeIsUpIsNotBegun(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { writeJSON(w, []any{map[string]any{"id": "1"}}) })
	src := itemsSource(s, contract("id# string"), project.Endpoint{})
	second := src.Resources[0]
	second.Name = "more"
	more := *src.Contracts["items"]
	more.Name = "landing_test.more"
	src.Resources, src.Contracts["more"] = append(src.Resources, second), &more
	sum, err := Run(t.Context(), Options{Source: src, Lake: openLake(t), Until: time.Now().Add(-time.Second)})
	if err != nil || !sum.Unfinished || len(sum.Resources) != 1 {
		t.Errorf("%+v, %v; want the first resource only", sum, err)
	}
}

const canary = "canary-1b2c3d4e5f60718293"

// A source without its secret is not begun; with a wrong one the error says so.
func TestSecrets(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+canary {
			http.Error(w, "not "+r.Header.Get("Authorization"), http.StatusUnauthorized)
			return
		}
		writeJSON(w, []any{map[string]any{"id": "1", "n": r.Header.Get("Authorization")}, map[string]any{"id": "2", "n": 5}})
	})
	src := itemsSource(s, contract("id# string", "n long"), project.Endpoint{})
	src.Client.Auth = &project.Auth{Type: "bearer"}
	var events []string
	o := Options{Source: src, Lake: openLake(t), Observer: func(e Event) { events = append(events, fmt.Sprintf("%+v", e)) }}
	_, err := Run(t.Context(), o)
	wantFault(t, err, fault.Usage, "there is none", "export FLOE_SECRET_TEST=")
	wantNothing(t, o.Lake)
	o.Secret, o.SecretNext = "wrong-"+canary, "floe secret set test --stack dev"
	_, err = Run(t.Context(), o)
	wantFault(t, err, fault.Usage, "401", "may be wrong", "floe secret set test --stack dev")
	o.Secret = canary
	sum := mustRun(t, o)
	rejected := rowsOf(t, o.Lake, "landing_test.items__rejected", "reason", rejectRow)
	wantRows(t, rowsOf(t, o.Lake, "landing_test.items", "id", "n", "_floe_source"), "2|5|test")
	if len(rejected) != 1 || !strings.Contains(rejected[0], "Bearer ***") {
		t.Errorf("rejected %v", rejected)
	}
	if all := fmt.Sprint(events, err, fault.Next(err), sum, rejected); strings.Contains(all, canary) {
		t.Errorf("the secret came out: %s", all)
	}
}
