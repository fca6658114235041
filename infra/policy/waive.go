package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/live"
)

// Apply takes what is waived out of the findings, and adds what is wrong with
// the waivers: one that nothing needs, that is over, or that is of no rule.
func Apply(stack string, findings []Finding, waivers []live.Waiver, now time.Time) []Finding {
	var left []Finding
	used := make([]bool, len(waivers))
	for _, f := range findings {
		waived := false
		for i, w := range waivers {
			if !covers(w, f) {
				continue
			}
			used[i] = true
			waived = waived || now.Before(w.Expires())
		}
		if !waived {
			left = append(left, f)
		}
	}
	for i, w := range waivers {
		if f, wrong := waiverFinding(stack, i, w, used[i], now); wrong {
			left = append(left, f)
		}
	}
	return left
}

// covers says whether a waiver is of a finding's rule and resource.
func covers(w live.Waiver, f Finding) bool {
	return w.Rule == strconv.Itoa(f.Rule.Row) && (w.Resource == "" || matches(w.Resource, f.Resource))
}

// waiverFinding says what is wrong with a waiver, if anything.
func waiverFinding(stack string, i int, w live.Waiver, used bool, now time.Time) (Finding, bool) {
	f := Finding{Resource: fmt.Sprintf("live/%s/waivers.yaml", live.Folder(stack)), Property: fmt.Sprintf("waivers[%d]", i)}
	switch {
	case !slices.ContainsFunc(Rules(), func(r *Rule) bool { return strconv.Itoa(r.Row) == w.Rule }):
		f.Property += ".rule"
		f.Found = w.Rule + ", which no plan can break"
		f.Right = "one of " + rows(w.Rule) + " (docs/security.md)"
	case !now.Before(w.Expires()):
		f.Property += ".until"
		f.Found = w.Until + ", which is over"
		f.Right = fmt.Sprintf("a later day, if rule %s need still not hold; otherwise mend what breaks it and delete the waiver", w.Rule)
	case !used:
		f.Found = fmt.Sprintf("a waiver that nothing needs: rule %s, resource %s", w.Rule, cmp.Or(w.Resource, "*"))
		f.Right = "none; delete it"
	default:
		return Finding{}, false
	}
	return f, true
}

// rows are the rules nearest to a number, in order.
func rows(rule string) string {
	wanted, _ := strconv.Atoi(rule)
	var all []int
	for _, r := range Rules() {
		all = append(all, r.Row)
	}
	slices.SortStableFunc(all, func(a, b int) int { return abs(a-wanted) - abs(b-wanted) })
	all = slices.Sorted(slices.Values(all[:4]))
	texts := make([]string, len(all))
	for i, n := range all {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}

func abs(n int) int {
	return max(n, -n)
}
