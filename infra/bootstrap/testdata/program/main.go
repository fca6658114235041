// Command program is a stack without resources of AWS: it has an output that is
// a secret, and a resource that can be protected.
package main

import (
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type part struct{ pulumi.ResourceState }

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		protect := os.Getenv("PROTECT") != ""
		if err := ctx.RegisterComponentResource("test:index:Part", "part", &part{}, pulumi.Protect(protect)); err != nil {
			return err
		}
		ctx.Export("token", pulumi.ToSecret("canary-7d1f"))
		return nil
	})
}
