package orchestration

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sfn"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/runner"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/orchestrate"
	"github.com/floe-data/floe/runtime/project"
)

// machine is a workflow's state machine.
type machine struct {
	made  *sfn.StateMachine
	name  string
	arn   string // known at preview
	ready []pulumi.Resource
}

// keyReuse is how long a machine may use one data key, in seconds.
const keyReuse = 300

func (o *Orchestration) machine(ctx *pulumi.Context, w live.Workflow) (*machine, error) {
	s := o.site
	of, ok := s.Pipelines.Workflows[w.Name]
	if !ok {
		return nil, fmt.Errorf("live/%s/pipelines.yaml names it, and runtime/pipelines/orchestrate has no %s.yaml", s.Stack, w.Name)
	}
	runners, err := o.runners(w, of)
	if err != nil {
		return nil, err
	}
	if err := o.check(of, runners); err != nil {
		return nil, err
	}
	m := &machine{name: s.Name(site.Machine, w.Name)}
	m.arn = s.ARN("states", "stateMachine:"+m.name)
	logical, parent := "workflow-"+w.Name, pulumi.Parent(o)
	logs, err := operations.LogGroup(ctx, s, logical, s.LogGroup("vendedlogs/states", m.name), o.args.Operations.Key, parent)
	if err != nil {
		return nil, err
	}
	statements, err := o.rights(m, o.called(of, runners))
	if err != nil {
		return nil, err
	}
	role, err := grant.NewRole(ctx, s, logical, grant.RoleArgs{
		Parts: []string{"workflow", w.Name}, Service: "states", Source: m.arn,
		Description: fmt.Sprintf("%s %s: runs workflow %s", s.Project, s.Stack, w.Name), Statements: statements,
	}, parent)
	if err != nil {
		return nil, err
	}
	args := &sfn.StateMachineArgs{
		Name: pulumi.String(m.name), Type: pulumi.String("STANDARD"), Tags: pulumi.StringMap{site.TagWorkflow: pulumi.String(w.Name)}, RoleArn: role.Arn, Definition: o.definition(of, runners),
		LoggingConfiguration: sfn.StateMachineLoggingConfigurationArgs{
			Level: pulumi.String("ERROR"), IncludeExecutionData: pulumi.Bool(false), LogDestination: pulumi.Sprintf("%s:*", logs.Arn),
		},
		TracingConfiguration: sfn.StateMachineTracingConfigurationArgs{Enabled: pulumi.Bool(true)},
	}
	if s.Production() {
		args.EncryptionConfiguration = sfn.StateMachineEncryptionConfigurationArgs{
			Type: pulumi.String("CUSTOMER_MANAGED_KMS_KEY"), KmsKeyId: o.args.Operations.Key.Arn, KmsDataKeyReusePeriodSeconds: pulumi.Int(keyReuse),
		}
	}
	m.made, err = sfn.NewStateMachine(ctx, logical, args, parent, pulumi.DependsOn([]pulumi.Resource{role.Policy, logs}))
	if err != nil {
		return nil, fmt.Errorf("state machine %s: %w", m.name, err)
	}
	m.ready = append([]pulumi.Resource{m.made}, o.needs(o.called(of, runners))...)
	return m, o.watch(w, of, m)
}

// watch tells what alarms need to know.
func (o *Orchestration) watch(w live.Workflow, of *project.Workflow, m *machine) error {
	takes, err := orchestrate.Limit(of)
	if err != nil {
		return err
	}
	watched := operations.Workflow{Name: w.Name, Machine: m.arn, Takes: takes}
	if w.Enabled {
		watched.Schedule = w.Schedule
	}
	o.Watched = append(o.Watched, watched)
	return nil
}

