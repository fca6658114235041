package deployed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/orchestrate"
)

func TestErrorTypes(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want messages.InvokeResponse_Error
	}{
		{errors.New("throttled"), messages.InvokeResponse_Error{Type: "floe.Failed", Message: "throttled\ncode: 1"}},
		{fmt.Errorf("load: %w", fault.New(fault.Usage, errors.New("no source"), "floe doctor")), messages.InvokeResponse_Error{Type: "floe.Usage", Message: "load: no source\nnext: floe doctor\ncode: 2"}},
		{fault.New(fault.Contract, errors.New("bad rows"), ""), messages.InvokeResponse_Error{Type: "floe.Contract", Message: "bad rows\ncode: 3"}},
		{fault.New(fault.Interrupted, errors.New("stopped"), ""), messages.InvokeResponse_Error{Type: "floe.Interrupted", Message: "stopped\ncode: 4"}},
	} {
		_, err := Handler(&bytes.Buffer{}, func(context.Context, Call) (orchestrate.Outcome, error) {
			return orchestrate.Outcome{}, tc.err
		})(context.Background(), orchestrate.Task{})
		var got messages.InvokeResponse_Error
		if !errors.As(err, &got) || got.Type != tc.want.Type || got.Message != tc.want.Message {
			t.Errorf("got %#v, want %#v", err, tc.want)
		}
	}
}

func TestFunctionHandsOverBeforeItsDeadline(t *testing.T) {
	for _, tc := range []struct{ left, margin time.Duration }{
		{15 * time.Minute, 90 * time.Second}, {5 * time.Minute, 30 * time.Second}, {time.Minute, 20 * time.Second}, {3 * time.Second, time.Second},
	} {
		if got := margin(tc.left); got != tc.margin {
			t.Errorf("margin of %s is %s, want %s", tc.left, got, tc.margin)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	var log bytes.Buffer
	outcome, err := Handler(&log, func(ctx context.Context, c Call) (orchestrate.Outcome, error) {
		killed, _ := ctx.Deadline()
		if c.Until.IsZero() || !c.Until.Before(killed) || c.Pressed() || c.Stop != nil {
			t.Errorf("until %s, killed %s, pressed %v", c.Until, killed, c.Pressed())
		}
		return orchestrate.Outcome{Finished: true}, nil
	})(ctx, orchestrate.Task{Act: "load", Source: "shop", Run: "r1", Began: time.Now().Add(-time.Hour), Timeout: "2h"})
	if err != nil || outcome.Done == nil {
		t.Errorf("%+v, %v; a list is wanted, for the state machine hands it on", outcome, err)
	}
	for _, want := range []string{`"act":"load"`, `"source":"shop"`, `"run":"r1"`, `"until":"`, `"finished":true`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not tell %s: %s", want, log.String())
		}
	}
}

// An act that does not hand over ends a little before the function is killed.
func TestNoTime(t *testing.T) {
	var err error
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
		defer cancel()
		_, err = Handler(&bytes.Buffer{}, blocked())(ctx, orchestrate.Task{Act: orchestrate.ActLoad})
	})
	var got messages.InvokeResponse_Error
	if !errors.As(err, &got) || got.Type != orchestrate.ErrorFailed || !strings.Contains(got.Message, "before it could hand over") || !strings.Contains(got.Message, "compute: fargate") {
		t.Errorf("got %v", err)
	}
}

func TestStepsTimeout(t *testing.T) {
	never := func(context.Context, Call) (orchestrate.Outcome, error) {
		t.Error("the act was done")
		return orchestrate.Outcome{}, nil
	}
	late := orchestrate.Task{Step: "ingest", Workflow: "shop", Began: time.Now().Add(-time.Hour), Timeout: "30m"}
	_, inFunction := Handler(&bytes.Buffer{}, never)(context.Background(), late)
	var got messages.InvokeResponse_Error
	if !errors.As(inFunction, &got) || got.Type != orchestrate.ErrorTimeout || !strings.Contains(got.Message, "step ingest of workflow shop is not finished after 30m") {
		t.Errorf("got %v", inFunction)
	}
	if _, err := repeat(context.Background(), call(late, nil), never); TypeOf(err) != orchestrate.ErrorTimeout || fault.Code(err) != 1 {
		t.Errorf("got %v", err)
	}
}

func call(t orchestrate.Task, stop <-chan struct{}) Call {
	return Call{Task: t, Stop: stop, Log: slog.New(slog.DiscardHandler)}
}

func TestRepeat(t *testing.T) {
	var seen []string
	parts := []string{"a", "b", "c"}
	act := func(_ context.Context, c Call) (orchestrate.Outcome, error) {
		seen = append(seen, fmt.Sprint(c.Task.Done))
		n := len(seen)
		return orchestrate.Outcome{Finished: n == 3, Done: parts[:n]}, nil
	}
	outcome, err := repeat(context.Background(), call(orchestrate.Task{Done: []string{"z"}}, nil), act)
	if err != nil || !outcome.Finished || strings.Join(seen, " ") != "[z] [z a] [z a b]" {
		t.Errorf("%+v, %v, calls with %v", outcome, err, seen)
	}
}

