package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/schema"
)

// loader loads one resource.
type loader struct {
	o        Options
	limits   Checkpoint
	src      extract.Source
	resource *project.Resource
	contract *project.Contract
	spec     lakehouse.Spec
	plan     disposition
	stats    extract.Stats
	observer *observer
	sum      ResourceSummary // of what is committed

	table   *lakehouse.Table  // as it was when reading began
	known   map[string]string // the state as the table has it
	load    *lakehouse.Load
	rejects *rejects
	pending pending
}

// pending is what the load in the making holds.
type pending struct {
	rows, bytes, discarded int64
	state                  map[string]string
	began                  time.Time
}

// disposition is how rows get into the table.
type disposition struct {
	appends  bool // what the resource says
	merge    bool // what this run does
	keyed    bool
	stateful bool // loads carry a cursor
}

func newLoader(o Options, src extract.Source, r *project.Resource) (*loader, error) {
	c := o.Source.Contracts[r.Name]
	l := &loader{o: o, limits: o.Checkpoint.filled(), src: src, resource: r, contract: c, spec: SpecOf(c)}
	l.sum = ResourceSummary{Name: r.Name, Table: l.spec.Name.String()}
	l.observer = &observer{to: o.Observer, stats: &l.stats, base: Event{Source: o.Source.Name, Resource: r.Name}}
	l.rejects = &rejects{lake: o.Lake, landing: l.spec.Name, source: o.Source.Name, resource: r.Name}
	var err error
	l.plan, err = dispose(o, r, c)
	return l, err
}

// dispose decides how rows get into the table. Rows of an append resource that
// may come a second time are merged by the contract's key, or refused.
func dispose(o Options, r *project.Resource, c *project.Contract) (disposition, error) {
	inc := r.Endpoint.Incremental
	if inc == nil && o.Source.Defaults != nil {
		inc = o.Source.Defaults.Incremental
	}
	d := disposition{keyed: len(c.Key) > 0, stateful: inc != nil}
	switch r.WriteDisposition {
	case "append":
		d.appends = true
	case "merge":
	case "":
		d.appends = !d.keyed
	default:
		return d, fault.New(fault.Usage, fmt.Errorf("resource %s: write_disposition %q: write append or merge", r.Name, r.WriteDisposition), "")
	}
	if !d.appends && !d.keyed {
		return d, fault.New(fault.Usage, fmt.Errorf("resource %s: write_disposition merge needs a key", r.Name), "declare key: [...] in "+c.File+", or write append")
	}
	request := inc != nil && inc.Scope == "request"
	again := o.FullRefresh || inc != nil && !request && (o.From != "" || o.To != "")
	d.merge = !d.appends || d.keyed && (again || request || inc != nil && inc.Lag != "")
	if again && !d.merge {
		return d, fault.New(fault.Usage, fmt.Errorf("resource %s appends rows and its contract has no key: reading again what was loaded would add it twice", r.Name),
			"declare key: [...] in "+c.File+", or drop the table first")
	}
	return d, nil
}

// maxRestarts is how often a resource is read again because another run loads it too.
const maxRestarts = 5

// run loads the resource, from the start again where another run was quicker.
func (l *loader) run(ctx context.Context) error {
	l.observer.send(Event{Kind: extract.EventStart})
	for attempt := 1; ; attempt++ {
		err := l.once(ctx)
		if err == nil {
			l.observer.send(Event{Kind: extract.EventDone})
			return nil
		}
		if abort := l.abort(); abort != nil {
			err = errors.Join(err, fmt.Errorf("remove the unfinished load's files: %w", abort))
		}
		if !errors.Is(err, lakehouse.ErrStateMoved) || attempt > maxRestarts {
			return err
		}
		l.sum.Skips, l.sum.Skipped = nil, 0
		l.observer.send(Event{Kind: extract.EventRestart, Text: err.Error()})
	}
}

