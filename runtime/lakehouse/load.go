package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"
	"github.com/google/uuid"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

// LoadOptions says what a load is.
type LoadOptions struct {
	ID           string   // "" makes a new one (UUIDv7). Committing the same id again adds nothing.
	Merge        bool     // rows replace those with the same key; otherwise all are added
	Key          []string // merge's key columns, nil takes the table's
	Source       string   // goes into _floe_source
	MemoryBudget int64    // bytes of rows that wait for their file, default 64 MiB; the process takes several times that
}

// The columns that a load fills itself, where the table has them.
const (
	ColumnLoadID   = "_floe_load_id"   // string
	ColumnLoadedAt = "_floe_loaded_at" // timestamptz
	ColumnSource   = "_floe_source"    // string
)

const ownColumns = "_floe_"

// LoadColumns are the columns that every landing table has besides its contract's.
func LoadColumns() []schema.Column {
	return []schema.Column{
		{Name: ColumnLoadID, Type: schema.Type{Kind: schema.String}, Doc: "id of the load that wrote the row"},
		{Name: ColumnLoadedAt, Type: schema.Type{Kind: schema.Timestamptz}, Doc: "when the load that wrote the row began"},
		{Name: ColumnSource, Type: schema.Type{Kind: schema.String}, Doc: "what the row was read from"},
	}
}

// Load is one load in the making. It is used by one goroutine at a time.
type Load struct {
	lake    *Lake
	id      string
	options LoadOptions
	began   time.Time
	table   *Table // as the load writes it: its schema grows with AddColumns
	done    *Table // set when a load of this id is part of the table
	out     *fanout
	scratch *parquetfile.Chunk
	merge   *merge
	outcome *outcome
	ended   bool
	rows    int64
}

// StateUpdate is what a load changes of the cursor state.
type StateUpdate struct {
	Set    map[string]string
	Delete []string
	Expect map[string]string // values that the keys must still have ("" = not set), else ErrStateMoved
	Read   *Table            // that the caller went by: a rollback since then is ErrStateMoved; nil: not looked at
}

// LoadResult is what a load did.
type LoadResult struct {
	ID         string
	SnapshotID int64 // of the load's commit; the table's current one if nothing had to be committed
	Rows       int64 // given to Write
	Inserted   int64
	Updated    int64
	Unchanged  int64 // merge: the same row was there already
	Duplicates int64 // merge: a later row of the same load has the same key
	Bytes      int64 // of the files
	Files      int
	Again      bool // a load of this id was committed before: nothing was done
}

// NewLoad begins a load into the table n, which must exist.
func (l *Lake) NewLoad(ctx context.Context, n Name, o LoadOptions) (*Load, error) {
	if err := l.writable("load", n); err != nil {
		return nil, err
	}
	t, err := l.Table(ctx, n)
	if err != nil {
		return nil, err
	}
	if o.ID == "" {
		o.ID = uuid.Must(uuid.NewV7()).String()
	}
	if strings.ContainsFunc(o.ID, func(r rune) bool { return r <= ' ' }) {
		return nil, fault.New(fault.Usage, fmt.Errorf("load id %q: it may hold no space", o.ID), "")
	}
	ld := &Load{lake: l, id: o.ID, options: o, began: time.Now().UTC()}
	if _, ok := committed(t.ice, o.ID); ok {
		ld.done = t
	}
	if err := ld.use(t); err != nil {
		return nil, fmt.Errorf("load %s: %w", n, err)
	}
	if o.Merge {
		if ld.merge, err = newMerge(t, o.Key); err != nil {
			return nil, fmt.Errorf("load %s: %w", n, err)
		}
	}
	return ld, nil
}

// use makes the load write the table as t has it.
func (ld *Load) use(t *Table) error {
	out, err := newFanout(ld.lake.fs, t.ice.Metadata(), t.Location(), t.schema, ld.options.MemoryBudget)
	if err != nil {
		return err
	}
	out.stamp = ld.stamper(t.schema)
	ld.table, ld.out, ld.scratch = t, out, parquetfile.NewChunk(t.schema)
	return nil
}

// stamper fills floe's own columns, which are the same in all rows of a load.
func (ld *Load) stamper(s schema.Schema) func(*parquetfile.Chunk) {
	at := func(name string) int {
		return slices.IndexFunc(s.Columns, func(c schema.Column) bool { return c.Name == name })
	}
	id, when, source := at(ColumnLoadID), at(ColumnLoadedAt), at(ColumnSource)
	return func(c *parquetfile.Chunk) {
		if id >= 0 {
			c.SetText(id, ld.id)
		}
		if when >= 0 {
			c.SetInt(when, ld.began.UnixMicro())
		}
		if source >= 0 {
			c.SetText(source, ld.options.Source)
		}
	}
}

// ID is the load's id.
func (ld *Load) ID() string { return ld.id }

// Done says whether a load of this id was committed before: then Write and
// Commit do nothing, and Commit gives that load's snapshot.
func (ld *Load) Done() bool { return ld.done != nil }

// Schema is the columns that batches may carry now.
func (ld *Load) Schema() schema.Schema { return ld.table.Schema() }

