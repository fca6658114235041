package workflows

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Repository is what is checked, and what the checks ask of the rest.
type Repository struct {
	Root    string
	Files   []File
	Targets []string // of the Makefile
	Stacks  []string // the folders of live/
	Pulumi  string   // the version that infra/go.mod builds on, without v
}

// File is a workflow or an action.
type File struct {
	Name string // under the root: .github/workflows/ci.yml
	Text string
	all  any // the file as it was parsed
	tree
}

// tree is what the checks read of a file.
type tree struct {
	On          any               `yaml:"on"`
	Permissions any               `yaml:"permissions"`
	Concurrency any               `yaml:"concurrency"`
	Env         map[string]string `yaml:"env"`
	Jobs        map[string]job    `yaml:"jobs"`
	Runs        *struct {
		Steps []step `yaml:"steps"`
	} `yaml:"runs"` // of an action
}

type job struct {
	Uses     string `yaml:"uses"` // a workflow in place of steps
	If       string `yaml:"if"`
	Needs    any    `yaml:"needs"`
	Strategy struct {
		Matrix any `yaml:"matrix"`
	} `yaml:"strategy"`
	Permissions any               `yaml:"permissions"`
	Concurrency any               `yaml:"concurrency"`
	Environment any               `yaml:"environment"`
	Timeout     any               `yaml:"timeout-minutes"`
	Env         map[string]string `yaml:"env"`
	Steps       []step            `yaml:"steps"`
}

type step struct {
	Uses     string            `yaml:"uses"`
	Run      string            `yaml:"run"`
	If       string            `yaml:"if"`
	With     map[string]any    `yaml:"with"`
	Env      map[string]string `yaml:"env"`
	Timeout  any               `yaml:"timeout-minutes"`
	Continue any               `yaml:"continue-on-error"`
}

// action is what a step uses, without its version.
func (s step) action() string {
	name, _, _ := strings.Cut(s.Uses, "@")
	return name
}

func (f File) isAction() bool { return f.Runs != nil }

// certain says whether the job ends where the step fails, and never leaves it out.
func (s step) certain() bool { return s.If == "" && s.Continue == nil }

// steps are those of all jobs, or of the action.
func (f File) steps() []step {
	var all []step
	if f.Runs != nil {
		all = f.Runs.Steps
	}
	for _, name := range sorted(f.Jobs) {
		all = append(all, f.Jobs[name].Steps...)
	}
	return all
}

// used are the actions and workflows that the file uses.
func (f File) used() []string {
	var all []string
	for _, name := range sorted(f.Jobs) {
		all = append(all, f.Jobs[name].Uses)
	}
	for _, s := range f.steps() {
		all = append(all, s.Uses)
	}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

// after is the comment that follows what a line of the file uses.
func (f File) after(name string) string {
	for line := range strings.Lines(f.Text) {
		if _, rest, found := strings.Cut(line, name); found {
			return strings.TrimLeft(strings.TrimSpace(rest), "\"'} ")
		}
	}
	return ""
}

var (
	target  = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
	version = regexp.MustCompile(`(?m)^\s*github\.com/pulumi/pulumi/sdk/v3 v(\S+)`)
)

// Read reads a repository's workflows and actions.
func Read(root string) (*Repository, error) {
	r := &Repository{Root: root}
	var names []string
	for _, pattern := range []string{".github/workflows/*.y*ml", ".github/actions/*/action.y*ml"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", pattern, err)
		}
		names = append(names, found...)
	}
	for _, path := range names {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read a workflow: %w", err)
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return nil, fmt.Errorf("name %s: %w", path, err)
		}
		if err := r.add(filepath.ToSlash(name), string(text)); err != nil {
			return nil, err
		}
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		return nil, fmt.Errorf("read the targets: %w", err)
	}
	for _, m := range target.FindAllStringSubmatch(string(makefile), -1) {
		r.Targets = append(r.Targets, m[1])
	}
	platforms, err := filepath.Glob(filepath.Join(root, "live", "*", "platform.yaml"))
	if err != nil {
		return nil, fmt.Errorf("find the stacks: %w", err)
	}
	for _, path := range platforms {
		r.Stacks = append(r.Stacks, filepath.Base(filepath.Dir(path)))
	}
	modules, err := os.ReadFile(filepath.Join(root, "infra", "go.mod"))
	if err != nil {
		return nil, fmt.Errorf("read Pulumi's version: %w", err)
	}
	if m := version.FindSubmatch(modules); m != nil {
		r.Pulumi = string(m[1])
	}
	return r, nil
}

// add reads a file of the repository, in place of one of that name.
func (r *Repository) add(name, text string) error {
	f := File{Name: name, Text: text}
	if err := yaml.Unmarshal([]byte(text), &f.tree); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := yaml.Unmarshal([]byte(text), &f.all); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	r.Files = slices.DeleteFunc(r.Files, func(old File) bool { return old.Name == name })
	r.Files = append(r.Files, f)
	return nil
}
