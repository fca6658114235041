package rest

import (
	"encoding/json"
	"fmt"
	"slices"
)

// intervals are the cursor values of one parent that need not be asked for
// again, as ranges over the values that were listed: a backfill of thousands
// of months is one range, a gap left by --from and --to makes it two. As text
// it is JSON, [["2007/07","2019/12"],["2020/02"]].
type intervals [][2]string

func parseIntervals(text string) (intervals, error) {
	if text == "" {
		return nil, nil
	}
	var raw [][]string
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, fmt.Errorf("cursor state %q: %w", text, err)
	}
	var v intervals
	for _, r := range raw {
		if len(r) != 1 && len(r) != 2 {
			return nil, fmt.Errorf("cursor state %q: a range has one or two ends", text)
		}
		v = append(v, [2]string{r[0], r[len(r)-1]})
	}
	return v, nil
}

func (v intervals) String() string {
	raw := make([][]string, len(v))
	for i, r := range v {
		raw[i] = r[:]
		if r[0] == r[1] {
			raw[i] = r[:1]
		}
	}
	text, err := json.Marshal(raw)
	if err != nil {
		return ""
	}
	return string(text)
}

func (v intervals) contains(cursor string) bool {
	for _, r := range v {
		if compareCursors(r[0], cursor) <= 0 && compareCursors(cursor, r[1]) <= 0 {
			return true
		}
	}
	return false
}

// add puts in one value of listed, which is sorted, and joins ranges between
// which no listed value is missing.
func (v intervals) add(cursor string, listed []string) intervals {
	if v.contains(cursor) {
		return v
	}
	out := append(slices.Clone(v), [2]string{cursor, cursor})
	slices.SortFunc(out, func(a, b [2]string) int { return compareCursors(a[0], b[0]) })
	joined := out[:1]
	for _, r := range out[1:] {
		last := &joined[len(joined)-1]
		if gap(last[1], r[0], listed) {
			joined = append(joined, r)
		} else if compareCursors(r[1], last[1]) > 0 {
			last[1] = r[1]
		}
	}
	return joined
}

// gap says whether a listed value lies between a and b.
func gap(a, b string, listed []string) bool {
	i, found := slices.BinarySearchFunc(listed, a, compareCursors)
	if found {
		i++
	}
	return i < len(listed) && compareCursors(listed[i], b) < 0
}
