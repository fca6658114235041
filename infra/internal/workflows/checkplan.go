package workflows

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// production is the stack that only releases deploy.
const production = "prod"

// plans holds that a deploy does what a job before it has planned for that very
// stack, and somebody could read; and that a release deploys images that ran
// elsewhere, of a commit that was reviewed.
func plans(_ *Repository, f File) []string {
	var found []string
	for _, name := range sorted(f.Jobs) {
		j := f.Jobs[name]
		for _, v := range j.variants() {
			for i, s := range j.Steps {
				if goal, _ := s.goal(); goal == "deploy" {
					found = append(found, f.deploys(name, i, v)...)
				}
			}
		}
	}
	return found
}

// deploys looks at a job's step that deploys, and at what led to it.
func (f File) deploys(name string, at int, v variant) []string {
	j := f.Jobs[name]
	stack, plan := f.value(j, j.Steps[at], v, "STACK"), f.value(j, j.Steps[at], v, "PLAN")
	var found []string
	switch {
	case plan == "":
		found = append(found, fmt.Sprintf("job %s deploys what nobody read; make a plan before, and write PLAN=<its file>", name))
	case !f.planned(name, at, stack, plan, v):
		found = append(found, fmt.Sprintf("job %s deploys %s, which is not the plan of %q that a job which it needs has made (make preview PLAN=…) and uploaded; download that, and write PLAN=<its file>", name, plan, stack))
	}
	if strings.Contains(j.If, "always()") || strings.Contains(j.If, "cancelled()") || strings.Contains(j.If, "failure()") {
		found = append(found, fmt.Sprintf("job %s deploys also where a job failed that it needs; write its if without always(), cancelled() and failure()", name))
	}
	if !f.releases(stack) {
		return found
	}
	if !slices.ContainsFunc(j.Steps[:at], func(s step) bool {
		goal, _ := s.goal()
		return goal == "same-images" && s.certain() && f.value(j, s, v, "STACK") == stack
	}) {
		found = append(found, fmt.Sprintf("job %s releases images that ran nowhere; write make same-images of its stack before make deploy", name))
	}
	if !f.onMain(name, at) {
		found = append(found, fmt.Sprintf("job %s releases a commit that nobody may have reviewed; write make on-main before, or in a job that it needs, without if", name))
	}
	return found
}

// releases says whether a deploy of the stack is a release: that of a tag, or
// any of production.
func (f File) releases(stack string) bool {
	events, _ := f.On.(map[string]any)
	push, _ := events["push"].(map[string]any)
	return push["tags"] != nil || stack == production
}

// needed are the jobs that have ended well before a job begins.
func (f File) needed(name string) []string {
	var all []string
	for next := []string{name}; len(next) > 0; next = next[1:] {
		var needs []any
		switch v := f.Jobs[next[0]].Needs.(type) {
		case string:
			needs = []any{v}
		case []any:
			needs = v
		}
		for _, n := range needs {
			if other := fmt.Sprint(n); !slices.Contains(all, other) {
				all, next = append(all, other), append(next, other)
			}
		}
	}
	return all
}

// onMain says whether a commit that is not on main ends the workflow before the
// job's step.
func (f File) onMain(name string, at int) bool {
	steps := slices.Clone(f.Jobs[name].Steps[:at])
	for _, other := range f.needed(name) {
		steps = append(steps, f.Jobs[other].Steps...)
	}
	return slices.ContainsFunc(steps, func(s step) bool {
		goal, _ := s.goal()
		return goal == "on-main" && s.certain()
	})
}

// planned says whether a file is the plan of the stack from a job before, and
// none that was made since.
func (f File) planned(name string, at int, stack, plan string, v variant) bool {
	var kept []string // where the plans of the stack are that were downloaded
	for _, s := range f.Jobs[name].Steps[:at] {
		if goal, _ := s.goal(); goal == "preview" {
			kept = nil
		}
		if s.action() != "actions/download-artifact" || !s.certain() {
			continue
		}
		artifact, _ := s.With["name"].(string)
		folder, _ := s.With["path"].(string)
		for _, other := range f.needed(name) {
			for _, file := range f.uploads(other, stack, v.fill(artifact)) {
				kept = append(kept, path.Join(v.fill(folder), file))
			}
		}
	}
	return stack != "" && slices.Contains(kept, path.Clean(plan))
}

// uploads are the stack's plans in an artifact of a job, by their names there.
func (f File) uploads(name, stack, artifact string) []string {
	j := f.Jobs[name]
	var found []string
	for _, v := range j.variants() {
		for i, s := range j.Steps {
			if goal, _ := s.goal(); goal != "preview" || f.value(j, s, v, "STACK") != stack {
				continue
			}
			for _, u := range j.Steps[i:] {
				its, _ := u.With["name"].(string)
				paths, _ := u.With["path"].(string)
				if u.action() != "actions/upload-artifact" || its == "" || v.fill(its) != artifact {
					continue
				}
				if file, ok := inArtifact(f.value(j, s, v, "PLAN"), strings.Fields(v.fill(paths))); ok {
					found = append(found, file)
				}
			}
		}
	}
	return found
}

// inArtifact is a file's name in an artifact of some paths: seen from the only
// folder, or from the folder that all of the paths have in common.
func inArtifact(file string, paths []string) (string, bool) {
	file = path.Clean(file)
	root, held := "", false
	for i, p := range paths {
		p = path.Clean(p)
		held = held || p == file || strings.HasPrefix(file, p+"/")
		if i == 0 {
			root = p
		}
		for root != "." && p != root && !strings.HasPrefix(p, root+"/") {
			root = path.Dir(root)
		}
	}
	if root == file { // it is the only one
		root = path.Dir(file)
	}
	if root == "." {
		return file, held
	}
	return strings.TrimPrefix(file, root+"/"), held
}
