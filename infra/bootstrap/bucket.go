package bootstrap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/floe-data/floe/runtime/fault"
)

// What is kept of the state's history.
const (
	historyDays = 90 // how long a version stays that was written over
	uploadDays  = 7  // when an upload that was never finished is dropped
)

// setting is one property of the bucket that bootstrap holds.
type setting struct {
	what string
	// right says whether the bucket has it already.
	right func(context.Context) (bool, error)
	// put sets it.
	put func(context.Context) error
}

// makeBucket makes the bucket of the state and holds its properties.
func (a *Account) makeBucket(ctx context.Context) error {
	exists, err := a.hasBucket(ctx)
	if err != nil {
		return err
	}
	what := "state bucket " + a.Bucket()
	if exists {
		a.say(there, "%s", what)
	} else if err := a.act(made, what, func() error { return a.createBucket(ctx) }); err != nil {
		return err
	}
	for _, s := range a.settings() {
		if err := a.hold(ctx, s, exists); err != nil {
			return err
		}
	}
	return nil
}

// hold sets a property where it is not as it should be.
func (a *Account) hold(ctx context.Context, s setting, exists bool) error {
	what := s.what + " of the state bucket"
	if !exists {
		return a.act(made, what, func() error { return s.put(ctx) })
	}
	right, err := s.right(ctx)
	if err != nil {
		return a.failed("read the "+what, err)
	}
	if right {
		a.say(there, "%s", what)
		return nil
	}
	return a.act(changed, what, func() error { return s.put(ctx) })
}

// hasBucket looks for the bucket; one of another account is an error.
func (a *Account) hasBucket(ctx context.Context) (bool, error) {
	_, err := a.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: a.name(), ExpectedBucketOwner: a.owner()})
	switch code := errorCode(err); {
	case err == nil:
		return true, nil
	case code == "NotFound" || code == "NoSuchBucket":
		return false, nil
	case code == "Forbidden" || code == "AccessDenied":
		return false, fault.New(fault.Failed, fmt.Errorf("look for the state bucket %s: it is not account %s's, or %s may not see it: %w", a.Bucket(), a.Account, a.caller, err),
			"take credentials of an administrator of account "+a.Account+"; if the bucket is another account's, give the project another name in Pulumi.yaml")
	}
	return false, a.failed("look for the state bucket "+a.Bucket(), err)
}

func (a *Account) createBucket(ctx context.Context) error {
	in := &s3.CreateBucketInput{Bucket: a.name(), ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}
	if a.Region != "us-east-1" { // which takes no constraint
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(a.Region)}
	}
	if _, err := a.s3.CreateBucket(ctx, in); err != nil {
		return err
	}
	_, err := a.s3.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: a.name(), ExpectedBucketOwner: a.owner(),
		Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String(markTag), Value: aws.String(a.Project)}}}})
	if err != nil {
		return fmt.Errorf("tag it %s=%s: %w", markTag, a.Project, err)
	}
	return nil
}

// bucketIsOurs says whether bootstrap made the bucket.
func (a *Account) bucketIsOurs(ctx context.Context) (bool, error) {
	out, err := a.s3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: a.name(), ExpectedBucketOwner: a.owner()})
	if errorCode(err) == "NoSuchTagSet" {
		return false, nil
	}
	if err != nil {
		return false, a.failed("read the tags of the state bucket "+a.Bucket(), err)
	}
	return slices.ContainsFunc(out.TagSet, func(t types.Tag) bool {
		return aws.ToString(t.Key) == markTag && aws.ToString(t.Value) == a.Project
	}), nil
}

func (a *Account) name() *string  { return aws.String(a.Bucket()) }
func (a *Account) owner() *string { return aws.String(a.Account) }

func (a *Account) settings() []setting {
	return []setting{a.publicAccess(), a.ownership(), a.versioning(), a.encryption(), a.policy(), a.lifecycle()}
}

func (a *Account) publicAccess() setting {
	return setting{
		what: "public access block",
		right: func(ctx context.Context) (bool, error) {
			out, err := a.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: a.name(), ExpectedBucketOwner: a.owner()})
			if err != nil {
				return unset(err, "NoSuchPublicAccessBlockConfiguration")
			}
			return len(openings(out.PublicAccessBlockConfiguration)) == 0, nil
		},
		put: func(ctx context.Context) error {
			_, err := a.s3.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: a.name(), ExpectedBucketOwner: a.owner(),
				PublicAccessBlockConfiguration: closed()})
			return err
		},
	}
}

func (a *Account) ownership() setting {
	want := types.ObjectOwnershipBucketOwnerEnforced
	return setting{
		what: "ownership (no access lists)",
		right: func(ctx context.Context) (bool, error) {
			out, err := a.s3.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: a.name(), ExpectedBucketOwner: a.owner()})
			if err != nil {
				return unset(err, "OwnershipControlsNotFoundError")
			}
			rules := out.OwnershipControls.Rules
			return len(rules) == 1 && rules[0].ObjectOwnership == want, nil
		},
		put: func(ctx context.Context) error {
			_, err := a.s3.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{Bucket: a.name(), ExpectedBucketOwner: a.owner(),
				OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: want}}}})
			return err
		},
	}
}

