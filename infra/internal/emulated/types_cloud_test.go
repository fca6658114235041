//go:build cloud

package emulated

import (
	"slices"
	"testing"
)

// unmatched lists what has no counterpart, with its reason: a new entry is a
// property that a program could set and that would be lost.
var unmatched = map[string]string{
	"aws_s3_bucket_lifecycle_configuration has no timeouts":      "the engine's customTimeouts are passed on for every type",
	"aws_lakeformation_resource_lf_tag has no timeouts":          "the engine's customTimeouts are passed on for every type",
	"aws_secretsmanager_secret_version.has_secret_string_wo":     "write-only: not in the SDK",
	"aws_secretsmanager_secret_version.secret_string_wo":         "write-only: not in the SDK",
	"aws_secretsmanager_secret_version.secret_string_wo_version": "write-only: not in the SDK",
}

// TestTypes holds the SDK's structs against the provider's schema.
func TestTypes(t *testing.T) {
	e := Start(t, Options{})
	for _, name := range e.Unmatched {
		if unmatched[name] == "" {
			t.Errorf("%s is not matched", name)
		}
	}
	for name := range unmatched {
		if !slices.Contains(e.Unmatched, name) {
			t.Errorf("%s is said to be unmatched, but is matched", name)
		}
	}
}
