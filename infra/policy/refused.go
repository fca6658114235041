package policy

import (
	"slices"
	"strings"
)

// refusals want what a network refuses to be noted, counted where it wanted to
// go out, and an alarm of how much it was.
func (p *Plan) refusals(vpc resource) []Finding {
	for _, f := range p.naming(vpc, flowLogType, "vpcId") {
		group, ok := p.known(logGroupType, strings.TrimSuffix(f.text("logDestination"), ":*"))
		if !ok || f.text("trafficType") != "REJECT" {
			continue
		}
		for _, counter := range p.naming(group, filterType, "logGroupName") {
			if outgoing(f.text("logFormat"), counter.text("pattern"), counter.text("metricTransformation.value")) && slices.ContainsFunc(p.of(alarmType), counter.refuses) {
				return nil
			}
		}
	}
	return one(broken(vpc, "FlowLog, LogMetricFilter, MetricAlarm", "none",
		"a FlowLog of REJECT to a log group of the stack, a LogMetricFilter that counts the packets of its lines of egress, and an alarm of their sum"))
}

// outgoing says whether a pattern of a line's fields fits the format, and counts
// the packets of what wanted to go out.
func outgoing(format, pattern, value string) bool {
	fields, terms := strings.Fields(format), strings.Split(strings.Trim(pattern, "[]"), ",")
	if len(fields) != len(terms) {
		return false // it would match no line
	}
	egress, packets := false, false
	for i, field := range fields {
		term := strings.TrimSpace(terms[i])
		egress = egress || field == "${flow-direction}" && strings.HasSuffix(term, "=egress") && !strings.Contains(term, "!")
		packets = packets || field == "${packets}" && value == "$"+term
	}
	return egress && packets
}

// manyRefused are the packets of which somebody is to hear.
const manyRefused = 100

// refuses says whether an alarm looks at the sum of what a filter counts, and
// rings before it is much.
func (r resource) refuses(alarm resource) bool {
	dimensions, _ := alarm.get("dimensions").(map[string]any)
	return alarm.text("namespace") == r.text("metricTransformation.namespace") && alarm.text("metricName") == r.text("metricTransformation.name") &&
		len(dimensions) == 0 && alarm.text("statistic") == "Sum" && alarm.above() && alarm.number("threshold") <= manyRefused
}
