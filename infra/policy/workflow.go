package policy

import (
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/live"
)

const (
	machineType  = "sfn/stateMachine:StateMachine"
	scheduleType = "scheduler/schedule:Schedule"
)

var workflowRules = []Rule{
	{Row: 50, Title: "state machines log errors and no payload", IDs: []string{"StepFunctions.1", "CKV_AWS_285"}, Severity: Must,
		Fix: "set loggingConfiguration to ERROR, without execution data, to a log group of the stack", Check: machineLogs},
	{Row: 51, Title: "state machines are traced", IDs: []string{"CKV_AWS_284"}, Severity: Must,
		Fix: "set tracingConfiguration.enabled", Check: want(machineType, "tracingConfiguration.enabled", true)},
	{Row: 52, Title: "what a state machine keeps is encrypted by a key of the stack's", Severity: Prod,
		Fix: "set encryptionConfiguration to the key", Check: func(p *Plan) []Finding {
			return each(p.of(machineType), func(m resource) []Finding {
				return append(m.want("encryptionConfiguration.type", "CUSTOMER_MANAGED_KMS_KEY"), p.keyed(m, "encryptionConfiguration.kmsKeyId")...)
			})
		}},
	{Row: 53, Title: "every step has a limit, is tried again in growing, jittered waits, and tells of its failure", Severity: Must,
		Fix: "let runtime/orchestrate write the definition", Check: patient},
	{Row: 54, Title: "a schedule that fires twice starts one run", Severity: Must,
		Fix: "name the execution by <aws.scheduler.execution-id>", Check: onceNamed},
	{Row: 55, Title: "a workflow's role names functions and task families, and passes roles to one service", IDs: []string{"IAM.21", "CKV_AWS_286", "CKV_AWS_287", "CKV_AWS_288", "CKV_AWS_289", "CKV_AWS_290", "CKV_AWS_355", "F38", "F39", "W11"}, Severity: Must,
		Fix: "name the resources, and condition iam:PassRole on iam:PassedToService", Check: workflowRoles},
	{Row: 56, Title: "schedules have a window, a dead letter queue, a key and a time zone, and are off outside production unless asked for", IDs: []string{"CKV_AWS_297"}, Severity: Must,
		Fix: "let infra/orchestration make the schedule", Check: schedules},
	{Row: 57, Title: "an event bus of one's own has a policy and an archive", IDs: []string{"EventBridge.3"}, Severity: Must,
		Fix: "give the bus an EventBusPolicy and an EventArchive, or use the default bus", Check: buses},
}

func machineLogs(p *Plan) []Finding {
	return each(p.of(machineType), func(m resource) []Finding {
		var all []Finding
		if level := m.text("loggingConfiguration.level"); level != "ERROR" && level != "ALL" {
			all = append(all, broken(m, "loggingConfiguration.level", level, "ERROR or ALL"))
		}
		if m.flag("loggingConfiguration.includeExecutionData") {
			all = append(all, broken(m, "loggingConfiguration.includeExecutionData", true, "false: logs hold no data"))
		}
		if to := m.text("loggingConfiguration.logDestination"); !p.logsHere(to) {
			all = append(all, broken(m, "loggingConfiguration.logDestination", to, "a log group of the stack"))
		}
		return all
	})
}

func patient(p *Plan) []Finding {
	var all []Finding
	for _, s := range p.steps() {
		if number(s.state["TimeoutSeconds"]) <= 0 && s.state["TimeoutSecondsPath"] == nil {
			all = append(all, s.broken("TimeoutSeconds", "", "seconds"))
		}
		retries, _ := s.state["Retry"].([]any)
		if len(retries) == 0 {
			all = append(all, s.broken("Retry", "", "a retry of throttling and of the service's errors"))
		}
		for _, r := range retries {
			if at(r, "JitterStrategy") != "FULL" || number(at(r, "BackoffRate")) <= 1 || number(at(r, "MaxDelaySeconds")) <= 0 {
				all = append(all, s.broken("Retry", r, "BackoffRate above 1, MaxDelaySeconds, and JitterStrategy FULL"))
			}
		}
		if catches, _ := s.state["Catch"].([]any); len(catches) == 0 {
			all = append(all, s.broken("Catch", "", "a Catch that tells of the failure"))
		}
	}
	return all
}

func onceNamed(p *Plan) []Finding {
	return each(p.of(scheduleType), func(s resource) []Finding {
		if input := s.text("target.input"); !strings.Contains(input, `"Name":"<aws.scheduler.execution-id>"`) {
			return one(broken(s, "target.input", input, `"Name":"<aws.scheduler.execution-id>"`))
		}
		return nil
	})
}

func workflowRoles(p *Plan) []Finding {
	return each(p.rolePolicies(), func(r resource) []Finding {
		var all []Finding
		for _, s := range r.policies["policy"] {
			if !s.allows() {
				continue
			}
			if s.has("iam:PassRole") && !s.tied("iam:PassedToService") {
				all = append(all, broken(r, s.name("policy"), "iam:PassRole to any service", "a condition on iam:PassedToService"))
			}
			for _, arn := range s.Resource {
				switch {
				case s.has("lambda:InvokeFunction") && wild(arn):
					all = append(all, broken(r, s.name("policy"), "lambda:InvokeFunction on "+arn, "functions by name"))
				case s.has("ecs:RunTask") && (!strings.HasSuffix(arn, ":*") || wild(strings.TrimSuffix(arn, ":*"))):
					all = append(all, broken(r, s.name("policy"), "ecs:RunTask on "+arn, "task-definition/<family>:*"))
				case s.has("iam:PassRole") && wild(arn):
					all = append(all, broken(r, s.name("policy"), "iam:PassRole of "+arn, "roles by name"))
				}
			}
		}
		return all
	})
}

func schedules(p *Plan) []Finding {
	return each(p.of(scheduleType), func(s resource) []Finding {
		all := append(s.want("flexibleTimeWindow.mode", "FLEXIBLE"), p.keyed(s, "kmsKeyArn")...)
		if to := s.text("target.deadLetterConfig.arn"); !p.ours(queueType, to) {
			all = append(all, broken(s, "target.deadLetterConfig.arn", to, "a queue of the stack"))
		}
		if s.text("scheduleExpressionTimezone") == "" {
			all = append(all, broken(s, "scheduleExpressionTimezone", "", "a time zone"))
		}
		if s.text("state") != "DISABLED" && p.Stack.Name != live.Production && !p.asked(s) {
			all = append(all, broken(s, "state", s.text("state"), "DISABLED outside %s, but for a workflow with enabled: true in pipelines.yaml", live.Production))
		}
		return all
	})
}

// asked says whether pipelines.yaml turns a schedule on.
func (p *Plan) asked(schedule resource) bool {
	return slices.ContainsFunc(p.Stack.Pipelines.Workflows, func(w live.Workflow) bool {
		return w.Enabled && strings.HasSuffix(schedule.Name, "-"+w.Name)
	})
}

func buses(p *Plan) []Finding {
	return each(p.of("cloudwatch/eventBus:EventBus"), func(b resource) []Finding {
		nothing := func(resource) []Finding { return nil }
		return append(p.beside(b, "cloudwatch/eventBusPolicy:EventBusPolicy", "eventBusName", nothing),
			p.beside(b, "cloudwatch/eventArchive:EventArchive", "eventSourceArn", nothing)...)
	})
}
