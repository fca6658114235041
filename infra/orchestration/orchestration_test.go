package orchestration

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/governance"
	"github.com/floe-data/floe/infra/ingestion"
	"github.com/floe-data/floe/infra/internal/runner"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/network"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/infra/transformation"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// stand makes what orchestration stands on: the real operations and storage,
// and runners that are made up.
func stand(ctx *pulumi.Context, s *site.Site) (Args, error) {
	var a Args
	var err error
	if a.Operations, err = operations.New(ctx, s, operations.Args{}); err != nil {
		return a, err
	}
	if a.Storage, err = storage.New(ctx, s, storage.Args{}); err != nil {
		return a, err
	}
	evolved, err := lambda.NewInvocation(ctx, "evolve", &lambda.InvocationArgs{FunctionName: pulumi.String("evolve"), Input: pulumi.String("{}")})
	if err != nil {
		return a, err
	}
	function := func(name string) runner.Runner {
		name = s.Name(site.Function, name)
		return runner.Runner{Kind: live.Lambda, FunctionName: name, FunctionARN: s.ARN("lambda", "function:"+name)}
	}
	a.Ingestion = &ingestion.Ingestion{Sources: map[string]runner.Runner{"shop": function("ingest-shop")}, Maintain: function("maintain"), Evolved: evolved}
	cluster := s.Name(site.Family)
	a.Transformation = &transformation.Transformation{
		Cluster: transformation.Cluster{Name: cluster, ARN: s.ARN("ecs", "cluster/"+cluster), Spot: true},
		Task: runner.Runner{Kind: live.Fargate, Family: s.Name(site.Family, "transform"), Container: "transform",
			Roles: []string{s.GlobalARN("iam", "role/"+s.Name(site.Role, "task", "transform")), s.GlobalARN("iam", "role/"+s.Name(site.Role, "execution", "transform"))}},
		Function: function("transform"),
	}
	a.Govern = &governance.Govern{Runner: function("govern"), Spec: json.RawMessage(`{"grants":[],"roles":[]}`)}
	a.Network = &network.Network{
		Subnets: pulumi.ToStringArray([]string{"subnet-0a", "subnet-0b"}).ToStringArrayOutput(), SecurityGroup: pulumi.String("sg-0c").ToStringOutput(),
		PublicAddress: s.Live.Platform.Network.Egress == "public",
	}
	return a, nil
}

// planned are orchestration's own resources.
func planned(t *testing.T, stack string, change func(*site.Site)) []plan.Resource {
	t.Helper()
	found, err := try(t, stack, change, nil)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(found, func(r plan.Resource) bool { return !strings.Contains(r.URN, "floe:orchestration:Orchestration") })
}

func try(t *testing.T, stack string, change func(*site.Site), edit func(*Args)) ([]plan.Resource, error) {
	t.Helper()
	s := sitetest.Load(t, stack, change)
	return sitetest.Try(s, func(ctx *pulumi.Context) error {
		a, err := stand(ctx, s)
		if err != nil {
			return err
		}
		if edit != nil {
			edit(&a)
		}
		_, err = New(ctx, s, a)
		return err
	})
}

func uploads(s *site.Site) {
	s.Live.Pipelines.Workflows = []live.Workflow{{Name: "daily", Schedule: live.NoSchedule, Compute: live.Lambda, OnUpload: "uploads/shop/"}}
}

func TestGolden(t *testing.T) {
	for name, tc := range map[string]struct {
		stack  string
		change func(*site.Site)
	}{"dev": {"dev", nil}, "prod": {"prod", nil}, "upload": {"dev", uploads}} {
		t.Run(name, func(t *testing.T) { sitetest.Golden(t, name, planned(t, tc.stack, tc.change)) })
	}
}

func only(t *testing.T, resources []plan.Resource, kind string) plan.Resource {
	t.Helper()
	var found []plan.Resource
	for _, r := range resources {
		if strings.HasSuffix(r.Type, ":"+kind) {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d of %s", len(found), kind)
	}
	return found[0]
}

// TestNothingStartsBeforeTheEvolution walks from each start back to the
// invocation that evolves the tables, and to the machine and its role's rights.
func TestNothingStartsBeforeTheEvolution(t *testing.T) {
	for kind, resources := range map[string][]plan.Resource{"Schedule": planned(t, "prod", nil), "EventTarget": planned(t, "dev", uploads)} {
		start := only(t, resources, kind)
		for _, need := range []string{"lambda/invocation:Invocation::evolve", "sfn/stateMachine:StateMachine::workflow-daily", "iam/rolePolicy:RolePolicy::", "sqs/queuePolicy:QueuePolicy::dead-letters"} {
			if !slices.ContainsFunc(start.DependsOn, func(urn string) bool { return strings.Contains(urn, need) }) {
				t.Errorf("%s %s does not wait for %s: %v", kind, start.Name, need, start.DependsOn)
			}
		}
	}
}

func TestMachine(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		m := only(t, planned(t, stack, nil), "StateMachine")
		logging, ok := m.Inputs["loggingConfiguration"].(map[string]any)
		if !ok || logging["level"] != "ERROR" || logging["includeExecutionData"] != false {
			t.Errorf("%s: logs %v", stack, m.Inputs["loggingConfiguration"])
		}
		if _, own := m.Inputs["encryptionConfiguration"]; own != (stack == "prod") {
			t.Errorf("%s: encryption %v", stack, m.Inputs["encryptionConfiguration"])
		}
		text, ok := m.Inputs["definition"].(string)
		if !ok || !strings.Contains(text, `"AssignPublicIp": "`+map[string]string{"dev": "ENABLED", "prod": "DISABLED"}[stack]) || !strings.Contains(text, "subnet-0a") {
			t.Errorf("%s: definition %s", stack, text)
		}
		// The workflow says 168h; a stack that keeps snapshots for longer has its way.
		if keep := map[string]string{"dev": "168h", "prod": "720h"}[stack]; !strings.Contains(text, `"keep_snapshots": "`+keep+`"`) {
			t.Errorf("%s: snapshots are not kept for %s: %s", stack, keep, text)
		}
	}
}

