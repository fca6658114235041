package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// ECS works through a role that an account has once. AWS makes it with the
// first cluster, which then often fails because the role is seconds old; so it
// is made here.
const (
	linkedService = "ecs.amazonaws.com"
	linkedTag     = markTag + ":service-linked-role" // such a role takes no tag of ours
)

// findLinkedRole is the name of the account's role for ECS, "" where it has none.
func (a *Account) findLinkedRole(ctx context.Context) (string, error) {
	out, err := a.iam.ListRoles(ctx, &iam.ListRolesInput{PathPrefix: aws.String("/aws-service-role/" + linkedService + "/")})
	if err != nil {
		return "", a.failed("look for the service-linked role of "+linkedService, err)
	}
	if len(out.Roles) == 0 {
		return "", nil
	}
	return aws.ToString(out.Roles[0].RoleName), nil
}

func (a *Account) makeLinkedRole(ctx context.Context) error {
	const what = "service-linked role of " + linkedService
	role, err := a.findLinkedRole(ctx)
	if err != nil {
		return err
	}
	if role != "" {
		a.say(there, "%s", what)
		return nil
	}
	return a.act(made, what, func() error {
		out, err := a.iam.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String(linkedService)})
		if err != nil && strings.Contains(err.Error(), "has been taken") {
			return nil // somebody's cluster was quicker
		}
		if err != nil {
			return err
		}
		return a.remember(ctx, linkedTag, aws.ToString(out.Role.RoleName))
	})
}

// removeLinkedRole removes the role if bootstrap made it and no cluster uses it.
func (a *Account) removeLinkedRole(ctx context.Context) error {
	role := a.remembered(linkedTag)
	if role == "" {
		return nil
	}
	const what = "service-linked role of " + linkedService
	if a.DryRun {
		return a.act(removed, what, nil)
	}
	out, err := a.iam.DeleteServiceLinkedRole(ctx, &iam.DeleteServiceLinkedRoleInput{RoleName: aws.String(role)})
	if missing := new(types.NoSuchEntityException); errors.As(err, &missing) {
		return a.forget(ctx, linkedTag)
	}
	if err != nil {
		return a.failed("remove the "+what, err)
	}
	reason, err := a.linkedRoleGone(ctx, out.DeletionTaskId)
	if err != nil {
		return a.failed("remove the "+what, err)
	}
	if reason != "" {
		a.say(kept, "%s: %s", what, reason)
		return nil
	}
	a.acted = true
	a.say(removed, "%s", what)
	return a.forget(ctx, linkedTag)
}

// linkedRoleGone waits for AWS to remove the role; the answer is why it stays,
// "" where it is gone.
func (a *Account) linkedRoleGone(ctx context.Context, task *string) (string, error) {
	for wait := 200 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		out, err := a.iam.GetServiceLinkedRoleDeletionStatus(ctx, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: task})
		if err != nil {
			return "", err
		}
		switch out.Status {
		case types.DeletionTaskStatusTypeSucceeded:
			return "", nil
		case types.DeletionTaskStatusTypeFailed:
			reason := "AWS gives no reason"
			if out.Reason != nil {
				reason = aws.ToString(out.Reason.Reason)
			}
			return reason, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("wait for it: %w", ctx.Err())
		case <-time.After(wait):
		}
	}
}
