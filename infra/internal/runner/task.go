package runner

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/live"
)

const (
	// diskGiB is a task's disk; Fargate takes 21 as the least that is said.
	diskGiB = 21
	// taskEnvironment keeps a task definition below the 64 KB that ECS takes.
	taskEnvironment = 32 * 1024
	// scratch is the one volume, where the program may write.
	scratch = "tmp"
)

// container is a container definition (Amazon ECS, API reference).
type container struct {
	Name             string           `json:"name"`
	Image            string           `json:"image"`
	Essential        bool             `json:"essential"`
	User             string           `json:"user"`
	ReadonlyRoot     bool             `json:"readonlyRootFilesystem"`
	StopTimeout      int              `json:"stopTimeout"`
	Environment      []variable       `json:"environment"`
	MountPoints      []mountPoint     `json:"mountPoints"`
	LinuxParameters  linuxParameters  `json:"linuxParameters"`
	LogConfiguration logConfiguration `json:"logConfiguration"`
}

type variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type mountPoint struct {
	SourceVolume  string `json:"sourceVolume"`
	ContainerPath string `json:"containerPath"`
	ReadOnly      bool   `json:"readOnly"`
}

type linuxParameters struct {
	Capabilities capabilities `json:"capabilities"`
	InitProcess  bool         `json:"initProcessEnabled"`
}

type capabilities struct {
	Drop []string `json:"drop"`
}

type logConfiguration struct {
	LogDriver string            `json:"logDriver"`
	Options   map[string]string `json:"options"`
}

