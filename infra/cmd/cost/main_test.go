package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/cost"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

// here is where the test began; it goes elsewhere.
var here, _ = os.Getwd()

// in goes to a copy of the projects that runtime's tests use.
func in(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := project.Find(here)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"project", "live"} {
		from = filepath.Join(root, "runtime", from, "testdata", "good")
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

func output(t *testing.T, args ...string) string {
	t.Helper()
	var b strings.Builder
	if err := run(args, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestOutput(t *testing.T) {
	in(t)
	if text := output(t, "prod"); !strings.Contains(text, "stack prod, ") || !strings.Contains(text, "interface endpoints") || !strings.Contains(text, "taken for granted") {
		t.Error(text)
	}
	var e cost.Estimate
	if err := json.Unmarshal([]byte(output(t, "--output", "json", "prod")), &e); err != nil || e.MonthUSD <= e.IdleUSD || len(e.Runs) == 0 || e.Stack != "prod" {
		t.Errorf("%+v %v", e, err)
	}
}

// TestDiff compares with another checkout's files, and with what its program said.
func TestDiff(t *testing.T) {
	old := in(t)
	file := filepath.Join(t.TempDir(), "before.json")
	if err := os.WriteFile(file, []byte(output(t, "--output", "json", "dev")), 0o644); err != nil {
		t.Fatal(err)
	}
	changed := in(t)
	if err := os.WriteFile(filepath.Join(changed, "live", "dev", "platform.yaml"), []byte("version: 1\nnetwork: {egress: nat}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, with := range []string{old, file} {
		if text := output(t, "--diff", with, "dev"); !strings.Contains(text, "NAT") || !strings.Contains(text, "a month in all") {
			t.Error(text)
		}
		var d cost.Difference
		if err := json.Unmarshal([]byte(output(t, "--diff", with, "--output", "json", "dev")), &d); err != nil || d.None() || d.Month.New <= d.Month.Old {
			t.Errorf("%+v %v", d, err)
		}
	}
	if text := output(t, "--diff", changed, "dev"); !strings.Contains(text, "does not change") {
		t.Error(text)
	}
}

// TestDiffWithoutTheStack: a stack that was not there cost nothing.
func TestDiffWithoutTheStack(t *testing.T) {
	old := in(t)
	if err := os.RemoveAll(filepath.Join(old, "live", "prod")); err != nil {
		t.Fatal(err)
	}
	in(t)
	var d cost.Difference
	if err := json.Unmarshal([]byte(output(t, "--diff", old, "--output", "json", "prod")), &d); err != nil || d.Month.Old != 0 || d.Month.New <= 0 {
		t.Errorf("%+v %v", d, err)
	}
}

func TestWrongUse(t *testing.T) {
	dir := in(t)
	broken := filepath.Join(t.TempDir(), "x.json")
	if err := os.WriteFile(broken, []byte("no"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{}, {"dev", "prod"}, {"--output", "xml", "dev"}, {"--colour", "dev"}, {"nowhere"}, {"--assume", "x=1", "dev"},
		{"--diff", filepath.Join(dir, "nothing"), "dev"}, {"--diff", broken, "dev"}} {
		var b strings.Builder
		if err := run(args, &b); fault.Code(err) != int(fault.Usage) || fault.Next(err) == "" || b.Len() > 0 {
			t.Errorf("%v: %v", args, err)
		}
	}
}
