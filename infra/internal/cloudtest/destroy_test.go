//go:build cloud

package cloudtest

import (
	"slices"
	"strings"
)

// stays is what AWS keeps of a destroyed stack, by kind and state: nothing of
// it costs anything.
var stays = []string{
	"kms key PendingDeletion",      // its waiting period
	"ecs task definition INACTIVE", // AWS keeps revisions that were deregistered
	"ecs cluster INACTIVE",         // likewise, for a while
	"lakeformation admin ",         // the account's, not the stack's
}

// renamed is what a stack that refuses deletion keeps besides: the secret of the
// source that was renamed, in its recovery window.
const renamed = "secretsmanager secret PendingDeletion"

// destroy removes the stack with its data; the account holds nothing of it.
func destroy(w *world) {
	r, err := w.stack.Destroy(w.ctx)
	w.must("destroy", r, err)
	left, err := w.engine.AWS.Residue(w.ctx, region)
	if err != nil {
		w.Fatal(err)
	}
	allowed := slices.Clone(stays)
	if w.name == "prod" {
		allowed = append(allowed, renamed)
	}
	for _, l := range left {
		if !slices.Contains(allowed, l.Service+" "+l.Kind+" "+l.State) {
			w.Errorf("after destroy there is %s", l)
		}
	}
}

// refusedDestroy holds that a stack whose file does not allow it is not
// destroyed, not even in part; and then changes the file.
func refusedDestroy(w *world) {
	if w.name != "prod" {
		return // dev allows it from the start
	}
	before, err := w.engine.AWS.Residue(w.ctx, region)
	if err != nil {
		w.Fatal(err)
	}
	r, err := w.stack.Destroy(w.ctx)
	if err == nil || !strings.Contains(r.Output, "protected") {
		w.Fatalf("prod was destroyed: %v\n%s", err, r)
	}
	after, err := w.engine.AWS.Residue(w.ctx, region)
	if err != nil || len(after) != len(before) {
		w.Errorf("a refused destroy left %d of %d things, %v", len(after), len(before), err)
	}
	w.files.edit("live/prod/platform.yaml", "version: 1\n", "version: 1\ndeletion: allowed\n")
	r, err = w.stack.Up(w.ctx)
	w.must("allow deletion", r, err)
}