// Write takes a batch of rows. Columns are matched with the table's by name; a
// missing one is null; the _floe_ columns are filled in. Arrow types: bool,
// int64, float64, decimal128(p,s), date32, timestamp[us] (with UTC for
// timestamptz), string, binary. The batch is not kept after Write returns.
func (ld *Load) Write(ctx context.Context, b arrow.RecordBatch) error {
	if ld.ended {
		return fmt.Errorf("load %s has ended", ld.id)
	}
	if ld.Done() || b.NumRows() == 0 {
		return ctx.Err()
	}
	ld.scratch.Reset()
	if err := ld.scratch.AppendRecord(b); err != nil {
		return ld.refused(err)
	}
	if err := ld.scratch.Missing(0, stamped(ld.table.schema)); err != nil {
		return ld.refused(err)
	}
	ld.rows += b.NumRows()
	if ld.merge != nil {
		return ld.merge.keep(ld.scratch, ld.out.budget/2) // the other half is for the files
	}
	return ld.out.add(ctx, ld.scratch, nil)
}

func (ld *Load) refused(err error) error {
	return fault.New(fault.Contract, fmt.Errorf("load %s: %w", ld.table.name, err), "")
}

// stamped are the columns that the load fills itself.
func stamped(s schema.Schema) []int {
	var out []int
	for i, c := range s.Columns {
		if c.Name == ColumnLoadID || c.Name == ColumnLoadedAt || c.Name == ColumnSource {
			out = append(out, i)
		}
	}
	return out
}

// Commit makes files, load id and state the table's in one transaction.
func (ld *Load) Commit(ctx context.Context, s StateUpdate) (LoadResult, error) {
	result := LoadResult{ID: ld.id, Rows: ld.rows}
	if ld.ended {
		return result, fmt.Errorf("load %s has ended", ld.id)
	}
	if ld.Done() {
		result.Again = true
		result.SnapshotID, _ = committed(ld.done.ice, ld.id)
		return result, ld.Abort()
	}
	outcome, err := ld.prepare(ctx)
	if err != nil {
		return result, fmt.Errorf("load %s: %w", ld.table.name, err)
	}
	ld.outcome = outcome
	t, again, err := ld.lake.commit(ctx, ld.table.name, ld.id, func(ctx context.Context, head *Table) (*draft, error) {
		return ld.draft(ctx, head, outcome, s)
	})
	if errors.Is(err, errUnknown) {
		ld.ended = true // its files may be the table's
	}
	if err != nil {
		return result, fmt.Errorf("load %s: %w", ld.table.name, err)
	}
	result.SnapshotID, _ = committed(t.ice, ld.id)
	if result.SnapshotID == 0 {
		result.SnapshotID = snapshotID(t.ice)
	}
	if again {
		result.Again = true // by another process, meanwhile
		return result, ld.Abort()
	}
	outcome.report(&result)
	ld.ended = true
	return result, ld.clear()
}

func (ld *Load) clear() error {
	if ld.merge == nil {
		return nil
	}
	return ld.merge.clear()
}

// prepare brings to disk what does not depend on the table's head.
func (ld *Load) prepare(ctx context.Context) (*outcome, error) {
	if ld.merge != nil {
		return &outcome{}, nil // what is written depends on the head
	}
	files, err := ld.out.close(ctx)
	if err != nil {
		return nil, err
	}
	o := &outcome{files: files, inserted: ld.rows}
	return o, nil
}

// outcome is what a load's commit adds.
type outcome struct {
	files    []iceberg.DataFile
	deletes  []iceberg.DataFile
	inserted int64
	updated  int64
	same     int64
	doubles  int64
	resolved bool  // merge: the rest was found out
	base     int64 // against this snapshot
}

// remove takes back the files.
func (o *outcome) remove(from filesystem) error {
	err := from.remove(append(paths(from, o.files), paths(from, o.deletes)...))
	o.files, o.deletes, o.resolved = nil, nil, false
	return err
}

func (o *outcome) report(r *LoadResult) {
	r.Inserted, r.Updated, r.Unchanged, r.Duplicates = o.inserted, o.updated, o.same, o.doubles
	r.Files = len(o.files)
	for _, f := range o.files {
		r.Bytes += f.FileSizeBytes()
	}
}

// draft is the load's change of a head: rows, load id and state together.
func (ld *Load) draft(ctx context.Context, head *Table, o *outcome, s StateUpdate) (*draft, error) {
	set, remove, err := stateUpdates(head.ice.Properties(), s)
	if err != nil {
		return nil, err
	}
	if ld.merge != nil {
		if err := ld.resolve(ctx, head, o); err != nil {
			return nil, err
		}
	}
	c := change{operation: ice.OpAppend, add: o.files, addDeletes: o.deletes, summary: ld.summary(), set: set, remove: remove}
	if len(o.deletes) > 0 {
		c.operation = ice.OpOverwrite
	}
	if c.empty() && len(set)+len(remove) == 0 {
		return nil, nil
	}
	var d draft
	if !c.empty() {
		if d, err = ld.lake.stage(ctx, head.ice.Metadata(), c); err != nil {
			return nil, err
		}
	}
	set[propLoads] = remember(head.ice.Properties(), ld.id)
	d.updates = append(d.updates, ice.NewSetPropertiesUpdate(set))
	if len(remove) > 0 {
		d.updates = append(d.updates, ice.NewRemovePropertiesUpdate(remove))
	}
	return &d, nil
}

func (ld *Load) summary() map[string]string {
	s := map[string]string{summaryLoad: ld.id, summaryLoadedAt: ld.began.Format(time.RFC3339Nano)}
	if ld.options.Source != "" {
		s["floe.source"] = ld.options.Source
	}
	return s
}

// Abort removes the load's files. After Commit, or a second time, it does nothing.
func (ld *Load) Abort() error {
	if ld.ended {
		return nil
	}
	ld.ended = true
	err := errors.Join(ld.out.abort(), ld.clear())
	if ld.outcome != nil {
		err = errors.Join(err, ld.outcome.remove(ld.lake.fs))
	}
	return err
}
