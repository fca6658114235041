package rest

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
)

// turn tells a task whether its results are the next that are wanted. The
// first in line may always go on: it alone can make room for the others.
type turn struct {
	index int64
	head  *atomic.Int64
}

func (t *turn) first() bool {
	return t == nil || t.head.Load() >= t.index
}

// stage is an ordered parallel map.
type stage[T, R any] struct {
	workers int
	do      func(ctx context.Context, item T, t *turn, emit func(R) error) error
	drop    func(R) // of results that nobody took
	wake    func()  // called when another task becomes the first in line
}

type task[R any] struct {
	out chan R
	err error // set before out is closed
}

// run does every item, at most workers of them at once, and yields what they
// emit in the order of the items. A task that is ahead of its turn may have one
// result waiting. When the consumer stops, everything is stopped and waited for.
func (s stage[T, R]) run(ctx context.Context, items iter.Seq2[T, error]) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		tasks := make(chan *task[R], s.workers)
		var head atomic.Int64
		head.Store(-1)
		wg.Go(func() { s.dispatch(ctx, items, tasks, &head, &wg) })
		defer func() {
			cancel()
			s.wake()
			for t := range tasks {
				s.drain(t)
			}
			wg.Wait()
		}()
		var zero R
		for t := range tasks {
			head.Add(1)
			s.wake()
			for r := range t.out {
				if !yield(r, nil) {
					cancel()
					s.wake()
					s.drain(t)
					return
				}
			}
			if t.err != nil {
				yield(zero, t.err)
				return
			}
		}
	}
}

func (s stage[T, R]) drain(t *task[R]) {
	for r := range t.out {
		s.drop(r)
	}
}

// dispatch starts the tasks in order.
func (s stage[T, R]) dispatch(ctx context.Context, items iter.Seq2[T, error], tasks chan<- *task[R], head *atomic.Int64, wg *sync.WaitGroup) {
	defer close(tasks)
	free := make(chan struct{}, s.workers)
	index := int64(-1)
	for item, err := range items {
		index++
		t := &task[R]{out: make(chan R, 1), err: err}
		if err != nil {
			close(t.out)
		} else {
			select {
			case free <- struct{}{}:
			case <-ctx.Done():
				return
			}
			at := &turn{index: index, head: head}
			wg.Go(func() {
				defer func() { <-free }()
				defer close(t.out)
				t.err = s.do(ctx, item, at, func(r R) error {
					select {
					case t.out <- r:
						return nil
					case <-ctx.Done():
						s.drop(r)
						return context.Cause(ctx)
					}
				})
			})
		}
		select {
		case tasks <- t:
		case <-ctx.Done():
			s.drain(t)
			return
		}
		if err != nil {
			return
		}
	}
}
