package jinja

// builtinFunctions are jinja2's globals: range, dict, namespace, joiner, cycler.
func builtinFunctions() map[string]Value {
	return map[string]Value{
		"range":     Func(makeRange),
		"dict":      Func(makeDict),
		"namespace": Func(makeNamespace),
		"joiner":    Func(makeJoiner),
		"cycler":    Func(makeCycler),
	}
}

func makeRange(_ *State, a Args) (Value, error) {
	if len(a.Kw) > 0 {
		return nil, Errorf("TypeError", "range() takes no keyword arguments")
	}
	if len(a.Pos) == 0 || len(a.Pos) > 3 {
		return nil, Errorf("TypeError", "range expected 1 to 3 arguments, got %d", len(a.Pos))
	}
	n := make([]int64, len(a.Pos))
	for i, p := range a.Pos {
		if u, ok := p.(*Undefined); ok {
			return nil, u.err()
		}
		x, ok := intOf(p)
		if !ok {
			return nil, Errorf("TypeError", "'%s' object cannot be interpreted as an integer", TypeName(p))
		}
		if x > 1<<53 || x < -1<<53 {
			return nil, tooBig()
		}
		n[i] = x
	}
	r := Range{Stop: n[0], Step: 1}
	if len(n) > 1 {
		r.Start, r.Stop = n[0], n[1]
	}
	if len(n) > 2 {
		r.Step = n[2]
	}
	if r.Step == 0 {
		return nil, Errorf("ValueError", "range() arg 3 must not be zero")
	}
	if r.Len() > maxRange {
		return nil, tooBig()
	}
	return r, nil
}

func tooBig() error {
	return Errorf("OverflowError", "Range too big. The sandbox blocks ranges larger than MAX_RANGE (%d).", maxRange)
}

// makeDict is dict(mapping or pairs, **items).
func makeDict(s *State, a Args) (Value, error) {
	d := NewDict()
	return d, s.updateDict(d, "dict", a)
}

// updateDict adds what dict() and dict.update() accept.
func (s *State) updateDict(d *Dict, fn string, a Args) error {
	if len(a.Pos) > 1 {
		return Errorf("TypeError", "%s expected at most 1 argument, got %d", fn, len(a.Pos))
	}
	if len(a.Pos) == 1 {
		if err := s.mergeDict(d, a.Pos[0]); err != nil {
			return err
		}
	}
	for _, k := range a.Kw {
		d.SetString(k.Name, k.Value)
	}
	return s.growList(d.Len())
}

func (s *State) mergeDict(d *Dict, v Value) error {
	if m, err := dictFrom(v); err == nil {
		for i := 0; i < m.Len(); i++ {
			if err := d.Set(m.At(i)); err != nil {
				return err
			}
		}
		return nil
	}
	pairs, err := s.Items(v)
	if err != nil {
		return err
	}
	for i, p := range pairs {
		kv, err := s.Items(p)
		if err != nil {
			return Errorf("TypeError", "cannot convert dictionary update sequence element #%d to a sequence", i)
		}
		if len(kv) != 2 {
			return Errorf("ValueError", "dictionary update sequence element #%d has length %d; 2 is required", i, len(kv))
		}
		if err := d.Set(kv[0], kv[1]); err != nil {
			return err
		}
	}
	return nil
}

// Namespace is namespace(): the one object whose attributes {% set ns.x = 1 %} assigns.
type Namespace struct{ attrs *Dict }

func makeNamespace(s *State, a Args) (Value, error) {
	ns := &Namespace{NewDict()}
	return ns, s.updateDict(ns.attrs, "namespace", a)
}

// Attr is an attribute that was set.
func (n *Namespace) Attr(name string) (Value, bool) { return n.attrs.GetString(name) }

// TypeName is jinja2's.
func (n *Namespace) TypeName() string { return "Namespace" }

// Repr is jinja2's.
func (n *Namespace) Repr() string { return "<Namespace " + Repr(n.attrs) + ">" }

// makeJoiner gives a function that is "" at its first call and the separator later.
func makeJoiner(_ *State, a Args) (Value, error) {
	v, err := a.Bind("joiner", Opt("sep", ", "))
	if err != nil {
		return nil, err
	}
	used := false
	return Func(func(*State, Args) (Value, error) {
		if used {
			return v[0], nil
		}
		used = true
		return "", nil
	}), nil
}

// cycler is cycler(...): current, next() and reset().
type cycler struct {
	items []Value
	pos   int
}

func makeCycler(_ *State, a Args) (Value, error) {
	if len(a.Pos) == 0 {
		return nil, Errorf("RuntimeError", "at least one item has to be provided")
	}
	return &cycler{items: a.Pos}, nil
}

// Attr is what templates use of it.
func (c *cycler) Attr(name string) (Value, bool) {
	switch name {
	case "current":
		return c.items[c.pos], true
	case "next":
		return Func(func(*State, Args) (Value, error) {
			v := c.items[c.pos]
			c.pos = (c.pos + 1) % len(c.items)
			return v, nil
		}), true
	case "reset":
		return Func(func(*State, Args) (Value, error) {
			c.pos = 0
			return nil, nil
		}), true
	}
	return nil, false
}

// Bag is a simple object for other packages: named attributes and, with Fn, callable.
type Bag struct {
	Type  string // its type's name, in messages
	Attrs map[string]Value
	Fn    Func
}

// Attr is the attribute of that name.
func (b *Bag) Attr(name string) (Value, bool) {
	v, ok := b.Attrs[name]
	return v, ok
}

// TypeName is Type.
func (b *Bag) TypeName() string { return b.Type }

// Call calls Fn.
func (b *Bag) Call(s *State, a Args) (Value, error) {
	if b.Fn == nil {
		return nil, Errorf("TypeError", "'%s' object is not callable", b.Type)
	}
	return b.Fn(s, a)
}
