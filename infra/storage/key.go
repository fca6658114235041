package storage

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
)

// window is the days after which a deleted key is gone, and all that it
// encrypted with it: the longest that AWS has, since waiting costs nothing.
const window = 30

// key makes a layer's key, for the buckets that it encrypts.
func (m *maker) key(layer string, buckets ...string) (*kms.Key, error) {
	key, err := kms.NewKey(m.ctx, layer, &kms.KeyArgs{
		Description:          pulumi.String(fmt.Sprintf("%s of %s %s", layer, m.site.Project, m.site.Stack)),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(window),
		Policy:               grant.Document(m.administration(), m.use(buckets)),
	}, m.kept()...)
	if err != nil {
		return nil, fmt.Errorf("key of %s: %w", layer, err)
	}
	_, err = kms.NewAlias(m.ctx, layer, &kms.AliasArgs{
		Name: pulumi.String("alias/" + m.site.Name(site.Alias, layer)), TargetKeyId: key.KeyId,
	}, m.options()...)
	if err != nil {
		return nil, fmt.Errorf("alias of the key of %s: %w", layer, err)
	}
	return key, nil
}

// account is every principal of this account to whom IAM allows the same.
func (m *maker) account() []string { return []string{m.site.GlobalARN("iam", "root")} }

// administration lets the account look after the key, and not read with it.
func (m *maker) administration() grant.Statement {
	return grant.Statement{
		Sid: "Administration", Principals: m.account(), Resources: grant.On("*"),
		Actions: []string{
			"kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey", "kms:DisableKeyRotation",
			"kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListGrants", "kms:ListKeyPolicies",
			"kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion",
			"kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
		},
	}
}

// use lets S3 encrypt and decrypt objects of the layer's buckets for those of
// this account to whom IAM allows it; nobody may call the key directly. The
// encryption context is the bucket's ARN with a bucket key, the object's without.
func (m *maker) use(buckets []string) grant.Statement {
	var contexts []string
	for _, b := range buckets {
		contexts = append(contexts, m.site.BucketARN(m.site.Bucket(b), ""), m.site.BucketARN(m.site.Bucket(b), "/*"))
	}
	return grant.Statement{
		Sid: "UseThroughS3", Principals: m.account(), Resources: grant.On("*"), Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"},
		When: when{
			"StringEquals": {"kms:CallerAccount": {m.site.Account}, "kms:ViaService": {m.site.ServicePrincipal("s3." + m.site.Region)}},
			"StringLike":   {"kms:EncryptionContext:aws:s3:arn": contexts},
		},
	}
}
