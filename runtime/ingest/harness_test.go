package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
)

// server is an API in a test.
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

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// itemsSource has one resource, items, from /items (or of the items var, one
// request each, from /items/<item>).
func itemsSource(s *server, contract project.Contract, endpoint project.Endpoint) *project.Source {
	endpoint.Path = "items"
	contract.Name, contract.File = "landing_test.items", "tables/items.yaml"
	return &project.Source{Name: "test", Kind: "rest", File: "source.yaml", Client: project.Client{BaseURL: s.URL, Retry: &project.Retry{Attempts: 2, MinWait: "1ms", MaxWait: "2ms"}},
		Resources: []project.Resource{{Name: "items", Endpoint: endpoint}}, Contracts: map[string]*project.Contract{"items": &contract}}
}

func forEach(src *project.Source) *project.Source {
	src.Resources[0].ForEach = map[string]string{"item": "{vars.items}"}
	src.Resources[0].Endpoint.Path = "items/{each.item}"
	return src
}

// contract reads columns "name type"; one that ends in # is the key.
func contract(columns ...string) project.Contract {
	var c project.Contract
	for _, text := range columns {
		name, kind, _ := strings.Cut(text, " ")
		if plain, isKey := strings.CutSuffix(name, "#"); isKey {
			name = plain
			c.Key = append(c.Key, name)
		}
		c.Columns = append(c.Columns, project.ContractColumn{Name: name, Type: kind})
	}
	return c
}

func openLake(t testing.TB) *lakehouse.Lake {
	t.Helper()
	lake, err := lakehouse.Open(context.Background(), lakehouse.Options{Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lake.Close() })
	return lake
}

func tableOfLake(t testing.TB, lake *lakehouse.Lake, table string) *lakehouse.Table {
	t.Helper()
	name, err := lakehouse.ParseName(table)
	if err != nil {
		t.Fatal(err)
	}
	out, err := lake.Table(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// rowsOf reads the columns of a table's live rows as "a|b", sorted. Null is "<null>".
func rowsOf(t testing.TB, lake *lakehouse.Lake, table string, columns ...string) []string {
	t.Helper()
	tbl := tableOfLake(t, lake, table)
	files, err := tbl.Files(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	deleted := map[string]bool{}
	for _, path := range files.Deletes {
		for _, row := range parquetRows(t, path, "file_path", "pos") {
			deleted[row] = true
		}
	}
	var out []string
	for _, f := range files.Data {
		for pos, row := range parquetRows(t, f.Path, columns...) {
			if !deleted[fmt.Sprintf("%s|%d", lakehouse.FileURL(f.Path), pos)] {
				out = append(out, row)
			}
		}
	}
	slices.Sort(out)
	return out
}

func parquetRows(t testing.TB, path string, columns ...string) []string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	pq, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, path := range pq.Schema().Columns() {
		at[path[0]] = i
	}
	var out []string
	for _, group := range pq.RowGroups() {
		rows := group.Rows()
		buffer := make([]parquet.Row, 64)
		for {
			n, err := rows.ReadRows(buffer)
			for _, row := range buffer[:n] {
				values := make([]string, len(columns))
				for i, c := range columns {
					values[i] = "<null>"
					for _, v := range row {
						if k, ok := at[c]; ok && v.Column() == k && !v.IsNull() {
							values[i] = v.String()
						}
					}
				}
				out = append(out, strings.Join(values, "|"))
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
				break
			}
		}
		rows.Close()
	}
	return out
}

func wantRows(t testing.TB, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("rows\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// mustRun runs and gives the summary of the only resource.
func mustRun(t testing.TB, o Options) ResourceSummary {
	t.Helper()
	sum, err := Run(context.Background(), o)
	if err != nil {
		t.Fatalf("%v\nnext: %s", err, fault.Next(err))
	}
	return sum.Resources[0]
}

// wantFault wants an error of a kind that tells these texts.
func wantFault(t testing.TB, err error, kind fault.Kind, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if fault.Code(err) != int(kind) {
		t.Errorf("exit code %d, want %d: %v", fault.Code(err), kind, err)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error()+"\n"+fault.Next(err), text) {
			t.Errorf("the error does not tell %q: %v\nnext: %s", text, err, fault.Next(err))
		}
	}
}
