package workflows

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// checks find what is wrong in one file; each finding says what would be right.
var checks = []func(*Repository, File) []string{pins, triggers, permissions, credentials, environments, labels, concurrency, plans, commands, limits, tokens}

// Check finds what is wrong, a line each, in the files' order.
func (r *Repository) Check() []string {
	var findings []string
	for _, f := range r.Files {
		for _, check := range checks {
			for _, text := range check(r, f) {
				findings = append(findings, f.Name+": "+text)
			}
		}
	}
	return append(findings, r.nightly()...)
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

var (
	pinned = regexp.MustCompile(`^[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40}$`)
	tagged = regexp.MustCompile(`^# v\d+\.\d+\.\d+$`)
)

// goVersion says which Go builds what is delivered: one with the newest mends,
// where go.mod says the oldest that will do.
const goVersion = ".go-version"

// pins holds that an action is one commit, the same everywhere, beside the
// version that it is: a tag can be moved to another commit by whoever owns it.
func pins(r *Repository, f File) []string {
	var found []string
	for _, name := range f.used() {
		comment := f.after(name)
		if folder, local := strings.CutPrefix(name, "./"); local {
			if _, err := os.Stat(filepath.Join(r.Root, filepath.FromSlash(folder), "action.yml")); err != nil {
				found = append(found, fmt.Sprintf("uses %s, which is not there", name))
			}
			continue
		}
		switch {
		case !pinned.MatchString(name):
			found = append(found, fmt.Sprintf("uses %s; write the commit's 40 digits after @", name))
		case !tagged.MatchString(comment):
			found = append(found, fmt.Sprintf("uses %s without saying which version it is; write # v1.2.3 after it", name))
		default:
			found = append(found, r.otherPins(name, comment)...)
		}
	}
	for _, s := range f.steps() {
		if s.action() == "actions/setup-go" && s.With["go-version-file"] != goVersion {
			found = append(found, "installs another Go than the rest; write go-version-file: "+goVersion)
		}
		if given, ok := s.With["pulumi-version"]; ok && fmt.Sprint(given) != r.Pulumi {
			found = append(found, fmt.Sprintf("installs pulumi %v; infra/go.mod builds on %s", given, r.Pulumi))
		}
	}
	return found
}

// otherPins are commits or versions that the same action has elsewhere.
func (r *Repository) otherPins(name, comment string) []string {
	action, _, _ := strings.Cut(name, "@")
	for _, f := range r.Files {
		for _, its := range f.used() {
			said := f.after(its)
			if other, _, _ := strings.Cut(its, "@"); other == action && (its != name || said != comment) {
				return []string{fmt.Sprintf("uses %s %s, but %s uses %s %s; keep one", name, comment, f.Name, its, said)}
			}
		}
	}
	return nil
}

// triggers refuses those that run with the repository's rights on what a
// stranger has written.
func triggers(_ *Repository, f File) []string {
	var found []string
	for _, name := range []string{"pull_request_target", "workflow_run", "issue_comment", "repository_dispatch"} {
		if on(f.On, name) {
			found = append(found, fmt.Sprintf("is started by %s, which gives a stranger's change the repository's rights; write pull_request, push, schedule or workflow_dispatch", name))
		}
	}
	return found
}

func on(value any, name string) bool {
	switch v := value.(type) {
	case string:
		return v == name
	case []any:
		return slices.Contains(v, any(name))
	case map[string]any:
		_, ok := v[name]
		return ok
	}
	return false
}

// permissions holds that nothing is allowed but by the job that needs it.
func permissions(_ *Repository, f File) []string {
	if f.isAction() {
		return nil
	}
	var found []string
	if top, ok := f.Permissions.(map[string]any); !ok || len(top) > 0 {
		found = append(found, "allows all of its jobs something; write permissions: {} at the top")
	}
	for _, name := range sorted(f.Jobs) {
		if _, ok := f.Jobs[name].Permissions.(map[string]any); !ok {
			found = append(found, fmt.Sprintf("job %s does not say what it may do; write permissions: {contents: read}, or what it needs", name))
		}
	}
	return found
}

// may says whether the job has a permission to write.
func (j job) may(write string) bool {
	p, _ := j.Permissions.(map[string]any)
	return p[write] == "write"
}

// stackAction is our own action that takes a role.
const stackAction = "./.github/actions/stack"

// credentials holds that a job can take a role of AWS, or sign, if and only if
// it does so; and that the role waits for the job's environment.
func credentials(_ *Repository, f File) []string {
	var found []string
	for _, name := range sorted(f.Jobs) {
		j := f.Jobs[name]
		takes, signs := j.takesRole(), false
		for _, s := range j.Steps {
			signs = signs || strings.HasPrefix(s.action(), "actions/attest")
			for key := range s.With {
				if strings.HasPrefix(key, "aws-access-key") || strings.HasPrefix(key, "aws-secret") {
					found = append(found, fmt.Sprintf("job %s is given %s; take a role by role-to-assume", name, key))
				}
			}
		}
		switch {
		case j.may("id-token") && !takes && !signs:
			found = append(found, fmt.Sprintf("job %s may ask for an identity (id-token: write) and uses none; take it away", name))
		case takes && !j.may("id-token"):
			found = append(found, fmt.Sprintf("job %s takes a role and may not say who it is; write id-token: write", name))
		case takes && environment(j) == "":
			found = append(found, fmt.Sprintf("job %s takes a role without an environment, to which roles are bound; write environment: <stack> or <stack>-preview", name))
		}
	}
	return found
}

// takesRole says whether the job takes a role of AWS.
func (j job) takesRole() bool {
	return slices.ContainsFunc(j.Steps, func(s step) bool {
		_, role := s.With["role"]
		return s.action() == stackAction && role || s.action() == "aws-actions/configure-aws-credentials"
	})
}

// environment is the name of the job's environment, "" without one.
func environment(j job) string {
	switch e := j.Environment.(type) {
	case string:
		return e
	case map[string]any:
		name, _ := e["name"].(string)
		return name
	}
	return ""
}
