package rest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/floe-data/floe/runtime/project"
)

// template is a text with placeholders: {vars.x}, {each.x},
// {resources.<parent>.<field>} and {incremental.<what>}. Two braces stand for
// one that is meant.
type template struct {
	text  string
	parts []part
}

// part is literal text or a placeholder.
type part struct {
	literal string
	ref     ref
}

// ref names a value. The zero ref is none.
type ref = project.Placeholder

// The values of {incremental.…}.
const (
	startValue   = "start_value"   // where this run begins
	initialValue = "initial_value" // as the source says
	lastValue    = "last_value"    // as the last load left it, lag not taken off
	endValue     = "end_value"     // --to
	cursorValue  = "cursor"        // scope request: the item's own
)

// parseTemplate reads a text with placeholders.
func parseTemplate(text string) (template, error) {
	t := template{text: text}
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			t.parts = append(t.parts, part{literal: literal.String()})
			literal.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case (c == '{' || c == '}') && i+1 < len(text) && text[i+1] == c:
			literal.WriteByte(c)
			i++
		case c == '}':
			return t, fmt.Errorf("%q: a closing brace without an opening one; write }} for a brace that is meant", text)
		case c == '{':
			n := strings.IndexByte(text[i:], '}')
			if n < 0 {
				return t, fmt.Errorf("%q: an opening brace without a closing one; write {{ for a brace that is meant", text)
			}
			found, err := project.Placeholders(text[i : i+n+1])
			if err != nil {
				return t, fmt.Errorf("%q: %w", text, err)
			}
			flush()
			for _, r := range found {
				t.parts = append(t.parts, part{ref: r})
			}
			i += n
		default:
			literal.WriteByte(c)
		}
	}
	flush()
	return t, nil
}

// refs lists the placeholders in order.
func (t template) refs() []ref {
	var refs []ref
	for _, p := range t.parts {
		if p.ref.Scope != "" {
			refs = append(refs, p.ref)
		}
	}
	return refs
}

// errNoValue is a placeholder that has no value this time, as a start value
// before the first load.
var errNoValue = errors.New("has no value")

// values looks up what placeholders stand for.
type values struct {
	vars        map[string]any
	each        map[string]string
	parents     map[string]map[string]string // by resource and field
	incremental map[string]string
}

func (v values) get(r ref) (string, error) {
	switch r.Scope {
	case "vars":
		x, ok := v.vars[r.Name]
		if !ok {
			return "", fmt.Errorf("placeholder %s: the source has no var %s", r, r.Name)
		}
		return varText(r, x)
	case "each":
		if s, ok := v.each[r.Name]; ok {
			return s, nil
		}
		return "", fmt.Errorf("placeholder %s: the resource has no for_each %s", r, r.Name)
	case "resources":
		if s, ok := v.parents[r.Name][r.Field]; ok {
			return s, nil
		}
		return "", fmt.Errorf("placeholder %s: a record of %s has no field %s that is a text, a number or a boolean", r, r.Name, r.Field)
	}
	if s := v.incremental[r.Name]; s != "" {
		return s, nil
	}
	return "", fmt.Errorf("placeholder %s: %w", r, errNoValue)
}

// varText is a var's value as text.
func varText(r ref, x any) (string, error) {
	switch v := x.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case int, int64, uint64, int32, uint32:
		return fmt.Sprint(v), nil
	}
	return "", fmt.Errorf("placeholder %s: the var is a list; a list can only be gone through by for_each", r)
}

// render fills the placeholders in. each value passes through escape first (nil: as it is).
func (t template) render(v values, escape func(string) (string, error)) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		if p.ref.Scope == "" {
			b.WriteString(p.literal)
			continue
		}
		s, err := v.get(p.ref)
		if err == nil && escape != nil {
			s, err = escape(s)
		}
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}