func (a *Account) versioning() setting {
	return setting{
		what: "versioning",
		right: func(ctx context.Context) (bool, error) {
			out, err := a.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: a.name(), ExpectedBucketOwner: a.owner()})
			if err != nil {
				return false, err
			}
			return out.Status == types.BucketVersioningStatusEnabled, nil
		},
		put: func(ctx context.Context) error {
			_, err := a.s3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: a.name(), ExpectedBucketOwner: a.owner(),
				VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
			return err
		},
	}
}

func (a *Account) encryption() setting {
	return setting{
		what: "encryption with the key",
		right: func(ctx context.Context) (bool, error) {
			out, err := a.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: a.name(), ExpectedBucketOwner: a.owner()})
			if err != nil {
				return unset(err, "ServerSideEncryptionConfigurationNotFoundError")
			}
			rules := out.ServerSideEncryptionConfiguration.Rules
			if len(rules) != 1 || rules[0].ApplyServerSideEncryptionByDefault == nil || a.key == nil {
				return false, nil
			}
			by := rules[0].ApplyServerSideEncryptionByDefault
			return by.SSEAlgorithm == types.ServerSideEncryptionAwsKms && aws.ToString(by.KMSMasterKeyID) == a.key.ARN && aws.ToBool(rules[0].BucketKeyEnabled), nil
		},
		put: func(ctx context.Context) error {
			_, err := a.s3.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: a.name(), ExpectedBucketOwner: a.owner(),
				ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
					BucketKeyEnabled: aws.Bool(true),
					ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{
						SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: aws.String(a.key.ARN)},
				}}}})
			return err
		},
	}
}

func (a *Account) policy() setting {
	return setting{
		what: "policy (TLS 1.2 or newer only, this key only)",
		right: func(ctx context.Context) (bool, error) {
			out, err := a.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: a.name(), ExpectedBucketOwner: a.owner()})
			if err != nil {
				return unset(err, "NoSuchBucketPolicy")
			}
			want, err := a.bucketPolicy()
			if err != nil {
				return false, err
			}
			return sameJSON(want, aws.ToString(out.Policy)), nil
		},
		put: func(ctx context.Context) error {
			text, err := a.bucketPolicy()
			if err != nil {
				return err
			}
			_, err = a.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: a.name(), ExpectedBucketOwner: a.owner(), Policy: aws.String(text)})
			return err
		},
	}
}

// bucketPolicy only denies; who may read the state is for IAM policies to say.
//
// Pulumi names no encryption when it writes, and S3 asks the policy before it
// applies the bucket's own: such a write is right. As soon as an algorithm is
// named, the key must be ours: StringNotEquals holds where the key is missing,
// too.
func (a *Account) bucketPolicy() (string, error) {
	keyARN := ""
	if a.key != nil {
		keyARN = a.key.ARN
	}
	type when = map[string]map[string]string
	deny := func(sid string, action any, resource any, condition when) map[string]any {
		return map[string]any{"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource, "Condition": condition}
	}
	all := []string{a.bucketARN(""), a.bucketARN("/*")}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{
		deny("PlainHTTP", "s3:*", all, when{"Bool": {"aws:SecureTransport": "false"}}),
		deny("OldTLS", "s3:*", all, when{"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
		deny("OtherKey", "s3:PutObject", a.bucketARN("/*"), when{
			"Null":            {"s3:x-amz-server-side-encryption": "false"},
			"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": keyARN}}),
		deny("CustomersKey", "s3:PutObject", a.bucketARN("/*"), when{
			"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}}),
	}})
	if err != nil {
		return "", fmt.Errorf("write the bucket's policy: %w", err)
	}
	return string(text), nil
}

func (a *Account) lifecycle() setting {
	want := []types.LifecycleRule{{
		ID: aws.String("history"), Status: types.ExpirationStatusEnabled, Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
		NoncurrentVersionExpiration:    &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(historyDays)},
		AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(uploadDays)},
	}}
	return setting{
		what: fmt.Sprintf("lifecycle (old versions leave after %d days)", historyDays),
		right: func(ctx context.Context) (bool, error) {
			out, err := a.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: a.name(), ExpectedBucketOwner: a.owner()})
			if err != nil {
				return unset(err, "NoSuchLifecycleConfiguration")
			}
			return sameRules(want, out.Rules), nil
		},
		put: func(ctx context.Context) error {
			_, err := a.s3.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: a.name(), ExpectedBucketOwner: a.owner(),
				LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: want}})
			return err
		},
	}
}

// sameRules compares lifecycle rules by what they do; an empty filter comes
// back in more than one form.
func sameRules(a, b []types.LifecycleRule) bool {
	plain := func(rules []types.LifecycleRule) []types.LifecycleRule {
		rules = slices.Clone(rules)
		for i := range rules {
			if f := rules[i].Filter; f == nil || aws.ToString(f.Prefix) == "" && f.And == nil && f.Tag == nil {
				rules[i].Filter = nil
			}
		}
		return rules
	}
	left, errA := json.Marshal(plain(a))
	right, errB := json.Marshal(plain(b))
	return errA == nil && errB == nil && string(left) == string(right)
}

// sameJSON compares texts of JSON by their content.
func sameJSON(a, b string) bool {
	var x, y any
	return errors.Join(json.Unmarshal([]byte(a), &x), json.Unmarshal([]byte(b), &y)) == nil && reflect.DeepEqual(x, y)
}

// unset takes AWS's answer that a property was never set for no error.
func unset(err error, code string) (bool, error) {
	if errorCode(err) == code {
		return false, nil
	}
	return false, err
}
