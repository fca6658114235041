// Package main is the Pulumi program that stands floe's pipelines up on AWS.
//
// It reads live/<stack> and the region through runtime/live, the pipelines
// through runtime/project, and refuses to go on while anything in them is
// wrong. main.go only composes; each part of the platform is a component in a
// file or package of its own.
package main

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		root, err := project.Find(".") // Pulumi starts the program in infra/
		if err != nil {
			return err
		}
		return deploy(ctx, root)
	})
}

// deploy plans the stack of ctx as the files under root describe it.
func deploy(ctx *pulumi.Context, root string) error {
	p, err := project.Load(root)
	if err != nil {
		return refused("the project", err)
	}
	stack, err := live.Load(p, ctx.Stack())
	if err != nil {
		return refused("stack "+ctx.Stack(), err)
	}
	for name, value := range summary(p, stack) {
		ctx.Export(name, value)
	}
	return nil
}

// refused says why nothing was planned, with each problem on its own line.
func refused(what string, err error) error {
	if next := fault.Next(err); next != "" {
		return fmt.Errorf("%s is refused, nothing was planned:\n%w\nnext: %s", what, err, next)
	}
	return fmt.Errorf("%s is refused, nothing was planned:\n%w", what, err)
}
