package project

import (
	"fmt"
	"maps"
	"net/textproto"
	"regexp"
	"slices"
	"strings"

	"github.com/theory/jsonpath"

	"github.com/floe-data/floe/runtime/yamlfile"
)

// Lands says whether the resource fills a landing table.
func (r *Resource) Lands() bool { return r.Land == nil || *r.Land }

// sourceCheck finds what is wrong in a source.yaml by itself.
type sourceCheck struct {
	file   *yamlfile.File
	source *Source
	names  []string // of the resources
}

func (c *sourceCheck) all() {
	c.vars()
	c.client()
	if d := c.source.Defaults; d != nil {
		c.defaults(d)
	}
	c.resourceNames()
	for i := range c.source.Resources {
		r := resourceCheck{sourceCheck: c, key: yamlfile.Key("resources", i), resource: &c.source.Resources[i]}
		r.all()
	}
	c.circles()
}

// vars brings the values into their few types.
func (c *sourceCheck) vars() {
	for _, name := range slices.Sorted(maps.Keys(c.source.Vars)) {
		key := yamlfile.Key("vars", name)
		if !plainName.MatchString(name) {
			c.file.Errorf(key, "the name of a var: %s", plainNameIs)
		}
		value, err := varValue(c.source.Vars[name])
		if err != nil {
			c.file.Errorf(key, "%v", err)
		}
		c.source.Vars[name] = value
	}
}

func (c *sourceCheck) client() {
	cl := &c.source.Client
	if refs, ok := c.placeholders("client.base_url", cl.BaseURL); ok && c.onlyVars("client.base_url", refs) {
		if base, err := c.source.baseURL(c.source.Vars); err != nil {
			c.file.Errorf("client.base_url", "%v", err)
		} else if err := CheckBaseURL(base); err != nil {
			c.file.Errorf(c.baseURLKey(refs), "%v", err)
		}
	}
	for i, host := range cl.AllowHosts {
		if !hostForm.MatchString(host) {
			c.file.Errorf(yamlfile.Key("client", "allow_hosts", i), "found %q; write a host, or host:port: no scheme, no path, no wildcard", host)
		}
	}
	c.headers("client.headers", cl.Headers, true)
	c.auth(cl.Auth)
	c.paginator("client.paginator", cl.Paginator)
	if l := cl.RateLimit; l != nil {
		if l.PerSecond <= 0 && c.file.Sound("client.rate_limit.per_second") {
			c.file.Errorf("client.rate_limit.per_second", "found %v; write a number above 0", l.PerSecond)
		}
		if l.Burst < 0 {
			c.file.Errorf("client.rate_limit.burst", "found %d; write 1 or more", l.Burst)
		}
	}
	c.duration("client.timeout", cl.Timeout)
	if cl.MaxBody != "" {
		if _, err := ParseSize(cl.MaxBody); err != nil {
			c.file.Errorf("client.max_body", "%v", err)
		}
	}
	if cl.Retry != nil {
		c.retry(cl.Retry)
	}
}

// baseURLKey is where a wrong base URL is mended: at the var, if it is one.
func (c *sourceCheck) baseURLKey(refs []Placeholder) string {
	if len(refs) == 1 && c.source.Client.BaseURL == refs[0].String() {
		return yamlfile.Key("vars", refs[0].Name)
	}
	return "client.base_url"
}

func (c *sourceCheck) retry(r *Retry) {
	if r.Attempts < 0 || r.Attempts > 100 {
		c.file.Errorf("client.retry.attempts", "found %d; write 1 to 100, the first included", r.Attempts)
	}
	c.duration("client.retry.min_wait", r.MinWait)
	c.duration("client.retry.max_wait", r.MaxWait)
	least, errLeast := ParseDuration(r.MinWait)
	most, errMost := ParseDuration(r.MaxWait)
	if errLeast == nil && errMost == nil && most < least {
		c.file.Errorf("client.retry.max_wait", "found %s, which is less than min_wait %s; write more", r.MaxWait, r.MinWait)
	}
}

func (c *sourceCheck) duration(key, text string) {
	if text == "" {
		return
	}
	if _, err := ParseDuration(text); err != nil {
		c.file.Errorf(key, "%v", err)
	}
}

// defaults checks what every resource takes over; its placeholders are
// checked again in each, for what they name may differ.
func (c *sourceCheck) defaults(d *Endpoint) {
	const key = "resource_defaults"
	if d.Path != "" {
		c.file.Errorf(key+".path", "found a path; write it in each resource's endpoint")
	}
	c.selector(key+".data_selector", d.DataSelector)
	c.paginator(key+".paginator", d.Paginator)
	c.actions(key, d.ResponseActions)
	c.incremental(key+".incremental", d.Incremental)
	for name, text := range d.Params {
		c.placeholders(yamlfile.Key(key, "params", name), text)
	}
	c.headers(key+".headers", d.Headers, false)
}

