package storage

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
)

// maker makes the component's resources.
type maker struct {
	ctx    *pulumi.Context
	site   *site.Site
	parent pulumi.Resource
}

// options are every resource's; those that hold data are also kept from harm.
func (m *maker) options(more ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return append([]pulumi.ResourceOption{pulumi.Parent(m.parent)}, more...)
}

// kept are the options of what holds data: where the stack may not be deleted,
// it is protected, and stays even if somebody takes the protection away.
func (m *maker) kept() []pulumi.ResourceOption {
	keep := !m.site.Live.Platform.Deletable()
	return m.options(pulumi.Protect(keep), pulumi.RetainOnDelete(keep))
}

// wish is a bucket to be made.
type wish struct {
	name      string // logical, and part of the bucket's name
	key       *kms.Key
	versioned bool
	logs      *Bucket // takes the access logs; nil for none
	rules     []rule
}

// bucket makes a bucket and what makes it safe, one setting after the other: S3
// refuses some that meet (OperationAborted). What the bucket is usable without
// comes last and is not waited for: the provider looks at new lifecycle rules
// for a minute.
func (m *maker) bucket(p wish) (*Bucket, error) {
	b := &Bucket{Name: m.site.Bucket(p.name), Key: p.key}
	var err error
	b.Resource, err = s3.NewBucketV2(m.ctx, p.name, &s3.BucketV2Args{
		Bucket: pulumi.String(b.Name), ForceDestroy: pulumi.Bool(m.site.Live.Platform.Deletable()),
		Tags: pulumi.StringMap{"floe:layer": pulumi.String(p.name)},
	}, m.kept()...)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", b.Name, err)
	}
	for _, setting := range m.settings(p) {
		made, err := setting(b, p, m.options(pulumi.DependsOn(b.Ready))...)
		if err != nil {
			return nil, fmt.Errorf("bucket %s: %w", b.Name, err)
		}
		b.Ready = append(b.Ready, made)
	}
	if err := m.lifecycle(b, p); err != nil {
		return nil, fmt.Errorf("lifecycle of bucket %s: %w", b.Name, err)
	}
	if err := m.logged(b, p); err != nil {
		return nil, fmt.Errorf("access logs of bucket %s: %w", b.Name, err)
	}
	return b, nil
}

// setting makes one of a bucket's resources.
type setting func(*Bucket, wish, ...pulumi.ResourceOption) (pulumi.Resource, error)

func (m *maker) settings(p wish) []setting {
	all := []setting{m.private, m.owned, m.encrypted}
	if p.versioned {
		all = append(all, m.versioned)
	}
	return append(all, m.policy)
}

func (m *maker) private(b *Bucket, p wish, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	return s3.NewBucketPublicAccessBlock(m.ctx, p.name, &s3.BucketPublicAccessBlockArgs{
		Bucket: b.Resource.ID(), BlockPublicAcls: pulumi.Bool(true), BlockPublicPolicy: pulumi.Bool(true),
		IgnorePublicAcls: pulumi.Bool(true), RestrictPublicBuckets: pulumi.Bool(true),
	}, opts...)
}

func (m *maker) owned(b *Bucket, p wish, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	return s3.NewBucketOwnershipControls(m.ctx, p.name, &s3.BucketOwnershipControlsArgs{
		Bucket: b.Resource.ID(), Rule: &s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, opts...)
}

// encrypted sets the default encryption. Bucket keys spare a request to KMS for
// nearly every object.
func (m *maker) encrypted(b *Bucket, p wish, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	rule := &s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
		ApplyServerSideEncryptionByDefault: &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{SseAlgorithm: pulumi.String("AES256")},
	}
	if p.key != nil {
		rule.BucketKeyEnabled = pulumi.Bool(true)
		rule.ApplyServerSideEncryptionByDefault = &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
			SseAlgorithm: pulumi.String("aws:kms"), KmsMasterKeyId: p.key.Arn,
		}
	}
	return s3.NewBucketServerSideEncryptionConfigurationV2(m.ctx, p.name, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: b.Resource.ID(), Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{rule},
	}, opts...)
}

func (m *maker) versioned(b *Bucket, p wish, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	return s3.NewBucketVersioningV2(m.ctx, p.name, &s3.BucketVersioningV2Args{
		Bucket:                  b.Resource.ID(),
		VersioningConfiguration: &s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, opts...)
}

func (m *maker) policy(b *Bucket, p wish, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	document := grant.Document(append(m.refusals(b.Name), m.deliveries(b.Name)...)...)
	if p.key != nil {
		document = p.key.Arn.ApplyT(func(key string) pulumi.StringOutput {
			return grant.Document(append(m.refusals(b.Name), m.otherKeys(b.Name, key)...)...)
		}).(pulumi.StringOutput)
	}
	return s3.NewBucketPolicy(m.ctx, p.name, &s3.BucketPolicyArgs{Bucket: b.Resource.ID(), Policy: document}, opts...)
}

func (m *maker) lifecycle(b *Bucket, p wish) error {
	_, err := s3.NewBucketLifecycleConfigurationV2(m.ctx, p.name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: b.Resource.ID(), Rules: ruleArgs(p.rules),
	}, m.options(pulumi.DependsOn(b.Ready))...)
	return err
}

// logged writes S3's own access logs. Of these and CloudTrail's data events,
// the other way to learn who read what, they are the one that costs nothing but
// its storage.
func (m *maker) logged(b *Bucket, p wish) error {
	if p.logs == nil {
		return nil
	}
	_, err := s3.NewBucketLoggingV2(m.ctx, p.name, &s3.BucketLoggingV2Args{
		Bucket: b.Resource.ID(), TargetBucket: p.logs.Resource.ID(), TargetPrefix: pulumi.String(AccessLogs + p.name + "/"),
	}, m.options(pulumi.DependsOn(slices.Concat(b.Ready, p.logs.Ready)))...)
	return err
}
