package project

// Source is runtime/pipelines/ingest/<name>/source.yaml: where data comes from
// and how it is read. Its vocabulary is the one of declarative REST sources.
type Source struct {
	Version     int            `yaml:"version" jsonschema:"enum=1"`
	Kind        string         `yaml:"kind" jsonschema:"enum=rest"`
	Description string         `yaml:"description,omitempty"`
	Vars        map[string]any `yaml:"vars,omitempty"` // string, number, bool or list of strings; --set overrides them
	Client      Client         `yaml:"client"`
	Defaults    *Endpoint      `yaml:"resource_defaults,omitempty"`
	Resources   []Resource     `yaml:"resources" jsonschema:"minItems=1"`

	Name      string               `yaml:"-" json:"-"` // the folder's name
	File      string               `yaml:"-" json:"-"`
	Contracts map[string]*Contract `yaml:"-" json:"-"` // by resource
}

// Client is how a source's host is talked to.
type Client struct {
	BaseURL     string            `yaml:"base_url"`
	AllowHosts  []string          `yaml:"allow_hosts,omitempty"` // other hosts that a next page or a redirect may name
	Headers     map[string]string `yaml:"headers,omitempty"`
	Auth        *Auth             `yaml:"auth,omitempty"` // default none
	Paginator   *Paginator        `yaml:"paginator,omitempty"`
	RateLimit   *RateLimit        `yaml:"rate_limit,omitempty"`
	Retry       *Retry            `yaml:"retry,omitempty"`
	Concurrency int               `yaml:"concurrency,omitempty" jsonschema:"minimum=1,maximum=64"` // requests at once, default 4
	Timeout     string            `yaml:"timeout,omitempty"`                                       // one request, default 60s
	MaxBody     string            `yaml:"max_body,omitempty"`                                      // one answer, default 256MB
}

// Auth is how requests to base_url's host say who asks. The secret itself (a
// token, a key, a password: one text) is in no file: on AWS it is the source's
// secret in Secrets Manager, on the laptop FLOE_SECRET_<SOURCE>.
type Auth struct {
	Type     string `yaml:"type" jsonschema:"enum=bearer,enum=api_key,enum=http_basic"`
	In       string `yaml:"in,omitempty" jsonschema:"enum=header,enum=query"` // api_key: default header
	Name     string `yaml:"name,omitempty"`                                   // api_key: the header's or the parameter's name, default X-Api-Key
	Username string `yaml:"username,omitempty"`                               // http_basic; may hold {vars.name}
}

// RateLimit caps requests per second.
type RateLimit struct {
	PerSecond float64 `yaml:"per_second"`
	Burst     int     `yaml:"burst,omitempty"`
}

// Retry is how often and how long a failed request is tried again (429, 5xx, network).
type Retry struct {
	Attempts int    `yaml:"attempts,omitempty"` // default 6, the first included
	MinWait  string `yaml:"min_wait,omitempty"` // default 500ms, doubled with jitter
	MaxWait  string `yaml:"max_wait,omitempty"` // default 60s; Retry-After is honoured up to it
}

// Resource is one thing read from a source. It fills landing_<source>.<name>
// by the contract tables/<name>.yaml, unless Land is false (a parent only).
type Resource struct {
	Name              string            `yaml:"name"`
	Description       string            `yaml:"description,omitempty"`
	Land              *bool             `yaml:"land,omitempty"`     // default true
	ForEach           map[string]string `yaml:"for_each,omitempty"` // one name: a list, "{vars.players}"; one request each, {each.<name>}
	Endpoint          Endpoint          `yaml:"endpoint"`
	IncludeFromParent []string          `yaml:"include_from_parent,omitempty"` // fields of the parent's record (or for_each names) added to each row
	WriteDisposition  string            `yaml:"write_disposition,omitempty" jsonschema:"enum=append,enum=merge"`
}

// Endpoint is one kind of request.
type Endpoint struct {
	Path            string            `yaml:"path,omitempty"` // may be a whole URL from the parent: "{resources.archives.url}"
	Params          map[string]string `yaml:"params,omitempty"`
	Headers         map[string]string `yaml:"headers,omitempty"`
	DataSelector    string            `yaml:"data_selector,omitempty"` // JSONPath; a plain value v becomes {"value": v}
	Paginator       *Paginator        `yaml:"paginator,omitempty"`
	ResponseActions []ResponseAction  `yaml:"response_actions,omitempty"`
	Incremental     *Incremental      `yaml:"incremental,omitempty"`
}

// ResponseAction says what an answer of this status means.
type ResponseAction struct {
	StatusCode int    `yaml:"status_code"`
	Action     string `yaml:"action" jsonschema:"enum=skip,enum=fail,enum=retry"`
}

// Paginator is how the next page is found.
type Paginator struct {
	Type        string `yaml:"type" jsonschema:"enum=single_page,enum=json_link,enum=header_link,enum=page_number,enum=cursor"`
	NextURLPath string `yaml:"next_url_path,omitempty"`  // json_link: JSONPath
	LinksNext   string `yaml:"links_next_key,omitempty"` // header_link: rel, default next
	BasePage    *int   `yaml:"base_page,omitempty"`      // page_number: first page, default 1
	PageParam   string `yaml:"page_param,omitempty"`     // page_number: default page
	TotalPath   string `yaml:"total_path,omitempty"`     // page_number: JSONPath of the number of pages; else until an empty page
	MaximumPage int    `yaml:"maximum_page,omitempty"`
	CursorPath  string `yaml:"cursor_path,omitempty"`  // cursor: JSONPath
	CursorParam string `yaml:"cursor_param,omitempty"` // cursor: query parameter, default cursor
}

// Incremental is what makes a run read only what is new. Two scopes:
//
//	row      (default) cursor_path names a field of the rows; the highest seen value is
//	         {incremental.start_value} of the next run.
//	request  cursor_path names a field of the PARENT's record, one request each: past
//	         requests that were loaded (or skipped by a response action) are not made
//	         again, the newest of each parent is. --from and --to choose among them.
//	         {incremental.cursor} is the request's own value. Where rows are only
//	         added and the contract has no key, the newest waits until another is newer.
type Incremental struct {
	Scope        string `yaml:"scope,omitempty" jsonschema:"enum=row,enum=request"`
	CursorPath   string `yaml:"cursor_path"`
	CursorRegex  string `yaml:"cursor_regex,omitempty"` // first group of it is the cursor: "/(\\d{4}/\\d{2})$"
	InitialValue string `yaml:"initial_value,omitempty"`
	Lag          string `yaml:"lag,omitempty"` // a duration for times, a number otherwise
}
