package operations

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/project"
)

// TestMask: a log is masked where the source's contracts say that rows are
// personal, of a table or of one column, and nowhere else.
func TestMask(t *testing.T) {
	declare := func(sensitivity string) func(*site.Site) {
		return func(s *site.Site) {
			for _, c := range s.Pipelines.Sources["shop"].Contracts {
				c.Tags = nil
				for i := range c.Columns {
					c.Columns[i].Tags = nil
				}
			}
			s.Pipelines.Sources["shop"].Contracts["customers"].Columns[0].Tags = map[string]string{project.TagSensitivity: sensitivity}
		}
	}
	for sensitivity, want := range map[string]int{"personal": 1, "confidential": 0, "public": 0} {
		found := each(planned(t, "dev", declare(sensitivity)), "LogDataProtectionPolicy")
		if len(found) != want {
			t.Errorf("%s: %d policies", sensitivity, len(found))
			continue
		}
		for _, p := range found {
			text, ok := p.Inputs["policyDocument"].(string)
			var document protection
			if err := json.Unmarshal([]byte(text), &document); err != nil || !ok {
				t.Fatal(err)
			}
			// CloudWatch Logs takes two statements that name the same identifiers.
			if len(document.Statement) != 2 || !slices.Equal(document.Statement[0].DataIdentifier, document.Statement[1].DataIdentifier) ||
				!strings.Contains(text, `"Audit":{"FindingsDestination":{}}`) || !strings.Contains(text, `"Deidentify":{"MaskConfig":{}}`) || document.Version != "2021-06-01" {
				t.Errorf("%s", text)
			}
		}
	}
}
