package terraform

import (
	"errors"
	"fmt"
	"strings"
)

// Path leads from a block's root to one of its values: attribute names and map
// keys are strings, list indices are int64.
type Path []any

// Diagnostic is one remark of the provider.
type Diagnostic struct {
	Error           bool // else a warning
	Summary, Detail string
	Path            Path // nil if the remark is about the whole
}

// Message is the summary with its detail.
func (d Diagnostic) Message() string {
	if d.Detail == "" {
		return d.Summary
	}
	return d.Summary + ": " + strings.TrimSpace(d.Detail)
}

// Diagnostics are the provider's remarks about one call.
type Diagnostics []Diagnostic

// Err joins the errors among them, nil if there are only warnings.
func (ds Diagnostics) Err() error {
	var all []error
	for _, d := range ds {
		switch {
		case !d.Error:
		case len(d.Path) > 0:
			all = append(all, fmt.Errorf("%s (at %v)", d.Message(), []any(d.Path)))
		default:
			all = append(all, errors.New(d.Message()))
		}
	}
	return errors.Join(all...)
}

func diagnostics(m message) Diagnostics {
	var out Diagnostics
	for _, d := range m.list("diagnostics") {
		out = append(out, Diagnostic{Error: d.get("severity").Enum() == 1, Summary: d.get("summary").String(),
			Detail: d.get("detail").String(), Path: d.sub("attribute").path()})
	}
	return out
}
