package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/extract"
)

// client sends requests: with retries, a rate limit, a bound on how many go at
// once and on how much of their answers is in memory, and to known hosts only.
type client struct {
	settings
	hosts  hosts
	who    credentials
	hide   *hider
	http   *http.Client
	limit  *rate.Limiter
	slots  chan struct{}
	budget *budget
	spare  chan []byte // bodies that can be used again
	stats  *extract.Stats
	event  func(extract.Event)
}

// request is one GET.
type request struct {
	url     *url.URL
	headers http.Header
	actions map[int]string // by status: skip, fail, retry
}

// answer is a whole answer of a status in 200 to 299. Give it back with client.done.
type answer struct {
	url    *url.URL
	header http.Header
	body   []byte
	held   int64 // of the budget
}

// skipped is the error for an answer that a response action skips.
type skipped struct {
	status int
	why    string
}

func (s *skipped) Error() string { return s.why }

// failure is a request that did not go well.
type failure struct {
	err    error
	again  bool          // it may go well another time
	status int           // 0: there was no answer
	after  time.Duration // Retry-After
}

const connectTimeout = 10 * time.Second

func newClient(h hosts, s settings, memory int64) *client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: min(connectTimeout, s.timeout), KeepAlive: 30 * time.Second}).DialContext
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	transport.ResponseHeaderTimeout = s.timeout
	transport.MaxIdleConnsPerHost = s.concurrency
	transport.DisableCompression = true // read does it, within max_body
	c := &client{settings: s, hosts: h, slots: make(chan struct{}, s.concurrency), budget: newBudget(memory), spare: make(chan []byte, s.concurrency)}
	c.http = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if s.perSecond > 0 {
		c.limit = rate.NewLimiter(rate.Limit(s.perSecond), s.burst)
	}
	return c
}

