package workflows

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// pullRequestShape is the stack whose roles the stacks of pull requests have.
const pullRequestShape = "dev"

// variant is one run of a job: the values of its matrix.
type variant map[string]string

var matrixValue = regexp.MustCompile(`\$\{\{\s*matrix\.([\w-]+)\s*\}\}`)

// fill puts the matrix' values in; what is known only at the run stays an
// expression.
func (v variant) fill(text string) string {
	return matrixValue.ReplaceAllStringFunc(text, func(expression string) string {
		if value, ok := v[matrixValue.FindStringSubmatch(expression)[1]]; ok {
			return value
		}
		return expression
	})
}

// variants are the runs of a job; one where it has no matrix.
func (j job) variants() []variant {
	matrix, _ := j.Strategy.Matrix.(map[string]any)
	all := []variant{{}}
	for _, key := range sorted(matrix) {
		values, ok := matrix[key].([]any)
		if !ok {
			continue
		}
		var next []variant
		for _, v := range all {
			for _, value := range values {
				more := variant{key: fmt.Sprint(value)}
				for k, its := range v {
					more[k] = its
				}
				next = append(next, more)
			}
		}
		all = next
	}
	return all
}

// countable says whether variants are all runs of the job.
func (j job) countable() bool {
	if j.Strategy.Matrix == nil {
		return true
	}
	matrix, ok := j.Strategy.Matrix.(map[string]any)
	return ok && matrix["include"] == nil && matrix["exclude"] == nil
}

// value is a variable that a step's command sees, "" without one.
func (f File) value(j job, s step, v variant, name string) string {
	_, words := s.goal()
	for _, value := range []string{argument(words, name), s.Env[name], j.Env[name], f.Env[name]} {
		if value != "" {
			return v.fill(value)
		}
	}
	return ""
}

// stack is the one whose role a step's command needs, "" where it says none.
func (f File) stack(j job, s step, v variant) string {
	switch goal, _ := s.goal(); goal {
	case "":
		return ""
	case "pr", "unpr", "closed-prs":
		return pullRequestShape
	}
	return f.value(j, s, v, "STACK")
}

// environments holds that a job's environment is one that a role trusts, and
// that the job works on the stack of that role: bootstrap makes roles for
// <stack> and <stack>-preview, and whoever waits for another gets no credentials.
func environments(r *Repository, f File) []string {
	var found []string
	for _, name := range sorted(f.Jobs) {
		j := f.Jobs[name]
		if environment(j) == "" {
			continue
		}
		if !j.countable() {
			found = append(found, fmt.Sprintf("job %s has an environment, and a matrix of which nobody sees what it is of; write a list for each key, without include and exclude", name))
		}
		for _, v := range j.variants() {
			found = append(found, r.oneStack(f, name, v)...)
		}
	}
	return found
}

func (r *Repository) oneStack(f File, name string, v variant) []string {
	j := f.Jobs[name]
	e := v.fill(environment(j))
	i := slices.IndexFunc(r.Stacks, func(stack string) bool { return e == stack || e == stack+"-preview" })
	if i < 0 {
		return []string{fmt.Sprintf("job %s has the environment %s, which no role trusts; write <stack> or <stack>-preview, of live/: %s", name, e, strings.Join(r.Stacks, ", "))}
	}
	var found []string
	for _, s := range j.Steps {
		its := f.stack(j, s, v)
		if s.action() == stackAction {
			given, _ := s.With["stack"].(string)
			if its = v.fill(given); its == "" {
				its = "no stack"
			}
		}
		if its != "" && its != r.Stacks[i] {
			found = append(found, fmt.Sprintf("job %s has the environment %s and works on %s; write the stack %s, or the environment of %s", name, e, its, r.Stacks[i], its))
		}
	}
	return found
}

// labeled is what a closed pull request must have had for a stack to be there.
const labeled = "github.event.action == 'closed' && contains(github.event.pull_request.labels.*.name, 'environment')"

// labels holds that a pull request that never asked for a stack starts nothing
// with a role that may write.
func labels(_ *Repository, f File) []string {
	var found []string
	for _, name := range sorted(f.Jobs) {
		j := f.Jobs[name]
		for _, s := range j.Steps {
			goal, _ := s.goal()
			if !strings.Contains(f.value(j, s, nil, "PR"), "github.event.pull_request") {
				continue
			}
			want := map[string]string{"unpr": labeled, "pr": labeled[strings.Index(labeled, "contains"):]}[goal]
			if condition := strings.Join(strings.Fields(j.If), " "); !strings.Contains(condition, want) {
				found = append(found, fmt.Sprintf("job %s runs make %s for changes without the label; write in its if: %s", name, goal, want))
			}
		}
	}
	return found
}
