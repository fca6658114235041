package rest

import (
	"context"
	"sync"
)

// budget bounds the bytes of answers and batches that are in memory at once.
// The task that is first in line is never held back, or nothing would move;
// so the bound is exceeded by at most one answer per stage.
type budget struct {
	mu    sync.Mutex
	moved *sync.Cond
	limit int64
	used  int64
}

func newBudget(limit int64) *budget {
	b := &budget{limit: limit}
	b.moved = sync.NewCond(&b.mu)
	return b
}

// take waits until n more bytes fit or the task is the first in line.
func (b *budget) take(ctx context.Context, n int64, t *turn) error {
	stop := context.AfterFunc(ctx, b.wake)
	defer stop()
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.used+n > b.limit && !t.first() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		b.moved.Wait()
	}
	b.used += n
	return nil
}

// try takes n bytes if that needs no waiting.
func (b *budget) try(n int64, t *turn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used+n > b.limit && !t.first() {
		return false
	}
	b.used += n
	return true
}

func (b *budget) give(n int64) {
	b.mu.Lock()
	b.used -= n
	b.mu.Unlock()
	b.moved.Broadcast()
}

func (b *budget) wake() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.moved.Broadcast()
}
