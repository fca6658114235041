package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/floe-data/floe/infra/internal/emulated/container"
)

// Function is what Lambda knows of a function.
type Function struct {
	Name, ARN, Version, Region string
	Memory                     int // MB
	Timeout                    time.Duration
	LogGroup                   string
	Entrypoint, Command        []string // of the function's image configuration
	WorkingDir                 string
	Environment                map[string]string // the function's own
	Extra                      map[string]string // what leads the program to the emulated account: credentials, endpoint
}

// Result is the end of one invocation.
type Result struct {
	Payload       []byte
	FunctionError string // "Unhandled", or "" if the function answered
	Log           string // what the program wrote
	Environment   map[string]string
	Init          time.Duration // from the program's start until it asked for the event
}

// unhandled is what Lambda says when the function did not answer.
type unhandled struct {
	ErrorType    string `json:"errorType"`
	ErrorMessage string `json:"errorMessage"`
}

// maxPayload is Lambda's limit of an answer.
const maxPayload = 6 << 20

// Invoke runs the function once with an event. An error means that it could
// not be run at all; what the function does wrong is in the result.
func Invoke(ctx context.Context, image *container.Image, f Function, event []byte) (*Result, error) {
	api, err := serve(ctx, f, event)
	if err != nil {
		return nil, err
	}
	defer api.close()
	env := f.environment(api.address)
	began := time.Now()
	p, err := image.Start(container.Command{Entrypoint: f.Entrypoint, Command: f.Command, WorkingDir: f.WorkingDir, Env: env})
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", f.Name, err)
	}
	r := &Result{Environment: env}
	limit := time.NewTimer(f.Timeout)
	defer limit.Stop()
	select {
	case a := <-api.answers:
		r.Payload, r.FunctionError = a.payload, a.functionError
	case <-limit.C:
		r.fail("Sandbox.Timedout", "RequestId: %s Error: Task timed out after %.2f seconds", api.id, f.Timeout.Seconds())
	case <-p.Exited():
		code, _ := p.Wait(ctx)
		select {
		case a := <-api.answers: // it answered and ended
			r.Payload, r.FunctionError = a.payload, a.functionError
		default:
			r.fail("Runtime.ExitError", "RequestId: %s Error: Runtime exited with error: exit status %d", api.id, code)
		}
	case <-ctx.Done():
		p.Kill()
		return nil, fmt.Errorf("function %s: %w", f.Name, ctx.Err())
	}
	p.Kill()
	if asked := api.asked.Load(); asked != nil {
		r.Init = asked.Sub(began)
	}
	r.Log = p.Output()
	if len(r.Payload) > maxPayload {
		r.fail("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload)
	}
	return r, nil
}

func (r *Result) fail(kind, format string, args ...any) {
	r.FunctionError = "Unhandled"
	r.Payload, _ = json.Marshal(unhandled{kind, fmt.Sprintf(format, args...)}) // two texts always marshal
}

// environment is what the program finds: the function's own variables, those
// that Lambda adds, and those that lead to the emulated account.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (f Function) environment(api string) map[string]string {
	env := map[string]string{
		"PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin", "LANG": "en_US.UTF-8", "TZ": ":UTC", "LAMBDA_TASK_ROOT": "/var/task", "LAMBDA_RUNTIME_DIR": "/var/runtime",
		"_HANDLER": "", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_RUNTIME_API": api,
		"AWS_REGION": f.Region, "AWS_DEFAULT_REGION": f.Region,
		"AWS_LAMBDA_FUNCTION_NAME": f.Name, "AWS_LAMBDA_FUNCTION_VERSION": f.Version, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.Memory),
		"AWS_LAMBDA_LOG_GROUP_NAME": f.LogGroup, "AWS_LAMBDA_LOG_STREAM_NAME": time.Now().UTC().Format("2006/01/02") + "/[" + f.Version + "]emulated",
	}
	if len(f.Command) > 0 {
		env["_HANDLER"] = f.Command[0]
	}
	for k, v := range f.Extra {
		env[k] = v
	}
	for k, v := range f.Environment {
		if _, reserved := env[k]; !reserved || k == "TZ" || k == "PATH" || k == "LANG" {
			env[k] = v
		}
	}
	return env
}

// answer is what the program gave back.
type answer struct {
	payload       []byte
	functionError string
}

// runtimeAPI serves one invocation.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type runtimeAPI struct {
	f        Function
	id       string
	event    []byte
	address  string
	deadline time.Time
	server   *http.Server
	next     chan struct{} // holds the one event
	asked    atomic.Pointer[time.Time]
	answers  chan answer
}

func serve(ctx context.Context, f Function, event []byte) (*runtimeAPI, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serving the runtime API: %w", err)
	}
	a := &runtimeAPI{f: f, id: requestID(), event: event, address: l.Addr().String(), deadline: time.Now().Add(f.Timeout),
		next: make(chan struct{}, 1), answers: make(chan answer, 1)}
	a.next <- struct{}{}
	a.server = &http.Server{Handler: a.handler(), ReadHeaderTimeout: time.Minute, BaseContext: func(net.Listener) context.Context { return ctx }}
	go func() { _ = a.server.Serve(l) }() // ends with close
	return a, nil
}

func (a *runtimeAPI) close() { _ = a.server.Close() } // ends with the process at the latest

// trace is a header that X-Ray would fill; sampled or not, programs must cope.
func (a *runtimeAPI) trace() string {
	return "Root=1-" + fmt.Sprintf("%08x", time.Now().Unix()) + "-" + strings.ReplaceAll(a.id, "-", "")[:24] + ";Sampled=0"
}
