package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/floe-data/floe/runtime/deployed"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/governance/declared"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/orchestrate"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/transform"
	"github.com/floe-data/floe/runtime/transform/athena"
)

// leftAfter is how old what is built aside must be to be the rest of a killed
// run: no step of a workflow runs that long.
const leftAfter = 24 * time.Hour

// errStopped is the cause of a run that was told to end.
var errStopped = errors.New("the program was told to end")

// stack is what the environment says.
type stack struct {
	project, name, workgroup string
}

func readStack(needed ...string) (stack, error) {
	for _, name := range needed {
		if os.Getenv(name) == "" {
			return stack{}, fault.New(fault.Usage, fmt.Errorf("the environment has no %s, which the stack's task definition sets", name), "deploy the stack again")
		}
	}
	return stack{os.Getenv(environment.Project), os.Getenv(environment.Stack), os.Getenv(environment.Workgroup)}, nil
}

// act does a task of this program.
func act(ctx context.Context, c deployed.Call) (orchestrate.Outcome, error) {
	switch c.Task.Act {
	case orchestrate.ActGovern:
		return govern(ctx, c)
	case orchestrate.ActTransform:
	default:
		return orchestrate.Outcome{}, fault.New(fault.Usage, fmt.Errorf("this program does the acts %s and %s, not %q", orchestrate.ActTransform, orchestrate.ActGovern, c.Task.Act), "")
	}
	options, err := optionsOf(c)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	return run(ctx, c, options)
}

func optionsOf(c deployed.Call) (transform.Options, error) {
	t := c.Task
	o := transform.Options{Command: transform.Command(t.Command), Select: t.Select, Exclude: t.Exclude, Until: c.Until, Done: map[string]bool{}}
	for _, id := range t.Done {
		o.Done[id] = true
	}
	switch o.Command {
	case "", transform.CommandBuild, transform.CommandRun, transform.CommandTest, transform.CommandSeed:
		return o, nil
	}
	return o, fault.New(fault.Usage, fmt.Errorf("command %q: a task's command is build, run, seed or test", t.Command), "")
}

// run does the command over the stack's tables, with the models of the project
// that the program was started in.
func run(ctx context.Context, c deployed.Call, o transform.Options) (orchestrate.Outcome, error) {
	s, err := readStack(environment.Project, environment.Stack, environment.Workgroup)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	if os.Getenv(environment.Tables) == environment.S3Tables {
		return orchestrate.Outcome{}, fault.New(fault.Usage, errors.New("the stack's tables are in an S3 table bucket, where no model can take its table's place in one step"), "take the workflows that transform out of the stack's pipelines.yaml, or write tables: glue in a new stack's platform.yaml")
	}
	p, err := here()
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	o.Dir = p.TransformDir
	o.Target = transform.Target{Name: s.name, Type: "athena", Database: "awsdatacatalog"}
	ctx, cancel := untilTold(ctx, c.Stop)
	defer cancel()
	config, err := deployed.Config(ctx)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	lake, err := lakehouse.Open(ctx, lakehouse.Options{Glue: &lakehouse.GlueOptions{Project: s.project, Stack: s.name, Config: config}})
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	defer lake.Close()
	tables, err := declared.Tables(ctx, p, s.name)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	engine, err := athena.Open(athena.Options{Config: config, Lake: lake, Project: s.project, Stack: s.name, Workgroup: s.workgroup, Classified: newNotes(tables, lake).of})
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	if len(c.Task.Done) == 0 {
		sweep(ctx, c.Log, engine)
	}
	o.Engine = engine
	if o.Concurrency == 0 {
		o.Concurrency = engine.MaxConcurrency()
	}
	o.Observer = func(e transform.Event) { tell(c.Log, e) }
	return outcome(ctx, c, o, engine)
}

// here is the project that the program was started in.
func here() (*project.Project, error) {
	root, err := project.Find(".")
	if err != nil {
		return nil, err
	}
	return project.Load(root)
}

// untilTold ends a context when the program is told to end: its queries are
// stopped then, as a model takes longer than what is left.
func untilTold(ctx context.Context, stop <-chan struct{}) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-stop:
			cancel(errStopped)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

func outcome(ctx context.Context, c deployed.Call, o transform.Options, engine *athena.Engine) (orchestrate.Outcome, error) {
	results, err := transform.Run(ctx, o)
	total := summaryOf(results, engine.Totals())
	c.Log.Info("athena", "queries", total.Queries, "scanned_bytes", total.Scanned)
	out := orchestrate.Outcome{Finished: err == nil && !results.Unfinished, Done: slices.Clone(c.Task.Done), Summary: total}
	out.Done = slices.AppendSeq(out.Done, maps.Keys(results.Done()))
	slices.Sort(out.Done)
	out.Done = slices.Compact(out.Done)
	return out, err
}

// sweep drops what killed runs left. What cannot be dropped now is left for
// the next run: it is in nobody's way.
func sweep(ctx context.Context, log *slog.Logger, engine *athena.Engine) {
	gone, err := engine.Sweep(ctx, leftAfter)
	for _, n := range gone {
		log.Info("dropped what a killed run left", "relation", n.String())
	}
	if err != nil && ctx.Err() == nil {
		log.Warn("what killed runs left cannot be dropped: "+err.Error(), "next", fault.Next(err))
	}
}

// tell logs an event; no row is in it.
func tell(log *slog.Logger, e transform.Event) {
	switch e.Kind {
	case transform.EventWarning:
		log.Warn(e.Message)
	case transform.EventLog:
		log.Info(e.Message, "from", "template")
	case transform.EventStart:
		log.Info("start", "node", e.Node.UniqueID, "number", e.Index, "of", e.Total)
	case transform.EventEnd:
		r := e.Result
		level := slog.LevelInfo
		if r.Status == transform.StatusError || r.Status == transform.StatusFail {
			level = slog.LevelError
		}
		attrs := []any{"node", r.UniqueID, "status", string(r.Status), "seconds", r.Ended.Sub(r.Started).Seconds()}
		if r.Relation != "" {
			attrs = append(attrs, "relation", r.Relation, "rows", r.Rows)
		}
		if r.Failures > 0 {
			attrs = append(attrs, "failures", r.Failures)
		}
		if r.Message != "" {
			attrs = append(attrs, "message", r.Message)
		}
		log.Log(context.Background(), level, "end", attrs...)
	}
}

// summary tells a run in a few numbers.
type summary struct {
	Built   int `json:"built"`
	Passed  int `json:"passed"`
	Warned  int `json:"warned"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
	athena.Totals
}

func summaryOf(r transform.Results, t athena.Totals) summary {
	return summary{Built: r.Count(transform.StatusSuccess), Passed: r.Count(transform.StatusPass), Warned: r.Count(transform.StatusWarn),
		Failed: r.Count(transform.StatusFail) + r.Count(transform.StatusError), Skipped: r.Count(transform.StatusSkipped), Totals: t}
}
