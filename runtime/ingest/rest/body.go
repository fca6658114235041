package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/jsonrows"
)

// pass is one try of a request: its place among the requests that go at once,
// and its clock, which stands still while it waits for memory.
type pass struct {
	client *client
	ctx    context.Context
	turn   *turn
	timer  *time.Timer
	left   time.Duration
	since  time.Time
	inside bool
}

// enter waits for a place among the requests that go at once.
func (p *pass) enter() error {
	p.halt()
	select {
	case p.client.slots <- struct{}{}:
		p.inside = true
		p.resume()
		return nil
	case <-p.ctx.Done():
		return context.Cause(p.ctx)
	}
}

func (p *pass) leave() {
	if p.inside {
		<-p.client.slots
		p.inside = false
	}
}

func (p *pass) halt() {
	if p.timer.Stop() {
		p.left -= time.Since(p.since)
	}
}

func (p *pass) resume() {
	p.since = time.Now()
	p.timer.Reset(max(p.left, time.Millisecond))
}

// hold takes n bytes of the budget. While it has to wait, another request
// takes this one's place: one that is first in line may need it.
func (p *pass) hold(n int64) error {
	if p.client.budget.try(n, p.turn) {
		return nil
	}
	p.halt()
	p.leave()
	if err := p.client.budget.take(p.ctx, n, p.turn); err != nil {
		return err
	}
	if err := p.enter(); err != nil {
		p.client.budget.give(n)
		return err
	}
	return nil
}

const firstBuffer = 128 << 10

// read reads an answer whole.
func (p *pass) read(at *url.URL, resp *http.Response) (*answer, *failure) {
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, p.client.statusFailure(resp)
	}
	a := &answer{url: at, header: resp.Header}
	f := p.readInto(a, resp)
	if f == nil {
		a.body = p.client.hide.body(a.body)
		f = p.inspect(a, resp)
	}
	if f != nil {
		p.client.done(a)
		return nil, f
	}
	p.client.stats.Bytes.Add(int64(len(a.body)))
	return a, nil
}

func (p *pass) readInto(a *answer, resp *http.Response) *failure {
	from, length := io.Reader(resp.Body), resp.ContentLength
	switch encoding := strings.ToLower(resp.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(resp.Body)
		if err != nil {
			return &failure{err: fmt.Errorf("read the gzip answer: %w", err), again: true}
		}
		defer z.Close()
		from, length = z, -1
	default:
		return &failure{err: fmt.Errorf("the answer is encoded as %q, though only gzip was asked for", encoding)}
	}
	if length > p.client.maxBody {
		return p.client.tooLarge(length)
	}
	first := int64(firstBuffer)
	if length >= 0 {
		first = length + 1 // a byte more, to meet the end without growing
	}
	if err := p.room(a, first); err != nil {
		return &failure{err: err}
	}
	return p.fill(a, from)
}

// fill reads to the end, growing the body up to max_body.
func (p *pass) fill(a *answer, from io.Reader) *failure {
	for {
		if len(a.body) == cap(a.body) {
			if int64(len(a.body)) > p.client.maxBody {
				return p.client.tooLarge(-1)
			}
			if err := p.room(a, min(2*int64(cap(a.body)), p.client.maxBody+1)); err != nil {
				return &failure{err: err}
			}
		}
		n, err := from.Read(a.body[len(a.body):cap(a.body)])
		a.body = a.body[:len(a.body)+n]
		switch {
		case err == io.EOF:
			if int64(len(a.body)) > p.client.maxBody {
				return p.client.tooLarge(-1)
			}
			return nil
		case err != nil:
			return &failure{err: fmt.Errorf("the answer broke off after %d bytes: %w", len(a.body), err), again: true}
		}
	}
}

// room makes the body's buffer n bytes long.
func (p *pass) room(a *answer, n int64) error {
	if a.body == nil {
		select {
		case spare := <-p.client.spare:
			if int64(cap(spare)) >= n {
				a.body, n = spare[:0], int64(cap(spare))
			}
		default:
		}
	}
	if err := p.hold(n - a.held); err != nil {
		return err
	}
	a.held = n
	if int64(cap(a.body)) < n {
		grown := make([]byte, len(a.body), n)
		copy(grown, a.body)
		a.body = grown
	}
	return nil
}

func (c *client) tooLarge(length int64) *failure {
	size := ""
	if length >= 0 {
		size = fmt.Sprintf(" (%d bytes)", length)
	}
	return &failure{err: fault.New(fault.Failed, fmt.Errorf("the answer%s is larger than max_body, %d bytes: refused", size, c.maxBody),
		"ask for smaller pages by params of the endpoint, or raise client.max_body in source.yaml")}
}

// keepBuffer is the largest buffer that is kept for the next answer.
const keepBuffer = 16 << 20

// done gives an answer's memory back.
func (c *client) done(a *answer) {
	c.budget.give(a.held)
	if n := cap(a.body); n > 0 && n <= keepBuffer {
		select {
		case c.spare <- a.body[:0]:
		default:
		}
	}
	a.body, a.held = nil, 0
}

// inspect refuses what is no JSON at the first look. A body whose length the
// server did not tell may be cut off without an error of the transport, so it
// is scanned to its end here, where it can be asked for again.
func (p *pass) inspect(a *answer, resp *http.Response) *failure {
	if resp.StatusCode == http.StatusNoContent {
		a.body = append(a.body[:0], "null"...)
		return nil
	}
	body := bytes.TrimPrefix(a.body, []byte("\xef\xbb\xbf"))
	start := jsonrows.Space(body, 0)
	if start == len(body) {
		return &failure{err: errors.New("the answer is empty"), again: true}
	}
	a.body = body
	if bytes.IndexByte([]byte(`{["-0123456789tfn`), body[start]) < 0 {
		return &failure{err: fault.New(fault.Failed, fmt.Errorf("the answer is no JSON: content type %q, it begins with %s",
			resp.Header.Get("Content-Type"), quoteHead(p.client.hide.bytes(body))), "open the URL and see; a login page or a proxy may have answered")}
	}
	if resp.ContentLength < 0 && len(resp.TransferEncoding) == 0 && resp.ProtoMajor < 2 {
		if _, err := jsonrows.Skip(body, start); errors.Is(err, jsonrows.ErrTruncated) {
			return &failure{err: fmt.Errorf("the answer broke off after %d bytes", len(body)), again: true}
		}
	}
	return nil
}
