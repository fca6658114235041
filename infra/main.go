// Package main is the Pulumi program that stands floe's pipelines up on AWS.
// All that it does is in package platform.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/platform"
	"github.com/floe-data/floe/runtime/project"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		root, err := project.Find(".") // Pulumi starts the program in infra/
		if err != nil {
			return err
		}
		return platform.Deploy(ctx, platform.Options{Root: root})
	})
}
