//go:build interop

package interop

import (
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

// A resource is a landing table of the project that these tests write.
type resource struct {
	name      string
	path      string // of the rows, default "kinds"
	columns   string // YAML of the columns
	partition string
	merge     bool
}

// write makes a project of one source, kinds, and of models by file name.
func writeProject(t *testing.T, root string, resources []resource, models map[string]string) {
	t.Helper()
	put := func(text string, path ...string) {
		file := filepath.Join(append([]string{root}, path...)...)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("name: floe\nruntime: go\nmain: infra\nstackConfigDir: stacks\n", "Pulumi.yaml")
	var source strings.Builder
	source.WriteString("version: 1\nkind: rest\nvars:\n  base_url: http://127.0.0.1:1\nclient:\n  base_url: \"{vars.base_url}\"\n  retry: {attempts: 1}\nresources:\n")
	for _, r := range resources {
		path, disposition, key := r.path, "append", ""
		if path == "" {
			path = "kinds"
		}
		if r.merge {
			disposition, key = "merge", "key: [id]\n"
		}
		fmt.Fprintf(&source, "  - name: %s\n    endpoint: {path: %s, data_selector: \"$.rows[*]\"}\n    write_disposition: %s\n", r.name, path, disposition)
		contract := "version: 1\ndescription: Made by a test.\ncolumns:\n" + r.columns + key
		if r.partition != "" {
			contract += fmt.Sprintf("partition: [%s]\n", r.partition)
		}
		put(contract, "runtime", "pipelines", "ingest", "kinds", "tables", r.name+".yaml")
	}
	put(source.String(), "runtime", "pipelines", "ingest", "kinds", "source.yaml")
	put("version: 1\nsteps:\n  - name: ingest\n    ingest: {source: kinds}\n", "runtime", "pipelines", "orchestrate", "kinds.yaml")
	transform := []string{"runtime", "pipelines", "transform"}
	put("name: floe\nversion: \"1.0\"\nconfig-version: 2\nprofile: floe\nmodels:\n  floe:\n    +schema: marts\n    +materialized: table\nseeds:\n  floe:\n    +schema: seeds\n",
		append(transform, "dbt_project.yml")...)
	put("{% macro generate_schema_name(custom_schema_name, node) -%}{{ custom_schema_name or target.schema }}{%- endmacro %}\n", append(transform, "macros", "names.sql")...)
	put("version: 2\nsources:\n  - name: kinds\n    schema: landing_kinds\n    tables: [{name: plain}]\n", append(transform, "models", "sources.yml")...)
	for name, text := range models {
		put(text, append(transform, filepath.FromSlash(name))...)
	}
}

// api serves rows as JSON; what it serves is set between loads.
type api struct {
	URL  string
	mu   sync.Mutex
	rows map[string][]map[string]any // by path
}

func serve(t *testing.T) *api {
	t.Helper()
	a := &api{rows: map[string][]map[string]any{}}
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	a.URL = s.URL
	return a
}

func (a *api) set(path string, rows []map[string]any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rows[path] = rows
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	rows, ok := a.rows[strings.Trim(r.URL.Path, "/")]
	a.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"rows": rows})
}
