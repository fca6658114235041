package ingest

import (
	"sync"
	"time"

	"github.com/floe-data/floe/runtime/ingest/extract"
)

// Event is progress of a run; see extract.Event for its kinds.
type Event = extract.Event

// Skip is a request that was skipped, see project.ResponseAction.
type Skip = extract.Skip

// observer numbers and serialises the events of one resource.
type observer struct {
	mu    sync.Mutex
	to    func(Event)
	stats *extract.Stats
	base  Event // source and resource, rows, rejected and skips so far
}

// send fills in the totals and hands e on, one at a time.
func (o *observer) send(e Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e.Kind == extract.EventSkip {
		o.base.Skips++
	}
	if o.to == nil {
		return
	}
	e.At = time.Now()
	e.Source, e.Resource = o.base.Source, o.base.Resource
	e.Rows, e.Rejected, e.Skips = o.base.Rows, o.base.Rejected, o.base.Skips
	e.Requests, e.Retries, e.Bytes = o.stats.Requests.Load(), o.stats.Retries.Load(), o.stats.Bytes.Load()
	o.to(e)
}

// count adds to the totals.
func (o *observer) count(rows, rejected int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.base.Rows += rows
	o.base.Rejected += rejected
}
