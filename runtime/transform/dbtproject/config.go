package dbtproject

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/transform/yamltree"
)

// FileName is the file that makes a folder a project.
const FileName = "dbt_project.yml"

// Renderer renders a template that stands in YAML; a text that is one
// expression may become any value of Go's own (see yamltree.Of).
type Renderer func(path []string, line int, text string) (any, error)

// Config is dbt_project.yml.
type Config struct {
	Root string // the project's folder
	Name string

	ModelPaths    []string
	SeedPaths     []string
	TestPaths     []string
	MacroPaths    []string
	SnapshotPaths []string
	DocsPaths     []string // empty: model, seed, test and macro paths
	PackagesPath  string

	Vars     *yamltree.Value            // as written: strings are rendered when they are used
	Trees    map[string]*yamltree.Value // "models", "seeds", "tests", "sources": rendered
	OnStart  []Hook
	OnEnd    []Hook
	Dispatch map[string][]string // macro namespace -> search order
	Warnings []string
}

// Hook is SQL to be run before or after the nodes.
type Hook struct {
	SQL  string
	File string
	Line int
}

var topKeys = []string{
	"name", "version", "config-version", "profile", "model-paths", "seed-paths", "test-paths", "macro-paths",
	"analysis-paths", "snapshot-paths", "docs-paths", "asset-paths", "function-paths", "target-path", "log-path", "packages-install-path",
	"clean-targets", "quoting", "on-run-start", "on-run-end", "require-dbt-version", "dispatch", "models", "seeds",
	"snapshots", "tests", "data_tests", "unit_tests", "sources", "exposures", "metrics", "semantic-models",
	"saved-queries", "functions", "vars", "query-comment", "flags", "restrict-access", "dbt-cloud",
}

var projectName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// ReadConfig reads root's dbt_project.yml. render may be nil; it sees neither
// vars nor hooks nor the query comment, which are rendered when used.
func ReadConfig(root string, render Renderer) (*Config, error) {
	file := filepath.Join(root, FileName)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Usage, fmt.Errorf("no %s in %s: a dbt-format project has one with at least `name:`", FileName, root), "")
	}
	if err != nil {
		return nil, fmt.Errorf("read project: %w", err)
	}
	tree, err := yamltree.Parse(text)
	if err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("%s: %w", file, err), "")
	}
	if tree, err = renderTree(tree, render, file, skipLate); err != nil {
		return nil, err
	}
	r := &yamltree.Reader{File: FileName}
	c := decodeConfig(root, tree, r)
	if err := r.Problems.Err(); err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("%s is not right:\n%w", file, err), "")
	}
	return c, nil
}

// skipLate keeps what is rendered only when it is used.
func skipLate(path []string) bool {
	switch path[0] {
	case "vars", "on-run-start", "on-run-end", "query-comment":
		return true
	}
	switch path[len(path)-1] {
	case "pre-hook", "+pre-hook", "post-hook", "+post-hook", "pre_hook", "+pre_hook", "post_hook", "+post_hook":
		return true
	}
	return false
}

func renderTree(tree *yamltree.Value, render Renderer, file string, skip func([]string) bool) (*yamltree.Value, error) {
	if render == nil {
		return tree, nil
	}
	out, err := tree.Map(func(path []string, line int, text string) (any, error) {
		if len(path) > 0 && skip(path) {
			return text, nil
		}
		x, err := render(path, line, text)
		if err != nil {
			return nil, fault.New(fault.Usage, fmt.Errorf("%s:%d: render %q: %w", file, line, text, err), "")
		}
		return x, nil
	})
	return out, err
}

func decodeConfig(root string, tree *yamltree.Value, r *yamltree.Reader) *Config {
	c := &Config{Root: root, Trees: map[string]*yamltree.Value{}, Dispatch: map[string][]string{}}
	r.Keys(tree, "", topKeys...)
	c.Name = r.String(tree.Get("name"), "name")
	if !projectName.MatchString(c.Name) {
		r.Addf(keyLine(tree, "name"), "name", "found %q; a project's name is letters, digits and underscores", c.Name)
	}
	paths := func(key string, fallback ...string) []string {
		if v := tree.Get(key); v != nil {
			return r.Strings(v, key)
		}
		return fallback
	}
	c.ModelPaths = paths("model-paths", "models")
	c.SeedPaths = paths("seed-paths", "seeds")
	c.TestPaths = paths("test-paths", "tests")
	c.MacroPaths = paths("macro-paths", "macros")
	c.SnapshotPaths = paths("snapshot-paths", "snapshots")
	c.DocsPaths = paths("docs-paths")
	c.PackagesPath = r.String(tree.Get("packages-install-path"), "packages-install-path")
	if c.PackagesPath == "" {
		c.PackagesPath = "dbt_packages"
	}
	c.Vars = tree.Get("vars")
	decodeTrees(tree, c, r)
	c.OnStart = hooks(tree.Get("on-run-start"), "on-run-start", r)
	c.OnEnd = hooks(tree.Get("on-run-end"), "on-run-end", r)
	decodeDispatch(tree.Get("dispatch"), c, r)
	return c
}

func decodeTrees(tree *yamltree.Value, c *Config, r *yamltree.Reader) {
	for key, kind := range map[string]string{"models": "models", "seeds": "seeds", "tests": "tests", "data_tests": "tests", "sources": "sources"} {
		v := tree.Get(key)
		if v == nil || v.Kind == yamltree.Null {
			continue
		}
		if v.Kind != yamltree.Map {
			r.Addf(v.Line, key, "found %s; a mapping of folders and +keys is needed", v.Kind)
			continue
		}
		if c.Trees[kind] != nil {
			r.Addf(v.Line, key, "tests and data_tests are one thing: write data_tests only")
		}
		c.Trees[kind] = v
	}
	for _, key := range []string{"snapshots", "exposures", "metrics", "semantic-models", "saved-queries", "unit_tests", "functions"} {
		if v := tree.Get(key); v != nil && len(v.Pairs) > 0 {
			c.Warnings = append(c.Warnings, fmt.Sprintf("%s:%d: %s: floe has none; the configuration has no effect", FileName, v.Line, key))
		}
	}
}

func keyLine(v *yamltree.Value, key string) int {
	if x := v.Get(key); x != nil {
		return x.Line
	}
	return 1
}

func hooks(v *yamltree.Value, key string, r *yamltree.Reader) []Hook {
	var out []Hook
	if v == nil {
		return nil
	}
	items := v.Items
	if v.Kind != yamltree.List {
		items = []*yamltree.Value{v}
	}
	for _, x := range items {
		if s := r.String(x, key); s != "" {
			out = append(out, Hook{SQL: s, File: FileName, Line: x.Line})
		}
	}
	return out
}

func decodeDispatch(v *yamltree.Value, c *Config, r *yamltree.Reader) {
	for i, x := range r.List(v, "dispatch") {
		at := fmt.Sprintf("dispatch[%d]", i)
		r.Keys(x, at, "macro_namespace", "search_order")
		name := r.String(x.Get("macro_namespace"), at+".macro_namespace")
		c.Dispatch[name] = r.Strings(x.Get("search_order"), at+".search_order")
	}
}
