package demand

import (
	"fmt"
	"strings"

	"github.com/floe-data/floe/infra/internal/rights"
	"github.com/floe-data/floe/infra/plan"
)

// states are those of a definition in Amazon States Language, as far as they
// call something.
type states map[string]struct {
	Resource                string
	Arguments               arguments
	Parameters              arguments
	Branches                []struct{ States states }
	Iterator, ItemProcessor struct{ States states }
}

type arguments struct {
	FunctionName, TopicArn, TaskDefinition, Cluster string
}

// machine is what Step Functions does in the name of a state machine's role
// (AWS Step Functions, "IAM policies for integrated services", "Logging using
// CloudWatch Logs", "AWS X-Ray", "Encryption at rest").
func (a *Account) machine(r plan.Resource) ([]rights.Request, error) {
	var definition struct{ States states }
	if err := inner(r, "definition", &definition); err != nil {
		return nil, err
	}
	all, err := a.steps(definition.States)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Name, err)
	}
	if text(r, "loggingConfiguration", "logDestination") != "" {
		all = append(all, on("*", "logs:CreateLogDelivery", "logs:CreateLogStream", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
			"logs:ListLogDeliveries", "logs:PutLogEvents", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups")...)
	}
	if on, _ := r.Inputs["tracingConfiguration"].(map[string]any); on["enabled"] == true {
		all = append(all, onAll("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets")...)
	}
	if key := text(r, "encryptionConfiguration", "kmsKeyId"); key != "" {
		all = append(all, a.key(key, "", rights.Context{"kms:encryptioncontext:aws:states:statemachinearn": {r.ARN}}, "kms:Decrypt", "kms:GenerateDataKey")...)
		all = append(all, a.key(key, "", rights.Context{"kms:encryptioncontext:sourcearn": {a.place("arn:aws:logs:REGION:ACCOUNT:*")}}, "kms:GenerateDataKey")...)
	}
	return all, nil
}

func onAll(actions ...string) []rights.Request { return on("*", actions...) }

// steps are what each state calls.
func (a *Account) steps(of states) ([]rights.Request, error) {
	var all []rights.Request
	for name, s := range of {
		if s.Resource != "" {
			asked, err := a.step(s.Resource, s.Arguments.or(s.Parameters))
			if err != nil {
				return nil, fmt.Errorf("state %s: %w", name, err)
			}
			all = append(all, asked...)
		}
		inside := []states{s.Iterator.States, s.ItemProcessor.States}
		for _, b := range s.Branches {
			inside = append(inside, b.States)
		}
		for _, i := range inside {
			asked, err := a.steps(i)
			if err != nil {
				return nil, err
			}
			all = append(all, asked...)
		}
	}
	return all, nil
}

func (a arguments) or(b arguments) arguments {
	if a == (arguments{}) {
		return b
	}
	return a
}

func (a *Account) step(resource string, with arguments) ([]rights.Request, error) {
	switch strings.TrimPrefix(resource, "arn:aws:states:::") {
	case "lambda:invoke":
		return on(strings.TrimSuffix(with.FunctionName, ":$LATEST"), "lambda:InvokeFunction"), nil
	case "sns:publish":
		return on(with.TopicArn, "sns:Publish"), nil
	case "ecs:runTask.sync":
		return a.task(with)
	}
	return nil, fmt.Errorf("it calls %s, and nothing is known of what that needs: add it to infra/internal/rights/demand", resource)
}

// task is a Fargate task that is waited for: Step Functions runs it, stops it
// when the execution is stopped, and hears of its end through a rule of its own.
func (a *Account) task(with arguments) ([]rights.Request, error) {
	definition, ok := a.byName["aws:ecs/taskDefinition:TaskDefinition "+with.TaskDefinition]
	if !ok {
		for _, d := range a.of("aws:ecs/taskDefinition:TaskDefinition") {
			if text(d, "family") == with.TaskDefinition {
				definition, ok = d, true
			}
		}
	}
	if !ok {
		return nil, fmt.Errorf("task definition %s is not planned", with.TaskDefinition)
	}
	in := rights.Context{"ecs:cluster": {with.Cluster}}
	family := a.place("arn:aws:ecs:REGION:ACCOUNT:task-definition/" + with.TaskDefinition + ":*")
	tasks := a.place("arn:aws:ecs:REGION:ACCOUNT:task/" + with.Cluster[strings.LastIndex(with.Cluster, "/")+1:] + "/*")
	all := []rights.Request{
		{Action: "ecs:RunTask", Resource: family, Context: in},
		{Action: "ecs:DescribeTasks", Resource: tasks, Context: in},
		{Action: "ecs:StopTask", Resource: tasks, Context: in},
		{Action: "ecs:TagResource", Resource: tasks, Context: rights.Context{"ecs:createaction": {"RunTask"}}},
	}
	for _, role := range []string{"taskRoleArn", "executionRoleArn"} {
		all = append(all, rights.Request{Action: "iam:PassRole", Resource: text(definition, role), Context: rights.Context{"iam:passedtoservice": {"ecs-tasks.amazonaws.com"}}})
	}
	return append(all, on(a.place("arn:aws:events:REGION:ACCOUNT:rule/StepFunctionsGetEventsForECSTaskRule"), "events:PutRule", "events:PutTargets", "events:DescribeRule")...), nil
}
