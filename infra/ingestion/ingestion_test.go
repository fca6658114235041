package ingestion

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/governance"
	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// closing closes the databases.
var closing = func() error { return nil }

// try plans ingestion, with all that it stands on.
func try(s *site.Site, check func(*Ingestion) error) ([]plan.Resource, error) {
	return sitetest.Try(s, func(ctx *pulumi.Context) error {
		st, err := storage.New(ctx, s, storage.Args{})
		if err != nil {
			return err
		}
		c, err := catalog.New(ctx, s, catalog.Args{Storage: st})
		if err != nil {
			return err
		}
		g, err := governance.New(ctx, s, governance.Args{Storage: st, Catalog: c, Close: func(context.Context, []string) error { return closing() }})
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
		made, err := New(ctx, s, Args{Image: i.Ingest, Storage: st, Catalog: c, Governance: g, Operations: o})
		if err != nil {
			return err
		}
		return check(made)
	})
}

// mine are the resources of the component.
func mine(all []plan.Resource) []plan.Resource {
	return slices.DeleteFunc(slices.Clone(all), func(r plan.Resource) bool { return !strings.Contains(r.URN, "floe:ingestion:Ingestion$") })
}

func planned(t *testing.T, s *site.Site) []plan.Resource {
	t.Helper()
	all, err := try(s, func(*Ingestion) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func withAuth(s *site.Site) { s.Pipelines.Sources["shop"].Client.Auth = &project.Auth{Type: "bearer"} }

func inFargate(s *site.Site) {
	source := s.Live.Pipelines.Sources["shop"]
	source.Compute = live.Fargate
	if s.Live.Pipelines.Sources == nil {
		s.Live.Pipelines.Sources = map[string]live.Source{}
	}
	s.Live.Pipelines.Sources["shop"] = source
}

func TestGolden(t *testing.T) {
	for name, change := range map[string]func(*site.Site){
		"dev": nil, "prod": withAuth,
		"dev-fargate": func(s *site.Site) {
			withAuth(s)
			inFargate(s)
		},
		"prod-reserved": func(s *site.Site) {
			s.Live.Platform.Architecture = "x86_64"
			source := s.Live.Pipelines.Sources["shop"]
			source.ReservedConcurrency = 2
			s.Live.Pipelines.Sources["shop"] = source
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack, _, _ := strings.Cut(name, "-")
			sitetest.Golden(t, name, mine(planned(t, sitetest.Load(t, stack, change))))
		})
	}
}

func TestWhatOthersSee(t *testing.T) {
	s := sitetest.Load(t, "dev", withAuth)
	_, err := try(s, func(i *Ingestion) error {
		r := i.Sources["shop"]
		if r.Kind != live.Lambda || r.FunctionName != "floe-dev-ingest-shop" || r.FunctionARN != "arn:aws:lambda:eu-central-1:123456789012:function:floe-dev-ingest-shop" ||
			r.LogGroup != "/aws/lambda/floe-dev-ingest-shop" || r.RoleARN != "arn:aws:iam::123456789012:role/floe-dev-ingest-shop" || len(r.Ready) == 0 {
			return fmt.Errorf("shop: %+v", r)
		}
		if i.Maintain.FunctionName != "floe-dev-maintain" || i.Evolved == nil || i.Secrets["shop"] != "floe-dev-shop-auth" || len(i.Secrets) != 1 {
			return fmt.Errorf("got %+v", i)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	inFargate(s)
	_, err = try(s, func(i *Ingestion) error {
		r := i.Sources["shop"]
		want := []string{"arn:aws:iam::123456789012:role/floe-dev-task-ingest-shop", "arn:aws:iam::123456789012:role/floe-dev-execution-ingest-shop"}
		if r.Kind != live.Fargate || r.Family != "floe-dev-ingest-shop" || r.Container != "ingest" || !slices.Equal(r.Roles, want) || r.FunctionARN != "" {
			return fmt.Errorf("shop: %+v", r)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// find is the one resource of a type and name.
func find(t *testing.T, all []plan.Resource, token, name string) plan.Resource {
	t.Helper()
	for _, r := range all {
		if r.Type == token && r.Name == name {
			return r
		}
	}
	t.Fatalf("there is no %s %s", token, name)
	return plan.Resource{}
}

// reaches are the resources that must be there before this one, all the way down.
func reaches(all []plan.Resource, from plan.Resource) map[string]bool {
	byURN := map[string]plan.Resource{}
	for _, r := range all {
		byURN[r.URN] = r
	}
	found := map[string]bool{}
	var walk func(plan.Resource)
	walk = func(r plan.Resource) {
		for _, urn := range r.DependsOn {
			if d, ok := byURN[urn]; ok && !found[d.Type+" "+d.Name] {
				found[d.Type+" "+d.Name] = true
				walk(d)
			}
		}
	}
	walk(from)
	return found
}

func TestEvolutionWaitsForAllThatItNeeds(t *testing.T) {
	all := planned(t, sitetest.Load(t, "prod", withAuth))
	before := reaches(all, find(t, all, "aws:lambda/invocation:Invocation", "evolve"))
	for _, want := range []string{
		"aws:lambda/function:Function evolve", "aws:iam/role:Role evolve", "aws:iam/rolePolicy:RolePolicy evolve", "aws:cloudwatch/logGroup:LogGroup evolve",
		"aws:ecr/repository:Repository ingest", "aws:ecr/repositoryPolicy:RepositoryPolicy ingest",
		"aws:glue/catalogDatabase:CatalogDatabase landing_shop", "aws:kms/key:Key landing", "aws:kms/key:Key operations",
		"aws:s3/bucketV2:BucketV2 landing", "aws:s3/bucketPolicy:BucketPolicy landing",
		"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2 landing",
		"aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig evolve",
	} {
		if !before[want] {
			t.Errorf("the invocation does not wait for %s", want)
		}
	}
	if before["aws:lambda/function:Function ingest-shop"] {
		t.Error("the invocation waits for what it does not need")
	}
}

// TestSecrets: a secret is no hindrance to who renames its source, can be had
// back, and is guarded before anything reads it.
func TestSecrets(t *testing.T) {
	for stack, days := range map[string]float64{"dev": 0, "prod": recoveryDays} {
		s := sitetest.Load(t, stack, withAuth)
		all, err := try(s, func(i *Ingestion) error {
			if !slices.ContainsFunc(i.Sources["shop"].Ready, isPolicy) {
				return fmt.Errorf("what calls the source does not wait for its secret's policy: %v", i.Sources["shop"].Ready)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := find(t, all, "aws:secretsmanager/secret:Secret", "shop"); r.Protect || r.Retain || r.Inputs["recoveryWindowInDays"] != days || r.Inputs["tags"].(map[string]any)[environment.TagSource] != "shop" {
			t.Errorf("%s: %+v", stack, r)
		}
	}
}

func isPolicy(r pulumi.Resource) bool {
	_, ok := r.(*secretsmanager.SecretPolicy)
	return ok
}

func trigger(t *testing.T, s *site.Site) string {
	t.Helper()
	r := find(t, planned(t, s), "aws:lambda/invocation:Invocation", "evolve")
	if r.Inputs["lifecycleScope"] != "CREATE_ONLY" || r.Inputs["input"] != `{"act":"evolve","timeout":"14m0s"}` {
		t.Errorf("invocation %v", r.Inputs)
	}
	return fmt.Sprint(r.Inputs["triggers"])
}

func TestContractsTriggerEvolution(t *testing.T) {
	s := sitetest.Load(t, "dev", nil)
	before := trigger(t, s)
	for file, changes := range map[string]bool{"ingest/shop/tables/orders.yaml": true, "ingest/shop/source.yaml": false, "transform/models/marts/fct_orders.sql": false} {
		path := filepath.Join(s.Pipelines.Root, "runtime/pipelines", file)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(content, "# edited\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
		after := trigger(t, s)
		if (after != before) != changes {
			t.Errorf("an edit of %s: evolution %s, then %s", file, before, after)
		}
		before = after
	}
	s.Pipelines.Sources["shop"].Contracts["orders_again"] = s.Pipelines.Sources["shop"].Contracts["orders"]
	if trigger(t, s) == before {
		t.Error("another table does not trigger evolution")
	}
}

func TestLargeEnvironmentsAreRefused(t *testing.T) {
	large := func(s *site.Site) {
		s.Live.Pipelines.Sources = map[string]live.Source{"shop": {Vars: map[string]any{"shops": strings.Split(strings.Repeat("north ", 500), " ")}}}
	}
	s := sitetest.Load(t, "dev", large)
	_, err := try(s, func(*Ingestion) error { return nil })
	want := "live/dev/pipelines.yaml: sources.shop.vars: found an environment of "
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "of them FLOE_VARS; AWS takes 4096") || fault.Code(err) != int(fault.Usage) {
		t.Errorf("got %v", err)
	}
	inFargate(s)
	if _, err := try(s, func(*Ingestion) error { return nil }); err != nil {
		t.Errorf("a task has room for it: %v", err)
	}
}

func TestManySourcesFitTheirRoles(t *testing.T) {
	s := sitetest.Load(t, "prod", func(s *site.Site) {
		for n := range 200 {
			s.Pipelines.Sources[fmt.Sprintf("a_rather_long_name_of_source_%03d", n)] = &project.Source{}
		}
	})
	for _, r := range mine(planned(t, s)) {
		if text, ok := r.Inputs["policy"].(string); ok && len(text) > 10240 {
			t.Errorf("policy of %s has %d characters; IAM takes 10,240", r.Name, len(text))
		}
	}
}

func TestTooManySchemasAreRefused(t *testing.T) {
	s := sitetest.Load(t, "prod", func(s *site.Site) {
		for n := range 60 {
			s.Live.Platform.Schemas = append(s.Live.Platform.Schemas, fmt.Sprintf("schema_%02d", n))
		}
	})
	_, err := try(s, func(*Ingestion) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "maintenance: policy of role floe-prod-maintain: found ") || !strings.Contains(err.Error(), "IAM takes 10240") {
		t.Errorf("got %v", err)
	}
}

// TestNoWildcards holds that a role names what it may touch.
func TestNoWildcards(t *testing.T) {
	for _, r := range mine(planned(t, sitetest.Load(t, "prod", withAuth))) {
		if r.Type != "aws:iam/rolePolicy:RolePolicy" {
			continue
		}
		var document struct {
			Statement []struct {
				Sid              string
				Action, Resource []string
			}
		}
		if err := json.Unmarshal([]byte(r.Inputs["policy"].(string)), &document); err != nil {
			t.Fatal(err)
		}
		for _, statement := range document.Statement {
			if slices.Contains(statement.Resource, "*") && statement.Sid != "Traces" {
				t.Errorf("%s: %s is allowed on everything", r.Name, statement.Sid)
			}
			for _, action := range statement.Action {
				if strings.Contains(action, "*") {
					t.Errorf("%s: %s allows %s", r.Name, statement.Sid, action)
				}
			}
		}
	}
}

// TestEvolutionWaitsForClosedDatabases: a table that is made in an open one
// would be open. The closing takes longer than all else does.
func TestEvolutionWaitsForClosedDatabases(t *testing.T) {
	kept, evolved, early := closing, make(chan struct{}), false
	defer func() { closing = kept }()
	closing = func() error {
		select {
		case <-evolved:
			early = true
		case <-time.After(300 * time.Millisecond):
		}
		return nil
	}
	_, err := try(sitetest.Load(t, "dev", nil), func(i *Ingestion) error {
		i.Evolved.URN().ApplyT(func(pulumi.URN) string { close(evolved); return "" })
		return nil
	})
	if err != nil || early {
		t.Errorf("tables were made before their databases were closed: %v, %v", early, err)
	}
	<-evolved
}
