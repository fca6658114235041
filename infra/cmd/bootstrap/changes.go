package main

import (
	"context"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/floe-data/floe/infra/bootstrap"
	"github.com/floe-data/floe/runtime/fault"
)

// stateFile is Pulumi's of the stack of a change; it leaves a .bak where the
// stack was removed.
var stateFile = regexp.MustCompile(`/pr-([1-9][0-9]{0,8})\.json(?:\.gz)?$`)

// changes prints the numbers of the pull requests that have a stack, a line
// each. It only lists the state: who previews dev may not read it.
func changes(ctx context.Context, c *command, place bootstrap.Place) error {
	account, err := c.open(ctx, place)
	if err != nil {
		return err
	}
	settings, err := config.LoadDefaultConfig(ctx, config.WithRegion(place.Region))
	if err != nil {
		return fmt.Errorf("read the AWS configuration: %w", err)
	}
	prefix := ".pulumi/stacks/" + account.Project + "/pr-"
	pages := s3.NewListObjectsV2Paginator(s3.NewFromConfig(settings), &s3.ListObjectsV2Input{Bucket: aws.String(account.Bucket()), Prefix: aws.String(prefix)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fault.New(fault.Failed, fmt.Errorf("list s3://%s/%s: %w", account.Bucket(), prefix, err), "make bootstrap STACK="+place.Stack+"; the credentials need s3:ListBucket")
		}
		for _, object := range page.Contents {
			if m := stateFile.FindStringSubmatch(aws.ToString(object.Key)); m != nil {
				fmt.Fprintln(c.out, m[1])
			}
		}
	}
	return nil
}
