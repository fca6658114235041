package replica

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/objectives"
	"github.com/floe-data/floe/infra/operations"
)

// period is what an alarm looks at.
const period = 5 * time.Minute

// watch makes the alarms. S3 counts what it could not copy in the region of the
// source, and measures the lag in that of the copy (Amazon S3, "Using S3
// Replication metrics"), where an alarm needs a topic of its own: that region
// is also the one from which to tell that this one is gone.
func (m *maker) watch() (names []string, err error) {
	topic, _, err := operations.NewTopic(m.ctx, m.there, "replica", m.pairs[0].to.Key, m.far...)
	if err != nil {
		return nil, err
	}
	for _, p := range m.pairs {
		failed := alarm{
			name: "replica-" + p.name + "-failed", metric: "OperationsFailedReplication", statistic: "Sum", threshold: 1,
			says: "S3 could not copy files of " + p.name + " to " + m.there.Region,
		}
		late := alarm{
			name: "replica-" + p.name + "-late", metric: "ReplicationLatency", statistic: "Maximum", threshold: objectives.Lag(m.here).Seconds(),
			says: fmt.Sprintf("the copy of %s is %s behind", p.name, objectives.Lag(m.here)),
		}
		if err := m.alarm(m.here, p, failed, m.args.Operations.Topic.Arn, m.with); err != nil {
			return nil, err
		}
		if err := m.alarm(m.there, p, late, topic.Arn, m.far); err != nil {
			return nil, err
		}
		names = append(names, m.here.Name(site.Alarm, failed.name))
	}
	return names, nil
}

// alarm is one that goes off when a replication's metric reaches the threshold.
type alarm struct {
	name, says        string
	metric, statistic string
	threshold         float64
}

func (m *maker) alarm(s *site.Site, p pair, a alarm, topic pulumi.StringOutput, opts []pulumi.ResourceOption) error {
	_, err := cloudwatch.NewMetricAlarm(m.ctx, a.name, &cloudwatch.MetricAlarmArgs{
		Name:             pulumi.String(s.Name(site.Alarm, a.name)),
		AlarmDescription: pulumi.Sprintf("%s %s: %s. Look why and mend it. See %s#the-replica (The replica).", s.Project, s.Stack, a.says, operations.Runbook),
		AlarmActions:     pulumi.Array{topic}, OkActions: pulumi.Array{topic},
		Namespace: pulumi.String("AWS/S3"), MetricName: pulumi.String(a.metric), Statistic: pulumi.String(a.statistic),
		Dimensions: pulumi.StringMap{
			"SourceBucket": pulumi.String(p.from.Name), "DestinationBucket": pulumi.String(p.to.Name), "RuleId": pulumi.String(ruleID),
		},
		ComparisonOperator: pulumi.String("GreaterThanOrEqualToThreshold"), Threshold: pulumi.Float64(a.threshold),
		Period: pulumi.Int(int(period.Seconds())), EvaluationPeriods: pulumi.Int(1), DatapointsToAlarm: pulumi.Int(1),
		TreatMissingData: pulumi.String("notBreaching"), // nothing is written, so nothing is copied
	}, opts...)
	if err != nil {
		return fmt.Errorf("alarm %s: %w", a.name, err)
	}
	return nil
}
