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

// counted finds the filter that makes a metric, and the alarm that looks at it.
func counted(t *testing.T, filter, alarm string) (pattern, group string, metric, looks map[string]any) {
	t.Helper()
	all := planned(t, "prod", nil)
	for _, f := range each(all, "LogMetricFilter") {
		if f.Name == filter {
			metric, _ = f.Inputs["metricTransformation"].(map[string]any)
			pattern, group = fmt.Sprint(f.Inputs["pattern"]), fmt.Sprint(f.Inputs["logGroupName"])
		}
	}
	for _, a := range each(all, "MetricAlarm") {
		if a.Name == alarm {
			looks = a.Inputs
		}
	}
	if metric == nil || looks == nil || looks["namespace"] != metric["namespace"] || looks["metricName"] != metric["name"] {
		t.Fatalf("%s makes %v, and %s looks at %v", filter, metric, alarm, looks)
	}
	return pattern, group, metric, looks
}

// TestSecretAge: the metric that the filter makes is the one that the alarm looks at.
func TestSecretAge(t *testing.T) {
	pattern, group, metric, looks := counted(t, "secret-shop-age", "secret-shop-old")
	if pattern != "{ $.secret_age_days = * }" || group != "/aws/lambda/floe-prod-ingest-shop" || fmt.Sprint(metric["dimensions"]) != "map[Secret:$.secret]" || metric["value"] != "$.secret_age_days" {
		t.Errorf("%s of %s: %v", pattern, group, metric)
	}
	if looks["threshold"] != 90.0 || looks["treatMissingData"] != unknown || fmt.Sprint(looks["dimensions"]) != "map[Secret:floe-prod-shop-auth]" {
		t.Errorf("%v", looks)
	}
}

// TestNetworkRefuses: the pattern counts the packets of lines of the format
// that wanted to go out, and two stacks of an account have each a metric.
func TestNetworkRefuses(t *testing.T) {
	pattern, group, metric, looks := counted(t, "network-refused", "network-refused")
	if RefusedFormat() != "${flow-direction} ${packets} ${interface-id} ${srcaddr} ${srcport} ${dstaddr} ${dstport} ${protocol} ${start}" ||
		pattern != "[flow_direction=egress, packets, interface_id, srcaddr, srcport!=443, dstaddr, dstport, protocol, start]" || metric["value"] != "$packets" {
		t.Errorf("%s of %s: %v", pattern, RefusedFormat(), metric)
	}
	if group != "/aws/vpc/floe-prod-refused" || metric["name"] != "floe-prod-network-refused-packets" || metric["dimensions"] != nil {
		t.Errorf("%s: %v", group, metric)
	}
	if looks["threshold"] != 3.0 || looks["statistic"] != "Sum" || looks["treatMissingData"] != fine || looks["dimensions"] != nil {
		t.Errorf("%v", looks)
	}
}
