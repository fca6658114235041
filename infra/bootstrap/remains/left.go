package remains

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
)

// Left lists the ARNs of what the region still has with a stack's tags, without
// what stays by design: keys that wait for their deletion, and what ECS keeps as
// inactive. AWS's register of tags may be some minutes behind.
func Left(ctx context.Context, config aws.Config, project, stack string) ([]string, error) {
	c := clients{kms: kms.NewFromConfig(config), ecs: ecs.NewFromConfig(config)}
	filter := func(key, value string) types.TagFilter {
		return types.TagFilter{Key: aws.String(key), Values: []string{value}}
	}
	pages := tagging.NewGetResourcesPaginator(tagging.NewFromConfig(config), &tagging.GetResourcesInput{
		TagFilters: []types.TagFilter{filter("floe:project", project), filter("floe:stack", stack)},
	})
	var left []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("ask what has the tags of stack %s: %w", stack, err)
		}
		for _, r := range page.ResourceTagMappingList {
			arn := aws.ToString(r.ResourceARN)
			gone, err := c.gone(ctx, arn)
			if err != nil {
				return nil, err
			}
			if !gone {
				left = append(left, arn)
			}
		}
	}
	slices.Sort(left)
	return left, nil
}

// clients are those of services that keep what is deleted.
type clients struct {
	kms *kms.Client
	ecs *ecs.Client
}

// gone says whether what is still in the register is deleted all the same.
func (c clients) gone(ctx context.Context, arn string) (bool, error) {
	state, err := c.state(ctx, arn)
	if err != nil {
		return false, fmt.Errorf("ask for the state of %s: %w", arn, err)
	}
	return state == "PendingDeletion" || state == "INACTIVE" || state == "DELETE_IN_PROGRESS", nil
}

// state is a service's word for it, "" of what is gone when it is deleted.
func (c clients) state(ctx context.Context, arn string) (string, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return "", nil
	}
	service, resource := parts[2], parts[5]
	switch {
	case service == "kms":
		out, err := c.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
		if err != nil || out.KeyMetadata == nil {
			return "", err
		}
		return string(out.KeyMetadata.KeyState), nil
	case service == "ecs" && strings.HasPrefix(resource, "cluster/"):
		out, err := c.ecs.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{arn}})
		if err != nil {
			return "", err
		}
		if len(out.Clusters) == 0 { // a cluster that ECS has forgotten
			return "INACTIVE", nil
		}
		return aws.ToString(out.Clusters[0].Status), nil
	case service == "ecs" && strings.HasPrefix(resource, "task-definition/"):
		out, err := c.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
		if err != nil || out.TaskDefinition == nil {
			return "", err
		}
		return string(out.TaskDefinition.Status), nil
	}
	return "", nil
}
