package ingest

import (
	"context"
	"errors"
	"sync"
	"time"
)

// hurry ends a resource's reading when the run's time is up. Where the load
// may end with what it holds, a source that is slow to answer is not waited for.
type hurry struct {
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	now     bool // the time is up
	waiting bool // for the source, and the load may end here
	done    bool // the reading was cut off
}

// errHurry is why a source is not asked any further.
var errHurry = errors.New("the run's time is up")

// newHurry gives the context to ask the source with, and what frees it.
func newHurry(ctx context.Context, o Options) (*hurry, context.Context, func()) {
	asking, cancel := context.WithCancelCause(ctx)
	// Nothing is loaded yet. A run that begins late makes some headway all the same.
	h := &hurry{cancel: cancel, waiting: o.Until.IsZero() || time.Now().Before(o.Until)}
	var until <-chan time.Time
	var timer *time.Timer
	if !o.Until.IsZero() {
		timer = time.NewTimer(time.Until(o.Until))
		until = timer.C
	}
	go func() {
		select {
		case <-until:
		case <-o.Stop: // nil: never
		case <-asking.Done():
			return
		}
		h.up()
	}()
	return h, asking, func() {
		cancel(nil)
		if timer != nil {
			timer.Stop()
		}
	}
}

// up notes that the time is up.
func (h *hurry) up() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = true
	h.end()
}

// goOn says whether the chunk that came is to be taken.
func (h *hurry) goOn() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting = false
	return !h.done
}

// wait says whether the load may end while the next chunk is waited for.
func (h *hurry) wait(may bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting = may
}

func (h *hurry) end() {
	if h.now && h.waiting && !h.done {
		h.done = true
		h.cancel(errHurry)
	}
}

func (h *hurry) late() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// cut says whether the reading was cut off.
func (h *hurry) cut() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.done
}
