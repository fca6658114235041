//go:build cloud

package cloudtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"github.com/floe-data/floe/infra/internal/emulated"
)

// TestDelivery does what the workflows do, by the same make targets: a change
// gets a stack of its own, is deployed again by a plan that was kept, is looked
// at after somebody's hand was in it, and goes without a trace.
func TestDelivery(t *testing.T) {
	t.Parallel()
	f := newFiles(t)
	repository := filepath.Join("..", "..", "..")
	copyCode(t, filepath.Join(repository, "infra"), filepath.Join(f.root, "infra"))
	if err := os.CopyFS(filepath.Join(f.root, "scripts"), os.DirFS(filepath.Join(repository, "scripts"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.work", "go.work.sum", "Pulumi.yaml", "Makefile"} {
		text, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Fatal(err)
		}
		f.edit(name, "", string(text))
	}
	engine := emulated.Start(t, emulated.Options{Region: region})
	run := func(words string, want int) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), "make", append([]string{"--no-print-directory"}, strings.Fields(words)...)...)
		c.Dir, c.Env = f.root, append(engine.Env(), toolchain(t)...)
		out, err := c.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) || (err != nil) != (want != 0) {
			t.Fatalf("make %s: %v\n%s", words, err, out)
		}
		if want != 0 && !strings.Contains(string(out), "Error "+string(rune('0'+want))) {
			t.Fatalf("make %s did not end with %d\n%s", words, want, out)
		}
		return string(out)
	}
	if out := run("pr PR=12", 0); !strings.Contains(out, "floe-pr-12-ingest-games") || !strings.Contains(out, "floe secret set partner --stack pr-12") {
		t.Errorf("make pr:\n%s", out)
	}
	if out := run("images STACK=pr-12 OUT=images.json", 0); !strings.Contains(out, `"ingest": "sha256:`) {
		t.Errorf("make images:\n%s", out)
	}
	run("same-images STACK=dev DIGESTS=images.json", 0)
	run("preview STACK=pr-12 OUT=plan PLAN=plan/pr-12.json", 0)
	if out := run("deploy STACK=pr-12 YES=1 PLAN=plan/pr-12.json", 0); strings.Contains(out, " updated") || strings.Contains(out, " replaced") {
		t.Errorf("a change's second deploy:\n%s", out)
	}
	run("drift STACK=pr-12 OUT=drift.txt", 0)
	if _, err := glue.NewFromConfig(engine.AWS.Config()).UpdateDatabase(t.Context(), &glue.UpdateDatabaseInput{
		Name: aws.String("floe_pr_12_marts"), DatabaseInput: &types.DatabaseInput{Name: aws.String("floe_pr_12_marts"), Description: aws.String("by hand")}}); err != nil {
		t.Fatal(err)
	}
	if out := run("drift STACK=pr-12 OUT=drift.txt", 3); !strings.Contains(out, "by hand") {
		t.Errorf("make drift:\n%s", out)
	}
	out := run("unpr PR=12", 0)
	if !strings.Contains(out, "Nothing else of stack pr-12 is left") {
		t.Errorf("make unpr:\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(f.root, "stacks", "Pulumi.pr-12.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the settings of a stack that is gone: %v", err)
	}
	left, err := engine.AWS.Residue(t.Context(), region)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range left {
		if !slices.Contains(stays, l.Service+" "+l.Kind+" "+l.State) {
			t.Errorf("after make unpr there is %s", l)
		}
	}
}
