package declared

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

const contract = `version: 1
key: [id]
tags: {domain: people, sensitivity: internal}
columns:
  - {name: id, type: long, required: true}
  - {name: name, type: string, tags: {sensitivity: personal}}
  - {name: salary, type: long, tags: {sensitivity: confidential}}
`

const source = `version: 1
kind: rest
client: {base_url: "https://hr.example.com"}
resources:
  - {name: people, endpoint: {path: people, data_selector: "$[*]", paginator: {type: single_page}}}
`

// written makes a project of files and reads its tables, a line for each table
// and each of its columns.
func written(t *testing.T, models map[string]string) (string, error) {
	t.Helper()
	root := t.TempDir()
	files := map[string]string{
		"Pulumi.yaml": "name: floe\nruntime: go\n", "runtime/pipelines/ingest/hr/source.yaml": source, "runtime/pipelines/ingest/hr/tables/people.yaml": contract,
		"runtime/pipelines/transform/dbt_project.yml":     "name: hr\nmodels: {hr: {marts: {+schema: marts, +materialized: table, +meta: {sensitivity: public, owner: hr}}}}\n",
		"runtime/pipelines/transform/macros/schema.sql":   "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}",
		"runtime/pipelines/transform/models/marts/hr.yml": "sources: [{name: hr, schema: landing_hr, tables: [{name: people}]}]",
		"runtime/pipelines/orchestrate/daily.yaml":        "version: 1\nsteps: [{name: load, ingest: {source: hr}}]\n",
	}
	for name, text := range models {
		files["runtime/pipelines/transform/models/marts/"+name] = text
	}
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := project.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := Tables(context.Background(), p, "dev")
	var lines []string
	for _, table := range tables {
		if strings.HasPrefix(table.Schema, "landing_") {
			continue
		}
		view := map[bool]string{true: " view"}[table.View]
		lines = append(lines, fmt.Sprintf("%s%s domain=%s owner=%s others=%s", table, view, table.Domain, table.Owner, table.Sensitivity))
		for _, c := range table.Columns {
			lines = append(lines, strings.TrimRight(fmt.Sprintf("  %s %s %s", c.Name, c.Sensitivity, c.Of), " "))
		}
	}
	return strings.Join(lines, "\n"), err
}

func TestTables(t *testing.T) {
	people := "select * from {{ source('hr', 'people') }}"
	for _, tc := range []struct {
		name   string
		models map[string]string
		want   string
	}{
		{"meta comes in layers", map[string]string{"A.sql": "{{ config(meta={'domain': 'people'}) }} select 1 as Id, 2 as n",
			"a.yml": "models: [{name: A, config: {meta: {sensitivity: internal}}, columns: [{name: Id, meta: {sensitivity: personal}}, {name: n}]}]"},
			"marts.a domain=people owner=hr others=internal\n  id personal\n  n internal"},
		{"what is read keeps what it says", map[string]string{"a.sql": people, "a.yml": "models: [{name: a, columns: [{name: ID}, {name: SALARY}]}]"},
			"marts.a domain= owner=hr others=public\n  id public\n  salary confidential\n  name personal landing_hr.people"},
		{"but for what says otherwise", map[string]string{"a.sql": people, "a.yml": "models: [{name: a, columns: [{name: Name, meta: {sensitivity: public}}]}]", "b.sql": "select * from {{ ref('a') }}"},
			"marts.a domain= owner=hr others=public\n  name public\n  salary confidential landing_hr.people\nmarts.b domain= owner=hr others=public\n  name public marts.a\n  salary confidential landing_hr.people"},
		{"from several", map[string]string{"a.sql": people + " {{ ref('b') }}", "b.sql": "select 'x' as name", "b.yml": "models: [{name: b, columns: [{name: name, meta: {sensitivity: internal}}]}]"},
			"marts.b domain= owner=hr others=public\n  name internal\nmarts.a domain= owner=hr others=public\n  name personal landing_hr.people\n  salary confidential landing_hr.people"},
		{"through views and what makes no table", map[string]string{
			"a.sql": "{{ config(materialized='view', meta={'sensitivity': 'personal'}) }}" + people, "b.sql": "{{ config(materialized='ephemeral') }}select * from {{ ref('a') }}",
			"c.sql": "{{ config(meta={'sensitivity': 'confidential'}) }}select * from {{ ref('b') }}", "a.yml": "models: [{name: a, columns: [{name: name}]}]"},
			"marts.a view domain= owner=hr others=personal\n  name personal\n  salary personal landing_hr.people\nmarts.c domain= owner=hr others=confidential\n  name personal marts.a\n  salary personal landing_hr.people"},
		{"nobody says", map[string]string{"a.sql": "{{ config(schema='reports') }} select 1 as id", "a.yml": "models: [{name: a, config: {meta: {sensitivity: public}}}]"},
			"reports.a domain= owner=hr others=public"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := written(t, tc.models)
			if err != nil || got != tc.want {
				t.Errorf("%v: got\n%s\nwant\n%s", err, got, tc.want)
			}
		})
	}
}

func TestWrongModels(t *testing.T) {
	if _, err := written(t, map[string]string{"a.sql": "{{ config(meta={'sensitivity': 'secret'}) }} select 1"}); fault.Code(err) != int(fault.Usage) || !strings.Contains(err.Error(), "models/marts/a.sql:1") {
		t.Error(err)
	}
}

// TestShipped: who reads the shipped marts with the sensitivity that a grant has
// by default reads what is public of them, and no name of a person.
func TestShipped(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	p, err := project.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	if p.Sources["chess"] == nil {
		return // the user's own project, which keeps other rules
	}
	tables, err := Tables(context.Background(), p, "prod")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, table := range tables {
		for _, c := range table.Columns {
			if person := c.Name == "full_name" || c.Name == "location" || c.Name == "name"; person != (c.Sensitivity == "personal") && c.Name != "reason" && c.Name != "row" {
				t.Errorf("%s.%s is %s", table, c.Name, c.Sensitivity)
			}
		}
		if table.Schema == "marts" && table.Sensitivity == "public" && table.Domain == "chess" && table.Owner != "" {
			found++
		}
	}
	if found != 4 {
		t.Errorf("%d marts are classified", found)
	}
}
