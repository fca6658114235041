package transform

import (
	"container/heap"
	"context"
	"time"

	"github.com/floe-data/floe/runtime/transform/manifest"
)

// queue gives out ready tasks: those of the lowest generation first, by id
// within one, as dbt does.
type queue struct {
	ids   []string
	level map[string]int
}

func (q *queue) Len() int { return len(q.ids) }
func (q *queue) Less(i, j int) bool {
	a, b := q.ids[i], q.ids[j]
	if q.level[a] != q.level[b] {
		return q.level[a] < q.level[b]
	}
	return a < b
}
func (q *queue) Swap(i, j int) { q.ids[i], q.ids[j] = q.ids[j], q.ids[i] }

// Push and Pop are container/heap's; only ids are pushed.
func (q *queue) Push(x any) {
	if id, ok := x.(string); ok {
		q.ids = append(q.ids, id)
	}
}

// Pop takes the last.
func (q *queue) Pop() any {
	last := q.ids[len(q.ids)-1]
	q.ids = q.ids[:len(q.ids)-1]
	return last
}

// scheduler runs a plan's tasks, each after those above it.
type scheduler struct {
	plan    *plan
	run     func(context.Context, *task) bool // true: what lies below may run
	skip    func(t *task, because *manifest.Node)
	stop    bool // fail fast: start nothing more after a failure
	workers int
	until   time.Time // start nothing more from then on; zero is never

	ready   queue
	open    map[string]int
	settled map[string]bool // ended or skipped
	failed  *manifest.Node  // with stop: what failed first
	late    bool            // until came while something was left
}

type outcome struct {
	id string
	ok bool
}

// work runs until every task has ended or was skipped. When ctx ends, what has
// not begun is skipped.
func (s *scheduler) work(ctx context.Context) {
	s.open, s.settled = map[string]int{}, map[string]bool{}
	s.ready.level = s.plan.graph.Levels()
	for _, id := range s.plan.graph.Nodes() {
		if s.open[id] = len(s.plan.graph.Parents(id)); s.open[id] == 0 {
			heap.Push(&s.ready, id)
		}
	}
	done := make(chan outcome)
	running := 0
	for s.ready.Len() > 0 || running > 0 {
		for running < s.workers && s.ready.Len() > 0 && s.mayStart(ctx) {
			id, _ := heap.Pop(&s.ready).(string)
			running++
			go func() { done <- outcome{id, s.run(ctx, s.plan.tasks[id])} }()
		}
		if running == 0 {
			break
		}
		o := <-done
		running--
		s.end(o)
	}
	for _, id := range s.plan.graph.Order() {
		if !s.settled[id] {
			s.skip(s.plan.tasks[id], s.failed)
		}
	}
}

// mayStart says whether another task may begin.
func (s *scheduler) mayStart(ctx context.Context) bool {
	s.late = s.late || !s.until.IsZero() && !time.Now().Before(s.until)
	return ctx.Err() == nil && s.failed == nil && !s.late
}

// end frees what waited for a task, or skips it.
func (s *scheduler) end(o outcome) {
	s.settled[o.id] = true
	if !o.ok {
		if s.stop {
			s.failed = s.plan.tasks[o.id].node
		}
		for _, id := range s.plan.below(o.id) {
			if !s.settled[id] {
				s.settled[id] = true
				s.skip(s.plan.tasks[id], s.plan.tasks[o.id].node)
			}
		}
		return
	}
	for _, id := range s.plan.graph.Children(o.id) {
		if s.open[id]--; s.open[id] == 0 && !s.settled[id] {
			heap.Push(&s.ready, id)
		}
	}
}
