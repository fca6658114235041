package bootstrap

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// makePolicy makes a managed policy, or a new version of it where its text is another.
func (a *Account) makePolicy(ctx context.Context, name, text string) error {
	what, arn := "policy "+name, aws.String(a.policyARN(name))
	found, err := a.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn})
	if missing := new(types.NoSuchEntityException); errors.As(err, &missing) {
		return a.act(made, what, func() error {
			_, err := a.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(name), PolicyDocument: aws.String(text),
				Tags: []types.Tag{{Key: aws.String(markTag), Value: aws.String(a.Project)}}})
			return err
		})
	}
	if err != nil {
		return a.failed("look for the "+what, err)
	}
	version, err := a.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: found.Policy.DefaultVersionId})
	if err != nil {
		return a.failed("read the "+what, err)
	}
	if same(aws.ToString(version.PolicyVersion.Document), text) {
		a.say(there, "%s", what)
		return nil
	}
	return a.act(changed, what, func() error {
		if err := a.removeVersions(ctx, arn); err != nil {
			return err
		}
		_, err := a.iam.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(text), SetAsDefault: true})
		return err
	})
}

// removeVersions removes the versions that are no default: IAM keeps five.
func (a *Account) removeVersions(ctx context.Context, arn *string) error {
	out, err := a.iam.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: arn})
	if err != nil {
		return err
	}
	for _, v := range out.Versions {
		if v.IsDefaultVersion {
			continue
		}
		if _, err := a.iam.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: v.VersionId}); err != nil {
			return err
		}
	}
	return nil
}

// removePolicy takes a policy from a role, and removes it if bootstrap made it.
func (a *Account) removePolicy(ctx context.Context, role, arn string) error {
	id := aws.String(arn)
	return a.act(removed, "policy "+arn[strings.LastIndex(arn, "/")+1:]+" of role "+role, func() error {
		if _, err := a.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: aws.String(role), PolicyArn: id}); err != nil {
			return err
		}
		if !strings.HasPrefix(arn, a.policyARN(role+"-")) {
			return nil // somebody else's, AWS's for instance
		}
		if err := a.removeVersions(ctx, id); err != nil {
			return err
		}
		_, err := a.iam.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: id})
		return err
	})
}

// same compares policies; IAM gives them back percent-encoded.
func same(found, text string) bool {
	if plain, err := url.QueryUnescape(found); err == nil && !strings.HasPrefix(found, "{") {
		found = plain
	}
	var a, b any
	return json.Unmarshal([]byte(found), &a) == nil && json.Unmarshal([]byte(text), &b) == nil && reflect.DeepEqual(a, b)
}
