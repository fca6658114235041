package platform

import (
	"errors"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/infra/policy"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
)

// check looks at what a stack would have.
type check func(*site.Site, []plan.Resource) error

// checks are those that a stack passes before anything of it is registered.
var checks = []check{rules, ceiling}

// passes plans the stack aside, as make resources does, and runs all checks
// over the plan. It asks AWS for nothing and builds no image, so that what is
// refused is refused in a second.
func passes(s *site.Site, root string) error {
	resources, err := aside(s, root)
	if err != nil {
		return refused("stack "+s.Stack, err)
	}
	var problems []error
	for _, c := range checks {
		if err := c(s, resources); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return refused("stack "+s.Stack, err)
	}
	return nil
}

// aside lists what a stack would have, with fixed digests for its images.
func aside(s *site.Site, root string) ([]plan.Resource, error) {
	found, err := plan.Resources(s.Project, s.Stack, plan.Answers{Region: s.Region, Account: s.Account}, func(ctx *pulumi.Context) error {
		own := *s // the account is found anew
		return deploy(ctx, &own, unasked(root))
	})
	if err != nil {
		return nil, fmt.Errorf("list what stack %s would have: %w", s.Stack, err)
	}
	return found, nil
}

// rules holds the secure defaults of docs/security.md, but for what live/ waives.
func rules(s *site.Site, resources []plan.Resource) error {
	findings, err := policy.Check(s.Live, resources)
	if err != nil {
		return fmt.Errorf("hold the rules of docs/security.md: %w", err)
	}
	left := policy.Apply(s.Stack, findings, s.Live.Waivers.Waivers, time.Now())
	if err := policy.Error(s.Stack, left); err != nil {
		return fault.New(fault.Contract, err, "mend what is named, or waive it in live/"+live.Folder(s.Stack)+"/waivers.yaml; docs/security.md says how, and why each rule is there")
	}
	return nil
}
