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

func TestReadDoesNotWrite(t *testing.T) {
	of := Schemas{Label: "Landing", Bucket: Bucket{Name: "b", Key: pulumi.String("k")}, Names: []string{"landing_a"}}
	writes := []string{}
	for _, s := range Write(dev, of) {
		writes = append(writes, s.Actions...)
	}
	for _, s := range Read(dev, of) {
		for _, action := range s.Actions {
			if slices.Contains(slices.Concat(writeCatalog, writeFiles, []string{"kms:GenerateDataKey"}), action) {
				t.Errorf("%s allows %s", s.Sid, action)
			}
			if !slices.Contains(writes, action) {
				t.Errorf("who may write may not %s", action)
			}
		}
	}
	if of.Names = nil; Read(dev, of) != nil || Write(dev, of) != nil {
		t.Error("without schemas something is allowed")
	}
}
