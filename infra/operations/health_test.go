package operations

import (
	"fmt"
	"strings"
	"testing"
)

// TestHealth: every alarm of the stack is in the one over all.
func TestHealth(t *testing.T) {
	all := planned(t, "prod", nil)
	health := each(all, "CompositeAlarm")
	if len(health) != 1 {
		t.Fatalf("%d composite alarms", len(health))
	}
	rule, ok := health[0].Inputs["alarmRule"].(string)
	alarms := each(all, "MetricAlarm")
	if !ok || strings.Count(rule, "ALARM(") != len(alarms) {
		t.Errorf("%d alarms, and the rule %s", len(alarms), rule)
	}
	for _, a := range alarms {
		if name, ok := a.Inputs["name"].(string); !ok || !strings.Contains(rule, `ALARM("`+name+`")`) {
			t.Errorf("%v is not in %s", a.Inputs["name"], rule)
		}
	}
}

// TestRules: CloudWatch takes a hundred alarms and 10,240 characters at once.
func TestRules(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 500} {
		for _, length := range []int{10, 255} {
			names := make([]string, n)
			for i := range names {
				names[i] = fmt.Sprintf("%0*d", length, i)
			}
			made := rules(names)
			for _, rule := range made {
				if len(rule) > 10_240 || strings.Count(rule, "ALARM(") > 100 || strings.HasSuffix(rule, " OR ") {
					t.Errorf("%d alarms: a rule of %d characters names %d", n, len(rule), strings.Count(rule, "ALARM("))
				}
			}
			if got := strings.Count(strings.Join(made, ""), "ALARM("); got != n {
				t.Errorf("%d of %d alarms are named", got, n)
			}
		}
	}
}

// TestSecretAge: the metric that the filter makes is the one that the alarm looks at.
func TestSecretAge(t *testing.T) {
	all := planned(t, "prod", nil)
	filters := each(all, "LogMetricFilter")
	if len(filters) != 1 {
		t.Fatalf("%d filters", len(filters))
	}
	in := filters[0].Inputs
	to, _ := in["metricTransformation"].(map[string]any)
	if in["pattern"] != "{ $.secret_age_days = * }" || in["logGroupName"] != "/aws/lambda/floe-prod-ingest-shop" || fmt.Sprint(to["dimensions"]) != "map[Secret:$.secret]" || to["value"] != "$.secret_age_days" {
		t.Errorf("%v", in)
	}
	for _, a := range each(all, "MetricAlarm") {
		if a.Name != "secret-shop-old" {
			continue
		}
		if a.Inputs["namespace"] != to["namespace"] || a.Inputs["metricName"] != to["name"] || a.Inputs["threshold"] != 90.0 || a.Inputs["treatMissingData"] != unknown ||
			fmt.Sprint(a.Inputs["dimensions"]) != "map[Secret:floe-prod-shop-auth]" {
			t.Errorf("%v", a.Inputs)
		}
		return
	}
	t.Error("nothing looks at the secret's age")
}
