package transform

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/floe-data/floe/runtime/transform/compiler"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// artifacts writes what other tools read: compiled SQL, run_results.json in
// dbt's form 6, and manifest.json in its form 12 as far as floe has it.
type artifacts struct {
	dir     string // "" writes nothing
	project *Project
}

// dbtVersion is the version whose forms these are.
const dbtVersion = "1.10.0"

// compiled writes a node's compiled SQL where dbt writes it.
func (a *artifacts) compiled(n *manifest.Node, sql string) (string, error) {
	if a.dir == "" {
		return "", nil
	}
	name := filepath.FromSlash(n.Path)
	if n.Test != nil && n.Test.Generic {
		name = filepath.Join(name, n.Test.Short+".sql")
	}
	file := filepath.Join(a.dir, "compiled", n.Package, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", fmt.Errorf("write %s: %w", file, err)
	}
	if err := os.WriteFile(file, []byte(sql), 0o644); err != nil {
		return "", fmt.Errorf("write %s: %w", file, err)
	}
	return file, nil
}

// failures writes a test's first failing rows, one JSON object a line.
func (a *artifacts) failures(n *manifest.Node, s *Sample) (string, error) {
	if a.dir == "" {
		return "", nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, row := range s.Rows {
		object := make(map[string]any, len(row))
		for i, v := range row {
			object[s.Columns[i]] = v
		}
		if err := enc.Encode(object); err != nil {
			return "", fmt.Errorf("write the failing rows of %s: %w", n.Name, err)
		}
	}
	file := filepath.Join(a.dir, "failures", n.Test.Short+".jsonl")
	return file, write(file, b.Bytes())
}

// write replaces a file as a whole.
func write(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".floe-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	_, err = tmp.Write(content)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", file, err), os.Remove(tmp.Name()))
	}
	return nil
}

// results writes run_results.json and manifest.json.
func (a *artifacts) results(r Results, o *Options) error {
	if a.dir == "" {
		return nil
	}
	list := make([]map[string]any, len(r.Nodes))
	for i, n := range r.Nodes {
		list[i] = resultEntry(n)
	}
	doc := map[string]any{
		"metadata":     metadata("run-results/v6", r),
		"results":      list,
		"elapsed_time": r.Ended.Sub(r.Started).Seconds(),
		"args":         map[string]any{"which": string(r.Command), "select": o.Select, "exclude": o.Exclude, "full_refresh": o.FullRefresh},
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("write run_results.json: %w", err)
	}
	return errors.Join(write(filepath.Join(a.dir, "run_results.json"), text), a.manifest(r))
}

func metadata(form string, r Results) map[string]any {
	return map[string]any{
		"dbt_schema_version": "https://schemas.getdbt.com/dbt/" + form + ".json", "dbt_version": dbtVersion,
		"generated_at": stamp(r.Ended), "invocation_id": r.Invocation, "env": map[string]any{},
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func resultEntry(n Result) map[string]any {
	ready := n.ready
	if ready.IsZero() {
		ready = n.Started
	}
	e := map[string]any{
		"status": string(n.Status), "unique_id": n.UniqueID, "thread_id": "Thread-1", "message": n.Message,
		"execution_time": n.Ended.Sub(n.Started).Seconds(), "adapter_response": map[string]any{}, "failures": nil,
		"compiled": n.SQL != "", "compiled_code": nil, "relation_name": nil,
		"timing": []map[string]any{
			{"name": "compile", "started_at": stamp(n.Started), "completed_at": stamp(ready)},
			{"name": "execute", "started_at": stamp(ready), "completed_at": stamp(n.Ended)},
		},
	}
	if n.SQL != "" {
		e["compiled_code"] = n.SQL
	}
	if n.Kind == manifest.Test && n.Status != StatusSkipped && n.Status != StatusError {
		e["failures"] = n.Failures
	}
	if n.Rows > 0 {
		e["adapter_response"] = map[string]any{"rows_affected": n.Rows}
	}
	if n.Relation != "" {
		e["relation_name"] = n.Relation
	}
	return e
}

// manifest writes the graph: nodes, sources, who reads whom.
func (a *artifacts) manifest(r Results) error {
	m := a.project.Manifest()
	nodes, sources, parents, children := jinja.NewDict(), jinja.NewDict(), jinja.NewDict(), jinja.NewDict()
	for _, n := range m.Sorted() {
		d := compiler.Dict(n)
		sum := sha256.Sum256([]byte(n.Raw))
		d.SetString("checksum", jinja.DictOf("name", "sha256", "checksum", hex.EncodeToString(sum[:])))
		parents.SetString(n.UniqueID, jinja.FromGo(orEmpty(a.project.Graph().Parents(n.UniqueID))))
		children.SetString(n.UniqueID, jinja.FromGo(orEmpty(a.project.Graph().Children(n.UniqueID))))
		if n.Kind == manifest.Source {
			sources.SetString(n.UniqueID, d)
			continue
		}
		if n.Kind != manifest.Seed {
			d.SetString("compiled_path", path.Join("compiled", n.Package, n.Path))
		}
		nodes.SetString(n.UniqueID, d)
	}
	meta := metadata("manifest/v12", r)
	meta["project_name"], meta["adapter_type"] = m.Project, a.project.c.Target().Type
	doc := jinja.DictOf("metadata", jinja.FromGo(meta), "nodes", nodes, "sources", sources, "parent_map", parents, "child_map", children)
	for _, empty := range []string{"macros", "docs", "exposures", "metrics", "groups", "selectors", "disabled", "group_map",
		"saved_queries", "semantic_models", "unit_tests", "functions"} {
		doc.SetString(empty, jinja.NewDict())
	}
	text, err := jinja.ToJSON(doc, jinja.JSONOptions{})
	if err != nil {
		return fmt.Errorf("write manifest.json: %w", err)
	}
	return write(filepath.Join(a.dir, "manifest.json"), []byte(text))
}

func orEmpty(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}
