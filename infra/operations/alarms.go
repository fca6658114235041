package operations

import (
	"fmt"
	"time"
)

// What missing data means: of a metric that is there only when something
// happened, that nothing did; of one that tells that all is well, that it is not.
// One that is told now and then is as it was.
const (
	fine    = "notBreaching"
	broken  = "breaching"
	unknown = "ignore"
)

const day = 24 * time.Hour

func see(heading, anchor string) string {
	return fmt.Sprintf("See %s#%s (%s).", Runbook, anchor, heading)
}

// deadLetters watch the queue: that something is in it, and that nobody takes
// it out before SQS throws it away.
func (w *watcher) deadLetters(queue string) []alarm {
	one := alarm{
		name: "dead-letters", space: "AWS/SQS", metrics: []string{"ApproximateNumberOfMessagesVisible"}, dimension: [2]string{"QueueName", queue},
		statistic: "Maximum", threshold: 1, period: 5 * time.Minute, periods: 1, missing: fine,
		says: "an event could not be handed over, it is in the queue " + queue,
		do:   "Read it, mend the cause, start the workflow by hand, delete it. " + see("Dead letters", "dead-letters"),
	}
	old := one
	old.name, old.metrics, old.threshold = "dead-letters-old", []string{"ApproximateAgeOfOldestMessage"}, (4 * day).Seconds()
	old.says = "a dead letter is 4 days old, after 14 it is lost"
	return []alarm{one, old}
}

// workflow watches that runs do not fail, and that they succeed when they should.
func (w *watcher) workflow(f Workflow) []alarm {
	all := []alarm{{
		name: "workflow-" + f.Name + "-failed", space: "AWS/States", metrics: []string{
			// The last three are of runs that were redriven.
			"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "RedrivenExecutionsFailed", "RedrivenExecutionsTimedOut", "RedrivenExecutionsAborted",
		},
		dimension: [2]string{"StateMachineArn", f.Machine}, statistic: "Sum", threshold: 1, period: 5 * time.Minute, periods: 1, missing: fine,
		says: "workflow " + f.Name + " failed, took too long or was aborted",
		do:   "The topic told the step and the cause; mend it and redrive the execution. " + see("A workflow failed", "a-workflow-failed"),
	}}
	if period, periods, ok := lookBack(f); ok {
		all = append(all, alarm{
			name: "workflow-" + f.Name + "-late", space: "AWS/States", metrics: []string{"ExecutionsSucceeded", "RedrivenExecutionsSucceeded"},
			dimension: [2]string{"StateMachineArn", f.Machine}, statistic: "Sum", below: true, threshold: 1, period: period, periods: periods, missing: broken,
			says: fmt.Sprintf("workflow %s, which is to run at %s, had no success for %s (or never yet)", f.Name, f.Schedule, time.Duration(periods)*period),
			do:   "Look whether its schedule is on, whether a run hangs or fails, and for dead letters. " + see("A workflow is late", "a-workflow-is-late"),
		})
	}
	return all
}

// lookBack is how long a scheduled workflow may go without a success: the
// longest gap between two starts, the window in which it starts, and what a run
// may take. CloudWatch looks back a day in periods of minutes, and a week in
// periods of an hour: a workflow of which a week says nothing has no such
// alarm (its failures, and its schedule's dead letters, are told all the same).
func lookBack(f Workflow) (period time.Duration, periods int, ok bool) {
	if f.Schedule == "" {
		return 0, 0, false
	}
	between, known := Gap(f.Schedule)
	least := between + Flexible + time.Hour
	if !known || least > 7*day {
		return 0, 0, false
	}
	all := min(between+Flexible+max(f.Takes, time.Hour), 7*day)
	period = 5 * time.Minute
	if all > day {
		period = time.Hour
	}
	return period, int((all + period - 1) / period), true
}

// function watches a function's errors. Step Functions tries it again, so that
// one error need not be a failure; it is told because it costs, and often is
// the first sign.
func (w *watcher) function(name, function string) alarm {
	return alarm{
		name: "function-" + name + "-errors", space: "AWS/Lambda", metrics: []string{"Errors"}, dimension: [2]string{"FunctionName", function},
		statistic: "Sum", threshold: 1, period: 5 * time.Minute, periods: 1, missing: fine,
		says: "function " + function + " failed",
		do:   "Its log group /aws/lambda/" + function + " holds the error and what to do next. " + see("A function failed", "a-function-failed"),
	}
}

// workgroup watches what queries read, which is what Athena is paid for.
func (w *watcher) workgroup(name, workgroup string) alarm {
	gb := w.site.Live.Platform.Athena.GBPerDay
	return alarm{
		name: "athena-" + name + "-bytes", space: "AWS/Athena", metrics: []string{"ProcessedBytes"}, dimension: [2]string{"WorkGroup", workgroup},
		statistic: "Sum", threshold: float64(gb) * 1e9, period: day, periods: 1, missing: fine,
		says: fmt.Sprintf("queries of workgroup %s read %d GB in a day (live/%s/platform.yaml: athena.gb_per_day)", workgroup, gb, w.site.Stack),
		do:   "Find the query in the workgroup's history; narrow it, or raise the figure. " + see("Athena reads much", "athena-reads-much"),
	}
}