// once reads the resource from the state that the table has now.
func (l *loader) once(ctx context.Context) error {
	table, err := prepare(ctx, l.o.Lake, l.spec)
	if err != nil {
		return err
	}
	l.table, l.known = table, map[string]string{}
	maps.Copy(l.known, table.State())
	shape, err := tableOf(l.contract, table.Schema())
	if err != nil {
		return fault.New(fault.Usage, fmt.Errorf("contract %s: %w", l.contract.File, err), "")
	}
	hurry, asking, done := newHurry(ctx, l.o)
	defer done()
	chunks := l.src.Read(asking, extract.Read{
		Resource: l.resource, Table: shape, Append: l.plan.appends, Keyed: l.plan.keyed, State: maps.Clone(l.known),
		FullRefresh: l.o.FullRefresh, From: l.o.From, To: l.o.To, Stats: &l.stats, Observe: l.observer.send,
	})
	for chunk, err := range chunks {
		if !hurry.goOn() {
			break // what came is not wanted any more: the load ends before it
		}
		if err != nil {
			return err
		}
		if err := l.take(ctx, chunk); err != nil {
			return err
		}
		may := l.mayEnd(chunk)
		hurry.wait(may)
		late := may && hurry.late()
		if late || l.due(chunk) {
			if err := l.commit(ctx); err != nil {
				return err
			}
		}
		if late {
			l.sum.Unfinished = true
			return nil
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	l.sum.Unfinished = hurry.cut()
	return l.commit(ctx)
}

// take puts a chunk into the load.
func (l *loader) take(ctx context.Context, c extract.Chunk) error {
	for _, s := range c.Skips {
		l.sum.Skipped++
		if len(l.sum.Skips) < maxSkips {
			l.sum.Skips = append(l.sum.Skips, s)
		}
	}
	if len(c.Rejects) > 0 && l.contract.OnBreak.BadRows == "fail" {
		return l.broken(c.Rejects)
	}
	if err := l.rejects.add(ctx, c.Rejects); err != nil {
		return err
	}
	if err := l.write(ctx, c); err != nil {
		return err
	}
	l.pending.discarded += c.Discarded
	if len(c.State) > 0 && l.pending.state == nil {
		l.pending.state = map[string]string{}
	}
	maps.Copy(l.pending.state, c.State)
	return nil
}

// write hands a chunk's batch to the load, which begins with the first.
func (l *loader) write(ctx context.Context, c extract.Chunk) error {
	if len(c.Added) == 0 && c.Batch == nil && len(c.Rejects) == 0 {
		return nil
	}
	if err := l.begin(ctx); err != nil {
		return err
	}
	if len(c.Added) > 0 {
		if err := l.load.AddColumns(ctx, stored(c.Added)); err != nil {
			return fmt.Errorf("add columns to %s: %w", l.spec.Name, err)
		}
	}
	var rows int64
	if c.Batch != nil {
		if err := l.load.Write(ctx, c.Batch); err != nil {
			return fmt.Errorf("write to %s: %w", l.spec.Name, err)
		}
		rows = c.Batch.NumRows()
		l.pending.rows += rows
		l.pending.bytes += batchBytes(c.Batch)
	}
	l.observer.count(rows, int64(len(c.Rejects)))
	l.observer.send(Event{Kind: extract.EventRows})
	return nil
}

func stored(columns []extract.Column) []schema.Column {
	out := make([]schema.Column, len(columns))
	for i, c := range columns {
		out[i] = c.Column
		out[i].Type = c.Type.Stored()
	}
	return out
}

func batchBytes(b arrow.RecordBatch) int64 {
	var n int64
	for _, column := range b.Columns() {
		n += int64(column.Data().SizeInBytes())
	}
	return n
}

// broken is the error for rows that break a contract that says fail.
func (l *loader) broken(rows []extract.Reject) error {
	var examples []string
	for _, r := range rows[:min(len(rows), 3)] {
		examples = append(examples, strings.TrimPrefix(r.Column+": "+r.Reason, ": "))
	}
	return fault.New(fault.Contract, fmt.Errorf("%d rows of an answer break the contract of %s, which says on_break.bad_rows: fail; this load is not made: %s",
		len(rows), l.spec.Name, strings.Join(examples, "; ")), "correct the contract "+l.contract.File+", or write bad_rows: reject to set such rows aside")
}

// loadMemory is how many bytes of rows may wait for their file. A merge holds
// about twice of it, and the collector lets that double again: with this, a
// million games of 3.6 kB stay well under 1 GB.
const loadMemory = 64 << 20

func (l *loader) begin(ctx context.Context) error {
	if l.load != nil {
		return nil
	}
	load, err := l.o.Lake.NewLoad(ctx, l.spec.Name, lakehouse.LoadOptions{Merge: l.plan.merge, Key: l.spec.Key, Source: l.o.Source.Name, MemoryBudget: loadMemory})
	if err != nil {
		return fmt.Errorf("begin a load of %s: %w", l.spec.Name, err)
	}
	l.load = load
	l.pending.began = time.Now()
	return nil
}

// mayEnd says whether a load may end with this chunk. Merged rows may be
// committed anywhere, for reading them again changes nothing; added ones only
// where the state covers them, or they would come twice after a crash.
func (l *loader) mayEnd(c extract.Chunk) bool {
	return !c.More && (l.plan.merge || l.plan.stateful && c.Complete)
}

// due says whether the load is to be committed after this chunk.
func (l *loader) due(c extract.Chunk) bool {
	if l.load == nil || !l.mayEnd(c) {
		return false
	}
	p := l.pending
	return p.rows+l.rejects.rows >= l.limits.Rows || p.bytes >= l.limits.Bytes || time.Since(p.began) >= l.limits.Every
}

// commit commits the rejected rows, and then rows and state together.
func (l *loader) commit(ctx context.Context) error {
	rejected := l.rejects.rows
	if err := l.rejects.commit(ctx); err != nil {
		return err
	}
	if l.pending.rows == 0 && len(l.pending.state) == 0 {
		l.sum.Rejected += rejected
		l.sum.Discarded += l.pending.discarded
		return l.abort()
	}
	if err := l.begin(ctx); err != nil {
		return err
	}
	result, err := l.load.Commit(ctx, l.update())
	if err != nil {
		return fmt.Errorf("commit the load of %s: %w", l.spec.Name, err)
	}
	l.sum.Rejected += rejected
	l.sum.Rows += l.pending.rows
	l.sum.Inserted += result.Inserted
	l.sum.Updated += result.Updated
	l.sum.Unchanged += result.Unchanged
	l.sum.Discarded += l.pending.discarded
	l.sum.Loads++
	if len(l.sum.LoadIDs) < maxLoadIDs {
		l.sum.LoadIDs = append(l.sum.LoadIDs, result.ID)
	}
	for key, value := range l.pending.state {
		before, known := l.known[key]
		l.sum.Advanced = l.sum.Advanced || !known || before != value
	}
	maps.Copy(l.known, l.pending.state)
	l.load, l.pending = nil, pending{}
	l.observer.send(Event{Kind: extract.EventCommit, Text: result.ID})
	return nil
}

// update is the state that the load makes true, if the state is still the one
// that the resource was read from, and nobody took the table back since: of an
// item that goes into several loads, only the last one moves the state.
func (l *loader) update() lakehouse.StateUpdate {
	u := lakehouse.StateUpdate{Set: l.pending.state, Expect: map[string]string{}, Read: l.table}
	for key := range l.pending.state {
		u.Expect[key] = l.known[key]
	}
	return u
}

// abort forgets the load in the making and removes its files.
func (l *loader) abort() error {
	err := l.rejects.abort()
	l.pending = pending{}
	if l.load == nil {
		return err
	}
	load := l.load
	l.load = nil
	return errors.Join(err, load.Abort())
}

// summary is what the resource came to.
func (l *loader) summary() ResourceSummary {
	s := l.sum
	s.Bytes, s.Requests, s.Retries = l.stats.Bytes.Load(), l.stats.Requests.Load(), l.stats.Retries.Load()
	slices.SortStableFunc(s.Skips, func(a, b Skip) int { return strings.Compare(a.Request, b.Request) })
	return s
}
