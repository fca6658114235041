package ingest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
)

// An item that goes into several loads moves the cursor with the last one. A
// rollback before that takes the first rows away, and the cursor stands where it
// stood: the item is read again, whole.
func TestRollbackBetweenTheLoadsOfAnItem(t *testing.T) {
	round := "a"
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/years" {
			writeJSON(w, []string{"2000", "2001"})
			return
		}
		rows := []any{}
		if page := r.URL.Query().Get("page"); page < "4" {
			rows = append(rows, map[string]any{"id": strings.TrimPrefix(r.URL.Path, "/items/") + page + round})
		}
		writeJSON(w, rows)
	})
	src := years(s, contract("id# string"))
	src.Resources[0].Endpoint.Paginator = &project.Paginator{Type: "page_number"}
	o := Options{Source: src, Lake: openLake(t), Checkpoint: Checkpoint{Rows: 1}}
	mustRun(t, o)
	before := tableOfLake(t, o.Lake, "landing_test.items")
	round = "b" // the newest year has more now
	back, restarts := false, 0
	o.Observer = func(e Event) {
		switch {
		case e.Kind == extract.EventRestart:
			restarts++
		case e.Kind == extract.EventCommit && !back:
			back = true
			n, _ := lakehouse.ParseName("landing_test.items")
			r, err := o.Lake.Rollback(t.Context(), n, lakehouse.RollbackOptions{Snapshot: before.SnapshotID()})
			if err != nil || !r.Changed || r.StateMoved() {
				t.Errorf("%+v, %v", r, err)
			}
		}
	}
	mustRun(t, o)
	if restarts == 0 {
		t.Error("the run did not read again")
	}
	wantRows(t, rowsOf(t, o.Lake, "landing_test.items", "id"), "20001a", "20002a", "20003a", "20011a", "20012a", "20013a", "20011b", "20012b", "20013b")
}
