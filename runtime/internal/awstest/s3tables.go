package awstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// s3Tables is S3 Tables: table buckets, their namespaces, and tables, each of
// which has a bucket of its own where nobody lists or deletes.
type s3Tables struct {
	s3      *s3
	buckets map[string]map[string]map[string]*s3Table // ARN -> namespace -> table
	made    int                                       // tables, ever
	tokens  int
}

type s3Table struct {
	bucket      string // of its files
	metadata    string // its location, "" if there is none yet
	token       string
	maintenance map[string]string // kind -> status
}

// TableBucket makes a table bucket with namespaces and gives its ARN.
func (a *AWS) TableBucket(name string, namespaces ...string) (arn string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	arn = "arn:aws:s3tables:" + Region + ":" + Account + ":bucket/" + name
	a.tables.buckets[arn] = map[string]map[string]*s3Table{}
	for _, n := range namespaces {
		a.tables.buckets[arn][n] = map[string]*s3Table{}
	}
	return arn
}

// DropNamespace removes a namespace with its tables.
func (a *AWS) DropNamespace(arn, namespace string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name := range a.tables.buckets[arn][namespace] {
		a.tables.drop(arn, namespace, name)
	}
	delete(a.tables.buckets[arn], namespace)
}

// DropS3Table removes a table of a table bucket, if it is there, with its files.
func (a *AWS) DropS3Table(arn, namespace, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tables.buckets[arn][namespace][name] != nil {
		a.tables.drop(arn, namespace, name)
	}
}

// S3Table tells where a table of a table bucket has its files and its metadata,
// and which of S3's own maintenance is on; false if there is none.
func (a *AWS) S3Table(arn, namespace, name string) (place, metadata string, maintained []string, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.tables.buckets[arn][namespace][name]
	if t == nil {
		return "", "", nil, false
	}
	for _, kind := range slices.Sorted(maps.Keys(t.maintenance)) {
		if t.maintenance[kind] == "enabled" {
			maintained = append(maintained, kind)
		}
	}
	return t.place(), t.metadata, maintained, true
}

func (t *s3Table) place() string { return "s3://" + t.bucket }

// s3TablesActions are the actions by method and path, whose variables are *.
var s3TablesActions = map[string]string{
	"GET /namespaces/*":                   "ListNamespaces",
	"GET /namespaces/*/*":                 "GetNamespace",
	"GET /tables/*":                       "ListTables",
	"PUT /tables/*/*":                     "CreateTable",
	"DELETE /tables/*/*/*":                "DeleteTable",
	"GET /tables/*/*/*/metadata-location": "GetTableMetadataLocation",
	"PUT /tables/*/*/*/metadata-location": "UpdateTableMetadataLocation",
	"PUT /tables/*/*/*/maintenance/*":     "PutTableMaintenanceConfiguration",
}

