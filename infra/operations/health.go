package operations

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
)

// What a composite alarm may name (CloudWatch, PutCompositeAlarm: AlarmRule).
const (
	mostAlarms    = 100
	mostRuleChars = 10_240
)

// health is one alarm over all others: it rings once when the first of them
// does, and once when all are silent again. A pager listens to it alone; mail
// hears of each alarm, with what to do about it. A stack with more alarms than
// one can name has more than one.
func (w *watcher) health(names []string, made []pulumi.Resource) error {
	for i, rule := range rules(names) {
		logical := "health"
		if i > 0 {
			logical = fmt.Sprintf("health-%d", i+1)
		}
		_, err := cloudwatch.NewCompositeAlarm(w.ctx, logical, &cloudwatch.CompositeAlarmArgs{
			AlarmName: pulumi.String(w.site.Name(site.Alarm, logical)),
			AlarmDescription: pulumi.Sprintf("%s %s: something is wrong. The alarm that rings says what, and what to do. %s",
				w.site.Project, w.site.Stack, see("Something is wrong", "something-is-wrong")),
			AlarmRule:    pulumi.String(rule),
			AlarmActions: pulumi.StringArray{w.topic}, OkActions: pulumi.StringArray{w.topic},
		}, pulumi.Parent(w), pulumi.DependsOn(made))
		if err != nil {
			return fmt.Errorf("alarm %s: %w", logical, err)
		}
	}
	return nil
}

func (w *watcher) names(all []alarm) []string {
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = w.site.Name(site.Alarm, a.name)
	}
	return names
}

// rules are as few as name all alarms.
func rules(names []string) []string {
	var all []string
	var open []string
	length := 0
	for _, name := range names {
		term := `ALARM("` + name + `")`
		if len(open) == mostAlarms || length+len(term)+len(" OR ") > mostRuleChars {
			all, open, length = append(all, strings.Join(open, " OR ")), nil, 0
		}
		open, length = append(open, term), length+len(term)+len(" OR ")
	}
	if len(open) > 0 {
		all = append(all, strings.Join(open, " OR "))
	}
	return all
}
