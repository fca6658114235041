// Package nearest finds the word that a mistyped one was meant to be, so that
// an error can name it.
package nearest

import "strings"

// Word is the known word that is nearest to word, "" where none is near enough
// to be a likely mistake: a third of its letters and one, at most. Case counts
// for nothing. Of two equally near ones, the first of known is taken.
func Word(word string, known []string) string {
	best, limit := "", len([]rune(word))/3+2
	for _, k := range known {
		if d := Distance(strings.ToLower(word), strings.ToLower(k)); d < limit {
			best, limit = k, d
		}
	}
	return best
}

// Distance is how many letters must be changed, added, dropped or swapped with
// their neighbour to turn a into b (optimal string alignment).
func Distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, above := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above = above, row
	}
	return above[len(y)]
}
