package platform

import (
	"context"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// Resources lists what a stack would have, with fixed digests for its images.
func Resources(root, stack string) ([]plan.Resource, error) {
	p, err := project.Load(root)
	if err != nil {
		return nil, err
	}
	l, err := live.Load(p, stack)
	if err != nil {
		return nil, err
	}
	return plan.Resources(p.Name, stack, plan.Answers{Region: l.Region, Account: l.Platform.Account}, func(ctx *pulumi.Context) error {
		return Deploy(ctx, Options{Root: root, Build: planned, Made: none})
	})
}

// planned stands for an image that nobody has built.
func planned(_ context.Context, o images.BuildOptions) (*images.Built, error) {
	return images.Planned(o.Program, "sha256:"+strings.Repeat("0", 64)), nil
}

// none is what a stack has before its first up.
func none(context.Context, *site.Site) ([]string, error) { return nil, nil }
