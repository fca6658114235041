package policy_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/infra/platform"
	"github.com/floe-data/floe/infra/policy"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// planned is what a stack of the project at root would have.
func planned(t *testing.T, root, stack string) (*live.Stack, []plan.Resource) {
	t.Helper()
	p, err := project.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	s, err := live.Load(p, stack)
	if err != nil {
		t.Fatal(err)
	}
	resources, err := platform.Resources(root, stack)
	if err != nil {
		t.Fatal(err)
	}
	return s, resources
}

// TestStacks holds the rules over every stack that ships, with its waivers.
func TestStacks(t *testing.T) {
	for _, root := range []string{"../..", "../internal/cloudtest/testdata/project", fixture(t), rich(t), richTables(t)} {
		names, err := live.Names(root)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s has no stacks: %v", root, err)
		}
		for _, name := range names {
			t.Run(filepath.Base(root)+"/"+name, func(t *testing.T) {
				s, resources := planned(t, root, name)
				findings, err := policy.Check(s, resources)
				if err != nil {
					t.Fatal(err)
				}
				if err := policy.Error(name, policy.Apply(name, findings, s.Waivers.Waivers, time.Now())); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// fixture is a copy of the projects that runtime's tests use, with stacks that
// use what those that ship do not.
func fixture(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, from := range []string{"../../runtime/project/testdata/good", "../../runtime/live/testdata/good"} {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
