package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest"
	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/orchestrate"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/secrets"
)

// load loads a source, as much of it as there is time for.
func load(ctx context.Context, j *job) (orchestrate.Outcome, error) {
	src, err := j.source()
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	o, err := j.options(ctx, src)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	if len(o.Resources) == 0 { // all of them are done
		return orchestrate.Outcome{Finished: true, Done: j.Task.Done}, nil
	}
	summary, err := ingest.Run(ctx, o)
	for _, r := range summary.Resources {
		j.Log.Info("loaded", "resource", r.Name, "table", r.Table, "rows", r.Rows, "inserted", r.Inserted, "updated", r.Updated, "unchanged", r.Unchanged,
			"rejected", r.Rejected, "skipped", r.Skipped, "loads", r.Loads, "requests", r.Requests, "retries", r.Retries, "bytes", r.Bytes, "unfinished", r.Unfinished)
	}
	if err == nil && j.stuck(summary) {
		err = j.noHeadway(src.Name, summary.Resources[0].Name)
	}
	done := slices.Clone(j.Task.Done)
	for i, r := range summary.Resources {
		if last := i == len(summary.Resources)-1; !r.Unfinished && (err == nil || !last) { // the last is the one that failed
			done = append(done, r.Name)
		}
	}
	return orchestrate.Outcome{Finished: err == nil && !summary.Unfinished, Done: done, Summary: summary}, err
}

// source is the one to load.
func (j *job) source() (*project.Source, error) {
	name := j.Task.Source
	if name == "" {
		name = j.stack.source
	}
	if j.stack.source != "" && name != j.stack.source {
		return nil, fault.New(fault.Usage, fmt.Errorf("the task is to load source %s, and this program may load %s only (%s)", name, j.stack.source, environment.Source),
			"start the function of source "+name)
	}
	src, ok := j.project.Sources[name]
	if !ok {
		return nil, fault.New(fault.Usage, fmt.Errorf("there is no source %q; the project has %s", name, strings.Join(slices.Sorted(maps.Keys(j.project.Sources)), ", ")), "deploy the stack again")
	}
	return src, nil
}

func (j *job) options(ctx context.Context, src *project.Source) (ingest.Options, error) {
	o := ingest.Options{Source: src, Lake: j.lake, Until: j.Until, Stop: j.Stop, Observer: j.observe,
		Memory: budget(j.program.memory), Checkpoint: ingest.Checkpoint{Bytes: checkpoint(freeBytes(os.TempDir()))}, SecretNext: secrets.Next(src.Name, j.stack.name)}
	var over map[string]any
	if j.stack.vars != "" {
		d := json.NewDecoder(strings.NewReader(j.stack.vars))
		d.UseNumber()
		if err := d.Decode(&over); err != nil {
			return o, fault.New(fault.Usage, fmt.Errorf("%s is no JSON object: %w", environment.Vars, err), "deploy the stack again")
		}
	}
	var err error
	if o.Vars, err = src.ResolveVars(nil, numbers(over)); err != nil {
		return o, err
	}
	o.Resources = j.resources(src)
	if src.Client.Auth != nil && j.stack.secret != "" {
		config, err := j.program.aws(ctx)
		if err != nil {
			return o, err
		}
		value, err := secrets.NewStore(config, j.stack.project, j.stack.name).Value(ctx, src.Name, j.stack.secret)
		if err != nil {
			return o, err
		}
		o.Secret = value.Text
		j.tellAge(value)
	}
	return o, nil
}

// tellAge logs how old a secret is: infra makes a metric of the line, and an
// alarm of the metric.
func (j *job) tellAge(v secrets.Value) {
	if v.Set.IsZero() {
		return
	}
	j.Log.Info("read the secret", environment.LogSecret, v.Name, environment.LogSecretAge, v.Age(time.Now()))
}

// numbers gives JSON's numbers as source.yaml has them: whole ones as int64.
func numbers(over map[string]any) map[string]any {
	for name, value := range over {
		n, ok := value.(json.Number)
		if !ok {
			continue
		}
		if whole, err := n.Int64(); err == nil {
			over[name] = whole
		} else if f, err := n.Float64(); err == nil {
			over[name] = f
		}
	}
	return over
}

// resources are those that the task names, or all that land, without those
// that earlier invocations have done.
func (j *job) resources(src *project.Source) []string {
	names := j.Task.Resources
	if len(names) == 0 {
		for i := range src.Resources {
			if src.Resources[i].Lands() {
				names = append(names, src.Resources[i].Name)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(j.Task.Done, n) })
}

// budget is the part of the memory for answers and batches that wait: a
// quarter, which with the load in the making and the collector's room fills it.
func budget(memory int64) int64 {
	if memory <= 0 {
		return 0
	}
	return min(max(memory/4, 32<<20), 256<<20)
}

// checkpoint is how many bytes of rows one load may hold: a merge needs about
// as much of the disk again for the table's old rows, and their files. A
// function has 512 MB of it, unless its size says more.
func checkpoint(free int64) int64 {
	const most = 2 << 30
	if free <= 0 { // not known
		return most
	}
	return min(free/4, most)
}

// roomy adds what to do to an error that says that the disk is full.
func roomy(err error) error {
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return fault.New(fault.Kind(fault.Code(err)), err, "raise sizes.function.disk_mb in live/"+os.Getenv(environment.Stack)+"/platform.yaml")
}

// stuck says whether a whole invocation was too short to move a cursor: the
// next one would begin where this one did. Where there is no next one, the
// step's time is over, which is told instead.
func (j *job) stuck(s ingest.Summary) bool {
	if j.Last || !s.Unfinished || len(s.Resources) != 1 || s.Resources[0].Advanced {
		return false
	}
	select {
	case <-j.Stop:
		return false // it was told to end
	default:
		return true
	}
}

func (j *job) noHeadway(source, resource string) error {
	return fault.New(fault.Usage, errors.New("resource "+resource+" was not read as far as its next cursor in the time that there is, and would be read again from the same place"),
		fmt.Sprintf("give the resource an incremental that moves on (docs/add-a-pipeline.md), or load the source in a task that is not bounded to 15 minutes: sources: {%s: {compute: fargate}} in live/%s/pipelines.yaml", source, j.stack.name))
}

// observe logs a load's milestones; requests and rows are counted in them.
func (j *job) observe(e ingest.Event) {
	attributes := []any{"resource", e.Resource, "rows", e.Rows, "rejected", e.Rejected, "requests", e.Requests, "retries", e.Retries, "skips", e.Skips, "bytes", e.Bytes}
	switch e.Kind {
	case extract.EventStart:
		j.Log.Info("start", "resource", e.Resource)
	case extract.EventCommit:
		j.Log.Info("commit", append(attributes, "load", e.Text)...)
	case extract.EventRetry:
		j.Log.Warn("retry", append(attributes, "request", e.Request, "status", e.Status, "wait_seconds", e.Wait.Seconds(), "cause", e.Text)...)
	case extract.EventSkip:
		j.Log.Info("skip", append(attributes, "request", e.Request, "status", e.Status, "cause", e.Text)...)
	case extract.EventRestart:
		j.Log.Warn("another run loads this too: begin again", append(attributes, "cause", e.Text)...)
	}
}
