package rest

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/ingest/jsonrows"
	"github.com/floe-data/floe/runtime/project"
)

// endpoint is a resource compiled.
type endpoint struct {
	resource    *project.Resource
	path        template
	params      []named
	headers     []named
	selector    selector
	pages       paginator
	actions     map[int]string
	eachName    string // for_each, "" if none
	eachOf      ref
	parent      string   // "" if none
	fields      []string // of the parent's records that are needed, as dotted paths
	incremental *incremental
}

// named is a parameter or a header.
type named struct {
	name string
	text template
}

// incremental is project.Incremental compiled.
type incremental struct {
	request bool // scope
	path    []string
	field   string // path as it is written
	regex   *regexp.Regexp
	initial template
	lag     string
}

// newEndpoint compiles a resource. What the endpoint does not say, the
// resource defaults do, and then the client.
func newEndpoint(src *project.Source, r *project.Resource) (*endpoint, error) {
	e := &endpoint{resource: r, actions: map[int]string{}}
	defaults := src.Defaults
	if defaults == nil {
		defaults = &project.Endpoint{}
	}
	var errs []error
	note := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	var err error
	e.path, err = parseTemplate(r.Endpoint.Path)
	note(err)
	e.params, err = namedTemplates("params", defaults.Params, r.Endpoint.Params)
	note(err)
	e.headers, err = namedTemplates("headers", src.Client.Headers, defaults.Headers, r.Endpoint.Headers)
	note(err)
	e.selector, err = parseSelector(or(r.Endpoint.DataSelector, defaults.DataSelector))
	note(err)
	e.pages, err = newPaginator(firstOf(r.Endpoint.Paginator, defaults.Paginator, src.Client.Paginator))
	note(err)
	for _, a := range slices.Concat(defaults.ResponseActions, r.Endpoint.ResponseActions) {
		note(checkAction(a))
		e.actions[a.StatusCode] = a.Action
	}
	note(e.readForEach())
	e.incremental, err = newIncremental(firstOf(r.Endpoint.Incremental, defaults.Incremental))
	note(err)
	note(e.findParent(src))
	return e, errors.Join(errs...)
}

func firstOf[T any](candidates ...*T) *T {
	for _, c := range candidates {
		if c != nil {
			return c
		}
	}
	return nil
}

// namedTemplates compiles params or headers, later maps over earlier ones.
func namedTemplates(what string, layers ...map[string]string) ([]named, error) {
	all := map[string]string{}
	for _, l := range layers {
		maps.Copy(all, l)
	}
	var out []named
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t, err := parseTemplate(all[name])
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", what, name, err)
		}
		out = append(out, named{name: name, text: t})
	}
	return out, nil
}

func checkAction(a project.ResponseAction) error {
	if a.StatusCode < 300 || a.StatusCode > 599 {
		return fmt.Errorf("response_actions: status_code %d: an action is for a status from 300 to 599", a.StatusCode)
	}
	switch a.Action {
	case "skip", "fail", "retry":
		return nil
	}
	return fmt.Errorf("response_actions: action %q of status %d: write skip, fail or retry", a.Action, a.StatusCode)
}

func (e *endpoint) readForEach() error {
	if len(e.resource.ForEach) > 1 {
		return fmt.Errorf("for_each has %d names: one list is gone through, write one", len(e.resource.ForEach))
	}
	for name, text := range e.resource.ForEach {
		t, err := parseTemplate(text)
		if err != nil {
			return fmt.Errorf("for_each.%s: %w", name, err)
		}
		if len(t.parts) != 1 || t.parts[0].ref.Scope != "vars" {
			return fmt.Errorf("for_each.%s %q: write a list of the source's vars, such as \"{vars.%ss}\"", name, text, name)
		}
		e.eachName, e.eachOf = name, t.parts[0].ref
	}
	return nil
}

func newIncremental(i *project.Incremental) (*incremental, error) {
	if i == nil {
		return nil, nil
	}
	if i.CursorPath == "" {
		return nil, fmt.Errorf("incremental: write cursor_path, the field that tells what is new")
	}
	field := strings.TrimPrefix(strings.TrimPrefix(i.CursorPath, "$"), ".")
	out := &incremental{request: i.Scope == "request", path: jsonrows.SplitPath(field), field: field, lag: i.Lag}
	if i.Scope != "" && i.Scope != "row" && i.Scope != "request" {
		return nil, fmt.Errorf("incremental.scope %q: write row or request", i.Scope)
	}
	var err error
	if i.CursorRegex != "" {
		if out.regex, err = regexp.Compile(i.CursorRegex); err != nil {
			return nil, fmt.Errorf("incremental.cursor_regex: %w", err)
		}
		if out.regex.NumSubexp() < 1 {
			return nil, fmt.Errorf("incremental.cursor_regex %q has no group: put the cursor between parentheses", i.CursorRegex)
		}
		if !out.request {
			return nil, fmt.Errorf("incremental.cursor_regex is for scope request: a row's cursor is taken as it is")
		}
	}
	out.initial, err = parseTemplate(i.InitialValue)
	return out, err
}

// refs lists the placeholders of the whole endpoint.
func (e *endpoint) refs() []ref {
	refs := e.path.refs()
	for _, n := range slices.Concat(e.params, e.headers) {
		refs = append(refs, n.text.refs()...)
	}
	return refs
}

// findParent finds the resource whose records this one's requests are made
// of, and which of their fields are needed.
func (e *endpoint) findParent(src *project.Source) error {
	need := func(field string) {
		if !slices.Contains(e.fields, field) {
			e.fields = append(e.fields, field)
		}
	}
	for _, r := range e.refs() {
		switch {
		case r.Scope == "each" && r.Name != e.eachName:
			return fmt.Errorf("placeholder %s: the resource has no for_each %s", r, r.Name)
		case r.Scope == "incremental" && e.incremental == nil:
			return fmt.Errorf("placeholder %s: the endpoint has no incremental", r)
		case r.Scope == "incremental" && (r.Name == cursorValue) != e.incremental.request:
			return fmt.Errorf("placeholder %s: {incremental.cursor} is for scope request, the others are for scope row", r)
		case r.Scope != "resources":
		case e.parent != "" && r.Name != e.parent:
			return fmt.Errorf("placeholder %s: the resource has the parent %s already; it can have one", r, e.parent)
		default:
			e.parent = r.Name
			need(r.Field)
		}
	}
	if e.parent != "" && !slices.ContainsFunc(src.Resources, func(r project.Resource) bool { return r.Name == e.parent }) {
		return fmt.Errorf("parent %q is no resource of the source", e.parent)
	}
	if e.parent != "" && e.eachName != "" {
		return fmt.Errorf("for_each and the parent %s: a resource has one of them; put the for_each into the parent", e.parent)
	}
	if e.parent == "" && e.incremental != nil && e.incremental.request {
		return fmt.Errorf("incremental scope request: the path names no parent; write {resources.<parent>.<field>} in it")
	}
	for _, name := range e.resource.IncludeFromParent {
		switch {
		case e.parent != "":
			need(name)
		case name != e.eachName:
			return fmt.Errorf("include_from_parent %q: the resource has neither a parent nor a for_each %s", name, name)
		}
	}
	if e.incremental != nil && e.incremental.request {
		need(e.incremental.field)
	}
	return nil
}
