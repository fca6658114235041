package deployed

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// serve answers a Lambda function's events; it does not return.
func serve(out io.Writer, act Act) {
	lambda.Start(Handler(out, act))
}

// Handler is a function's handler of Task -> Outcome.
func Handler(out io.Writer, act Act) func(context.Context, orchestrate.Task) (orchestrate.Outcome, error) {
	return func(ctx context.Context, t orchestrate.Task) (orchestrate.Outcome, error) {
		log := logger(out, t)
		if lc, ok := lambdacontext.FromContext(ctx); ok {
			log = log.With("request", lc.AwsRequestID)
		}
		outcome, err := invoke(ctx, Call{Task: t, Log: log}, act)
		if err != nil {
			told(log, err)
			return orchestrate.Outcome{}, answerOf(err)
		}
		if outcome.Summary != nil {
			log.Info("summary", "summary", outcome.Summary)
		}
		return bounded(outcome), nil
	}
}

// invoke does one invocation within its deadline, and within its step's time.
func invoke(ctx context.Context, c Call, act Act) (orchestrate.Outcome, error) {
	now := time.Now()
	end, err := endOf(c.Task, now)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	if !end.IsZero() && !now.Before(end) {
		return orchestrate.Outcome{}, timeout(c.Task)
	}
	ctx, cancel := c.bound(ctx, now, end)
	defer cancel()
	c.begin()
	outcome, err := act(ctx, c)
	outcome.Done = listed(outcome.Done)
	headway := len(outcome.Done) > len(c.Task.Done) && !alone(c.Task)
	cause := context.Cause(ctx)
	switch {
	case err != nil && headway && (errors.Is(cause, ErrNoTime) || errors.Is(cause, errTimeout)):
		// What is done need not be done again: the next call tells what is wrong.
		c.Log.Warn("cut off, and handed over: "+err.Error(), "done", len(outcome.Done), "next", fault.Next(noTime(c.Task, err)))
		return orchestrate.Outcome{Done: outcome.Done, Summary: outcome.Summary}, nil
	case err != nil && errors.Is(cause, errTimeout):
		return outcome, errors.Join(timeout(c.Task), err)
	case err != nil && errors.Is(cause, ErrNoTime):
		return outcome, noTime(c.Task, err)
	case err != nil:
		return outcome, err
	case (c.Last || alone(c.Task)) && !outcome.Finished && !headway && c.Pressed():
		return outcome, timeout(c.Task)
	}
	c.Log.Info("end", "finished", outcome.Finished, "seconds", time.Since(now).Seconds())
	return outcome, nil
}

// bound sets until when a call has time: until a little before the function is
// killed, so that there is time to clean up and to tell an error, or until the
// step's time is over, if that is earlier.
func (c *Call) bound(ctx context.Context, now, end time.Time) (context.Context, func()) {
	var last time.Time
	cause := ErrNoTime
	if deadline, ok := ctx.Deadline(); ok {
		m := margin(deadline.Sub(now))
		c.Until, last = deadline.Add(-m), deadline.Add(-m/2)
	}
	if !end.IsZero() && (last.IsZero() || end.Before(last)) {
		c.Last, last, cause = true, end, errTimeout
		if until := end.Add(-margin(end.Sub(now))); c.Until.IsZero() || until.Before(c.Until) {
			c.Until = until
		}
	}
	if last.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, last, cause)
}

// margin is what is kept of the time that is left, to commit and to answer in:
// 90 seconds of 15 minutes, a third of a short while.
func margin(left time.Duration) time.Duration {
	return max(left/10, min(left/3, 20*time.Second))
}

// listed keeps an empty list a list in JSON, which the state machine hands on.
func listed(done []string) []string {
	if done == nil {
		return []string{}
	}
	return done
}
