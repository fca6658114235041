package ingest

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
)

func TestMerge(t *testing.T) {
	body := `[{"id":"a","n":1},{"id":"b","n":2}]`
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
	o := Options{Source: itemsSource(s, contract("id# string", "n long"), project.Endpoint{}), Lake: openLake(t)}
	if sum := mustRun(t, o); sum.Rows != 2 || sum.Inserted != 2 || sum.Loads != 1 || sum.Table != "landing_test.items" {
		t.Errorf("first run: %+v", sum)
	}
	body = `[{"id":"b","n":3},{"id":"c","n":4},{"id":"a","n":1}]`
	if sum := mustRun(t, o); sum.Rows != 3 || sum.Inserted != 1 || sum.Updated != 1 || sum.Unchanged != 1 {
		t.Errorf("second run: %+v", sum)
	}
	wantRows(t, rowsOf(t, o.Lake, "landing_test.items", "id", "n", "_floe_source"), "a|1|test", "b|3|test", "c|4|test")
}

func TestAppendAndFullRefresh(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[{"id":"a"},{"id":"b"}]`)) })
	src := itemsSource(s, contract("id string"), project.Endpoint{})
	o := Options{Source: src, Lake: openLake(t)}
	mustRun(t, o)
	mustRun(t, o)
	wantRows(t, rowsOf(t, o.Lake, "landing_test.items", "id"), "a", "a", "b", "b")
	o.FullRefresh = true
	_, err := Run(t.Context(), o)
	wantFault(t, err, fault.Usage, "no key", "twice")

	keyed := itemsSource(s, contract("id# string"), project.Endpoint{})
	keyed.Resources[0].WriteDisposition = "append"
	o = Options{Source: keyed, Lake: openLake(t)}
	mustRun(t, o)
	o.FullRefresh = true
	mustRun(t, o)
	wantRows(t, rowsOf(t, o.Lake, "landing_test.items", "id"), "a", "b")
}

const mixed = `[
	{"id":"a","n":1,"at":1700000000},
	{"id":"b","n":"one"},
	{"id":null,"n":2},
	{"id":"c","n":1e30},
	{"id":"d","n":4,"at":"yesterday"},
	{"id":"e"}
]`

func mixedContract() project.Contract {
	c := contract("id# string", "n long", "at timestamptz")
	c.Columns[2].Format = "epoch_seconds"
	return c
}

func TestRejectedRows(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(mixed)) })
	o := Options{Source: itemsSource(s, mixedContract(), project.Endpoint{}), Lake: openLake(t)}
	for run := range 2 { // a replay adds nothing
		sum := mustRun(t, o)
		if sum.Rows != 2 || sum.Rejected != 4 {
			t.Errorf("run %d: %+v, want 2 rows and 4 rejected", run, sum)
		}
		wantRows(t, rowsOf(t, o.Lake, "landing_test.items", "id"), "a", "e")
		wantRows(t, rowsOf(t, o.Lake, "landing_test.items__rejected", "column", "reason", "row", "_floe_source"),
			`n|found string "one", wanted long|{"id":"b","n":"one"}|test`,
			`id|found nothing or null in a key column|{"id":null,"n":2}|test`,
			`n|found number 1e30 (out of range), wanted long|{"id":"c","n":1e30}|test`,
			`at|found string "yesterday", wanted timestamptz as epoch_seconds|{"id":"d","n":4,"at":"yesterday"}|test`)
	}
}

func TestBadRowsFail(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(mixed)) })
	c := mixedContract()
	c.OnBreak.BadRows = "fail"
	o := Options{Source: itemsSource(s, c, project.Endpoint{}), Lake: openLake(t)}
	_, err := Run(t.Context(), o)
	wantFault(t, err, fault.Contract, "4 rows", "landing_test.items", `n: found string "one", wanted long`, "tables/items.yaml")
	wantNothing(t, o.Lake)
}

// wantNothing wants the table to hold neither rows nor state nor files.
func wantNothing(t *testing.T, lake *lakehouse.Lake) {
	t.Helper()
	table, err := lake.Table(context.Background(), lakehouse.Name{Schema: "landing_test", Table: "items"})
	if errors.Is(err, lakehouse.ErrNotFound) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if n, err := table.Rows(context.Background()); err != nil || n != 0 || len(table.State()) != 0 || table.SnapshotID() != 0 {
		t.Errorf("the table holds %d rows (%v), the state %v and the snapshot %d; want nothing", n, err, table.State(), table.SnapshotID())
	}
	if _, err := lake.Table(context.Background(), lakehouse.Name{Schema: "landing_test", Table: "items__rejected"}); !errors.Is(err, lakehouse.ErrNotFound) {
		t.Errorf("a table of rejected rows was made: %v", err)
	}
}

func TestNewColumns(t *testing.T) {
	body := `[{"id":"a"},{"id":"b","more":{"x":1,"Y":"y"},"list":[1]}]`
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
	run := func(policy string) (ResourceSummary, *lakehouse.Lake, Options) {
		body = `[{"id":"a"},{"id":"b","more":{"x":1,"Y":"y"},"list":[1]}]`
		c := contract("id# string")
		c.OnBreak.NewColumns = policy
		o := Options{Source: itemsSource(s, c, project.Endpoint{}), Lake: openLake(t)}
		return mustRun(t, o), o.Lake, o
	}
	t.Run("evolve", func(t *testing.T) {
		_, lake, o := run("evolve")
		wantRows(t, rowsOf(t, lake, "landing_test.items", "id", "more__x", "more__y", "list"), "a|<null>|<null>|<null>", "b|1|y|[1]")
		// A later run knows the columns that the contract does not name, and keeps to their types.
		body = `[{"id":"c","more":{"x":2,"Y":7},"list":"text"},{"id":"d","more":{"x":"no"}},{"id":"e","again":true}]`
		if sum := mustRun(t, o); sum.Rejected != 1 || sum.Rows != 2 {
			t.Errorf("later run: %+v", sum)
		}
		wantRows(t, rowsOf(t, lake, "landing_test.items", "id", "more__x", "more__y", "list", "again"),
			"a|<null>|<null>|<null>|<null>", "b|1|y|[1]|<null>", "c|2|7|text|<null>", "e|<null>|<null>|<null>|true")
	})
	t.Run("freeze", func(t *testing.T) {
		sum, lake, _ := run("freeze")
		if sum.Rows != 1 || sum.Rejected != 1 {
			t.Errorf("%+v, want 1 row and 1 rejected", sum)
		}
		got := rowsOf(t, lake, "landing_test.items__rejected", "reason")
		if len(got) != 1 || !strings.Contains(got[0], "field more") {
			t.Errorf("reasons %v, want one that names the field", got)
		}
	})
	t.Run("discard", func(t *testing.T) {
		sum, lake, _ := run("discard")
		if sum.Rows != 2 || sum.Discarded != 2 {
			t.Errorf("%+v, want 2 rows and 2 values discarded", sum)
		}
		if names := tableOfLake(t, lake, "landing_test.items").Schema().Names(); len(names) != 4 {
			t.Errorf("columns %v", names)
		}
	})
}

func TestContractChanges(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[{"id":"a","n":1,"m":2}]`)) })
	lake := openLake(t)
	c := contract("id# string", "n long")
	c.OnBreak.NewColumns = "discard"
	mustRun(t, Options{Source: itemsSource(s, c, project.Endpoint{}), Lake: lake})

	wider := contract("id# string", "n long", "m long")
	wider.OnBreak.NewColumns, wider.Description = "discard", "now with m"
	mustRun(t, Options{Source: itemsSource(s, wider, project.Endpoint{}), Lake: lake})
	wantRows(t, rowsOf(t, lake, "landing_test.items", "id", "n", "m"), "a|1|2")

	other := contract("id# string", "n string", "m long")
	_, err := Run(t.Context(), Options{Source: itemsSource(s, other, project.Endpoint{}), Lake: lake})
	wantFault(t, err, fault.Contract, "landing_test.items", "floe plan", "floe apply", "n")
}

