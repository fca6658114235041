package orchestrate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

// Act does one step. It returns a summary for the record, also beside an error.
type Act func(ctx context.Context, p *Progress) (any, error)

// Event tells an observer what happens, in the order in which it happens per step.
type Event struct {
	Kind    string         // run-started, step-started, progress, step-ended, run-ended
	At      time.Time      //
	Run     string         // the run's id
	Step    string         // "" for the run's own events
	Status  Status         //
	Text    string         // progress: one line
	Counts  map[string]int // progress and ends: rows, requests, models…
	Err     error
	Summary any
}

// Progress is an act's way to tell how far it is.
type Progress struct {
	Step   project.Step
	Done   []string // parts that an earlier attempt has done
	mark   func(part string) error
	report func(text string, counts map[string]int)
}

// Mark records that a part is done and need not be done again by a resumed run.
func (p *Progress) Mark(part string) error { return p.mark(part) }

// Report shows a line and counters of the step.
func (p *Progress) Report(text string, counts map[string]int) { p.report(text, counts) }

// Runner runs one workflow in this process.
type Runner struct {
	Workflow *project.Workflow
	Record   *Record
	Act      func(project.Step) (Act, error) // the act of a step
	Observe  func(Event)                     // called from one goroutine at a time
	Now      func() time.Time                // default time.Now
	Backoff  time.Duration                   // before a step's second try, doubled after; default 2s

	mu sync.Mutex
}

// Run runs every step that the record does not call done. The error, if any,
// says workflow, step, cause and the command to go on with.
func (r *Runner) Run(ctx context.Context) error {
	graph, err := NewGraph(r.Workflow)
	if err != nil {
		return fault.New(fault.Usage, err, "")
	}
	if r.Now == nil {
		r.Now = time.Now
	}
	if err := r.begin(graph); err != nil {
		return err
	}
	r.observe(Event{Kind: "run-started", Status: Running})
	failure := r.steps(ctx, graph)
	return r.end(failure)
}

func (r *Runner) begin(graph *Graph) error {
	for _, s := range graph.Steps {
		r.Record.Step(s.Name)
	}
	return r.Record.change(func() {
		r.Record.Status, r.Record.PID, r.Record.Ended = Running, os.Getpid(), nil
		r.Record.Error, r.Record.Next = "", ""
		r.Record.Attempts++
		for _, s := range r.Record.Steps {
			if s.Status != Succeeded {
				s.Status, s.Error, s.Ended = Waiting, "", nil
			}
		}
	})
}

func (r *Runner) end(failure *StepError) error {
	status, text, next := Succeeded, "", ""
	if failure != nil {
		status, text, next = Failed, failure.Error(), failure.next()
		if fault.Code(failure) == int(fault.Interrupted) {
			status = Interrupted
		}
	}
	now := r.Now().UTC()
	err := r.Record.change(func() {
		r.Record.Status, r.Record.Ended, r.Record.Error, r.Record.Next = status, &now, text, next
	})
	ended := Event{Kind: "run-ended", Status: status}
	if failure != nil {
		ended.Err = failure
	}
	r.observe(ended)
	if failure != nil {
		return fault.New(fault.Kind(fault.Code(failure)), failure, next)
	}
	return err
}

// steps runs the graph: a step starts when all that it waits for succeeded.
func (r *Runner) steps(ctx context.Context, graph *Graph) *StepError {
	type outcome struct {
		step project.Step
		err  error
	}
	ended := make(chan outcome)
	started, done := map[string]bool{}, map[string]bool{}
	for _, s := range graph.Steps {
		if r.Record.Step(s.Name).Status == Succeeded {
			started[s.Name], done[s.Name] = true, true
			r.observe(Event{Kind: "step-ended", Step: s.Name, Status: Succeeded, Text: "done by an earlier attempt"})
		}
	}
	var failure *StepError
	for running := 0; ; {
		for _, s := range graph.Steps {
			waits := func(a string) bool { return !done[a] }
			if failure != nil || started[s.Name] || slices.ContainsFunc(graph.After[s.Name], waits) {
				continue
			}
			started[s.Name] = true
			running++
			go func() { ended <- outcome{s, r.step(ctx, s)} }()
		}
		if running == 0 {
			return failure
		}
		o := <-ended
		running--
		if o.err == nil {
			done[o.step.Name] = true
		} else if failure == nil {
			failure = &StepError{Workflow: r.Workflow.Name, Step: o.step.Name, Run: r.Record.ID, Err: o.err}
		}
	}
}

