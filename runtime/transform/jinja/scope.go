package jinja

import "strings"

// scope holds the names that a template, loop, macro or block defines. Scopes
// are few and small, so that a linear search beats a map.
type scope struct {
	parent   *scope
	state    *State // of the code that runs
	template string
	names    []string
	values   []Value
}

func newScope(s *State, template string) *scope { return &scope{state: s, template: template} }

func (sc *scope) child() *scope {
	return &scope{parent: sc, state: sc.state, template: sc.template}
}

// set defines a name in this scope.
func (sc *scope) set(name string, v Value) {
	for i, n := range sc.names {
		if n == name {
			sc.values[i] = v
			return
		}
	}
	sc.names = append(sc.names, name)
	sc.values = append(sc.values, v)
}

// local finds a name that a template defined, in this scope or around it.
func (sc *scope) local(name string) (Value, bool) {
	for c := sc; c != nil; c = c.parent {
		for i, n := range c.names {
			if n == name {
				return c.values[i], true
			}
		}
	}
	return nil, false
}

// at gives an error its place in this scope's template.
func (sc *scope) at(err error, line int) error { return located(err, sc.template, line) }

// output collects a render's text, within the limits.
type output struct {
	state *State
	b     strings.Builder
}

func (o *output) write(text string) error {
	o.b.WriteString(text)
	return o.state.grow(len(text))
}

func (o *output) String() string { return o.b.String() }

// printed writes a value as {{ value }} does.
func (o *output) printed(v Value) error {
	s, err := text(v)
	if err != nil {
		return err
	}
	return o.write(s)
}
