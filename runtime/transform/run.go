package transform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/transform/compiler"
	"github.com/floe-data/floe/runtime/transform/dbtproject"
	"github.com/floe-data/floe/runtime/transform/graph"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// Run does one command over a project. The Results tell every chosen node's
// end, also beside an error; its kind is fault.Usage for what is wrong in the
// project or the options, fault.Failed if a node could not be done,
// fault.Contract if tests failed, fault.Interrupted if ctx ended.
func Run(ctx context.Context, o Options) (Results, error) {
	if err := o.check(); err != nil {
		return Results{}, err
	}
	if o.Project == nil {
		p, err := Load(ctx, LoadOptions{Dir: o.Dir, Target: o.Target, Vars: o.Vars})
		if err != nil {
			return Results{}, err
		}
		o.Project = p
	}
	if t := o.Project.c.Target().Type; o.Engine != nil && t != o.Engine.Dialect() {
		return Results{}, fmt.Errorf("the project was loaded for the dialect %s and the engine speaks %s: load it with Target.Type %s", t, o.Engine.Dialect(), o.Engine.Dialect())
	}
	p, warnings, err := newPlan(o.Project, &o)
	if err != nil {
		return Results{}, err
	}
	r := newRunner(&o, p)
	for _, w := range append(o.Project.Manifest().Warnings, warnings...) {
		r.warn(w)
	}
	return r.finish(ctx, r.all(ctx))
}

// runner is one run under way.
type runner struct {
	o    *Options
	s    *compiler.Session
	plan *plan
	out  *artifacts

	mu      sync.Mutex
	results Results
	started int
}

func newRunner(o *Options, p *plan) *runner {
	r := &runner{o: o, plan: p, out: &artifacts{dir: o.TargetDir, project: o.Project}}
	r.results = Results{Invocation: newInvocation(), Command: o.Command, Started: time.Now().UTC()}
	s := o.Project.c.NewSession(databaseOf(o.Engine))
	s.Command, s.Invocation, s.Started, s.FullRefresh = string(o.Command), r.results.Invocation, r.results.Started, o.FullRefresh
	s.Selected = graph.Set{}
	for id, t := range p.tasks {
		s.Selected[id] = true
		for _, a := range t.audits {
			s.Selected[a.UniqueID] = true
		}
	}
	s.Log = func(msg string) { r.tell(Event{Kind: EventLog, Message: msg}) }
	r.s = s
	return r
}

func newInvocation() string {
	if id, err := uuid.NewV7(); err == nil {
		return id.String()
	}
	return uuid.NewString()
}

// all runs hooks and tasks; the error is one that is no node's.
func (r *runner) all(ctx context.Context) error {
	start, end := r.o.Project.c.Hooks()
	hooks := r.o.Command != CommandCompile && len(r.plan.tasks) > 0
	if hooks {
		if err := r.hooks(ctx, "on-run-start", start); err != nil {
			r.skipAll(err)
			return err
		}
	}
	s := &scheduler{plan: r.plan, run: r.task, skip: r.skip, stop: r.o.FailFast, workers: r.o.workers(), until: r.o.Until}
	s.work(ctx)
	r.results.Unfinished = s.late && s.failed == nil
	if hooks && ctx.Err() == nil && !r.results.Unfinished {
		return r.hooks(ctx, "on-run-end", end)
	}
	return nil
}

func (r *runner) hooks(ctx context.Context, key string, hooks []dbtproject.Hook) error {
	for _, h := range hooks {
		sql, err := r.s.Hook(ctx, h)
		if err == nil {
			err = r.statement(ctx, sql)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %s: %w", h.File, h.Line, key, err)
		}
	}
	return nil
}

// statement runs a hook's SQL; one that came out empty is nothing to run.
func (r *runner) statement(ctx context.Context, sql string) error {
	sql = compiler.Statement(sql)
	db := database{r.o.Engine}
	switch {
	case compiler.IsEmpty(sql):
		return nil
	case compiler.IsQuery(sql):
		_, err := db.Query(ctx, sql)
		return err
	}
	return db.Exec(ctx, sql)
}

func (r *runner) skipAll(because error) {
	for _, id := range r.plan.graph.Order() {
		r.skipFor(r.plan.tasks[id], "skipped: "+because.Error())
	}
}

// finish writes the artifacts and makes the run's error.
func (r *runner) finish(ctx context.Context, err error) (Results, error) {
	r.results.Ended = time.Now().UTC()
	werr := r.out.results(r.results, r.o)
	if ctx.Err() != nil {
		cause := context.Cause(ctx)
		return r.results, fault.New(fault.Interrupted, errors.Join(fmt.Errorf("%s was stopped: %w; what was published stays", r.o.Command, cause), err), "")
	}
	return r.results, cmp.Or(joined(err, r.results.err()), werr)
}

// joined keeps the kind of what failed worst.
func joined(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return fault.New(fault.Kind(fault.Code(a)), errors.Join(a, b), cmp.Or(fault.Next(a), fault.Next(b)))
}

func (r *runner) tell(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.o.Observer(e)
}

func (r *runner) warn(text string) {
	r.results.Warnings = append(r.results.Warnings, text)
	r.tell(Event{Kind: EventWarning, Message: text})
}

// begin tells that a node's turn has come.
func (r *runner) begin(n *manifest.Node) Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started++
	r.o.Observer(Event{Kind: EventStart, Node: n, Index: r.started, Total: r.plan.total})
	res := Result{UniqueID: n.UniqueID, Name: n.Name, Kind: n.Kind, Started: time.Now().UTC()}
	if n.Kind != manifest.Test {
		res.Relation = n.Relation.String()
	}
	return res
}

// end keeps a result and tells it.
func (r *runner) end(n *manifest.Node, res Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	res.Ended = time.Now().UTC()
	if res.Started.IsZero() {
		res.Started = res.Ended
	}
	r.results.Nodes = append(r.results.Nodes, res)
	r.o.Observer(Event{Kind: EventEnd, Node: n, Result: &res, Index: len(r.results.Nodes), Total: r.plan.total})
}

// skip ends a task that did not run.
func (r *runner) skip(t *task, because *manifest.Node) {
	why := "skipped: the run was stopped"
	if because != nil {
		why = fmt.Sprintf("skipped: %s %s failed", because.Kind, because.Name)
	}
	r.skipFor(t, why)
}

func (r *runner) skipFor(t *task, why string) {
	for _, n := range append([]*manifest.Node{t.node}, t.audits...) {
		res := Result{UniqueID: n.UniqueID, Name: n.Name, Kind: n.Kind, Status: StatusSkipped, Message: why}
		if n.Kind != manifest.Test {
			res.Relation = n.Relation.String()
		}
		r.end(n, res)
	}
}

// failed marks a result. What a stopped run did not finish is skipped, not wrong.
func failed(ctx context.Context, res Result, err error) Result {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		res.Status, res.Message = StatusSkipped, "skipped: the run was stopped"
		return res
	}
	res.Status, res.err, res.Message, res.Next = StatusError, err, strings.TrimSpace(err.Error()), fault.Next(err)
	return res
}
