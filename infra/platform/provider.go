package platform

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/internal/site"
)

// provider makes the stack's AWS provider and finds the account. Where live/
// names one, no other is worked in: the provider refuses it before its first
// call that changes something.
func provider(ctx *pulumi.Context, s *site.Site) (*aws.Provider, error) {
	p, err := aws.NewProvider(ctx, "aws", providerArgs(s))
	if err != nil {
		return nil, fmt.Errorf("the AWS provider: %w", err)
	}
	caller, err := aws.GetCallerIdentity(ctx, &aws.GetCallerIdentityArgs{}, pulumi.Provider(p))
	if err != nil {
		return nil, fmt.Errorf("ask AWS which account this is: %w\nnext: give credentials of the account that live/%s/platform.yaml names", err, s.Stack)
	}
	if s.Account != "" && caller.AccountId != s.Account {
		return nil, fmt.Errorf("live/%s/platform.yaml names account %s, and the credentials are those of %s (%s)\nnext: use that account's credentials, or correct the file",
			s.Stack, s.Account, caller.AccountId, caller.Arn)
	}
	s.Account = caller.AccountId
	return p, nil
}

// providerArgs are those of the stack's provider.
func providerArgs(s *site.Site) *aws.ProviderArgs {
	args := &aws.ProviderArgs{
		Region:      pulumi.String(s.Region),
		DefaultTags: aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(s.Tags())},
	}
	if s.Account != "" {
		args.AllowedAccountIds = pulumi.StringArray{pulumi.String(s.Account)}
	}
	return args
}

// made asks Glue for the stack's databases, with the provider's credentials:
// both take those of the environment.
func made(ctx context.Context, s *site.Site) ([]string, error) {
	settings, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.Region))
	if err != nil {
		return nil, fmt.Errorf("credentials to list the databases of Glue: %w", err)
	}
	return catalog.Made(ctx, settings, s)
}
