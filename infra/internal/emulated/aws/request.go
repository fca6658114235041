package aws

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/floe-data/floe/infra/internal/rights"
)

//go:embed requests.txt
var requestTable string

// rule is a line of requests.txt.
type rule struct {
	service string
	actions []string       // of a service that names them
	method  string         // of one that does not
	path    *regexp.Regexp // with named groups
	query   string         // a key that must be there
	clauses []clause
}

// clause is what a request needs once.
type clause struct {
	action    string   // s3:GetObject; "": the request's own
	resources []string // templates
	keys      []string // key=template
}

// prefixes are the services whose actions begin otherwise than requests are signed.
var prefixes = map[string]string{"monitoring": "cloudwatch"}

func prefix(service string) string {
	if p, ok := prefixes[service]; ok {
		return p
	}
	return service
}

// readRules reads requests.txt.
func readRules(text string) ([]rule, error) {
	var all []rule
	for n, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, " | ")
		if len(parts) != 3 {
			return nil, fmt.Errorf("requests.txt: line %d: service | request | clauses would be right", n+1)
		}
		var clauses []clause
		for _, c := range strings.Split(parts[2], " ; ") {
			clauses = append(clauses, clauseOf(parts[0], c))
		}
		if !strings.Contains(parts[1], " /") {
			all = append(all, rule{service: parts[0], actions: strings.Split(parts[1], ","), clauses: clauses})
			continue
		}
		for _, request := range strings.Split(parts[1], ",") {
			r, err := ruleOf(parts[0], request, clauses)
			if err != nil {
				return nil, fmt.Errorf("requests.txt: line %d: %w", n+1, err)
			}
			all = append(all, r)
		}
	}
	return all, nil
}

// ruleOf is that of METHOD /path?query.
func ruleOf(service, request string, clauses []clause) (rule, error) {
	method, path, _ := strings.Cut(request, " ")
	path, query, _ := strings.Cut(path, "?")
	own := slices.Clone(clauses)
	if own[0].action == "" { // the path is the action's name
		own[0].action = prefix(service) + ":" + strings.TrimPrefix(path, "/")
	}
	pattern, err := pathOf(path)
	return rule{service: service, method: method, path: pattern, query: query, clauses: own}, err
}

// anAction is an action of IAM, without or with its service.
var anAction = regexp.MustCompile(`^([a-z0-9-]+:)?[A-Z][A-Za-z]+$`)

func clauseOf(service, text string) clause {
	var c clause
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0 && anAction.MatchString(word):
			if c.action = word; !strings.Contains(word, ":") {
				c.action = prefix(service) + ":" + word
			}
		case strings.Contains(word, "="):
			c.keys = append(c.keys, word)
		default:
			c.resources = append(c.resources, word)
		}
	}
	return c
}

var placeholder = regexp.MustCompile(`\{([\w.]+)\}`)

// pathOf makes a pattern of /a/{b}: the last {key} takes slashes, too.
func pathOf(path string) (*regexp.Regexp, error) {
	return regexp.Compile("^" + placeholder.ReplaceAllStringFunc(path, func(name string) string {
		name = name[1 : len(name)-1]
		if name == "key" || name == "arn" {
			return "(?P<" + name + ">.+)"
		}
		return "(?P<" + name + ">[^/]+)"
	}) + "/?$")
}

// needs is what a request needs in IAM. What is not in the table needs an
// action of its name on the resource Unknown, which no policy allows.
func (a *Account) needs(c Call, r *http.Request) []rights.Request {
	f := fieldsOf(c, r)
	if c.Service == "athena" {
		a.remember(c, f)
	}
	for _, rule := range a.rules {
		if rule.service != c.Service || !rule.fits(c, r, f) {
			continue
		}
		all := copied(r)
		for _, clause := range rule.clauses {
			action := clause.action
			if action == "" {
				action = prefix(c.Service) + ":" + c.Action
			}
			all = append(all, needed(action, clause, cmp.Or(c.Region, a.options.Region), f)...)
		}
		if len(all) > 0 {
			return all
		}
	}
	if c.Service == "s3" && r.Method == http.MethodPost && r.URL.Query().Has("delete") {
		return deletions(r)
	}
	return []rights.Request{{Action: prefix(c.Service) + ":" + c.Action, Resource: Unknown}}
}

// remember keeps the workgroup that a caller's queries are started in: later
// calls name the query only.
func (a *Account) remember(c Call, f fields) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if group, ok := f["WorkGroup"]; ok {
		a.groups[c.AccessKey] = group
	} else if group, ok := a.groups[c.AccessKey]; ok {
		f["WorkGroup"] = group
	}
}

// Unknown is the resource of a request that requests.txt does not know.
const Unknown = "unknown"

func (rule rule) fits(c Call, r *http.Request, f fields) bool {
	if rule.path == nil {
		return slices.Contains(rule.actions, c.Action)
	}
	path := r.URL.Path
	m := rule.path.FindStringSubmatch(path)
	if m == nil || r.Method != rule.method || rule.query != "" && !r.URL.Query().Has(rule.query) || c.Service == "s3" && r.Method == http.MethodPost && r.URL.Query().Has("delete") {
		return false
	}
	if c.Service == "s3" && rule.query == "" && asksMore(r.URL.Query()) {
		return false
	}
	for i, name := range rule.path.SubexpNames() {
		if name != "" {
			f[name] = m[i]
		}
	}
	return true
}

