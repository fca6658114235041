package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/floe-data/floe/runtime/deployed"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/governance"
	"github.com/floe-data/floe/runtime/governance/declared"
	"github.com/floe-data/floe/runtime/governance/lake"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// govern makes tags and grants in Lake Formation as the task, the contracts and
// the models say. It stands here because it reads the models.
func govern(ctx context.Context, c deployed.Call) (orchestrate.Outcome, error) {
	s, err := readStack(environment.Project, environment.Stack, environment.Grants)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	spec, err := governance.ParseSpec(c.Task.Govern)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	if err := current(spec); err != nil {
		return orchestrate.Outcome{}, err
	}
	p, err := here()
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	tables, err := declared.Tables(ctx, p, s.name)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	stack := &live.Stack{Name: s.name, Access: live.Access{Grants: spec.Grants}}
	if err := governance.Check(stack, tables, spec.Domains); err != nil {
		return orchestrate.Outcome{}, fault.New(fault.Usage, fmt.Errorf("govern: %w", err), "correct the file, see what it grants with floe access --stack "+s.name+", then make deploy STACK="+s.name)
	}
	config, err := deployed.Config(ctx)
	if err != nil {
		return orchestrate.Outcome{}, err
	}
	report, err := lake.Govern(ctx, lake.Options{Config: config, Project: s.project, Stack: s.name, Tables: tables, Spec: spec,
		Done: c.Task.Done, Pressed: c.Pressed, Log: c.Log})
	return orchestrate.Outcome{Finished: report.Finished, Done: report.Done, Summary: report.Summary}, err
}

// current refuses a specification that a later deployment has replaced.
func current(spec governance.Spec) error {
	id, err := spec.ID()
	if err != nil || id == os.Getenv(environment.Grants) {
		return err
	}
	return fault.New(fault.Usage, errors.New("govern: what this run is to grant is not what was deployed last, so it granted nothing: access.yaml, domains or roles changed after the run began"),
		"start the workflow again instead of redriving this run")
}