// step runs one step with its retries and writes how it ended.
func (r *Runner) step(ctx context.Context, s project.Step) error {
	rec := r.Record.Step(s.Name)
	started := r.Now().UTC()
	if err := r.Record.change(func() { rec.Status, rec.Started = Running, &started }); err != nil {
		return err
	}
	r.observe(Event{Kind: "step-started", Step: s.Name, Status: Running})
	var summary any
	act, err := r.Act(s)
	for try := 1; err == nil; try++ {
		if err = r.Record.change(func() { rec.Tries++ }); err != nil {
			break
		}
		summary, err = r.try(ctx, s, rec, act)
		if err == nil || try > s.Retries || fault.Code(err) != int(fault.Failed) || !r.pause(ctx, try) {
			break
		}
		r.observe(Event{Kind: "progress", Step: s.Name, Status: Running, Text: fmt.Sprintf("try %d of %d failed: %v", try, s.Retries+1, err)})
		err = nil
	}
	return r.closeStep(ctx, rec, summary, err)
}

func (r *Runner) closeStep(ctx context.Context, rec *StepRecord, summary any, err error) error {
	status, text := Succeeded, ""
	if err != nil {
		status, text = Failed, err.Error()
		if errors.Is(err, context.Canceled) && ctx.Err() != nil && fault.Code(err) != int(fault.Interrupted) {
			err = fault.New(fault.Interrupted, err, "")
		}
		if fault.Code(err) == int(fault.Interrupted) {
			status = Interrupted
		}
	}
	ended := r.Now().UTC()
	werr := r.Record.change(func() { rec.Status, rec.Error, rec.Summary, rec.Ended = status, text, summary, &ended })
	r.observe(Event{Kind: "step-ended", Step: rec.Name, Status: status, Err: err, Summary: summary})
	if err == nil {
		return werr
	}
	return err
}

func (r *Runner) try(ctx context.Context, s project.Step, rec *StepRecord, act Act) (any, error) {
	limit := project.DefaultTimeout
	if s.Timeout != "" {
		d, err := time.ParseDuration(s.Timeout)
		if err != nil {
			return nil, fault.New(fault.Usage, fmt.Errorf("step %s: timeout %q is not a duration such as 30m", s.Name, s.Timeout), "")
		}
		limit = d
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	summary, err := act(limited, &Progress{
		Step: s,
		Done: slices.Clone(rec.Done),
		mark: func(part string) error {
			return r.Record.change(func() { rec.Done = append(rec.Done, part) })
		},
		report: func(text string, counts map[string]int) {
			r.observe(Event{Kind: "progress", Step: s.Name, Status: Running, Text: text, Counts: counts})
		},
	})
	if err != nil && ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded) {
		return summary, fault.New(fault.Failed, fmt.Errorf("it took longer than its timeout of %s: %w", limit, err), "raise timeout of the step in "+r.Workflow.File)
	}
	return summary, err
}

// pause waits before the next try; false where the run was interrupted.
func (r *Runner) pause(ctx context.Context, try int) bool {
	wait := r.Backoff
	if wait == 0 {
		wait = 2 * time.Second
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait << (try - 1)):
		return true
	}
}

func (r *Runner) observe(e Event) {
	if r.Observe == nil {
		return
	}
	e.At, e.Run = r.Now().UTC(), r.Record.ID
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Observe(e)
}

// StepError is a failed run: which workflow and step, why, and how to go on.
type StepError struct {
	Workflow, Step, Run string
	Err                 error
}

func (e *StepError) Error() string {
	return fmt.Sprintf("workflow %s, step %s (run %s): %v", e.Workflow, e.Step, e.Run, e.Err)
}

func (e *StepError) Unwrap() error { return e.Err }

// Resume is the command that goes on after the failure.
func (e *StepError) Resume() string { return "floe run " + e.Workflow + " --resume" }

// next is what the cause advises, and then the command to go on with.
func (e *StepError) next() string {
	if advice := fault.Next(e.Err); advice != "" && fault.Code(e.Err) != int(fault.Interrupted) {
		return advice + "; then " + e.Resume()
	}
	return e.Resume()
}
