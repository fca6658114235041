package pymodules

import (
	"fmt"
	"unicode/utf8"

	"github.com/dlclark/regexp2"

	"github.com/floe-data/floe/runtime/transform/jinja"
)

// match is a match object; positions count characters, as Python's do.
type match struct {
	pattern *pattern
	text    string
	groups  []*regexp2.Group
}

func newMatch(p *pattern, text string, m *regexp2.Match) *match {
	return &match{p, text, pointers(m.Groups())}
}

func pointers(groups []regexp2.Group) []*regexp2.Group {
	out := make([]*regexp2.Group, len(groups))
	for i := range groups {
		out[i] = &groups[i]
	}
	return out
}

// TypeName is Python's.
func (m *match) TypeName() string { return "re.Match" }

// Repr is Python's.
func (m *match) Repr() string {
	g := m.groups[0]
	return fmt.Sprintf("<re.Match object; span=(%d, %d), match=%s>", g.Index, g.Index+g.Length, jinja.Repr(g.String()))
}

// value is group i's text, def if it took no part.
func (m *match) value(i int, def jinja.Value) jinja.Value {
	if i >= len(m.groups) || len(m.groups[i].Captures) == 0 {
		return def
	}
	return m.groups[i].String()
}

// number is the index of a group that is given by number or name.
func (m *match) number(v jinja.Value) (int, error) {
	if name, ok := v.(string); ok {
		if i, ok := m.pattern.names[name]; ok {
			return i, nil
		}
	} else if i, err := intArg(v); err == nil && i >= 0 && i < int64(len(m.groups)) {
		return int(i), nil
	}
	return 0, jinja.Errorf("IndexError", "no such group: %s", jinja.Repr(v))
}

// Item is m[1] or m["name"].
func (m *match) Item(key jinja.Value) (jinja.Value, bool) {
	i, err := m.number(key)
	if err != nil {
		return nil, false
	}
	return m.value(i, nil), true
}

// Attr gives the methods and fields.
func (m *match) Attr(name string) (jinja.Value, bool) {
	position := []jinja.Param{jinja.Opt("group", int64(0))}
	switch name {
	case "string":
		return m.text, true
	case "re":
		return m.pattern, true
	case "group":
		return jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) { return m.group(a.Pos) }), true
	case "groups":
		return method(name, []jinja.Param{jinja.Opt("default", nil)}, func(a []jinja.Value) (jinja.Value, error) { return m.tuple(a[0]), nil }), true
	case "groupdict":
		return method(name, []jinja.Param{jinja.Opt("default", nil)}, func(a []jinja.Value) (jinja.Value, error) { return m.dict(a[0]), nil }), true
	case "start", "end", "span":
		return method(name, position, func(a []jinja.Value) (jinja.Value, error) { return m.position(name, a[0]) }), true
	}
	return nil, false
}

func (m *match) group(which []jinja.Value) (jinja.Value, error) {
	if len(which) == 0 {
		return m.value(0, nil), nil
	}
	var t jinja.Tuple
	for _, w := range which {
		i, err := m.number(w)
		if err != nil {
			return nil, err
		}
		t = append(t, m.value(i, nil))
	}
	if len(t) == 1 {
		return t[0], nil
	}
	return t, nil
}

func (m *match) tuple(def jinja.Value) jinja.Tuple {
	t := jinja.Tuple{}
	for i := 1; i < len(m.groups); i++ {
		t = append(t, m.value(i, def))
	}
	return t
}

func (m *match) dict(def jinja.Value) *jinja.Dict {
	d := jinja.NewDict()
	for i := 1; i < len(m.groups); i++ {
		for name, n := range m.pattern.names {
			if n == i {
				d.SetString(name, m.value(i, def))
			}
		}
	}
	return d
}

func (m *match) position(name string, group jinja.Value) (jinja.Value, error) {
	i, err := m.number(group)
	if err != nil {
		return nil, err
	}
	from, to := int64(-1), int64(-1)
	if g := m.groups[i]; len(g.Captures) > 0 {
		from, to = int64(g.Index), int64(g.Index+g.Length)
	}
	switch name {
	case "start":
		return from, nil
	case "end":
		return to, nil
	}
	return jinja.Tuple{from, to}, nil
}

// all are the matches in text from left to right; limit 0 is no limit.
func (p *pattern) all(s *jinja.State, text string, limit int64) ([]*match, error) {
	var out []*match
	m, err := p.re.FindStringMatch(text)
	for m != nil && err == nil && (limit <= 0 || int64(len(out)) < limit) {
		out = append(out, newMatch(p, text, m))
		if err := s.Context().Err(); err != nil {
			return nil, err
		}
		m, err = p.re.FindNextMatch(m)
	}
	return out, p.failed(err)
}

// first is the first match of one of the pattern's forms, None if there is none.
func (p *pattern) first(re *regexp2.Regexp, text string) (jinja.Value, error) {
	m, err := re.FindStringMatch(text)
	if err != nil {
		return nil, p.failed(err)
	}
	if m == nil {
		return nil, nil
	}
	return newMatch(p, text, m), nil
}

func (p *pattern) failed(err error) error {
	if err == nil {
		return nil
	}
	return jinja.Errorf("TimeoutError", "matching %s took more than %v: %v", jinja.Repr(p.source), matchTimeout, err)
}

// runeOffsets maps positions in characters to bytes.
func runeOffsets(text string) []int {
	out := make([]int, 0, utf8.RuneCountInString(text)+1)
	for i := range text {
		out = append(out, i)
	}
	return append(out, len(text))
}
