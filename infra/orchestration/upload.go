package orchestration

import (
	"fmt"
	"slices"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/live"
)

// uploads lets the landing bucket tell EventBridge of what is put into it,
// where a workflow wants to know. A bucket has one such setting: no other
// component may make it.
func (o *Orchestration) uploads(ctx *pulumi.Context) error {
	if !slices.ContainsFunc(o.site.Live.Pipelines.Workflows, func(w live.Workflow) bool { return w.OnUpload != "" }) {
		return nil
	}
	bucket := o.args.Storage.Landing
	_, err := s3.NewBucketNotification(ctx, "uploads", &s3.BucketNotificationArgs{
		Bucket: pulumi.String(bucket.Name), Eventbridge: pulumi.Bool(true),
	}, pulumi.Parent(o), pulumi.DependsOn(bucket.Ready))
	if err != nil {
		return fmt.Errorf("events of bucket %s: %w", bucket.Name, err)
	}
	return nil
}

// upload starts a workflow when a file is put below its prefix.
func (o *Orchestration) upload(ctx *pulumi.Context, w live.Workflow, m *machine) error {
	s, ops, parent := o.site, o.args.Operations, pulumi.Parent(o)
	name, logical := s.Name(site.Rule, w.Name, "upload"), "upload-"+w.Name
	role, err := grant.NewRole(ctx, s, logical, grant.RoleArgs{
		Parts: []string{"upload", w.Name}, Service: "events", Source: s.ARN("events", "rule/"+name),
		Description: fmt.Sprintf("%s %s: starts workflow %s on an upload", s.Project, s.Stack, w.Name), Statements: o.starts(m),
	}, parent)
	if err != nil {
		return err
	}
	pattern, err := plainJSON(map[string]any{
		"source": []string{"aws.s3"}, "detail-type": []string{"Object Created"},
		"detail": map[string]any{
			"bucket": map[string]any{"name": []string{o.args.Storage.Landing.Name}},
			"object": map[string]any{"key": []any{map[string]string{"prefix": w.OnUpload}}},
		},
	})
	if err != nil {
		return err
	}
	rule, err := cloudwatch.NewEventRule(ctx, logical, &cloudwatch.EventRuleArgs{
		Name: pulumi.String(name), Description: pulumi.Sprintf("%s %s: a file below %s starts workflow %s", s.Project, s.Stack, w.OnUpload, w.Name),
		EventPattern: pulumi.String(pattern), State: pulumi.String("ENABLED"),
	}, parent)
	if err != nil {
		return fmt.Errorf("rule %s: %w", name, err)
	}
	needs := append([]pulumi.Resource{role.Policy, o.args.Ingestion.Evolved}, m.ready...)
	_, err = cloudwatch.NewEventTarget(ctx, logical, &cloudwatch.EventTargetArgs{
		Rule: rule.Name, TargetId: pulumi.String("workflow"), Arn: m.made.Arn, RoleArn: role.Arn,
		InputTransformer: cloudwatch.EventTargetInputTransformerArgs{
			InputPaths:    pulumi.StringMap{"key": pulumi.String("$.detail.object.key"), "at": pulumi.String("$.time")},
			InputTemplate: pulumi.String(`{"trigger":"upload","key":<key>,"at":<at>}`),
		},
		DeadLetterConfig: cloudwatch.EventTargetDeadLetterConfigArgs{Arn: pulumi.String(ops.DeadLettersARN)},
		RetryPolicy: cloudwatch.EventTargetRetryPolicyArgs{
			MaximumEventAgeInSeconds: pulumi.Int(int(ageInTime / time.Second)), MaximumRetryAttempts: pulumi.Int(tries),
		},
	}, parent, pulumi.DependsOn(needs))
	if err != nil {
		return fmt.Errorf("target of rule %s: %w", name, err)
	}
	return nil
}
