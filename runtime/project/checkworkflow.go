package project

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/yamlfile"
)

// workflowCheck finds what is wrong in one workflow.
type workflowCheck struct {
	file     *yamlfile.File
	workflow *Workflow
	sources  map[string]*Source
	unsound  map[string]bool // sources of which the resources were not understood
	names    []string        // of the steps
	longest  time.Duration   // that a step of the project may take
}

// longestStep is the most that a step of any workflow may take.
func longestStep(workflows map[string]*Workflow) time.Duration {
	longest := DefaultTimeout
	for _, w := range workflows {
		for _, s := range w.Steps {
			if d, err := ParseDuration(s.Timeout); err == nil {
				longest = max(longest, d)
			}
		}
	}
	return longest
}

func (c *workflowCheck) all() {
	if c.workflow.Schedule != "" {
		if err := CheckSchedule(c.workflow.Schedule); err != nil {
			c.file.Errorf("schedule", "%v", err)
		}
	}
	for i, s := range c.workflow.Steps {
		key := yamlfile.Key("steps", i, "name")
		switch {
		case !plainName.MatchString(s.Name):
			c.file.Errorf(key, "found %q; %s", s.Name, plainNameIs)
		case slices.Contains(c.names, s.Name):
			c.file.Errorf(key, "found %s twice; give each step a name of its own", s.Name)
		}
		c.names = append(c.names, s.Name)
	}
	for i := range c.workflow.Steps {
		c.step(yamlfile.Key("steps", i), &c.workflow.Steps[i])
	}
	c.circle()
}

func (c *workflowCheck) step(key string, s *Step) {
	for i, name := range s.After {
		at := yamlfile.Key(key, "after", i)
		switch {
		case name == s.Name:
			c.file.Errorf(at, "found %s, the step itself; name another", name)
		case !slices.Contains(c.names, name):
			c.file.Errorf(at, "found %s, which is no step; %s", name, meant(name, c.names, ""))
		}
	}
	c.duration(key+".timeout", s.Timeout)
	c.act(key, s)
	if s.Ingest != nil {
		c.ingest(key+".ingest", s.Ingest)
	}
	if m := s.Maintain; m != nil {
		c.duration(key+".maintain.keep_snapshots", m.KeepSnapshots)
		c.orphans(key+".maintain.orphans_after", m.OrphansAfter)
		for i, name := range m.Schemas {
			if !plainName.MatchString(name) {
				c.file.Errorf(yamlfile.Key(key, "maintain", "schemas", i), "found %q; %s", name, plainNameIs)
			}
		}
	}
}

// act checks that a step does exactly one thing.
func (c *workflowCheck) act(key string, s *Step) {
	var acts []string
	for name, set := range map[string]bool{"ingest": s.Ingest != nil, "transform": s.Transform != nil, "maintain": s.Maintain != nil} {
		if set || !c.file.Sound(key+"."+name) {
			acts = append(acts, name)
		}
	}
	slices.Sort(acts)
	switch len(acts) {
	case 0:
		c.file.Errorf(key, "found a step that does nothing; write ingest: {source: …}, transform: {} or maintain: {}")
	case 1:
	default:
		c.file.Errorf(key, "found %s in one step; write a step for each", strings.Join(acts, " and "))
	}
}

func (c *workflowCheck) ingest(key string, s *IngestStep) {
	source, ok := c.sources[s.Source]
	if !ok {
		c.file.Errorf(key+".source", "found %q, but there is no such folder in %s; %s", s.Source, ingestDir, meant(s.Source, slices.Sorted(maps.Keys(c.sources)), ""))
		return
	}
	if c.unsound[s.Source] {
		return
	}
	var landed []string
	for _, r := range source.Resources {
		if r.Lands() {
			landed = append(landed, r.Name)
		}
	}
	for i, name := range s.Resources {
		if !slices.Contains(landed, name) {
			c.file.Errorf(yamlfile.Key(key, "resources", i), "found %s, which source %s does not land; %s", name, s.Source, meant(name, landed, ""))
		}
	}
}

func (c *workflowCheck) duration(key, text string) {
	if text == "" {
		return
	}
	if _, err := ParseDuration(text); err != nil {
		c.file.Errorf(key, "%v", err)
	}
}

// orphans refuses an age that files of a write may have which still goes on:
// nobody knows them until it commits.
func (c *workflowCheck) orphans(key, text string) {
	age := OrphansAfter
	if text != "" {
		var err error
		if age, err = ParseDuration(text); err != nil {
			c.file.Errorf(key, "%v", err)
			return
		}
	}
	if least := c.longest + orphansMargin; age < least {
		c.file.Errorf(key, "found %v, but a step of the project may take %v, and the files of a write that goes on look like orphans; write at least %v", age, c.longest, least)
	}
}

// circle finds steps that wait for each other. A step without after waits for
// the one before it.
func (c *workflowCheck) circle() {
	done := map[string]bool{}
	for progress := true; progress; {
		progress = false
		for i, s := range c.workflow.Steps {
			waits := func(name string) bool { return !done[name] && slices.Contains(c.names, name) }
			if !done[s.Name] && !slices.ContainsFunc(c.after(i), waits) {
				done[s.Name], progress = true, true
			}
		}
	}
	var stuck []string
	first := -1
	for i, s := range c.workflow.Steps {
		if !done[s.Name] && !slices.Contains(s.After, s.Name) {
			stuck = append(stuck, s.Name)
			if first < 0 {
				first = i
			}
		}
	}
	if len(stuck) > 1 {
		c.file.Errorf(yamlfile.Key("steps", first, "after"), "found steps that wait for each other: %s; let one of them wait for none", strings.Join(stuck, ", "))
	}
}

// after are the steps that a step waits for.
func (c *workflowCheck) after(i int) []string {
	s := c.workflow.Steps[i]
	if s.After == nil && i > 0 {
		return []string{c.workflow.Steps[i-1].Name}
	}
	return s.After
}
