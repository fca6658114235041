//go:build cloud

package emulated

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	sdk "github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/emulated/aws"
)

// program runs steps that end it where they fail.
func program(run func(*pulumi.Context)) pulumi.RunFunc {
	return func(ctx *pulumi.Context) (err error) {
		defer func() {
			if r, ok := recover().(error); ok {
				err = r
			}
		}()
		run(ctx)
		return nil
	}
}

// TestSmall shows what small programs show: providers of their own, imports,
// secrets, functions that run and fail, tasks that run and are stopped.
func TestSmall(t *testing.T) {
	e := Start(t, Options{})
	t.Run("function", func(t *testing.T) { functions(t, e) })
	t.Run("providers", func(t *testing.T) { providers(t, e) })
	t.Run("import", func(t *testing.T) { imports(t, e) })
	t.Run("unknown type", func(t *testing.T) { unknownType(t, e) })
}

func stack(t *testing.T, e *Engine, name string, run pulumi.RunFunc) *Stack {
	t.Helper()
	s, err := e.Stack(t.Context(), name, Program{Run: run})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if r, err := s.Destroy(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("destroy: %v\n%s", err, r)
		}
	})
	return s
}

func functions(t *testing.T, e *Engine) {
	ctx := t.Context()
	say := "hello"
	var current *pulumi.Context
	push := pushes(t, echoImage(t), func() *pulumi.Context { return current })
	wrong := false
	s := stack(t, e, "function", program(func(ctx *pulumi.Context) {
		current = ctx
		role := made(iam.NewRole(ctx, "run", &iam.RoleArgs{AssumeRolePolicy: str(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com","ecs-tasks.amazonaws.com"]},"Action":"sts:AssumeRole"}]}`)}))
		repo := made(ecr.NewRepository(ctx, "images", &ecr.RepositoryArgs{Name: str("run"), ForceDelete: pulumi.Bool(true)}))
		image := push(repo.RepositoryUrl)
		if wrong {
			image = pulumi.Sprintf("%s:never", repo.RepositoryUrl)
		}
		f := made(lambda.NewFunction(ctx, "run", &lambda.FunctionArgs{Name: str("run"), PackageType: str("Image"), ImageUri: image, Role: role.Arn, Timeout: pulumi.Int(10)}))
		made(lambda.NewInvocation(ctx, "run", &lambda.InvocationArgs{FunctionName: f.Name, Input: pulumi.Sprintf(`{"say":"%s"}`, say), Triggers: pulumi.StringMap{"say": str(say)}}))
		made(ecs.NewTaskDefinition(ctx, "run", &ecs.TaskDefinitionArgs{Family: str("run"), Cpu: str("256"), Memory: str("512"), NetworkMode: str("awsvpc"), TaskRoleArn: role.Arn,
			RequiresCompatibilities: pulumi.StringArray{str("FARGATE")},
			ContainerDefinitions:    pulumi.Sprintf(`[{"name":"main","image":"%s","essential":true,"environment":[{"name":"FLOE_STACK","value":"dev"}]}]`, image)}))
	}))
	must := steps(t)
	r, err := s.Up(ctx)
	must("up", r, err, nil)
	runs := e.AWS.Runs()
	if len(runs) != 1 || runs[0].Kind != "lambda" || !strings.Contains(string(runs[0].Result), `"said":"hello"`) || !strings.Contains(runs[0].Log, "got hello") {
		t.Errorf("the runs are %+v, want one that said hello", runs)
	}
	say = "fail"
	if r, err = s.Up(ctx); err == nil || !strings.Contains(err.Error(), "told to fail") {
		t.Errorf("up with a function that fails: %v\n%s", err, r)
	}
	say, wrong = "hello", true
	if r, err = s.Up(ctx); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("up with an image that is not there: %v\n%s", err, r)
	}
	crash, err := e.AWS.Invoke(ctx, "run", []byte(`{"say":"crash"}`))
	if err != nil || crash.FunctionError != "Unhandled" || !json.Valid(crash.Payload) {
		t.Errorf("a function that crashes answers %+v, %v", crash, err)
	}
	wrong = false
	r, err = s.Up(ctx)
	must("up again", r, err, nil)
	task(t, e)
}

func task(t *testing.T, e *Engine) {
	ctx := t.Context()
	ran, err := e.AWS.RunTask(ctx, aws.TaskRun{Family: "run", Command: []string{"x"}})
	if err != nil {
		t.Fatal(err)
	}
	if code, err := ran.Wait(ctx); err != nil || code != 0 || !strings.Contains(ran.Output(), "task [x] dev") {
		t.Errorf("the task ended with %d, %v, and wrote %q", code, err, ran.Output())
	}
	waits, err := e.AWS.RunTask(ctx, aws.TaskRun{Family: "run", Command: []string{"wait"}})
	if err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(waits.Output(), "waiting") {
		time.Sleep(time.Millisecond)
	}
	waits.Stop()
	if code, err := waits.Wait(ctx); err != nil || code != 4 || !strings.Contains(waits.Output(), "stopped") {
		t.Errorf("the stopped task ended with %d, %v, and wrote %q", code, err, waits.Output())
	}
	runs := e.AWS.Runs()
	if last := runs[len(runs)-1]; last.Kind != "task" || last.ExitCode != 4 || !strings.Contains(last.Role, ":role/run-") || last.Environment["AWS_REGION"] != "eu-central-1" {
		t.Errorf("the last run is %+v", last)
	}
}

func providers(t *testing.T, e *Engine) {
	ctx := t.Context()
	account := "123456789012"
	s := stack(t, e, "providers", program(func(ctx *pulumi.Context) {
		p := made(sdk.NewProvider(ctx, "ireland", &sdk.ProviderArgs{Region: str("eu-west-1"), AllowedAccountIds: pulumi.StringArray{str(account)},
			DefaultTags: &sdk.ProviderDefaultTagsArgs{Tags: pulumi.StringMap{"owner": str("floe")}}}))
		group := made(cloudwatch.NewLogGroup(ctx, "there", &cloudwatch.LogGroupArgs{Name: str("there")}, pulumi.Provider(p)))
		here := made(cloudwatch.NewLogGroup(ctx, "here", &cloudwatch.LogGroupArgs{Name: str("here")}))
		ctx.Export("there", group.Arn)
		ctx.Export("tags", group.TagsAll)
		ctx.Export("here", here.Arn)
		secret := made(secretsmanager.NewSecret(ctx, "token", &secretsmanager.SecretArgs{RecoveryWindowInDays: pulumi.Int(0)}))
		made(secretsmanager.NewSecretVersion(ctx, "token", &secretsmanager.SecretVersionArgs{SecretId: secret.ID(), SecretString: pulumi.ToSecret(str("hunter2")).(pulumi.StringOutput)}))
	}))
	r, err := s.Up(ctx)
	steps(t)("up", r, err, nil)
	out, err := s.Outputs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tags, _ := out["tags"].Value.(map[string]any)
	if there, _ := out["there"].Value.(string); !strings.Contains(there, ":eu-west-1:") || tags["owner"] != "floe" {
		t.Errorf("the group of the explicit provider is %v with tags %v", out["there"].Value, tags)
	}
	if here, _ := out["here"].Value.(string); !strings.Contains(here, ":eu-central-1:") {
		t.Errorf("the group of the default provider is %v", here)
	}
	file, err := s.StateFile(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(file); err != nil || strings.Contains(string(b), "hunter2") || !strings.Contains(string(b), "__tfstate") {
		t.Errorf("the secret stands in the state file, or %v", err)
	}
	if state, err := s.Export(ctx); err != nil || len(state.Resources) < 6 {
		t.Errorf("the state holds %v, %v", state, err)
	}
	r, err = s.Refresh(ctx, NoChanges)
	steps(t)("refresh", r, err, nil)
	account = "210987654321"
	if r, err = s.Up(ctx); err == nil || !strings.Contains(err.Error(), "not allowed") {
		t.Errorf("up into an account that is not allowed: %v\n%s", err, r)
	}
	account = "123456789012"
	r, err = s.Up(ctx)
	steps(t)("up again", r, err, nil)
}

func imports(t *testing.T, e *Engine) {
	ctx := t.Context()
	first := stack(t, e, "made", program(func(ctx *pulumi.Context) {
		made(cloudwatch.NewLogGroup(ctx, "logs", &cloudwatch.LogGroupArgs{Name: str("shared"), RetentionInDays: pulumi.Int(30)}, pulumi.RetainOnDelete(true)))
	}))
	r, err := first.Up(ctx)
	steps(t)("up", r, err, nil)
	second := stack(t, e, "imported", program(func(ctx *pulumi.Context) {
		g := made(cloudwatch.GetLogGroup(ctx, "seen", pulumi.ID("shared"), nil))
		ctx.Export("retention", g.RetentionInDays)
		made(cloudwatch.NewLogGroup(ctx, "logs", &cloudwatch.LogGroupArgs{Name: str("shared"), RetentionInDays: pulumi.Int(30)}, pulumi.Import(pulumi.ID("shared"))))
	}))
	r, err = second.Up(ctx)
	steps(t)("import", r, err, map[string]int{"import": 1})
	out, err := second.Outputs(ctx)
	if err != nil || out["retention"].Value != 30.0 {
		t.Errorf("the group that was looked up keeps %v days, %v; want 30", out["retention"].Value, err)
	}
}

func unknownType(t *testing.T, e *Engine) {
	s := stack(t, e, "unknown", program(func(ctx *pulumi.Context) {
		made(iam.NewUser(ctx, "somebody", &iam.UserArgs{}))
	}))
	if r, err := s.Preview(t.Context()); err == nil || !strings.Contains(err.Error(), "infra/internal/emulated/resources.go") {
		t.Errorf("a type without a line: %v\n%s", err, r)
	}
}
