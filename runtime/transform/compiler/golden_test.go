package compiler

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/transform/graph"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s:%d: got\n%s\nwant\n%s", file, i+1, g[i], w[i])
		}
	}
	t.Fatalf("%s: %d lines, want %d", file, len(g), len(w))
}

// TestCompiledSQL holds the SQL of two projects. dbt 1.10 with dbt-duckdb
// compiles them to the same, but for white space, the database's name and the
// cross-database macros, which here speak Trino's SQL.
func TestCompiledSQL(t *testing.T) {
	for _, name := range []string{"club", "wide"} {
		t.Run(name, func(t *testing.T) {
			p, err := Load(context.Background(), Options{Dir: filepath.Join("..", "testdata", name), Env: noEnv, Now: time.Date(2026, 1, 15, 10, 11, 12, 0, time.UTC)})
			if err != nil {
				t.Fatal(err)
			}
			s := p.NewSession(&tables{
				columns: map[string][]string{"main.codes": {"code", "other"}, "marts.fct_games": {"uuid"}},
				answers: map[string][][]jinja.Value{"distinct code": {{"a"}, {"b"}}, "41 + 1": {{int64(42), int64(2)}}},
			})
			var b strings.Builder
			for _, id := range p.Graph().Order() {
				n := p.Manifest().Nodes[id]
				if n.Kind != manifest.Model && n.Kind != manifest.Test {
					continue
				}
				sql, err := s.Node(context.Background(), n)
				if err != nil {
					t.Fatal(err)
				}
				if n.Kind == manifest.Test {
					if sql, err = s.Test(context.Background(), n, sql); err != nil {
						t.Fatal(err)
					}
				}
				fmt.Fprintf(&b, "=== %s\n%s\n", id, strings.TrimSpace(sql))
			}
			golden(t, name+".sql", b.String())
		})
	}
}

// TestManifest holds names, tags and dependencies; dbt 1.10 has the same, but
// for the hash at the end of a generic test's id.
func TestManifest(t *testing.T) {
	for _, name := range []string{"club", "wide"} {
		p, err := Load(context.Background(), Options{Dir: filepath.Join("..", "testdata", name), Env: noEnv})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, n := range p.Manifest().Sorted() {
			fmt.Fprintf(&b, "%s\n  fqn %s\n  relation %s %s\n  tags %s\n  reads %s\n", n.UniqueID, strings.Join(n.FQN, "."),
				n.Relation, n.Config.Materialized, strings.Join(n.Config.Tags, " "), strings.Join(n.DependsOn, " "))
		}
		golden(t, name+".manifest", b.String())
	}
}

// TestSelections holds what words choose; `dbt ls` of dbt 1.10 chooses the
// same, but for stg_* (see graph.matchFQN).
func TestSelections(t *testing.T) {
	p, err := Load(context.Background(), Options{Dir: "../testdata/club", Env: noEnv})
	if err != nil {
		t.Fatal(err)
	}
	words, err := os.ReadFile("testdata/selections.txt")
	if err != nil {
		t.Fatal(err)
	}
	sel := graph.NewSelector(p.Manifest(), p.Graph())
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(string(words)), "\n") {
		include, exclude, _ := strings.Cut(line, " --exclude ")
		got, warnings, err := sel.Select([]string{include}, strings.Fields(exclude))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		fmt.Fprintf(&b, "%s\n", line)
		for _, id := range got.Sorted() {
			fmt.Fprintf(&b, "  %s\n", id)
		}
		for _, w := range warnings {
			fmt.Fprintf(&b, "  warning: %s\n", w)
		}
	}
	golden(t, "selections.golden", b.String())
}
