package deployed

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// ErrNoTime is the cause of a context that ends because the program is about
// to be killed.
var ErrNoTime = errors.New("the program's time is over")

// errTimeout marks a step that took longer than it may.
var errTimeout = errors.New("the step's timeout has passed")

// TypeOf is the type that a function's error has, see orchestrate.ErrorFailed.
func TypeOf(err error) string {
	if errors.Is(err, errTimeout) {
		return orchestrate.ErrorTimeout
	}
	switch fault.Kind(fault.Code(err)) {
	case fault.Usage:
		return orchestrate.ErrorUsage
	case fault.Contract:
		return orchestrate.ErrorContract
	case fault.Interrupted:
		return orchestrate.ErrorInterrupted
	}
	return orchestrate.ErrorFailed
}

// codeOf is the exit code of an error: package fault's, and one more for a step
// whose time is over, which is of no use to begin again.
func codeOf(err error) int {
	if errors.Is(err, errTimeout) {
		return int(orchestrate.ExitTimeout)
	}
	return fault.Code(err)
}

// answerOf is an error as a function answers it. Its message tells what floe
// prints: the text, what to do next, and the exit code.
func answerOf(err error) error {
	text := err.Error()
	if next := fault.Next(err); next != "" {
		text += "\nnext: " + next
	}
	return messages.InvokeResponse_Error{Message: fmt.Sprintf("%s\ncode: %d", text, codeOf(err)), Type: TypeOf(err)}
}

// told logs an error.
func told(log *slog.Logger, err error) {
	log.Error(err.Error(), "code", codeOf(err), "type", TypeOf(err), "next", fault.Next(err))
}

// endOf is when a step's time is over: its begin (now, where the task tells
// none) and its timeout; zero where it has none.
func endOf(t orchestrate.Task, now time.Time) (time.Time, error) {
	if t.Timeout == "" {
		return time.Time{}, nil
	}
	d, err := time.ParseDuration(t.Timeout)
	if err != nil || d <= 0 {
		return time.Time{}, fault.New(fault.Usage, fmt.Errorf("the task's timeout is %q; a length of time such as 2h0m0s is right", t.Timeout), "")
	}
	began := t.Began
	if began.IsZero() {
		began = now
	}
	if began.IsZero() {
		return time.Time{}, nil
	}
	return began.Add(d), nil
}

func timeout(t orchestrate.Task) error {
	what, next := "the step", "start the workflow again: it goes on from the last commit; or give the step a longer timeout in runtime/pipelines/orchestrate"
	if alone(t) && t.Step == "" {
		what, next = "the act "+t.Act, "what is done need not be done again, so do it once more: make deploy, which calls evolve and govern"
	}
	if t.Step != "" {
		what = "step " + t.Step
	}
	if t.Workflow != "" {
		what += " of workflow " + t.Workflow
	}
	began := ""
	if !t.Began.IsZero() {
		began = " (it began at " + t.Began.UTC().Format(time.RFC3339) + ")"
	}
	return fault.New(fault.Failed, fmt.Errorf("%w: %s is not finished after %s%s; what is committed is kept", errTimeout, what, t.Timeout, began), next)
}

// alone says whether nobody calls again: a timeout without a begin is that of
// one call, which does the whole or fails.
func alone(t orchestrate.Task) bool { return t.Timeout != "" && t.Began.IsZero() }

// noTime is the error of an act that did not hand over in time.
func noTime(t orchestrate.Task, err error) error {
	next := "give the function more memory, with which its processor grows (sizes.function in live/<stack>/platform.yaml)"
	if t.Act == orchestrate.ActLoad {
		next += ", or load the source in a task that is not bounded to 15 minutes (compute: fargate in live/<stack>/pipelines.yaml)"
	}
	return fault.New(fault.Failed, fmt.Errorf("%w before it could hand over: %w", ErrNoTime, err), next)
}
