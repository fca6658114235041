package transform

import (
	"context"
	"errors"
	"io"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
)

// Engine runs SQL over the lake's tables and publishes relations. It is used by
// one run at a time; its methods may be called at once from several goroutines
// up to MaxConcurrency.
type Engine interface {
	// Dialect is the name that adapter.dispatch and target.type give: "duckdb".
	Dialect() string
	// MaxConcurrency is how many nodes may be built at once; at least 1.
	MaxConcurrency() int
	// Query runs one read-only statement. Names schema.table are resolved on
	// demand: staged in this session first, then the catalog's.
	Query(ctx context.Context, sql string) (*Rows, error)
	// Describe gives a query's output columns with the types as they would be stored.
	Describe(ctx context.Context, sql string) ([]schema.Column, error)
	// Columns gives those of an existing relation, a staged one included;
	// lakehouse.ErrNotFound if there is none.
	Columns(ctx context.Context, n lakehouse.Name) ([]schema.Column, error)
	// Exists gives "" (none), "table" or "view".
	Exists(ctx context.Context, n lakehouse.Name) (kind string, err error)
	// Stage builds aside: nothing that another reader sees changes. From now
	// on b.Name resolves to the staged content in this engine's session.
	Stage(ctx context.Context, b Build) (Staged, error)
	// Drop removes a relation; none there is no error.
	Drop(ctx context.Context, n lakehouse.Name) error
}

// Executor is what an engine adds when it can run statements that change
// things. Without it hooks (pre_hook, post_hook, on-run-start, on-run-end) and
// statement blocks may hold queries only.
type Executor interface {
	Exec(ctx context.Context, sql string) error
}

// The kinds of a Build.
const (
	KindTable  = "table"  // the whole content and schema are replaced
	KindView   = "view"   // SQL is kept, nothing is computed
	KindAppend = "append" // SQL's rows are added; the table exists
	KindMerge  = "merge"  // SQL's rows replace those of the same Key, the rest are added; the table exists
	KindSeed   = "seed"   // like table; SQL is a select of typed literals
)

// What a Build of kind append or merge does when SQL's columns are not the table's.
const (
	SchemaIgnore  = "ignore"             // new columns are left out; a column that SQL lacks is an error
	SchemaAppend  = "append_new_columns" // new columns are added; a column that SQL lacks becomes NULL
	SchemaSync    = "sync_all_columns"   // as append, and columns that SQL lacks are dropped
	SchemaRefused = "fail"               // any difference is an error; the runner has checked already
)

// Build is one relation to make.
//
// The runner chooses Kind: an incremental model's first run, and one with
// FullRefresh, comes as KindTable. Where a relation of the other sort (view or
// table) has the name, Publish replaces it.
type Build struct {
	UniqueID       string // "model.floe.fct_games", for messages and the snapshot's summary
	Name           lakehouse.Name
	Kind           string
	SQL            string // one select, without a semicolon
	Key            []string
	FullRefresh    bool // asked for by the user; Kind is KindTable then
	OnSchemaChange string
	Doc            string            // "" unless persist_docs asks for it
	ColumnDocs     map[string]string // by column, likewise
	Partition      []string          // contract notation, schema.ParsePartition; nil = as the table has it, or none
	Sort           []string          // schema.ParseSort
	Tags           []string
	Properties     map[string]string // table properties that the model sets
	Summary        map[string]string // goes into the snapshot's summary
}

// Staged is a relation built aside. Exactly one of Publish and Discard ends it;
// Discard after either is a no-op.
type Staged interface {
	// Rows is how many rows were written: 0 for a view, those of the query
	// itself (not of the whole table) for append and merge.
	Rows() int64
	// Publish makes it the relation's content in ONE Iceberg commit, or one
	// view replacement.
	Publish(ctx context.Context) error
	// Discard throws it away; the name resolves to the published content again.
	Discard(ctx context.Context) error
}

// Decimal is an exact decimal number as text: "12.50".
type Decimal string

// ResultColumn is a column of a query's answer. Type is the nearest that a
// table could hold; Engine is the engine's own name of the type.
type ResultColumn struct {
	schema.Column
	Engine string
}

// Rows is a query's answer, read once from front to back.
//
// A value is nil, bool, int64, *big.Int (beyond 64 bits), float64, string,
// Decimal, time.Time (UTC), []byte, or, for nested types, anything that
// encoding/json encodes.
type Rows struct {
	Columns []ResultColumn

	next   func() ([]any, error)
	close  func() error
	values []any
	err    error
	done   bool
}

// NewRows makes Rows from a function that gives the next row, or io.EOF. The
// slice that next returns belongs to the caller until the next call only.
// release is called once, may be nil.
func NewRows(columns []ResultColumn, next func() ([]any, error), release func() error) *Rows {
	return &Rows{Columns: columns, next: next, close: release}
}

// Next goes to the next row; false at the end or on an error (see Err).
func (r *Rows) Next() bool {
	if r.done {
		return false
	}
	r.values, r.err = r.next()
	if r.err == nil {
		return true
	}
	if errors.Is(r.err, io.EOF) {
		r.err = nil
	}
	r.err = errors.Join(r.err, r.Close())
	return false
}

// Values is the current row, one value a column, valid until the next Next.
func (r *Rows) Values() []any { return r.values }

// Err is what ended the rows before their end.
func (r *Rows) Err() error { return r.err }

// Close gives back what the rows hold; it may be called often.
func (r *Rows) Close() error {
	if r.done {
		return nil
	}
	r.done = true
	if r.close == nil {
		return nil
	}
	return r.close()
}
