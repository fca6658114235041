package replica

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/key"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/storage"
)

// Args are the component's. All are required.
type Args struct {
	Storage    *storage.Storage
	Operations *operations.Operations
	// Provider works in the replica's region.
	Provider pulumi.ProviderResource
}

// Replica is the component.
type Replica struct {
	pulumi.ResourceState
	Region string
	// Buckets are the copies by what they are copies of: landing, lakehouse.
	Buckets map[string]*storage.Bucket
	// Alarms are the names of those in the stack's own region.
	Alarms []string
}

// pair is a bucket and its copy.
type pair struct {
	name     string // logical: landing
	from, to *storage.Bucket
}

// maker makes the component's resources: some here, some there.
type maker struct {
	ctx         *pulumi.Context
	here, there *site.Site
	args        Args
	with        []pulumi.ResourceOption // here
	far         []pulumi.ResourceOption // there
	pairs       []pair
}

// New makes the copies and what copies.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*Replica, error) {
	if args.Storage == nil || args.Operations == nil || args.Provider == nil || s.Live.Platform.Replica == nil {
		return nil, errors.New("replica: storage, operations, a provider and platform.yaml's replica are needed")
	}
	r := &Replica{Region: s.Live.Platform.Replica.Region, Buckets: map[string]*storage.Bucket{}}
	if err := ctx.RegisterComponentResource("floe:replica:Replica", "replica", r, opts...); err != nil {
		return nil, fmt.Errorf("replica: %w", err)
	}
	there := *s
	there.Region = r.Region
	parent := pulumi.Parent(r)
	m := &maker{ctx: ctx, here: s, there: &there, args: args, with: []pulumi.ResourceOption{parent}, far: []pulumi.ResourceOption{parent, pulumi.Provider(args.Provider)}}
	names := pulumi.StringMap{}
	for _, p := range []pair{{name: "landing", from: args.Storage.Landing}, {name: "lakehouse", from: args.Storage.Lakehouse}} {
		if err := m.copy(&p); err != nil {
			return nil, fmt.Errorf("replica of %s: %w", p.name, err)
		}
		r.Buckets[p.name], names[p.name] = p.to, pulumi.String(p.to.Name)
	}
	if err := m.replication(); err != nil {
		return nil, fmt.Errorf("replica: %w", err)
	}
	var err error
	if r.Alarms, err = m.watch(); err != nil {
		return nil, fmt.Errorf("replica: %w", err)
	}
	return r, ctx.RegisterResourceOutputs(r, pulumi.Map{"region": pulumi.String(r.Region), "buckets": names})
}

// copy makes a copy's key and its bucket.
func (m *maker) copy(p *pair) error {
	name := p.name + "-replica"
	k, err := m.key(name)
	if err != nil {
		return err
	}
	if p.to, err = storage.NewBucket(m.ctx, m.there, storage.BucketArgs{Name: name, Key: k}, m.far...); err != nil {
		return err
	}
	m.pairs = append(m.pairs, *p)
	return nil
}

func (m *maker) key(name string) (*kms.Key, error) {
	use := []grant.Statement{key.ThroughS3(m.there, []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}, m.there.Bucket(name))}
	if len(m.pairs) == 0 {
		use = append(use, key.ForAlarms(m.there)) // the first encrypts the topic there, too
	}
	return key.New(m.ctx, m.there, key.Args{Name: name, Description: name + " of " + m.here.Project + " " + m.here.Stack, Use: use}, m.far...)
}
