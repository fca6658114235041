package lambda

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/floe-data/floe/infra/internal/emulated/container"
)

// TestMain lets the test's own binary be the program of the functions: it
// answers with what it sees, or as its event says.
func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		os.Exit(m.Run())
	}
	if err := program("http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + version); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func program(api string) error {
	resp, err := http.Get(api + "/invocation/next")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	event, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	fmt.Println("event", string(event))
	act := strings.Trim(string(event), `"`)
	id := resp.Header.Get("Lambda-Runtime-Aws-Request-Id")
	deadline, err := strconv.ParseInt(resp.Header.Get("Lambda-Runtime-Deadline-Ms"), 10, 64)
	if err != nil || !time.UnixMilli(deadline).After(time.Now()) {
		return fmt.Errorf("the deadline is %q, %w", resp.Header.Get("Lambda-Runtime-Deadline-Ms"), err)
	}
	switch act {
	case "crash":
		os.Exit(7)
	case "hang":
		select {}
	case "error":
		return post(api+"/invocation/"+id+"/error", []byte(`{"errorType":"Refused","errorMessage":"no"}`))
	case "init":
		return post(api+"/init/error", []byte(`{"errorType":"Init","errorMessage":"no"}`))
	case "large":
		return post(api+"/invocation/"+id+"/response", bytes.Repeat([]byte("x"), maxPayload+1))
	case "stranger":
		if err := post(api+"/invocation/other/response", []byte(`"wrong"`)); err == nil {
			return fmt.Errorf("the answer to another request was taken")
		}
	}
	b, err := json.Marshal(map[string]any{"arn": resp.Header.Get("Lambda-Runtime-Invoked-Function-Arn"), "environment": os.Environ()})
	if err != nil {
		return err
	}
	return post(api+"/invocation/"+id+"/response", b)
}

func post(url string, body []byte) error {
	resp, err := http.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	return nil
}

func invoke(t *testing.T, event string, timeout time.Duration) *Result {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	i := &container.Image{Root: filepath.Dir(self), Digest: "sha256:0", Config: v1.Config{Entrypoint: []string{"/" + filepath.Base(self)}}}
	f := Function{Name: "ingest", ARN: "arn:f", Version: "$LATEST", Region: "eu-central-1", Memory: 256, Timeout: timeout, LogGroup: "/logs",
		Environment: map[string]string{"FLOE_STACK": "dev", "AWS_REGION": "mars-1", "TZ": "UTC"}, Extra: map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}}
	r, err := Invoke(t.Context(), i, f, []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestInvoke(t *testing.T) {
	t.Setenv("CALLER", "must not be seen")
	r := invoke(t, `"stranger"`, time.Minute)
	if r.FunctionError != "" {
		t.Fatalf("it failed: %s, it wrote %s", r.Payload, r.Log)
	}
	var out struct {
		ARN         string
		Environment []string
	}
	if err := json.Unmarshal(r.Payload, &out); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, kv := range out.Environment {
		k, v, _ := strings.Cut(kv, "=")
		env[k] = v
	}
	for k, want := range map[string]string{"FLOE_STACK": "dev", "AWS_REGION": "eu-central-1", "TZ": "UTC", "AWS_LAMBDA_FUNCTION_NAME": "ingest",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_LAMBDA_LOG_GROUP_NAME": "/logs", "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "CALLER": "", "HOME": ""} {
		if env[k] != want {
			t.Errorf("it sees %s=%q, want %q", k, env[k], want)
		}
	}
	if out.ARN != "arn:f" || !strings.Contains(r.Log, `event "stranger"`) {
		t.Errorf("it saw ARN %q and wrote %q", out.ARN, r.Log)
	}
}

func TestFailures(t *testing.T) {
	for event, c := range map[string]struct {
		timeout time.Duration
		kind    string
		message string
	}{
		"error": {time.Minute, "Refused", "no"},
		"init":  {time.Minute, "Init", "no"},
		"crash": {time.Minute, "Runtime.ExitError", "exit status 7"},
		"hang":  {2 * time.Second, "Sandbox.Timedout", "Task timed out after 2.00 seconds"},
		"large": {time.Minute, "Function.ResponseSizeTooLarge", "6291456"},
	} {
		r := invoke(t, strconv.Quote(event), c.timeout)
		var out unhandled
		if err := json.Unmarshal(r.Payload, &out); err != nil {
			t.Errorf("%s: %v", event, err)
			continue
		}
		if r.FunctionError != "Unhandled" || out.ErrorType != c.kind || !strings.Contains(out.ErrorMessage, c.message) {
			t.Errorf("%s: %q %+v, want Unhandled, %s with %q", event, r.FunctionError, out, c.kind, c.message)
		}
	}
}
