// Package extract is the seam between ingest and the systems that data comes
// from: what a Source is asked, and what it yields.
//
// A Source reads one resource at a time and yields Chunks: an Arrow batch that
// fits the contract, the rows that do not, and where a load may end. A
// database yields a chunk per COPY BINARY buffer, files a chunk per split, a
// REST source one per page. Whatever runs in parallel inside a source, its
// chunks come in one order, so that state means the same thing every time.
//
// State is the source's own text by key. It travels with the chunk that makes
// it true: once every chunk up to that one is committed, the next Read may
// start from it. The runner commits rows and state in one transaction.
package extract

import (
	"context"
	"iter"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/schema"
)

// Source is an open connection to one system. Read may be called for one
// resource after another, not at the same time.
type Source interface {
	// Read yields the resource's rows. A chunk and its batch are valid until
	// the next one is asked for. After an error nothing follows.
	Read(ctx context.Context, r Read) iter.Seq2[Chunk, error]
	Close() error
}

// Read is what a source is asked for.
type Read struct {
	Resource    *project.Resource
	Table       Table
	Append      bool              // rows are added, never replaced: no row may come twice
	Keyed       bool              // the table has a key, so that a row that comes twice can be told
	State       map[string]string // as committed by the last load
	FullRefresh bool              // read everything, whatever State says
	From, To    string            // inclusive bounds of the cursor, "" for none
	Stats       *Stats
	Observe     func(Event) // never nil; may be called from several goroutines
}

// Table is what the rows have to look like.
type Table struct {
	Columns    []Column
	NewColumns string // evolve, freeze or discard
}

// Column is one column and where its value is found in a record.
type Column struct {
	schema.Column
	Path    []string // of the field in a record
	Format  string   // how a time is written, see project.ContractColumn
	Key     bool     // a null is refused
	Evolved bool     // not in the contract: a string takes any value as text
}

// Chunk is the next piece of a resource.
type Chunk struct {
	Batch     arrow.RecordBatch // nil if there are no rows
	Added     []Column          // columns that Batch has and the table lacks: add them first
	Rejects   []Reject
	Skips     []Skip
	Discarded int64             // values of fields that the contract does not name (on_break.new_columns: discard)
	State     map[string]string // what becomes true with this chunk; only the keys that change
	More      bool              // the rest of a page follows: a load must not end here
	Complete  bool              // a request, split or range is complete: State covers all that was yielded
}

// Reject is a row that breaks the contract.
type Reject struct {
	Column string // "" if it is not one column's fault
	Reason string // what was found and what was wanted
	Row    []byte // the record as JSON text, whole
}

// Skip is a request that was answered by what response_actions calls a skip.
type Skip struct {
	Request string `json:"request"`
	Status  int    `json:"status"`
	Why     string `json:"why"`
}

// Stats are counted while a source reads.
type Stats struct {
	Requests atomic.Int64 // sent, retries included
	Retries  atomic.Int64
	Bytes    atomic.Int64 // of answers, decompressed
}

// The kinds of an Event.
const (
	EventStart   = "start"   // of a resource
	EventRequest = "request" // answered
	EventRetry   = "retry"   // will be tried again after Wait
	EventSkip    = "skip"    // skipped by a response action
	EventRows    = "rows"    // handed to the load
	EventCommit  = "commit"  // of a load
	EventRestart = "restart" // another run moved the state: the resource is read again
	EventDone    = "done"    // of a resource
)

// Event is progress of a run. Rows to Skips are the resource's totals so far.
type Event struct {
	At       time.Time     `json:"at"`
	Kind     string        `json:"kind"`
	Source   string        `json:"source"`
	Resource string        `json:"resource"`
	Request  string        `json:"request,omitempty"`
	Status   int           `json:"status,omitempty"`
	Wait     time.Duration `json:"wait,omitempty"`
	Text     string        `json:"text,omitempty"` // the cause of a retry or a skip
	Requests int64         `json:"requests"`
	Rows     int64         `json:"rows"`
	Rejected int64         `json:"rejected"`
	Bytes    int64         `json:"bytes"`
	Retries  int64         `json:"retries"`
	Skips    int64         `json:"skips"`
}
