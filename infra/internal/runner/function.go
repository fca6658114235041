package runner

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/runtime/live"
)

const (
	// functionSeconds is the longest that Lambda has: a program hands over before.
	functionSeconds = 900
	// OnlyCall is the timeout of a task that a deployment gives a function once:
	// it ends before Lambda ends the function, so that what is not finished fails.
	OnlyCall = "14m0s"
	// functionEnvironment is the most that Lambda takes, in bytes.
	functionEnvironment = 4096
	// eventSeconds is how long an event may wait where nobody waits for its answer.
	eventSeconds = 3600
)

// Args are what a program needs, wherever it runs.
type Args struct {
	// Name is Pulumi's name of it, and the end of its name in AWS: ingest-chess.
	Name string
	// Description is told in AWS, in one line.
	Description string
	Image       images.Image
	// Program is the image's: images.Ingest or images.Transform.
	Program string
	// Environment is the program's own part: values by name.
	Environment map[string]string
	// Source is the one that the program is for, as a tag. Default none.
	Source string
	// Where names what the environment is made of, for who must shorten it:
	// "live/dev/pipelines.yaml: sources.chess.vars".
	Where string
	// Secret is the one that the program reads. Default none.
	Secret *Secret
	// Statements are what it may do beside writing its logs and reading its secret.
	Statements []grant.Statement
	Operations *operations.Operations
	// Reserved is a function's reserved concurrency. Default none.
	Reserved int
}