// NewTask makes a task definition of Fargate, with its two roles and its log
// group. The program's role does the work; the execution role pulls the image
// and writes the logs.
func NewTask(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (Runner, error) {
	name := "task-" + args.Name
	r := Runner{Kind: live.Fargate, Family: s.Name(site.Family, args.Name), Container: args.Program}
	r.LogGroup = s.LogGroup("ecs", r.Family)
	if err := fits("task "+r.Family, s, args.Environment, args.Secret, taskEnvironment, args.Where); err != nil {
		return r, err
	}
	group, err := operations.LogGroup(ctx, s, name, r.LogGroup, args.Operations.Key, opts...)
	if err != nil {
		return r, err
	}
	if err := operations.Mask(ctx, s, name, args.Source, group, opts...); err != nil {
		return r, err
	}
	role, err := grant.NewRole(ctx, s, name, grant.RoleArgs{
		Parts: []string{"task", args.Name}, Service: "ecs-tasks", Source: s.ARN("ecs", "*"), Description: args.Description,
		Statements: append(taskStatements(s, args), args.Statements...),
	}, opts...)
	if err != nil {
		return r, err
	}
	execution, err := grant.NewRole(ctx, s, "execution-"+args.Name, grant.RoleArgs{
		Parts: []string{"execution", args.Name}, Service: "ecs-tasks", Source: s.ARN("ecs", "*"),
		Description: "starts what " + role.Name + " does", Statements: executionStatements(s, args, r),
	}, opts...)
	if err != nil {
		return r, err
	}
	needs := append([]pulumi.Resource{group, role.Policy, execution.Policy}, args.Image.Ready...)
	task, err := ecs.NewTaskDefinition(ctx, args.Name, taskArgs(s, args, r, role, execution), with(opts, args.Image.Push, pulumi.DependsOn(needs))...)
	if err != nil {
		return r, fmt.Errorf("task definition %s: %w", r.Family, err)
	}
	r.RoleARN = s.GlobalARN("iam", "role/"+role.Name)
	r.Roles = []string{r.RoleARN, s.GlobalARN("iam", "role/"+execution.Name)}
	r.Ready = []pulumi.Resource{task, role.Policy, execution.Policy}
	return r, nil
}

func taskArgs(s *site.Site, args Args, r Runner, role, execution *grant.Role) *ecs.TaskDefinitionArgs {
	p := &s.Live.Platform
	architecture := map[string]string{"arm64": "ARM64", "x86_64": "X86_64"}[p.Architecture]
	return &ecs.TaskDefinitionArgs{
		Family:                  pulumi.String(r.Family),
		RequiresCompatibilities: pulumi.StringArray{pulumi.String("FARGATE")},
		NetworkMode:             pulumi.String("awsvpc"),
		Cpu:                     pulumi.String(strconv.Itoa(p.Sizes.Task.CPU)),
		Memory:                  pulumi.String(strconv.Itoa(p.Sizes.Task.MemoryMB)),
		EphemeralStorage:        ecs.TaskDefinitionEphemeralStorageArgs{SizeInGib: pulumi.Int(diskGiB)},
		RuntimePlatform: ecs.TaskDefinitionRuntimePlatformArgs{
			CpuArchitecture: pulumi.String(architecture), OperatingSystemFamily: pulumi.String("LINUX"),
		},
		TaskRoleArn: role.Arn, ExecutionRoleArn: execution.Arn,
		Volumes:              ecs.TaskDefinitionVolumeArray{ecs.TaskDefinitionVolumeArgs{Name: pulumi.String(scratch)}},
		ContainerDefinitions: definition(s, args, r),
		Tags:                 tags(args),
	}
}

// definition is the JSON of the task's one container.
func definition(s *site.Site, args Args, r Runner) pulumi.StringOutput {
	all := variables(s, args.Environment, args.Secret)
	all["AWS_REGION"] = pulumi.String(s.Region)
	names := slices.Sorted(maps.Keys(all))
	inputs := []any{args.Image.URI}
	for _, name := range names {
		inputs = append(inputs, all[name])
	}
	return pulumi.All(inputs...).ApplyT(func(known []any) (string, error) {
		c := containerOf(s, args, r)
		c.Image, _ = known[0].(string)
		for i, name := range names {
			value, ok := known[i+1].(string)
			if !ok {
				return "", fmt.Errorf("task definition %s: %s is a %T, not a text", r.Family, name, known[i+1])
			}
			c.Environment = append(c.Environment, variable{name, value})
		}
		text, err := json.Marshal([]container{c})
		if err != nil {
			return "", fmt.Errorf("task definition %s: %w", r.Family, err)
		}
		return string(text), nil
	}).(pulumi.StringOutput)
}

// containerOf is all of a container but its image and its environment.
func containerOf(s *site.Site, args Args, r Runner) container {
	return container{
		Name: r.Container, Essential: true, User: images.User, ReadonlyRoot: true, StopTimeout: environment.StopSeconds,
		MountPoints:     []mountPoint{{SourceVolume: scratch, ContainerPath: "/tmp"}},
		LinuxParameters: linuxParameters{Capabilities: capabilities{Drop: []string{"ALL"}}, InitProcess: true},
		LogConfiguration: logConfiguration{LogDriver: "awslogs", Options: map[string]string{
			"awslogs-group": r.LogGroup, "awslogs-region": s.Region, "awslogs-stream-prefix": args.Name,
			// A program never waits for its logs; what does not fit the buffer is lost.
			"mode": "non-blocking", "max-buffer-size": "25m",
		}},
	}
}

// taskStatements are what every task may do.
func taskStatements(s *site.Site, args Args) []grant.Statement {
	out := secretStatements(args.Secret)
	if args.Secret != nil {
		out = append(out, tables.Key(s, "OperationsKey", args.Operations.Key.Arn, []string{"kms:Decrypt"}, "secretsmanager"))
	}
	return out
}

// executionStatements are what starting a task needs.
func executionStatements(s *site.Site, args Args, r Runner) []grant.Statement {
	return []grant.Statement{
		{Sid: "Token", Actions: []string{"ecr:GetAuthorizationToken"}, Resources: grant.On("*")},
		{Sid: "Pull", Actions: []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}, Resources: grant.On(args.Image.RepositoryARN)},
		logs(s, r.LogGroup),
	}
}
