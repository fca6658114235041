package deployed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// blocked is an act that has done some parts and then hangs.
func blocked(done ...string) Act {
	return func(ctx context.Context, _ Call) (orchestrate.Outcome, error) {
		<-ctx.Done()
		return orchestrate.Outcome{Done: done}, fmt.Errorf("read: %w", ctx.Err())
	}
}

// What a call that was cut off has done is not done again.
func TestCutOffHandsOver(t *testing.T) {
	for _, tc := range []struct {
		name    string
		within  time.Duration
		timeout string // of the step
		done    []string
		kind    string // "" is handed over
	}{
		{"something is done", 1500 * time.Millisecond, "", []string{"a", "b"}, ""},
		{"nothing is done", 1500 * time.Millisecond, "", []string{"a"}, orchestrate.ErrorFailed},
		{"the step's time is over", time.Hour, "50ms", []string{"a"}, orchestrate.ErrorTimeout},
		{"the step's time is over, and something is done", time.Hour, "50ms", []string{"a", "b"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tc.within)
				defer cancel()
				task := orchestrate.Task{Act: orchestrate.ActLoad, Done: []string{"a"}, Began: time.Now(), Timeout: tc.timeout}
				outcome, err := Handler(&bytes.Buffer{}, blocked(tc.done...))(ctx, task)
				if tc.kind == "" {
					if err != nil || outcome.Finished || strings.Join(outcome.Done, " ") != strings.Join(tc.done, " ") {
						t.Errorf("%+v, %v", outcome, err)
					}
					return
				}
				var got messages.InvokeResponse_Error
				if !errors.As(err, &got) || got.Type != tc.kind {
					t.Errorf("got %v, want %s", err, tc.kind)
				}
			})
		})
	}
}

// A call that nobody repeats does the whole, or fails: what it has not finished
// must not count as done, however much it did.
func TestTheOnlyCall(t *testing.T) {
	task := orchestrate.Task{Act: orchestrate.ActGovern, Timeout: "60ms"}
	handsOver := func(_ context.Context, c Call) (orchestrate.Outcome, error) {
		for !c.Pressed() {
			time.Sleep(time.Millisecond)
		}
		return orchestrate.Outcome{Done: []string{"a"}}, nil
	}
	whole := func(context.Context, Call) (orchestrate.Outcome, error) {
		return orchestrate.Outcome{Finished: true, Done: []string{"a"}}, nil
	}
	for name, tc := range map[string]struct {
		act    Act
		within time.Duration
		kind   string
	}{
		"hands over": {handsOver, time.Hour, orchestrate.ErrorTimeout}, "is cut off": {blocked("a"), time.Hour, orchestrate.ErrorTimeout},
		"the function ends before": {handsOver, 50 * time.Millisecond, orchestrate.ErrorTimeout}, "finishes": {whole, time.Hour, ""},
	} {
		var err error
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), tc.within)
			defer cancel()
			_, err = Handler(&bytes.Buffer{}, tc.act)(ctx, task)
		})
		var got messages.InvokeResponse_Error
		if tc.kind == "" && err == nil {
			continue
		}
		if !errors.As(err, &got) || got.Type != tc.kind || !strings.Contains(got.Message, "the act govern is not finished") || !strings.Contains(got.Message, "make deploy") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An act is ended with half of the margin left, or with its step's time.