func TestRepeatEnds(t *testing.T) {
	unfinished := func(context.Context, Call) (orchestrate.Outcome, error) {
		return orchestrate.Outcome{Done: []string{"a"}}, nil
	}
	failing := func(context.Context, Call) (orchestrate.Outcome, error) {
		return orchestrate.Outcome{}, errors.New("cut off")
	}
	hanging := func(ctx context.Context, _ Call) (orchestrate.Outcome, error) {
		<-ctx.Done()
		return orchestrate.Outcome{}, ctx.Err()
	}
	wrong := func(context.Context, Call) (orchestrate.Outcome, error) {
		return orchestrate.Outcome{}, fault.New(fault.Usage, errors.New("wrong"), "")
	}
	told := make(chan struct{})
	close(told)
	for _, tc := range []struct {
		name string
		act  Act
		stop chan struct{}
		task orchestrate.Task
		kind string
	}{
		{"told to end", unfinished, told, orchestrate.Task{}, orchestrate.ErrorInterrupted},
		{"told to end, and the act fails for it", failing, told, orchestrate.Task{}, orchestrate.ErrorInterrupted},
		{"told to end, and used wrongly", wrong, told, orchestrate.Task{}, orchestrate.ErrorUsage},
		{"out of time", unfinished, nil, orchestrate.Task{Timeout: "20ms"}, orchestrate.ErrorTimeout},
		{"hangs", hanging, nil, orchestrate.Task{Timeout: "20ms"}, orchestrate.ErrorTimeout},
		{"fails", failing, nil, orchestrate.Task{}, orchestrate.ErrorFailed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := repeat(context.Background(), call(tc.task, tc.stop), tc.act); err == nil || TypeOf(err) != tc.kind {
				t.Errorf("got %v, type %s; want %s", err, TypeOf(err), tc.kind)
			}
		})
	}
}

// A task's output is JSON lines, of which the last is the outcome.
func TestOnce(t *testing.T) {
	t.Setenv("AWS_LAMBDA_RUNTIME_API", "")
	done := func(context.Context, Call) (orchestrate.Outcome, error) {
		return orchestrate.Outcome{Finished: true, Summary: "a<b"}, nil
	}
	failed := func(context.Context, Call) (orchestrate.Outcome, error) {
		return orchestrate.Outcome{}, fault.New(fault.Contract, errors.New("bad rows"), "look")
	}
	for _, tc := range []struct {
		args []string
		act  Act
		code int
		last string
	}{
		{[]string{`{"act": "load", "timeout": "1h"}`}, done, 0, `{"finished":true,"done":[],"summary":"a<b"}`},
		{[]string{`{"act": "load"}`}, failed, 3, `"msg":"bad rows","act":"load","code":3,"type":"floe.Contract","next":"look"}`},
		{[]string{`{"act": "load", "timeout": "1 hour"}`}, done, 2, `such as 2h0m0s`},
		{[]string{`{"act": "load", "timeout": "1ms", "began": "2026-01-01T00:00:00Z"}`}, done, 5, `"code":5,"type":"floe.Timeout"`},
		{[]string{`act`}, done, 2, `no task as JSON`},
		{[]string{"{}", "{}"}, done, 2, `found 2 arguments`},
	} {
		var out bytes.Buffer
		code := Main("ingest", tc.args, &out, tc.act)
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if last := lines[len(lines)-1]; code != tc.code || !strings.Contains(last, tc.last) || !json.Valid([]byte(last)) {
			t.Errorf("%v: code %d, last line %s", tc.args, code, last)
		}
	}
}

func TestMemory(t *testing.T) {
	t.Setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
	if got := Memory(); got != 1<<30 {
		t.Errorf("a function of 1024 MB: %d", got)
	}
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"nothing is told", nil, 0},
		{"the machine", map[string]string{"proc/meminfo": "MemFree: 1 kB\nMemTotal:        1048576 kB\n"}, 1 << 30},
		{"cgroup 2", map[string]string{"proc/meminfo": "MemTotal: 8388608 kB\n", "sys/fs/cgroup/memory.max": "536870912\n"}, 512 << 20},
		{"cgroup 2 without limit", map[string]string{"proc/meminfo": "MemTotal: 1048576 kB\n", "sys/fs/cgroup/memory.max": "max\n"}, 1 << 30},
		{"cgroup 1 without limit", map[string]string{"proc/meminfo": "MemTotal: 1048576 kB\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 1 << 30},
	} {
		root := t.TempDir()
		for name, text := range tc.files {
			path := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := memoryBelow(root); got != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, got, tc.want)
		}
	}
}

func TestUserAgent(t *testing.T) {
	a := awstest.New(t)
	for _, pair := range a.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	c, err := Config(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := secretsmanager.NewFromConfig(c).ListSecrets(context.Background(), &secretsmanager.ListSecretsInput{}); err != nil {
		t.Fatal(err)
	}
	if agent := a.Requests()[0].Header.Get("User-Agent"); !strings.Contains(agent, "floe/"+Version()) {
		t.Errorf("user agent %q", agent)
	}
}