func (c *sourceCheck) resourceNames() {
	for i, r := range c.source.Resources {
		key := yamlfile.Key("resources", i, "name")
		switch {
		case !plainName.MatchString(r.Name):
			c.file.Errorf(key, "found %q; %s", r.Name, plainNameIs)
		case strings.HasSuffix(r.Name, "__rejected"):
			c.file.Errorf(key, "found %q; tables named so hold rejected rows: choose another name", r.Name)
		case slices.Contains(c.names, r.Name):
			c.file.Errorf(key, "found %s twice; give each resource a name of its own", r.Name)
		}
		c.names = append(c.names, r.Name)
	}
}

// circles finds the resources that are their own parents.
func (c *sourceCheck) circles() {
	parents := map[string]string{}
	for i := range c.source.Resources {
		r := &c.source.Resources[i]
		if p := c.parents(r); len(p) > 0 {
			parents[r.Name] = p[0]
		}
	}
	for i, r := range c.source.Resources {
		path := []string{r.Name}
		for at := parents[r.Name]; at != "" && !slices.Contains(path[1:], at); at = parents[at] {
			path = append(path, at)
			if at == r.Name {
				c.file.Errorf(yamlfile.Key("resources", i, "endpoint"), "found a circle of parents: %s; one of them must be read without the others", strings.Join(path, " <- "))
			}
		}
	}
}

// parents lists the resources that a resource's requests are made of.
func (c *sourceCheck) parents(r *Resource) []string {
	var parents []string
	for _, t := range c.texts(r) {
		refs, err := Placeholders(t.text)
		if err != nil {
			continue
		}
		for _, p := range refs {
			if p.Scope == "resources" && !slices.Contains(parents, p.Name) {
				parents = append(parents, p.Name)
			}
		}
	}
	return parents
}

// template is a text with placeholders; own, where the resource itself has it
// and not the defaults.
type template struct {
	text string
	own  bool
}

// texts are a resource's templates by key.
func (c *sourceCheck) texts(r *Resource) map[string]template {
	texts := map[string]template{"endpoint.path": {r.Endpoint.Path, true}}
	add := func(what string, m map[string]string, own bool) {
		for name, text := range m {
			texts[yamlfile.Key("endpoint", what, name)] = template{text, own}
		}
	}
	if d := c.source.Defaults; d != nil {
		add("params", d.Params, false)
		add("headers", d.Headers, false)
	}
	add("params", r.Endpoint.Params, true)
	add("headers", r.Endpoint.Headers, true)
	return texts
}

// placeholders reads a template and checks its vars.
func (c *sourceCheck) placeholders(key, text string) ([]Placeholder, bool) {
	refs, err := Placeholders(text)
	if err != nil {
		c.file.Errorf(key, "%v", err)
		return nil, false
	}
	for _, p := range refs {
		if _, known := c.source.Vars[p.Name]; p.Scope == "vars" && !known {
			c.file.Errorf(key, "found %s, but there is no such var; %s", p, meant(p.Name, slices.Sorted(maps.Keys(c.source.Vars)), "write it under vars:"))
			return nil, false
		}
	}
	return refs, true
}

func (c *sourceCheck) onlyVars(key string, refs []Placeholder) bool {
	for _, p := range refs {
		if p.Scope != "vars" {
			c.file.Errorf(key, "found %s; only {vars.…} have a value here", p)
			return false
		}
	}
	return true
}

var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

func (c *sourceCheck) headers(key string, headers map[string]string, onlyVars bool) {
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		at := yamlfile.Key(key, name)
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case !headerName.MatchString(name):
			c.file.Errorf(at, "found a name that no header has; write letters, digits and -")
		case seen[canonical] != "":
			c.file.Errorf(at, "found %s, the same header as %s; keep one", name, seen[canonical])
		case canonical == "Host" || canonical == "Content-Length":
			c.file.Errorf(at, "found the header %s, which every request sets itself; remove it", canonical)
		}
		seen[canonical] = name
		if strings.ContainsAny(headers[name], "\r\n") {
			c.file.Errorf(at, "found a line break in a header; write one line")
		}
		if refs, ok := c.placeholders(at, headers[name]); ok && onlyVars {
			c.onlyVars(at, refs)
		}
	}
}

