package aws

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/floe-data/floe/infra/internal/emulated/lambda"
)

// Run is one run of a function or a task.
type Run struct {
	Kind          string // lambda or task
	Name          string // of the function, or the task definition's family
	Role          string // ARN of the role that it ran as
	Environment   map[string]string
	Event, Result []byte // of a function: what came in and what it answered
	FunctionError string // of a function
	ExitCode      int    // of a task
	Log           string // what it wrote to both streams
	Error         string // why it could not be run at all, "" if it was

	Init time.Duration // of a function: from its start until it asked for the event
}

// Runs lists the runs that have ended since the start or Reset, oldest first.
func (a *Account) Runs() []Run {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]Run, 0, len(a.runs))
	for _, r := range a.runs {
		out = append(out, *r)
	}
	return out
}

func (a *Account) ran(r *Run) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.runs = append(a.runs, r)
}

// Invocation is the answer to a caller of a function.
type Invocation struct {
	Payload       []byte
	FunctionError string // "" if the function answered
}

// Invoke calls a function and waits for its answer, as any client does.
func (a *Account) Invoke(ctx context.Context, function string, event []byte) (*Invocation, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL+"/2015-03-31/functions/"+url.PathEscape(function)+"/invocations", newReader(event))
	if err != nil {
		return nil, fmt.Errorf("invoking %s: %w", function, err)
	}
	req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/20260101/%s/lambda/aws4_request, SignedHeaders=host, Signature=0", Key, a.options.Region))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("invoking %s: %w", function, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("invoking %s: %w", function, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("invoking %s: %s: %s", function, resp.Status, b)
	}
	return &Invocation{b, resp.Header.Get("X-Amz-Function-Error")}, nil
}

// invocation is what the server asks to be run: see mends_compute.py.
type invocation struct {
	Name, ARN, Version, Role, Region, Image string
	LogGroup, WorkingDirectory              string
	Memory, Timeout                         int
	Environment                             map[string]string
	Entrypoint, Command                     []string
	Event                                   []byte
}

// serveInvocation runs a function for moto.
func (a *Account) serveInvocation(w http.ResponseWriter, r *http.Request) {
	var in invocation
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	run := &Run{Kind: "lambda", Name: in.Name, Role: in.Role, Event: in.Event}
	result, err := a.invoke(r.Context(), in)
	if err != nil {
		run.Error = err.Error()
		body, _ := json.Marshal(map[string]string{"errorType": "Runtime.InvalidEntrypoint", "errorMessage": err.Error()}) // texts always marshal
		result = &lambda.Result{Payload: body, FunctionError: "Unhandled"}
	}
	run.Environment, run.Result, run.FunctionError, run.Log, run.Init = result.Environment, result.Payload, result.FunctionError, result.Log, result.Init
	a.ran(run)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"payload": result.Payload, "functionError": result.FunctionError, "log": result.Log})
}

func (a *Account) invoke(ctx context.Context, in invocation) (*lambda.Result, error) {
	if in.Image == "" {
		return nil, fmt.Errorf("function %s has no image: only functions of package type Image can run here", in.Name)
	}
	image, err := a.store.Pull(ctx, in.Image, auth)
	if err != nil {
		return nil, err
	}
	keys, err := a.assume(ctx, in.Role, in.Name)
	if err != nil {
		return nil, fmt.Errorf("the role defined for the function cannot be assumed by Lambda: %w", err)
	}
	return lambda.Invoke(ctx, image, lambda.Function{Name: in.Name, ARN: in.ARN, Version: in.Version, Region: in.Region, Memory: in.Memory,
		Timeout: time.Duration(in.Timeout) * time.Second, LogGroup: in.LogGroup, Entrypoint: in.Entrypoint, Command: in.Command,
		WorkingDir: in.WorkingDirectory, Environment: in.Environment, Extra: keys}, in.Event)
}

// assume gets credentials of a role; with them come the settings that lead a
// program to this account.
func (a *Account) assume(ctx context.Context, role, session string) (map[string]string, error) {
	form := url.Values{"Action": {"AssumeRole"}, "Version": {"2011-06-15"}, "RoleArn": {role}, "RoleSessionName": {session}}
	var text string
	err := a.do(ctx, http.MethodPost, "/", "sts", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, form, &text)
	if err != nil {
		return nil, err
	}
	var out struct {
		Result struct {
			Credentials struct {
				ID      string `xml:"AccessKeyId"`
				Secret  string `xml:"SecretAccessKey"`
				Session string `xml:"SessionToken"`
			}
		} `xml:"AssumeRoleResult"`
	}
	if err := xml.Unmarshal([]byte(text), &out); err != nil {
		return nil, fmt.Errorf("reading the credentials of %s: %w", role, err)
	}
	c := out.Result.Credentials
	a.mu.Lock()
	a.roles[c.ID] = role
	a.mu.Unlock()
	env := map[string]string{"AWS_ACCESS_KEY_ID": c.ID, "AWS_SECRET_ACCESS_KEY": c.Secret, "AWS_SESSION_TOKEN": c.Session}
	for _, kv := range a.settings() {
		k, v := cut(kv)
		env[k] = v
	}
	return env, nil
}
