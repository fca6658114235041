package compiler

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	floe "github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// Three keys of meta have a meaning: sensitivity (of a model, and of a column
// that differs from it), domain and owner. All others are the project's own.

var domainForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// checkMeta finds what is wrong in the meta of a model or a seed, or of one of
// its columns. at is what the meta is of: "meta", "column url: meta".
func checkMeta(at string, meta map[string]any, column bool) error {
	if v, ok := meta[floe.TagSensitivity]; ok && !slices.Contains(floe.Sensitivities, fmt.Sprint(v)) {
		return fmt.Errorf("%s.%s is %s; it is one of %s", at, floe.TagSensitivity, told(v), strings.Join(floe.Sensitivities, ", "))
	}
	domain, ok := meta[floe.TagDomain]
	switch text, _ := domain.(string); {
	case ok && column:
		return fmt.Errorf("%s.%s: a domain is the whole table's: write it under the model's own meta", at, floe.TagDomain)
	case ok && !domainForm.MatchString(text):
		return fmt.Errorf("%s.%s is %s; write lower-case letters, digits and _, a letter first, at most 63", at, floe.TagDomain, told(domain))
	}
	return nil
}

func told(v any) string {
	if text, ok := v.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(v)
}

// checkColumnMeta is checkMeta for the columns of what becomes a table.
func (ps *parser) checkColumnMeta(n *manifest.Node, file string, line int, name string, meta jinja.Value) {
	values, ok := plain(meta).(map[string]any)
	if !ok || n.Kind != manifest.Model && n.Kind != manifest.Seed {
		return
	}
	if err := checkMeta("column "+name+": meta", values, true); err != nil {
		ps.addf(file, line, "%s: %v", n.Name, err)
	}
}
