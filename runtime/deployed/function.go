package deployed

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

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
		return outcome, nil
	}
}

// invoke does one invocation within its deadline.
func invoke(ctx context.Context, c Call, act Act) (orchestrate.Outcome, error) {
	now := time.Now()
	end, err := endOf(c.Task, time.Time{})
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	if !end.IsZero() && now.After(end) {
		return orchestrate.Outcome{}, timeout(c.Task)
	}
	if deadline, ok := ctx.Deadline(); ok {
		m := margin(deadline.Sub(now))
		c.Until = deadline.Add(-m)
		// A little before the function is killed, so that the error can be told.
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, deadline.Add(-m/8), ErrNoTime)
		defer cancel()
	}
	c.begin()
	outcome, err := act(ctx, c)
	if err != nil && errors.Is(context.Cause(ctx), ErrNoTime) {
		err = noTime(c.Task, err)
	}
	if err == nil {
		c.Log.Info("end", "finished", outcome.Finished, "seconds", time.Since(now).Seconds())
		outcome.Done = listed(outcome.Done)
	}
	return outcome, err
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
