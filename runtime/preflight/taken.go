package preflight

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"
)

// holder is whose a name is.
type holder struct {
	free, ours bool
	who        string // where it is neither: what was found
	next       string // and what to do about it
	skipped    *Finding
}

// kind is what is named, and how to ask whose a name is.
type kind struct {
	what       string // roles
	permission string // that asking needs
	names      []string
	look       func(ctx context.Context, name string) (holder, error)
}

// taken asks for all names: one finding for what is free or ours, one for each
// name that is somebody else's, one for each permission that is missing.
func (k kind) taken(ctx context.Context) []Finding {
	if len(k.names) == 0 {
		return nil
	}
	found, errs := make([]holder, len(k.names)), make([]error, len(k.names))
	var g errgroup.Group
	for i, name := range k.names {
		g.Go(func() error {
			ctx, cancel := within(ctx)
			defer cancel()
			found[i], errs[i] = k.look(ctx, name)
			return nil
		})
	}
	_ = g.Wait() // errors are kept by name
	free, ours := 0, 0
	var others, unknown []Finding
	for i, h := range found {
		switch {
		case errs[i] != nil:
			unknown = append(unknown, unasked(k.what, k.permission, errs[i]))
		case h.skipped != nil:
			unknown = append(unknown, *h.skipped)
		case h.free:
			free++
		case h.ours:
			ours++
		default:
			others = append(others, bad(k.what, h.next, "%s %s", k.names[i], h.who))
		}
	}
	var all []Finding
	if free+ours > 0 {
		all = append(all, ok(k.what, "%s", counted(free, ours)))
	}
	return append(append(all, others...), alike(unknown, len(k.names))...)
}

func counted(free, ours int) string {
	switch {
	case ours == 0:
		return fmt.Sprintf("%s free", names(free))
	case free == 0:
		return fmt.Sprintf("%s this stack's", names(ours))
	}
	return fmt.Sprintf("%s this stack's, %s free", names(ours), names(free))
}

func names(n int) string {
	if n == 1 {
		return "1 name is"
	}
	return fmt.Sprintf("%d names are", n)
}

// alike makes one finding of those that say the same.
func alike(findings []Finding, of int) []Finding {
	var all []Finding
	count := map[Finding]int{}
	for _, f := range findings {
		if count[f]++; count[f] == 1 {
			all = append(all, f)
		}
	}
	for i, f := range all {
		all[i].Says = strings.TrimSpace(fmt.Sprintf("%s (%d of %d names)", f.Says, count[f], of))
	}
	return all
}
