package key

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

// Args are a key's.
type Args struct {
	// Name is its logical name, and the end of its alias.
	Name string
	// Description says what it encrypts.
	Description string
	// Use is what its policy allows beside looking after it.
	Use []grant.Statement
}

// New makes a key and its alias. Where the stack may not be deleted, the key is
// protected, and stays even if somebody takes the protection away.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*kms.Key, error) {
	keep := !s.Live.Platform.Deletable()
	kept := append([]pulumi.ResourceOption{pulumi.Protect(keep), pulumi.RetainOnDelete(keep)}, opts...)
	made, err := kms.NewKey(ctx, args.Name, &kms.KeyArgs{
		Description:          pulumi.String(args.Description),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(window),
		Policy:               grant.Document(append([]grant.Statement{administration(s)}, args.Use...)...),
	}, kept...)
	if err != nil {
		return nil, fmt.Errorf("key of %s: %w", args.Name, err)
	}
	name := "alias/" + s.Name(site.Alias, args.Name)
	if _, err := kms.NewAlias(ctx, args.Name, &kms.AliasArgs{Name: pulumi.String(name), TargetKeyId: made.KeyId}, opts...); err != nil {
		return nil, fmt.Errorf("key alias %s: %w", name, err)
	}
	return made, nil
}

// Account is every principal of this account to whom IAM allows the same.
func Account(s *site.Site) []string { return []string{s.GlobalARN("iam", "root")} }

// administration lets the account look after the key, and not read with it. In
// a key's own policy, resource * is that key.
func administration(s *site.Site) grant.Statement {
	return grant.Statement{
		Sid: "Administration", Principals: Account(s), Resources: grant.On("*"),
		Actions: []string{
			"kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey", "kms:DisableKeyRotation",
			"kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListGrants", "kms:ListKeyPolicies",
			"kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion",
			"kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
		},
	}
}

// ThroughS3 lets S3 encrypt and decrypt objects of the buckets for those of
// this account to whom IAM allows it; nobody may call the key directly. The
// encryption context is the bucket's ARN with a bucket key, the object's without.
func ThroughS3(s *site.Site, actions []string, buckets ...string) grant.Statement {
	var contexts []string
	for _, b := range buckets {
		contexts = append(contexts, s.BucketARN(b, ""), s.BucketARN(b, "/*"))
	}
	return grant.Statement{
		Sid: "UseThroughS3", Principals: Account(s), Resources: grant.On("*"), Actions: actions,
		When: map[string]map[string][]string{
			"StringEquals": {"kms:CallerAccount": {s.Account}, "kms:ViaService": {s.ServicePrincipal("s3." + s.Region)}},
			"StringLike":   {"kms:EncryptionContext:aws:s3:arn": contexts},
		},
	}
}

// ForAlarms lets this account's alarms be told to a topic that the key encrypts.
func ForAlarms(s *site.Site) grant.Statement {
	return grant.Statement{
		Sid: "Messages", Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: grant.On("*"),
		Services: []string{s.ServicePrincipal("cloudwatch")},
		When:     map[string]map[string][]string{"StringEquals": {"aws:SourceAccount": {s.Account}}},
	}
}
