package bootstrap

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
	"github.com/aws/smithy-go"

	"github.com/floe-data/floe/runtime/environment"
)

// costTag remembers which cost allocation tags bootstrap activated.
const costTag = markTag + ":cost-allocation-tags"

// costKeys are the tags by which AWS is to tell costs: without them a stack's
// budget stays at zero.
var costKeys = []string{environment.TagStack, environment.TagProject}

// makeCostTags activates the tags by which a stack's costs are told. It may not
// be possible yet, or not here: then it says so, for nothing else hangs on it.
func (a *Account) makeCostTags(ctx context.Context) error {
	what := "cost allocation tags " + strings.Join(costKeys, ", ")
	status, err := a.costTags(ctx)
	switch {
	case errorCode(err) == "AccessDeniedException":
		a.say(kept, "%s: this account may not see to them (%s); the account that pays activates them in its billing console, until then budgets stay at zero", what, reason(err))
		return nil
	case err != nil:
		return a.failed("read the "+what, err)
	}
	var unknown, asleep []string
	for _, key := range costKeys {
		switch status[key] {
		case "":
			unknown = append(unknown, key)
		case types.CostAllocationTagStatusInactive:
			asleep = append(asleep, key)
		}
	}
	if len(unknown) > 0 {
		a.say(kept, "cost allocation tags %s: AWS does not know them before a stack has borne them for a day; run it again then, until then budgets stay at zero", strings.Join(unknown, ", "))
	}
	if len(asleep) > 0 {
		return a.act(made, "activation of the cost allocation tags "+strings.Join(asleep, ", "), func() error { return a.activate(ctx, asleep) })
	}
	if len(unknown) == 0 {
		a.say(there, "%s", what)
	}
	return nil
}

func (a *Account) activate(ctx context.Context, keys []string) error {
	if err := a.setCostTags(ctx, keys, types.CostAllocationTagStatusActive); err != nil {
		return err
	}
	// A tag's value takes no commas.
	earlier := strings.Fields(a.remembered(costTag))
	return a.remember(ctx, costTag, strings.Join(slices.Compact(slices.Sorted(slices.Values(append(earlier, keys...)))), " "))
}

// removeCostTags puts those to sleep that bootstrap activated.
func (a *Account) removeCostTags(ctx context.Context) error {
	keys := strings.Fields(a.remembered(costTag))
	if len(keys) == 0 {
		return nil
	}
	return a.act(removed, "activation of the cost allocation tags "+strings.Join(keys, ", "), func() error {
		if err := a.setCostTags(ctx, keys, types.CostAllocationTagStatusInactive); err != nil {
			return err
		}
		return a.forget(ctx, costTag)
	})
}

// reason is what AWS said.
func reason(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return err.Error()
}

// costTags is the status of the tags that AWS knows.
func (a *Account) costTags(ctx context.Context) (map[string]types.CostAllocationTagStatus, error) {
	out, err := a.costs.ListCostAllocationTags(ctx, &costexplorer.ListCostAllocationTagsInput{TagKeys: costKeys, Type: types.CostAllocationTagTypeUserDefined})
	if err != nil {
		return nil, err
	}
	status := map[string]types.CostAllocationTagStatus{}
	for _, t := range out.CostAllocationTags {
		status[aws.ToString(t.TagKey)] = t.Status
	}
	return status, nil
}

func (a *Account) setCostTags(ctx context.Context, keys []string, status types.CostAllocationTagStatus) error {
	in := &costexplorer.UpdateCostAllocationTagsStatusInput{}
	for _, key := range keys {
		in.CostAllocationTagsStatus = append(in.CostAllocationTagsStatus, types.CostAllocationTagStatusEntry{TagKey: aws.String(key), Status: status})
	}
	out, err := a.costs.UpdateCostAllocationTagsStatus(ctx, in)
	if err != nil {
		return err
	}
	var problems []error
	for _, e := range out.Errors {
		problems = append(problems, &smithy.GenericAPIError{Code: aws.ToString(e.Code), Message: aws.ToString(e.TagKey) + ": " + aws.ToString(e.Message)})
	}
	return errors.Join(problems...)
}
