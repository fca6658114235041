package storage

import (
	"fmt"
	"math"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3tables"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/project"
)

// Args are what a stack may say of its buckets; the zero value is right for most.
type Args struct {
	// UploadsDays is after how many days files below uploads/ of the landing
	// bucket expire. Default 0, which keeps them: they are the delivery, and a
	// table that is loaded afresh is loaded from them.
	UploadsDays int
	// AccessLogs writes S3's access logs. Default false; a production stack
	// without an audit trail has them all the same: one of the two tells who
	// read what. The trail is the better witness, complete, signed and locked;
	// access logs cost nothing but their storage and may miss a request.
	AccessLogs bool
}

// Bucket is a bucket with all that makes it safe.
type Bucket struct {
	// Name is known before the bucket is made.
	Name string
	// Key encrypts the objects; nil for logs, where the key is S3's own.
	Key *kms.Key
	// tables encrypts the tables that are kept elsewhere for the bucket's schemas.
	tables *kms.Key
	// Resource is the bucket itself.
	Resource *s3.BucketV2
	// Ready is what must be there before the bucket is used: policy,
	// encryption and the like are resources of their own.
	Ready []pulumi.Resource
}

// TablesKey encrypts the tables of the schemas that are the bucket's: its own
// key, or the table bucket's where they lie there.
func (b *Bucket) TablesKey() *kms.Key {
	if b.tables != nil {
		return b.tables
	}
	return b.Key
}

// Storage is the component.
type Storage struct {
	pulumi.ResourceState

	Landing, Lakehouse, Results, Logs *Bucket
	// Tables is the S3 table bucket, where live/ says tables: s3tables; Lakehouse
	// is then the same, without a Resource, and Landing is for uploads only.
	Tables *s3tables.TableBucket
}

// New makes the buckets and the layers' keys.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*Storage, error) {
	age, err := check(s, args)
	if err != nil {
		return nil, err
	}
	st := &Storage{}
	if err := ctx.RegisterComponentResource("floe:storage:Storage", "storage", st, opts...); err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	m := &maker{ctx: ctx, site: s, with: []pulumi.ResourceOption{pulumi.Parent(st)}}
	if err := m.buckets(st, args, age); err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	err = ctx.RegisterResourceOutputs(st, pulumi.Map{
		"landing": pulumi.String(st.Landing.Name), "lakehouse": pulumi.String(st.Lakehouse.Name),
		"results": pulumi.String(st.Results.Name), "logs": pulumi.String(st.Logs.Name),
	})
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	return st, nil
}

// check gives the age that snapshots may reach, in whole days.
func check(s *site.Site, args Args) (days int, err error) {
	if args.UploadsDays < 0 {
		return 0, fmt.Errorf("storage: UploadsDays is %d; give the days that uploads are kept, or 0 to keep them", args.UploadsDays)
	}
	if s.Live.Platform.Retention.LogsDays < 1 {
		return 0, fmt.Errorf("live/%s/platform.yaml: retention.logs_days: found %d; write the days that logs are kept, such as 30", s.Stack, s.Live.Platform.Retention.LogsDays)
	}
	if err := checkReaders(s); err != nil {
		return 0, err
	}
	return snapshotDays(s)
}

func snapshotDays(s *site.Site) (int, error) {
	age, err := project.ParseDuration(s.Live.Platform.Retention.Snapshots)
	if err != nil {
		return 0, fmt.Errorf("live/%s/platform.yaml: retention.snapshots: %w", s.Stack, err)
	}
	return int(math.Ceil(age.Hours() / (24 * time.Hour).Hours())), nil
}

// Where tables lie in the data buckets.
var landingTables, lakehouseTables = "landing_", ""

// buckets makes the logs bucket first: the others write to it.
func (m *maker) buckets(st *Storage, args Args, snapshots int) error {
	var err error
	retention := m.site.Live.Platform.Retention.LogsDays
	if st.Logs, err = m.bucket(wish{name: "logs", rules: logRules(retention), allowed: m.deliveries(m.site.Bucket("logs"))}); err != nil {
		return err
	}
	landing, err := m.key("landing", "landing")
	if err != nil {
		return err
	}
	lakehouse, err := m.lakehouse(st)
	if err != nil {
		return err
	}
	var logs *Bucket
	if args.AccessLogs || m.site.Production() && m.site.Live.Platform.Audit != "trail" {
		logs = st.Logs
	}
	for _, b := range []struct {
		to   **Bucket
		wish wish
	}{
		{&st.Landing, wish{name: "landing", key: landing, versioned: true, tables: &landingTables, logs: logs, rules: append(tableRules(snapshots), uploadRules(args.UploadsDays)...)}},
		{&st.Lakehouse, wish{name: "lakehouse", key: lakehouse, versioned: true, tables: &lakehouseTables, logs: logs, rules: tableRules(snapshots)}},
		{&st.Results, wish{name: "results", key: lakehouse, logs: logs, rules: resultRules()}},
	} {
		if *b.to != nil {
			continue // the table bucket
		}
		if *b.to, err = m.bucket(b.wish); err != nil {
			return err
		}
	}
	if st.Tables != nil {
		st.Landing.tables = lakehouse
	}
	return nil
}
