package maintenance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
)

// Snapshots younger than DefaultKeep are kept, and files that no snapshot knows
// are taken for another writer's work in progress until they are older than
// DefaultOrphans.
const (
	DefaultKeep    = 168 * time.Hour
	DefaultOrphans = project.OrphansAfter
)

// Options says what to do to each table, and how long it may take.
type Options struct {
	Act   lakehouse.MaintainOptions
	Kept  map[lakehouse.Name]time.Duration // how long rows are kept; for ever in tables that it lacks
	Done  []string                         // tables that an earlier run has done
	Until time.Time                        // hand over by then; zero: there is no hurry
	Stop  <-chan struct{}                  // when it is closed, hand over; nil: never
	Begin func(lakehouse.Name)
	End   func(Table, error) // of a table that was not cut off; nil for none, as Begin
}

// Table is what was done to one table.
type Table struct {
	Table string `json:"table"`
	lakehouse.MaintainResult
}

// Result is what a run did.
type Result struct {
	Tables   []Table  // of this run
	Done     []string // of this run and those before it
	Finished bool
}

// ActOf is everything, with the ages that a workflow's step gives as text.
func ActOf(keepSnapshots, orphansAfter string) (lakehouse.MaintainOptions, error) {
	o := lakehouse.MaintainOptions{KeepFor: DefaultKeep, KeepLast: 1, OrphansAfter: DefaultOrphans, Expire: true, Compact: true, Orphans: true}
	for _, age := range []struct {
		key, text string
		to        *time.Duration
	}{{"keep_snapshots", keepSnapshots, &o.KeepFor}, {"orphans_after", orphansAfter, &o.OrphansAfter}} {
		if age.text == "" {
			continue
		}
		d, err := time.ParseDuration(age.text)
		if err != nil || d <= 0 {
			return o, fault.New(fault.Usage, fmt.Errorf("maintain: %s: %q is not a duration such as 168h", age.key, age.text), "")
		}
		*age.to = d
	}
	return o, nil
}

// TablesOf lists the tables of the schemas; of all, where none is given.
func TablesOf(ctx context.Context, lake *lakehouse.Lake, schemas []string) ([]lakehouse.Name, error) {
	if len(schemas) == 0 {
		schemas = []string{""}
	}
	var names []lakehouse.Name
	for _, s := range schemas {
		relations, err := lake.Relations(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("list the tables to maintain: %w", err)
		}
		for _, r := range relations {
			if !r.View {
				names = append(names, r.Name)
			}
		}
	}
	return names, nil
}

// errShare is why a table is left before it is done.
var errShare = errors.New("the time for one table is over")

// run is a Run at work.
type run struct {
	o      Options
	lake   *lakehouse.Lake
	result Result
	failed []error
	cut    []string // tables that took too long
}

// Run maintains tables. Its error names every table that could not be done.
func Run(ctx context.Context, lake *lakehouse.Lake, names []lakehouse.Name, o Options) (Result, error) {
	r := &run{o: o, lake: lake, result: Result{Done: slices.Clone(o.Done)}}
	left := slices.DeleteFunc(slices.Clone(names), func(n lakehouse.Name) bool { return slices.Contains(o.Done, n.String()) })
	for i, n := range left {
		if r.stopped() || i > 0 && r.late() {
			return r.handOver()
		}
		r.table(ctx, n, i == len(left)-1)
		if ctx.Err() != nil {
			return r.result, errors.Join(append(r.failed, context.Cause(ctx))...)
		}
	}
	if len(r.cut) > 0 {
		return r.handOver()
	}
	r.result.Finished = len(r.failed) == 0
	return r.result, r.err()
}

// table does one table within its share of the time.
func (r *run) table(ctx context.Context, n lakehouse.Name, last bool) {
	if r.o.Begin != nil {
		r.o.Begin(n)
	}
	within, cancel := r.share(ctx, last)
	defer cancel()
	act := r.o.Act
	act.RowsKept = r.o.kept(n)
	did, err := r.lake.Maintain(within, n, act)
	switch {
	case err != nil && ctx.Err() == nil && errors.Is(context.Cause(within), errShare):
		r.cut = append(r.cut, n.String())
		return
	case errors.Is(err, lakehouse.ErrNotFound):
		err = nil // dropped since it was listed
	case err != nil:
		err = fmt.Errorf("maintain %s: %w", n, err)
		r.failed = append(r.failed, err)
	}
	table := Table{n.String(), did}
	if err == nil {
		r.result.Tables = append(r.result.Tables, table)
		r.result.Done = append(r.result.Done, n.String())
	}
	if r.o.End != nil {
		r.o.End(table, err)
	}
}

// kept is how long a table's rows are kept. Glue lists names in lower case.
func (o Options) kept(n lakehouse.Name) time.Duration {
	for name, age := range o.Kept {
		if strings.EqualFold(name.String(), n.String()) {
			return age
		}
	}
	return 0
}

// share bounds the time for one table: half of what is left, all for the last.
func (r *run) share(ctx context.Context, last bool) (context.Context, func()) {
	within, cancel := context.WithCancelCause(ctx)
	over := func() { cancel(errShare) }
	if r.o.Stop != nil {
		go func() {
			select {
			case <-r.o.Stop:
				over()
			case <-within.Done():
			}
		}()
	}
	if r.o.Until.IsZero() {
		return within, func() { cancel(nil) }
	}
	left := time.Until(r.o.Until)
	if !last {
		left /= 2
	}
	timer := time.AfterFunc(left, over)
	return within, func() { timer.Stop(); cancel(nil) }
}

func (r *run) stopped() bool {
	select {
	case <-r.o.Stop:
		return true
	default:
		return false
	}
}

func (r *run) late() bool { return !r.o.Until.IsZero() && !time.Now().Before(r.o.Until) }

// handOver ends a run early. One that did no table at all would be called again
// for ever: it fails.
func (r *run) handOver() (Result, error) {
	if len(r.result.Tables) > 0 || r.stopped() {
		return r.result, nil
	}
	if len(r.cut) > 0 {
		r.failed = append(r.failed, fmt.Errorf("maintain %s: not done in the time that there is", strings.Join(r.cut, ", ")))
	}
	return r.result, r.err()
}

// err is all that failed, as one error.
func (r *run) err() error {
	if len(r.failed) < 2 {
		return errors.Join(r.failed...)
	}
	return fmt.Errorf("%d tables could not be maintained:\n%w", len(r.failed), errors.Join(r.failed...))
}
