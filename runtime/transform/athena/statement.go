package athena

import (
	"context"
	crypto "crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/floe-data/floe/runtime/fault"
)

const (
	// maxStatement is Athena's limit of a statement's length in bytes; it cannot be raised.
	maxStatement = 262_144
	// maxRuns is how often a statement is run that Athena says may succeed if it is run again.
	maxRuns = 3
	// longestWait is between two looks at a query, in first waits (2.5s).
	longestWait = 25
	// These bound what still happens once the context has ended.
	startWithin    = 30 * time.Second
	stopWithin     = 8 * time.Second
	exchangeWithin = 90 * time.Second
)

// execution is a statement that has ended well.
type execution struct {
	id   string
	kind types.StatementType
}

// run submits a statement and waits for its end. One that failed is run again
// where Athena says that this may help.
func (e *Engine) run(ctx context.Context, sql string) (execution, error) {
	return e.runIf(ctx, sql, func() error { return nil })
}

// runIf is run; again is asked before a statement that failed is run again.
func (e *Engine) runIf(ctx context.Context, sql string, again func() error) (execution, error) {
	for n := 1; ; n++ {
		x, err := e.once(ctx, sql)
		var q *QueryError
		if err == nil || n == maxRuns || !errors.As(err, &q) || !q.Retryable || ctx.Err() != nil {
			return x, err
		}
		if no := again(); no != nil {
			return x, errors.Join(err, no)
		}
		pause(ctx, time.Duration(10*n)*e.poll)
	}
}

// once submits a statement and waits for its end. Submitting is not cut short:
// a query whose id is not known could not be stopped.
func (e *Engine) once(ctx context.Context, sql string) (execution, error) {
	if err := ctx.Err(); err != nil {
		return execution{}, fault.New(fault.Interrupted, fmt.Errorf("not submitted to Athena: %w", err), "")
	}
	if len(sql) > maxStatement {
		return execution{}, tooLong(sql)
	}
	token, err := newToken()
	if err != nil {
		return execution{}, err
	}
	id, err := e.submit(ctx, sql, token)
	if err != nil {
		return execution{}, e.refused(err)
	}
	return e.await(ctx, id, sql)
}

// submit starts a query and gives its id. Where no answer came it asks once
// more: with the same token it gets the id of the query that may run already.
func (e *Engine) submit(ctx context.Context, sql, token string) (id string, err error) {
	for range 2 {
		sure, cancel := context.WithTimeout(context.WithoutCancel(ctx), startWithin)
		started, failed := e.api.StartQueryExecution(sure, &athena.StartQueryExecutionInput{
			QueryString: &sql, WorkGroup: &e.workgroup, ClientRequestToken: &token,
		})
		cancel()
		if failed == nil {
			return aws.ToString(started.QueryExecutionId), nil
		}
		err = failed
		if !unanswered(err) {
			break
		}
	}
	return "", err
}

// unanswered says whether a call was sent and Athena may have done it, though
// its answer did not come, or not whole.
func unanswered(err error) bool {
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode() < 300
	}
	return errors.As(err, new(*smithyhttp.RequestSendError)) || errors.Is(err, context.DeadlineExceeded)
}

// newToken names one submission: Athena starts one query for it, however often
// it is asked.
func newToken() (string, error) {
	var b [16]byte
	if _, err := crypto.Read(b[:]); err != nil {
		return "", fmt.Errorf("name a query: %w", err)
	}
	return "floe-" + hex.EncodeToString(b[:]), nil
}

// await looks at a query until it ends. When ctx ends, the query is stopped.
func (e *Engine) await(ctx context.Context, id, sql string) (execution, error) {
	wait := e.poll
	for {
		pause(ctx, wait/2+rand.N(wait)) // half to one and a half, so that nodes do not ask in step
		wait = min(wait*3/2, longestWait*e.poll)
		if ctx.Err() != nil {
			return e.stop(ctx, id, sql)
		}
		q, err := e.look(ctx, id)
		if err != nil && ctx.Err() == nil {
			x, stopped := e.stop(ctx, id, sql)
			if stopped == nil {
				return x, nil // it succeeded all the same
			}
			return execution{}, errors.Join(fmt.Errorf("ask Athena about query %s: %w", id, err), stopped)
		}
		if err == nil && ended(q) {
			return e.end(id, sql, q)
		}
	}
}

func (e *Engine) look(ctx context.Context, id string) (*types.QueryExecution, error) {
	out, err := e.api.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
	if err != nil {
		return nil, err
	}
	if out.QueryExecution == nil || out.QueryExecution.Status == nil {
		return nil, errors.New("the answer has no status")
	}
	return out.QueryExecution, nil
}

func ended(q *types.QueryExecution) bool {
	switch q.Status.State {
	case types.QueryExecutionStateSucceeded, types.QueryExecutionStateFailed, types.QueryExecutionStateCancelled:
		return true
	}
	return false
}

// end counts what a query read and makes its error.
func (e *Engine) end(id, sql string, q *types.QueryExecution) (execution, error) {
	e.mu.Lock()
	e.totals.Queries++
	if q.Statistics != nil {
		e.totals.Scanned += aws.ToInt64(q.Statistics.DataScannedInBytes)
	}
	e.mu.Unlock()
	if q.Status.State == types.QueryExecutionStateSucceeded {
		return execution{id: id, kind: q.StatementType}, nil
	}
	return execution{}, e.failure(id, sql, q.Status)
}

// stop ends a query and waits a little for its last state: one that succeeded
// all the same has done its work, and says so.
func (e *Engine) stop(ctx context.Context, id, sql string) (execution, error) {
	sure, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	cause := context.Cause(ctx)
	if cause == nil {
		cause = errors.New("it could not be followed")
	}
	_, err := e.api.StopQueryExecution(sure, &athena.StopQueryExecutionInput{QueryExecutionId: &id})
	for err == nil && sure.Err() == nil {
		var q *types.QueryExecution
		if q, err = e.look(sure, id); err == nil && ended(q) {
			x, failed := e.end(id, sql, q)
			if q.Status.State == types.QueryExecutionStateCancelled {
				failed = fault.New(fault.Interrupted, fmt.Errorf("stopped Athena query %s: %w", id, cause), "")
			}
			return x, failed
		}
		pause(sure, e.poll)
	}
	return execution{}, fault.New(fault.Interrupted, errors.Join(fmt.Errorf("interrupted: %w", cause), fmt.Errorf("stop Athena query %s: %w", id, errors.Join(err, sure.Err()))),
		"it may still run: aws athena stop-query-execution --query-execution-id "+id)
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
