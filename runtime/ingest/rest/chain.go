package rest

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/ingest/jsonrows"
)

// pageResult is what one page of an item came to.
type pageResult struct {
	item      *item
	records   []parentRecord // of a parent
	pieces    []piece
	discarded int64
	waiting   *answer // to be decoded when its turn comes
	skip      *extract.Skip
	last      bool
	held      int64 // of the budget, for the batches
}

// piece is a part of a page that is large enough for a batch.
type piece struct {
	batch   arrow.RecordBatch // nil if all were rejected
	rejects []extract.Reject
}

func (p piece) empty() bool { return p.batch == nil && len(p.rejects) == 0 }

func (p piece) release() {
	if p.batch != nil {
		p.batch.Release()
	}
}

// drop gives back what a result holds.
func (rd *reading) drop(p *pageResult) {
	for _, piece := range p.pieces {
		piece.release()
	}
	if p.waiting != nil {
		rd.source.client.done(p.waiting)
	}
	rd.source.client.budget.give(p.held)
	p.pieces, p.waiting, p.held = nil, nil, 0
}

// chain asks for an item's pages one after the other. take makes a result of
// an answer and says how many records there were.
func (rd *reading) chain(ctx context.Context, e *endpoint, it *item, t *turn, emit func(*pageResult) error, take func(*answer) (*pageResult, int, error)) error {
	c := rd.source.client
	req, err := rd.source.build(e, it.values)
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	at := page{request: req.url}
	for {
		a, err := c.fetch(ctx, req, t)
		var skip *skipped
		if errors.As(err, &skip) {
			return emit(&pageResult{item: it, last: true, skip: &extract.Skip{Request: "GET " + display(req.url), Status: skip.status, Why: skip.why}})
		}
		if err != nil {
			return err
		}
		at.answer = a
		result, next, err := rd.takePage(e, &at, take)
		if err != nil {
			c.done(a)
			return fmt.Errorf("GET %s: %w", display(req.url), err)
		}
		result.item = it
		if result.waiting == nil {
			result.held, a.held = a.held, 0
			c.done(a)
		}
		if err := emit(result); err != nil || next == nil {
			return err
		}
		req = request{url: next.request, headers: req.headers, actions: req.actions}
		at = *next
	}
}

// takePage makes a page's result and finds the page after it, nil if it is the last.
func (rd *reading) takePage(e *endpoint, at *page, take func(*answer) (*pageResult, int, error)) (*pageResult, *page, error) {
	result, n, err := take(at.answer)
	if err != nil {
		return nil, nil, explain(err, e, at.answer, rd.source.client.hide)
	}
	at.records = n
	url, cursor, err := e.pages.after(*at)
	if err == nil && url != nil {
		err = rd.source.client.hosts.check(url, "the next page")
	}
	if err != nil {
		rd.drop(result)
		return nil, nil, err
	}
	if url == nil {
		result.last = true
		return result, nil, nil
	}
	return result, &page{number: at.number + 1, request: url, cursor: cursor}, nil
}

// explain says what is wrong with an answer.
func explain(err error, e *endpoint, a *answer, hide *hider) error {
	var syntax *jsonrows.SyntaxError
	body := hide.bytes(a.body) // before it is cut, or a part of the secret is left
	switch {
	case errors.Is(err, errNothing):
		return fault.New(fault.Failed, fmt.Errorf("data_selector %q found nothing in the answer, which begins with %s", e.selector.text, quoteHead(body)),
			"the API's answer has another shape than source.yaml says: open the URL, and correct data_selector")
	case errors.Is(err, jsonrows.ErrTruncated):
		return fmt.Errorf("the answer of %d bytes is cut off: %w", len(a.body), err)
	case errors.As(err, &syntax):
		from := max(0, min(syntax.Offset, len(body))-40)
		return fmt.Errorf("the answer of content type %q: %w, after %s", a.header.Get("Content-Type"), err, quoteHead(body[from:]))
	}
	return err
}