// fetch sends a request until it goes well, its attempts are exhausted, or it
// cannot go well.
func (c *client) fetch(ctx context.Context, r request, t *turn) (*answer, error) {
	name := "GET " + display(r.url)
	for attempt := 1; ; attempt++ {
		a, f := c.try(ctx, r, t)
		if f == nil {
			c.event(extract.Event{Kind: extract.EventRequest, Request: name, Status: http.StatusOK})
			return a, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w", name, context.Cause(ctx))
		}
		switch r.actions[f.status] {
		case "skip":
			c.event(extract.Event{Kind: extract.EventSkip, Request: name, Status: f.status, Text: f.err.Error()})
			return nil, &skipped{status: f.status, why: f.err.Error()}
		case "fail":
			f.again = false
		case "retry":
			f.again = true
		}
		if !f.again {
			return nil, fmt.Errorf("%s: %w", name, f.err)
		}
		if attempt >= c.attempts {
			return nil, fmt.Errorf("%s: %w (%d attempts)", name, f.err, attempt)
		}
		wait := c.wait(attempt, f.after)
		c.stats.Retries.Add(1)
		c.event(extract.Event{Kind: extract.EventRetry, Request: name, Status: f.status, Wait: wait, Text: f.err.Error()})
		if err := sleep(ctx, wait); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
}

// wait is how long to wait after a failed attempt: twice as long each time,
// half of it by chance, and not less than the server asks for, up to max_wait.
func (c *client) wait(attempt int, after time.Duration) time.Duration {
	d := c.maxWait
	if shift := attempt - 1; shift < 30 {
		d = min(c.minWait<<shift, c.maxWait)
	}
	d = d/2 + time.Duration(rand.Int64N(int64(d/2)+1))
	return min(max(d, after), c.maxWait)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// retryAfter reads a Retry-After header: seconds or an HTTP date (RFC 9110, section 10.2.3).
func retryAfter(h string, now time.Time) time.Duration {
	h = strings.TrimSpace(h)
	if n, err := strconv.Atoi(h); err == nil && n > 0 {
		return time.Duration(min(n, 1<<30)) * time.Second
	}
	if at, err := http.ParseTime(h); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// try sends a request once, redirects followed.
func (c *client) try(ctx context.Context, r request, t *turn) (*answer, *failure) {
	if c.limit != nil {
		if err := c.limit.Wait(ctx); err != nil {
			return nil, &failure{err: err}
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p := pass{client: c, ctx: ctx, turn: t, timer: time.AfterFunc(c.timeout, func() {
		cancel(fmt.Errorf("no whole answer within %s", c.timeout))
	}), left: c.timeout, since: time.Now()}
	defer p.timer.Stop()
	if err := p.enter(); err != nil {
		return nil, &failure{err: err}
	}
	defer p.leave()
	c.stats.Requests.Add(1)
	a, f := p.follow(r)
	if f != nil && ctx.Err() != nil {
		f.err = context.Cause(ctx)
	}
	return a, f
}

const maxRedirects = 10

// follow sends the request, and what it is redirected to. A request that has
// left base_url's host carries no credentials and none of its headers but the
// User-Agent, even if it comes back.
func (p *pass) follow(r request) (*answer, *failure) {
	at, headers, who := r.url, r.headers, p.client.who
	for range maxRedirects {
		if !p.client.hosts.own(at) {
			at, headers, who = p.client.who.strip(at), http.Header{"User-Agent": headers["User-Agent"]}, credentials{}
			if plain := at.String(); p.client.hide.text(plain) != plain {
				return nil, &failure{err: fault.New(fault.Failed, fmt.Errorf("%s holds the source's secret, and is of another host: refused", plain), "")}
			}
		}
		resp, f := p.send(at, headers, who)
		if f != nil {
			return nil, f
		}
		location := resp.Header.Get("Location")
		if location == "" || resp.StatusCode < 301 || resp.StatusCode > 308 || resp.StatusCode == http.StatusNotModified {
			a, f := p.read(at, resp)
			if f != nil {
				f = who.refused(f)
			}
			return a, f
		}
		resp.Body.Close()
		next, err := at.Parse(location)
		if err == nil {
			err = p.client.hosts.check(next, "the redirect to")
		}
		if err != nil {
			return nil, &failure{err: err, status: resp.StatusCode}
		}
		at = next
	}
	return nil, &failure{err: fmt.Errorf("more than %d redirects", maxRedirects)}
}

func (p *pass) send(u *url.URL, headers http.Header, who credentials) (*http.Response, *failure) {
	req, err := http.NewRequestWithContext(p.ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, &failure{err: err}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "floe")
	if !loopback(u.Hostname()) {
		req.Header.Set("Accept-Encoding", "gzip") // on this machine it costs more than it saves
	}
	for name, v := range headers {
		if len(v) > 0 {
			req.Header[name] = v
		}
	}
	who.sign(req)
	resp, err := p.client.http.Do(req)
	if err != nil {
		return nil, &failure{err: cause(err), again: passing(err)}
	}
	return resp, nil
}

// cause is a transport error without the method and the URL around it.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// passing says whether a transport error may pass.
func passing(err error) bool {
	var certificate *tls.CertificateVerificationError
	var dns *net.DNSError
	switch {
	case errors.As(err, &certificate):
		return false
	case errors.As(err, &dns) && dns.IsNotFound:
		return false
	}
	return true
}

// statusFailure is an answer of a status outside 200 to 299.
func (c *client) statusFailure(resp *http.Response) *failure {
	head := c.hide.head(resp.Body)
	f := &failure{status: resp.StatusCode, after: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	f.err = fmt.Errorf("answered %s", resp.Status)
	if text := quoteHead(head); text != "" && resp.Header.Get("Content-Encoding") == "" {
		f.err = fmt.Errorf("answered %s: %s", resp.Status, text)
	}
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		f.again = true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
	default:
		f.again = resp.StatusCode >= 500
	}
	return f
}

const headBytes = 200

// quoteHead writes the first bytes of an answer on one line.
func quoteHead(b []byte) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(b[:min(len(b), headBytes)]), "?")), " ")
	if text == "" {
		return ""
	}
	return strconv.Quote(text)
}
