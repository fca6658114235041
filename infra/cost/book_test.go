package cost

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func book(t *testing.T) *Book {
	t.Helper()
	b, err := Prices()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestEachPriceSaysWhereItIsFrom: a figure without unit, source and date is none.
func TestEachPriceSaysWhereItIsFrom(t *testing.T) {
	b := book(t)
	date := regexp.MustCompile(`^(undated|20\d\d(-\d\d(-\d\d)?)?)$`)
	if !regexp.MustCompile(`^20\d\d-\d\d-\d\d$`).MatchString(b.Read) || b.MonthHours != 730 || b.Elsewhere.Why == "" {
		t.Errorf("the book itself: %s %g %+v", b.Read, b.MonthHours, b.Elsewhere)
	}
	for name, p := range b.Prices {
		if p.USD <= 0 || p.Per == "" || p.Source == "" || !date.MatchString(p.Date) || p.Date != "undated" && p.Date > b.Read {
			t.Errorf("%s: %+v", name, p)
		}
		for region, r := range p.Regions {
			if r.USD <= 0 || r.Source == "" || !date.MatchString(r.Date) {
				t.Errorf("%s in %s: %+v", name, region, r)
			}
		}
	}
	for name, a := range b.Assumptions {
		if a.Value <= 0 || a.Why == "" {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// TestWhatIsInTheBookIsUsed: a price that nothing reads is out of date unseen.
func TestWhatIsInTheBookIsUsed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f, "_test.go") {
			code.Write(text)
		}
	}
	// These names are put together where they are used.
	joined := strings.NewReplacer("_arm64", "_", "_x86_64", "_", "writes_per_load", "writes_per_", "writes_per_maintain", "writes_per_", "reads_per_load", "reads_per_", "reads_per_maintain", "reads_per_")
	b := book(t)
	for name := range b.Prices {
		if !strings.Contains(code.String(), `"`+joined.Replace(name)+`"`) {
			t.Errorf("nothing uses the price %s", name)
		}
	}
	for name := range b.Assumptions {
		if !strings.Contains(code.String(), `"`+joined.Replace(name)+`"`) {
			t.Errorf("nothing uses the assumption %s", name)
		}
	}
}

// TestElsewhere holds the factor to what prices.yaml says of it.
func TestElsewhere(t *testing.T) {
	b := book(t)
	highest := 0.0
	for name, p := range b.Prices {
		if name == "region_gb" { // what leaves a region differs more than what stays
			continue
		}
		for _, r := range p.Regions {
			highest = max(highest, r.USD/p.USD)
		}
	}
	if math.Abs(highest-b.Elsewhere.Factor) > 0.005 {
		t.Errorf("the highest regional price is %.3f times us-east-1's, and the factor is %g", highest, b.Elsewhere.Factor)
	}
}

func TestIn(t *testing.T) {
	b := book(t)
	for _, tc := range []struct {
		region, name string
		want         float64
		own          bool
	}{
		{"us-east-1", "fargate_cpu_arm64", 0.03238, true},
		{"ap-southeast-2", "fargate_cpu_arm64", 0.03885, true},
		{"eu-central-1", "fargate_cpu_arm64", 0.03238 * 1.2, false},
		{"eu-central-1", "kms_key", 1, true},
	} {
		usd, own, err := b.In(tc.region, tc.name)
		if err != nil || math.Abs(usd-tc.want) > 1e-12 || own != tc.own {
			t.Errorf("%s in %s: %g %t %v", tc.name, tc.region, usd, own, err)
		}
	}
	if _, _, err := b.In("us-east-1", "gold"); err == nil || !strings.Contains(err.Error(), "gold") {
		t.Error(err)
	}
}

func TestAssume(t *testing.T) {
	b, err := Prices("load_seconds=600", "data_gb=0")
	if err != nil || b.Assumptions["load_seconds"].Value != 600 || b.Assumptions["data_gb"].Value != 0 || b.Assumptions["load_seconds"].Why == "" {
		t.Errorf("%+v %v", b, err)
	}
	for _, wrong := range []string{"load_second=600", "load_seconds", "load_seconds=ten", "load_seconds=-1"} {
		if _, err := Prices(wrong); err == nil || !strings.Contains(err.Error(), "assume: found") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
