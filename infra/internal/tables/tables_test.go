package tables

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
)

var dev = &site.Site{Project: "floe", Stack: "dev", Account: "123456789012", Region: "eu-central-1"}

func many(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("landing_%02d", i))
	}
	return names
}

func TestNamed(t *testing.T) {
	few := append(many(most-1), "a")
	slices.Sort(few)
	if got := Named(dev, few); !slices.Equal(got, few) {
		t.Errorf("got %v", got)
	}
	if got, want := Named(dev, append(many(most), "marts", "a")), []string{"a", "marts", "landing_*"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var reports []string
	for n := range most + 1 {
		reports = append(reports, fmt.Sprintf("report_%02d", n))
	}
	if got := Named(dev, reports); !slices.Equal(got, reports) {
		t.Errorf("without landing schemas: got %v", got)
	}
	long := &site.Site{Project: strings.Repeat("p", 250), Stack: "dev", Account: dev.Account, Region: dev.Region}
	if got := Named(long, many(most+1)); !slices.Equal(got, many(most+1)) {
		t.Errorf("names that are cut: got %v", got)
	}
	if got := pattern(dev, "landing_*"); got != "floe_dev_landing_*" {
		t.Error(got)
	}
}

func TestSplit(t *testing.T) {
	landings, others := Split([]string{"marts", "landing_b", "a", "landing_a"})
	if !slices.Equal(landings, []string{"landing_a", "landing_b"}) || !slices.Equal(others, []string{"a", "marts"}) {
		t.Errorf("got %v and %v", landings, others)
	}
}

// TestUses: who only asks changes nothing, who loads removes no table, and who
// builds may do all that who asks may.
func TestUses(t *testing.T) {
	of := Schemas{Label: "Landing", Bucket: Bucket{Name: "b", Key: pulumi.String("k")}, Names: []string{"landing_a"}}
	actions := func(u Use) (all []string) {
		for _, s := range Allow(dev, u, of) {
			all = append(all, s.Actions...)
		}
		return all
	}
	query, build, load, keep := actions(Query), actions(Build), actions(Load), actions(Keep)
	for _, action := range query {
		if strings.Contains(action, "Put") || strings.Contains(action, "Delete") || strings.Contains(action, "Update") || strings.Contains(action, "Create") || action == "kms:GenerateDataKey" {
			t.Errorf("Query allows %s", action)
		}
		if !slices.Contains(build, action) {
			t.Errorf("Build does not allow %s", action)
		}
	}
	if slices.Contains(load, "glue:DeleteTable") || slices.Contains(keep, "glue:DeleteTable") || slices.Contains(keep, "glue:CreateTable") {
		t.Errorf("Load allows %v, Keep %v", load, keep)
	}
	for name, all := range map[string][]string{"Load": load, "Keep": keep, "Build": build} {
		for _, action := range []string{"glue:UpdateTable", "s3:PutObject", "kms:GenerateDataKey"} {
			if !slices.Contains(all, action) {
				t.Errorf("%s does not allow %s", name, action)
			}
		}
	}
	if of.Names = nil; Allow(dev, Query, of) != nil || Allow(dev, Build, of) != nil {
		t.Error("without schemas something is allowed")
	}
}
