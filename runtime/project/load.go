package project

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

	"github.com/floe-data/floe/runtime/nearest"
	"github.com/floe-data/floe/runtime/yamlfile"
)

// Where the files lie under the root.
const (
	ingestDir      = "runtime/pipelines/ingest"
	orchestrateDir = "runtime/pipelines/orchestrate"
	transformDir   = "runtime/pipelines/transform"
)

// Load reads and checks all sources, contracts and workflows under root. What
// is wrong is told all at once, as a fault.Usage.
func Load(root string) (*Project, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("load the project %s: %w", root, err)
	}
	l := loader{root: root, unsound: map[string]bool{}, project: &Project{Root: root, Sources: map[string]*Source{}, Workflows: map[string]*Workflow{},
		TransformDir: filepath.Join(root, filepath.FromSlash(transformDir))}}
	l.name()
	if l.project.Models, err = models(root); err != nil {
		return nil, err
	}
	if err := l.sources(); err != nil {
		return nil, err
	}
	if err := l.workflows(); err != nil {
		return nil, err
	}
	return l.project, l.problems.Err()
}

// nameForm is what Pulumi takes as a project's name.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}$`)

// pulumiProject is Pulumi.yaml. The keys are Pulumi's own.
type pulumiProject struct {
	Name           string `yaml:"name"`
	Description    string `yaml:"description,omitempty"`
	Runtime        any    `yaml:"runtime,omitempty"`
	Main           string `yaml:"main,omitempty"`
	StackConfigDir string `yaml:"stackConfigDir,omitempty"`
	Author         string `yaml:"author,omitempty"`
	Website        string `yaml:"website,omitempty"`
	License        string `yaml:"license,omitempty"`
	Backend        any    `yaml:"backend,omitempty"`
	Config         any    `yaml:"config,omitempty"`
	Options        any    `yaml:"options,omitempty"`
	Template       any    `yaml:"template,omitempty"`
	Plugins        any    `yaml:"plugins,omitempty"`
	Packages       any    `yaml:"packages,omitempty"`
}

// name reads the project's name out of Pulumi's own file.
func (l *loader) name() {
	var settings pulumiProject
	f := yamlfile.Read(l.root, marker, &settings, yamlfile.Options{Foreign: true})
	if f.Sound("name") && !nameForm.MatchString(settings.Name) {
		f.Errorf("name", "found %q; write the project's name, in letters, digits, -, _ and .", settings.Name)
	}
	l.project.Name = settings.Name
	l.problems = append(l.problems, f.Problems()...)
}

// loader reads a project and collects what is wrong with it.
type loader struct {
	root     string
	project  *Project
	problems yamlfile.Problems
	unsound  map[string]bool // sources of which the resources were not understood
}

// add notes a problem of a file or folder as a whole.
func (l *loader) add(file, format string, args ...any) {
	l.problems = append(l.problems, yamlfile.Problem{File: file, Text: fmt.Sprintf(format, args...)})
}

func (l *loader) sources() error {
	dirs, err := list(l.root, ingestDir)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		if !d.IsDir() {
			l.add(path.Join(ingestDir, d.Name()), "found a file; a source is a folder with a source.yaml")
			continue
		}
		if err := l.source(d.Name()); err != nil {
			return err
		}
	}
	return nil
}

// source reads one source with its contracts.
func (l *loader) source(name string) error {
	dir := path.Join(ingestDir, name)
	s := &Source{Name: name, File: path.Join(dir, "source.yaml"), Contracts: map[string]*Contract{}}
	if !fileExists(l.root, s.File) {
		l.add(dir, "the folder has no source.yaml; write one, or remove the folder")
		return nil
	}
	file := yamlfile.Read(l.root, s.File, s, yamlfile.Options{})
	l.project.Sources[name] = s
	if !plainName.MatchString(name) {
		file.Errorf("", "the folder's name %q is the source's: %s", name, plainNameIs)
	}
	(&sourceCheck{file: file, source: s}).all()
	tables, err := l.yamlFiles(path.Join(dir, "tables"))
	if err != nil {
		return err
	}
	for _, t := range tables {
		l.contract(s, file, t)
	}
	checkContracts(file, s)
	l.unsound[name] = !file.Sound("resources")
	l.problems = append(l.problems, file.Problems()...)
	return nil
}

