package awstest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Region and Account are where everything is.
const (
	Region  = "us-east-1"
	Account = "123456789012"
)

// AWS is one emulated account. Its methods may be called at any time.
type AWS struct {
	t       testing.TB
	server  *httptest.Server
	mu      sync.Mutex
	s3      s3
	glue    glue
	secrets secrets
	lf      lakeFormation
	tables  s3Tables
	fail    func(Request) *Failure
	seen    []Request
}

// Request is one call of an API.
type Request struct {
	Service  string // s3, glue, secretsmanager, lakeformation, s3tables
	Action   string // PutObject, UpdateTable, …
	Resource string // bucket/key, database.table, a secret's name or ARN
	Header   http.Header
}

// Failure is what a call is answered instead of being served.
type Failure struct {
	Status  int    // of HTTP; 0: the connection is cut
	Code    string // ThrottlingException, AccessDenied, …
	Message string
	Done    bool // the call is served first: only its answer is lost
	Half    bool // the call is served, and its answer breaks off in the middle
}

// The failures that AWS clients meet most.
var (
	Throttled    = &Failure{Status: 400, Code: "ThrottlingException", Message: "Rate exceeded"}
	SlowDown     = &Failure{Status: 503, Code: "SlowDown", Message: "Please reduce your request rate."}
	Internal     = &Failure{Status: 500, Code: "InternalServiceException", Message: "An internal error occurred."}
	AccessDenied = &Failure{Status: 403, Code: "AccessDenied", Message: "Access Denied"}
	GlueDenied   = &Failure{Status: 400, Code: "AccessDeniedException", Message: "User is not authorized to perform this action."}
	Conflict     = &Failure{Status: 400, Code: "ConcurrentModificationException", Message: "Update table failed due to concurrent modifications."}
	Cut          = &Failure{}
	Broken       = &Failure{Half: true}
	Lost         = &Failure{Done: true}                                                             // done, and the connection cut before the answer
	LostInternal = &Failure{Status: 500, Code: "InternalServiceException", Message: "", Done: true} // done, and answered 500
)

// New starts an AWS that ends with the test.
func New(t testing.TB) *AWS {
	a := &AWS{t: t}
	a.s3.buckets = map[string]*bucket{}
	a.glue.databases = map[string]*database{}
	a.secrets.byName = map[string]*secret{}
	a.lf = lakeFormation{glue: &a.glue, tags: map[string][]string{}, assigned: map[string]map[string]string{}, principals: map[string]bool{}, filters: map[string]object{}}
	a.tables = s3Tables{s3: &a.s3, buckets: map[string]map[string]map[string]*s3Table{}}
	a.server = httptest.NewServer(a)
	t.Cleanup(func() {
		a.server.CloseClientConnections() // a client that a test cut off may hold one
		a.server.Close()
	})
	return a
}

// URL is the endpoint of all services.
func (a *AWS) URL() string { return a.server.URL }

// Config is a client's configuration: the endpoint, keys "test", and the
// standard retryer with short pauses.
func (a *AWS) Config() aws.Config {
	return aws.Config{
		Region: Region, BaseEndpoint: aws.String(a.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 5 * time.Millisecond })
		},
	}
}

// Env is the same for a program of its own: AWS_… variables, key=value.
func (a *AWS) Env() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + a.URL(), "AWS_REGION=" + Region, "AWS_DEFAULT_REGION=" + Region,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
	}
}

// Fail asks fail before each call; nil from it lets the call through. It may be
// called from several goroutines, and may call the AWS's other methods.
func (a *AWS) Fail(fail func(Request) *Failure) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fail = fail
}

// Requests are the calls since the last Forget, in order.
func (a *AWS) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Request(nil), a.seen...)
}

// Forget empties Requests.
func (a *AWS) Forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen = nil
}

// ServeHTTP answers one call.
func (a *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := read(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the client went away
	}
	a.mu.Lock()
	fail := a.fail
	a.seen = append(a.seen, c.Request)
	a.mu.Unlock()
	var failure *Failure
	if fail != nil {
		failure = fail(c.Request)
	}
	answer := &answer{status: http.StatusOK, header: http.Header{}}
	if failure == nil || failure.Done || failure.Half {
		a.mu.Lock()
		a.serve(c, answer)
		a.mu.Unlock()
	}
	if failure != nil && failure.Half {
		answer.breakOff(w)
	}
	if failure != nil && failure.Status == 0 {
		panic(http.ErrAbortHandler) // the server's way to cut a connection
	}
	if failure != nil {
		answer = c.refuse(failure.Status, failure.Code, failure.Message)
	}
	answer.send(w, r.Method == http.MethodHead)
}

func (a *AWS) serve(c *call, out *answer) {
	switch c.Service {
	case "glue":
		a.glue.serve(c, out)
		if c.Action == "DeleteTable" && out.status == http.StatusOK {
			a.lf.drop(c.text("DatabaseName"), c.text("Name"))
		}
	case "lakeformation":
		a.lf.serve(c, out)
	case "s3tables":
		a.tables.serve(c, out)
	case "secretsmanager":
		a.secrets.serve(c, out)
	default:
		a.s3.serve(c, out)
	}
}

// service tells whose a call is by its X-Amz-Target, "AWSGlue.GetTable", or by
// whom it was signed for: Lake Formation's actions are paths, and S3 Tables' paths
// and methods.
func service(r *http.Request) (name, action string) {
	if strings.Contains(r.Header.Get("Authorization"), "/lakeformation/aws4_request") {
		return "lakeformation", strings.TrimPrefix(r.URL.Path, "/")
	}
	if strings.Contains(r.Header.Get("Authorization"), "/s3tables/aws4_request") {
		return "s3tables", ""
	}
	prefix, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch prefix {
	case "AWSGlue":
		return "glue", action
	case "secretsmanager":
		return "secretsmanager", action
	}
	return "s3", ""
}
