package rest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/ingest/jsonrows"
)

// reading is one Read at work.
type reading struct {
	source   *Source
	ask      extract.Read
	endpoint *endpoint
	bounds   bounds
	plan     atomic.Pointer[jsonrows.Plan]
	decoders sync.Pool

	mu    sync.Mutex
	skips []extract.Skip // of parents, until the next chunk
}

func newReading(s *Source, r extract.Read) (*reading, error) {
	e := s.endpoints[r.Resource.Name]
	if e == nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("source %s has no resource %s", s.name, r.Resource.Name), "")
	}
	rd := &reading{source: s, ask: r, endpoint: e, bounds: bounds{from: r.From, to: r.To}}
	if err := rd.bounds.check(); err != nil {
		return nil, fault.New(fault.Usage, err, "")
	}
	if err := e.checkAppend(r); err != nil {
		return nil, fault.New(fault.Usage, err, "")
	}
	var cursor []string
	if e.incremental != nil && !e.incremental.request {
		cursor = e.incremental.path
	}
	plan, err := jsonrows.Compile(r.Table, cursor)
	if err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("resource %s: %w", r.Resource.Name, err), "")
	}
	rd.plan.Store(plan)
	return rd, nil
}

// checkAppend refuses what would load rows twice.
func (e *endpoint) checkAppend(r extract.Read) error {
	if r.Append && !r.Keyed && e.incremental != nil && e.incremental.lag != "" {
		return fmt.Errorf("resource %s: incremental.lag reads rows again, and write_disposition append would add them twice: declare a key in the contract, or write merge", r.Resource.Name)
	}
	return nil
}

// note keeps a skip of a parent for the next chunk.
func (rd *reading) note(s *extract.Skip) {
	if s == nil {
		return
	}
	rd.mu.Lock()
	defer rd.mu.Unlock()
	rd.skips = append(rd.skips, *s)
}

func (rd *reading) noted() []extract.Skip {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	out := rd.skips
	rd.skips = nil
	return out
}

// run reads every item and yields its pages as chunks.
func (rd *reading) run(ctx context.Context, yield func(extract.Chunk, error) bool) {
	st := stage[*item, *pageResult]{
		workers: rd.source.client.concurrency,
		wake:    rd.source.client.budget.wake,
		drop:    rd.drop,
		do: func(ctx context.Context, it *item, t *turn, emit func(*pageResult) error) error {
			return rd.chain(ctx, rd.endpoint, it, t, emit, func(a *answer) (*pageResult, int, error) { return rd.decode(it, a) })
		},
	}
	for p, err := range st.run(ctx, rd.items(ctx, rd.endpoint, true)) {
		if err != nil {
			yield(extract.Chunk{}, err)
			return
		}
		if !rd.yieldPage(p, yield) {
			return
		}
	}
	if skips := rd.noted(); len(skips) > 0 {
		yield(extract.Chunk{Skips: skips}, nil)
	}
}

// yieldPage hands a page on. Its last chunk carries what is true once all of
// the item's pages are there.
func (rd *reading) yieldPage(p *pageResult, yield func(extract.Chunk, error) bool) bool {
	defer rd.drop(p)
	chunk := extract.Chunk{Skips: rd.noted()}
	if p.skip != nil {
		chunk.Skips = append(chunk.Skips, *p.skip)
	}
	var held piece // the last one goes with the end of the page
	defer func() { held.release() }()
	err := rd.handPieces(p, &chunk, func(part piece) error {
		last := held
		defer last.release()
		held = part
		if last.empty() {
			return nil
		}
		chunk.Batch, chunk.Rejects, chunk.More = last.batch, last.rejects, true
		more := yield(chunk, nil)
		chunk = extract.Chunk{}
		if !more {
			return errStopped
		}
		return nil
	})
	if errors.Is(err, errStopped) {
		return false
	}
	if err == nil && p.last {
		chunk.Complete = true
		chunk.State, err = rd.finished(p)
	}
	if err != nil {
		yield(extract.Chunk{}, err)
		return false
	}
	chunk.Batch, chunk.Rejects, chunk.Discarded = held.batch, held.rejects, p.discarded
	return yield(chunk, nil)
}