func TestUsage(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[]`)) })
	src := itemsSource(s, contract("id# string"), project.Endpoint{})
	no := false
	src.Resources = append(src.Resources, project.Resource{Name: "hidden", Land: &no}, project.Resource{Name: "bare"})
	lake := openLake(t)
	_, err := Run(t.Context(), Options{Source: src, Lake: lake, Resources: []string{"items", "itmes"}})
	wantFault(t, err, fault.Usage, `no resource "itmes"`, "items")
	_, err = Run(t.Context(), Options{Source: src, Lake: lake, Resources: []string{"hidden"}})
	wantFault(t, err, fault.Usage, "land: false")
	_, err = Run(t.Context(), Options{Source: src, Lake: lake})
	wantFault(t, err, fault.Usage, "bare", "no contract", "tables/bare.yaml")
	src.Resources = src.Resources[:1]
	_, err = Run(t.Context(), Options{Source: src, Lake: lake, From: "2023"})
	wantFault(t, err, fault.Usage, "--from", "incremental cursor")
	src.Contracts["items"].Key = nil
	src.Resources[0].WriteDisposition = "merge"
	_, err = Run(t.Context(), Options{Source: src, Lake: lake})
	wantFault(t, err, fault.Usage, "needs a key", "tables/items.yaml")
	src.Kind = "carrier pigeon"
	_, err = Run(t.Context(), Options{Source: src, Lake: lake})
	wantFault(t, err, fault.Usage, "carrier pigeon")
}

// fakeSource yields chunks of one row each; it is also the second Source.
type fakeSource struct {
	src   extract.Source
	limit int // chunks before it fails, -1 for none
}

var errFake = errors.New("the source broke")

func (f *fakeSource) Read(ctx context.Context, r extract.Read) iter.Seq2[extract.Chunk, error] {
	return func(yield func(extract.Chunk, error) bool) {
		n := 0
		for c, err := range f.src.Read(ctx, r) {
			if n == f.limit {
				yield(extract.Chunk{}, errFake)
				return
			}
			n++
			if !yield(c, err) {
				return
			}
		}
	}
}

func (f *fakeSource) Close() error { return f.src.Close() }

// years are requests with a cursor, as months of games are.
func years(s *server, c project.Contract) *project.Source {
	no := false
	src := itemsSource(s, c, project.Endpoint{})
	src.Resources[0].Endpoint = project.Endpoint{Path: "items/{resources.years.value}", Incremental: &project.Incremental{Scope: "request", CursorPath: "value"}, DataSelector: "$",
		Params: map[string]string{"of": "{incremental.cursor}"}}
	src.Resources = append(src.Resources, project.Resource{Name: "years", Land: &no, Endpoint: project.Endpoint{Path: "years"}})
	return src
}

func serveYears(t *testing.T, list ...string) *server {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/years" {
			writeJSON(w, list)
			return
		}
		year := strings.TrimPrefix(r.URL.Path, "/items/")
		writeJSON(w, []any{map[string]any{"id": year + "a"}, map[string]any{"id": year + "b"}})
	})
}

func TestEvents(t *testing.T) {
	var tries atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/gone"):
			w.WriteHeader(http.StatusNotFound)
		case tries.Add(1) == 1:
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			_, _ = w.Write([]byte(`[{"id":"a"},{"id":5},{"no":1}]`))
		}
	})
	src := forEach(itemsSource(s, contract("id# string"), project.Endpoint{ResponseActions: []project.ResponseAction{{StatusCode: 404, Action: "skip"}}}))
	src.Client.Concurrency = 1
	var kinds []string
	var last Event
	o := Options{Source: src, Lake: openLake(t), Vars: map[string]any{"items": []string{"x", "gone"}}, Observer: func(e Event) {
		kinds = append(kinds, e.Kind)
		last = e
	}}
	sum := mustRun(t, o)
	for _, kind := range []string{"start", "retry", "request", "skip", "rows", "commit", "done"} {
		if !strings.Contains(" "+strings.Join(kinds, " ")+" ", " "+kind+" ") {
			t.Errorf("no event %s among %v", kind, kinds)
		}
	}
	if last.Kind != "done" || last.Rows != 2 || last.Rejected != 1 || last.Skips != 1 || last.Retries != 1 || last.Requests != 3 || last.Source != "test" || last.Resource != "items" {
		t.Errorf("the last event is %+v", last)
	}
	if sum.Requests != 3 || sum.Retries != 1 || sum.Skipped != 1 || len(sum.Skips) != 1 || sum.Skips[0].Request != "GET "+s.URL+"/items/gone" {
		t.Errorf("%+v", sum)
	}
}

func TestSpecOf(t *testing.T) {
	c := contract("id# string", "at timestamptz", "j json")
	c.Name, c.Owner, c.Description = "landing_test.items", "data", "Items."
	c.Partition, c.Sort = []string{"year(at)"}, []string{"at desc"}
	c.Columns[1].WasNamed = "time"
	c.Columns[0].Tags = map[string]string{"pii": "true"}
	s := SpecOf(&c)
	if s.Name.String() != "landing_test.items" || s.Doc != "Items." || strings.Join(s.Schema.Names(), " ") != "id at j _floe_load_id _floe_loaded_at _floe_source" {
		t.Errorf("%+v", s)
	}
	if !s.Schema.Columns[0].Required || s.Schema.Columns[1].Required || s.Partition[0].String() != "year(at)" || !s.Sort[0].Descending {
		t.Errorf("%+v", s)
	}
	if !maps.Equal(s.Renames, map[string]string{"at": "time"}) || s.Properties["floe.tag.id.pii"] != "true" || s.Properties["floe.owner"] != "data" {
		t.Errorf("%+v", s)
	}
}

func TestCapped(t *testing.T) {
	row := []byte(strings.Repeat("ü", maxRejectRow))
	if got := capped(row); len(got) > maxRejectRow || len(got) < maxRejectRow-1 || strings.Contains(got, "\uFFFD") || !strings.HasSuffix(got, "ü") {
		t.Errorf("%d bytes", len(got))
	}
}
