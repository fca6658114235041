package yamlfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
)

// Problem is one thing that is wrong in a file.
type Problem struct {
	File   string
	Line   int    // from 1; 0 where the file as a whole is meant
	Column int    // from 1
	Key    string // "resources[1].endpoint.path"; "" for the whole file
	Text   string // what was found, and what would be right
}

// String is the problem in the form that editors and terminals jump to.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems is an error that lists all that was found, one line each.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, x := range p {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}

// Err sorts the problems by place and makes a fault.Usage of them, nil where
// there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	sorted := slices.Clone(p)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return fault.New(fault.Usage, sorted, "correct the file, then check all of them with floe doctor")
}
