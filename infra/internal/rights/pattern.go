package rights

import "strings"

// covers says whether a pattern takes all that another one does. Both may hold
// * (any text) and ? (one character). It may say no where only a closer look
// would find that it does ("a*" and "?*" against "*a"), and is never wrong
// with yes.
func covers(pattern, other string) bool {
	at, star, mark := 0, -1, 0
	for i := 0; i < len(other); {
		switch {
		case at < len(pattern) && pattern[at] == '*':
			star, mark = at, i
			at++
		case at < len(pattern) && takes(pattern[at], other[i]):
			at++
			i++
		case star >= 0:
			mark++
			at, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[at:], "*") == ""
}

// takes says whether a pattern's character stands for another's: ? for any but *.
func takes(p, other byte) bool {
	return p == other || p == '?' && other != '*'
}

// overlaps says whether there is a text that both patterns take.
func overlaps(a, b string) bool {
	// row[j]: whether what is left of a and b[j:] overlap; from the ends.
	row := make([]bool, len(b)+1)
	row[len(b)] = true
	for j := len(b) - 1; j >= 0; j-- {
		row[j] = row[j+1] && b[j] == '*'
	}
	for i := len(a) - 1; i >= 0; i-- {
		next := make([]bool, len(b)+1)
		next[len(b)] = row[len(b)] && a[i] == '*'
		for j := len(b) - 1; j >= 0; j-- {
			switch {
			case a[i] == '*':
				next[j] = row[j] || next[j+1]
			case b[j] == '*':
				next[j] = next[j+1] || row[j]
			default:
				next[j] = (a[i] == b[j] || a[i] == '?' || b[j] == '?') && row[j+1]
			}
		}
		row = next
	}
	return row[0]
}

// same says whether two patterns take the same.
func same(a, b string) bool { return covers(a, b) && covers(b, a) }

// coversARN compares as ArnLike does: each of the six parts by itself, so that
// a * in one part takes no colon, but for the last.
func coversARN(pattern, other string) bool {
	a, b := strings.SplitN(pattern, ":", arnParts), strings.SplitN(other, ":", arnParts)
	if len(a) != len(b) {
		return pattern == "*"
	}
	for i := range a {
		if !covers(a[i], b[i]) {
			return false
		}
	}
	return true
}

// arnParts is how many parts an ARN has: arn:partition:service:region:account:resource.
const arnParts = 6
