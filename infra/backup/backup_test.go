package backup

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/live"
)

const (
	instance = "arn:aws:rds:eu-west-1:012345678901:db:shop"
	cluster  = "arn:aws:rds:eu-west-1:012345678901:cluster:games"
)

func body(s *site.Site) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		o, err := operations.New(ctx, s, operations.Args{})
		if err != nil {
			return err
		}
		_, err = New(ctx, s, Args{Operations: o})
		return err
	}
}

func planned(t *testing.T, stack string, change func(*site.Site)) []plan.Resource {
	t.Helper()
	s := sitetest.Load(t, stack, change)
	return slices.DeleteFunc(sitetest.Plan(t, s, body(s)), func(r plan.Resource) bool { return !strings.Contains(r.URN, "floe:backup:Backup$") })
}

// of backs databases up, of which less than rpo may be lost.
func of(rpo string, databases ...string) func(*site.Site) {
	return func(s *site.Site) {
		s.Live.Platform.Backup = &live.Backup{Databases: databases, KeepDays: 35}
		s.Live.Platform.Objectives = &live.Objectives{RTO: "4h", RPO: rpo}
	}
}

func TestGolden(t *testing.T) {
	t.Run("dev", func(t *testing.T) { sitetest.Golden(t, "dev", planned(t, "dev", of("24h", instance))) })
	t.Run("prod", func(t *testing.T) { sitetest.Golden(t, "prod", planned(t, "prod", of("4h", instance, cluster))) })
}

// TestContinuous: a daily backup keeps an objective of a day and no shorter one.
func TestContinuous(t *testing.T) {
	for rpo, want := range map[string]bool{"24h": false, "48h": false, "23h": true, "5m": true} {
		for _, r := range planned(t, "dev", of(rpo, instance)) {
			if r.Type != "aws:backup/plan:Plan" {
				continue
			}
			if rule := r.Inputs["rules"].([]any)[0].(map[string]any); rule["enableContinuousBackup"] != want {
				t.Errorf("rpo %s: %v", rpo, rule)
			}
		}
	}
}

// TestKept: what holds backups stays where the stack may not be deleted.
func TestKept(t *testing.T) {
	for stack, keep := range map[string]bool{"dev": false, "prod": true} {
		for _, r := range planned(t, stack, of("24h", instance)) {
			if r.Type != "aws:backup/vault:Vault" && r.Type != "aws:kms/key:Key" {
				continue
			}
			if r.Protect != keep || r.Retain != keep || r.Type == "aws:backup/vault:Vault" && r.Inputs["forceDestroy"] != !keep {
				t.Errorf("%s: %s: protected %v, retained %v, %v", stack, r.Type, r.Protect, r.Retain, r.Inputs)
			}
		}
	}
}

// TestEachKindIsTested: AWS Backup wants a selection for each kind of database.
func TestEachKindIsTested(t *testing.T) {
	for _, tc := range []struct {
		databases []string
		want      map[string]string
	}{
		{[]string{instance}, map[string]string{"rds": instance}},
		{[]string{cluster}, map[string]string{"aurora": cluster}},
		{[]string{cluster, instance}, map[string]string{"aurora": cluster, "rds": instance}},
	} {
		got := 0
		for _, r := range planned(t, "prod", of("24h", tc.databases...)) {
			if r.Type != "aws:backup/restoreTestingSelection:RestoreTestingSelection" {
				continue
			}
			got++
			text, _ := json.Marshal(r.Inputs["protectedResourceArns"])
			if want := `["` + tc.want[r.Name] + `"]`; string(text) != want {
				t.Errorf("%s: %s, want %s", r.Name, text, want)
			}
		}
		if got != len(tc.want) {
			t.Errorf("%v: %d selections", tc.databases, got)
		}
	}
}

func TestIncomplete(t *testing.T) {
	s := sitetest.Load(t, "dev", nil)
	if _, err := sitetest.Try(s, body(s)); err == nil || !strings.Contains(err.Error(), "platform.yaml's backup") {
		t.Errorf("got %v", err)
	}
}
