package live

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/nearest"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/yamlfile"
)

// Stack is an environment, read and checked.
type Stack struct {
	Name      string
	Region    string // from stacks/Pulumi.<stack>.yaml
	Platform  Platform
	Pipelines Pipelines
	Access    Access
	Waivers   Waivers
}

// stackName is what a stack is named like; its name becomes part of others.
var stackName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// Names lists the stacks that have a folder in live/; those of changes have none.
func Names(root string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(root, "live"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the stacks: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Load reads and checks a stack's files against a project that was loaded.
// What is wrong is told all at once, as a fault.Usage.
func Load(p *project.Project, stack string) (*Stack, error) {
	names, err := Names(p.Root)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, Folder(stack)) {
		return nil, fault.New(fault.Usage, fmt.Errorf("there is no stack %q: live/ has %s", stack, known(names)), "name one of them, or make the folder live/"+Folder(stack)+" after live/dev")
	}
	if OfChange(stack) && slices.Contains(names, stack) {
		return nil, fault.New(fault.Usage, fmt.Errorf("live/%s: %[1]s is the stack of pull request %s, which has live/dev's files", stack, strings.TrimPrefix(stack, "pr-")), "rename the folder")
	}
	if !stackName.MatchString(stack) {
		return nil, fault.New(fault.Usage, fmt.Errorf("live/%s: a stack's name is lower-case letters, digits and -, a letter first, at most 32", stack), "rename the folder")
	}
	s := &Stack{Name: stack}
	c := checker{project: p, stack: s, folder: Folder(stack)}
	files := []*yamlfile.File{c.region(), c.platform(), c.pipelines(), c.access(), c.waivers()}
	var problems yamlfile.Problems
	for _, f := range files {
		problems = append(problems, f.Problems()...)
	}
	problems = append(problems, c.contracts()...)
	problems = append(problems, overlooked(p.Root, c.folder)...)
	problems = append(problems, alike(slices.Sorted(maps.Keys(p.Sources)), "sources", "runtime/pipelines/ingest/%s/source.yaml")...)
	problems = append(problems, alike(slices.Sorted(maps.Keys(p.Workflows)), "workflows", "runtime/pipelines/orchestrate/%s.yaml")...)
	if OfChange(stack) {
		s.forChange()
	}
	return s, problems.Err()
}

// alike finds names that AWS could not tell apart, where - stands for whatever
// is between letters and digits. file is where a name is from.
func alike(names []string, what, file string) yamlfile.Problems {
	var problems yamlfile.Problems
	seen := map[string]string{}
	for _, name := range names {
		parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
		folded := strings.Join(parts, "-")
		if other, taken := seen[folded]; taken {
			problems = append(problems, yamlfile.Problem{File: fmt.Sprintf(file, name),
				Text: fmt.Sprintf("found %s %s and %s, which would both be named %s in AWS; rename one of them", what, other, name, folded)})
			continue
		}
		seen[folded] = name
	}
	return problems
}

// SourceVars are the values that the stack gives a source's vars.
func (s *Stack) SourceVars(source string) map[string]any {
	return maps.Clone(s.Pipelines.Sources[source].Vars)
}

// overlooked finds files in live/<stack> that nothing reads.
func overlooked(root, stack string) yamlfile.Problems {
	read := []string{"platform.yaml", "pipelines.yaml", "access.yaml", "waivers.yaml"}
	entries, err := os.ReadDir(filepath.Join(root, "live", stack))
	if err != nil {
		return nil // the files themselves tell
	}
	var problems yamlfile.Problems
	for _, e := range entries {
		if extension := filepath.Ext(e.Name()); slices.Contains(read, e.Name()) || extension != ".yaml" && extension != ".yml" {
			continue
		}
		problems = append(problems, yamlfile.Problem{File: path.Join("live", stack, e.Name()), Text: "found a file that nothing reads; " + meant(e.Name(), read)})
	}
	return problems
}

// meant says what an unknown name was meant to be.
func meant(name string, names []string) string {
	if near := nearest.Word(name, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "known: " + known(names)
}

func known(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
