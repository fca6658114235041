package lakehouse

import (
	"strconv"
	"testing"

	ice "github.com/apache/iceberg-go/table"
)

// TestPropertiesOfANewTable holds what every table that floe makes says of
// itself (docs/security.md, row 79).
func TestPropertiesOfANewTable(t *testing.T) {
	p := Spec{Properties: map[string]string{"own": "1"}}.properties()
	for key, want := range map[string]string{
		ice.PropertyFormatVersion: "2", ice.MetadataDeleteAfterCommitEnabledKey: "true", "write.delete.mode": "merge-on-read", "own": "1", ice.WriteTargetFileSizeBytesKey: "268435456",
		// A table's files lie below its own folder: grants, the lifecycle's rules
		// and a restore name them by it.
		"write.object-storage.enabled": "false",
	} {
		if p[key] != want {
			t.Errorf("%s is %q, want %q", key, p[key], want)
		}
	}
	if n, err := strconv.Atoi(p[ice.MetadataPreviousVersionsMaxKey]); err != nil || n < 1 || n > 100 {
		t.Errorf("%s is %q", ice.MetadataPreviousVersionsMaxKey, p[ice.MetadataPreviousVersionsMaxKey])
	}
}
