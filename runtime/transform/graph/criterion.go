package graph

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/nearest"
)

// Criterion is one word of a selection: "2+tag:nightly", "@fct_games".
type Criterion struct {
	Text       string
	Method     string   // "fqn", "tag", ...
	Arguments  []string // "config.meta.owner" -> [meta owner]
	Value      string
	Parents    int  // levels above: 0 none, -1 all
	Children   int  // levels below, likewise
	Everything bool // @: all below, and all above those
}

// Expression is a union of intersections.
type Expression [][]Criterion

var criterionForm = regexp.MustCompile(`^(@)?(?:(\d*)(\+))?(?:([\w.]+):)?(.*?)(?:(\+)(\d*))?$`)

// Methods are the selector methods that floe has.
var Methods = []string{"config", "file", "fqn", "package", "path", "resource_type", "source", "tag", "test_name", "test_type"}

// dbtMethods are dbt's that floe has not.
var dbtMethods = []string{"access", "exposure", "group", "metric", "result", "saved_query", "selector", "semantic_model",
	"source_status", "state", "unit_test", "version"}

// maxWords bounds an expression; it is far beyond what a command line holds.
const maxWords = 10_000

// Parse reads what --select and --exclude are given: words are separated by
// spaces (a union), and by commas within one (an intersection).
func Parse(args []string) (Expression, error) {
	var out Expression
	words := 0
	for _, word := range strings.Fields(strings.Join(args, " ")) {
		var all []Criterion
		for _, part := range strings.Split(word, ",") {
			if words++; words > maxWords {
				return nil, fault.New(fault.Usage, fmt.Errorf("selection: more than %d words", maxWords), "")
			}
			c, err := parseCriterion(part)
			if err != nil {
				return nil, fault.New(fault.Usage, fmt.Errorf("selection %q: %w", word, err), "see: floe transform ls --help")
			}
			all = append(all, c)
		}
		out = append(out, all)
	}
	return out, nil
}

func parseCriterion(text string) (Criterion, error) {
	m := criterionForm.FindStringSubmatch(text)
	if m == nil || m[5] == "" {
		return Criterion{}, fmt.Errorf("%q names nothing: write a name, a path or method:value, as in +fct_games, tag:nightly, path:models/marts", text)
	}
	c := Criterion{Text: text, Everything: m[1] != "", Value: m[5]}
	var err error
	if c.Parents, err = depth(m[3], m[2]); err != nil {
		return c, err
	}
	if c.Children, err = depth(m[6], m[7]); err != nil {
		return c, err
	}
	if c.Everything && c.Children != 0 {
		return c, fmt.Errorf("%q: @ takes everything below already; drop the + behind", text)
	}
	return c, c.setMethod(m[4])
}

// depth reads "+" (all levels) and "2+".
func depth(plus, digits string) (int, error) {
	switch {
	case plus == "":
		return 0, nil
	case digits == "":
		return -1, nil
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > 1000 {
		return 0, fmt.Errorf("%s levels: write a number up to 1000, or + alone for all", digits)
	}
	return n, nil
}

func (c *Criterion) setMethod(method string) error {
	if method == "" {
		c.Method = defaultMethod(c.Value)
		return nil
	}
	words := strings.Split(method, ".")
	c.Method, c.Arguments = words[0], words[1:]
	switch {
	case slices.Contains(dbtMethods, c.Method):
		return fmt.Errorf("the method %s: is dbt's, but floe has not got it; floe has %s", c.Method, strings.Join(Methods, ", "))
	case !slices.Contains(Methods, c.Method):
		hint := "; floe has " + strings.Join(Methods, ", ")
		if near := nearest.Word(c.Method, Methods); near != "" {
			hint = fmt.Sprintf("; did you mean %s:?", near)
		}
		return fmt.Errorf("unknown method %s:%s", c.Method, hint)
	case c.Method == "config" && len(c.Arguments) == 0:
		return fmt.Errorf("config: wants a key, as in config.materialized:view")
	case c.Method != "config" && len(c.Arguments) > 0:
		return fmt.Errorf("the method %s: takes no .%s", c.Method, strings.Join(c.Arguments, "."))
	}
	return nil
}

func defaultMethod(value string) string {
	switch lower := strings.ToLower(value); {
	case strings.ContainsAny(value, `/\`):
		return "path"
	case strings.HasSuffix(lower, ".sql"), strings.HasSuffix(lower, ".csv"):
		return "file"
	}
	return "fqn"
}
