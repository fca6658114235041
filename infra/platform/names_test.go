package platform

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/naming"
	"github.com/floe-data/floe/runtime/project"
)

// TestNames holds that naming.Of, which floe doctor looks names up by, tells
// the names of all that is made, and of nothing else.
func TestNames(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) { compareNames(t, s.root(t), s.stack) })
	}
	t.Run("a table bucket", func(t *testing.T) { compareNames(t, asked(t, "dev", "tables: s3tables\n"), "dev") })
	t.Run("uploads", func(t *testing.T) { compareNames(t, testProject(t), "dev") })
}

func compareNames(t *testing.T, root, stack string) {
	t.Helper()
	p, err := project.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	s, err := live.Load(p, stack)
	if err != nil {
		t.Fatal(err)
	}
	account := s.Platform.Account
	if account == "" {
		account = "123456789012" // what package plan answers
	}
	n := naming.Of(p, s, naming.Place{Project: p.Name, Stack: stack, Account: account, Region: s.Region})
	want := map[string][]string{"Role": n.Roles, "Secret": n.Secrets, "CatalogDatabase": n.Databases, "Workgroup": n.Workgroups, "Policy": n.Policies, "TableBucket": nil, "BucketV2": nil}
	for _, b := range n.Buckets {
		want["BucketV2"] = append(want["BucketV2"], b.Name)
	}
	if n.TableBucket != "" {
		want["TableBucket"] = []string{n.TableBucket}
	}
	got := map[string][]string{}
	for _, r := range resources(t, root, stack) {
		short := r.Type[strings.LastIndex(r.Type, ":")+1:]
		if _, ok := want[short]; !ok || strings.HasPrefix(r.Type, "aws:sns") || strings.HasPrefix(r.Type, "aws:sqs") || strings.HasPrefix(r.Type, "aws:s3/bucketPolicy") {
			continue
		}
		text, _ := r.Inputs["name"].(string)
		if bucket, ok := r.Inputs["bucket"].(string); ok {
			text = bucket
		}
		got[short] = append(got[short], text)
	}
	for _, kind := range slices.Sorted(maps.Keys(want)) {
		slices.Sort(want[kind])
		slices.Sort(got[kind])
		if !slices.Equal(want[kind], got[kind]) {
			t.Errorf("%s:\n  named %v\n  made  %v", kind, want[kind], got[kind])
		}
	}
}
