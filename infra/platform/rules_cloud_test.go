//go:build cloud

package platform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/emulated"
)

// TestTheEngineRefuses holds that a plan made aside, within a program that
// Pulumi's engine runs, leaves that program as it was: what breaks a rule is
// refused before anything is registered, and what breaks none is previewed.
func TestTheEngineRefuses(t *testing.T) {
	root := testProject(t)
	waivers := filepath.Join(root, "live", "dev", "waivers.yaml")
	good, err := os.ReadFile(waivers)
	if err != nil {
		t.Fatal(err)
	}
	engine := emulated.Start(t, emulated.Options{Region: "eu-central-1"})
	stack, err := engine.Stack(t.Context(), "dev", emulated.Program{Run: func(ctx *pulumi.Context) error { return Deploy(ctx, unasked(root)) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := stack.SetConfig(t.Context(), "aws:region", "eu-central-1"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(waivers, []byte("version: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	result, err := stack.Preview(t.Context())
	if err == nil || !strings.Contains(result.String(), "rule 61 (ECS.2, CKV_AWS_333): aws:sfn/stateMachine:StateMachine workflow-daily") {
		t.Errorf("without waivers: %v\n%s", err, result)
	}
	for _, s := range result.Steps {
		if s.Op == "create" && s.Type != "pulumi:pulumi:Stack" {
			t.Errorf("without waivers: %s %s", s.Type, s.Name)
		}
	}
	if err := os.WriteFile(waivers, good, 0o600); err != nil {
		t.Fatal(err)
	}
	result, err = stack.Preview(t.Context())
	if err != nil {
		t.Fatalf("with waivers: %v\n%s", err, result)
	}
	if n := result.Changes["create"]; n < 100 {
		t.Errorf("with waivers: %v", result.Changes)
	}
}
