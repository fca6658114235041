package deployed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// grace is how long a program that was told to end may commit for: as long as
// its task's definition has Fargate wait, less a little to tell the end in.
const grace = (environment.StopSeconds - 10) * time.Second

// once does the task that args holds and gives the exit code.
func once(name string, args []string, out io.Writer, act Act) int {
	t, err := parseTask(name, args)
	log := logger(out, t)
	if err != nil {
		told(log, err)
		return codeOf(err)
	}
	stop, ctx, cancel := untilSignal()
	defer cancel()
	outcome, err := repeat(ctx, Call{Task: t, Stop: stop, Log: log}, act)
	if err != nil {
		told(log, err)
	}
	if err == nil || fault.Code(err) == int(fault.Interrupted) {
		outcome.Done = listed(outcome.Done)
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		if err := e.Encode(outcome); err != nil {
			told(log, fmt.Errorf("write the outcome: %w", err))
			return int(fault.Failed)
		}
	}
	return codeOf(err)
}

// parseTask reads the one argument.
func parseTask(name string, args []string) (orchestrate.Task, error) {
	var t orchestrate.Task
	next := fmt.Sprintf(`%s '{"act": "maintain"}'`, name)
	if len(args) != 1 {
		return t, fault.New(fault.Usage, fmt.Errorf("found %d arguments; the one argument of %s is its task as JSON, for it does not run as a Lambda function", len(args), name), next)
	}
	d := json.NewDecoder(bytes.NewReader([]byte(args[0])))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return t, fault.New(fault.Usage, fmt.Errorf("the argument is no task as JSON: %w", err), next)
	}
	return t, nil
}

// untilSignal gives a channel that the first SIGTERM or interrupt closes, and
// a context that ends when grace is over after it, or at a second signal.
func untilSignal() (<-chan struct{}, context.Context, func()) {
	told, stopTold := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	ctx, cancel := context.WithCancel(context.Background())
	stopTimer := context.AfterFunc(told, func() {
		again := make(chan os.Signal, 1)
		signal.Notify(again, syscall.SIGTERM, os.Interrupt)
		defer signal.Stop(again)
		select {
		case <-time.After(grace):
		case <-again:
		case <-ctx.Done():
		}
		cancel()
	})
	return told.Done(), ctx, func() { stopTimer(); cancel(); stopTold() }
}

// repeat does a task until it is finished, its time is over, or it is told to end.
func repeat(ctx context.Context, c Call, act Act) (orchestrate.Outcome, error) {
	began := time.Now()
	end, err := endOf(c.Task, began)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	if !end.IsZero() {
		if !began.Before(end) {
			return orchestrate.Outcome{}, timeout(c.Task)
		}
		c.Last = true
		c.Until = end.Add(-margin(end.Sub(began)))
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, end, ErrNoTime)
		defer cancel()
	}
	c.begin()
	for {
		outcome, err := act(ctx, c)
		switch {
		case err != nil && errors.Is(context.Cause(ctx), ErrNoTime):
			return outcome, errors.Join(timeout(c.Task), err)
		case err != nil && stopped(c.Stop) && fault.Code(err) == int(fault.Failed):
			return outcome, fault.New(fault.Interrupted, err, interruptedNext)
		case err != nil:
			return outcome, err
		case outcome.Finished:
			c.Log.Info("end", "finished", true, "seconds", time.Since(began).Seconds())
			return outcome, nil
		case stopped(c.Stop):
			return outcome, fault.New(fault.Interrupted, errors.New("told to end before the task was finished; what is committed is kept"), interruptedNext)
		case c.Pressed():
			return outcome, timeout(c.Task)
		}
		c.Task.Done = union(c.Task.Done, outcome.Done)
	}
}

const interruptedNext = "start the same task again: it goes on from the last commit"

func stopped(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}
