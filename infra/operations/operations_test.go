package operations

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/plan"
)

func watched(s *site.Site, o *Operations) WatchArgs {
	return WatchArgs{
		Operations: o,
		Workflows: []Workflow{
			{Name: "daily", Machine: s.ARN("states", "stateMachine:daily"), Schedule: "cron(0 5 * * ? *)", Takes: 5 * time.Hour},
			{Name: "by-hand", Machine: s.ARN("states", "stateMachine:by-hand"), Takes: time.Hour},
		},
		Functions:  map[string]string{"ingest-shop": s.Name(site.Function, "ingest", "shop"), "evolve": s.Name(site.Function, "evolve")},
		Workgroups: map[string]string{"transform": s.Name(site.Workgroup, "transform")},
		Refusals:   Refusals{LogGroup: s.LogGroup("vpc", s.Name(site.LogGroup, "refused"))},
		Secrets:    map[string]Secret{"shop": {Name: s.Name(site.Secret, "shop", "auth"), LogGroup: s.LogGroup("lambda", s.Name(site.Function, "ingest", "shop"))}},
	}
}

func planned(t *testing.T, stack string, change func(*site.Site)) []plan.Resource {
	t.Helper()
	s := sitetest.Load(t, stack, change)
	return sitetest.Plan(t, s, func(ctx *pulumi.Context) error {
		o, err := New(ctx, s, Args{})
		if err != nil {
			return err
		}
		group, err := LogGroup(ctx, s, "ingest-shop", s.LogGroup("lambda", s.Name(site.Function, "ingest", "shop")), o.Key)
		if err != nil {
			return err
		}
		if err := Mask(ctx, s, "ingest-shop", "shop", group); err != nil {
			return err
		}
		_, err = Watch(ctx, s, watched(s, o))
		return err
	})
}

func TestGolden(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack, func(t *testing.T) { sitetest.Golden(t, stack, planned(t, stack, nil)) })
	}
}

func each(resources []plan.Resource, suffix string) (found []plan.Resource) {
	for _, r := range resources {
		if strings.HasSuffix(r.Type, ":"+suffix) {
			found = append(found, r)
		}
	}
	return found
}

func TestAllIsEncrypted(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		resources := planned(t, stack, nil)
		for kind, key := range map[string]string{"Topic": "kmsMasterKeyId", "Queue": "kmsMasterKeyId", "LogGroup": "kmsKeyId"} {
			for _, r := range each(resources, kind) {
				if text, ok := r.Inputs[key].(string); !ok || text == "" {
					t.Errorf("%s: %s %s has no key", stack, kind, r.Name)
				}
			}
		}
		if n := len(each(resources, "TopicSubscription")); n != map[string]int{"dev": 0, "prod": 1}[stack] {
			t.Errorf("%s: %d subscriptions", stack, n)
		}
		if g := each(resources, "LogGroup")[0]; g.Inputs["retentionInDays"] != map[string]float64{"dev": 30, "prod": 365}[stack] || g.Inputs["skipDestroy"] != nil {
			t.Errorf("%s: log group %v", stack, g.Inputs)
		}
	}
}

func TestKeyIsKeptWhereDeletionIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		stack  string
		change func(*site.Site)
		keep   bool
		days   float64
	}{
		"dev":            {"dev", nil, false, 30},
		"prod":           {"prod", nil, true, 30},
		"prod deletable": {"prod", func(s *site.Site) { s.Live.Platform.Deletion = "allowed" }, false, 30},
	} {
		k := each(planned(t, tc.stack, tc.change), "Key")[0]
		if k.Protect != tc.keep || k.Retain != tc.keep || k.Inputs["deletionWindowInDays"] != tc.days || k.Inputs["enableKeyRotation"] != true {
			t.Errorf("%s: %+v", name, k)
		}
	}
}

// TestAlarms holds what every alarm must have: it tells the topic both ways,
// names the page, and CloudWatch can look back as far as it asks.
func TestAlarms(t *testing.T) {
	all := planned(t, "prod", nil)
	alarms := append(each(all, "MetricAlarm"), each(all, "CompositeAlarm")...)
	var names []string
	for _, a := range alarms {
		names = append(names, a.Name)
		says, ok := a.Inputs["alarmDescription"].(string)
		if !ok || !strings.Contains(says, "docs/operate.md#") || len(says) > 1024 {
			t.Errorf("%s says %q", a.Name, says)
		}
		for _, actions := range []string{"alarmActions", "okActions"} {
			if all, ok := a.Inputs[actions].([]any); !ok || len(all) != 1 {
				t.Errorf("%s: %s are %v", a.Name, actions, a.Inputs[actions])
			}
		}
		if strings.HasPrefix(a.Name, "health") {
			continue
		}
		if missing := a.Inputs["treatMissingData"]; (missing == broken) != strings.HasSuffix(a.Name, "-late") || missing == nil {
			t.Errorf("%s: missing data is %v", a.Name, missing)
		}
	}
	want := []string{"athena-transform-bytes", "dead-letters", "dead-letters-old", "function-evolve-errors", "function-ingest-shop-errors", "health",
		"network-refused", "secret-shop-old", "workflow-by-hand-failed", "workflow-daily-failed", "workflow-daily-late"}
	if slices.Sort(names); !slices.Equal(names, want) {
		t.Errorf("alarms %v", names)
	}
}

func TestWatchNeedsATopic(t *testing.T) {
	s := sitetest.Load(t, "dev", nil)
	_, err := sitetest.Try(s, func(ctx *pulumi.Context) error {
		_, err := Watch(ctx, s, WatchArgs{})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "Operations is missing") {
		t.Error(err)
	}
}

// TestRunbook: what an alarm names is there to be read.
func TestRunbook(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(Runbook)))
	if err != nil {
		t.Fatal(err)
	}
	all := planned(t, "prod", nil)
	for _, a := range append(each(all, "MetricAlarm"), each(all, "CompositeAlarm")...) {
		says, ok := a.Inputs["alarmDescription"].(string)
		_, rest, found := strings.Cut(says, Runbook+"#")
		anchor, heading, named := strings.Cut(rest, " (")
		heading, _, _ = strings.Cut(heading, ")")
		if !ok || !found || !named || !strings.Contains(string(page), "\n### "+heading+"\n") || anchor != strings.ReplaceAll(strings.ToLower(heading), " ", "-") {
			t.Errorf("%s: there is no section %q, or its anchor is not %q", a.Name, heading, anchor)
		}
	}
}
