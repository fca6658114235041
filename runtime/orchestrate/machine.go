package orchestrate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

// AWS's limits (Step Functions, service quotas; ECS, RunTask).
const (
	maxDefinition = 1_000_000 // characters of a definition
	maxStateName  = 80
	maxOverrides  = 8_192   // characters of a task's overrides, its command among them
	maxPayload    = 262_144 // bytes that a state takes and gives
)

// MachineOptions is what a state machine is put together with.
type MachineOptions struct {
	Project string // floe
	Stack   string // dev
	Region  string // eu-central-1
	Topic   string // ARN of the SNS topic that hears of failures
	// KeepSnapshots is the stack's retention of snapshots (168h), for steps that
	// maintain tables: what such a step itself says holds where it is longer.
	KeepSnapshots string
	// Steps say what runs each step of the workflow, by its name.
	Steps map[string]Runs
	// Govern ends workflows that transform: tables that are made anew have no
	// tags yet, and nobody reads them until they do. Default nil, which does nothing.
	Govern *Govern
}

// Govern is what makes tags and grants as they are declared.
type Govern struct {
	Function string          // ARN of a Lambda function
	Spec     json.RawMessage // a governance.Spec
}

// Runs is what runs a step: a function, or a task. One of the two is set.
type Runs struct {
	Function string // ARN of a Lambda function
	Fargate  *Fargate
}

// Fargate is a task on ECS.
type Fargate struct {
	Cluster        string // ARN
	TaskDefinition string // ARN of a revision, or a family: its newest revision
	Container      string // whose command is the step's Task
	Subnets        []string
	SecurityGroup  string
	PublicAddress  bool
	// Spot tries FARGATE_SPOT first; the cluster must have that capacity
	// provider. What is interrupted, or finds no place, runs on demand.
	Spot bool
}

// StateMachine writes a workflow as a state machine in the Amazon States
// Language: the same graph that Runner runs in process.
//
// A step is several states. The one with the step's own name does the work;
// those around it begin it, call it again until it is finished, and end it:
//
//	load begin -> load -> load more -> (the next step)
//	               ^  ^------´ not finished: again, with what is done
//	               |  `--- load again <-------------------.
//	               failed -> load failed -> load notify -> load resume
//
// Nothing is carried from step to step, so that what a state holds is bounded:
// the Done of one step (names of resources or models, at most 63 characters
// each, so that 3,400 of them fit in AWS's 256 KB) and one error (32 KB).
//
// # Resume
//
// An execution that failed goes on with RedriveExecution, which AWS documents
// state by state: a Fail state "reenters the Fail state and fails again", a
// Choice state "reevaluates the Choice state rules". So a failed step ends in
// a Choice, resume, that leads back to the step if the execution was redriven
// since the step began, and has no other way: before that it fails the
// execution with States.NoChoiceMatched. A branch that ran beside it is stopped
// by that and redriven where it stood; its step may find its time over, and
// then begins anew, by the same rule (state failed). References:
// docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
// ("Redrive behavior of individual states") and input-output-contextobject.html
// (a Choice's Variable may be of the context; RedriveTime is there only where
// an execution was redriven).
func StateMachine(w *project.Workflow, o MachineOptions) ([]byte, error) {
	g, err := NewGraph(w)
	if err != nil {
		return nil, fault.New(fault.Usage, err, "")
	}
	if err := o.check(g, w); err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("state machine of workflow %s: %w", w.Name, err), "")
	}
	b := builder{workflow: w, options: o, partition: strings.Split(o.Topic, ":")[1]}
	m, err := b.machine(g)
	if err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("state machine of workflow %s: %w", w.Name, err), "")
	}
	text, err := plainJSON(m)
	if err != nil {
		return nil, fmt.Errorf("write the state machine of workflow %s: %w", w.Name, err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, fmt.Errorf("write the state machine of workflow %s: %w", w.Name, err)
	}
	out.WriteByte('\n')
	if out.Len() > maxDefinition {
		return nil, fault.New(fault.Usage, fmt.Errorf("state machine of workflow %s: found %d characters; AWS takes %d", w.Name, out.Len(), maxDefinition), "make two workflows of it")
	}
	return out.Bytes(), nil
}

// machine puts the states together.
func (b *builder) machine(g *Graph) (machine, error) {
	w, o := b.workflow, b.options
	limit, err := Limit(w)
	if err != nil {
		return machine{}, err
	}
	limit += time.Duration(len(w.Steps)) * spare
	last, end := workflowDone, states{{workflowDone, state{Type: "Succeed"}}}
	if o.Govern != nil && transforms(w) {
		begin, govern, err := b.govern(last)
		if err != nil {
			return machine{}, err
		}
		last, end, limit = begin, append(govern, end...), limit+governLimit+spare
	}
	start, all, err := b.block(g.block(), last)
	return machine{
		Comment: fmt.Sprintf("Workflow %s of %s %s, from %s", w.Name, o.Project, o.Stack, cmp.Or(w.File, w.Name)),
		StartAt: start, TimeoutSeconds: int64(limit / time.Second), States: append(all, end...),
	}, err
}

