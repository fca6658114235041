package athena

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/athena"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
)

// Options say where an Engine runs. All but the last three are needed.
type Options struct {
	Config      aws.Config      // the SDK's: region, credentials, endpoint
	Lake        *lakehouse.Lake // the stack's tables in Glue
	Project     string          // with Stack: what Glue's databases are named by
	Stack       string
	Workgroup   string
	Classified  Classified    // default none
	Concurrency int           // nodes at once, default 5
	Poll        time.Duration // how long to wait before the first look at a query, default 100ms; later looks wait longer
}

// Classified is what a model's table is noted with as
// environment.ParameterClassified when it is built, or when rows are added to the
// one that is there: nil where it is built anew. "" is no note.
type Classified func(ctx context.Context, n lakehouse.Name, there *lakehouse.Table) (string, error)

const (
	defaultConcurrency = 5
	defaultPoll        = 100 * time.Millisecond
	attempts           = 10 // of one call of the API that is throttled or gets no answer
)

// Engine runs statements in a workgroup. Its methods may be called at once.
type Engine struct {
	api         *athena.Client
	lake        *lakehouse.Lake
	project     string
	stack       string
	workgroup   string
	classified  Classified
	concurrency int
	poll        time.Duration

	mu     sync.Mutex
	aside  map[lakehouse.Name]*relation // by name in lower case
	totals Totals
}

// Totals are what an engine has asked of Athena.
type Totals struct {
	Queries int   `json:"queries"`
	Scanned int64 `json:"scanned_bytes"`
}

// relation is what a build of this session holds under a name.
type relation struct {
	kind    string
	body    string // what stands for it in a FROM clause
	columns []schema.Column
}

var _ transform.Engine = (*Engine)(nil)

// Open makes an engine. It asks nothing of AWS yet.
func Open(o Options) (*Engine, error) {
	if o.Lake == nil || o.Project == "" || o.Stack == "" || o.Workgroup == "" {
		return nil, errors.New("the Athena engine needs a lake, a project, a stack and a workgroup")
	}
	e := &Engine{lake: o.Lake, project: o.Project, stack: o.Stack, workgroup: o.Workgroup, classified: o.Classified,
		concurrency: o.Concurrency, poll: o.Poll, aside: map[lakehouse.Name]*relation{}}
	if e.concurrency <= 0 {
		e.concurrency = defaultConcurrency
	}
	if e.poll <= 0 {
		e.poll = defaultPoll
	}
	e.api = athena.NewFromConfig(o.Config, func(c *athena.Options) {
		c.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts = attempts
			r.Backoff = retry.NewExponentialJitterBackoff(200 * e.poll)
			if e.poll < defaultPoll {
				r.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return e.poll, nil })
			}
		})
	})
	return e, nil
}

// Dialect is "athena".
func (e *Engine) Dialect() string { return "athena" }

// MaxConcurrency is how many nodes may be built at once.
func (e *Engine) MaxConcurrency() int { return e.concurrency }

// Totals are those of everything that has ended so far.
func (e *Engine) Totals() Totals {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.totals
}

// Query runs one statement that reads.
func (e *Engine) Query(ctx context.Context, sql string) (*transform.Rows, error) {
	x, err := e.run(ctx, e.resolve(sql))
	if err != nil {
		return nil, err
	}
	return e.rows(ctx, x)
}

// Columns gives a relation's columns.
func (e *Engine) Columns(ctx context.Context, n lakehouse.Name) ([]schema.Column, error) {
	if r, ok := e.held(n); ok {
		return r.columns, nil
	}
	table, view, err := e.lake.Exists(ctx, n)
	switch {
	case err != nil:
		return nil, fmt.Errorf("look for %s: %w", n, err)
	case table:
		t, err := e.lake.Table(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("read table %s: %w", n, err)
		}
		return t.Schema().Columns, nil
	case view:
		return e.Describe(ctx, "SELECT * FROM "+ident(n.Schema)+"."+ident(n.Table))
	}
	return nil, fmt.Errorf("%s: %w", n, lakehouse.ErrNotFound)
}

// Exists gives "" (none), "table" or "view".
func (e *Engine) Exists(ctx context.Context, n lakehouse.Name) (string, error) {
	if r, ok := e.held(n); ok {
		return r.kind, nil
	}
	table, view, err := e.lake.Exists(ctx, n)
	switch {
	case err != nil:
		return "", fmt.Errorf("look for %s: %w", n, err)
	case table:
		return transform.KindTable, nil
	case view:
		return transform.KindView, nil
	}
	return "", nil
}

// Drop removes a relation; none there is no error.
func (e *Engine) Drop(ctx context.Context, n lakehouse.Name) error {
	e.forget(n)
	table, view, err := e.lake.Exists(ctx, n)
	switch {
	case err != nil:
	case table:
		err = e.lake.DropTable(ctx, n)
	case view:
		err = e.dropView(ctx, n)
	}
	if err != nil && !errors.Is(err, lakehouse.ErrNotFound) {
		return fmt.Errorf("drop %s: %w", n, err)
	}
	return nil
}

func key(n lakehouse.Name) lakehouse.Name {
	return lakehouse.Name{Schema: strings.ToLower(n.Schema), Table: strings.ToLower(n.Table)}
}

// held is what a build holds under a name.
func (e *Engine) held(n lakehouse.Name) (*relation, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r, ok := e.aside[key(n)]
	return r, ok
}

func (e *Engine) hold(n lakehouse.Name, r *relation) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.aside[key(n)] = r
}

func (e *Engine) forget(n lakehouse.Name) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.aside, key(n))
}
