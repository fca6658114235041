package storage

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/plan"
)

const lifecycleToken = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"

// TestNoRuleTouchesALiveTable walks every rule of every bucket of every shape
// of the stack: a rule over a prefix that a table may lie below neither expires
// nor moves what is current. A data file that ages away takes the table with it.
func TestNoRuleTouchesALiveTable(t *testing.T) {
	for shape, resources := range shapes(t) {
		seen := 0
		for name, r := range each(resources, lifecycleToken) {
			for _, rule := range rulesOf(t, r) {
				seen++
				if name == "landing" || name == "lakehouse" {
					if err := harmless(rule); err != nil {
						t.Errorf("%s: bucket %s: %v", shape, name, err)
					}
				}
			}
		}
		if seen < 8 {
			t.Errorf("%s: only %d rules were seen", shape, seen)
		}
	}
}

// harmless says what a rule would do to the files of tables.
func harmless(rule map[string]any) error {
	filter, _ := rule["filter"].(map[string]any)
	prefix, _ := filter["prefix"].(string)
	for key := range filter {
		if key != "prefix" {
			return fmt.Errorf("rule %v is filtered by %s, which says nothing of tables", rule["id"], key)
		}
	}
	// A table lies below its schema's name, which has no slash: uploads/ is the one prefix that none can lie below.
	if strings.HasPrefix(prefix, Uploads) {
		return nil
	}
	for key, value := range rule {
		switch key {
		case "id", "status", "filter", "abortIncompleteMultipartUpload", "noncurrentVersionExpiration":
		case "expiration": // of delete markers only
			for what := range value.(map[string]any) {
				if what != "expiredObjectDeleteMarker" {
					return fmt.Errorf("rule %v expires current objects below %q by %s", rule["id"], prefix, what)
				}
			}
		default: // transitions, noncurrentVersionTransitions, the old prefix, and what AWS may think of next
			return fmt.Errorf("rule %v has %s below %q", rule["id"], key, prefix)
		}
	}
	return nil
}

// TestHarmlessFindsHarm holds that the walk would find each kind of harm.
func TestHarmlessFindsHarm(t *testing.T) {
	for _, rule := range []map[string]any{
		{"id": "whole bucket", "expiration": map[string]any{"days": 30.0}},
		{"id": "a date", "filter": map[string]any{"prefix": ""}, "expiration": map[string]any{"date": "2030-01-01"}},
		{"id": "a schema", "filter": map[string]any{"prefix": "landing_shop/"}, "expiration": map[string]any{"days": 30.0}},
		{"id": "a folder that begins alike", "filter": map[string]any{"prefix": "upload"}, "expiration": map[string]any{"days": 30.0}},
		{"id": "moved", "filter": map[string]any{"prefix": ""}, "transitions": []any{}},
		{"id": "moved when old", "filter": map[string]any{"prefix": ""}, "noncurrentVersionTransitions": []any{}},
		{"id": "by size", "filter": map[string]any{"objectSizeGreaterThan": 1.0}, "expiration": map[string]any{"days": 1.0}},
		{"id": "by tag", "filter": map[string]any{"prefix": "uploads/", "tag": map[string]any{}}, "expiration": map[string]any{"days": 1.0}},
	} {
		if harmless(rule) == nil {
			t.Errorf("%v was taken for harmless", rule["id"])
		}
	}
}

func rulesOf(t *testing.T, r plan.Resource) []map[string]any {
	t.Helper()
	list, ok := r.Inputs["rules"].([]any)
	if !ok || len(list) == 0 {
		t.Fatalf("%s has no rules: %v", r.Name, r.Inputs)
	}
	rules := make([]map[string]any, len(list))
	for i, one := range list {
		rules[i] = one.(map[string]any)
	}
	return rules
}

// days finds the one rule of a bucket that has key, and its days.
func days(t *testing.T, resources []plan.Resource, bucket, key, unit string) []float64 {
	t.Helper()
	var found []float64
	for _, rule := range rulesOf(t, each(resources, lifecycleToken)[bucket]) {
		if part, ok := rule[key].(map[string]any); ok {
			if n, ok := part[unit].(float64); ok {
				found = append(found, n)
			}
		}
	}
	return found
}

func TestRetention(t *testing.T) {
	s := sitetest.Load(t, "dev", func(s *site.Site) {
		s.Live.Platform.Retention.Snapshots, s.Live.Platform.Retention.LogsDays = "73h", 60
	})
	resources := planned(t, s, Args{UploadsDays: 90})
	for _, tc := range []struct {
		bucket, key, unit string
		want              []float64
	}{
		{"landing", "noncurrentVersionExpiration", "noncurrentDays", []float64{4 + margin}}, // 73 hours are over three days
		{"lakehouse", "noncurrentVersionExpiration", "noncurrentDays", []float64{4 + margin}},
		{"landing", "expiration", "days", []float64{90}},
		{"lakehouse", "expiration", "days", nil},
		{"results", "expiration", "days", []float64{14}},
		{"logs", "expiration", "days", []float64{60}},
		{"landing", "abortIncompleteMultipartUpload", "daysAfterInitiation", []float64{7}},
		{"lakehouse", "abortIncompleteMultipartUpload", "daysAfterInitiation", []float64{7}},
		{"results", "abortIncompleteMultipartUpload", "daysAfterInitiation", []float64{7}},
		{"logs", "abortIncompleteMultipartUpload", "daysAfterInitiation", []float64{7}},
	} {
		if got := days(t, resources, tc.bucket, tc.key, tc.unit); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %s: got %v, want %v", tc.bucket, tc.key, got, tc.want)
		}
	}
	versioned := each(resources, "aws:s3/bucketVersioningV2:BucketVersioningV2")
	if len(versioned) != 2 || versioned["landing"].Name == "" || versioned["lakehouse"].Name == "" {
		t.Errorf("versioned are %v", versioned)
	}
}
