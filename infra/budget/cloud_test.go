//go:build cloud

package budget_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/budget"
	"github.com/floe-data/floe/infra/internal/emulated"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/runtime/live"
)

const region = "eu-central-1"

// TestLife takes what watches costs, logs and the alarms through its life. AWS
// has one budget for all regions, and signs its calls for us-east-1.
func TestLife(t *testing.T) {
	t.Parallel()
	e := emulated.Start(t, emulated.Options{Region: region})
	usd := 10.0
	s := sitetest.Load(t, "dev", func(s *site.Site) { s.Account, s.Region = "123456789012", region })
	stack, err := e.Stack(t.Context(), "dev", emulated.Program{Project: "floe", Run: func(ctx *pulumi.Context) error {
		s.Live.Platform.Budget = &live.Budget{MonthlyUSD: usd, Anomalies: true}
		s.Live.Platform.Alarms = &live.Alarms{Email: "data@example.org"}
		return program(ctx, s)
	}})
	if err != nil {
		t.Fatal(err)
	}
	stack.Begin(t)
	usd = 25
	stack.Change(t, "another ceiling", func(r *emulated.Result) {
		if r.Changes["update"] != 2 { // the budget, and from where on an anomaly is told
			t.Errorf("another ceiling changes %v", r.Changes)
		}
	})
	stack.End(t)
	e.Recorded(t, "floe", "dev", "../internal/cloudtest/testdata/calls/options/costs")
	e.Gone(t, region)
}

// program is a stack of one program, whose log is masked and tells a secret's age.
func program(ctx *pulumi.Context, s *site.Site) error {
	o, err := operations.New(ctx, s, operations.Args{})
	if err != nil {
		return err
	}
	name := s.Name(site.Function, "ingest", "shop")
	group, err := operations.LogGroup(ctx, s, "ingest-shop", s.LogGroup("lambda", name), o.Key)
	if err != nil {
		return err
	}
	if err := operations.Mask(ctx, s, "ingest-shop", "shop", group); err != nil {
		return err
	}
	_, err = operations.Watch(ctx, s, operations.WatchArgs{
		Operations: o, Functions: map[string]string{"ingest-shop": name},
		Secrets: map[string]operations.Secret{"shop": {Name: s.Name(site.Secret, "shop", "auth"), LogGroup: s.LogGroup("lambda", name), Ready: []pulumi.Resource{group}}},
	})
	if err != nil {
		return err
	}
	_, err = budget.New(ctx, s, budget.Args{Operations: o})
	return err
}
