package orchestration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// What is not started is tried again, for an hour at most.
const (
	tries     = 10
	ageInTime = time.Hour
)

// schedule starts a workflow when its time has come.
func (o *Orchestration) schedule(ctx *pulumi.Context, w live.Workflow, m *machine) error {
	if err := project.CheckSchedule(w.Schedule); err != nil {
		return fmt.Errorf("live/%s/pipelines.yaml: schedule: %w", o.site.Stack, err)
	}
	s, ops, parent := o.site, o.args.Operations, pulumi.Parent(o)
	if err := o.scheduleGroup(ctx); err != nil {
		return err
	}
	name, logical := s.Name(site.Schedule, w.Name), "schedule-"+w.Name
	arn := s.ARN("scheduler", "schedule/"+o.groupName()+"/"+name)
	role, err := grant.NewRole(ctx, s, logical, grant.RoleArgs{
		Parts: []string{"schedule", w.Name}, Service: "scheduler", Source: s.ARN("scheduler", "schedule-group/"+o.groupName()),
		Description: fmt.Sprintf("%s %s: starts workflow %s on its schedule", s.Project, s.Stack, w.Name), Statements: o.scheduled(m, arn),
	}, parent)
	if err != nil {
		return err
	}
	input, err := startInput(m.arn)
	if err != nil {
		return err
	}
	state := map[bool]string{true: "ENABLED", false: "DISABLED"}[w.Enabled]
	needs := append([]pulumi.Resource{role.Policy, o.args.Ingestion.Evolved}, m.ready...)
	_, err = scheduler.NewSchedule(ctx, logical, &scheduler.ScheduleArgs{
		Name: pulumi.String(name), GroupName: o.group.Name, Description: pulumi.Sprintf("%s %s: workflow %s", s.Project, s.Stack, w.Name),
		ScheduleExpression: pulumi.String(w.Schedule), ScheduleExpressionTimezone: pulumi.String("UTC"), State: pulumi.String(state),
		FlexibleTimeWindow: flexible(w.Schedule), KmsKeyArn: ops.Key.Arn,
		Target: scheduler.ScheduleTargetArgs{
			Arn: pulumi.String("arn:" + s.Partition() + ":scheduler:::aws-sdk:sfn:startExecution"), RoleArn: role.Arn, Input: pulumi.String(input),
			DeadLetterConfig: scheduler.ScheduleTargetDeadLetterConfigArgs{Arn: pulumi.String(ops.DeadLettersARN)},
			RetryPolicy: scheduler.ScheduleTargetRetryPolicyArgs{
				MaximumEventAgeInSeconds: pulumi.Int(int(ageInTime / time.Second)), MaximumRetryAttempts: pulumi.Int(tries),
			},
		},
	}, parent, pulumi.DependsOn(needs))
	if err != nil {
		return fmt.Errorf("schedule %s: %w", name, err)
	}
	return nil
}

// scheduleGroup makes the stack's group, once.
func (o *Orchestration) scheduleGroup(ctx *pulumi.Context) error {
	if o.group != nil {
		return nil
	}
	var err error
	o.group, err = scheduler.NewScheduleGroup(ctx, "schedules", &scheduler.ScheduleGroupArgs{Name: pulumi.String(o.groupName())}, pulumi.Parent(o))
	if err != nil {
		return fmt.Errorf("schedule group %s: %w", o.groupName(), err)
	}
	return nil
}

// startInput is the call of StartExecution. Scheduler fills in what stands in
// angle brackets; the execution bears the name of what started it, so that a
// start that Scheduler makes twice is one run.
func startInput(machine string) (string, error) {
	input, err := plainJSON(map[string]string{"trigger": "schedule", "at": "<aws.scheduler.scheduled-time>"})
	if err != nil {
		return "", err
	}
	return plainJSON(map[string]string{"StateMachineArn": machine, "Name": "<aws.scheduler.execution-id>", "Input": input})
}

// plainJSON keeps angle brackets what they are.
func plainJSON(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", fmt.Errorf("write what starts a workflow: %w", err)
	}
	return string(bytes.TrimSpace(b.Bytes())), nil
}

// flexible spreads starts over a quarter of an hour, so that not all the world
// starts on the hour; over less where the schedule itself is narrower.
func flexible(schedule string) scheduler.ScheduleFlexibleTimeWindowArgs {
	window := operations.Flexible
	if between, known := operations.Gap(schedule); known {
		window = min(window, between/2).Truncate(time.Minute)
	}
	if window < time.Minute {
		return scheduler.ScheduleFlexibleTimeWindowArgs{Mode: pulumi.String("OFF")}
	}
	return scheduler.ScheduleFlexibleTimeWindowArgs{Mode: pulumi.String("FLEXIBLE"), MaximumWindowInMinutes: pulumi.Int(int(window / time.Minute))}
}
