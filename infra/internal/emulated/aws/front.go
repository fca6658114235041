package aws

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/floe-data/floe/infra/internal/rights"
)

// Call is one request to the account.
type Call struct {
	Time      time.Time
	Service   string // as requests are signed: s3, glue, kms
	Region    string // likewise
	Action    string // GetObject style where the protocol names it, else "PUT /path?policy"
	AccessKey string // "": unsigned
	Role      string // ARN of the role that the key is of, "" for the administrator
	Operation string // of the stack that runs meanwhile: preview, up, refresh, destroy
	UserAgent string
	Status    int
	// Needs are the actions and resources of IAM that it asks for, as
	// requests.txt says; without the principal.
	Needs []rights.Request
}

// queries are the actions of Athena that the test's engine answers.
var queries = map[string]bool{
	"StartQueryExecution": true, "GetQueryExecution": true, "GetQueryResults": true, "StopQueryExecution": true,
	"BatchGetQueryExecution": true, "ListQueryExecutions": true, "GetQueryRuntimeStatistics": true,
}

// maxBody bounds the bodies that the proxy itself reads.
const maxBody = 64 << 20

// handler is the account's one address.
func (a *Account) handler() http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: a.moto})
			r.Out.Host = r.In.Host // moto finds the service of some requests by their host
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 128, DisableCompression: true},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_emulated/invoke" {
			a.serveInvocation(w, r)
			return
		}
		c := callOf(r)
		c.Needs = a.needs(c, r)
		seen := &recorder{ResponseWriter: w, status: http.StatusOK}
		switch missing, err := a.missingImage(r); {
		case err != nil:
			http.Error(seen, err.Error(), http.StatusBadRequest)
		case missing != "":
			refuse(seen, "InvalidParameterValueException", fmt.Sprintf("Source image %s does not exist. Provide a valid source image.", missing))
		case a.options.Athena != nil && c.Service == "athena" && queries[c.Action]:
			a.options.Athena.ServeHTTP(seen, r)
		default:
			proxy.ServeHTTP(seen, r)
		}
		c.Status = seen.status
		if c.Status == http.StatusNotFound {
			c.Needs = append(c.Needs, missing(c.Needs)...)
		}
		a.note(c)
		a.images.follow(c, r)
	})
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the proxy flush.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

var signature = regexp.MustCompile(`Credential=([^/]+)/[^/]+/([^/]+)/([^/]+)/aws4_request`)

// callOf reads what a request asks for.
func callOf(r *http.Request) Call {
	c := Call{Time: time.Now(), UserAgent: r.UserAgent(), Action: r.Method + " " + r.URL.RequestURI()}
	credential := r.Header.Get("Authorization")
	if q := r.URL.Query().Get("X-Amz-Credential"); q != "" {
		credential = "Credential=" + q
	}
	if m := signature.FindStringSubmatch(credential); m != nil {
		c.AccessKey, c.Region, c.Service = m[1], m[2], m[3]
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		c.Action = target[strings.LastIndex(target, ".")+1:]
	} else if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if form, err := url.ParseQuery(string(peek(r))); err == nil && form.Get("Action") != "" {
			c.Action = form.Get("Action")
		}
	}
	return c
}

// peek reads a request's body and puts it back; what cannot be read is left to
// the one who answers.
func peek(r *http.Request) []byte {
	b, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(b), r.Body))
		return b
	}
	r.Body = io.NopCloser(bytes.NewReader(b))
	return b
}

func (a *Account) note(c Call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c.Role, c.Operation = a.roles[c.AccessKey], a.operation
	a.calls = append(a.calls, c)
}

// Calls lists the requests since the start, Reset or ForgetCalls.
func (a *Account) Calls() []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Call(nil), a.calls...)
}

// Operate names what is done to a stack until the next one is named.
func (a *Account) Operate(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.operation = name
}

// ForgetCalls empties the list of Calls.
func (a *Account) ForgetCalls() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = nil
}

var functionCode = regexp.MustCompile(`^/2015-03-31/functions(/[^/]+/code)?/?$`)

// missingImage is the image that a function is to be made of or changed to, if
// it is not in the registry: AWS looks, moto does not.
func (a *Account) missingImage(r *http.Request) (string, error) {
	if !functionCode.MatchString(r.URL.Path) || r.Method != http.MethodPost && r.Method != http.MethodPut {
		return "", nil
	}
	var in struct {
		Code     struct{ ImageUri string }
		ImageUri string
	}
	if err := json.Unmarshal(peek(r), &in); err != nil {
		return "", fmt.Errorf("the request is no JSON: %w", err)
	}
	for _, image := range []string{in.Code.ImageUri, in.ImageUri} {
		if image != "" && !a.images.has(r.Context(), image) {
			return image, nil
		}
	}
	return "", nil
}

// refuse answers as the REST services of AWS do.
func refuse(w http.ResponseWriter, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", kind)
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"Type": "User", "message": message, "Message": message})
}

// do sends one request to moto, signed as of a service so that moto knows it,
// and reads the JSON of its answer.
func (a *Account) do(ctx context.Context, method, path, service string, header map[string]string, in any, out ...any) error {
	var body io.Reader = http.NoBody
	switch in := in.(type) {
	case nil:
	case url.Values:
		body = strings.NewReader(in.Encode())
	default:
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+a.moto+path, body)
	if err != nil {
		return err
	}
	if service != "" {
		req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=0", Key, a.options.Region, service))
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s: %s", resp.Status, b)
	}
	for _, o := range out {
		if text, ok := o.(*string); ok {
			*text = string(b)
		} else if err := json.Unmarshal(b, o); err != nil {
			return fmt.Errorf("reading %q: %w", b, err)
		}
	}
	return nil
}

// target calls an action of a service that speaks JSON.
func (a *Account) target(ctx context.Context, service, target string, in, out any) error {
	err := a.do(ctx, http.MethodPost, "/", service, map[string]string{"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}, in, out)
	if err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	return nil
}
