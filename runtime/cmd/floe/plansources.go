package main

import (
	"fmt"
	"iter"
	"reflect"
	"slices"

	"github.com/floe-data/floe/runtime/project"
)

func sortedNames(names iter.Seq[string]) []string { return slices.Sorted(names) }

// diffSources compares what is loaded, and how.
func diffSources(was, now side) []projectChange {
	var changes []projectChange
	for _, name := range keys(was.Sources, now.Sources) {
		old, s := was.Sources[name], now.Sources[name]
		switch {
		case old == nil:
			changes = append(changes, projectChange{Area: "source", Name: name, Change: "added", Detail: plural(int64(len(s.Resources)), "resource") + " from " + s.Client.BaseURL})
		case s == nil:
			changes = append(changes, projectChange{Area: "source", Name: name, Change: "removed", Breaking: true, Detail: "its tables stay, and are no longer loaded"})
		default:
			changes = append(changes, diffSource(name, old, s)...)
		}
	}
	return changes
}

func diffSource(name string, old, s *project.Source) []projectChange {
	var changes []projectChange
	changed := func(what, detail string) {
		changes = append(changes, projectChange{Area: "source", Name: name, Change: what, Detail: detail})
	}
	changes = append(changes, setting("source", name, "", "base_url", old.Client.BaseURL, s.Client.BaseURL)...)
	client, formerClient := s.Client, old.Client
	client.BaseURL, formerClient.BaseURL = "", ""
	for _, part := range []struct {
		what     string
		was, now any
	}{
		{"set-vars", old.Vars, s.Vars}, {"set-auth", formerClient.Auth, client.Auth},
		{"set-client", withoutAuth(formerClient), withoutAuth(client)}, {"set-resource_defaults", old.Defaults, s.Defaults},
	} {
		if !reflect.DeepEqual(part.was, part.now) {
			changed(part.what, "")
		}
	}
	before, after := resources(old), resources(s)
	for _, resource := range keys(before, after) {
		o, isOld := before[resource]
		r, isNew := after[resource]
		switch {
		case !isOld:
			changed("add-resource", resource)
		case !isNew:
			changed("remove-resource", resource)
		case !reflect.DeepEqual(o, r):
			changed("change-resource", resource)
		}
	}
	return changes
}

func withoutAuth(c project.Client) project.Client {
	c.Auth = nil
	return c
}

func resources(s *project.Source) map[string]project.Resource {
	all := map[string]project.Resource{}
	for _, r := range s.Resources {
		all[r.Name] = r
	}
	return all
}

// diffWorkflows compares what runs in which order and when.
func diffWorkflows(was, now side) []projectChange {
	var changes []projectChange
	for _, name := range keys(was.Workflows, now.Workflows) {
		old, w := was.Workflows[name], now.Workflows[name]
		switch {
		case old == nil:
			changes = append(changes, projectChange{Area: "workflow", Name: name, Change: "added", Detail: plural(int64(len(w.Steps)), "step")})
		case w == nil:
			changes = append(changes, projectChange{Area: "workflow", Name: name, Change: "removed", Breaking: true, Detail: "nothing runs it any more"})
		default:
			changes = append(changes, setting("workflow", name, "", "schedule", old.Schedule, w.Schedule)...)
			changes = append(changes, diffSteps(name, old.Steps, w.Steps)...)
		}
	}
	return changes
}

func diffSteps(name string, was, now []project.Step) []projectChange {
	var changes []projectChange
	before, after := steps(was), steps(now)
	for _, step := range keys(before, after) {
		old, isOld := before[step]
		s, isNew := after[step]
		change := ""
		switch {
		case !isOld:
			change = "add-step"
		case !isNew:
			change = "remove-step"
		case !reflect.DeepEqual(old, s):
			change = "change-step"
		default:
			continue
		}
		changes = append(changes, projectChange{Area: "workflow", Name: name, Change: change, Detail: step})
	}
	if len(changes) == 0 && !reflect.DeepEqual(was, now) {
		changes = append(changes, projectChange{Area: "workflow", Name: name, Change: "set-order", Detail: fmt.Sprintf("%d steps", len(now))})
	}
	return changes
}

func steps(all []project.Step) map[string]project.Step {
	byName := map[string]project.Step{}
	for _, s := range all {
		byName[s.Name] = s
	}
	return byName
}