// plainPath is a JSONPath that ingest walks by itself; its names may be odd: $.white.@id.
var plainPath = regexp.MustCompile(`^\$?(\.?[^\s.*?()'":[\]$]+|\[(\*|\d+|'[^'\\]*'|"[^"\\]*")\])*(\.[^\s.*?()'":[\]]+|\[(\*|\d+|'[^'\\]*'|"[^"\\]*")\])*$`)

func (c *sourceCheck) selector(key, text string) {
	text = strings.TrimSpace(text)
	if text == "" || plainPath.MatchString(text) {
		return
	}
	full := text
	if !strings.HasPrefix(full, "$") {
		full = "$." + full
	}
	if _, err := jsonpath.Parse(full); err != nil {
		c.file.Errorf(key, "found %q; write a JSONPath such as $.games[*] (%s)", text, strings.TrimPrefix(err.Error(), "jsonpath: "))
	}
}

func (c *sourceCheck) actions(key string, actions []ResponseAction) {
	seen := map[int]bool{}
	for i, a := range actions {
		at := yamlfile.Key(key, "response_actions", i, "status_code")
		switch {
		case a.StatusCode < 300 || a.StatusCode > 599:
			c.file.Errorf(at, "found %d; write a status from 300 to 599: an answer of 2xx holds the rows", a.StatusCode)
		case seen[a.StatusCode]:
			c.file.Errorf(at, "found %d twice; keep one", a.StatusCode)
		}
		seen[a.StatusCode] = true
	}
}

func (c *sourceCheck) incremental(key string, i *Incremental) {
	if i == nil {
		return
	}
	if i.CursorPath == "" {
		c.file.Errorf(key+".cursor_path", "found nothing; write the field that tells what is new")
	}
	if i.CursorRegex != "" {
		re, err := regexp.Compile(i.CursorRegex)
		switch {
		case err != nil:
			c.file.Errorf(key+".cursor_regex", "found %q; write a regular expression of Go (%s)", i.CursorRegex, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		case re.NumSubexp() < 1:
			c.file.Errorf(key+".cursor_regex", "found %q, which has no group; put the cursor between parentheses", i.CursorRegex)
		case i.Scope != "request":
			c.file.Errorf(key+".cursor_regex", "found a regex, but a row's cursor is taken as it is; remove it, or write scope: request")
		}
	}
	if refs, ok := c.placeholders(key+".initial_value", i.InitialValue); ok {
		c.onlyVars(key+".initial_value", refs)
	}
	if i.Lag != "" && !numberForm.MatchString(i.Lag) {
		if _, err := ParseDuration(i.Lag); err != nil {
			c.file.Errorf(key+".lag", "found %q; write a length of time such as 24h for times, a number for numbers", i.Lag)
		}
	}
}

var numberForm = regexp.MustCompile(`^\d+(\.\d+)?$`)

// paginator refuses keys that mean nothing for the type.
func (c *sourceCheck) paginator(key string, p *Paginator) {
	if p == nil {
		return
	}
	set := map[string]bool{"next_url_path": p.NextURLPath != "", "links_next_key": p.LinksNext != "", "base_page": p.BasePage != nil,
		"page_param": p.PageParam != "", "total_path": p.TotalPath != "", "maximum_page": p.MaximumPage != 0,
		"cursor_path": p.CursorPath != "", "cursor_param": p.CursorParam != ""}
	means := map[string][]string{"single_page": {}, "json_link": {"next_url_path"}, "header_link": {"links_next_key"},
		"page_number": {"base_page", "page_param", "total_path", "maximum_page"}, "cursor": {"cursor_path", "cursor_param"}}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if known, ok := means[p.Type]; ok && set[name] && !slices.Contains(known, name) {
			c.file.Errorf(key+"."+name, "found a key that a paginator of type %s does not have; %s", p.Type, paginatorHas(p.Type, known))
		}
	}
	if p.Type == "cursor" && p.CursorPath == "" {
		c.file.Errorf(key+".cursor_path", "missing; write cursor_path: with the JSONPath of the next cursor, such as $.next_cursor")
	}
	if p.MaximumPage < 0 {
		c.file.Errorf(key+".maximum_page", "found %d; write 1 or more", p.MaximumPage)
	}
	c.selector(key+".next_url_path", p.NextURLPath)
	c.selector(key+".total_path", p.TotalPath)
	c.selector(key+".cursor_path", p.CursorPath)
}

func paginatorHas(kind string, keys []string) string {
	if len(keys) == 0 {
		return "remove it, or choose another type"
	}
	return fmt.Sprintf("%s has %s", kind, strings.Join(keys, ", "))
}
