package main

import (
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestWorkspaceIsInSync holds what `go work sync` is for: the versions that
// are built in the workspace, by developers, are those of a build with
// GOWORK=off, for shipping.
func TestWorkspaceIsInSync(t *testing.T) {
	out, err := exec.Command("go", "env", "GOWORK").Output()
	if err != nil {
		t.Fatal(err)
	}
	if work := strings.TrimSpace(string(out)); work == "" || work == "off" {
		t.Skip("there is no workspace to compare with")
	}
	for _, module := range []string{".", "../runtime"} {
		here, alone := versions(t, module, ""), versions(t, module, "off")
		for _, path := range slices.Sorted(maps.Keys(here)) {
			if alone[path] != here[path] && !strings.HasPrefix(path, "github.com/floe-data/floe/") {
				t.Errorf("%s builds with %s %q in the workspace and %q alone: in both modules run GOWORK=off go get %[2]s@%[3]s and GOWORK=off go mod tidy, then go work sync",
					module, path, here[path], alone[path])
			}
		}
	}
}

// versions are the modules that a module's packages and tests are built of.
func versions(t *testing.T, module, work string) map[string]string {
	t.Helper()
	c := exec.Command("go", "list", "-e", "-deps", "-test", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", "./...")
	c.Dir = module
	if work != "" {
		c.Env = append(os.Environ(), "GOWORK="+work)
	}
	out, err := c.Output()
	if err != nil {
		t.Fatalf("list the modules of %s: %v", module, err)
	}
	found := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		path, version, _ := strings.Cut(line, " ")
		found[path] = version
	}
	return found
}
