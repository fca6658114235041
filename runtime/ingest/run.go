package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/ingest/rest"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
)

// Options says what to load, and how.
type Options struct {
	Source      *project.Source
	Lake        *lakehouse.Lake
	Vars        map[string]any // resolved, see project.Source
	Resources   []string       // default all that land
	FullRefresh bool           // read everything again, whatever the cursor says
	From, To    string         // inclusive bounds of the cursor; resources without one are loaded whole
	Observer    func(Event)    // called by one goroutine at a time; nil for none

	Secret     string // the source's, where client.auth asks for one
	SecretNext string // how to set it, for errors; default the laptop's way

	Until      time.Time       // commit and stop at the next place where that may be; zero: never
	Stop       <-chan struct{} // when it is closed, likewise; nil: never
	Checkpoint Checkpoint
	Memory     int64 // bytes of answers and batches at once, default 256 MiB
}

// Checkpoint bounds one load: when one of these is reached, it is committed
// and the next begins.
type Checkpoint struct {
	Rows  int64         // default 500,000
	Bytes int64         // of Arrow batches, default 2 GiB
	Every time.Duration // default 5 minutes
}

func (c Checkpoint) filled() Checkpoint {
	if c.Rows <= 0 {
		c.Rows = 500_000
	}
	if c.Bytes <= 0 {
		c.Bytes = 2 << 30
	}
	if c.Every <= 0 {
		c.Every = 5 * time.Minute
	}
	return c
}

// Run loads a source's resources in the order of its file, and stops at the
// first that fails; the Summary tells what was loaded until then.
//
// Errors carry their kind (package fault): Usage for a source or options that
// are wrong, Contract where a contract says fail or a table needs floe apply,
// Interrupted when ctx was cancelled, Failed otherwise. What was committed by
// then is kept, and the next run goes on from it.
func Run(ctx context.Context, o Options) (Summary, error) {
	sum := Summary{Source: o.Source.Name}
	resources, err := chosen(o)
	if err != nil {
		return sum, err
	}
	src, err := open(o)
	if err != nil {
		return sum, err
	}
	defer src.Close()
	return run(ctx, o, src, resources)
}

// open connects to the system that a source reads.
func open(o Options) (extract.Source, error) {
	switch o.Source.Kind {
	case "rest":
		next := o.SecretNext
		if next == "" {
			next = "export " + environment.LocalSecret(o.Source.Name) + "=…"
		}
		return rest.New(o.Source, rest.Options{Vars: o.Vars, Memory: o.Memory, Secret: o.Secret, SecretNext: next})
	}
	return nil, fault.New(fault.Usage, fmt.Errorf("source %s (%s): kind %q is unknown: write rest", o.Source.Name, o.Source.File, o.Source.Kind), "")
}

func run(ctx context.Context, o Options, src extract.Source, resources []*project.Resource) (Summary, error) {
	sum := Summary{Source: o.Source.Name, Resources: []ResourceSummary{}}
	var loaders []*loader
	cursors := false
	for _, r := range resources { // all are checked before anything is touched
		l, err := newLoader(o, src, r)
		if err != nil {
			return sum, err
		}
		loaders = append(loaders, l)
		cursors = cursors || l.plan.stateful
	}
	if (o.From != "" || o.To != "") && !cursors {
		return sum, fault.New(fault.Usage, fmt.Errorf("--from and --to: no resource of source %s that is loaded has an incremental cursor", o.Source.Name), "leave them out")
	}
	for i, l := range loaders {
		if i > 0 && o.late() {
			sum.Unfinished = true
			break
		}
		err := l.run(ctx)
		sum.Resources = append(sum.Resources, l.summary())
		if err != nil {
			return sum, failed(ctx, o.Source.Name, l.resource.Name, err)
		}
		if l.sum.Unfinished {
			sum.Unfinished = true
			break
		}
	}
	return sum, nil
}

// late says whether the run's time is up.
func (o Options) late() bool {
	select {
	case <-o.Stop:
		return true
	default:
		return !o.Until.IsZero() && time.Now().After(o.Until)
	}
}

// failed says what could not be loaded, and marks what was interrupted.
func failed(ctx context.Context, source, resource string, err error) error {
	err = fmt.Errorf("load %s.%s: %w", source, resource, err)
	if errors.Is(ctx.Err(), context.Canceled) {
		return fault.New(fault.Interrupted, err, "run the same command again: it goes on from the last commit")
	}
	return err
}

// chosen are the resources to load.
func chosen(o Options) ([]*project.Resource, error) {
	var land, names []string
	var out []*project.Resource
	for i := range o.Source.Resources {
		r := &o.Source.Resources[i]
		names = append(names, r.Name)
		if r.Land != nil && !*r.Land {
			continue
		}
		land = append(land, r.Name)
		if len(o.Resources) > 0 && !slices.Contains(o.Resources, r.Name) {
			continue
		}
		if o.Source.Contracts[r.Name] == nil {
			return nil, fault.New(fault.Usage, fmt.Errorf("resource %s of source %s has no contract", r.Name, o.Source.Name),
				fmt.Sprintf("write tables/%s.yaml beside %s, or set land: false", r.Name, o.Source.File))
		}
		out = append(out, r)
	}
	for _, name := range o.Resources {
		switch {
		case !slices.Contains(names, name):
			return nil, fault.New(fault.Usage, fmt.Errorf("source %s has no resource %q: it has %s", o.Source.Name, name, strings.Join(land, ", ")), "")
		case !slices.Contains(land, name):
			return nil, fault.New(fault.Usage, fmt.Errorf("resource %s of source %s fills no table (land: false): choose of %s", name, o.Source.Name, strings.Join(land, ", ")), "")
		}
	}
	return out, nil
}
