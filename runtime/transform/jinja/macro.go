package jinja

import "github.com/floe-data/floe/runtime/nearest"

// Macro is a macro bound to the scope and the environment in which it was defined.
type Macro struct {
	node  *macroStmt
	env   *Env
	scope *scope
}

func newMacro(n *macroStmt, sc *scope) *Macro {
	return &Macro{node: n, env: sc.state.env, scope: sc}
}

// Name is the macro's name.
func (m *Macro) Name() string { return m.node.name }

// Params are the names of the declared parameters.
func (m *Macro) Params() []string { return append([]string(nil), m.node.params...) }

// Line is where the macro begins.
func (m *Macro) Line() int { return m.node.line }

// TypeName is jinja2's.
func (m *Macro) TypeName() string { return "Macro" }

// Repr is jinja2's.
func (m *Macro) Repr() string { return "<Macro " + Repr(m.node.name) + ">" }

// Attr gives what jinja2's macros offer to templates.
func (m *Macro) Attr(name string) (Value, bool) {
	switch name {
	case "name":
		return m.node.name, true
	case "arguments":
		t := Tuple{}
		for _, p := range m.node.params {
			t = append(t, p)
		}
		return t, true
	case "catch_kwargs":
		return m.node.kwargs, true
	case "catch_varargs":
		return m.node.varargs, true
	case "caller":
		return m.node.caller, true
	}
	return nil, false
}

// Call renders the macro. The error is a *Return if return() was called in it.
func (m *Macro) Call(s *State, a Args) (Value, error) {
	sc := m.scope.child()
	sc.state = s.In(m.env)
	if err := m.bind(sc, a); err != nil {
		if e, ok := own(err); ok && e.Line == 0 {
			return nil, err // the call is wrong, not the macro
		}
		return nil, inMacro(err, m.node.name)
	}
	out := &output{state: sc.state}
	if err := execAll(m.node.body, sc, out); err != nil {
		return nil, inMacro(sc.at(err, m.node.line), m.node.name)
	}
	return out.String(), nil
}

// bind sets the parameters as jinja2's Macro.__call__ does.
func (m *Macro) bind(sc *scope, a Args) error {
	n := m.node
	kw := append([]Keyword(nil), a.Kw...)
	foundCaller := false
	for i, name := range n.params {
		if i < len(a.Pos) {
			sc.set(name, a.Pos[i])
			foundCaller = foundCaller || name == "caller"
			continue
		}
		v, given := takeKeyword(&kw, name)
		foundCaller = foundCaller || name == "caller"
		if !given {
			var err error
			if v, err = m.defaultOf(sc, i); err != nil {
				return sc.at(err, n.line)
			}
		}
		sc.set(name, v)
	}
	if n.caller && !foundCaller {
		v, given := takeKeyword(&kw, "caller")
		if !given || v == nil {
			v = sc.state.undefined("caller", "No caller defined")
		}
		sc.set("caller", v)
	}
	return m.bindRest(sc, a, kw)
}

// defaultOf is the default of parameter i, evaluated now and in the macro.
func (m *Macro) defaultOf(sc *scope, i int) (Value, error) {
	n := m.node
	if d := i - (len(n.params) - len(n.defaults)); d >= 0 {
		return n.defaults[d].eval(sc)
	}
	return sc.state.undefined(n.params[i], "parameter '"+n.params[i]+"' was not provided"), nil
}

// bindRest sets kwargs and varargs, or refuses what is left for them.
func (m *Macro) bindRest(sc *scope, a Args, kw []Keyword) error {
	n := m.node
	switch {
	case n.kwargs:
		sc.set("kwargs", Args{Kw: kw}.KwDict())
	case len(kw) > 0 && keywordIn(kw, "caller"):
		return Errorf("TypeError", "macro '%s' was invoked with two values for the special caller argument. This is most likely a bug.", n.name)
	case len(kw) > 0:
		e := &Error{Kind: "TypeError", Message: "macro '" + n.name + "' takes no keyword argument " + Repr(kw[0].Name)}
		if near := nearest.Word(kw[0].Name, n.params); near != "" && near != kw[0].Name {
			e.Hint = "did you mean '" + near + "'?"
		}
		return e
	}
	rest := Tuple{}
	if len(a.Pos) > len(n.params) {
		rest = append(rest, a.Pos[len(n.params):]...)
	}
	if n.varargs {
		sc.set("varargs", rest)
	} else if len(rest) > 0 {
		return Errorf("TypeError", "macro '%s' takes not more than %d argument(s)", n.name, len(n.params))
	}
	return nil
}

func keywordIn(kw []Keyword, name string) bool {
	_, ok := Args{Kw: kw}.Keyword(name)
	return ok
}

// takeKeyword removes a keyword and gives its value.
func takeKeyword(kw *[]Keyword, name string) (Value, bool) {
	for i, k := range *kw {
		if k.Name == name {
			*kw = append((*kw)[:i:i], (*kw)[i+1:]...)
			return k.Value, true
		}
	}
	return nil, false
}
