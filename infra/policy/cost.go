package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/live"
)

const (
	compositeType = "cloudwatch/compositeAlarm:CompositeAlarm"
	budgetType    = "budgets/budget:Budget"
	providerType  = "pulumi:providers:aws"
)

var costRules = []Rule{
	{Row: 117, Title: "failed and late workflows, dead letters and what a network refuses ring a bell, and each alarm names its page", Severity: Must,
		Fix: "let infra/operations watch it", Check: alarms},
	{Row: 118, Title: "somebody hears before the stack costs more than it may", Severity: Must,
		Fix: "set budget.monthly_usd in platform.yaml", Check: budgets},
	{Row: 119, Title: "everything says by tags what it belongs to", Severity: Must,
		Fix: "leave tags to the provider's defaults and to the components", Check: tags},
}

// runbook is the page that alarms name.
const runbook = "docs/operate.md"

func alarms(p *Plan) []Finding {
	all := each(p.of(machineType), func(m resource) []Finding {
		var found []Finding
		for _, metric := range []string{"ExecutionsFailed", "ExecutionsTimedOut"} {
			if !p.rings("AWS/States", metric, "StateMachineArn", m.ARN, resource.atOnce) {
				found = append(found, broken(m, "MetricAlarm", "none", "an alarm of the first of %s", metric))
			}
		}
		if p.scheduled(m) && !p.rings("AWS/States", "ExecutionsSucceeded", "StateMachineArn", m.ARN, resource.below) {
			found = append(found, broken(m, "MetricAlarm", "none", "an alarm that it had no success: ExecutionsSucceeded"))
		}
		return found
	})
	all = append(all, each(p.of(queueType), func(q resource) []Finding {
		if p.rings("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", q.text("name"), resource.atOnce) {
			return nil
		}
		return one(broken(q, "MetricAlarm", "none", "an alarm of the first of ApproximateNumberOfMessagesVisible"))
	})...)
	all = append(all, each(p.of(vpcType), p.refusals)...)
	return append(all, each(p.of(alarmType), func(a resource) []Finding {
		var found []Finding
		if !strings.Contains(a.text("alarmDescription"), runbook+"#") {
			found = append(found, broken(a, "alarmDescription", a.text("alarmDescription"), "what to do, and the heading of %s", runbook))
		}
		if !p.tells(a.list("alarmActions")) {
			found = append(found, broken(a, "alarmActions", a.get("alarmActions"), "a topic of the stack"))
		} else if a.get("actionsEnabled") == false {
			found = append(found, broken(a, "actionsEnabled", false, "true"))
		} else if p.here(a) && !p.healthy(a) {
			found = append(found, broken(a, "CompositeAlarm", "none", "one whose alarmRule names it"))
		}
		return found
	})...)
}

// below says whether an alarm rings when not even one came.
func (r resource) below() bool {
	return strings.HasPrefix(r.text("comparisonOperator"), "LessThan") && r.number("threshold") >= 1
}

// tells says whether a topic of the stack is among those that are told.
func (p *Plan) tells(actions []any) bool {
	return slices.ContainsFunc(actions, func(v any) bool {
		arn, _ := v.(string)
		return p.ours(topicType, arn)
	})
}

// here says whether an alarm tells a topic of the stack's region: one of a
// replica is in the other, where no alarm of this one can name it.
func (p *Plan) here(alarm resource) bool {
	return slices.ContainsFunc(alarm.list("alarmActions"), func(v any) bool {
		text, _ := v.(string)
		return strings.Contains(text, ":"+p.Stack.Region+":")
	})
}

// healthy says whether the alarm over all others names one.
func (p *Plan) healthy(alarm resource) bool {
	return slices.ContainsFunc(p.of(compositeType), func(c resource) bool {
		return p.tells(c.list("alarmActions")) && c.get("actionsEnabled") != false && strings.Contains(c.text("alarmRule"), `ALARM("`+alarm.text("name")+`")`)
	})
}

// scheduled says whether production starts a state machine by itself.
func (p *Plan) scheduled(m resource) bool {
	for _, s := range p.of(scheduleType) {
		if s.text("state") == "ENABLED" && strings.Contains(s.text("target.input"), `"`+m.ARN+`"`) && p.Stack.Name == live.Production {
			return true
		}
	}
	return false
}

