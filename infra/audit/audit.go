package audit

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/key"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/storage"
)

// Args are the component's.
type Args struct {
	// Buckets are those whose objects are watched, in whatever region. Required.
	Buckets []*storage.Bucket
	// TableBucket is the ARN of an S3 table bucket that is watched, too. Default none.
	TableBucket string
	// Operations has the key of logs. Required.
	Operations *operations.Operations
}

// Audit is the component.
type Audit struct {
	pulumi.ResourceState
	// Trail is the trail's name, known at preview.
	Trail string
	// Bucket holds what it notes.
	Bucket *storage.Bucket
	// LogGroup does so, too, for searching.
	LogGroup string
}

// logs is where CloudTrail writes below a bucket's root.
const logs = "AWSLogs/"

// New makes the trail and what it writes to.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*Audit, error) {
	if len(args.Buckets) == 0 || args.Operations == nil {
		return nil, errors.New("audit: buckets and operations are needed")
	}
	a := &Audit{Trail: s.Name(site.Trail, "audit")}
	if err := ctx.RegisterComponentResource("floe:audit:Audit", "audit", a, opts...); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	if err := a.bucket(ctx, s); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	if err := a.trail(ctx, s, args); err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{"trail": pulumi.String(a.Trail), "bucket": pulumi.String(a.Bucket.Name), "logGroup": pulumi.String(a.LogGroup)})
}

// bucket makes the trail's bucket and key.
func (a *Audit) bucket(ctx *pulumi.Context, s *site.Site) error {
	parent := pulumi.Parent(a)
	ofTrail := map[string]map[string][]string{"StringEquals": {"aws:SourceArn": {arn(s)}}}
	name, service := s.Bucket("audit"), []string{s.ServicePrincipal("cloudtrail")}
	k, err := key.New(ctx, s, key.Args{
		Name: "audit", Description: fmt.Sprintf("audit of %s %s", s.Project, s.Stack),
		Use: []grant.Statement{
			key.ThroughS3(s, []string{"kms:Decrypt"}, name),
			{Sid: "Trail", Actions: []string{"kms:DescribeKey", "kms:GenerateDataKey"}, Resources: grant.On("*"), Services: service, When: ofTrail},
		},
	}, parent)
	if err != nil {
		return err
	}
	write := map[string]map[string][]string{"StringEquals": {"aws:SourceArn": {arn(s)}, "s3:x-amz-acl": {"bucket-owner-full-control"}}}
	a.Bucket, err = storage.NewBucket(ctx, s, storage.BucketArgs{
		Name: "audit", Key: k, LockedDays: s.Live.Platform.Retention.LogsDays,
		Allowed: []grant.Statement{
			{Sid: "TrailAclCheck", Actions: []string{"s3:GetBucketAcl"}, Resources: grant.On(s.BucketARN(name, "")), Services: service, When: ofTrail},
			{Sid: "TrailWrite", Actions: []string{"s3:PutObject"}, Resources: grant.On(s.BucketARN(name, "/"+logs+s.Account+"/*")), Services: service, When: write},
		},
	}, parent)
	return err
}

// arn is the trail's.
func arn(s *site.Site) string { return s.ARN("cloudtrail", "trail/"+s.Name(site.Trail, "audit")) }

func (a *Audit) trail(ctx *pulumi.Context, s *site.Site, args Args) error {
	group, role, err := a.searchable(ctx, s, args)
	if err != nil {
		return err
	}
	_, err = cloudtrail.NewTrail(ctx, "audit", &cloudtrail.TrailArgs{
		Name: pulumi.String(a.Trail), S3BucketName: a.Bucket.Resource.ID(), KmsKeyId: a.Bucket.Key.Arn,
		EnableLogging: pulumi.Bool(true), EnableLogFileValidation: pulumi.Bool(true),
		// A replica is in another region; where nothing else is selected this adds no event.
		IsMultiRegionTrail: pulumi.Bool(true), IncludeGlobalServiceEvents: pulumi.Bool(true),
		CloudWatchLogsGroupArn: pulumi.Sprintf("%s:*", group.Arn), CloudWatchLogsRoleArn: role.Arn,
		AdvancedEventSelectors: selectors(s, args),
	}, pulumi.Parent(a), pulumi.DependsOn(slices.Concat(a.Bucket.Ready, []pulumi.Resource{role.Policy})))
	if err != nil {
		return fmt.Errorf("trail %s: %w", a.Trail, err)
	}
	return nil
}

// searchable makes the log group that the trail writes to besides, and the role
// in whose name it does.
func (a *Audit) searchable(ctx *pulumi.Context, s *site.Site, args Args) (*cloudwatch.LogGroup, *grant.Role, error) {
	parent := pulumi.Parent(a)
	a.LogGroup = s.LogGroup("cloudtrail", a.Trail)
	group, err := operations.LogGroup(ctx, s, "audit", a.LogGroup, args.Operations.Key, parent)
	if err != nil {
		return nil, nil, err
	}
	role, err := grant.NewRole(ctx, s, "audit", grant.RoleArgs{
		Parts: []string{"audit"}, Service: "cloudtrail", Description: fmt.Sprintf("%s %s: writes the audit trail's logs", s.Project, s.Stack),
		Statements: []grant.Statement{{
			Sid: "Logs", Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resources: grant.On(s.ARN("logs", "log-group:"+a.LogGroup+":log-stream:"+s.Account+"_CloudTrail_"+s.Region+"*")),
		}},
	}, parent)
	return group, role, err
}

// selectors pick the objects of the buckets, and the tables of a table bucket.
func selectors(s *site.Site, args Args) cloudtrail.TrailAdvancedEventSelectorArray {
	var begins []string
	for _, b := range args.Buckets {
		begins = append(begins, s.BucketARN(b.Name, "/"))
	}
	slices.Sort(begins)
	all := cloudtrail.TrailAdvancedEventSelectorArray{selector(s, "files", "AWS::S3::Object", begins)}
	if args.TableBucket != "" {
		all = append(all, selector(s, "tables", "AWS::S3Tables::Table", []string{args.TableBucket + "/table/"}))
	}
	return all
}

// selector picks who writes and deletes what is of a type and begins so, in
// production who reads it, too.
func selector(s *site.Site, name, kind string, begins []string) cloudtrail.TrailAdvancedEventSelectorArgs {
	field := func(name string, equals string) cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs {
		return cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs{Field: pulumi.String(name), Equals: pulumi.StringArray{pulumi.String(equals)}}
	}
	fields := cloudtrail.TrailAdvancedEventSelectorFieldSelectorArray{
		field("eventCategory", "Data"), field("resources.type", kind),
		cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs{Field: pulumi.String("resources.ARN"), StartsWiths: pulumi.ToStringArray(begins)},
	}
	if !s.Production() {
		fields = append(fields, field("readOnly", "false"))
	}
	return cloudtrail.TrailAdvancedEventSelectorArgs{Name: pulumi.String(name), FieldSelectors: fields}
}