func TestBound(t *testing.T) {
	now := time.Now()
	for _, tc := range []struct {
		name       string
		left, step time.Duration // 0: none
		until, end time.Duration
		last       bool
	}{
		{name: "a function", left: 15 * time.Minute, until: 13*time.Minute + 30*time.Second, end: 14*time.Minute + 15*time.Second},
		{name: "a step that goes on", left: 15 * time.Minute, step: time.Hour, until: 13*time.Minute + 30*time.Second, end: 14*time.Minute + 15*time.Second},
		{name: "a step that ends", left: 15 * time.Minute, step: 5 * time.Minute, until: 4*time.Minute + 30*time.Second, end: 5 * time.Minute, last: true},
		{name: "a step that ends when the function does", left: 15 * time.Minute, step: 14*time.Minute + 30*time.Second, until: 13*time.Minute + 30*time.Second, end: 14*time.Minute + 15*time.Second},
		{name: "a step, no function", step: 5 * time.Minute, until: 4*time.Minute + 30*time.Second, end: 5 * time.Minute, last: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.Background(), func() {}
			if tc.left > 0 {
				ctx, cancel = context.WithDeadline(ctx, now.Add(tc.left))
			}
			defer cancel()
			var end time.Time
			if tc.step > 0 {
				end = now.Add(tc.step)
			}
			var c Call
			ctx, done := c.bound(ctx, now, end)
			defer done()
			if got, ok := ctx.Deadline(); !ok || !got.Equal(now.Add(tc.end)) || !c.Until.Equal(now.Add(tc.until)) || c.Last != tc.last {
				t.Errorf("until %s, end %s, last %v", c.Until.Sub(now), got.Sub(now), c.Last)
			}
		})
	}
}

// A step that hands over when its own time is up is not called again.
func TestStepEndsWithItsTime(t *testing.T) {
	var err error
	synctest.Test(t, func(t *testing.T) {
		_, err = Handler(&bytes.Buffer{}, func(_ context.Context, c Call) (orchestrate.Outcome, error) {
			for !c.Pressed() {
				time.Sleep(time.Millisecond)
			}
			return orchestrate.Outcome{}, nil
		})(t.Context(), orchestrate.Task{Act: orchestrate.ActLoad, Step: "load", Began: time.Now(), Timeout: "50ms"})
	})
	var got messages.InvokeResponse_Error
	if !errors.As(err, &got) || got.Type != orchestrate.ErrorTimeout || !strings.Contains(got.Message, "code: 5") {
		t.Errorf("got %v", err)
	}
}

// Step Functions takes 256 KB; what does not fit is in the log.
func TestAnswerIsBounded(t *testing.T) {
	type table struct {
		Name    string   `json:"name"`
		Rows    int64    `json:"rows"`
		Skips   []string `json:"skips"`
		LoadIDs []string `json:"load_ids"`
	}
	long := make([]string, 1000)
	for i := range long {
		long[i] = fmt.Sprintf("https://example.org/a/long/address/%d/%s", i, strings.Repeat("x", 300))
	}
	tables := make([]table, 300)
	for i := range tables {
		tables[i] = table{Name: fmt.Sprint("t", i), Rows: 1<<53 + 1, Skips: long, LoadIDs: long}
	}
	answered := func(summary any) (string, string) {
		var log bytes.Buffer
		outcome, err := Handler(&log, func(context.Context, Call) (orchestrate.Outcome, error) {
			return orchestrate.Outcome{Finished: true, Summary: summary}, nil
		})(context.Background(), orchestrate.Task{})
		text, jerr := json.Marshal(outcome)
		if err != nil || jerr != nil {
			t.Fatal(err, jerr)
		}
		return string(text), log.String()
	}
	text, log := answered(map[string]any{"resources": tables[:30]})
	if len(text) > 4096 || strings.Contains(text, "example.org") || !strings.Contains(text, `"name":"t19","rows":9007199254740993`) || strings.Contains(text, `"t20"`) {
		t.Errorf("%d bytes: %.2000s", len(text), text)
	}
	if !strings.Contains(log, `"t29"`) || !strings.Contains(log, "address/999/") {
		t.Error("the log does not tell the whole summary")
	}
	if text, _ = answered(map[string]any{"text": strings.Repeat("x", mostAnswer)}); text != `{"finished":true,"done":[]}` {
		t.Errorf("%.200s", text)
	}
}

func TestGraceIsWhatTheTaskGives(t *testing.T) {
	if left := environment.StopSeconds*time.Second - grace; left <= 0 || left > 15*time.Second {
		t.Errorf("of %d seconds %s are left to end in", environment.StopSeconds, left)
	}
}

func TestExitCodes(t *testing.T) {
	for err, want := range map[error]int{nil: 0, errors.New("x"): 1, fault.New(fault.Contract, errors.New("x"), ""): 3, timeout(orchestrate.Task{}): int(orchestrate.ExitTimeout)} {
		if got := codeOf(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
}
