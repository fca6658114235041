package live

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/yamlfile"
)

// waivers reads the rules that need not hold. Whether one is over or needed is
// found when it is used.
func (c *checker) waivers() *yamlfile.File {
	w := &c.stack.Waivers
	f := c.read("waivers.yaml", w)
	for i := range w.Waivers {
		waiver := &w.Waivers[i]
		if waiver.Resource == "" {
			waiver.Resource = "*"
		}
		if _, err := time.Parse(time.DateOnly, waiver.Until); err != nil {
			f.Errorf(yamlfile.Key("waivers", i, "until"), "found %q; write the last day that it is good for: 2027-06-30", waiver.Until)
		}
		for key, text := range map[string]string{"reason": waiver.Reason, "owner": waiver.Owner} {
			if strings.TrimSpace(text) == "" {
				f.Errorf(yamlfile.Key("waivers", i, key), "missing; a waiver says why it is right and who decided so")
			}
		}
	}
	return f
}

// contracts finds what production wants to know of every landing table.
func (c *checker) contracts() yamlfile.Problems {
	var problems yamlfile.Problems
	if c.stack.Name != Production {
		return nil
	}
	for _, source := range slices.Sorted(maps.Keys(c.project.Sources)) {
		contracts := c.project.Sources[source].Contracts
		for _, name := range slices.Sorted(maps.Keys(contracts)) {
			contract := contracts[name]
			for _, need := range []struct{ key, value, write string }{
				{"owner", contract.Owner, "owner: data-team"},
				{"retention", contract.Retention, "retention: forever, or an age in days such as 730d"},
				{"tags." + project.TagSensitivity, contract.Tags[project.TagSensitivity], "tags: {sensitivity: internal}; it is one of " + strings.Join(project.Sensitivities, ", ")},
			} {
				if need.value == "" {
					problems = append(problems, yamlfile.Problem{File: contract.File, Key: need.key,
						Text: fmt.Sprintf("missing; in %s every landing table says it: write %s", Production, need.write)})
				}
			}
		}
	}
	return problems
}
