package aws

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCallOf(t *testing.T) {
	const signed = "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-central-1/%s/aws4_request, SignedHeaders=host, Signature=0"
	for name, c := range map[string]struct {
		method, url, service, target, kind, body string
		want                                     Call
	}{
		"json":      {"POST", "/", "kms", "TrentService.CreateKey", "application/x-amz-json-1.1", "{}", Call{Service: "kms", Action: "CreateKey"}},
		"query":     {"POST", "/", "iam", "", "application/x-www-form-urlencoded; charset=utf-8", "Action=CreateRole&RoleName=a", Call{Service: "iam", Action: "CreateRole"}},
		"rest":      {"PUT", "/lake?policy", "s3", "", "", "x", Call{Service: "s3", Action: "PUT /lake?policy"}},
		"presigned": {"GET", "/lake/a?X-Amz-Credential=AKID%2F20260101%2Feu-central-1%2Fs3%2Faws4_request", "", "", "", "", Call{Service: "s3", Action: "GET /lake/a?X-Amz-Credential=AKID%2F20260101%2Feu-central-1%2Fs3%2Faws4_request"}},
	} {
		r := httptest.NewRequest(c.method, c.url, strings.NewReader(c.body))
		if c.service != "" {
			r.Header.Set("Authorization", strings.Replace(signed, "%s", c.service, 1))
		}
		r.Header.Set("X-Amz-Target", c.target)
		r.Header.Set("Content-Type", c.kind)
		got := callOf(r)
		if got.Service != c.want.Service || got.Action != c.want.Action || got.AccessKey != "AKID" {
			t.Errorf("%s: %+v, want %s %s of AKID", name, got, c.want.Service, c.want.Action)
		}
		if b, _ := io.ReadAll(r.Body); string(b) != c.body {
			t.Errorf("%s: the body is %q afterwards, want %q", name, b, c.body)
		}
	}
}

// account is an account whose moto is a handler.
func account(t *testing.T, moto http.HandlerFunc) *Account {
	t.Helper()
	s := httptest.NewServer(moto)
	t.Cleanup(s.Close)
	a := &Account{moto: s.Listener.Addr().String(), roles: map[string]string{"ROLEKEY": "arn:role"}, groups: map[string]string{}, options: Options{Region: "eu-central-1"}}
	var err error
	if a.images, err = newRegistry(a); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.images.close)
	a.Registry = a.images.address
	return a
}

func send(t *testing.T, h http.Handler, method, path, service, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=ROLEKEY/20260101/eu-central-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFront(t *testing.T) {
	a := account(t, func(w http.ResponseWriter, r *http.Request) { http.Error(w, "moto "+r.URL.Path, http.StatusTeapot) })
	a.options.Athena = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "athena") })
	h := a.handler()
	if got := send(t, h, "POST", "/", "athena", "{}", "X-Amz-Target", "AmazonAthena.StartQueryExecution").Body.String(); got != "athena" {
		t.Errorf("a query went to %q, want the test's engine", got)
	}
	if got := send(t, h, "POST", "/", "athena", "{}", "X-Amz-Target", "AmazonAthena.GetWorkGroup").Code; got != http.StatusTeapot {
		t.Errorf("a workgroup was asked for and the answer was %d, want moto's", got)
	}
	w := send(t, h, "POST", "/2015-03-31/functions", "lambda", `{"Code":{"ImageUri":"`+a.Registry+`/floe/ingest:v1"}}`)
	if w.Code != http.StatusBadRequest || w.Header().Get("X-Amzn-Errortype") != "InvalidParameterValueException" || !strings.Contains(w.Body.String(), "does not exist") {
		t.Errorf("a function of an image that is not there: %d %s", w.Code, w.Body)
	}
	if got := send(t, h, "POST", "/2015-03-31/functions", "lambda", `{"Code":{"S3Bucket":"b"}}`).Code; got != http.StatusTeapot {
		t.Errorf("a function without an image: %d, want moto's answer", got)
	}
	calls := a.Calls()
	if len(calls) != 4 || calls[3].Role != "arn:role" || calls[3].Status != http.StatusTeapot || calls[2].Status != http.StatusBadRequest {
		t.Errorf("the calls are %+v", calls)
	}
	if a.ForgetCalls(); len(a.Calls()) != 0 {
		t.Error("forgotten calls are listed")
	}
}

func TestRegistry(t *testing.T) {
	a := account(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(b), `"floe/ingest"`) {
			http.Error(w, "RepositoryNotFoundException", http.StatusBadRequest)
			return
		}
		io.WriteString(w, "{}")
	})
	ask := func(path, user, pass string) int {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.SetBasicAuth(user, pass)
		w := httptest.NewRecorder()
		a.images.ServeHTTP(w, r)
		return w.Code
	}
	for _, c := range []struct {
		path, user, pass string
		want             int
	}{
		{"/v2/", "AWS", password, http.StatusOK},
		{"/v2/", "AWS", "wrong", http.StatusUnauthorized},
		{"/v2/", "somebody", password, http.StatusUnauthorized},
		{"/v2/floe/other/manifests/v1", "AWS", password, http.StatusNotFound},
		{"/v2/floe/ingest/tags/list", "AWS", password, http.StatusNotFound}, // known, and empty
	} {
		if got := ask(c.path, c.user, c.pass); got != c.want {
			t.Errorf("%s as %s: %d, want %d", c.path, c.user, got, c.want)
		}
	}
	if a.images.repos["floe/ingest"] == nil || a.images.repos["floe/other"] != nil {
		t.Errorf("the registry holds %v, want floe/ingest only", a.images.repos)
	}
}

func TestTail(t *testing.T) {
	var end tail
	io.WriteString(&end, strings.Repeat("a", tailSize))
	io.WriteString(&end, "the end")
	if s := end.String(); len(s) != tailSize || !strings.HasSuffix(s, "the end") {
		t.Errorf("the tail is %d long and ends with %q", len(s), s[len(s)-10:])
	}
}
