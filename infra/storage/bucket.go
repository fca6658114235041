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
	ctx  *pulumi.Context
	site *site.Site
	with []pulumi.ResourceOption // the parent, and the provider where it is not the parent's
}

// options are every resource's; those that hold data are also kept from harm.
func (m *maker) options(more ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return slices.Concat(m.with, more)
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
	locked    int     // days for which nobody deletes or changes a version; 0 for none
	logs      *Bucket // takes the access logs; nil for none
	rules     []rule
	allowed   []grant.Statement // what the policy allows to services
	tables    *string           // the prefix below which tables lie; nil for none
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
		ObjectLockEnabled: pulumi.BoolPtrFromPtr(locks(p)), Tags: m.tags(p),
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

// tags say what is in a bucket, and of those that hold rows how much of a
// secret they are.
func (m *maker) tags(p wish) pulumi.StringMap {
	tags := pulumi.StringMap{site.TagLayer: pulumi.String(p.name)}
	if p.key != nil {
		tags[site.TagDataClass] = pulumi.String(m.site.DataClass(""))
	}
	return tags
}

// setting makes one of a bucket's resources.
type setting func(*Bucket, wish, ...pulumi.ResourceOption) (pulumi.Resource, error)

func (m *maker) settings(p wish) []setting {
	all := []setting{m.private, m.owned, m.encrypted}
	if p.versioned {
		all = append(all, m.versioned)
	}
	if p.locked > 0 {
		all = append(all, m.locked)
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

// locked keeps versions from being deleted or written over, in governance mode:
// who has a permission of its own for it may lift the lock, which is how a stack
// that may be deleted is.
func (m *maker) locked(b *Bucket, p wish, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	return s3.NewBucketObjectLockConfigurationV2(m.ctx, p.name, &s3.BucketObjectLockConfigurationV2Args{
		Bucket: b.Resource.ID(), ObjectLockEnabled: pulumi.String("Enabled"),
		Rule: &s3.BucketObjectLockConfigurationV2RuleArgs{
			DefaultRetention: &s3.BucketObjectLockConfigurationV2RuleDefaultRetentionArgs{Mode: pulumi.String("GOVERNANCE"), Days: pulumi.Int(p.locked)},
		},
	}, opts...)
}

// locks says that a bucket can be locked, which S3 wants to know when it makes it.
func locks(p wish) *bool {
	if p.locked == 0 {
		return nil
	}
	yes := true
	return &yes
}

func (m *maker) policy(b *Bucket, p wish, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	refusals := m.refusals(b.Name)
	if p.tables != nil {
		refusals = append(refusals, m.refuseReaders(b.Name, *p.tables)...)
	}
	document := grant.Document(slices.Concat(refusals, p.allowed)...)
	if p.key != nil {
		document = p.key.Arn.ApplyT(func(key string) pulumi.StringOutput {
			return grant.Document(slices.Concat(refusals, m.otherKeys(b.Name, key, p.allowed), p.allowed)...)
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

// logged writes S3's own access logs.
func (m *maker) logged(b *Bucket, p wish) error {
	if p.logs == nil {
		return nil
	}
	_, err := s3.NewBucketLoggingV2(m.ctx, p.name, &s3.BucketLoggingV2Args{
		Bucket: b.Resource.ID(), TargetBucket: p.logs.Resource.ID(), TargetPrefix: pulumi.String(AccessLogs + p.name + "/"),
	}, m.options(pulumi.DependsOn(slices.Concat(b.Ready, p.logs.Ready)))...)
	return err
}