// runners are what runs each step, by its name.
func (o *Orchestration) runners(w live.Workflow, of *project.Workflow) (map[string]runner.Runner, error) {
	found := map[string]runner.Runner{}
	for _, step := range of.Steps {
		var r runner.Runner
		switch {
		case step.Ingest != nil:
			r = o.args.Ingestion.Sources[step.Ingest.Source]
		case step.Maintain != nil:
			r = o.args.Ingestion.Maintain
		case w.Compute == live.Lambda:
			r = o.args.Transformation.Function
		default:
			r = o.args.Transformation.Task
		}
		if r.Kind == "" {
			return nil, fmt.Errorf("step %s: nothing runs it in stack %s", step.Name, o.site.Stack)
		}
		found[step.Name] = r
	}
	return found, nil
}

// governs is the name of the step that ends a workflow that transforms; no
// step of a file has a space in its name.
const governs = "the govern step"

// called are a workflow's runners and, where it makes tables, what governs them
// when all else is done.
func (o *Orchestration) called(of *project.Workflow, runners map[string]runner.Runner) map[string]runner.Runner {
	if o.args.Govern == nil || !slices.ContainsFunc(of.Steps, func(s project.Step) bool { return s.Transform != nil }) {
		return runners
	}
	all := maps.Clone(runners)
	all[governs] = o.args.Govern.Runner
	return all
}

// needs is what must be there before the steps run.
func (o *Orchestration) needs(runners map[string]runner.Runner) []pulumi.Resource {
	needs := slices.Clone(o.args.Operations.Ready)
	inside := false
	for _, r := range each(runners) {
		needs = append(needs, r.Ready...)
		inside = inside || r.Kind == live.Fargate
	}
	if inside {
		needs = append(needs, o.args.Network.Ready...)
		needs = append(needs, o.args.Transformation.Cluster.Ready...)
	}
	return needs
}

// definition is the machine's text. Subnets and security group are known only
// after they are made; what is wrong otherwise is told before.
func (o *Orchestration) definition(of *project.Workflow, runners map[string]runner.Runner) pulumi.StringOutput {
	n := o.args.Network
	return pulumi.All(n.Subnets, n.SecurityGroup).ApplyT(func(made []any) (string, error) {
		subnets, ok := made[0].([]string)
		group, ok2 := made[1].(string)
		if !ok || !ok2 {
			return "", fmt.Errorf("workflow %s: the network's subnets are a %T, its security group a %T", of.Name, made[0], made[1])
		}
		text, err := orchestrate.StateMachine(of, o.options(runners, subnets, group))
		return string(text), err
	}).(pulumi.StringOutput)
}

func (o *Orchestration) options(runners map[string]runner.Runner, subnets []string, group string) orchestrate.MachineOptions {
	s, cluster := o.site, o.args.Transformation.Cluster
	options := orchestrate.MachineOptions{
		Project: s.Project, Stack: s.Stack, Region: s.Region, Topic: o.args.Operations.TopicARN,
		KeepSnapshots: s.Live.Platform.Retention.Snapshots, Steps: map[string]orchestrate.Runs{},
	}
	if g := o.args.Govern; g != nil {
		options.Govern = &orchestrate.Govern{Function: g.Runner.FunctionARN, Spec: g.Spec}
	}
	for step, r := range runners {
		if r.Kind == live.Lambda {
			options.Steps[step] = orchestrate.Runs{Function: r.FunctionARN}
			continue
		}
		options.Steps[step] = orchestrate.Runs{Fargate: &orchestrate.Fargate{
			Cluster: cluster.ARN, TaskDefinition: r.Family, Container: r.Container, Subnets: subnets, SecurityGroup: group,
			PublicAddress: o.args.Network.PublicAddress, Spot: cluster.Spot,
		}}
	}
	return options
}

// check writes the definition with a network that is made up, so that what is
// wrong with the workflow is told before anything is planned.
func (o *Orchestration) check(of *project.Workflow, runners map[string]runner.Runner) error {
	if _, err := orchestrate.StateMachine(of, o.options(runners, []string{"subnet-0"}, "sg-0")); err != nil {
		return fault.New(fault.Kind(fault.Code(err)), fmt.Errorf("%s: %w", of.File, err), fault.Next(err))
	}
	return nil
}
