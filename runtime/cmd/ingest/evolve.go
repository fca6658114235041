package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/smithy-go"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// IAM takes its time: a role that a deploy has just made or changed may be
// refused for a while.
const (
	grantsWithin = 2 * time.Minute
	leastWait    = time.Second
	mostWait     = 15 * time.Second
)

// evolve makes the landing tables of all sources as their contracts say.
func evolve(ctx context.Context, j *job) (orchestrate.Outcome, error) {
	var done []ingest.Evolved
	err := j.granted(ctx, func() error {
		var err error
		done, err = ingest.Evolve(ctx, j.lake, j.project.Sources)
		return err
	})
	for _, t := range done {
		for _, c := range t.Changes {
			j.Log.Info("changed", "table", t.Table, "change", c.Kind, "column", c.Column, "detail", c.Detail)
		}
	}
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	j.Log.Info("the landing tables are as the contracts say", "tables", len(done))
	return orchestrate.Outcome{Finished: true, Summary: map[string]any{"tables": done}}, nil
}

// granted does what may be refused until a grant is known everywhere.
func (j *job) granted(ctx context.Context, do func() error) error {
	until := time.Now().Add(j.program.patience())
	if !j.Until.IsZero() && j.Until.Before(until) {
		until = j.Until
	}
	wait := min(leastWait, j.program.patience()/20)
	for {
		err := do()
		if err == nil || !denied(err) {
			return err
		}
		pause := wait/2 + rand.N(wait/2)
		if time.Now().Add(pause).After(until) {
			return fault.New(fault.Failed, fmt.Errorf("access is denied, and was so for up to %s: %w", j.program.patience(), err),
				"deploy again, for a new role's grants may take longer; if that does not help, a policy of your account or organisation denies it")
		}
		j.Log.Warn("access is denied: a new role's grants take a while", "wait_seconds", pause.Seconds(), "error", err.Error())
		select {
		case <-time.After(pause):
		case <-j.Stop:
			return err
		case <-ctx.Done():
			return errors.Join(err, context.Cause(ctx))
		}
		wait = min(2*wait, mostWait)
	}
}

// deniedCodes are what Glue, S3, S3 Tables, KMS and Lake Formation say to a caller whose
// grants they do not know.
var deniedCodes = []string{"AccessDenied", "AccessDeniedException", "ForbiddenException", "AllAccessDisabled", "KMS.AccessDeniedException", "GlueEncryptionException", "UnauthorizedException", "403", "Forbidden"}

func denied(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(deniedCodes, api.ErrorCode())
}
