package sitetest

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// Load is the site of a stack of runtime's tests, as change leaves it; nil
// changes nothing.
func Load(t *testing.T, stack string, change func(*site.Site)) *site.Site {
	t.Helper()
	root, err := project.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, from := range []string{"project", "live"} {
		if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "runtime", from, "testdata", "good"))); err != nil {
			t.Fatal(err)
		}
	}
	p, err := project.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	l, err := live.Load(p, stack)
	if err != nil {
		t.Fatal(err)
	}
	s := &site.Site{
		Project: "floe", Stack: stack, Account: cmp.Or(l.Platform.Account, plan.Account), Region: l.Region,
		Live: l, Pipelines: p,
	}
	if change != nil {
		change(s)
	}
	return s
}

// Plan is what body plans for the site.
func Plan(t *testing.T, s *site.Site, body pulumi.RunFunc) []plan.Resource {
	t.Helper()
	found, err := Try(s, body)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Try is Plan for what may be refused.
func Try(s *site.Site, body pulumi.RunFunc) ([]plan.Resource, error) {
	return plan.Resources(s.Project, s.Stack, plan.Answers{Region: s.Region, Account: s.Account}, body)
}
