package emulated

import (
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/emulated/aws"
	"github.com/floe-data/floe/infra/internal/rights"
	"github.com/floe-data/floe/infra/internal/rights/demand"
	"github.com/floe-data/floe/infra/internal/sitetest"
)

// Recorded holds what deploying a stack called against two golden files, path
// and .preview.txt (what a preview and a refresh ask) or .apply.txt (all), so
// that the rights of who deploys are held against it (package bootstrap).
func (e *Engine) Recorded(t *testing.T, project, stack, path string) {
	t.Helper()
	var look, all []rights.Request
	for _, c := range e.AWS.Calls() {
		if c.Operation == "" || c.Role != "" {
			continue
		}
		for _, n := range c.Needs {
			if n.Resource == aws.Unknown {
				t.Errorf("%s %s: what it needs is not known; add it to infra/internal/emulated/aws/requests.txt", c.Service, c.Action)
			}
		}
		all = append(all, c.Needs...)
		if c.Operation == "preview" || c.Operation == "refresh" {
			look = append(look, c.Needs...)
		}
	}
	for name, needs := range map[string][]rights.Request{"preview": look, "apply": all} {
		sitetest.Text(t, path+"."+name+".txt", strings.Join(demand.Deployment(needs, project, stack), "\n")+"\n")
	}
}
