package orchestration

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/runner"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
)

// mostNamed is how many characters of names fit in a role's 10,240 beside the
// statements themselves.
const mostNamed = 7_000

// when is a statement's conditions: operator -> key -> values.
type when = map[string]map[string][]string

func each(runners map[string]runner.Runner) []runner.Runner {
	var all []runner.Runner
	for _, step := range slices.Sorted(maps.Keys(runners)) {
		all = append(all, runners[step])
	}
	return all
}

// rights are what a machine's role may do: call its steps, tell the topic, and
// keep its logs and traces.
func (o *Orchestration) rights(m *machine, runners map[string]runner.Runner) ([]grant.Statement, error) {
	s := o.site
	functions, families, roles := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range runners {
		if r.Kind == live.Lambda {
			functions[r.FunctionARN] = true
			continue
		}
		families[s.ARN("ecs", "task-definition/"+r.Family+":*")] = true
		for _, role := range r.Roles {
			roles[role] = true
		}
	}
	length := 0
	for _, names := range []map[string]bool{functions, families, roles} {
		for name := range names {
			length += len(name) + 3
		}
	}
	if length > mostNamed {
		return nil, fault.New(fault.Usage, fmt.Errorf("found steps with %d functions and %d tasks, whose names have %d characters; at most %d fit in a role", len(functions), len(families), length, mostNamed),
			"make two workflows of it")
	}
	key := o.args.Operations.Key.Arn
	all := []grant.Statement{
		{Sid: "Tell", Actions: []string{"sns:Publish"}, Resources: grant.On(o.args.Operations.TopicARN)},
		useKey("TellEncrypted", key, when{"StringEquals": {"kms:ViaService": {s.ServicePrincipal("sns." + s.Region)}}}),
		// Neither of these two knows resources.
		{Sid: "Logs", Resources: grant.On("*"), Actions: []string{
			"logs:CreateLogDelivery", "logs:CreateLogStream", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
			"logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutLogEvents", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
		}},
		{Sid: "Traces", Resources: grant.On("*"), Actions: []string{
			"xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
		}},
	}
	if len(functions) > 0 {
		all = append(all, grant.Statement{Sid: "Functions", Actions: []string{"lambda:InvokeFunction"}, Resources: grant.On(slices.Sorted(maps.Keys(functions))...)})
	}
	if len(families) > 0 {
		all = append(all, o.tasks(families, roles)...)
	}
	if s.Production() {
		own := useKey("OwnLogs", key, when{"ArnLike": {"kms:EncryptionContext:SourceArn": {s.ARN("logs", "*")}}})
		own.Actions = []string{"kms:GenerateDataKey"}
		all = append(all, o.ownKey(m), own)
	}
	return all, nil
}

// tasks are the rights to run tasks and to follow them to their end.
func (o *Orchestration) tasks(families, roles map[string]bool) []grant.Statement {
	s, cluster := o.site, o.args.Transformation.Cluster
	inCluster := when{"ArnEquals": {"ecs:cluster": {cluster.ARN}}}
	run := grant.On(s.ARN("ecs", "task/"+cluster.Name+"/*"))
	return []grant.Statement{
		{Sid: "Tasks", Actions: []string{"ecs:RunTask"}, Resources: grant.On(slices.Sorted(maps.Keys(families))...), When: inCluster},
		{Sid: "FollowTasks", Actions: []string{"ecs:DescribeTasks", "ecs:StopTask"}, Resources: run, When: inCluster},
		{Sid: "TagTasks", Actions: []string{"ecs:TagResource"}, Resources: run, When: when{"StringEquals": {"ecs:CreateAction": {"RunTask"}}}},
		{Sid: "TaskRoles", Actions: []string{"iam:PassRole"}, Resources: grant.On(slices.Sorted(maps.Keys(roles))...),
			When: when{"StringEquals": {"iam:PassedToService": {s.ServicePrincipal("ecs-tasks")}}}},
		// Step Functions hears of a task's end (.sync) through this rule, which it makes itself.
		{Sid: "TaskEvents", Actions: []string{"events:DescribeRule", "events:PutRule", "events:PutTargets"},
			Resources: grant.On(s.ARN("events", "rule/StepFunctionsGetEventsForECSTaskRule"))},
	}
}

// ownKey is the right to a machine's own data, where the stack's key encrypts it.
func (o *Orchestration) ownKey(m *machine) grant.Statement {
	return useKey("OwnData", o.args.Operations.Key.Arn, when{"StringEquals": {"kms:EncryptionContext:aws:states:stateMachineArn": {m.arn}}})
}

func useKey(sid string, key pulumi.StringInput, only when) grant.Statement {
	return grant.Statement{Sid: sid, Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: []pulumi.StringInput{key}, When: only}
}

// starts are the rights of what starts a machine: a schedule or a rule.
func (o *Orchestration) starts(m *machine) []grant.Statement {
	all := []grant.Statement{{Sid: "Start", Actions: []string{"states:StartExecution"}, Resources: grant.On(m.arn)}}
	if o.site.Production() {
		all = append(all, o.ownKey(m))
	}
	return all
}

// scheduled are the rights of a schedule: to start, to read itself, and to put
// what it could not start into the dead letters.
func (o *Orchestration) scheduled(m *machine, schedule string) []grant.Statement {
	s, ops := o.site, o.args.Operations
	read := useKey("OwnInput", ops.Key.Arn, when{"StringEquals": {"kms:EncryptionContext:aws:scheduler:schedule:arn": {schedule}}})
	read.Actions = []string{"kms:Decrypt"}
	return append(o.starts(m), read,
		grant.Statement{Sid: "DeadLetters", Actions: []string{"sqs:SendMessage"}, Resources: grant.On(ops.DeadLettersARN)},
		useKey("DeadLettersEncrypted", ops.Key.Arn, when{"StringEquals": {"kms:ViaService": {s.ServicePrincipal("sqs." + s.Region)}}}),
	)
}

// groupName is the schedule group of the stack.
func (o *Orchestration) groupName() string { return o.site.Name(site.Schedule) }
