package orchestrate

import (
	"encoding/json"
	"time"

	"github.com/floe-data/floe/runtime/fault"
)

// The acts of a Task.
const (
	ActEvolve    = "evolve"    // make the landing tables as their contracts say
	ActLoad      = "load"      // load a source
	ActTransform = "transform" // build, run or test models
	ActMaintain  = "maintain"  // keep tables small and quick
	ActGovern    = "govern"    // make tags and grants as contracts, models and access.yaml say
)

// Task is one step of a workflow as a deployed program gets it: the event of a
// Lambda function, or the one argument of a Fargate task, as JSON.
type Task struct {
	Act      string `json:"act"`
	Workflow string `json:"workflow,omitempty"`
	Step     string `json:"step,omitempty"`
	Run      string `json:"run,omitempty"` // the execution's name

	Source    string   `json:"source,omitempty"`    // load
	Resources []string `json:"resources,omitempty"` // load: default all

	Command string   `json:"command,omitempty"` // transform: build, run or test
	Select  []string `json:"select,omitempty"`
	Exclude []string `json:"exclude,omitempty"`

	Schemas       []string `json:"schemas,omitempty"`        // maintain: default all
	KeepSnapshots string   `json:"keep_snapshots,omitempty"` // maintain: an age
	OrphansAfter  string   `json:"orphans_after,omitempty"`  // maintain: an age

	Govern json.RawMessage `json:"govern,omitempty"` // govern: a governance.Spec

	// Began and Timeout bound a step that takes several invocations: a program
	// that is called after Began + Timeout fails instead of going on. Timeout
	// without Began is that of a function nobody calls again: what it has not
	// finished by then has failed.
	Began   time.Time `json:"began,omitzero"`
	Timeout string    `json:"timeout,omitempty"` // 2h0m0s
	// Done are the parts that earlier invocations of the step have done.
	Done []string `json:"done,omitempty"`
}

// Outcome is what a program answers. A step that is not finished is called
// again, with what is done by then.
type Outcome struct {
	Finished bool     `json:"finished"`
	Done     []string `json:"done"`
	Summary  any      `json:"summary,omitempty"`
}

// ExitTimeout is the exit code of a Fargate task whose step's time is over,
// beside those of package fault: never retry.
const ExitTimeout fault.Kind = 5

// The types of a program's errors, for ErrorEquals of a state machine.
const (
	ErrorFailed      = "floe.Failed"      // may go well another time: network, throttling, conflicts
	ErrorUsage       = "floe.Usage"       // the configuration is wrong: never retry
	ErrorContract    = "floe.Contract"    // data or tables are not as promised: never retry
	ErrorInterrupted = "floe.Interrupted" // stopped from outside; what is committed is kept: retry
	ErrorTimeout     = "floe.Timeout"     // the step's own time is over: never retry
)
