package jinja

import "sort"

// nearest is the known name that a wrong one was likely meant to be, or "".
func nearest(name string, known []string) string {
	best, bound := "", max(1, len(name)/3)
	sorted := append([]string(nil), known...)
	sort.Strings(sorted)
	for _, k := range sorted {
		if d := editDistance(name, k, bound); d <= bound {
			best, bound = k, d-1
		}
	}
	return best
}

// editDistance counts insertions, deletions and replacements; more than bound is bound+1.
func editDistance(a, b string, bound int) int {
	if len(a)-len(b) > bound || len(b)-len(a) > bound {
		return bound + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