// NewFunction makes a Lambda function outside of any VPC, with its role and its
// log group. It is called and waited for; an event that nobody waits for is
// tried once, and told the dead letters if it fails.
func NewFunction(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (Runner, error) {
	name := s.Name(site.Function, args.Name)
	r := Runner{
		Kind: live.Lambda, FunctionName: name, FunctionARN: s.ARN("lambda", "function:"+name), LogGroup: s.LogGroup("lambda", name),
	}
	if err := fits("function "+name, s, args.Environment, args.Secret, functionEnvironment, args.Where); err != nil {
		return r, err
	}
	group, err := operations.LogGroup(ctx, s, args.Name, r.LogGroup, args.Operations.Key, opts...)
	if err != nil {
		return r, err
	}
	if err := operations.Mask(ctx, s, args.Name, args.Source, group, opts...); err != nil {
		return r, err
	}
	role, err := grant.NewRole(ctx, s, args.Name, grant.RoleArgs{
		Parts: []string{args.Name}, Service: "lambda", Description: args.Description,
		Statements: append(functionStatements(s, args, r), args.Statements...),
	}, opts...)
	if err != nil {
		return r, err
	}
	needs := append([]pulumi.Resource{group, role.Policy}, args.Image.Ready...)
	f, err := lambda.NewFunction(ctx, args.Name, functionArgs(s, args, name, r.LogGroup, role.Arn), with(opts, args.Image.Push, pulumi.DependsOn(needs))...)
	if err != nil {
		return r, fmt.Errorf("function %s: %w", name, err)
	}
	guards, err := guard(ctx, args, f, role, opts)
	if err != nil {
		return r, fmt.Errorf("function %s: %w", name, err)
	}
	r.RoleARN = s.GlobalARN("iam", "role/"+role.Name)
	r.Ready = append([]pulumi.Resource{f, role.Policy}, guards...)
	return r, nil
}

func functionArgs(s *site.Site, args Args, name, group string, role pulumi.StringInput) *lambda.FunctionArgs {
	size := s.Live.Platform.Sizes.Function
	environment := pulumi.StringMap{}
	for key, value := range variables(s, args.Environment, args.Secret) {
		environment[key] = value
	}
	out := &lambda.FunctionArgs{
		Name: pulumi.String(name), Description: pulumi.String(args.Description), Role: role,
		PackageType: pulumi.String("Image"), ImageUri: args.Image.URI,
		Architectures: pulumi.StringArray{pulumi.String(s.Live.Platform.Architecture)},
		Timeout:       pulumi.Int(functionSeconds), MemorySize: pulumi.Int(size.MemoryMB),
		EphemeralStorage: lambda.FunctionEphemeralStorageArgs{Size: pulumi.Int(size.DiskMB)},
		Environment:      lambda.FunctionEnvironmentArgs{Variables: environment},
		KmsKeyArn:        args.Operations.Key.Arn, Tags: tags(args),
		TracingConfig: lambda.FunctionTracingConfigArgs{Mode: pulumi.String("Active")},
		LoggingConfig: lambda.FunctionLoggingConfigArgs{
			LogFormat: pulumi.String("JSON"), LogGroup: pulumi.String(group),
			ApplicationLogLevel: pulumi.String("INFO"), SystemLogLevel: pulumi.String("INFO"),
		},
	}
	if args.Reserved > 0 {
		out.ReservedConcurrentExecutions = pulumi.Int(args.Reserved)
	}
	return out
}

// tags say for which pipeline something costs.
func tags(args Args) pulumi.StringMap {
	if args.Source == "" {
		return nil
	}
	return pulumi.StringMap{"floe:pipeline": pulumi.String(args.Source)}
}

// guard says what becomes of events that nobody waits for, and ends a function
// that calls itself by way of a queue.
func guard(ctx *pulumi.Context, args Args, f *lambda.Function, role *grant.Role, opts []pulumi.ResourceOption) ([]pulumi.Resource, error) {
	events, err := lambda.NewFunctionEventInvokeConfig(ctx, args.Name, &lambda.FunctionEventInvokeConfigArgs{
		FunctionName: f.Name, MaximumRetryAttempts: pulumi.Int(0), MaximumEventAgeInSeconds: pulumi.Int(eventSeconds),
		DestinationConfig: lambda.FunctionEventInvokeConfigDestinationConfigArgs{
			OnFailure: lambda.FunctionEventInvokeConfigDestinationConfigOnFailureArgs{Destination: args.Operations.DeadLetters.Arn},
		},
	}, with(opts, pulumi.DependsOn([]pulumi.Resource{role.Policy}))...)
	if err != nil {
		return nil, fmt.Errorf("its failed events: %w", err)
	}
	recursion, err := lambda.NewFunctionRecursionConfig(ctx, args.Name, &lambda.FunctionRecursionConfigArgs{
		FunctionName: f.Name, RecursiveLoop: pulumi.String("Terminate"),
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("its recursion guard: %w", err)
	}
	return []pulumi.Resource{events, recursion}, nil
}

// functionStatements are what every function may do.
func functionStatements(s *site.Site, args Args, r Runner) []grant.Statement {
	services := []string{"lambda", "sqs"} // its environment, its failed events
	if args.Secret != nil {
		services = append(services, "secretsmanager")
	}
	out := []grant.Statement{
		logs(s, r.LogGroup),
		{Sid: "Traces", Actions: []string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"}, Resources: grant.On("*")},
		{Sid: "FailedEvents", Actions: []string{"sqs:SendMessage"}, Resources: grant.On(args.Operations.DeadLettersARN)},
		tables.Key(s, "OperationsKey", args.Operations.Key.Arn, []string{"kms:Decrypt", "kms:GenerateDataKey"}, services...),
	}
	return append(out, secretStatements(args.Secret)...)
}

func logs(s *site.Site, group string) grant.Statement {
	return grant.Statement{Sid: "Logs", Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resources: grant.On(s.ARN("logs", "log-group:"+group+":*"))}
}

func secretStatements(secret *Secret) []grant.Statement {
	if secret == nil {
		return nil
	}
	return []grant.Statement{{Sid: "Secret", Actions: []string{"secretsmanager:GetSecretValue"}, Resources: grant.On(secret.Pattern)}}
}

// with adds options without touching the caller's.
func with(opts []pulumi.ResourceOption, more ...pulumi.ResourceOption) []pulumi.ResourceOption {
	out := make([]pulumi.ResourceOption, 0, len(opts)+len(more))
	return append(append(out, opts...), more...)
}
