package schemas

import (
	"bytes"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write the schemas anew")

const repository = "../.."

func TestSchemasAreCurrent(t *testing.T) {
	for kind := range kinds {
		want, err := generate(kind)
		if err != nil {
			t.Fatal(err)
		}
		name := kind + ".schema.json"
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil { //nolint:gosec // a file of the repository
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the types say (%v): run make generate", name, err)
		}
	}
	files, err := filepath.Glob("*.schema.json")
	if err != nil || len(files) != len(kinds) {
		t.Errorf("%v, %v: a schema that nothing is made of", files, err)
	}
}

func TestEveryFieldIsDescribed(t *testing.T) {
	for kind := range kinds {
		text, err := generate(kind)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte(`"description":`)); n < 3 {
			t.Errorf("%s has %d descriptions: the comments were not found", kind, n)
		}
	}
}

// kindOf is the schema of a file by its place in a project, "" for none.
func kindOf(name string) string {
	parts := strings.Split(name, "/")
	at := func(fromEnd int) string {
		if len(parts) < fromEnd {
			return ""
		}
		return parts[len(parts)-fromEnd]
	}
	base := strings.TrimSuffix(at(1), ".yaml")
	switch {
	case path.Ext(name) != ".yaml":
	case at(3) == "ingest" && base == "source":
		return "source"
	case at(4) == "ingest" && at(2) == "tables":
		return "table"
	case at(2) == "orchestrate":
		return "workflow"
	case at(3) == "live" && slices.Contains([]string{"platform", "pipelines", "access", "waivers"}, base):
		return base
	}
	return ""
}

// files are the repository's YAML files that have a schema, test projects' too.
func files(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(repository, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(repository, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() && (rel == "bin" || rel != "." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if kind := kindOf(rel); kind != "" && !d.IsDir() {
			found[rel] = kind
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%d files, %v", len(found), err)
	}
	return found
}

func TestEveryFileValidates(t *testing.T) {
	validate := compile(t)
	for name, kind := range files(t) {
		text, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(kind, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEveryFileNamesItsSchema leaves other packages' test projects out.
func TestEveryFileNamesItsSchema(t *testing.T) {
	for name, kind := range files(t) {
		if strings.Contains(name, "testdata/") && !strings.HasPrefix(name, "runtime/project/") && !strings.HasPrefix(name, "runtime/live/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		target, ok := strings.CutPrefix(strings.TrimSpace(first), "# yaml-language-server: $schema=")
		if want := "runtime/schemas/" + kind + ".schema.json"; !ok || path.Join(path.Dir(name), target) != want {
			up := strings.Repeat("../", strings.Count(name, "/"))
			t.Errorf("%s begins with %q; write # yaml-language-server: $schema=%s%s", name, first, up, want)
		}
	}
}

func TestBrokenFilesDoNotValidate(t *testing.T) {
	validate := compile(t)
	const (
		source   = "version: 1\nkind: rest\nclient: {base_url: https://a.example}\nresources: [{name: a, endpoint: {}}]\n"
		table    = "version: 1\ncolumns: [{name: a, type: long}]\n"
		workflow = "version: 1\nsteps: [{name: a, ingest: {source: b}}]\n"
		platform = "version: 1\naccount: \"123456789012\"\nnetwork: {egress: public}\nretention: {logs_days: 14, snapshots: 168h}\n"
		pipes    = "version: 1\nworkflows: [{name: a}]\nsources: {a: {vars: {b: [c]}}}\n"
		access   = "version: 1\ngrants: [{principal: a, schemas: [b]}]\n"
	)
	good := map[string]string{"source": source, "table": table, "workflow": workflow, "platform": platform, "pipelines": pipes, "access": access}
	for _, kind := range slices.Sorted(maps.Keys(good)) {
		if err := validate(kind, []byte(good[kind])); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	for _, tc := range []struct{ kind, old, new string }{
		{"source", "version: 1\n", ""},
		{"source", "version: 1", "version: 2"},
		{"source", "kind: rest", "kind: ftp"},
		{"source", "kind: rest", "kind: rest\nregion: eu"},
		{"source", "name: a,", ""},
		{"source", "resources: [{name: a, endpoint: {}}]", "resources: []"},
		{"source", "endpoint: {}", "endpoint: {pth: a}"},
		{"source", "endpoint: {}", "endpoint: {paginator: {type: pages}}"},
		{"source", "endpoint: {}", "endpoint: {}, write_disposition: replace"},
		{"source", "base_url: https://a.example", "base_url: https://a.example, concurrency: 100"},
		{"source", "kind: rest", "kind: rest\nvars: {a: {b: c}}"},
		{"source", "kind: rest", "kind: rest\nvars: {a: [1]}"},
		{"table", "type: long", "typ: long"},
		{"table", "[{name: a, type: long}]", "[]"},
		{"table", "type: long", "type: 5"},
		{"table", "type: long", "type: long, format: iso"},
		{"table", "version: 1\n", "version: 1\non_break: {bad_rows: drop}\n"},
		{"table", "version: 1\n", "version: 1\nkey: a\n"},
		{"workflow", ", ingest: {source: b}", ""},
		{"workflow", "source: b}", "source: b}, transform: {}"},
		{"workflow", "source: b}", "source: b}, retries: 11"},
		{"workflow", "ingest: {source: b}", "transform: {command: biuld}"},
		{"platform", "egress: public", "egress: internet"},
		{"platform", "logs_days: 14", "logs_days: 15"},
		{"platform", "snapshots: 168h", "snapshots: 7"},
		{"platform", "\"123456789012\"", "123456789012"},
		{"platform", "\"123456789012\"", "\"1234\""},
		{"platform", "version: 1", "version: 1\nbudget: {monthly_usd: 0}"},
		{"pipelines", "name: a", "nam: a"},
		{"pipelines", "[c]", "{c: d}"},
		{"access", "schemas: [b]", "schemas: []"},
		{"access", "grants: [", "grants: [{schemas: [b]}, "},
		{"access", "grants:", "grant:"},
	} {
		text := strings.Replace(good[tc.kind], tc.old, tc.new, 1)
		if text == good[tc.kind] {
			t.Fatalf("%s: %q is not there", tc.kind, tc.old)
		}
		if err := validate(tc.kind, []byte(text)); err == nil {
			t.Errorf("%s is taken:\n%s", tc.kind, text)
		}
	}
}

// compile reads the schemas as an editor would.
func compile(t *testing.T) func(kind string, text []byte) error {
	t.Helper()
	compiled := map[string]*jsonschema.Schema{}
	for kind := range kinds {
		s, err := jsonschema.NewCompiler().Compile(kind + ".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		compiled[kind] = s
	}
	return func(kind string, text []byte) error {
		asJSON, err := yaml.YAMLToJSON(text)
		if err != nil {
			return err
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
		if err != nil {
			return err
		}
		return compiled[kind].Validate(value)
	}
}
