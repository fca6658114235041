package project

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

const (
	sourceFile   = "runtime/pipelines/ingest/shop/source.yaml"
	contractFile = "runtime/pipelines/ingest/shop/tables/customers.yaml"
	workflowFile = "runtime/pipelines/orchestrate/daily.yaml"
)

func TestLoad(t *testing.T) {
	p, err := Load("testdata/good")
	if err != nil {
		t.Fatal(err)
	}
	s := p.Sources["shop"]
	if !filepath.IsAbs(p.Root) || !filepath.IsAbs(p.TransformDir) || len(p.Sources) != 1 || len(p.Workflows) != 1 || s.Name != "shop" || s.File != sourceFile {
		t.Fatalf("%+v", p)
	}
	wantVars := map[string]any{"base_url": "https://api.example.org/v1", "shops": []string{"north", "south"}, "page": int64(50), "share": 0.5, "deep": true}
	if !reflect.DeepEqual(s.Vars, wantVars) {
		t.Errorf("vars %#v", s.Vars)
	}
	c := s.Contracts["customers"]
	if len(s.Contracts) != 3 || c.Name != "landing_shop.customers" || c.File != contractFile || len(c.Schema().Columns) != 5 {
		t.Errorf("contract %+v", c)
	}
	steps := p.Workflows["daily"].Steps
	if steps[0].After != nil || steps[1].After == nil || len(steps[2].After) != 2 {
		t.Errorf("after: %#v", steps)
	}
	want := map[string]string{"fct_orders": "runtime/pipelines/transform/models/marts/fct_orders.sql", "countries": "runtime/pipelines/transform/seeds/countries.csv"}
	if !reflect.DeepEqual(p.Models, want) {
		t.Errorf("models %v", p.Models)
	}
}

func TestLoadOfAnEmptyProject(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: empty\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Load(dir)
	if err != nil || p.Name != "empty" || len(p.Sources)+len(p.Workflows)+len(p.Models) > 0 {
		t.Fatal(p, err)
	}
}

// edit changes a file of a copy of the good project: the text old, which must
// be there once, becomes new; old "" writes the whole file, new "-" removes it.
type edit struct{ file, old, new string }

func broken(t *testing.T, edits ...edit) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/good")); err != nil {
		t.Fatal(err)
	}
	for _, e := range edits {
		name := filepath.Join(dir, filepath.FromSlash(e.file))
		if e.new == "-" {
			if err := os.RemoveAll(name); err != nil {
				t.Fatal(err)
			}
			continue
		}
		text := []byte(e.new)
		if e.old != "" {
			have, err := os.ReadFile(name)
			if err != nil || strings.Count(string(have), e.old) != 1 {
				t.Fatalf("%s: %q is there %d times, %v", e.file, e.old, strings.Count(string(have), e.old), err)
			}
			text = []byte(strings.Replace(string(have), e.old, e.new, 1))
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// wrong is a table of one mistake each, in one file. The messages lie in
// testdata/<name>.golden; see -update.
type wrong struct{ name, old, new string }

func TestLoadTellsAllAtOnce(t *testing.T) {
	dir := broken(t,
		edit{sourceFile, "kind: rest", "kind: rset"},
		edit{contractFile, "type: long", "type: int"},
		edit{workflowFile, "source: shop, resources: [reports]", "source: shpo"})
	_, err := Load(dir)
	want := strings.Join([]string{
		sourceFile + ":3:7: kind: found \"rset\"; write rest",
		contractFile + ":5:22: columns[0].type: type \"int\" is not kept in a table: write long: widening an int later breaks filters on it",
		workflowFile + ":11:22: steps[1].ingest.source: found \"shpo\", but there is no such folder in runtime/pipelines/ingest; did you mean shop?",
	}, "\n")
	if err == nil || err.Error() != want {
		t.Fatalf("got\n%v\nwant\n%s", err, want)
	}
	if fault.Code(err) != int(fault.Usage) {
		t.Errorf("code %d", fault.Code(err))
	}
}

func TestLoadTellsOfFilesThatWouldBeOverlooked(t *testing.T) {
	dir := broken(t,
		edit{"runtime/pipelines/ingest/readme.md", "", "x"},
		edit{"runtime/pipelines/ingest/.hidden", "", "x"},
		edit{"runtime/pipelines/ingest/bare/tables/x.yaml", "", "x"},
		edit{"runtime/pipelines/ingest/shop/tables/more.yml", "", "x"},
		edit{"runtime/pipelines/ingest/shop/tables/old/x.yaml", "", "x"},
		edit{"runtime/pipelines/ingest/shop/tables/months.yaml", "", "version: 1\ncolumns: [{name: a, type: long}]\n"},
		edit{"runtime/pipelines/ingest/shop/tables/report.yaml", "", "version: 1\ncolumns: [{name: a, type: long}]\n"},
		edit{"runtime/pipelines/ingest/shop/tables/orders.yaml", "", "-"},
		edit{"runtime/pipelines/ingest/Shop-2/source.yaml", "", "version: 1\nkind: rest\nclient: {base_url: https://a.example}\nresources: [{name: a, land: false, endpoint: {}}]\n"},
		edit{"runtime/pipelines/orchestrate/daily.yml", "", "x"},
		edit{"runtime/pipelines/orchestrate/My-Flow.yaml", "", "version: 1\nsteps: [{name: a, transform: {}}]\n"})
	_, err := Load(dir)
	golden(t, "overlooked", []string{err.Error()})
}

func TestFind(t *testing.T) {
	root := broken(t)
	deep := filepath.Join(root, "runtime", "pipelines")
	for _, start := range []string{root, deep} {
		got, err := Find(start)
		if err != nil || got != root {
			t.Errorf("from %s: %s, %v", start, got, err)
		}
	}
	for _, start := range []string{t.TempDir(), filepath.Join(root, "nowhere"), filepath.Join(root, "Pulumi.yaml")} {
		_, err := Find(start)
		if fault.Code(err) != int(fault.Usage) || !strings.Contains(fault.Next(err), "--project") {
			t.Errorf("from %s: %v, next %q", start, err, fault.Next(err))
		}
	}
}
