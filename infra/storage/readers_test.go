package storage

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/runtime/live"
)

// TestReadersHaveNoFiles holds that whom access.yaml names is kept from the
// files of tables, and from nothing else.
func TestReadersHaveNoFiles(t *testing.T) {
	s := sitetest.Load(t, "prod", nil)
	want := readers(s)
	if len(want) != 3 {
		t.Fatalf("the fixture's readers are %v", want)
	}
	policies := each(planned(t, s, Args{}), "aws:s3/bucketPolicy:BucketPolicy")
	for name, resource := range map[string]string{
		"landing":   s.BucketARN(s.Bucket("landing"), "/landing_*"),
		"lakehouse": s.BucketARN(s.Bucket("lakehouse"), "/*"),
		"results":   "", "logs": "",
	} {
		found := ""
		for _, statement := range policyOf(t, policies[name]).Statement {
			if statement.Sid != "RefuseReaders" {
				continue
			}
			found = strings.Join(statement.Resource, " ")
			if statement.Effect != "Deny" || !slices.Equal(statement.Action, []string{"s3:GetObject*"}) || !slices.Equal(statement.Condition["ArnEquals"]["aws:PrincipalArn"], want) {
				t.Errorf("%s: %+v", name, statement)
			}
		}
		if found != resource {
			t.Errorf("%s: readers are refused %q, want %q", name, found, resource)
		}
	}
	for name, r := range each(planned(t, sitetest.Load(t, "dev", nil), Args{}), "aws:s3/bucketPolicy:BucketPolicy") {
		for _, statement := range policyOf(t, r).Statement {
			if statement.Sid == "RefuseReaders" {
				t.Errorf("dev has no readers, and its bucket %s refuses some", name)
			}
		}
	}
}

// TestTooManyReaders holds that S3 is not asked for a policy that it does not take.
func TestTooManyReaders(t *testing.T) {
	many := func(n int) func(*site.Site) {
		return func(s *site.Site) {
			for i := range n {
				s.Live.Access.Grants = append(s.Live.Access.Grants, live.Grant{Principal: fmt.Sprintf("arn:aws:iam::123456789012:role/readers/of-the-department-of-many-people-%04d", i), Schemas: []string{"marts"}})
			}
		}
	}
	for n, want := range map[int]string{150: "", 250: "live/dev/access.yaml: grants: found 250 principals"} {
		s := sitetest.Load(t, "dev", many(n))
		resources, err := sitetest.Try(s, func(ctx *pulumi.Context) error { _, err := New(ctx, s, Args{}); return err })
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d: got %v, want %q", n, err, want)
		}
		for name, r := range each(resources, "aws:s3/bucketPolicy:BucketPolicy") {
			if text, _ := r.Inputs["policy"].(string); len(text) > mostPolicy {
				t.Errorf("%d readers: the policy of %s has %d bytes", n, name, len(text))
			}
		}
	}
}
