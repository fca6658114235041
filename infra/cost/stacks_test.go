package cost_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/cost"
	"github.com/floe-data/floe/infra/platform"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// testProject is a copy of the projects that runtime's tests use, whose stack
// dev has more in its platform.yaml.
func testProject(t *testing.T, more string) string {
	t.Helper()
	dir := t.TempDir()
	for _, from := range []string{"../../runtime/project/testdata/good", "../../runtime/live/testdata/good"} {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	if more != "" {
		if err := os.WriteFile(filepath.Join(dir, "live", "dev", "platform.yaml"), []byte("version: 1\n"+more), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func estimate(t *testing.T, root, stack string) *cost.Estimate {
	t.Helper()
	e, err := platform.Cost(root, stack, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestEveryResourceIsPriced: who adds a type of resource says what it costs.
func TestEveryResourceIsPriced(t *testing.T) {
	for name, tc := range map[string]struct{ stack, more string }{
		"dev": {"dev", ""}, "prod": {"prod", ""},
		"nat":       {"dev", "network: {egress: nat}\n"},
		"endpoints": {"dev", "network: {egress: endpoints}\n"},
		"everything": {"dev", "audit: trail\nathena: {spark: true}\nstorage: {access_logs: true}\nalarms: {email: a@example.com}\nbudget: {monthly_usd: 100, anomalies: true}\n" +
			"replica: {region: eu-west-1}\nbackup: {databases: ['arn:aws:rds:eu-central-1:123456789012:db:shop']}\n"},
	} {
		for _, kind := range estimate(t, testProject(t, tc.more), tc.stack).Unknown {
			t.Errorf("%s: nobody has said what %s costs: price it in idle.go, or give the reason in free.go", name, kind)
		}
	}
}

// TestEveryTypeThatIsUsedIsPriced goes through the types that stacks are tested with.
func TestEveryTypeThatIsUsedIsPriced(t *testing.T) {
	files, err := filepath.Glob("../internal/emulated/resources*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	token := regexp.MustCompile(`Token: "(aws:[a-z0-9]+/[^"]+)"`)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range token.FindAllStringSubmatch(string(text), -1) {
			if name := found[1][strings.LastIndex(found[1], ":")+1:]; !strings.HasPrefix(name, "get") && !cost.Reviewed(found[1]) {
				t.Errorf("nobody has said what %s costs: price it in idle.go, or give the reason in free.go", found[1])
			}
		}
	}
}

// TestThisRepositorysStacks holds each stack under the ceiling that its own
// platform.yaml has, as the program does.
func TestThisRepositorysStacks(t *testing.T) {
	root, err := project.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	p, err := project.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	stacks, err := live.Names(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, stack := range stacks {
		l, err := live.Load(p, stack)
		if err != nil {
			t.Fatal(err)
		}
		e := estimate(t, root, stack)
		if b := l.Platform.Budget; b != nil {
			if err := e.Check(b.MonthlyUSD); err != nil {
				t.Error(err)
			}
		}
		switch {
		case stack != "dev":
		case l.Platform.Sizes == sizes(t):
			small(t, e)
		default:
			t.Log("dev has sizes of its own: that it is idle for less than 10 dollars is not looked at")
		}
	}
}

// sizes are the defaults: what follows is said of these.
func sizes(t *testing.T) live.Sizes {
	t.Helper()
	p, err := project.Load(testProject(t, "network: {zones: 2}\n"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := live.Load(p, "dev")
	if err != nil {
		t.Fatal(err)
	}
	return l.Platform.Sizes
}

// small: idle for less than 10 dollars a month in the first and the second year,
// which begins with a rotation of the keys, and a run of the example for less
// than a cent.
func small(t *testing.T, e *cost.Estimate) {
	t.Helper()
	if e.RotationUSD <= 0 || e.IdleUSD+e.RotationUSD >= 10 {
		t.Errorf("dev is idle for $%.2f a month, and a rotation of keys adds $%.2f", e.IdleUSD, e.RotationUSD)
	}
	for _, r := range e.Runs {
		if r.Workflow == "chess" && (r.USD <= 0 || r.USD >= 0.01) {
			t.Errorf("a run of %s costs $%.6f", r.Workflow, r.USD)
		}
	}
}
