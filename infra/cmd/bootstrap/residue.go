package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/floe-data/floe/infra/bootstrap"
	"github.com/floe-data/floe/infra/bootstrap/remains"
	"github.com/floe-data/floe/runtime/fault"
)

// patience is how long AWS's register of tags may take to forget what was
// deleted, and how often it is asked meanwhile.
var patience = struct{ total, pause time.Duration }{5 * time.Minute, 15 * time.Second}

// residue fails while the account has something of a stack that was destroyed.
func residue(ctx context.Context, c *command, place bootstrap.Place) error {
	if _, err := c.open(ctx, place); err != nil { // refuses another account
		return err
	}
	settings, err := config.LoadDefaultConfig(ctx, config.WithRegion(place.Region))
	if err != nil {
		return fmt.Errorf("read the AWS configuration: %w", err)
	}
	for end := time.Now().Add(patience.total); ; {
		left, err := remains.Left(ctx, settings, place.Project, place.Stack)
		if err != nil {
			return fault.New(fault.Failed, err, "the credentials need tag:GetResources, kms:DescribeKey and ecs:Describe*; then make unpr again")
		}
		if len(left) == 0 {
			fmt.Fprintf(c.out, "Nothing else of stack %s is left in %s.\n", place.Stack, place.Region)
			return nil
		}
		if !time.Now().Before(end) {
			return fault.New(fault.Failed, fmt.Errorf("stack %s is destroyed, but %d things with its tags are left:\n  %s", place.Stack, len(left), strings.Join(left, "\n  ")),
				"look who made them, delete them, and run it again")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(patience.pause):
		}
	}
}
