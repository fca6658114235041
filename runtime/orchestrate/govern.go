package orchestrate

import (
	"slices"
	"time"

	"github.com/floe-data/floe/runtime/project"
)

// governStep ends a workflow that transforms. The step is not of the workflow's
// file; no step that is has a space in its name.
const governStep = "workflow govern"

// governLimit is the step's time: a table takes some calls of Lake Formation,
// which are throttled by account, and a stack may have hundreds of tables.
const governLimit = time.Hour

// governRetries are the step's tries: what it does may be done again.
const governRetries = 2

// transforms says whether a workflow makes tables that were not there before.
func transforms(w *project.Workflow) bool {
	return slices.ContainsFunc(w.Steps, func(s project.Step) bool { return s.Transform != nil })
}

// govern writes the last step: tables that were made get the tags and grants
// that are declared.
func (b *builder) govern(next string) (string, states, error) {
	task := Task{Act: ActGovern, Workflow: b.workflow.Name, Step: governStep, Timeout: governLimit.String(), Govern: b.options.Govern.Spec}
	return b.function(project.Step{Name: governStep, Retries: governRetries}, b.options.Govern.Function, task, governLimit, next)
}
