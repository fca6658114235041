package bootstrap

import (
	"context"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	control "github.com/aws/aws-sdk-go-v2/service/s3control/types"
	transport "github.com/aws/smithy-go/endpoints"
)

// blockTag remembers that bootstrap set the account's block.
const blockTag = markTag + ":public-access-block"

// makeBlock sets S3's block of public access for the whole account where none
// was ever set. A block that is there is somebody's decision and stays.
func (a *Account) makeBlock(ctx context.Context) error {
	what := "S3 public access block of account " + a.Account
	found, err := a.accountBlock(ctx)
	if err != nil {
		return a.failed("read the "+what, err)
	}
	switch open := openings(found); {
	case found == nil:
		return a.act(made, what, func() error {
			c := closed()
			_, err := a.block.PutPublicAccessBlock(ctx, &s3control.PutPublicAccessBlockInput{AccountId: &a.Account, PublicAccessBlockConfiguration: &control.PublicAccessBlockConfiguration{
				BlockPublicAcls: c.BlockPublicAcls, IgnorePublicAcls: c.IgnorePublicAcls, BlockPublicPolicy: c.BlockPublicPolicy, RestrictPublicBuckets: c.RestrictPublicBuckets}})
			if err != nil {
				return err
			}
			return a.remember(ctx, blockTag, "made")
		})
	case len(open) > 0:
		a.say(kept, "%s: somebody set it without %s; floe's own buckets block public access themselves", what, strings.Join(open, ", "))
	default:
		a.say(there, "%s", what)
	}
	return nil
}

// removeBlock takes the block away where bootstrap set it.
func (a *Account) removeBlock(ctx context.Context) error {
	if a.remembered(blockTag) == "" {
		return nil
	}
	return a.act(removed, "S3 public access block of account "+a.Account, func() error {
		if _, err := a.block.DeletePublicAccessBlock(ctx, &s3control.DeletePublicAccessBlockInput{AccountId: &a.Account}); err != nil {
			return err
		}
		return a.forget(ctx, blockTag)
	})
}

// closed blocks public access in all four ways.
func closed() *types.PublicAccessBlockConfiguration {
	return &types.PublicAccessBlockConfiguration{BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true),
		BlockPublicPolicy: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true)}
}

// openings names the ways that are not blocked.
func openings(c *types.PublicAccessBlockConfiguration) []string {
	if c == nil {
		c = &types.PublicAccessBlockConfiguration{}
	}
	var open []string
	for _, way := range []struct {
		name string
		set  *bool
	}{{"BlockPublicAcls", c.BlockPublicAcls}, {"IgnorePublicAcls", c.IgnorePublicAcls},
		{"BlockPublicPolicy", c.BlockPublicPolicy}, {"RestrictPublicBuckets", c.RestrictPublicBuckets}} {
		if !aws.ToBool(way.set) {
			open = append(open, way.name)
		}
	}
	return open
}

// accountBlock is the account's block, nil where none was ever set.
func (a *Account) accountBlock(ctx context.Context) (*types.PublicAccessBlockConfiguration, error) {
	out, err := a.block.GetPublicAccessBlock(ctx, &s3control.GetPublicAccessBlockInput{AccountId: &a.Account})
	if errorCode(err) == "NoSuchPublicAccessBlockConfiguration" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c := out.PublicAccessBlockConfiguration
	if c == nil { // an answer that says nothing is no leave to set it
		c = &control.PublicAccessBlockConfiguration{}
	}
	return &types.PublicAccessBlockConfiguration{BlockPublicAcls: c.BlockPublicAcls, IgnorePublicAcls: c.IgnorePublicAcls,
		BlockPublicPolicy: c.BlockPublicPolicy, RestrictPublicBuckets: c.RestrictPublicBuckets}, nil
}

// newControl is a client of S3 Control.
func newControl(config aws.Config) *s3control.Client {
	return s3control.NewFromConfig(config, func(o *s3control.Options) { o.EndpointResolverV2 = controlEndpoint{o.EndpointResolverV2} })
}

// controlEndpoint leaves an endpoint as it was given: the SDK puts the account
// before it, as AWS has it, where there may be no such host.
type controlEndpoint struct {
	s3control.EndpointResolverV2
}

// ResolveEndpoint is the SDK's.
func (e controlEndpoint) ResolveEndpoint(ctx context.Context, p s3control.EndpointParameters) (transport.Endpoint, error) {
	if p.Endpoint == nil {
		return e.EndpointResolverV2.ResolveEndpoint(ctx, p)
	}
	given, err := url.Parse(*p.Endpoint)
	if err != nil {
		return transport.Endpoint{}, err
	}
	return transport.Endpoint{URI: *given}, nil
}
