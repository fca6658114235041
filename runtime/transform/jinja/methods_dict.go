package jinja

// dictMethod makes a method of dict with the given number of positional arguments.
func dictMethod(name string, least, most int, f func(s *State, d *Dict, a []Value) (Value, error)) method {
	return func(s *State, self Value, a Args) (Value, error) {
		if err := a.need(name, least, most); err != nil {
			return nil, err
		}
		d, _ := self.(*Dict)
		return f(s, d, a.Pos)
	}
}

func dictMethods() map[string]method {
	return map[string]method{
		"items":      dictMethod("items", 0, 0, func(_ *State, d *Dict, _ []Value) (Value, error) { return &dictView{d, "items"}, nil }),
		"keys":       dictMethod("keys", 0, 0, func(_ *State, d *Dict, _ []Value) (Value, error) { return &dictView{d, "keys"}, nil }),
		"values":     dictMethod("values", 0, 0, func(_ *State, d *Dict, _ []Value) (Value, error) { return &dictView{d, "values"}, nil }),
		"get":        dictMethod("get", 1, 2, dictGet),
		"pop":        dictMethod("pop", 1, 2, dictPop),
		"popitem":    dictMethod("popitem", 0, 0, dictPopItem),
		"setdefault": dictMethod("setdefault", 1, 2, dictSetDefault),
		"copy":       dictMethod("copy", 0, 0, func(s *State, d *Dict, _ []Value) (Value, error) { return d.Copy(), s.growList(d.Len()) }),
		"clear":      dictMethod("clear", 0, 0, func(_ *State, d *Dict, _ []Value) (Value, error) { d.Clear(); return nil, nil }),
		"fromkeys":   dictMethod("fromkeys", 1, 2, dictFromKeys),
		"update": func(s *State, self Value, a Args) (Value, error) {
			d, _ := self.(*Dict)
			return nil, s.updateDict(d, "update", a)
		},
	}
}

// second is the optional second argument, None without it.
func second(a []Value) Value {
	if len(a) > 1 {
		return a[1]
	}
	return nil
}

func dictGet(_ *State, d *Dict, a []Value) (Value, error) {
	if _, err := hashKey(a[0], 0); err != nil {
		return nil, err
	}
	if v, ok := d.Get(a[0]); ok {
		return v, nil
	}
	return second(a), nil
}

func dictPop(_ *State, d *Dict, a []Value) (Value, error) {
	if v, ok := d.Get(a[0]); ok {
		d.Delete(a[0])
		return v, nil
	}
	if len(a) > 1 {
		return a[1], nil
	}
	return nil, Errorf("KeyError", "%s", Repr(a[0]))
}

func dictPopItem(_ *State, d *Dict, _ []Value) (Value, error) {
	if d.Len() == 0 {
		return nil, Errorf("KeyError", "'popitem(): dictionary is empty'")
	}
	k, v := d.At(d.Len() - 1)
	d.Delete(k)
	return Tuple{k, v}, nil
}

func dictSetDefault(s *State, d *Dict, a []Value) (Value, error) {
	if v, ok := d.Get(a[0]); ok {
		return v, nil
	}
	if err := d.Set(a[0], second(a)); err != nil {
		return nil, err
	}
	return second(a), s.grow(32)
}

func dictFromKeys(s *State, _ *Dict, a []Value) (Value, error) {
	keys, err := s.Items(a[0])
	if err != nil {
		return nil, err
	}
	d := NewDict()
	for _, k := range keys {
		if err := d.Set(k, second(a)); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// setMethod makes a method of set whose arguments are iterables, taken together.
func setMethod(f func(s *Set, other *Set) Value) method {
	return func(s *State, self Value, a Args) (Value, error) {
		x, _ := self.(*Set)
		other, err := s.setOf(a.Pos)
		if err != nil {
			return nil, err
		}
		return f(x, other), nil
	}
}

// setOf is the union of iterables.
func (s *State) setOf(iterables []Value) (*Set, error) {
	var all []Value
	for _, it := range iterables {
		items, err := s.Items(it)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return NewSet(all...)
}

// combine makes union, difference, symmetric_difference (and intersection with one set).
func (s *Set) combine(op string, t *Set) *Set {
	out := &Set{NewDict()}
	for i, k := range s.members.keys {
		if op == "union" || (op == "intersection") == t.Has(k) {
			out.members.put(s.hashAt(i), k, true)
		}
	}
	if op == "union" || op == "symmetric_difference" {
		for i, k := range t.members.keys {
			if op == "union" || !s.Has(k) {
				out.members.put(t.hashAt(i), k, true)
			}
		}
	}
	return out
}

// hashAt is the hash of the i-th member, which has one as it is a member.
func (s *Set) hashAt(i int) any {
	h, _ := hashKey(s.members.keys[i], 0)
	return h
}

func setMethods() map[string]method {
	m := map[string]method{
		"add": func(s *State, self Value, a Args) (Value, error) {
			if err := a.need("add", 1, 1); err != nil {
				return nil, err
			}
			x, _ := self.(*Set)
			return nil, x.Add(a.Pos[0])
		},
		"update": setMethod(func(s, other *Set) Value {
			*s = *s.combine("union", other)
			return nil
		}),
		"issubset":   setMethod(func(s, other *Set) Value { return s.within(other) }),
		"issuperset": setMethod(func(s, other *Set) Value { return other.within(s) }),
		"isdisjoint": setMethod(func(s, other *Set) Value { return s.combine("intersection", other).Len() == 0 }),
		"copy":       setMethod(func(s, _ *Set) Value { return &Set{s.members.Copy()} }),
		"clear":      setMethod(func(s, _ *Set) Value { s.members.Clear(); return nil }),
		"discard":    setRemove("discard", false),
		"remove":     setRemove("remove", true),
	}
	for _, op := range []string{"union", "difference", "symmetric_difference"} {
		m[op] = setMethod(func(s, other *Set) Value { return s.combine(op, other) })
	}
	m["intersection"] = func(s *State, self Value, a Args) (Value, error) {
		x, _ := self.(*Set)
		for _, it := range a.Pos {
			other, err := s.setOf([]Value{it})
			if err != nil {
				return nil, err
			}
			x = x.combine("intersection", other)
		}
		return &Set{x.members.Copy()}, nil
	}
	return m
}

func setRemove(name string, strict bool) method {
	return func(_ *State, self Value, a Args) (Value, error) {
		if err := a.need(name, 1, 1); err != nil {
			return nil, err
		}
		x, _ := self.(*Set)
		if !x.members.Delete(a.Pos[0]) && strict {
			return nil, Errorf("KeyError", "%s", Repr(a.Pos[0]))
		}
		return nil, nil
	}
}
