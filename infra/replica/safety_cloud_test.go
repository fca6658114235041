//go:build cloud

package replica_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/audit"
	"github.com/floe-data/floe/infra/backup"
	"github.com/floe-data/floe/infra/internal/emulated"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/replica"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/runtime/live"
)

// The stack is here, its replica far.
const (
	region = "eu-central-1"
	far    = "eu-north-1"
)

// What bounds the roles, and from some day on.
const (
	before = "arn:aws:iam::123456789012:policy/before"
	bounds = "arn:aws:iam::123456789012:policy/bounds"
)

// guarded is a production stack with all that guards its data, which may be
// deleted all the same.
func guarded(s *site.Site) {
	s.Account, s.Region = "123456789012", region
	p := &s.Live.Platform
	p.Deletion, p.Replica = "allowed", &live.Replica{Region: far}
	p.Backup = &live.Backup{KeepDays: 35, Databases: []string{"arn:aws:rds:eu-central-1:123456789012:db:shop", "arn:aws:rds:eu-central-1:123456789012:cluster:games"}}
	p.Objectives = &live.Objectives{RTO: "1h", RPO: "1h"}
	p.PermissionsBoundary = before
}

// safe plans what guards data, with what it stands on.
func safe(s *site.Site) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		o, err := operations.New(ctx, s, operations.Args{})
		if err != nil {
			return err
		}
		st, err := storage.New(ctx, s, storage.Args{UploadsDays: 90, AccessLogs: true})
		if err != nil {
			return err
		}
		there, err := aws.NewProvider(ctx, "aws-replica", &aws.ProviderArgs{Region: pulumi.String(far)})
		if err != nil {
			return err
		}
		r, err := replica.New(ctx, s, replica.Args{Storage: st, Operations: o, Provider: there})
		if err != nil {
			return err
		}
		if _, err := backup.New(ctx, s, backup.Args{Operations: o}); err != nil {
			return err
		}
		a, err := audit.New(ctx, s, audit.Args{Buckets: []*storage.Bucket{st.Landing, st.Lakehouse, r.Buckets["landing"], r.Buckets["lakehouse"]}, Operations: o})
		if err != nil {
			return err
		}
		ctx.Export("notes", pulumi.String(a.Bucket.Name))
		return nil
	}
}

// TestSafety takes replica, backups and audit trail through their life: what was
// made is what was asked for, and nothing of it is left, in neither region.
func TestSafety(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	e := emulated.Start(t, emulated.Options{Region: region})
	s := sitetest.Load(t, "prod", guarded)
	stack, err := e.Stack(ctx, "prod", emulated.Program{Project: "floe", Run: safe(s)})
	if err != nil {
		t.Fatal(err)
	}
	if err := stack.SetConfigPath(ctx, "aws:defaultTags.tags.owner", "floe"); err != nil {
		t.Fatal(err)
	}
	stack.Begin(t)
	copied(ctx, t, e)
	out, err := stack.Outputs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	locked(ctx, t, e, out["notes"].Value.(string))
	bounded(ctx, t, e, before)
	s.Live.Platform.PermissionsBoundary = bounds
	stack.Change(t, "another boundary", func(r *emulated.Result) {
		if roles := bounded(ctx, t, e, bounds); roles == 0 || r.Changes["update"] != roles || r.Changed() != roles {
			t.Errorf("another boundary for %d roles changes %v", roles, r.Changes)
		}
	})
	stack.End(t)
	e.Recorded(t, "floe", "prod", "../internal/cloudtest/testdata/calls/options/safety")
	e.Gone(t, region)
	e.Gone(t, far)
}

// copied looks where S3 copies each data bucket to.
func copied(ctx context.Context, t *testing.T, e *emulated.Engine) {
	t.Helper()
	client := s3.NewFromConfig(e.AWS.Config())
	for _, name := range []string{"landing", "lakehouse"} {
		bucket := "floe-prod-" + name + "-123456789012-" + region
		found, err := client.GetBucketReplication(ctx, &s3.GetBucketReplicationInput{Bucket: &bucket})
		if err != nil {
			t.Fatal(err)
		}
		to := found.ReplicationConfiguration.Rules[0].Destination
		if want := "arn:aws:s3:::floe-prod-" + name + "-replica-123456789012-" + far; *to.Bucket != want || to.ReplicationTime == nil {
			t.Errorf("%s is copied to %+v", bucket, to)
		}
		if !strings.Contains(*to.EncryptionConfiguration.ReplicaKmsKeyID, ":"+far+":") {
			t.Errorf("%s is encrypted there by %s", bucket, *to.EncryptionConfiguration.ReplicaKmsKeyID)
		}
		where, err := client.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: &(strings.SplitAfterN(*to.Bucket, ":::", 2)[1])})
		if err != nil || string(where.LocationConstraint) != far {
			t.Errorf("the copy of %s is in %v, %v", bucket, where, err)
		}
	}
}

// locked puts a note into the audit bucket, which nobody deletes by accident.
func locked(ctx context.Context, t *testing.T, e *emulated.Engine, bucket string) {
	t.Helper()
	client, key := s3.NewFromConfig(e.AWS.Config()), "AWSLogs/note"
	put, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("{}"), ChecksumAlgorithm: types.ChecksumAlgorithmSha256})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key, VersionId: put.VersionId}); err == nil {
		t.Error("a note was deleted before its time")
	}
}

// bounded holds that the stack's roles have a boundary, and counts them.
func bounded(ctx context.Context, t *testing.T, e *emulated.Engine, by string) int {
	t.Helper()
	client, roles := iam.NewFromConfig(e.AWS.Config()), 0
	for pages := iam.NewListRolesPaginator(client, &iam.ListRolesInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range page.Roles {
			if !strings.HasPrefix(*role.RoleName, "floe-prod-") {
				continue
			}
			roles++
			got, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: role.RoleName})
			if err != nil {
				t.Fatal(err)
			}
			if b := got.Role.PermissionsBoundary; b == nil || *b.PermissionsBoundaryArn != by {
				t.Errorf("role %s is bounded by %+v, want %s", *role.RoleName, b, by)
			}
		}
	}
	return roles
}
