package preflight

import (
	"context"
	"net"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/sync/errgroup"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

const (
	atOnce  = 8                // calls at a time: IAM throttles early
	enough  = time.Minute      // for all checks together
	oneCall = 15 * time.Second // for one call with its retries
)

// Options are what is looked at.
type Options struct {
	Project *project.Project
	Stack   *live.Stack
	// Config is how the account is asked; its region is not looked at.
	Config aws.Config
	// Now is when waivers are held against.
	Now time.Time
	// Resolve looks an endpoint's name up. Default: the system's resolver.
	Resolve func(ctx context.Context, host string) error
}

// Run makes all checks. Where the credentials are of no use, or of another
// account, nothing else is asked of it.
func Run(ctx context.Context, o Options) []Finding {
	ctx, cancel := context.WithTimeout(ctx, enough)
	defer cancel()
	if o.Resolve == nil {
		o.Resolve = func(ctx context.Context, host string) error {
			_, err := net.DefaultResolver.LookupHost(ctx, host)
			return err
		}
	}
	a := newAccount(o)
	findings, right := a.identify(ctx)
	if right {
		findings = append(findings, a.run(ctx, []check{
			endpoints, replicaRegion, stateBucket, provider, ciRoles, linkedRole, boundary,
			lambdaQuota, fargateQuota, networkQuota, athenaQuota, bucketQuota, roleQuota,
			bucketNames, roleNames, policyNames, secretNames, databaseNames, tableBucketName, workgroupNames,
			administrators, lakeSettings, principals, emptySecrets,
		})...)
	}
	return append(findings, a.run(ctx, []check{waivers, promises})...)
}

// run makes checks side by side and gives their findings in order.
func (a *account) run(ctx context.Context, checks []check) []Finding {
	found := make([][]Finding, len(checks))
	var g errgroup.Group
	for i, c := range checks {
		g.Go(func() error {
			found[i] = c(ctx, a)
			return nil
		})
	}
	_ = g.Wait() // a check's errors are its findings
	var all []Finding
	for _, f := range found {
		all = append(all, f...)
	}
	return slices.Compact(all) // the same permission may be missing for two of a sort
}
