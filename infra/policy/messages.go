package policy

import (
	"cmp"
	"strings"
)

const (
	queueType = "sqs/queue:Queue"
	topicType = "sns/topic:Topic"
	alarmType = "cloudwatch/metricAlarm:MetricAlarm"
)

var messageRules = []Rule{
	{Row: 58, Title: "queues are encrypted, closed and watched, and what fails is kept", IDs: []string{"SQS.1", "SQS.3", "CKV_AWS_27", "CKV_AWS_72", "CKV_AWS_168", "CKV_AWS_387", "CKV2_AWS_73", "F20", "F21", "W18", "W48"}, Severity: Must,
		Fix: "give the queue a key, a policy that refuses plain HTTP, an alarm of its oldest message, and a redrive policy unless it holds dead letters", Check: queues},
	{Row: 59, Title: "topics are encrypted and closed", IDs: []string{"SNS.1", "SNS.4", "CKV_AWS_26", "CKV_AWS_169", "CKV_AWS_385", "F18", "W19", "W47"}, Severity: Must,
		Fix: "give the topic a key and a policy that names who publishes and refuses plain HTTP", Check: topics},
}

// closedPolicy looks at the policy of a queue or a topic: nothing of action
// comes to it without TLS.
func closedPolicy(r, of resource, action string) []Finding {
	all := open(r, "policy")
	if !refused(r.policies["policy"], action, []string{of.ARN}, plainText) {
		all = append(all, broken(r, "policy", "plain HTTP is not denied", "a statement that denies everybody %s where aws:SecureTransport is false, whatever else", action))
	}
	return all
}

// unsaid is for how many seconds a queue keeps messages that says nothing of it.
const unsaid = 345600

func queues(p *Plan) []Finding {
	return each(p.of(queueType), func(q resource) []Finding {
		all := p.keyed(q, "kmsMasterKeyId")
		if q.text("redrivePolicy") == "" && !p.deadLetters(q) {
			all = append(all, broken(q, "redrivePolicy", "", "a queue for what fails"))
		}
		lost := cmp.Or(q.number("messageRetentionSeconds"), unsaid)
		if !p.rings("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", q.text("name"), func(a resource) bool { return a.above() && a.number("threshold") < lost }) {
			all = append(all, broken(q, "MetricAlarm", "none", "an alarm of ApproximateAgeOfOldestMessage before %.0f seconds, when a message is lost", lost))
		}
		all = append(all, open(q, "policy")...)
		policies := 0
		for _, other := range p.of("sqs/queuePolicy:QueuePolicy") {
			if strings.HasSuffix(other.text("queueUrl"), "/"+q.text("name")) {
				policies++
				all = append(all, closedPolicy(other, q, "sqs:*")...)
			}
		}
		if policies == 0 {
			all = append(all, broken(q, "QueuePolicy", "none", "one that refuses plain HTTP"))
		}
		return all
	})
}

// deadLetters says whether something else's failures come to a queue.
func (p *Plan) deadLetters(q resource) bool {
	for _, r := range p.all {
		for _, property := range []string{"destinationConfig.onFailure.destination", "target.deadLetterConfig.arn", "deadLetterConfig.arn"} {
			if r.text(property) == q.ARN {
				return true
			}
		}
		if strings.Contains(r.text("redrivePolicy"), q.ARN) {
			return true
		}
	}
	return false
}

// atOnce says whether an alarm rings at the first of what it counts.
func (r resource) atOnce() bool { return r.above() && r.number("threshold") <= 1 }

// above says whether an alarm rings when its figure is reached or passed.
func (r resource) above() bool {
	return strings.HasPrefix(r.text("comparisonOperator"), "GreaterThan")
}

// rings says whether an alarm of a metric of something is right.
func (p *Plan) rings(namespace, metric, dimension, value string, right func(alarm resource) bool) bool {
	for _, a := range p.of(alarmType) {
		if !right(a) {
			continue
		}
		if a.text("namespace") == namespace && a.text("metricName") == metric && a.text("dimensions."+dimension) == value {
			return true
		}
		for _, q := range a.list("metricQueries") {
			if at(q, "metric.namespace") == namespace && at(q, "metric.metricName") == metric && at(q, "metric.dimensions."+dimension) == value {
				return true
			}
		}
	}
	return false
}

func topics(p *Plan) []Finding {
	return each(p.of(topicType), func(t resource) []Finding {
		all := append(p.keyed(t, "kmsMasterKeyId"), open(t, "policy")...)
		return append(all, p.beside(t, "sns/topicPolicy:TopicPolicy", "arn", func(r resource) []Finding {
			return closedPolicy(r, t, "sns:Publish") // SNS takes no sns:* in a topic's policy
		})...)
	})
}
