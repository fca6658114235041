package preflight

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/naming"
)

// GitHub proves with its tokens who it is; these are the two sides of that.
const (
	issuer   = "token.actions.githubusercontent.com"
	audience = "sts.amazonaws.com"
)

// stateBucket finds whether bootstrap was here.
func stateBucket(ctx context.Context, a *account) []Finding {
	const what = "state bucket"
	ctx, cancel := within(ctx)
	defer cancel()
	at := naming.State(a.place.Project, a.place.Account, a.place.Region)
	name := at.Bucket("")
	_, err := a.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name, ExpectedBucketOwner: &a.place.Account})
	switch {
	case err == nil:
		return []Finding{ok(what, "%s", name)}
	case missing(err):
		return []Finding{bad(what, a.bootstrap(), "there is no %s: the account is not prepared", name)}
	case !refused(err):
		return []Finding{unasked(what, "s3:ListBucket", err)}
	}
	h, err := a.unseen(ctx, at, name, err)
	switch {
	case err != nil:
		return []Finding{unasked(what, "s3:ListBucket", err)}
	case h.skipped != nil:
		h.skipped.What = what
		return []Finding{*h.skipped}
	}
	return []Finding{bad(what, h.next, "%s %s", name, h.who)}
}

// provider finds whether the account takes GitHub's tokens.
func provider(ctx context.Context, a *account) []Finding {
	const what = "GitHub's OIDC provider"
	if a.Stack.Platform.Repository == "" {
		return nil
	}
	ctx, cancel := within(ctx)
	defer cancel()
	arn := a.place.GlobalARN("iam", "oidc-provider/"+issuer)
	out, err := a.iam.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
	switch {
	case missing(err):
		return []Finding{bad(what, a.bootstrap(), "there is none; workflows of %s cannot log in", a.Stack.Platform.Repository)}
	case err != nil:
		return []Finding{unasked(what, "iam:GetOpenIDConnectProvider", err)}
	case !slices.Contains(out.ClientIDList, audience):
		return []Finding{bad(what, a.bootstrap(), "it does not take the audience %s", audience)}
	}
	return []Finding{ok(what, "takes tokens of %s", issuer)}
}

// ciNames are the roles that workflows on GitHub take: to preview, to deploy. A
// stack of a change has dev's.
func (a *account) ciNames() (preview, apply string) {
	begin := a.place.Project + "-" + live.Folder(a.place.Stack) + "-"
	return begin + "preview", begin + "apply"
}

func ciRoles(ctx context.Context, a *account) []Finding {
	const what = "roles of workflows"
	if a.Stack.Platform.Repository == "" {
		return nil
	}
	var found []Finding
	preview, apply := a.ciNames()
	for _, name := range []string{preview, apply} {
		exists, trust, err := a.role(ctx, name)
		switch {
		case err != nil:
			found = append(found, unasked(what, "iam:GetRole", err))
		case !exists:
			found = append(found, bad(what, a.bootstrap(), "there is no role %s, which workflows of %s take", name, a.Stack.Platform.Repository))
		case !strings.Contains(trust, `"repo:`+a.Stack.Platform.Repository+`:environment:`):
			found = append(found, bad(what, a.bootstrap(), "%s trusts workflows of another repository than %s", name, a.Stack.Platform.Repository))
		default:
			found = append(found, ok(what, "%s is there", name))
		}
	}
	return found
}

// role says whether a role is there, and gives the policy of whom it trusts.
func (a *account) role(ctx context.Context, name string) (exists bool, trust string, err error) {
	ctx, cancel := within(ctx)
	defer cancel()
	out, err := a.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		return false, "", unless(missing(err), err)
	}
	trust, err = url.QueryUnescape(aws.ToString(out.Role.AssumeRolePolicyDocument))
	return true, trust, err
}

// linkedRole finds ECS's role, without which the first cluster fails.
func linkedRole(ctx context.Context, a *account) []Finding {
	const what = "ECS's role"
	ctx, cancel := within(ctx)
	defer cancel()
	out, err := a.iam.ListRoles(ctx, &iam.ListRolesInput{PathPrefix: aws.String("/aws-service-role/ecs.amazonaws.com/")})
	switch {
	case err != nil:
		return []Finding{unasked(what, "iam:ListRoles", err)}
	case len(out.Roles) == 0:
		return []Finding{bad(what, a.bootstrap(), "the account has no service-linked role of ECS: the first cluster would fail")}
	}
	return []Finding{ok(what, "%s is there", aws.ToString(out.Roles[0].RoleName))}
}

// boundary finds the policy that is to bound all roles.
func boundary(ctx context.Context, a *account) []Finding {
	const what = "permissions boundary"
	arn := a.Stack.Platform.PermissionsBoundary
	if arn == "" {
		return nil
	}
	ctx, cancel := within(ctx)
	defer cancel()
	_, err := a.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
	switch {
	case missing(err):
		return []Finding{bad(what, fmt.Sprintf("make the policy, or mend permissions_boundary in live/%s/platform.yaml", a.Stack.Name), "there is no policy %s: no role could be made", arn)}
	case err != nil:
		return []Finding{unasked(what, "iam:GetPolicy", err)}
	}
	return []Finding{ok(what, "%s is there", arn)}
}
