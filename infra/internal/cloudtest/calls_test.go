//go:build cloud

package cloudtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floe-data/floe/infra/internal/emulated/aws"
	"github.com/floe-data/floe/infra/internal/rights"
	"github.com/floe-data/floe/infra/internal/rights/demand"
	"github.com/floe-data/floe/infra/internal/sitetest"
)

// What deploys a stack is no role of it: its calls are those of these names.
const (
	deployPreview = "deploy.preview" // previews and refreshes
	deployApply   = "deploy.apply"   // everything
)

// calls holds who called what against testdata/calls/<stack>: a call that is
// not in the role's file fails, and so does one that nobody made.
func (w *world) calls() {
	w.Helper()
	got := map[string][]string{}
	for name, all := range w.byRole() {
		if name == deployPreview || name == deployApply {
			got[name] = demand.Deployment(all, "floe", w.name)
		} else {
			got[name] = demand.Calls(all)
		}
	}
	dir := filepath.Join("testdata", "calls", w.name)
	if sitetest.Updating() {
		w.writeCalls(dir, got)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		w.Fatal(err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".txt")
		text, err := os.ReadFile(path)
		if err != nil {
			w.Fatal(err)
		}
		want := strings.Split(strings.TrimSpace(string(text)), "\n")
		for _, line := range got[name] {
			if !slices.Contains(want, line) {
				w.Errorf("%s of %s calls what %s does not hold: %s", name, w.name, path, line)
			}
		}
		for _, line := range want {
			if !slices.Contains(got[name], line) {
				w.Errorf("%s of %s does not call what %s holds: %s", name, w.name, path, line)
			}
		}
		delete(got, name)
	}
	for name, lines := range got {
		w.Errorf("%s of %s has no file in %s; it calls\n%s\n-update writes them anew", name, w.name, dir, strings.Join(lines, "\n"))
	}
}

// byRole are what the calls needed, by the role's name after project and stack.
// The source that is renamed on the way is the same under both names.
func (w *world) byRole() map[string][]rights.Request {
	w.Helper()
	all := map[string][]rights.Request{}
	for _, c := range w.engine.AWS.Calls() {
		for _, n := range c.Needs {
			if n.Resource == aws.Unknown && c.Role+c.Operation != "" {
				w.Errorf("%s %s of %s%s: what it needs is not known; add it to infra/internal/emulated/aws/requests.txt", c.Service, c.Action, c.Role, c.Operation)
			}
		}
		switch {
		case c.Role != "":
			name := strings.TrimPrefix(c.Role[strings.LastIndex(c.Role, "/")+1:], "floe-"+w.name+"-")
			name = strings.Replace(name, "associate", "partner", 1)
			all[name] = append(all[name], underOneName(c.Needs)...)
		case c.Operation != "":
			all[deployApply] = append(all[deployApply], c.Needs...)
			if c.Operation == "preview" || c.Operation == "refresh" {
				all[deployPreview] = append(all[deployPreview], c.Needs...)
			}
		}
	}
	return all
}

func underOneName(needs []rights.Request) []rights.Request {
	needs = slices.Clone(needs)
	for i, n := range needs {
		needs[i].Resource = strings.ReplaceAll(n.Resource, "associate", "partner")
		if prefix := n.Context["s3:prefix"]; len(prefix) > 0 {
			needs[i].Context = rights.Context{"s3:prefix": {strings.ReplaceAll(prefix[0], "associate", "partner")}}
		}
	}
	return needs
}

func (w *world) writeCalls(dir string, got map[string][]string) {
	w.Helper()
	if err := os.RemoveAll(dir); err != nil {
		w.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		w.Fatal(err)
	}
	for name, lines := range got {
		if err := os.WriteFile(filepath.Join(dir, name+".txt"), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			w.Fatal(err)
		}
	}
}
