package replica

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/runtime/live"
)

// body plans a replica with all that it stands on.
func body(s *site.Site, check func(*Replica)) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		st, err := storage.New(ctx, s, storage.Args{})
		if err != nil {
			return err
		}
		o, err := operations.New(ctx, s, operations.Args{})
		if err != nil {
			return err
		}
		p, err := aws.NewProvider(ctx, "aws-replica", &aws.ProviderArgs{Region: pulumi.String("eu-north-1")})
		if err != nil {
			return err
		}
		r, err := New(ctx, s, Args{Storage: st, Operations: o, Provider: p})
		if err == nil && check != nil {
			check(r)
		}
		return err
	}
}

// planned gives the replica's own resources.
func planned(t *testing.T, s *site.Site) []plan.Resource {
	t.Helper()
	return slices.DeleteFunc(sitetest.Plan(t, s, body(s, nil)), func(r plan.Resource) bool { return !strings.Contains(r.URN, "floe:replica:Replica$") })
}

func replicated(s *site.Site) { s.Live.Platform.Replica = &live.Replica{Region: "eu-north-1"} }

func prompt(s *site.Site) {
	replicated(s)
	s.Live.Platform.Objectives = &live.Objectives{RTO: "1h", RPO: "30m"}
}

func TestGolden(t *testing.T) {
	for name, change := range map[string]func(*site.Site){"dev": replicated, "prod": replicated, "prod-prompt": prompt} {
		t.Run(name, func(t *testing.T) {
			stack, _, _ := strings.Cut(name, "-")
			sitetest.Golden(t, name, planned(t, sitetest.Load(t, stack, change)))
		})
	}
}

// TestACopyIsAsSafe holds that every setting that a data bucket has, its copy
// has, and that it is kept as long.
func TestACopyIsAsSafe(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		all := sitetest.Plan(t, sitetest.Load(t, stack, replicated), body(sitetest.Load(t, stack, replicated), nil))
		find := func(token, name string) (plan.Resource, bool) {
			i := slices.IndexFunc(all, func(r plan.Resource) bool { return r.Type == token && r.Name == name })
			if i < 0 {
				return plan.Resource{}, false
			}
			return all[i], true
		}
		for _, r := range all {
			if r.Name != "landing" && r.Name != "lakehouse" || !strings.HasPrefix(r.Type, "aws:s3/") && !strings.HasPrefix(r.Type, "aws:kms/") || strings.Contains(r.Type, "Replication") {
				continue
			}
			c, ok := find(r.Type, r.Name+"-replica")
			if !ok {
				t.Errorf("%s: the copy of %s has no %s", stack, r.Name, r.Type)
				continue
			}
			if c.Protect != r.Protect || c.Retain != r.Retain {
				t.Errorf("%s: %s of the copy of %s: protected %v, retained %v", stack, r.Type, r.Name, c.Protect, c.Retain)
			}
			if strings.Contains(r.Type, "Lifecycle") || strings.Contains(r.Type, "Versioning") {
				a, _ := json.Marshal(r.Inputs)
				b, _ := json.Marshal(c.Inputs)
				if strings.ReplaceAll(string(b), c.Inputs["bucket"].(string), r.Inputs["bucket"].(string)) != string(a) {
					t.Errorf("%s: %s of the copy of %s is %s", stack, r.Type, r.Name, b)
				}
			}
			if c.Inputs["objectLockEnabled"] != nil {
				t.Errorf("%s: %s is locked, so maintenance could not let its files go", stack, c.Name)
			}
		}
	}
}

// TestNamesAreKnown holds what others see, at preview.
func TestNamesAreKnown(t *testing.T) {
	s := sitetest.Load(t, "prod", replicated)
	sitetest.Plan(t, s, body(s, func(r *Replica) {
		if got := r.Buckets["landing"].Name; got != "floe-prod-landing-replica-012345678901-eu-north-1" || r.Region != "eu-north-1" {
			t.Errorf("%s in %s", got, r.Region)
		}
		if want := []string{"floe-prod-replica-landing-failed", "floe-prod-replica-lakehouse-failed"}; !slices.Equal(r.Alarms, want) {
			t.Errorf("alarms %v", r.Alarms)
		}
	}))
}

func TestIncomplete(t *testing.T) {
	s := sitetest.Load(t, "dev", nil)
	if _, err := sitetest.Try(s, body(s, nil)); err == nil || !strings.Contains(err.Error(), "platform.yaml's replica") {
		t.Errorf("got %v", err)
	}
}
