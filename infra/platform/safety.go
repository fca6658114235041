package platform

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/audit"
	"github.com/floe-data/floe/infra/backup"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/infra/objectives"
	"github.com/floe-data/floe/infra/replica"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/runtime/fault"
)

// safety is what live/ may ask for against loss, and to know who touched what.
type safety struct {
	replica *replica.Replica
	backup  *backup.Backup
	audit   *audit.Audit
}

// all are its components.
func (a safety) all() []pulumi.Resource {
	var out []pulumi.Resource
	if a.replica != nil {
		out = append(out, a.replica)
	}
	if a.backup != nil {
		out = append(out, a.backup)
	}
	if a.audit != nil {
		out = append(out, a.audit)
	}
	return out
}

// storageArgs are what live/ says of the buckets.
func storageArgs(s *site.Site) storage.Args {
	return storage.Args{UploadsDays: s.Live.Platform.Storage.UploadsDays, AccessLogs: s.Live.Platform.Storage.AccessLogs}
}

// promises refuses objectives that the stack cannot keep, and warns of what it
// would not keep.
func promises(ctx *pulumi.Context, s *site.Site) error {
	if err := inTableBucket(s); err != nil {
		return refused("stack "+s.Stack, err)
	}
	warnings, err := objectives.Check(s)
	if err != nil {
		return refused("stack "+s.Stack, err)
	}
	for _, text := range warnings {
		if err := ctx.Log.Warn(text, nil); err != nil {
			return fmt.Errorf("warn that %s: %w", text, err)
		}
	}
	return nil
}

// inTableBucket refuses what an S3 table bucket does not go with.
func inTableBucket(s *site.Site) error {
	if !tables.InTableBucket(s) {
		return nil
	}
	file := "live/" + s.Stack
	for _, wrong := range []struct {
		is        bool
		what, why string
	}{
		{len(s.Live.Access.Grants) > 0, file + "/access.yaml: grants: found grants", "Lake Formation's tags do not reach the tables of a table bucket, so nobody could be kept from a column; remove the grants"},
		{s.Live.Platform.Replica != nil, file + "/platform.yaml: replica: found a replica", "S3 copies no table bucket by a bucket's replication; remove the replica"},
		{s.Live.Platform.Athena.Spark, file + "/platform.yaml: athena.spark: found true", "the workgroup's sessions know the tables of Glue only; remove it"},
	} {
		if wrong.is {
			return fault.New(fault.Usage, fmt.Errorf("%s, but platform.yaml says tables: s3tables: %s", wrong.what, wrong.why), "or write tables: glue")
		}
	}
	return nil
}

// protect makes what live/ asks for.
func (c *composer) protect() (err error) {
	p := &c.site.Live.Platform
	watched, tableBucket := []*storage.Bucket{c.storage.Landing, c.storage.Lakehouse, c.storage.Results}, ""
	if tables.InTableBucket(c.site) {
		watched, tableBucket = []*storage.Bucket{c.storage.Landing, c.storage.Results}, tables.BucketARN(c.site)
	}
	if p.Replica != nil {
		there, err := c.elsewhere(p.Replica.Region)
		if err != nil {
			return err
		}
		if c.safety.replica, err = replica.New(c.ctx, c.site, replica.Args{Storage: c.storage, Operations: c.operations, Provider: there}, c.with); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(c.safety.replica.Buckets)) {
			watched = append(watched, c.safety.replica.Buckets[name])
		}
	}
	if p.Backup != nil {
		if c.safety.backup, err = backup.New(c.ctx, c.site, backup.Args{Operations: c.operations}, c.with); err != nil {
			return err
		}
	}
	if p.Audit == "trail" {
		c.safety.audit, err = audit.New(c.ctx, c.site, audit.Args{Buckets: watched, TableBucket: tableBucket, Operations: c.operations}, c.with)
	}
	return err
}

// elsewhere is the provider of another region of the same account.
func (c *composer) elsewhere(region string) (*aws.Provider, error) {
	args := providerArgs(c.site)
	args.Region = pulumi.String(region)
	p, err := aws.NewProvider(c.ctx, "aws-replica", args)
	if err != nil {
		return nil, fmt.Errorf("the AWS provider of %s: %w", region, err)
	}
	return p, nil
}

// outputs are what `pulumi stack output` tells of it.
func (a safety) outputs(s *site.Site) pulumi.Map {
	out := pulumi.Map{}
	if o := s.Live.Platform.Objectives; o != nil {
		out["objectives"] = pulumi.StringMap{"rto": pulumi.String(o.RTO), "rpo": pulumi.String(o.RPO)}
	}
	if s.Live.Platform.Athena.Spark {
		out["sparkWorkgroup"] = pulumi.String(s.Name(site.Workgroup, "spark"))
	}
	if a.replica != nil {
		buckets := pulumi.StringMap{"region": pulumi.String(a.replica.Region)}
		for name, b := range a.replica.Buckets {
			buckets[name] = pulumi.String(b.Name)
		}
		out["replica"] = buckets
	}
	if a.backup != nil {
		out["backup"] = pulumi.StringMap{"vault": pulumi.String(a.backup.Vault), "plan": pulumi.String(a.backup.Plan)}
	}
	if a.audit != nil {
		out["audit"] = pulumi.StringMap{"trail": pulumi.String(a.audit.Trail), "bucket": pulumi.String(a.audit.Bucket.Name), "logGroup": pulumi.String(a.audit.LogGroup)}
	}
	return out
}
