package budget

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/costexplorer"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/runtime/environment"
)

// When people hear of it, in percent of the ceiling.
const (
	spent    = 80  // of what AWS has counted
	expected = 100 // of what AWS expects of the month
)

// unusual is the least that an anomaly must cost to be told, as a part of the ceiling.
const unusual = 0.1

// Args are the component's.
type Args struct {
	// Operations has the topic that is told.
	Operations *operations.Operations
}

// Budget is the stack's.
type Budget struct {
	pulumi.ResourceState
}

// New makes the budget that live/ asks for; nil where it asks for none.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*Budget, error) {
	if s.Live.Platform.Budget == nil {
		return nil, nil
	}
	if args.Operations == nil {
		return nil, errors.New("budget: Operations is missing; give the component that has the topic")
	}
	b := &Budget{}
	if err := ctx.RegisterComponentResource("floe:budget:Budget", "budget", b, opts...); err != nil {
		return nil, fmt.Errorf("budget: %w", err)
	}
	// AWS looks whether it may tell the topic when it is given it.
	with := []pulumi.ResourceOption{pulumi.Parent(b), pulumi.DependsOn(args.Operations.Ready)}
	if err := month(ctx, s, args.Operations, with); err != nil {
		return nil, err
	}
	if s.Live.Platform.Budget.Anomalies {
		if err := anomalies(ctx, s, args.Operations, with); err != nil {
			return nil, err
		}
	}
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{})
}

// month is the budget of a month.
func month(ctx *pulumi.Context, s *site.Site, o *operations.Operations, with []pulumi.ResourceOption) error {
	name := s.Name(site.Budget, "month")
	_, err := budgets.NewBudget(ctx, "month", &budgets.BudgetArgs{
		Name: pulumi.String(name), BudgetType: pulumi.String("COST"), TimeUnit: pulumi.String("MONTHLY"),
		LimitAmount: pulumi.String(strconv.FormatFloat(s.Live.Platform.Budget.MonthlyUSD, 'f', -1, 64)), LimitUnit: pulumi.String("USD"),
		CostFilters: budgets.BudgetCostFilterArray{budgets.BudgetCostFilterArgs{
			Name: pulumi.String("TagKeyValue"), Values: pulumi.StringArray{pulumi.String("user:" + environment.TagStack + "$" + s.Stack)},
		}},
		// A credit or a refund would hide what the stack costs.
		CostTypes:     budgets.BudgetCostTypesArgs{IncludeCredit: pulumi.Bool(false), IncludeRefund: pulumi.Bool(false)},
		Notifications: budgets.BudgetNotificationArray{notification(s, o, "ACTUAL", spent), notification(s, o, "FORECASTED", expected)},
	}, with...)
	if err != nil {
		return fmt.Errorf("budget %s: %w", name, err)
	}
	return nil
}

func notification(s *site.Site, o *operations.Operations, of string, percent float64) budgets.BudgetNotificationArgs {
	n := budgets.BudgetNotificationArgs{
		NotificationType: pulumi.String(of), ComparisonOperator: pulumi.String("GREATER_THAN"),
		Threshold: pulumi.Float64(percent), ThresholdType: pulumi.String("PERCENTAGE"),
		SubscriberSnsTopicArns: pulumi.StringArray{o.Topic.Arn},
	}
	if a := s.Live.Platform.Alarms; a != nil {
		n.SubscriberEmailAddresses = pulumi.StringArray{pulumi.String(a.Email)}
	}
	return n
}

// anomalies watches for costs that are unusual, of this stack's resources alone.
func anomalies(ctx *pulumi.Context, s *site.Site, o *operations.Operations, with []pulumi.ResourceOption) error {
	name := s.Name(site.Budget, "anomalies")
	specification, err := json.Marshal(expression{Tags: &values{Key: environment.TagStack, Values: []string{s.Stack}}})
	if err != nil {
		return fmt.Errorf("anomaly monitor %s: write what it watches: %w", name, err)
	}
	monitor, err := costexplorer.NewAnomalyMonitor(ctx, "anomalies", &costexplorer.AnomalyMonitorArgs{
		Name: pulumi.String(name), MonitorType: pulumi.String("CUSTOM"), MonitorSpecification: pulumi.String(string(specification)),
	}, with...)
	if err != nil {
		return fmt.Errorf("anomaly monitor %s: %w", name, err)
	}
	_, err = costexplorer.NewAnomalySubscription(ctx, "anomalies", &costexplorer.AnomalySubscriptionArgs{
		Name: pulumi.String(name), Frequency: pulumi.String("IMMEDIATE"), MonitorArnLists: pulumi.StringArray{monitor.Arn},
		Subscribers: costexplorer.AnomalySubscriptionSubscriberArray{costexplorer.AnomalySubscriptionSubscriberArgs{
			Type: pulumi.String("SNS"), Address: o.Topic.Arn,
		}},
		ThresholdExpression: costexplorer.AnomalySubscriptionThresholdExpressionArgs{
			Dimension: costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs{
				Key: pulumi.String("ANOMALY_TOTAL_IMPACT_ABSOLUTE"), MatchOptions: pulumi.StringArray{pulumi.String("GREATER_THAN_OR_EQUAL")},
				Values: pulumi.StringArray{pulumi.String(strconv.FormatFloat(s.Live.Platform.Budget.MonthlyUSD*unusual, 'f', 2, 64))},
			},
		},
	}, with...)
	if err != nil {
		return fmt.Errorf("subscription to anomaly monitor %s: %w", name, err)
	}
	return nil
}

// expression is Cost Explorer's Expression (API reference). What is not said is
// null, as Cost Explorer gives it back.
type expression struct {
	And, CostCategories, Dimensions, Not, Or *struct{}
	Tags                                     *values
}

type values struct {
	Key          string
	MatchOptions []string
	Values       []string
}
