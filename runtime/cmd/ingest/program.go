package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/floe-data/floe/runtime/deployed"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/orchestrate"
	"github.com/floe-data/floe/runtime/project"
)

// program is what the invocations of one process share. Nothing is read before
// the first of them.
type program struct {
	memory int64 // bytes that it may use, 0 if that is not known

	mu      sync.Mutex
	project *project.Project
	config  *aws.Config

	// Tests hand in a lake of their own, and have less patience.
	open   func(context.Context) (*lakehouse.Lake, error) // default the stack's
	grants time.Duration                                  // how long to wait for them, default grantsWithin
}

func (p *program) patience() time.Duration {
	if p.grants > 0 {
		return p.grants
	}
	return grantsWithin
}

// act does one task.
func (p *program) act(ctx context.Context, c deployed.Call) (orchestrate.Outcome, error) {
	var do func(context.Context, *job) (orchestrate.Outcome, error)
	switch c.Task.Act {
	case orchestrate.ActEvolve:
		do = evolve
	case orchestrate.ActLoad:
		do = load
	case orchestrate.ActMaintain:
		do = maintain
	default:
		return orchestrate.Outcome{}, fault.New(fault.Usage, fmt.Errorf("act %q: this program does evolve, load and maintain", c.Task.Act), "")
	}
	j, err := p.begin(ctx, c)
	if err != nil {
		return orchestrate.Outcome{}, roomy(err)
	}
	outcome, err := do(ctx, j)
	return outcome, errors.Join(roomy(err), j.lake.Close())
}

// job is one task with what it works on.
type job struct {
	deployed.Call
	program *program
	stack   stack
	project *project.Project
	lake    *lakehouse.Lake
}

func (p *program) begin(ctx context.Context, c deployed.Call) (*job, error) {
	j := &job{Call: c, program: p}
	var err error
	if j.stack, err = readStack(); err != nil {
		return nil, err
	}
	if j.project, err = p.loaded(); err != nil {
		return nil, err
	}
	open := p.open
	if open == nil {
		open = func(ctx context.Context) (*lakehouse.Lake, error) { return p.openStack(ctx, j.stack) }
	}
	j.lake, err = open(ctx)
	return j, err
}

// loaded is the project in the working folder. An image does not change: it is
// read once.
func (p *program) loaded() (*project.Project, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.project != nil {
		return p.project, nil
	}
	root, err := project.Find(".")
	if err != nil {
		return nil, err
	}
	p.project, err = project.Load(root)
	if err != nil {
		p.project = nil
	}
	return p.project, err
}

// aws is the SDK's configuration; its connections are used again.
func (p *program) aws(ctx context.Context) (aws.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.config != nil {
		return *p.config, nil
	}
	c, err := deployed.Config(ctx)
	if err == nil {
		p.config = &c
	}
	return c, err
}

func (p *program) openStack(ctx context.Context, s stack) (*lakehouse.Lake, error) {
	c, err := p.aws(ctx)
	if err != nil {
		return nil, err
	}
	o, err := lakehouse.Deployed(lakehouse.GlueOptions{Project: s.project, Stack: s.name, Config: c}, os.Getenv(environment.Tables), os.Getenv(environment.TableBucket))
	if err != nil {
		return nil, err
	}
	return lakehouse.Open(ctx, o)
}

// stack is what the environment says.
type stack struct {
	project, name string
	source        string // the one that the program may load, "" for any
	vars          string // JSON
	secret        string // ARN
}

func readStack() (stack, error) {
	s := stack{project: os.Getenv(environment.Project), name: os.Getenv(environment.Stack), source: os.Getenv(environment.Source),
		vars: os.Getenv(environment.Vars), secret: os.Getenv(environment.SecretARN)}
	for _, v := range []struct{ name, value string }{{environment.Project, s.project}, {environment.Stack, s.name}} {
		if v.value == "" {
			return s, fault.New(fault.Usage, fmt.Errorf("the environment has no %s, which the stack sets", v.name), "deploy the stack again; on a laptop, use floe")
		}
	}
	return s, nil
}
