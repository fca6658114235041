package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// parseSet reads --set key=value flags. A key that two flags set is an error:
// the second would hide the first.
func parseSet(flags []string) (map[string]string, error) {
	set := map[string]string{}
	for _, f := range flags {
		key, value, ok := strings.Cut(f, "=")
		if !ok || key == "" {
			return nil, fault.New(fault.Usage, fmt.Errorf("--set %q: write key=value", f), "")
		}
		if _, twice := set[key]; twice {
			return nil, fault.New(fault.Usage, fmt.Errorf("--set %s is given twice; a list is one value with commas: --set %s=a,b", key, key), "")
		}
		set[key] = value
	}
	return set, nil
}

// overrides are what live/<stack>/pipelines.yaml says of a source's vars.
func (a *app) overrides(p *project.Project, source string) (map[string]any, error) {
	if a.stack == "" {
		return nil, nil
	}
	stack, err := live.Load(p, a.stack)
	if err != nil {
		return nil, err
	}
	return stack.SourceVars(source), nil
}

// vars resolves a source's vars: --set, then the stack's, then source.yaml's.
func (a *app) vars(p *project.Project, s *project.Source, set map[string]string) (map[string]any, error) {
	over, err := a.overrides(p, s.Name)
	if err != nil {
		return nil, err
	}
	return s.ResolveVars(set, over)
}

// source finds a source by name.
func source(p *project.Project, name string) (*project.Source, error) {
	if s, ok := p.Sources[name]; ok {
		return s, nil
	}
	return nil, fault.New(fault.Usage, fmt.Errorf("there is no source %q; this project has %s", name, known(p.Sources)), "floe new source "+name)
}

// workflow finds a workflow by name; the only one where no name is given.
func workflow(p *project.Project, args []string) (*project.Workflow, error) {
	if len(args) == 0 && len(p.Workflows) == 1 {
		for _, w := range p.Workflows {
			return w, nil
		}
	}
	if len(args) == 0 {
		return nil, fault.New(fault.Usage, fmt.Errorf("which workflow? This project has %s", known(p.Workflows)), "floe run <workflow>")
	}
	if w, ok := p.Workflows[args[0]]; ok {
		return w, nil
	}
	return nil, fault.New(fault.Usage, fmt.Errorf("there is no workflow %q; this project has %s", args[0], known(p.Workflows)), "")
}

func known[V any](m map[string]V) string {
	names := slices.Sorted(maps.Keys(m))
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// setForWorkflow splits the --set of a run over the sources that it ingests.
// A key that no source has is a usage error naming what there is.
func setForWorkflow(p *project.Project, w *project.Workflow, set map[string]string) (map[string]map[string]string, error) {
	bySource := map[string]map[string]string{}
	used := map[string]bool{}
	have := map[string]bool{}
	for _, step := range w.Steps {
		if step.Ingest == nil {
			continue
		}
		s, err := source(p, step.Ingest.Source)
		if err != nil {
			return nil, err
		}
		bySource[s.Name] = map[string]string{}
		for key := range s.Vars {
			have[key] = true
			if value, ok := set[key]; ok {
				bySource[s.Name][key] = value
				used[key] = true
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if !used[key] {
			return nil, fault.New(fault.Usage, fmt.Errorf("--set %s: no source of workflow %s has a var of that name; there is %s", key, w.Name, known(have)), "")
		}
	}
	return bySource, nil
}
