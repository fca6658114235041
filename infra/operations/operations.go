package operations

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
)

// Args has no fields: all that varies is in live/.
type Args struct{}

// Operations is what other components report to.
type Operations struct {
	pulumi.ResourceState

	Topic          *sns.Topic
	TopicARN       string // known at preview
	DeadLetters    *sqs.Queue
	DeadLettersARN string // known at preview
	// Key encrypts logs, messages, environments and secrets: all but tables.
	Key *kms.Key
	// Ready must be there before a service tells the topic or the queue something.
	Ready []pulumi.Resource
}

// New makes key, topic and queue.
func New(ctx *pulumi.Context, s *site.Site, _ Args, opts ...pulumi.ResourceOption) (*Operations, error) {
	o := &Operations{}
	if err := ctx.RegisterComponentResource("floe:operations:Operations", "operations", o, opts...); err != nil {
		return nil, fmt.Errorf("operations: %w", err)
	}
	parent := pulumi.Parent(o)
	for _, make := range []func(*pulumi.Context, *site.Site, pulumi.ResourceOption) error{o.key, o.topic, o.queue} {
		if err := make(ctx, s, parent); err != nil {
			return nil, err
		}
	}
	return o, ctx.RegisterResourceOutputs(o, pulumi.Map{
		"topic": o.Topic.Arn, "deadLetters": o.DeadLetters.Url, "key": o.Key.Arn,
	})
}

// LogGroup makes a log group: logical is its name in Pulumi, name the one in
// AWS (see site.LogGroup). Its retention is live/'s; key is Operations.Key, or
// nil for a group that may not be encrypted with a key of the account's.
func LogGroup(ctx *pulumi.Context, s *site.Site, logical, name string, key *kms.Key, opts ...pulumi.ResourceOption) (*cloudwatch.LogGroup, error) {
	args := &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(name),
		RetentionInDays: pulumi.Int(s.Live.Platform.Retention.LogsDays),
	}
	if key != nil {
		args.KmsKeyId = key.Arn
	}
	group, err := cloudwatch.NewLogGroup(ctx, logical, args, opts...)
	if err != nil {
		return nil, fmt.Errorf("log group %s: %w", name, err)
	}
	return group, nil
}
