package emulated

import (
	"context"
	"slices"
	"testing"
	"time"
)

// Begin takes a new stack to where it stays: what a preview promises is made,
// and after that nothing is left to do. checks look at it as soon as it is made.
func (s *Stack) Begin(t *testing.T, checks ...func(*Result)) {
	t.Helper()
	planned := s.must(t, "preview", s.Preview)
	promised := func(made *Result) {
		t.Helper()
		if made.Changes["create"] != planned.Changes["create"] {
			t.Errorf("%d were made, %d planned", made.Changes["create"], planned.Changes["create"])
		}
	}
	s.Change(t, "up", append(checks, promised)...)
}

// Change deploys what the program says now; after that, neither a refresh nor
// another up finds anything to do. checks look at it as soon as it is deployed.
func (s *Stack) Change(t *testing.T, what string, checks ...func(*Result)) {
	t.Helper()
	r := s.must(t, what, s.Up)
	for _, check := range checks {
		check(r)
	}
	s.must(t, "refresh after "+what, s.Refresh, NoChanges)
	s.must(t, "up after "+what, s.Up, NoChanges)
}

// End destroys the stack.
func (s *Stack) End(t *testing.T) {
	t.Helper()
	s.must(t, "destroy", func(ctx context.Context, _ ...Option) (*Result, error) { return s.Destroy(ctx) })
}

// must runs an operation, tells of it, and fails the test where it fails.
func (s *Stack) must(t *testing.T, what string, run func(context.Context, ...Option) (*Result, error), options ...Option) *Result {
	t.Helper()
	r, err := run(t.Context(), options...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", what, err, r)
	}
	t.Logf("%s: %s, %v", what, r.Elapsed.Round(100*time.Millisecond), r.Changes)
	return r
}

// Gone holds that a region ("" for the engine's own) has nothing left but keys
// that wait for their deletion, and what is of some kinds.
func (e *Engine) Gone(t *testing.T, region string, but ...string) {
	t.Helper()
	left, err := e.AWS.Residue(t.Context(), region)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range left {
		if l.State != "PendingDeletion" && !slices.Contains(but, l.Kind) {
			t.Errorf("after destroy there is %s %s", l, region)
		}
	}
}
