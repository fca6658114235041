//go:build cloud

package emulated

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// TestSmall deploys a key and a bucket, twice, and removes them.
func TestSmall(t *testing.T) {
	ctx := t.Context()
	e := Start(t, Options{Log: func(s string) { t.Log(s) }})
	s, err := e.Stack(ctx, "small", Program{Run: func(ctx *pulumi.Context) error {
		id, err := aws.GetCallerIdentity(ctx, &aws.GetCallerIdentityArgs{})
		if err != nil {
			return err
		}
		ctx.Export("account", pulumi.String(id.AccountId))
		key, err := kms.NewKey(ctx, "key", &kms.KeyArgs{EnableKeyRotation: pulumi.Bool(true)})
		if err != nil {
			return err
		}
		b, err := s3.NewBucketV2(ctx, "lake", &s3.BucketV2Args{ForceDestroy: pulumi.Bool(true)})
		if err != nil {
			return err
		}
		_, err = s3.NewBucketServerSideEncryptionConfigurationV2(ctx, "sse", &s3.BucketServerSideEncryptionConfigurationV2Args{Bucket: b.ID(),
			Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
				BucketKeyEnabled: pulumi.Bool(true),
				ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
					SseAlgorithm: pulumi.String("aws:kms"), KmsMasterKeyId: key.Arn}}}})
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	must := func(what string, r *Result, err error, op string, n int) {
		t.Helper()
		t.Logf("%s: %s", what, r)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if r.Changes[op] != n {
			t.Fatalf("%s: %s of %d resources, want %d", what, op, r.Changes[op], n)
		}
	}
	r, err := s.Preview(ctx)
	must("preview", r, err, "create", 4)
	r, err = s.Up(ctx)
	must("up", r, err, "create", 4)
	r, err = s.Up(ctx, NoChanges)
	must("up again", r, err, "same", 4)
	r, err = s.Refresh(ctx, NoChanges)
	must("refresh", r, err, "same", 4)
	r, err = s.Destroy(ctx)
	must("destroy", r, err, "delete", 4)
	left, err := e.AWS.Residue(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 || left[0].State != "PendingDeletion" {
		t.Errorf("after destroy there is %v, want one key pending deletion", left)
	}
}
