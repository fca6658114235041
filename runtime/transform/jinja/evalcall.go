package jinja

import "github.com/floe-data/floe/runtime/nearest"

// eval evaluates a call's arguments, in Jinja's order.
func (a *argList) eval(sc *scope) (Args, error) {
	var out Args
	var err error
	if len(a.pos) > 0 {
		if out.Pos, err = evalAll(sc, a.pos); err != nil {
			return out, err
		}
	}
	for _, k := range a.kw {
		v, err := k.value.eval(sc)
		if err != nil {
			return out, err
		}
		out.Kw = append(out.Kw, Keyword{k.name, v})
	}
	if a.star != nil {
		v, err := a.star.eval(sc)
		if err != nil {
			return out, err
		}
		items, err := sc.state.Items(v)
		if err != nil {
			return out, err
		}
		out.Pos = append(out.Pos, items...)
	}
	if a.starstar != nil {
		return out, a.addMapping(sc, &out)
	}
	return out, nil
}

// addMapping adds the keywords of **mapping.
func (a *argList) addMapping(sc *scope, out *Args) error {
	v, err := a.starstar.eval(sc)
	if err != nil {
		return err
	}
	d, err := dictFrom(v)
	if err != nil {
		return Errorf("TypeError", "argument after ** must be a mapping, not %s", TypeName(v))
	}
	for i, k := range d.keys {
		name, ok := k.(string)
		if !ok {
			return Errorf("TypeError", "keywords must be strings")
		}
		if _, twice := out.Keyword(name); twice {
			return Errorf("TypeError", "got multiple values for keyword argument '%s'", name)
		}
		out.Kw = append(out.Kw, Keyword{name, d.values[i]})
	}
	return nil
}

// dictFrom is a dict or a Mapping as a dict.
func dictFrom(v Value) (*Dict, error) {
	switch x := v.(type) {
	case *Dict:
		return x, nil
	case Mapping:
		d := NewDict()
		for _, k := range x.Keys() {
			item, _ := x.Item(k)
			if err := d.Set(k, item); err != nil {
				return nil, err
			}
		}
		return d, nil
	case *Undefined:
		return nil, x.err()
	}
	return nil, Errorf("TypeError", "'%s' object is not a mapping", TypeName(v))
}

func (e *callExpr) eval(sc *scope) (Value, error) { return e.call(sc, nil) }

// call makes the call; caller is the macro of a {% call %} block, or nil.
func (e *callExpr) call(sc *scope, caller *Macro) (Value, error) {
	f, err := e.callee.eval(sc)
	if err != nil {
		return nil, err
	}
	a, err := e.args.eval(sc)
	if err != nil {
		return nil, sc.at(err, e.line)
	}
	if caller != nil {
		a.Kw = append(a.Kw, Keyword{"caller", caller})
	}
	v, err := sc.state.Call(f, a)
	if err != nil {
		return nil, calledAt(err, sc.template, e.line)
	}
	return v, nil
}

func (e *filterExpr) eval(sc *scope) (Value, error) {
	in, err := e.in.eval(sc)
	if err != nil {
		return nil, err
	}
	return e.apply(sc, in)
}

// apply puts a value through the filter.
func (e *filterExpr) apply(sc *scope, in Value) (Value, error) {
	f, err := sc.state.filter(e.name)
	if err != nil {
		return nil, sc.at(asserted(err), e.line)
	}
	a, err := e.args.eval(sc)
	if err != nil {
		return nil, sc.at(err, e.line)
	}
	if err := sc.state.step(1); err != nil {
		return nil, sc.at(err, e.line)
	}
	v, err := f(sc.state, in, a)
	if err != nil {
		return nil, calledAt(err, sc.template, e.line)
	}
	return v, nil
}

func (e *testExpr) eval(sc *scope) (Value, error) {
	t, err := sc.state.test(e.name)
	if err != nil {
		return nil, sc.at(asserted(err), e.line)
	}
	in, err := e.in.eval(sc)
	if err != nil {
		return nil, err
	}
	a, err := e.args.eval(sc)
	if err != nil {
		return nil, sc.at(err, e.line)
	}
	ok, err := t(sc.state, in, a)
	return ok, sc.at(err, e.line)
}

// filter finds a filter by name.
func (s *State) filter(name string) (Filter, error) {
	if f, ok := s.env.Filters[name]; ok {
		return f, nil
	}
	if f, ok := s.run.lib.filters[name]; ok {
		return f, nil
	}
	return nil, unknown("filter", name, keysOf(s.env.Filters, s.run.lib.filters))
}

// test finds a test by name.
func (s *State) test(name string) (Test, error) {
	if t, ok := s.env.Tests[name]; ok {
		return t, nil
	}
	if t, ok := s.run.lib.tests[name]; ok {
		return t, nil
	}
	return nil, unknown("test", name, keysOf(s.env.Tests, s.run.lib.tests))
}

// asserted is the kind that jinja2 gives to an unknown name in an expression, which it finds
// while it compiles.
func asserted(err error) error {
	if e, ok := own(err); ok {
		e.Kind = "TemplateAssertionError"
	}
	return err
}

func keysOf[V any](ms ...map[string]V) []string {
	var out []string
	for _, m := range ms {
		for k := range m {
			out = append(out, k)
		}
	}
	return out
}

func unknown(what, name string, known []string) error {
	e := &Error{Kind: "TemplateRuntimeError", Message: "No " + what + " named '" + name + "'"}
	if near := nearest.Word(name, known); near != "" {
		e.Hint = "did you mean '" + near + "'?"
	}
	return e
}
