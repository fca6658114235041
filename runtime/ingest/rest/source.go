package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/project"
)

// Options are what a source's file does not say.
type Options struct {
	Vars       map[string]any
	Memory     int64  // bytes of answers and batches at once, default 256 MB
	Secret     string // the source's secret, which client.auth asks for
	SecretNext string // how to set it, for errors
}

const defaultMemory = 256 << 20

// Source is an extract.Source over HTTP.
type Source struct {
	name      string
	vars      map[string]any
	client    *client
	endpoints map[string]*endpoint
}

var _ extract.Source = (*Source)(nil)

// New compiles a source. Its errors name everything that is wrong in it.
func New(src *project.Source, o Options) (*Source, error) {
	s := &Source{name: src.Name, vars: o.Vars, endpoints: map[string]*endpoint{}}
	var errs []error
	base, err := parseTemplate(src.Client.BaseURL)
	if err == nil {
		err = onlyVars("client.base_url", base)
	}
	var text string
	if err == nil {
		text, err = base.render(values{vars: o.Vars}, nil)
	}
	var h hosts
	if err == nil {
		h, err = newHosts(text, src.Client.AllowHosts)
	}
	errs = append(errs, err)
	numbers, err := readSettings(src.Client)
	errs = append(errs, err)
	who, err := newCredentials(src, o)
	errs = append(errs, err)
	for i := range src.Resources {
		r := &src.Resources[i]
		e, err := newEndpoint(src, r)
		if err != nil {
			errs = append(errs, fmt.Errorf("resource %s: %w", r.Name, err))
		}
		s.endpoints[r.Name] = e
	}
	errs = append(errs, s.checkCycles())
	if err := errors.Join(errs...); err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("source %s (%s): %w", src.Name, src.File, err), fault.Next(err))
	}
	if o.Memory <= 0 {
		o.Memory = defaultMemory
	}
	s.client = newClient(h, numbers, o.Memory)
	s.client.who, s.client.hide = who, newHider(who)
	return s, nil
}

func onlyVars(what string, t template) error {
	for _, r := range t.refs() {
		if r.Scope != "vars" {
			return fmt.Errorf("%s: placeholder %s: only {vars.…} have a value here", what, r)
		}
	}
	return nil
}

// checkCycles refuses a resource that is its own ancestor.
func (s *Source) checkCycles() error {
	for name := range s.endpoints {
		seen := []string{name}
		for at := s.endpoints[name]; at != nil && at.parent != ""; at = s.endpoints[at.parent] {
			if slices.Contains(seen, at.parent) {
				return fmt.Errorf("resource %s: %s is among its own parents", name, at.parent)
			}
			seen = append(seen, at.parent)
		}
	}
	return nil
}

// Close gives the connections back.
func (s *Source) Close() error {
	s.client.http.CloseIdleConnections()
	return nil
}

// Read yields a resource's rows; see extract.Source.
func (s *Source) Read(ctx context.Context, r extract.Read) iter.Seq2[extract.Chunk, error] {
	return func(yield func(extract.Chunk, error) bool) {
		hide := s.client.hide
		s.client.stats, s.client.event = r.Stats, hide.events(r.Observe)
		rd, err := newReading(s, r)
		if err != nil {
			yield(extract.Chunk{}, err)
			return
		}
		rd.run(ctx, func(c extract.Chunk, err error) bool { return yield(hide.chunk(c), hide.error(err)) })
	}
}

// build makes an item's request for its first page.
func (s *Source) build(e *endpoint, v values) (request, error) {
	u, err := s.address(e, v)
	if err != nil {
		return request{}, err
	}
	q := u.Query()
	for _, p := range e.params {
		text, err := p.text.render(v, nil)
		if errors.Is(err, errNoValue) {
			continue // no start value yet: the parameter is left out
		}
		if err != nil {
			return request{}, fmt.Errorf("params.%s: %w", p.name, err)
		}
		q.Set(p.name, text)
	}
	u.RawQuery = q.Encode()
	headers := http.Header{}
	for _, h := range e.headers {
		text, err := h.text.render(v, nil)
		if errors.Is(err, errNoValue) {
			continue
		}
		if err == nil && strings.ContainsAny(text, "\r\n\x00") {
			err = fmt.Errorf("the value has a line break in it")
		}
		if err != nil {
			return request{}, fmt.Errorf("headers.%s: %w", h.name, err)
		}
		headers.Set(h.name, text)
	}
	return request{url: e.pages.first(u), headers: headers, actions: e.actions}, nil
}

// address is the URL of an item without its params: base_url and the path, or
// the whole URL that a parent's record gave.
func (s *Source) address(e *endpoint, v values) (*url.URL, error) {
	if len(e.path.parts) == 1 && e.path.parts[0].ref.Scope != "" {
		text, err := e.path.render(v, nil)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") {
			u, err := url.Parse(text)
			if err != nil {
				return nil, fmt.Errorf("path %s: %w", e.path.text, err)
			}
			return u, s.client.hosts.check(u, "the URL")
		}
	}
	path, err := e.path.render(v, escapePath)
	if err != nil {
		return nil, err
	}
	u := *s.client.hosts.base
	path = strings.TrimLeft(path, "/")
	if path == "" {
		return &u, nil
	}
	plain, err := url.PathUnescape(path)
	if err != nil {
		return nil, fmt.Errorf("path %q: %w", path, err)
	}
	u.RawPath = u.EscapedPath() + "/" + path
	u.Path += "/" + plain
	return &u, nil
}

// escapePath makes a value safe within a path. Slashes stay: "2023/05" is two
// segments. A value cannot climb out of where the path puts it.
func escapePath(value string) (string, error) {
	segments := strings.Split(value, "/")
	for i, s := range segments {
		if s == "" || s == "." || s == ".." {
			return "", fmt.Errorf("the value %q cannot be part of a path", value)
		}
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/"), nil
}
