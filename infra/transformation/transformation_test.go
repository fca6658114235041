package transformation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/governance"
	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/runtime/live"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// planned plans transformation with all that it stands on, and gives its own resources.
func planned(t *testing.T, s *site.Site, check func(*Transformation) error) []plan.Resource {
	t.Helper()
	all := sitetest.Plan(t, s, func(ctx *pulumi.Context) error {
		st, err := storage.New(ctx, s, storage.Args{})
		if err != nil {
			return err
		}
		c, err := catalog.New(ctx, s, catalog.Args{Storage: st})
		if err != nil {
			return err
		}
		g, err := governance.New(ctx, s, governance.Args{Storage: st, Catalog: c, Close: func(context.Context, []string) error { return nil }})
		if err != nil {
			return err
		}
		o, err := operations.New(ctx, s, operations.Args{})
		if err != nil {
			return err
		}
		i, err := images.New(ctx, s, images.Args{Ingest: images.Planned(images.Ingest, digest), Transform: images.Planned(images.Transform, digest), Key: o.Key.Arn})
		if err != nil {
			return err
		}
		made, err := New(ctx, s, Args{Image: i.Transform, Storage: st, Catalog: c, Governance: g, Operations: o})
		if err != nil || check == nil {
			return err
		}
		return check(made)
	})
	return slices.DeleteFunc(all, func(r plan.Resource) bool { return !strings.Contains(r.URN, "floe:transformation:Transformation$") })
}

func inLambda(s *site.Site) { s.Live.Pipelines.Workflows[0].Compute = live.Lambda }

func withSpark(s *site.Site) { s.Live.Platform.Athena.Spark = true }

func inTheirCluster(s *site.Site) {
	s.Live.Platform.Network = live.Network{Egress: "existing", Existing: &live.Existing{Tags: map[string]string{"a": "b"}, Cluster: "theirs"}}
}

func TestGolden(t *testing.T) {
	for name, change := range map[string]func(*site.Site){
		"dev": nil, "prod": nil, "dev-lambda": inLambda, "dev-spark": withSpark,
		"prod-x86_64": func(s *site.Site) {
			s.Live.Platform.Architecture = "x86_64"
			s.Live.Platform.Sizes.Task = live.TaskSize{CPU: 1024, MemoryMB: 4096}
			inTheirCluster(s)
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack, _, _ := strings.Cut(name, "-")
			sitetest.Golden(t, name, planned(t, sitetest.Load(t, stack, change), nil))
		})
	}
}

func TestWhatOthersSee(t *testing.T) {
	const account = "arn:aws:iam::123456789012:role/"
	planned(t, sitetest.Load(t, "dev", nil), func(x *Transformation) error {
		if x.Cluster.Name != "floe-dev" || x.Cluster.ARN != "arn:aws:ecs:eu-central-1:123456789012:cluster/floe-dev" || !x.Cluster.Spot || len(x.Cluster.Ready) != 2 {
			return fmt.Errorf("cluster %+v", x.Cluster)
		}
		if x.Task.Kind != live.Fargate || x.Task.Family != "floe-dev-transform" || x.Task.Container != "transform" || x.Function.Kind != "" ||
			!slices.Equal(x.Task.Roles, []string{account + "floe-dev-task-transform", account + "floe-dev-execution-transform"}) {
			return fmt.Errorf("task %+v", x.Task)
		}
		if x.Transform.Name != "floe-dev-transform" || x.Transform.ARN != "arn:aws:athena:eu-central-1:123456789012:workgroup/floe-dev-transform" || x.Analyst.Name != "floe-dev-analyst" {
			return fmt.Errorf("workgroups %+v, %+v", x.Transform, x.Analyst)
		}
		return nil
	})
	planned(t, sitetest.Load(t, "dev", inLambda), func(x *Transformation) error {
		if x.Function.Kind != live.Lambda || x.Function.FunctionARN != "arn:aws:lambda:eu-central-1:123456789012:function:floe-dev-transform" || x.Task.Kind != live.Fargate {
			return fmt.Errorf("function %+v", x.Function)
		}
		return nil
	})
	planned(t, sitetest.Load(t, "dev", inTheirCluster), func(x *Transformation) error {
		if x.Cluster.Name != "theirs" || x.Cluster.Spot || len(x.Cluster.Ready) != 0 {
			return fmt.Errorf("cluster %+v", x.Cluster)
		}
		return nil
	})
}

func TestCapsOfQueries(t *testing.T) {
	for mb, want := range map[int64][2]float64{100_000: {1e11, 1e10}, 50: {5e7, 10485760}, 10: {10485760, 10485760}} {
		s := sitetest.Load(t, "dev", func(s *site.Site) { s.Live.Platform.Athena.MBPerQuery = mb })
		got := map[string]any{}
		for _, r := range planned(t, s, nil) {
			if r.Type == "aws:athena/workgroup:Workgroup" {
				configuration, _ := r.Inputs["configuration"].(map[string]any)
				got[r.Name] = configuration["bytesScannedCutoffPerQuery"]
			}
		}
		if got["transform"] != want[0] || got["analyst"] != want[1] {
			t.Errorf("%d MB: got %v, want %v", mb, got, want)
		}
	}
}

// TestInsights: in prod the cluster's own measurements go where our key and our
// retention hold, and nowhere else are they made.
func TestInsights(t *testing.T) {
	for stack, want := range map[string]int{"dev": 0, "prod": 1} {
		found := 0
		for _, r := range planned(t, sitetest.Load(t, stack, nil), nil) {
			switch {
			case r.Type == "aws:cloudwatch/logGroup:LogGroup" && r.Name == "insights":
				found++
				if r.Inputs["name"] != "/aws/ecs/containerinsights/floe-prod/performance" || r.Inputs["kmsKeyId"] == nil || r.Inputs["retentionInDays"] != 365.0 {
					t.Errorf("%s: %v", stack, r.Inputs)
				}
			case r.Type == "aws:ecs/cluster:Cluster":
				if waits := slices.ContainsFunc(r.DependsOn, func(urn string) bool { return strings.HasSuffix(urn, "::insights") }); waits != (want > 0) {
					t.Errorf("%s: the cluster comes after %v", stack, r.DependsOn)
				}
			}
		}
		if found != want {
			t.Errorf("%s: %d log groups", stack, found)
		}
	}
}

// TestContainer holds what checkov and ECS's own controls ask of a container.
func TestContainer(t *testing.T) {
	for _, r := range planned(t, sitetest.Load(t, "prod", nil), nil) {
		if r.Type != "aws:ecs/taskDefinition:TaskDefinition" {
			continue
		}
		var all []map[string]any
		if err := json.Unmarshal([]byte(r.Inputs["containerDefinitions"].(string)), &all); err != nil {
			t.Fatal(err)
		}
		c := all[0]
		if len(all) != 1 || c["readonlyRootFilesystem"] != true || c["user"] != "65532:65532" || c["privileged"] != nil || c["stopTimeout"] != 120.0 || c["secrets"] != nil {
			t.Errorf("container %v", c)
		}
		if r.Inputs["taskRoleArn"] == r.Inputs["executionRoleArn"] {
			t.Error("one role does the work and starts it")
		}
		got := fmt.Sprint(c["environment"])
		want := "[map[name:AWS_REGION value:eu-west-1] map[name:FLOE_ATHENA_WORKGROUP value:floe-prod-transform] map[name:FLOE_PROJECT value:floe] map[name:FLOE_STACK value:prod]]"
		if got != want {
			t.Errorf("environment %s", got)
		}
		return
	}
	t.Error("no task definition is planned")
}
