package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/naming"
	"github.com/floe-data/floe/runtime/project"
)

// lakeOf opens the lake that a command works on: with --stack the stack's, in
// Glue or a table bucket, else the home, which must be there.
func (a *app) lakeOf(ctx context.Context) (*lakehouse.Lake, error) {
	if a.stack == "" {
		return a.openExisting(ctx)
	}
	lake, _, err := a.stackLake(ctx)
	return lake, err
}

// stackLake opens the lake of --stack.
func (a *app) stackLake(ctx context.Context) (*lakehouse.Lake, *live.Stack, error) {
	p, err := a.load()
	if err != nil {
		return nil, nil, err
	}
	stack, config, err := a.account(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	bucket := ""
	if stack.Platform.Tables == environment.S3Tables {
		if bucket, err = tableBucket(ctx, p, stack, config); err != nil {
			return nil, nil, err
		}
	}
	o, err := lakehouse.Deployed(lakehouse.GlueOptions{Project: p.Name, Stack: stack.Name, Config: config}, stack.Platform.Tables, bucket)
	if err != nil {
		return nil, nil, err
	}
	lake, err := lakehouse.Open(ctx, o)
	return lake, stack, err
}

// tableBucket is the ARN of the stack's table bucket. Its account is the
// stack's, or the one that the credentials are for.
func tableBucket(ctx context.Context, p *project.Project, stack *live.Stack, config aws.Config) (string, error) {
	place := naming.Place{Project: p.Name, Stack: stack.Name, Account: stack.Platform.Account, Region: stack.Region}
	if place.Account == "" {
		var err error
		if place.Account, err = whose(ctx, config); err != nil {
			return "", err
		}
	}
	return place.TableBucketARN(), nil
}

// place says which lake a message speaks of.
func (a *app) place(lake *lakehouse.Lake) string {
	if home := lake.Home(); home != "" {
		return home
	}
	return "stack " + a.stack
}