// plain are the keys of S3's queries that ask for nothing of their own.
var plain = []string{"x-id", "list-type", "prefix", "max-keys", "delimiter", "continuation-token", "encoding-type", "start-after", "fetch-owner", "partNumber", "uploadId", "uploads",
	"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-SignedHeaders", "X-Amz-Signature"}

// asksMore says whether a query names a part of a bucket or an object, such as
// ?policy, for which there must be a line of its own.
func asksMore(query url.Values) bool {
	for key := range query {
		if !slices.Contains(plain, key) {
			return true
		}
	}
	return false
}

// needed is a clause's part; a field that the request does not have leaves its
// resource out, and its key too.
func needed(action string, c clause, region string, f fields) []rights.Request {
	context := rights.Context{}
	for _, k := range c.keys {
		key, template, _ := strings.Cut(k, "=")
		if value, ok := f.fill(template); ok {
			context[strings.ToLower(key)] = []string{value}
		}
	}
	if len(context) == 0 {
		context = nil
	}
	var all []rights.Request
	for _, template := range c.resources {
		if arn, ok := arn(template, region, f); ok {
			all = append(all, rights.Request{Action: action, Resource: arn, Context: context})
		}
	}
	return all
}

// arn makes an ARN of a template; one that says so is in the region.
func arn(template, region string, f fields) (string, bool) {
	for _, m := range placeholder.FindAllStringSubmatch(template, -1) {
		if value, ok := f[m[1]]; ok && strings.HasPrefix(value, "arn:") {
			return value, true // a field that may hold a name or an ARN
		}
	}
	text, ok := f.fill(template)
	if !ok || text == "*" {
		return text, ok
	}
	service, rest, _ := strings.Cut(text, ":")
	switch {
	case strings.HasPrefix(rest, "::"):
		return "arn:aws:" + service + ":" + rest, true
	case strings.HasPrefix(rest, ":"):
		return "arn:aws:" + service + "::" + ID + rest, true
	}
	return "arn:aws:" + service + ":" + region + ":" + ID + ":" + rest, true
}

// copied is the source of a copy in S3, which a header names.
func copied(r *http.Request) []rights.Request {
	source, err := url.PathUnescape(strings.TrimPrefix(r.Header.Get("X-Amz-Copy-Source"), "/"))
	if err != nil || source == "" {
		return nil
	}
	path, version, _ := strings.Cut(source, "?versionId=")
	action := "s3:GetObject"
	if version != "" {
		action = "s3:GetObjectVersion"
	}
	return []rights.Request{{Action: action, Resource: "arn:aws:s3:::" + path}}
}

// deletions are those of one request for many objects.
func deletions(r *http.Request) []rights.Request {
	var in struct {
		Object []struct{ Key, VersionId string }
	}
	bucket := strings.Trim(r.URL.Path, "/")
	if err := xml.Unmarshal(peek(r), &in); err != nil {
		return []rights.Request{{Action: "s3:DeleteObject", Resource: Unknown}}
	}
	var all []rights.Request
	for _, o := range in.Object {
		action := "s3:DeleteObject"
		if o.VersionId != "" {
			action = "s3:DeleteObjectVersion"
		}
		all = append(all, rights.Request{Action: action, Resource: "arn:aws:s3:::" + bucket + "/" + o.Key})
	}
	return all
}

// missing is what a request for an object that is not there needs besides: S3
// says that it is missing only to who may list the bucket.
func missing(needs []rights.Request) []rights.Request {
	for _, n := range needs {
		if bucket, _, ok := strings.Cut(strings.TrimPrefix(n.Resource, "arn:aws:s3:::"), "/"); ok && n.Action == "s3:GetObject" {
			return []rights.Request{{Action: "s3:ListBucket", Resource: "arn:aws:s3:::" + bucket}}
		}
	}
	return nil
}

// fields are a request's, from body, query and path: TableInput.Name.
type fields map[string]string

// fill puts fields into a template; false if one is missing.
func (f fields) fill(template string) (string, bool) {
	all := true
	text := placeholder.ReplaceAllStringFunc(template, func(name string) string {
		value, ok := f[name[1:len(name)-1]]
		all = all && ok && value != ""
		return value
	})
	return text, all
}

func fieldsOf(c Call, r *http.Request) fields {
	f := fields{}
	for key, values := range r.URL.Query() {
		f[key] = values[0]
	}
	var body []byte
	if c.Service != "s3" { // an object may be large
		body = bytes.TrimSpace(peek(r))
	}
	switch {
	case bytes.HasPrefix(body, []byte("{")):
		var in map[string]any
		if json.Unmarshal(body, &in) == nil {
			f.put("", in)
		}
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		if form, err := url.ParseQuery(string(body)); err == nil {
			for key, values := range form {
				f[key] = values[0]
			}
		}
	}
	if queue, ok := f["QueueUrl"]; ok {
		f["QueueUrl"] = queue[strings.LastIndex(queue, "/")+1:]
	}
	return f
}

// put flattens JSON.
func (f fields) put(path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, e := range v {
			f.put(strings.TrimPrefix(path+"."+key, "."), e)
		}
	case []any:
		for i, e := range v {
			f.put(path+"."+strconv.Itoa(i), e)
		}
	case nil:
	default:
		f[path] = fmt.Sprint(v)
	}
}