func TestSchedule(t *testing.T) {
	set := func(schedule string, enabled bool) func(*site.Site) {
		return func(s *site.Site) {
			s.Live.Pipelines.Workflows = []live.Workflow{{Name: "daily", Schedule: schedule, Enabled: enabled, Compute: live.Fargate}}
		}
	}
	for _, tc := range []struct {
		schedule string
		enabled  bool
		state    string
		window   any // minutes
	}{
		{"rate(6 hours)", true, "ENABLED", 15.0}, {"cron(0 5 * * ? *)", false, "DISABLED", 15.0}, {"cron(0 5 L * ? *)", true, "ENABLED", 15.0},
		{"rate(10 minutes)", true, "ENABLED", 5.0}, {"rate(1 minute)", true, "ENABLED", nil},
	} {
		r := only(t, planned(t, "dev", set(tc.schedule, tc.enabled)), "Schedule")
		window, ok := r.Inputs["flexibleTimeWindow"].(map[string]any)
		if r.Inputs["state"] != tc.state || r.Inputs["scheduleExpression"] != tc.schedule || !ok || window["maximumWindowInMinutes"] != tc.window {
			t.Errorf("%s: %v", tc.schedule, r.Inputs)
		}
	}
	var start map[string]string
	target, ok := only(t, planned(t, "prod", nil), "Schedule").Inputs["target"].(map[string]any)
	if !ok {
		t.Fatal("no target")
	}
	text, ok := target["input"].(string)
	if err := json.Unmarshal([]byte(text), &start); err != nil || !ok || start["Name"] != "<aws.scheduler.execution-id>" || !strings.Contains(text, "<aws.scheduler.scheduled-time>") {
		t.Errorf("%v: %s", err, text)
	}
}

// TestRolesNameWhatTheyUse: but for logs and traces, whose actions know no
// resources, nothing is allowed on everything, and no action is a pattern.
func TestRolesNameWhatTheyUse(t *testing.T) {
	for _, resources := range [][]plan.Resource{planned(t, "dev", nil), planned(t, "prod", nil), planned(t, "dev", uploads)} {
		for _, r := range resources {
			text, ok := r.Inputs["policy"].(string)
			if !ok {
				continue
			}
			var policy struct {
				Statement []struct {
					Sid              string
					Action, Resource []string
					Condition        map[string]any
				}
			}
			if err := json.Unmarshal([]byte(text), &policy); err != nil {
				t.Fatal(err)
			}
			for _, s := range policy.Statement {
				if slices.Contains(s.Resource, "*") && s.Sid != "Logs" && s.Sid != "Traces" || strings.Contains(strings.Join(s.Action, " "), "*") {
					t.Errorf("%s: %s allows %v on %v", r.Name, s.Sid, s.Action, s.Resource)
				}
				if slices.Contains(s.Action, "iam:PassRole") && s.Condition["StringEquals"] == nil {
					t.Errorf("%s: %s passes roles to anybody", r.Name, s.Sid)
				}
			}
		}
	}
}

func TestWatched(t *testing.T) {
	s := sitetest.Load(t, "prod", nil)
	var o *Orchestration
	sitetest.Plan(t, s, func(ctx *pulumi.Context) error {
		a, err := stand(ctx, s)
		if err != nil {
			return err
		}
		o, err = New(ctx, s, a)
		return err
	})
	if w := o.Watched; len(w) != 1 || w[0].Schedule != "rate(6 hours)" || w[0].Takes == 0 || w[0].Machine != "arn:aws:states:eu-west-1:012345678901:stateMachine:floe-prod-daily" {
		t.Errorf("%+v", w)
	}
}

func TestRefused(t *testing.T) {
	many := make([]string, 600)
	for i := range many {
		many[i] = "a_long_name_of_a_model"
	}
	for _, tc := range []struct {
		name   string
		change func(*site.Site)
		edit   func(*Args)
		want   string
	}{
		{"nothing to stand on", nil, func(a *Args) { a.Network = nil }, "network, storage and what governs are needed"},
		{"no evolution", nil, func(a *Args) { a.Ingestion.Evolved = nil }, "no schema evolution"},
		{"no runner", nil, func(a *Args) { a.Ingestion.Sources = nil }, "step load: nothing runs it in stack prod"},
		{"schedule", func(s *site.Site) { s.Live.Pipelines.Workflows[0].Schedule = "every hour" }, nil, `live/prod/pipelines.yaml: schedule: found "every hour"`},
		{"unknown", func(s *site.Site) { s.Live.Pipelines.Workflows[0].Name = "weekly" }, nil, "has no weekly.yaml"},
		{"too much for a task", func(s *site.Site) {
			s.Pipelines.Workflows["daily"].Steps[2].Transform = &project.TransformStep{Select: many}
		}, nil, "runtime/pipelines/orchestrate/daily.yaml: state machine of workflow daily: step build"},
		{"too many functions", nil, func(a *Args) {
			r := a.Ingestion.Maintain
			r.FunctionARN += strings.Repeat("x", mostNamed)
			a.Ingestion.Maintain = r
		}, "make two workflows of it|at most 7000 fit in a role"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := try(t, "prod", tc.change, tc.edit)
			if err == nil || !slices.ContainsFunc(strings.Split(tc.want, "|"), func(w string) bool { return strings.Contains(err.Error(), w) }) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}
