package main

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/floe-data/floe/runtime/deployed"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/preflight"
)

// examineStack asks a stack's account whether the stack can be deployed to it.
func (a *app) examineStack(ctx context.Context) error {
	p, err := a.load()
	if err != nil {
		return err
	}
	stack, err := live.Load(p, a.stack)
	if err != nil {
		return err
	}
	c, err := deployed.Config(ctx, config.WithRegion(stack.Region))
	if err != nil {
		return err
	}
	findings := preflight.Run(ctx, preflight.Options{Project: p, Stack: stack, Config: c, Now: time.Now()})
	if a.output == "json" {
		writeJSON(a.out, findings)
	} else {
		preflight.Print(a.out, findings)
	}
	wrong := preflight.Count(findings)[preflight.Bad]
	if wrong == 0 {
		return nil
	}
	return fault.New(fault.Failed, errors.New(plural(int64(wrong), "thing")+" "+map[bool]string{true: "is", false: "are"}[wrong == 1]+" wrong"), "")
}
