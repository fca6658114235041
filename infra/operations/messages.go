package operations

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
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

// topic makes the stack's topic.
func (o *Operations) topic(ctx *pulumi.Context, s *site.Site, parent pulumi.ResourceOption) error {
	o.TopicARN = s.ARN("sns", s.Name(site.Topic, "alarms"))
	var policy pulumi.Resource
	var err error
	o.Topic, policy, err = NewTopic(ctx, s, "alarms", o.Key, parent)
	o.Ready = append(o.Ready, policy)
	return err
}

// NewTopic makes a topic for alarms and failures, which live/'s address hears
// of, and the policy that must be there before a service tells it something.
// An alarm's topic is in the alarm's region; the key's policy must let
// CloudWatch encrypt.
func NewTopic(ctx *pulumi.Context, s *site.Site, logical string, key *kms.Key, opts ...pulumi.ResourceOption) (*sns.Topic, pulumi.Resource, error) {
	name := s.Name(site.Topic, logical)
	topic, err := sns.NewTopic(ctx, logical, &sns.TopicArgs{
		Name: pulumi.String(name), DisplayName: pulumi.String(s.Project + " " + s.Stack), KmsMasterKeyId: key.Arn,
	}, opts...)
	if err != nil {
		return nil, nil, fmt.Errorf("topic %s: %w", name, err)
	}
	policy, err := sns.NewTopicPolicy(ctx, logical, &sns.TopicPolicyArgs{Arn: topic.Arn, Policy: grant.Document(topicPolicy(s, s.ARN("sns", name))...)}, opts...)
	if err != nil {
		return nil, nil, fmt.Errorf("policy of topic %s: %w", name, err)
	}
	if s.Live.Platform.Alarms == nil {
		return topic, policy, nil
	}
	_, err = sns.NewTopicSubscription(ctx, logical+"-email", &sns.TopicSubscriptionArgs{
		Topic: topic.Arn, Protocol: pulumi.String("email"), Endpoint: pulumi.String(s.Live.Platform.Alarms.Email),
	}, opts...)
	if err != nil {
		return nil, nil, fmt.Errorf("subscription of %s to topic %s: %w", s.Live.Platform.Alarms.Email, name, err)
	}
	return topic, policy, nil
}

func topicPolicy(s *site.Site, arn string) []grant.Statement {
	return []grant.Statement{
		{Sid: "Tell", Actions: []string{"sns:Publish"}, Resources: grant.On(arn),
			Services: tellers(s), When: ofAccount(s)},
		{Sid: "TLS", Deny: true, Actions: []string{"sns:Publish"}, Resources: grant.On(arn), Principals: []string{"*"}, When: withoutTLS()},
	}
}

// tellers are the services that tell a topic something: alarms, events, and
// where there is a ceiling, what the stack costs.
func tellers(s *site.Site) []string {
	all := []string{s.ServicePrincipal("cloudwatch"), s.ServicePrincipal("events")}
	if b := s.Live.Platform.Budget; b != nil {
		all = append(all, s.ServicePrincipal("budgets"))
		if b.Anomalies {
			all = append(all, s.ServicePrincipal("costalerts"))
		}
	}
	return all
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
