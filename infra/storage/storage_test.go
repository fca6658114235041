package storage

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/plan"
)

// planned is what New plans for a site.
func planned(t *testing.T, s *site.Site, args Args) []plan.Resource {
	t.Helper()
	return sitetest.Plan(t, s, func(ctx *pulumi.Context) error {
		_, err := New(ctx, s, args)
		return err
	})
}

// shapes are the stacks that differ in what storage makes.
func shapes(t *testing.T) map[string][]plan.Resource {
	t.Helper()
	return map[string][]plan.Resource{
		"dev":     planned(t, sitetest.Load(t, "dev", nil), Args{}),
		"uploads": planned(t, sitetest.Load(t, "dev", nil), Args{UploadsDays: 90, AccessLogs: true}),
		"prod":    planned(t, sitetest.Load(t, "prod", nil), Args{}),
		"prod-deletable": planned(t, sitetest.Load(t, "prod", func(s *site.Site) {
			s.Live.Platform.Deletion = "allowed"
		}), Args{}),
	}
}

func TestGolden(t *testing.T) {
	for name, resources := range shapes(t) {
		if name == "dev" || name == "prod" {
			t.Run(name, func(t *testing.T) { sitetest.Golden(t, name, resources) })
		}
	}
}

// each gives the resources of a type by their logical name.
func each(resources []plan.Resource, token string) map[string]plan.Resource {
	out := map[string]plan.Resource{}
	for _, r := range resources {
		if r.Type == token {
			out[r.Name] = r
		}
	}
	return out
}

func TestEveryBucketIsClosed(t *testing.T) {
	for shape, resources := range shapes(t) {
		buckets := each(resources, "aws:s3/bucketV2:BucketV2")
		if len(buckets) != 4 {
			t.Fatalf("%s: %d buckets", shape, len(buckets))
		}
		for _, token := range []string{
			"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "aws:s3/bucketOwnershipControls:BucketOwnershipControls", "aws:s3/bucketPolicy:BucketPolicy",
			"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
		} {
			found := each(resources, token)
			for name := range buckets {
				if _, ok := found[name]; !ok {
					t.Errorf("%s: bucket %s has no %s", shape, name, token)
				}
			}
		}
		for name, r := range each(resources, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock") {
			for _, flag := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
				if r.Inputs[flag] != true {
					t.Errorf("%s: %s: %s is %v", shape, name, flag, r.Inputs[flag])
				}
			}
		}
	}
}

func TestDeletion(t *testing.T) {
	for shape, resources := range shapes(t) {
		keep := shape == "prod"
		for _, token := range []string{"aws:s3/bucketV2:BucketV2", "aws:kms/key:Key"} {
			for name, r := range each(resources, token) {
				if r.Protect != keep || r.Retain != keep {
					t.Errorf("%s: %s %s: protected %v, retained %v", shape, token, name, r.Protect, r.Retain)
				}
			}
		}
		for name, r := range each(resources, "aws:s3/bucketV2:BucketV2") {
			if r.Inputs["forceDestroy"] != !keep {
				t.Errorf("%s: %s: forceDestroy is %v", shape, name, r.Inputs["forceDestroy"])
			}
		}
		for name, r := range each(resources, "aws:kms/key:Key") {
			if days := r.Inputs["deletionWindowInDays"]; days != 30.0 {
				t.Errorf("%s: %s: deletion window %v", shape, name, days)
			}
			if r.Inputs["enableKeyRotation"] != true {
				t.Errorf("%s: %s does not rotate", shape, name)
			}
		}
	}
}

// TestUsersWaitForTheSettings holds that who waits for a bucket waits for what
// makes it safe, and not for the lifecycle.
func TestUsersWaitForTheSettings(t *testing.T) {
	s := sitetest.Load(t, "prod", nil)
	var st *Storage
	sitetest.Plan(t, s, func(ctx *pulumi.Context) error {
		var err error
		st, err = New(ctx, s, Args{})
		return err
	})
	for name, want := range map[string]struct {
		bucket *Bucket
		ready  int
		key    bool
	}{
		"landing": {st.Landing, 5, true}, "lakehouse": {st.Lakehouse, 5, true}, "results": {st.Results, 4, true}, "logs": {st.Logs, 4, false},
	} {
		if got := want.bucket.Name; got != "floe-prod-"+name+"-012345678901-eu-west-1" {
			t.Errorf("%s is named %s", name, got)
		}
		if len(want.bucket.Ready) != want.ready || (want.bucket.Key != nil) != want.key {
			t.Errorf("%s: %d to wait for, key %v", name, len(want.bucket.Ready), want.bucket.Key)
		}
	}
	if st.Results.Key != st.Lakehouse.Key || st.Landing.Key == st.Lakehouse.Key {
		t.Error("results must use the lakehouse's key, which landing must not")
	}
}

func TestWrongArgs(t *testing.T) {
	for _, tc := range []struct {
		change func(*site.Site)
		args   Args
		want   string
	}{
		{nil, Args{UploadsDays: -1}, "UploadsDays is -1"},
		{func(s *site.Site) { s.Live.Platform.Retention.Snapshots = "a week" }, Args{}, "live/dev/platform.yaml: retention.snapshots: "},
		{func(s *site.Site) { s.Live.Platform.Retention.LogsDays = 0 }, Args{}, "live/dev/platform.yaml: retention.logs_days: found 0"},
	} {
		s := sitetest.Load(t, "dev", tc.change)
		_, err := sitetest.Try(s, func(ctx *pulumi.Context) error {
			_, err := New(ctx, s, tc.args)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("got %v, want %s", err, tc.want)
		}
	}
}
