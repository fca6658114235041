package audit

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/infra/storage"
)

func body(s *site.Site) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		st, err := storage.New(ctx, s, storage.Args{})
		if err != nil {
			return err
		}
		o, err := operations.New(ctx, s, operations.Args{})
		if err != nil {
			return err
		}
		_, err = New(ctx, s, Args{Buckets: []*storage.Bucket{st.Landing, st.Lakehouse, st.Results}, Operations: o})
		return err
	}
}

func planned(t *testing.T, stack string) []plan.Resource {
	t.Helper()
	s := sitetest.Load(t, stack, nil)
	return slices.DeleteFunc(sitetest.Plan(t, s, body(s)), func(r plan.Resource) bool { return !strings.Contains(r.URN, "floe:audit:Audit$") })
}

func TestGolden(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack, func(t *testing.T) { sitetest.Golden(t, stack, planned(t, stack)) })
	}
}

// TestNotesAreKept holds that nobody deletes a note before its time, and that
// nothing is kept longer.
func TestNotesAreKept(t *testing.T) {
	for stack, days := range map[string]float64{"dev": 30, "prod": 365} {
		for _, r := range planned(t, stack) {
			text, _ := json.Marshal(r.Inputs)
			switch r.Type {
			case "aws:s3/bucketV2:BucketV2":
				if r.Inputs["objectLockEnabled"] != true || r.Protect != (stack == "prod") {
					t.Errorf("%s: %s", stack, text)
				}
			case "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2":
				retention := r.Inputs["rule"].(map[string]any)["defaultRetention"].(map[string]any)
				if retention["mode"] != "GOVERNANCE" || retention["days"] != days {
					t.Errorf("%s: %s", stack, text)
				}
			case "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":
				for _, rule := range r.Inputs["rules"].([]any) {
					expiration, _ := rule.(map[string]any)["expiration"].(map[string]any)
					if at, ok := expiration["days"]; ok && at != days {
						t.Errorf("%s: notes go after %v days, and are locked for %v", stack, at, days)
					}
				}
			}
		}
	}
}

// TestWhatIsNoted: in production reads, too.
func TestWhatIsNoted(t *testing.T) {
	for stack, reads := range map[string]bool{"dev": false, "prod": true} {
		for _, r := range planned(t, stack) {
			if r.Type != "aws:cloudtrail/trail:Trail" {
				continue
			}
			text, _ := json.Marshal(r.Inputs["advancedEventSelectors"])
			if strings.Contains(string(text), "readOnly") == reads {
				t.Errorf("%s: %s", stack, text)
			}
			for _, bucket := range []string{"landing", "lakehouse", "results"} {
				if !strings.Contains(string(text), `"arn:aws:s3:::floe-`+stack+"-"+bucket+"-") {
					t.Errorf("%s: nothing is noted of %s: %s", stack, bucket, text)
				}
			}
			if strings.Contains(string(text), `-logs-`) || strings.Contains(string(text), "-audit-") {
				t.Errorf("%s: the notes are noted: %s", stack, text)
			}
		}
	}
}

func TestIncomplete(t *testing.T) {
	s := sitetest.Load(t, "dev", nil)
	_, err := sitetest.Try(s, func(ctx *pulumi.Context) error {
		_, err := New(ctx, s, Args{})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "buckets and operations are needed") {
		t.Errorf("got %v", err)
	}
}