// workflowDone is the last state; like all names but the steps' own it holds a
// space, which no step's name does.
const workflowDone = "workflow done"

// spare is a step's time beyond its timeout: starting, retries, telling.
const spare = time.Hour

// Limit is the longest that a workflow may take: its steps' timeouts.
func Limit(w *project.Workflow) (time.Duration, error) {
	var all time.Duration
	for _, s := range w.Steps {
		d, err := limitOf(s)
		if err != nil {
			return 0, fault.New(fault.Usage, fmt.Errorf("workflow %s: %w", w.Name, err), "")
		}
		all += d
	}
	return all, nil
}

func limitOf(s project.Step) (time.Duration, error) {
	if s.Timeout == "" {
		return project.DefaultTimeout, nil
	}
	d, err := project.ParseDuration(s.Timeout)
	if err != nil {
		return 0, fmt.Errorf("step %s: timeout: %w", s.Name, err)
	}
	return d, nil
}

func (o MachineOptions) check(g *Graph, w *project.Workflow) error {
	if parts := strings.Split(o.Topic, ":"); len(parts) != 6 || parts[2] != "sns" {
		return fmt.Errorf("topic is %q; the ARN of an SNS topic is right", o.Topic)
	}
	for _, s := range g.Steps {
		r := o.Steps[s.Name]
		switch f := r.Fargate; {
		case (r.Function == "") == (f == nil):
			return fmt.Errorf("step %s: found a function %q and a task %v; exactly one of them runs it", s.Name, r.Function, f)
		case f != nil && (f.Cluster == "" || f.TaskDefinition == "" || f.Container == "" || len(f.Subnets) == 0 || f.SecurityGroup == ""):
			return fmt.Errorf("step %s: found a task without cluster, task definition, container, subnets or security group: %+v", s.Name, *f)
		}
	}
	if o.Govern != nil && (o.Govern.Function == "" || !json.Valid(o.Govern.Spec)) {
		return fmt.Errorf("found the function %q and %d bytes of a specification to govern with; both are needed, the latter as JSON", o.Govern.Function, len(o.Govern.Spec))
	}
	if len(o.Steps) != len(w.Steps) {
		return fmt.Errorf("found what runs %d steps; the workflow has %d", len(o.Steps), len(w.Steps))
	}
	return nil
}

// taskOf is a step's Task as the stack has it.
func (b *builder) taskOf(s project.Step) (Task, time.Duration, error) {
	t, limit, err := taskOf(b.workflow, s)
	if err == nil && t.Act == ActMaintain {
		t.KeepSnapshots, err = longer(t.KeepSnapshots, b.options.KeepSnapshots)
		if err != nil {
			err = fmt.Errorf("step %s: how long to keep snapshots: %w", s.Name, err)
		}
	}
	return t, limit, err
}

// longer is the longer of two lengths of time, of which each may be missing.
func longer(a, b string) (string, error) {
	if a == "" || b == "" {
		return cmp.Or(a, b), nil
	}
	long, err := project.ParseDuration(a)
	if err != nil {
		return "", err
	}
	other, err := project.ParseDuration(b)
	if err != nil {
		return "", err
	}
	if other > long {
		return b, nil
	}
	return a, nil
}

// taskOf is a step's Task, without what is known only when it runs.
func taskOf(w *project.Workflow, s project.Step) (Task, time.Duration, error) {
	limit, err := limitOf(s)
	t := Task{Workflow: w.Name, Step: s.Name, Timeout: limit.String()}
	switch {
	case s.Ingest != nil:
		t.Act, t.Source, t.Resources = ActLoad, s.Ingest.Source, s.Ingest.Resources
	case s.Transform != nil:
		t.Act, t.Command, t.Select, t.Exclude = ActTransform, cmp.Or(s.Transform.Command, "build"), s.Transform.Select, s.Transform.Exclude
	case s.Maintain != nil:
		t.Act, t.Schemas, t.KeepSnapshots, t.OrphansAfter = ActMaintain, s.Maintain.Schemas, s.Maintain.KeepSnapshots, s.Maintain.OrphansAfter
	default:
		return t, limit, fmt.Errorf("step %s does nothing; write ingest, transform or maintain", s.Name)
	}
	return t, limit, err
}

// parameters is a Task as a payload template: fields that end in .$ are paths.
func parameters(t Task) (map[string]any, int, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return nil, 0, fmt.Errorf("write the task of step %s: %w", t.Step, err)
	}
	p := map[string]any{}
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, 0, fmt.Errorf("read the task of step %s: %w", t.Step, err)
	}
	p["run.$"] = "$$.Execution.Name"
	return p, len(text), nil
}
