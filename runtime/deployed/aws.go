package deployed

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/config"
	smithy "github.com/aws/smithy-go/middleware"

	"github.com/floe-data/floe/runtime/fault"
)

// Config is the SDK's default configuration, with floe as the user agent.
func Config(ctx context.Context, options ...func(*config.LoadOptions) error) (aws.Config, error) {
	options = append(options, config.WithAPIOptions([]func(*smithy.Stack) error{middleware.AddUserAgentKeyValue("floe", Version())}))
	c, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return c, fault.New(fault.Usage, fmt.Errorf("read the AWS configuration: %w", err), "see AWS_REGION, AWS_PROFILE and ~/.aws/config")
	}
	return c, nil
}

// Version is what the program was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
