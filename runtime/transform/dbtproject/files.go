package dbtproject

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/transform/yamltree"
)

// File is one text of the project.
type File struct {
	Path string // from the project's root, with slashes: "models/staging/stg_games.sql"
	Rel  string // from its search path: "staging/stg_games.sql"
	Text string
}

// Stem is the file's name without folders and extension.
func (f File) Stem() string {
	return strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))
}

// Folders are the folders between the search path and the file.
func (f File) Folders() []string {
	dir := path.Dir(f.Rel)
	if dir == "." {
		return nil
	}
	return strings.Split(dir, "/")
}

// Doc is a {% docs %} block.
type Doc struct {
	Name string
	Text string
	File string
}

// Package is a project's or an installed package's files.
type Package struct {
	*Config
	Models       []File
	Tests        []File // singular tests
	GenericTests []File // tests/generic: {% test %} blocks
	Macros       []File
	Seeds        []File // Text is empty: see ReadSeed
	Docs         []Doc
	Properties   []Properties
}

// ReadFiles reads everything but dbt_project.yml. render may be nil.
func ReadFiles(c *Config, render Renderer) (*Package, error) {
	p := &Package{Config: c}
	r := &yamltree.Reader{}
	w := walker{p: p, r: r, render: render, seen: map[string]bool{}}
	steps := []struct {
		paths []string
		visit func(File) error
	}{
		{c.ModelPaths, w.model}, {c.SeedPaths, w.seed}, {c.TestPaths, w.test},
		{c.MacroPaths, w.macro}, {c.SnapshotPaths, w.snapshot}, {c.DocsPaths, w.docs},
	}
	for _, s := range steps {
		for _, dir := range s.paths {
			if err := w.walk(dir, s.visit); err != nil {
				return nil, err
			}
		}
	}
	if err := r.Problems.Err(); err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("project %s is not right:\n%w", c.Name, err), "")
	}
	return p, nil
}

// Installed reads the dbt_project.yml of the packages in the project's packages folder.
func Installed(c *Config, render Renderer) ([]*Config, error) {
	dir := filepath.Join(c.Root, filepath.FromSlash(c.PackagesPath))
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read installed packages: %w", err)
	}
	var out []*Config
	for _, e := range entries {
		sub := filepath.Join(dir, e.Name())
		if _, err := os.Stat(filepath.Join(sub, FileName)); err != nil {
			continue
		}
		pc, err := ReadConfig(sub, render)
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", e.Name(), err)
		}
		out = append(out, pc)
	}
	if len(out) > 0 {
		return out, nil
	}
	for _, name := range []string{"packages.yml", "dependencies.yml"} {
		text, err := os.ReadFile(filepath.Join(c.Root, name))
		if err == nil && strings.Contains(string(text), "packages:") {
			return nil, fault.New(fault.Usage, fmt.Errorf("%s names packages and %s holds none: floe fetches none itself", name, dir),
				"run `dbt deps` once, or copy the packages to "+dir)
		}
	}
	return nil, nil
}

type walker struct {
	p      *Package
	r      *yamltree.Reader
	render Renderer
	seen   map[string]bool
}

func (w *walker) walk(dir string, visit func(File) error) error {
	base := filepath.Join(w.p.Root, filepath.FromSlash(dir))
	err := filepath.WalkDir(base, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != base && strings.HasPrefix(e.Name(), "."):
			return filepath.SkipDir
		case e.IsDir() || strings.HasPrefix(e.Name(), "."):
			return nil
		}
		rel, err := filepath.Rel(base, name)
		if err != nil {
			return err
		}
		f := File{Path: path.Join(filepath.ToSlash(dir), filepath.ToSlash(rel)), Rel: filepath.ToSlash(rel)}
		if w.seen[f.Path] {
			return nil
		}
		if err := w.load(name, &f); err != nil {
			return err
		}
		if err := visit(f); err != nil {
			return err
		}
		w.seen[f.Path] = true
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

var readable = []string{".sql", ".yml", ".yaml", ".md"}

func (w *walker) load(name string, f *File) error {
	if !slices.Contains(readable, path.Ext(f.Path)) {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	f.Text = strings.ReplaceAll(string(text), "\r\n", "\n")
	return nil
}

// shared takes what may stand under any path: property files and doc blocks.
func (w *walker) shared(f File) (bool, error) {
	switch path.Ext(f.Path) {
	case ".yml", ".yaml":
		return true, w.properties(f)
	case ".md":
		return true, w.docs(f)
	}
	return false, nil
}

func (w *walker) model(f File) error {
	if done, err := w.shared(f); done {
		return err
	}
	switch path.Ext(f.Path) {
	case ".sql":
		w.p.Models = append(w.p.Models, f)
	case ".py":
		w.r.Problems = append(w.r.Problems, yamltree.Problem{File: f.Path, Line: 1, Msg: "Python models are not supported: write the model in SQL"})
	}
	return nil
}

func (w *walker) seed(f File) error {
	if done, err := w.shared(f); done {
		return err
	}
	if path.Ext(f.Path) == ".csv" {
		w.p.Seeds = append(w.p.Seeds, f)
	}
	return nil
}

func (w *walker) test(f File) error {
	if done, err := w.shared(f); done {
		return err
	}
	if path.Ext(f.Path) != ".sql" {
		return nil
	}
	if strings.HasPrefix(f.Rel, "generic/") {
		w.p.GenericTests = append(w.p.GenericTests, f)
		return nil
	}
	w.p.Tests = append(w.p.Tests, f)
	return nil
}

func (w *walker) macro(f File) error {
	if done, err := w.shared(f); done {
		return err
	}
	if path.Ext(f.Path) == ".sql" {
		w.p.Macros = append(w.p.Macros, f)
	}
	return nil
}

var snapshotBlock = regexp.MustCompile(`\{%-?\s*snapshot\s+(\w+)`)

func (w *walker) snapshot(f File) error {
	if done, err := w.shared(f); done {
		return err
	}
	if m := snapshotBlock.FindStringSubmatchIndex(f.Text); m != nil {
		w.r.Problems = append(w.r.Problems, yamltree.Problem{File: f.Path, Line: 1 + strings.Count(f.Text[:m[0]], "\n"),
			Msg: fmt.Sprintf("snapshot %s: snapshots are not supported; every table keeps its own history (Iceberg snapshots), or write an incremental model with incremental_strategy: merge", f.Text[m[2]:m[3]])})
	}
	return nil
}

var docsBlock = regexp.MustCompile(`(?s)\{%-?\s*docs\s+(\w+)\s*-?%\}(.*?)\{%-?\s*enddocs\s*-?%\}`)

func (w *walker) docs(f File) error {
	if path.Ext(f.Path) != ".md" {
		return nil
	}
	for _, m := range docsBlock.FindAllStringSubmatch(f.Text, -1) {
		w.p.Docs = append(w.p.Docs, Doc{Name: m[1], Text: strings.TrimSpace(m[2]), File: f.Path})
	}
	return nil
}