// readS3Tables reads a call from its path: /tables/<ARN>/<namespace>/<name>/…
func (c *call) readS3Tables(r *http.Request) error {
	c.input = object{}
	if len(c.body) > 0 {
		if err := json.Unmarshal(c.body, &c.input); err != nil {
			return err
		}
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	shape := slices.Clone(parts)
	for i, key := range []string{"", "tableBucketARN", "namespace", "name", "", "type"} {
		if key == "" || i >= len(parts) {
			continue
		}
		value, err := url.PathUnescape(parts[i])
		if err != nil {
			return err
		}
		shape[i], c.input[key] = "*", value
	}
	if c.method == http.MethodPut && len(parts) == 3 { // CreateTable has the name in its body
		var body struct{ Name string }
		_ = json.Unmarshal(c.body, &body)
		c.input["name"] = body.Name
	}
	c.Action = s3TablesActions[c.method+" /"+strings.Join(shape, "/")]
	c.Resource = strings.Trim(c.text("namespace")+"."+c.text("name"), ".")
	return nil
}

// s3TablesStatus are the errors' HTTP statuses.
var s3TablesStatus = map[string]int{"NotFoundException": 404, "ConflictException": 409, "BadRequestException": 400, "MethodNotAllowedException": 405}

func (s *s3Tables) fail(c *call, out *answer, code, format string, args ...any) {
	out.fail(c, s3TablesStatus[code], code, format, args...)
}

func (s *s3Tables) serve(c *call, out *answer) {
	namespaces := s.buckets[c.text("tableBucketARN")]
	if namespaces == nil {
		s.fail(c, out, "NotFoundException", "The specified bucket does not exist.")
		return
	}
	if c.Action == "ListNamespaces" {
		s.page(c, out, "namespaces", slices.Sorted(maps.Keys(namespaces)), func(name string) object {
			return object{"namespace": []string{name}, "createdAt": "2026-01-01T00:00:00Z", "createdBy": Account, "ownerAccountId": Account}
		})
		return
	}
	namespace := c.text("namespace")
	if c.Action == "ListTables" {
		namespace = c.query.Get("namespace")
	}
	tables := namespaces[namespace]
	if tables == nil {
		s.fail(c, out, "NotFoundException", "The specified namespace does not exist.")
		return
	}
	switch c.Action {
	case "GetNamespace":
		out.json(object{"namespace": []string{namespace}, "createdAt": "2026-01-01T00:00:00Z", "createdBy": Account, "ownerAccountId": Account})
	case "ListTables":
		s.page(c, out, "tables", slices.Sorted(maps.Keys(tables)), func(name string) object {
			return object{"namespace": []string{namespace}, "name": name, "type": "customer", "tableARN": c.text("tableBucketARN") + "/table/" + name,
				"createdAt": "2026-01-01T00:00:00Z", "modifiedAt": "2026-01-01T00:00:00Z"}
		})
	case "CreateTable":
		s.create(c, out, tables)
	default:
		s.serveTable(c, out, tables[c.text("name")])
	}
}

// tableNames are the names that S3 Tables takes.
var tableNames = regexp.MustCompile(`^[0-9a-z]([0-9a-z_]{0,253}[0-9a-z])?$`)

func (s *s3Tables) create(c *call, out *answer, tables map[string]*s3Table) {
	name := c.text("name")
	switch {
	case !tableNames.MatchString(name):
		s.fail(c, out, "BadRequestException", "The specified table name is not valid.")
		return
	case c.text("format") != "ICEBERG":
		s.fail(c, out, "BadRequestException", "The specified format is not valid.")
		return
	case tables[name] != nil:
		s.fail(c, out, "ConflictException", "A table with an identical name already exists in the namespace.")
		return
	}
	s.made++
	t := &s3Table{bucket: fmt.Sprintf("%08x-table--table-s3", s.made), token: s.nextToken(), maintenance: map[string]string{"icebergCompaction": "enabled", "icebergSnapshotManagement": "enabled"}}
	tables[name] = t
	s.s3.buckets[t.bucket] = &bucket{objects: map[string]*stored{}, uploads: map[string]*upload{}, table: true}
	out.json(object{"tableARN": c.text("tableBucketARN") + "/table/" + name, "versionToken": t.token})
}

func (s *s3Tables) nextToken() string {
	s.tokens++
	return fmt.Sprintf("%020d", s.tokens)
}

// serveTable serves what is asked of one table.
func (s *s3Tables) serveTable(c *call, out *answer, t *s3Table) {
	if t == nil {
		s.fail(c, out, "NotFoundException", "The specified table does not exist.")
		return
	}
	switch c.Action {
	case "GetTableMetadataLocation":
		found := object{"versionToken": t.token, "warehouseLocation": t.place()}
		if t.metadata != "" {
			found["metadataLocation"] = t.metadata
		}
		out.json(found)
	case "UpdateTableMetadataLocation":
		s.update(c, out, t)
	case "PutTableMaintenanceConfiguration":
		value, _ := c.input["value"].(object)
		t.maintenance[c.text("type")], _ = value["status"].(string)
		out.status = http.StatusNoContent
	case "DeleteTable":
		if token := c.query.Get("versionToken"); token != "" && token != t.token {
			s.fail(c, out, "ConflictException", "Provided version token does not match the table version token.")
			return
		}
		s.drop(c.text("tableBucketARN"), c.text("namespace"), c.text("name"))
		out.status = http.StatusNoContent
	default:
		s.fail(c, out, "MethodNotAllowedException", "awstest has no S3 Tables action %s %s", c.method, c.Action)
	}
}

// update sets the pointer: to a file that is there, below the table's place, and
// only with the newest token.
func (s *s3Tables) update(c *call, out *answer, t *s3Table) {
	location := c.text("metadataLocation")
	key, ours := strings.CutPrefix(location, t.place()+"/")
	named := strings.HasSuffix(key, ".metadata.json") || strings.HasSuffix(key, ".metadata.json.gz")
	switch {
	case !ours || !named || s.s3.buckets[t.bucket].objects[key] == nil:
		s.fail(c, out, "BadRequestException", "The specified metadata location is not valid.")
	case c.text("versionToken") != t.token:
		s.fail(c, out, "ConflictException", "Provided version token does not match the table version token.")
	default:
		t.metadata, t.token = location, s.nextToken()
		out.json(object{"name": c.text("name"), "namespace": []string{c.text("namespace")}, "tableARN": c.text("tableBucketARN") + "/table/" + c.text("name"),
			"versionToken": t.token, "metadataLocation": location})
	}
}

// drop removes a table and its files.
func (s *s3Tables) drop(arn, namespace, name string) {
	tables := s.buckets[arn][namespace]
	delete(s.s3.buckets, tables[name].bucket)
	delete(tables, name)
}

// page answers one page of a list; the token is where the next begins.
func (s *s3Tables) page(c *call, out *answer, key string, names []string, item func(name string) object) {
	prefix := c.query.Get("prefix")
	names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, prefix) })
	from, _ := strconv.Atoi(c.query.Get("continuationToken"))
	to := min(from+gluePage, len(names))
	items := make([]object, 0, gluePage)
	for _, n := range names[min(from, to):to] {
		items = append(items, item(n))
	}
	page := object{key: items}
	if to < len(names) {
		page["continuationToken"] = strconv.Itoa(to)
	}
	out.json(page)
}

// inTableBucket says whether S3 serves a call on a table's bucket.
func inTableBucket(action string) bool {
	switch action {
	case "GetObject", "HeadObject", "PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload":
		return true
	}
	return false
}
