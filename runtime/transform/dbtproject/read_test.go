package dbtproject

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestReadClub(t *testing.T) {
	c, err := ReadConfig("../testdata/club", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "club" || !slices.Equal(c.ModelPaths, []string{"models"}) || c.Trees["models"].Get("club") == nil || c.Vars.Get("first_day").Text() != "2022-01-01" {
		t.Errorf("config %+v", c)
	}
	p, err := ReadFiles(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	var models []string
	for _, f := range p.Models {
		models = append(models, f.Rel)
	}
	if len(models) != 8 || !slices.Contains(models, "staging/stg_games.sql") {
		t.Errorf("models %v", models)
	}
	if len(p.Tests) != 1 || len(p.GenericTests) != 1 || len(p.Macros) != 2 || len(p.Seeds) != 1 || len(p.Docs) != 1 || len(p.Properties) != 2 {
		t.Errorf("files: %d tests, %d generic, %d macros, %d seeds, %d docs, %d properties", len(p.Tests), len(p.GenericTests), len(p.Macros), len(p.Seeds), len(p.Docs), len(p.Properties))
	}
}

func TestTestEntries(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		FileName: "name: x\n",
		"models/p.yml": `models:
  - name: m
    tests:
      - unique
      - pkg.between: {low: 1, severity: warn}
      - accepted_values:
          arguments: {values: [a]}
          config: {where: "x"}
          name: mine
      - {name: other, test_name: not_null, column_name: c}
`} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err := ReadConfig(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ReadFiles(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	tests := p.Properties[0].Models[0].Tests
	if len(tests) != 4 {
		t.Fatalf("%d tests", len(tests))
	}
	if e := tests[1]; e.Namespace != "pkg" || e.Test != "between" || e.Line != 5 || len(e.Args) != 1 || len(e.Config) != 1 {
		t.Errorf("%+v", e)
	}
	if e := tests[2]; e.CustomName != "mine" || e.Args[0].Key != "values" || e.Config[0].Key != "where" {
		t.Errorf("%+v", e)
	}
	if e := tests[3]; e.CustomName != "other" || e.Test != "not_null" || e.Args[0].Key != "column_name" {
		t.Errorf("%+v", e)
	}
}
