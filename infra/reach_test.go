package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const runtimePrefix = "github.com/floe-data/floe/runtime/"

// TestReach holds that the program compiles without what moves data: of the
// runtime it knows how things are described, and nothing that runs them.
func TestReach(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-test=false", "./...").Output()
	if err != nil {
		t.Fatalf("list what infra reaches: %v", err)
	}
	allowed := []string{"live", "project", "environment", "naming", "orchestrate", "governance", // what infra is made of
		"fault", "nearest", "schema", "yamlfile"} // and what these are made of
	for _, path := range strings.Fields(string(out)) {
		for _, heavy := range []string{"duckdb", "iceberg-go", "arrow-go", "parquet-go", "modernc.org/sqlite"} {
			if strings.Contains(path, heavy) {
				t.Errorf("infra reaches %s", path)
			}
		}
		if name, ours := strings.CutPrefix(path, runtimePrefix); ours && !slices.Contains(allowed, name) {
			t.Errorf("infra reaches runtime/%s; it may reach %s", name, strings.Join(allowed, ", "))
		}
	}
}