func budgets(p *Plan) []Finding {
	if len(p.of(budgetType)) == 0 {
		return one(p.ofPlatform("budget", "nothing", "what the stack may cost in a month"))
	}
	return each(p.of(budgetType), func(b resource) []Finding {
		all := slices.Concat(b.want("budgetType", "COST"), b.want("timeUnit", "MONTHLY"), b.want("limitUnit", "USD"))
		if may := p.Stack.Platform.Budget; may == nil {
			all = append(all, broken(b, "limitAmount", b.get("limitAmount"), "what platform.yaml says: budget.monthly_usd"))
		} else if limit, err := strconv.ParseFloat(b.text("limitAmount"), 64); err != nil || limit > may.MonthlyUSD {
			all = append(all, broken(b, "limitAmount", b.get("limitAmount"), "%g, as budget.monthly_usd says, or less", may.MonthlyUSD))
		}
		for i, filter := range b.list("costFilters") {
			if !p.counts(filter) {
				all = append(all, broken(b, fmt.Sprintf("costFilters.%d", i), filter, "all that has the tag floe:stack of this stack"))
			}
		}
		for _, of := range []string{"ACTUAL", "FORECASTED"} {
			if !slices.ContainsFunc(b.list("notifications"), func(n any) bool { return at(n, "notificationType") == of && p.told(n) }) {
				all = append(all, broken(b, "notifications", "none of "+of, "one at 100 percent or before that tells a topic of the stack or an address"))
			}
		}
		return all
	})
}

// told says whether a notification reaches somebody before the ceiling is passed.
func (p *Plan) told(notification any) bool {
	topics, _ := at(notification, "subscriberSnsTopicArns").([]any)
	addresses, _ := at(notification, "subscriberEmailAddresses").([]any)
	before := at(notification, "thresholdType") == "PERCENTAGE" && at(notification, "comparisonOperator") != "LESS_THAN" && number(at(notification, "threshold")) <= 100
	return before && (len(addresses) > 0 || p.tells(topics))
}

// counts says whether a filter of a budget leaves in all that the stack costs.
func (p *Plan) counts(filter any) bool {
	values, _ := at(filter, "values").([]any)
	return at(filter, "name") == "TagKeyValue" && slices.Contains(values, any("user:floe:stack$"+p.Stack.Name))
}

// defaults are the tags that everything has.
var defaults = []string{"environment", "managed-by", "floe:project", "floe:stack"}

func tags(p *Plan) []Finding {
	wanted := defaults
	if p.Stack.Platform.Owner != "" {
		wanted = append(slices.Clone(defaults), "owner")
	}
	var all []Finding
	for _, r := range p.byType[providerType] {
		found, _ := r.get("defaultTags.tags").(map[string]any)
		for _, tag := range wanted {
			if fmt.Sprint(found[tag]) == "" || found[tag] == nil {
				all = append(all, broken(r, "defaultTags.tags."+tag, "", "a value"))
			}
		}
	}
	all = append(all, tagged(p.of(bucketType, databaseType), "floe:layer", "the layer whose data it holds")...)
	all = append(all, tagged(append(p.of(databaseType), p.tableBuckets()...), dataClass, "the highest sensitivity of what it holds")...)
	all = append(all, tagged(p.of(machineType), "floe:workflow", "the workflow's name")...)
	return append(all, each(p.of(functionType, taskType), func(r resource) []Finding {
		if source := r.source(); r.tag(pipelineTag) != source {
			return one(broken(r, "tags."+pipelineTag, r.tag(pipelineTag), "%s", cmp.Or(source, "nothing: it is of no source")))
		}
		return nil
	})...)
}

// pipelineTag says for which source's pipeline something costs.
const pipelineTag = "floe:pipeline"

// source is that of a program that loads one, as its environment says.
func (r resource) source() string {
	for _, c := range r.containers {
		variables, _ := c["environment"].([]any)
		for _, v := range variables {
			if at(v, "name") == environment.Source {
				source, _ := at(v, "value").(string)
				return source
			}
		}
	}
	return r.text("environment.variables." + environment.Source)
}

// tagged finds resources without a tag.
func tagged(resources []resource, tag, right string) []Finding {
	return each(resources, func(r resource) []Finding {
		if r.tag(tag) != "" {
			return nil
		}
		return one(broken(r, "tags."+tag, "", "%s", right))
	})
}
