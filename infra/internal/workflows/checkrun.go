package workflows

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// changing are the targets that change a stack.
var changing = []string{"deploy", "destroy", "pr", "unpr", "bootstrap", "unbootstrap"}

// goal is what a step runs: a target of the Makefile, or a script under its
// target's name; "" where it runs nothing. words are all that it is called with.
func (s step) goal() (goal string, words []string) {
	words = strings.Fields(s.Run)
	if len(words) == 0 {
		return "", nil
	}
	if words[0] != "make" {
		return strings.TrimSuffix(filepath.Base(words[0]), ".sh"), words
	}
	goals := targets(words[1:])
	if i := slices.IndexFunc(goals, func(g string) bool { return slices.Contains(changing, g) }); i >= 0 {
		return goals[i], words
	}
	return strings.Join(goals, " "), words
}

// targets are the words of a make command that are neither flags nor variables.
func targets(words []string) []string {
	var goals []string
	for _, w := range words {
		if !strings.HasPrefix(w, "-") && !strings.HasPrefix(w, ">") && !strings.Contains(w, "=") {
			goals = append(goals, w)
		}
	}
	return goals
}

// concurrency holds that one job at a time changes a stack, and that none is
// cut off in the middle; and that a role that may write is used for nothing else.
func concurrency(_ *Repository, f File) []string {
	var found []string
	for _, name := range sorted(f.Jobs) {
		j := f.Jobs[name]
		for _, v := range j.variants() {
			changes, stack := false, ""
			for _, s := range j.Steps {
				if goal, _ := s.goal(); slices.Contains(changing, goal) {
					changes, stack = true, f.changed(j, s, v)
				}
			}
			e := v.fill(environment(j))
			switch {
			case !changes && e != "" && !strings.HasSuffix(e, "-preview"):
				found = append(found, fmt.Sprintf("job %s has the environment %s, whose role may write, and changes nothing; write environment: %s-preview", name, e, e))
			case changes && strings.HasSuffix(e, "-preview"):
				found = append(found, fmt.Sprintf("job %s changes a stack in the environment %s, whose role may only read; write environment: %s", name, e, strings.TrimSuffix(e, "-preview")))
			case changes:
				found = append(found, oneAtATime(name, stack, v, f.Concurrency, j.Concurrency)...)
			}
		}
	}
	return found
}

// changed is the stack that a step changes; that of a pull request has the
// number that the step is given, or the expression for it.
func (f File) changed(j job, s step, v variant) string {
	if goal, _ := s.goal(); goal == "pr" || goal == "unpr" {
		return "pr-" + f.value(j, s, v, "PR")
	}
	return f.value(j, s, v, "STACK")
}

// oneAtATime looks for the group of a stack, the job's or its workflow's.
func oneAtATime(name, stack string, v variant, groups ...any) []string {
	for _, g := range groups {
		m, ok := g.(map[string]any)
		if !ok {
			continue
		}
		group, _ := m["group"].(string)
		if group = v.fill(group); !strings.HasPrefix(group, "stack-") || stack != "" && group != "stack-"+stack {
			continue
		}
		if m["cancel-in-progress"] == false {
			return nil
		}
		return []string{fmt.Sprintf("job %s changes a stack and may be cut off in the middle of it; write cancel-in-progress: false", name)}
	}
	if stack == "" {
		stack = "<stack>"
	}
	return []string{fmt.Sprintf("job %s changes a stack that others may change meanwhile; write concurrency: {group: stack-%s, cancel-in-progress: false}", name, stack)}
}

// argument is a variable of a make command, "" if it has none.
func argument(words []string, name string) string {
	for _, w := range words {
		if value, ok := strings.CutPrefix(w, name+"="); ok {
			return value
		}
	}
	return ""
}

var quoted = regexp.MustCompile(`"[^"\n]*"`)

// commands holds that a job does nothing that cannot be done on a laptop: each
// run is one make target or one script, and no expression is pasted into it,
// since what a stranger wrote would be run.
func commands(r *Repository, f File) []string {
	var found []string
	for _, s := range f.steps() {
		if s.Run == "" {
			continue
		}
		line := strings.TrimSpace(s.Run)
		words := strings.Fields(quoted.ReplaceAllString(line, ""))
		switch {
		case strings.Contains(line, "${{"):
			found = append(found, fmt.Sprintf("run: %s: pastes an expression into a command; give it by env", line))
		case strings.Contains(line, "\n") || strings.ContainsAny(line, ";|&`") || strings.Contains(line, "$("):
			found = append(found, fmt.Sprintf("run: %s: is more than one command; make it a target of the Makefile", line))
		case words[0] == "make":
			found = append(found, r.goals(line, words[1:])...)
		default:
			if info, err := os.Stat(filepath.Join(r.Root, filepath.FromSlash(words[0]))); err != nil || info.IsDir() {
				found = append(found, fmt.Sprintf("run: %s: neither a make target nor a script of the repository", line))
			}
		}
	}
	return found
}

// goals holds that a make command names a target that there is.
func (r *Repository) goals(line string, words []string) []string {
	goals := targets(words)
	if len(goals) != 1 {
		return []string{fmt.Sprintf("run: %s: names %d targets; one is right", line, len(goals))}
	}
	if !slices.Contains(r.Targets, goals[0]) {
		return []string{fmt.Sprintf("run: %s: the Makefile has no target %s", line, goals[0])}
	}
	return nil
}

// session is for how many minutes a job may run that takes a role: GitHub ends
// it before AWS ends its credentials, which last an hour.
const session = 55

// limits holds that a job ends, one with credentials before these do, and that
// what it checks out keeps no token.
func limits(_ *Repository, f File) []string {
	var found []string
	for _, name := range sorted(f.Jobs) {
		j := f.Jobs[name]
		minutes, err := strconv.Atoi(fmt.Sprint(j.Timeout))
		switch {
		case j.Timeout == nil:
			found = append(found, fmt.Sprintf("job %s may hang for six hours; write timeout-minutes", name))
		case j.takesRole() && (err != nil || minutes > session):
			found = append(found, fmt.Sprintf("job %s may run for %v minutes, and its credentials end after 60; write timeout-minutes: %d", name, j.Timeout, session))
		}
	}
	for _, s := range f.steps() {
		if s.action() == "actions/checkout" && s.With["persist-credentials"] != false {
			found = append(found, "leaves the token in the checked-out folder, for whatever runs there; write persist-credentials: false")
		}
	}
	return found
}

var secret = regexp.MustCompile(`\bsecrets\b`)

// says looks for a word in all keys and values; comments are none.
func says(v any, word *regexp.Regexp) bool {
	switch v := v.(type) {
	case string:
		return word.MatchString(v)
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return says(item, word) })
	case map[string]any:
		for key, value := range v {
			if word.MatchString(key) || says(value, word) {
				return true
			}
		}
	}
	return false
}

// tokens holds that no secret is used but the job's own token, by the steps
// that need it.
func tokens(_ *Repository, f File) []string {
	var found []string
	if says(f.all, secret) {
		found = append(found, "uses a secret of the repository; roles need none, and the job's token is github.token")
	}
	for _, name := range sorted(f.Jobs) {
		for _, key := range sorted(f.Jobs[name].Env) {
			if strings.Contains(f.Jobs[name].Env[key], "github.token") {
				found = append(found, fmt.Sprintf("job %s gives its token to every step; give it to the one that needs it", name))
			}
		}
	}
	return found
}
