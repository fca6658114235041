package yamltree

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/nearest"
)

// Problem is one thing that is wrong in a file.
type Problem struct {
	File string
	Line int
	Key  string // dotted: "models[fct_games].columns"
	Msg  string // what was found and what would be right
}

func (p Problem) String() string {
	s := p.File
	if p.Line > 0 {
		s += fmt.Sprintf(":%d", p.Line)
	}
	if p.Key != "" {
		s += ": " + p.Key
	}
	return s + ": " + p.Msg
}

// Problems is an error that lists everything that was found.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, x := range p {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}

// Err is nil if there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Reader takes fixed keys out of one file's tree and collects its problems.
type Reader struct {
	File     string
	Problems Problems
}

// Addf notes a problem.
func (r *Reader) Addf(line int, key, format string, args ...any) {
	r.Problems = append(r.Problems, Problem{File: r.File, Line: line, Key: key, Msg: fmt.Sprintf(format, args...)})
}

// Keys checks that v is a mapping (or nothing) with known keys only.
func (r *Reader) Keys(v *Value, at string, known ...string) bool {
	if v == nil || v.Kind == Null {
		return true
	}
	if v.Kind != Map {
		r.Addf(v.Line, at, "found %s; a mapping is needed with keys of %s", found(v), strings.Join(known, ", "))
		return false
	}
	for _, p := range v.Pairs {
		if !slices.Contains(known, p.Key) {
			r.Addf(p.Line, Join(at, p.Key), "unknown key%s", suggestion(p.Key, known))
		}
	}
	return true
}

func suggestion(key string, known []string) string {
	if near := nearest.Word(key, known); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	return "; known are " + strings.Join(known, ", ")
}

// Join makes a dotted key.
func Join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

func found(v *Value) string {
	if v.Kind == Map || v.Kind == List || v.Kind == Null {
		return v.Kind.String()
	}
	return fmt.Sprintf("%s (%s)", v.Kind, v.Text())
}

// String reads a text; numbers and booleans are taken as written.
func (r *Reader) String(v *Value, at string) string {
	if v == nil || v.Kind == Null {
		return ""
	}
	if v.Kind == Map || v.Kind == List {
		r.Addf(v.Line, at, "found %s; a string is needed", found(v))
		return ""
	}
	return v.Text()
}

// Bool reads a boolean; YAML 1.1's words are taken too, as dbt does.
func (r *Reader) Bool(v *Value, at string, fallback bool) bool {
	if v == nil || v.Kind == Null {
		return fallback
	}
	switch strings.ToLower(v.Text()) {
	case "true", "yes", "on":
		return true
	case "false", "no", "off":
		return false
	}
	r.Addf(v.Line, at, "found %s; true or false is needed", found(v))
	return fallback
}

// Strings reads a list of texts; one text alone is a list of one.
func (r *Reader) Strings(v *Value, at string) []string {
	if v == nil || v.Kind == Null {
		return nil
	}
	if v.Kind != List {
		if s := r.String(v, at); s != "" {
			return []string{s}
		}
		return nil
	}
	var out []string
	for _, x := range v.Items {
		out = append(out, r.String(x, at))
	}
	return out
}

// List reads a list's items; anything else is a problem.
func (r *Reader) List(v *Value, at string) []*Value {
	if v == nil || v.Kind == Null {
		return nil
	}
	if v.Kind != List {
		r.Addf(v.Line, at, "found %s; a list is needed (- …)", found(v))
		return nil
	}
	return v.Items
}
