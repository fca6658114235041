package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// The two roles that workflows on GitHub take for a stack, as ends of names.
const (
	rolePreview = "preview"
	roleApply   = "apply"
)

// session is how long a workflow's credentials last, in seconds: an hour.
const session = 3600

// ciRole is a role that workflows take.
type ciRole struct {
	name, description string
	subjects          []string // of GitHub's tokens
	policies          []string
}

// ciRoles are the stack's; none where live/ names no repository.
func (a *Account) ciRoles() ([]ciRole, error) {
	if a.Repository == "" {
		return nil, nil
	}
	n := a.names()
	look, err := policies(n.preview())
	if err != nil {
		return nil, fmt.Errorf("the role that previews %s: %w", a.Stack, err)
	}
	change, err := policies(n.apply())
	if err != nil {
		return nil, fmt.Errorf("the role that deploys %s: %w", a.Stack, err)
	}
	repository := "repo:" + a.Repository + ":"
	return []ciRole{
		{a.ciName(rolePreview), a.Project + " " + a.Stack + ": previews from workflows of " + a.Repository,
			[]string{repository + "environment:" + a.Stack + "-preview"}, look},
		{a.ciName(roleApply), a.Project + " " + a.Stack + ": deploys from workflows of " + a.Repository,
			[]string{repository + "environment:" + a.Stack}, change},
	}, nil
}

func (a *Account) ciName(role string) string { return a.Project + "-" + a.Stack + "-" + role }

// names are what the roles may touch. Dev's also has the environments of pull
// requests, which are made after it.
func (a *Account) names() names {
	n := names{project: a.Project, stack: a.Stack, account: a.Account, region: a.Region, bucket: a.Bucket(), boundary: a.Boundary, replica: a.Replica, stacks: []string{a.Stack}}
	if a.Stack == pullRequestShape {
		n.stacks = append(n.stacks, "pr-*")
	}
	if n.key = a.site().ARN("kms", "key/unknown"); a.key != nil { // in a dry run there may be none yet
		n.key = a.key.ARN
	}
	return n
}

// pullRequestShape is the stack that environments of pull requests are like.
const pullRequestShape = "dev"

// trust lets GitHub's tokens of some subjects in, compared in full.
func (a *Account) trust(r ciRole) (string, error) {
	return document{Statement: []statement{{
		Sid: "Workflows", Effect: "Allow", Principal: map[string]string{"Federated": aws.ToString(a.providerARN())}, Action: []string{"sts:AssumeRoleWithWebIdentity"},
		Condition: map[string]map[string][]string{"StringEquals": {issuer + ":aud": {audience}, issuer + ":sub": r.subjects}},
	}}}.text()
}

// makeRoles makes the two roles, and brings trust and policies of those that
// are there up to date.
func (a *Account) makeRoles(ctx context.Context) error {
	roles, err := a.ciRoles()
	if err != nil {
		return err
	}
	for _, r := range roles {
		if err := a.makeRole(ctx, r); err != nil {
			return err
		}
		if err := a.makeRolePolicies(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (a *Account) makeRole(ctx context.Context, r ciRole) error {
	what := "role " + r.name + " for " + strings.Join(r.subjects, " and ")
	trust, err := a.trust(r)
	if err != nil {
		return err
	}
	found, err := a.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(r.name)})
	if missing := new(types.NoSuchEntityException); errors.As(err, &missing) {
		return a.act(made, what, func() error {
			_, err := a.iam.CreateRole(ctx, &iam.CreateRoleInput{
				RoleName: aws.String(r.name), Description: aws.String(r.description), AssumeRolePolicyDocument: aws.String(trust), MaxSessionDuration: aws.Int32(session),
				Tags: []types.Tag{{Key: aws.String(markTag), Value: aws.String(a.Project)}},
			})
			return err
		})
	}
	if err != nil {
		return a.failed("look for the "+what, err)
	}
	if same(aws.ToString(found.Role.AssumeRolePolicyDocument), trust) {
		a.say(there, "%s", what)
		return nil
	}
	return a.act(changed, what+": whom it trusts", func() error {
		_, err := a.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String(r.name), PolicyDocument: aws.String(trust)})
		return err
	})
}

// makeRolePolicies makes the role's managed policies, gives them their newest
// text and takes away those that are no longer needed.
func (a *Account) makeRolePolicies(ctx context.Context, r ciRole) error {
	attached, err := a.attached(ctx, r.name)
	if err != nil {
		return err
	}
	for i, text := range r.policies {
		name := fmt.Sprintf("%s-%d", r.name, i+1)
		if err := a.makePolicy(ctx, name, text); err != nil {
			return err
		}
		arn := a.policyARN(name)
		if slices.Contains(attached, arn) {
			continue
		}
		err := a.act(made, "attachment of policy "+name, func() error {
			_, err := a.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String(r.name), PolicyArn: aws.String(arn)})
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, arn := range attached {
		if !a.isOf(arn, r) {
			if err := a.removePolicy(ctx, r.name, arn); err != nil {
				return err
			}
		}
	}
	return nil
}

// isOf says whether a policy is one of those that the role has now.
func (a *Account) isOf(arn string, r ciRole) bool {
	for i := range r.policies {
		if arn == a.policyARN(fmt.Sprintf("%s-%d", r.name, i+1)) {
			return true
		}
	}
	return false
}

func (a *Account) policyARN(name string) string { return a.site().GlobalARN("iam", "policy/"+name) }

// attached are the ARNs of a role's managed policies; none of a role that a dry
// run did not make.
func (a *Account) attached(ctx context.Context, role string) ([]string, error) {
	var all []string
	pages := iam.NewListAttachedRolePoliciesPaginator(a.iam, &iam.ListAttachedRolePoliciesInput{RoleName: aws.String(role)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if missing := new(types.NoSuchEntityException); errors.As(err, &missing) {
			return nil, nil
		}
		if err != nil {
			return nil, a.failed("list the policies of role "+role, err)
		}
		for _, p := range page.AttachedPolicies {
			all = append(all, aws.ToString(p.PolicyArn))
		}
	}
	return all, nil
}

// removeRoles removes the roles that bootstrap made, of all stacks.
func (a *Account) removeRoles(ctx context.Context) error {
	for pages := iam.NewListRolesPaginator(a.iam, &iam.ListRolesInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return a.failed("list the roles", err)
		}
		for _, r := range page.Roles {
			name := aws.ToString(r.RoleName)
			if !strings.HasPrefix(name, a.Project+"-") || !strings.HasSuffix(name, "-"+rolePreview) && !strings.HasSuffix(name, "-"+roleApply) {
				continue
			}
			if err := a.removeRole(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *Account) removeRole(ctx context.Context, name string) error {
	tags, err := a.iam.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: aws.String(name)})
	if err != nil {
		return a.failed("read the tags of role "+name, err)
	}
	ours := slices.ContainsFunc(tags.Tags, func(t types.Tag) bool { return aws.ToString(t.Key) == markTag && aws.ToString(t.Value) == a.Project })
	if !ours {
		a.say(kept, "role %s: it was here before", name)
		return nil
	}
	attached, err := a.attached(ctx, name)
	if err != nil {
		return err
	}
	for _, arn := range attached {
		if err := a.removePolicy(ctx, name, arn); err != nil {
			return err
		}
	}
	return a.act(removed, "role "+name, func() error {
		_, err := a.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(name)})
		return err
	})
}
