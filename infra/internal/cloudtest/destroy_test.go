//go:build cloud

package cloudtest

import (
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/emulated"
)

// stays is what AWS keeps of a destroyed stack, by kind and state: nothing of
// it costs anything.
var stays = []string{
	"kms key PendingDeletion",      // its waiting period
	"ecs task definition INACTIVE", // AWS keeps revisions that were deregistered
	"ecs cluster INACTIVE",         // likewise, for a while
}

// destroy removes the stack with its data; the account holds nothing of it.
func destroy(w *world) {
	r, err := w.stack.Destroy(w.ctx)
	w.must("destroy", r, err)
	left, err := w.engine.AWS.Residue(w.ctx, region)
	if err != nil {
		w.Fatal(err)
	}
	for _, l := range left {
		if !slices.Contains(stays, l.Service+" "+l.Kind+" "+l.State) {
			w.Errorf("after destroy there is %s", l)
		}
	}
}

const prodWorkflows = "  - {name: daily, compute: lambda}\n  - {name: marts}\n"

// TestProd deploys the hardened stack, which refuses to be destroyed until its
// file allows it.
func TestProd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "prod", prodWorkflows)
	r, err := w.stack.Preview(w.ctx)
	w.must("preview", r, err)
	r, err = w.stack.Up(w.ctx)
	w.must("up", r, err)
	r, err = w.stack.Up(w.ctx, emulated.NoChanges)
	w.must("up again", r, err)
	r, err = w.stack.Refresh(w.ctx, emulated.NoChanges)
	w.must("refresh", r, err)
	load(w)
	before, err := w.engine.AWS.Residue(w.ctx, region)
	if err != nil {
		t.Fatal(err)
	}
	r, err = w.stack.Destroy(w.ctx)
	if err == nil || !strings.Contains(r.Output, "protected") {
		t.Fatalf("prod was destroyed: %v\n%s", err, r)
	}
	after, err := w.engine.AWS.Residue(w.ctx, region)
	if err != nil || len(after) != len(before) {
		t.Errorf("a refused destroy left %d of %d things, %v", len(after), len(before), err)
	}
	w.files.edit("live/prod/platform.yaml", "version: 1\n", "version: 1\ndeletion: allowed\n")
	r, err = w.stack.Up(w.ctx)
	w.must("allow deletion", r, err)
	destroy(w)
}
