package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/floe-data/floe/runtime/live"
)

// Error tells of findings, each on a line of its own; nil where there are none.
func Error(stack string, findings []Finding) error {
	if len(findings) == 0 {
		return nil
	}
	lines := make([]string, len(findings))
	for i, f := range findings {
		lines[i] = f.line(stack)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// line is what a person reads of a finding.
func (f Finding) line(stack string) string {
	text := fmt.Sprintf("%s: %s: found %s; right is %s", f.Resource, f.Property, f.Found, f.Right)
	if f.Rule == nil {
		return text
	}
	return fmt.Sprintf("rule %d%s: %s; %s; or waive it in live/%s/waivers.yaml: {rule: \"%d\", resource: %q, reason: …, owner: …, until: …}",
		f.Rule.Row, ids(f.Rule.IDs), text, f.Rule.Fix, live.Folder(stack), f.Rule.Row, f.Resource)
}

// ids are a rule's in other lists.
func ids(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return " (" + strings.Join(all, ", ") + ")"
}
