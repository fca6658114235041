//go:build cloud

package emulated

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// TestCycle takes the program with everything through its life.
func TestCycle(t *testing.T) {
	ctx := t.Context()
	e := Start(t, Options{Log: func(s string) { t.Log(s) }})
	program := &everything{Memory: 256, CIDR: "10.0.1.0/24"}
	var current *pulumi.Context
	program.Image = pushes(t, echoImage(t), func() *pulumi.Context { return current })
	s, err := e.Stack(ctx, "dev", Program{Run: func(ctx *pulumi.Context) error {
		current = ctx
		return program.Run(ctx)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetConfigPath(ctx, "aws:defaultTags.tags.project", "floe"); err != nil {
		t.Fatal(err)
	}
	step := func(what string, r *Result, err error) {
		t.Helper()
		t.Logf("%s: %s", what, r)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	r, err := s.Preview(ctx)
	step("preview", r, err)
	r, err = s.Up(ctx, KeepGoing)
	step("up", r, err)
	r, err = s.Up(ctx, NoChanges)
	step("up again", r, err)
	r, err = s.Refresh(ctx, NoChanges)
	step("refresh", r, err)
	r, err = s.Destroy(ctx)
	step("destroy", r, err)
	left, err := e.AWS.Residue(ctx, "")
	t.Log(left, err)
}
