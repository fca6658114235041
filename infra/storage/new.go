package storage

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
)

// BucketArgs are those of a bucket that another component keeps.
type BucketArgs struct {
	// Name is logical, and comes after project and stack in the bucket's own.
	Name string
	// Key encrypts the objects.
	Key *kms.Key
	// LockedDays makes it a bucket whose objects nobody deletes or changes for so
	// many days, after which they go. 0 for one that tables lie in: what is
	// current never goes, and the lifecycle is that of the stack's own.
	LockedDays int
	// Allowed is what its policy allows to services.
	Allowed []grant.Statement
}

// NewBucket makes a bucket as safe as the stack's own, in the site's region. The
// options are those of all its resources.
func NewBucket(ctx *pulumi.Context, s *site.Site, args BucketArgs, opts ...pulumi.ResourceOption) (*Bucket, error) {
	m := &maker{ctx: ctx, site: s, with: opts}
	p := wish{name: args.Name, key: args.Key, versioned: true, locked: args.LockedDays, allowed: args.Allowed, rules: lockedRules(args.LockedDays)}
	if args.LockedDays == 0 {
		snapshots, err := snapshotDays(s)
		if err != nil {
			return nil, fmt.Errorf("bucket %s: %w", s.Bucket(args.Name), err)
		}
		p.rules, p.tables = tableRules(snapshots), &lakehouseTables
	}
	return m.bucket(p)
}