// contract reads one contract and checks it by itself and against its resource.
func (l *loader) contract(s *Source, source *yamlfile.File, name string) {
	resource := strings.TrimSuffix(path.Base(name), ".yaml")
	c := &Contract{Name: "landing_" + s.Name + "." + resource, File: name}
	file := yamlfile.Read(l.root, name, c, yamlfile.Options{})
	s.Contracts[resource] = c
	(&contractCheck{file: file, contract: c}).all()
	if source.Sound("resources") {
		var landed []string
		for _, r := range s.Resources {
			if r.Lands() {
				landed = append(landed, r.Name)
			}
		}
		if !slices.Contains(landed, resource) {
			file.Errorf("", "no resource of %s lands in it; %s", s.File, meant(resource, landed, "add a resource named "+resource+", or remove this file"))
		}
	}
	l.problems = append(l.problems, file.Problems()...)
}

// checkContracts finds the landed resources without a contract.
func checkContracts(file *yamlfile.File, s *Source) {
	for i, r := range s.Resources {
		key := yamlfile.Key("resources", i, "name")
		if !r.Lands() || r.Name == "" {
			continue
		}
		c, ok := s.Contracts[r.Name]
		if !ok {
			file.Errorf(key, "resource %s has no contract; write %s, or land: false if it is only read for its children", r.Name, path.Join(path.Dir(s.File), "tables", r.Name+".yaml"))
			continue
		}
		if r.WriteDisposition == "merge" && len(c.Key) == 0 && len(c.Columns) > 0 {
			file.Errorf(yamlfile.Key("resources", i, "write_disposition"), "found merge, but the contract has no key; write key: in %s, or append here", c.File)
		}
	}
}

func (l *loader) workflows() error {
	files, err := l.yamlFiles(orchestrateDir)
	if err != nil {
		return err
	}
	var checks []*workflowCheck
	for _, name := range files {
		w := &Workflow{Name: strings.TrimSuffix(path.Base(name), ".yaml"), File: name}
		file := yamlfile.Read(l.root, name, w, yamlfile.Options{})
		l.project.Workflows[w.Name] = w
		if !plainName.MatchString(w.Name) {
			file.Errorf("", "the file's name %q is the workflow's: %s", w.Name, plainNameIs)
		}
		checks = append(checks, &workflowCheck{file: file, workflow: w, sources: l.project.Sources, unsound: l.unsound})
	}
	longest := longestStep(l.project.Workflows)
	for _, c := range checks {
		c.longest = longest
		c.all()
		l.problems = append(l.problems, c.file.Problems()...)
	}
	return nil
}

// yamlFiles lists the YAML files of a folder. What would be overlooked there is told.
func (l *loader) yamlFiles(dir string) ([]string, error) {
	entries, err := list(l.root, dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case e.IsDir():
			l.add(name, "found a folder; only .yaml files are read here")
		case strings.HasSuffix(e.Name(), ".yaml"):
			files = append(files, name)
		case strings.HasSuffix(e.Name(), ".yml"):
			l.add(name, "found .yml; name it %s", strings.TrimSuffix(e.Name(), ".yml")+".yaml")
		}
	}
	return files, nil
}

// list is the content of a folder under root, hidden entries left out; nothing
// where there is no such folder.
func list(root, dir string) ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(dir)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load the project: %w", err)
	}
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") }), nil
}

func fileExists(root, name string) bool {
	info, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
	return err == nil && !info.IsDir()
}

// models lists the transformation's models and seeds by name.
func models(root string) (map[string]string, error) {
	found := map[string]string{}
	for folder, extension := range map[string]string{"models": ".sql", "seeds": ".csv"} {
		base := filepath.Join(root, filepath.FromSlash(transformDir), folder)
		err := filepath.WalkDir(base, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(name) != extension {
				return err
			}
			rel, err := filepath.Rel(root, name)
			found[strings.TrimSuffix(d.Name(), extension)] = filepath.ToSlash(rel)
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("load the project: list the models: %w", err)
		}
	}
	return found, nil
}

// meant says what a name that is not known was meant to be.
func meant(name string, known []string, otherwise string) string {
	if near := nearest.Word(name, known); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	if otherwise != "" {
		return otherwise
	}
	switch len(known) {
	case 0:
		return "there is none"
	case 1:
		return "there is " + known[0]
	}
	return "there are " + strings.Join(known, ", ")
}
