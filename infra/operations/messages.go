package operations

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
)

// keptSeconds is as long as SQS keeps a message: 14 days.
const keptSeconds = 14 * 24 * 60 * 60

// keyReuse is how long SQS may use one data key, in seconds: an hour.
const keyReuse = 3600

// topic makes the topic and who may tell it something.
func (o *Operations) topic(ctx *pulumi.Context, s *site.Site, parent pulumi.ResourceOption) error {
	name := s.Name(site.Topic, "alarms")
	o.TopicARN = s.ARN("sns", name)
	var err error
	o.Topic, err = sns.NewTopic(ctx, "alarms", &sns.TopicArgs{
		Name: pulumi.String(name), DisplayName: pulumi.String(s.Project + " " + s.Stack), KmsMasterKeyId: o.Key.Arn,
	}, parent)
	if err != nil {
		return fmt.Errorf("topic %s: %w", name, err)
	}
	policy, err := sns.NewTopicPolicy(ctx, "alarms", &sns.TopicPolicyArgs{Arn: o.Topic.Arn, Policy: grant.Document(topicPolicy(s, o.TopicARN)...)}, parent)
	if err != nil {
		return fmt.Errorf("policy of topic %s: %w", name, err)
	}
	o.Ready = append(o.Ready, policy)
	if s.Live.Platform.Alarms == nil {
		return nil
	}
	_, err = sns.NewTopicSubscription(ctx, "alarms-email", &sns.TopicSubscriptionArgs{
		Topic: o.Topic.Arn, Protocol: pulumi.String("email"), Endpoint: pulumi.String(s.Live.Platform.Alarms.Email),
	}, parent)
	if err != nil {
		return fmt.Errorf("subscription of %s to topic %s: %w", s.Live.Platform.Alarms.Email, name, err)
	}
	return nil
}

func topicPolicy(s *site.Site, arn string) []grant.Statement {
	return []grant.Statement{
		{Sid: "Tell", Actions: []string{"sns:Publish"}, Resources: grant.On(arn),
			Services: []string{s.ServicePrincipal("cloudwatch"), s.ServicePrincipal("events")}, When: ofAccount(s)},
		{Sid: "TLS", Deny: true, Actions: []string{"sns:Publish"}, Resources: grant.On(arn), Principals: []string{"*"}, When: withoutTLS()},
	}
}

// queue makes the queue of dead letters. Scheduler and Lambda put theirs there
// in the name of a role; EventBridge's rules are named in the policy.
func (o *Operations) queue(ctx *pulumi.Context, s *site.Site, parent pulumi.ResourceOption) error {
	name := s.Name(site.Queue, "dead-letters")
	o.DeadLettersARN = s.ARN("sqs", name)
	var err error
	o.DeadLetters, err = sqs.NewQueue(ctx, "dead-letters", &sqs.QueueArgs{
		Name: pulumi.String(name), MessageRetentionSeconds: pulumi.Int(keptSeconds),
		KmsMasterKeyId: o.Key.Arn, KmsDataKeyReusePeriodSeconds: pulumi.Int(keyReuse),
	}, parent)
	if err != nil {
		return fmt.Errorf("queue %s: %w", name, err)
	}
	policy, err := sqs.NewQueuePolicy(ctx, "dead-letters", &sqs.QueuePolicyArgs{
		QueueUrl: o.DeadLetters.Url, Policy: grant.Document(queuePolicy(s, o.DeadLettersARN)...),
	}, parent)
	if err != nil {
		return fmt.Errorf("policy of queue %s: %w", name, err)
	}
	o.Ready = append(o.Ready, policy)
	return nil
}

func queuePolicy(s *site.Site, arn string) []grant.Statement {
	fromRules := when{
		"StringEquals": {"aws:SourceAccount": {s.Account}},
		"ArnLike":      {"aws:SourceArn": {s.ARN("events", "rule/*")}},
	}
	return []grant.Statement{
		{Sid: "Rules", Actions: []string{"sqs:SendMessage"}, Resources: grant.On(arn), Services: []string{s.ServicePrincipal("events")}, When: fromRules},
		{Sid: "TLS", Deny: true, Actions: []string{"sqs:*"}, Resources: grant.On(arn), Principals: []string{"*"}, When: withoutTLS()},
	}
}

func ofAccount(s *site.Site) when {
	return when{"StringEquals": {"aws:SourceAccount": {s.Account}}}
}

func withoutTLS() when {
	return when{"Bool": {"aws:SecureTransport": {"false"}}}
}