// errStopped is a consumer that wants no more.
var errStopped = errors.New("stopped")

// handPieces hands over what the page holds; of one that waited, as it is decoded.
func (rd *reading) handPieces(p *pageResult, first *extract.Chunk, hand func(piece) error) error {
	pieces := p.pieces
	p.pieces = nil
	for i, part := range pieces {
		if err := hand(part); err != nil {
			p.pieces = pieces[i+1:]
			return err
		}
	}
	if p.waiting == nil {
		return nil
	}
	var err error
	if first.Added, err = rd.widen(p); err != nil {
		return err
	}
	if _, err = rd.decodeInto(p, p.waiting, hand); err != nil && !errors.Is(err, errStopped) {
		return fmt.Errorf("GET %s: %w", display(p.waiting.url), explain(err, rd.endpoint, p.waiting, rd.source.client.hide))
	}
	return err
}

// finished is what becomes true when an item is complete.
func (rd *reading) finished(p *pageResult) (map[string]string, error) {
	switch {
	case p.item.group != nil:
		return p.item.group.finish(p.item.cursor), nil
	case p.item.rows != nil && p.skip == nil:
		return p.item.rows.finish()
	}
	return nil, nil
}

// decoder gives a decoder of the current plan.
func (rd *reading) decoder() *jsonrows.Decoder {
	plan := rd.plan.Load()
	if d, ok := rd.decoders.Get().(*jsonrows.Decoder); ok && d.Plan() == plan {
		return d
	}
	return jsonrows.NewDecoder(plan)
}

// largePage is from what size on a page is decoded when its turn comes, piece
// by piece, so that it is not in memory twice.
const largePage = 32 << 20

// decode makes batches of a page. A page with fields that the table lacks
// waits: what type they get must not hang on which page was quicker.
func (rd *reading) decode(it *item, a *answer) (*pageResult, int, error) {
	p := &pageResult{item: it}
	n, err := 0, jsonrows.ErrNewFields
	if len(a.body) < largePage {
		n, err = rd.decodeInto(p, a, func(part piece) error {
			p.pieces = append(p.pieces, part)
			return nil
		})
	}
	if errors.Is(err, jsonrows.ErrNewFields) {
		rd.drop(p)
		p = &pageResult{item: it, waiting: a}
		n, err = 0, rd.endpoint.selector.each(a.body, func(doc []byte, pos int) (int, error) {
			n++
			return jsonrows.Skip(doc, pos)
		})
	}
	if err != nil {
		rd.drop(p)
		return nil, 0, err
	}
	return p, n, nil
}

// decodeInto decodes a page and hands over its pieces.
func (rd *reading) decodeInto(p *pageResult, a *answer, hand func(piece) error) (int, error) {
	d := rd.decoder()
	defer rd.decoders.Put(d)
	d.Begin(len(a.body), p.item.consts, p.item.rows.keeper())
	n := 0
	err := rd.endpoint.selector.each(a.body, func(doc []byte, pos int) (int, error) {
		n++
		end, err := d.Row(doc, pos)
		if err == nil && d.Full() {
			err = hand(piece{batch: d.Flush(), rejects: d.Rejects()})
		}
		return end, err
	})
	if err != nil {
		return n, err
	}
	p.discarded = d.Discarded()
	if last := (piece{batch: d.Flush(), rejects: d.Rejects()}); !last.empty() {
		err = hand(last)
	}
	return n, err
}

// widen adds the columns that a page needs to the plan, and gives them.
func (rd *reading) widen(p *pageResult) ([]extract.Column, error) {
	plan := rd.plan.Load()
	if plan.Policy() != jsonrows.Evolve {
		return nil, nil
	}
	added, err := plan.Infer(func(record func([]byte, int) (int, error)) error {
		return rd.endpoint.selector.each(p.waiting.body, record)
	}, p.item.consts)
	if err != nil {
		return nil, fault.New(fault.Contract, err, "")
	}
	if len(added) == 0 {
		return nil, nil
	}
	wider, err := plan.With(added)
	if err != nil {
		return nil, err
	}
	rd.plan.Store(wider)
	return added, nil
}
