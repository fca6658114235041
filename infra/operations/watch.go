package operations

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
)

// WatchArgs is what alarms are about. What is left empty is not watched.
type WatchArgs struct {
	Operations *Operations
	Workflows  []Workflow
	// Functions are names of Lambda functions by what they do: ingest-chess, evolve.
	Functions map[string]string
	// Workgroups are names of Athena's workgroups by what they are for: transform.
	Workgroups map[string]string
	// Secrets are those of sources, by the source.
	Secrets map[string]Secret
	// Refusals is where the network notes what it refused.
	Refusals Refusals
	// Others are the names of alarms that other components make in the stack's
	// region, and Ready is what makes them.
	Others []string
	Ready  []pulumi.Resource
}

// Workflow is a workflow that is watched.
type Workflow struct {
	Name    string
	Machine string // ARN of the state machine
	// Schedule is its cron(…) or rate(…); "" for one without, or whose schedule does not count.
	Schedule string
	// Takes is the longest that a run may take.
	Takes time.Duration
}

// Flexible is the window in which a schedule starts its workflow.
const Flexible = 15 * time.Minute

// Watch makes the alarms, and one over them all. Each is told to the topic when
// it begins and when it ends, and names what to do.
func Watch(ctx *pulumi.Context, s *site.Site, args WatchArgs, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	if args.Operations == nil {
		return nil, fmt.Errorf("alarms: Operations is missing; give the component that has the topic")
	}
	w := &watcher{ctx: ctx, site: s, topic: args.Operations.Topic.Arn}
	if err := ctx.RegisterComponentResource("floe:operations:Watch", "watch", w, opts...); err != nil {
		return nil, fmt.Errorf("alarms: %w", err)
	}
	all := w.deadLetters(s.Name(site.Queue, "dead-letters"))
	for _, f := range args.Workflows {
		all = append(all, w.workflow(f)...)
	}
	for _, name := range slices.Sorted(maps.Keys(args.Functions)) {
		all = append(all, w.function(name, args.Functions[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(args.Workgroups)) {
		all = append(all, w.workgroup(name, args.Workgroups[name]))
	}
	for _, source := range slices.Sorted(maps.Keys(args.Secrets)) {
		a, err := w.secret(source, args.Secrets[source])
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	if args.Refusals.LogGroup != "" {
		a, err := w.refusals(args.Refusals)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	made := slices.Clone(args.Ready)
	for _, a := range all {
		one, err := w.make(a)
		if err != nil {
			return nil, err
		}
		made = append(made, one)
	}
	if err := w.health(slices.Concat(w.names(all), args.Others), made); err != nil {
		return nil, err
	}
	return w, ctx.RegisterResourceOutputs(w, pulumi.Map{})
}

type watcher struct {
	pulumi.ResourceState
	ctx   *pulumi.Context
	site  *site.Site
	topic pulumi.StringOutput
}

// alarm is one that goes off when a metric compares with the threshold.
type alarm struct {
	name      string // its logical name, and its name's end
	says      string // what happened
	do        string // what to do, and where that is told
	space     string
	metrics   []string  // summed, where there are several
	dimension [2]string // none: the metric's name says of what it is
	statistic string
	below     bool // it goes off below the threshold, else at it and above
	threshold float64
	period    time.Duration
	periods   int
	missing   string
}

// Runbook is where people read what to do.
const Runbook = "docs/operate.md"

func (w *watcher) make(a alarm) (pulumi.Resource, error) {
	args := &cloudwatch.MetricAlarmArgs{
		Name:               pulumi.String(w.site.Name(site.Alarm, a.name)),
		AlarmDescription:   pulumi.Sprintf("%s %s: %s. %s", w.site.Project, w.site.Stack, a.says, a.do),
		AlarmActions:       pulumi.Array{w.topic},
		OkActions:          pulumi.Array{w.topic},
		ComparisonOperator: pulumi.String(map[bool]string{true: "LessThanThreshold", false: "GreaterThanOrEqualToThreshold"}[a.below]),
		Threshold:          pulumi.Float64(a.threshold),
		EvaluationPeriods:  pulumi.Int(a.periods),
		DatapointsToAlarm:  pulumi.Int(a.periods),
		TreatMissingData:   pulumi.String(a.missing),
	}
	var dimensions pulumi.StringMap
	if a.dimension[0] != "" {
		dimensions = pulumi.StringMap{a.dimension[0]: pulumi.String(a.dimension[1])}
	}
	seconds := pulumi.Int(int(a.period / time.Second))
	if len(a.metrics) == 1 {
		args.Namespace, args.MetricName, args.Dimensions = pulumi.String(a.space), pulumi.String(a.metrics[0]), dimensions
		args.Statistic, args.Period = pulumi.String(a.statistic), seconds
	} else {
		queries := cloudwatch.MetricAlarmMetricQueryArray{cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String("all"), Expression: pulumi.String("SUM(FILL(METRICS(), 0))"), Label: pulumi.String(a.says), ReturnData: pulumi.Bool(true),
		}}
		for i, m := range a.metrics {
			queries = append(queries, cloudwatch.MetricAlarmMetricQueryArgs{
				Id: pulumi.Sprintf("m%d", i+1), ReturnData: pulumi.Bool(false),
				Metric: cloudwatch.MetricAlarmMetricQueryMetricArgs{
					Namespace: pulumi.String(a.space), MetricName: pulumi.String(m), Dimensions: dimensions, Period: seconds, Stat: pulumi.String(a.statistic),
				},
			})
		}
		args.MetricQueries = queries
	}
	made, err := cloudwatch.NewMetricAlarm(w.ctx, a.name, args, pulumi.Parent(w))
	if err != nil {
		return nil, fmt.Errorf("alarm %s: %w", a.name, err)
	}
	return made, nil
}
