package jinja

import "slices"

// need checks the number of a method's positional arguments; keywords are refused.
func (a Args) need(name string, least, most int) error {
	if len(a.Kw) > 0 {
		return Errorf("TypeError", "%s() takes no keyword arguments", name)
	}
	if len(a.Pos) < least {
		return Errorf("TypeError", "%s expected at least %d argument(s), got %d", name, least, len(a.Pos))
	}
	if len(a.Pos) > most {
		return Errorf("TypeError", "%s expected at most %d argument(s), got %d", name, most, len(a.Pos))
	}
	return nil
}

// listMethod makes a method of list with the given number of arguments.
func listMethod(name string, least, most int, f func(s *State, l *List, a []Value) (Value, error)) method {
	return func(s *State, self Value, a Args) (Value, error) {
		if err := a.need(name, least, most); err != nil {
			return nil, err
		}
		l, _ := self.(*List)
		return f(s, l, a.Pos)
	}
}

func listMethods() map[string]method {
	return map[string]method{
		"append": listMethod("append", 1, 1, func(s *State, l *List, a []Value) (Value, error) {
			l.Append(a[0])
			return nil, s.grow(16)
		}),
		"extend":  listMethod("extend", 1, 1, listExtend),
		"insert":  listMethod("insert", 2, 2, listInsert),
		"pop":     listMethod("pop", 0, 1, listPop),
		"remove":  listMethod("remove", 1, 1, listRemove),
		"index":   listMethod("index", 1, 3, func(_ *State, l *List, a []Value) (Value, error) { return indexIn(l.Items, a, "list") }),
		"count":   listMethod("count", 1, 1, func(_ *State, l *List, a []Value) (Value, error) { return countIn(l.Items, a[0]), nil }),
		"sort":    listSort,
		"reverse": listMethod("reverse", 0, 0, func(_ *State, l *List, _ []Value) (Value, error) { slices.Reverse(l.Items); return nil, nil }),
		"copy": listMethod("copy", 0, 0, func(s *State, l *List, _ []Value) (Value, error) {
			return NewList(slices.Clone(l.Items)...), s.growList(len(l.Items))
		}),
		"clear": listMethod("clear", 0, 0, func(_ *State, l *List, _ []Value) (Value, error) { l.Items = nil; return nil, nil }),
	}
}

func listExtend(s *State, l *List, a []Value) (Value, error) {
	items, err := s.Items(a[0])
	if err != nil {
		return nil, err
	}
	if err := s.growList(len(l.Items) + len(items)); err != nil {
		return nil, err
	}
	l.Append(items...)
	return nil, nil
}

func listInsert(s *State, l *List, a []Value) (Value, error) {
	if !isInt(a[0]) {
		return nil, Errorf("TypeError", "'%s' object cannot be interpreted as an integer", TypeName(a[0]))
	}
	n := len(l.Items)
	i := clampIndex(a[0], 0, n)
	if i < 0 {
		i = max(0, i+n)
	}
	l.Items = slices.Insert(l.Items, min(i, n), a[1])
	return nil, s.grow(16)
}

func listPop(_ *State, l *List, a []Value) (Value, error) {
	if len(l.Items) == 0 {
		return nil, Errorf("IndexError", "pop from empty list")
	}
	i, ok := len(l.Items)-1, true
	if len(a) > 0 {
		i, ok = indexOf(a[0], len(l.Items))
	}
	if !ok {
		return nil, Errorf("IndexError", "pop index out of range")
	}
	v := l.Items[i]
	l.Items = slices.Delete(l.Items, i, i+1)
	return v, nil
}

func listRemove(_ *State, l *List, a []Value) (Value, error) {
	for i, v := range l.Items {
		if Equal(v, a[0]) {
			l.Items = slices.Delete(l.Items, i, i+1)
			return nil, nil
		}
	}
	return nil, Errorf("ValueError", "list.remove(x): x not in list")
}

func indexIn(items []Value, a []Value, kind string) (Value, error) {
	from, to := 0, len(items)
	if len(a) > 1 {
		from = clampIndex(a[1], 0, len(items))
	}
	if len(a) > 2 {
		to = clampIndex(a[2], len(items), len(items))
	}
	for i, v := range items {
		if i >= from && i < to && Equal(v, a[0]) {
			return int64(i), nil
		}
	}
	return nil, Errorf("ValueError", "%s is not in %s", Repr(a[0]), kind)
}

func countIn(items []Value, x Value) Value {
	n := int64(0)
	for _, v := range items {
		if Equal(v, x) {
			n++
		}
	}
	return n
}

func listSort(s *State, self Value, a Args) (Value, error) {
	if len(a.Pos) > 0 {
		return nil, Errorf("TypeError", "sort() takes no positional arguments")
	}
	v, err := a.Bind("sort", Opt("key", nil), Opt("reverse", false))
	if err != nil {
		return nil, err
	}
	l, _ := self.(*List)
	items := slices.Clone(l.Items)
	err = sortBy(items, Truth(v[1]), func(x Value) (Value, error) {
		if v[0] == nil {
			return x, nil
		}
		return s.Call(v[0], Positional(x))
	})
	if err == nil {
		l.Items = items
	}
	return nil, err
}

func tupleMethods() map[string]method {
	return map[string]method{
		"index": func(_ *State, self Value, a Args) (Value, error) {
			t, _ := self.(Tuple)
			if err := a.need("index", 1, 3); err != nil {
				return nil, err
			}
			return indexIn(t, a.Pos, "tuple")
		},
		"count": func(_ *State, self Value, a Args) (Value, error) {
			t, _ := self.(Tuple)
			if err := a.need("count", 1, 1); err != nil {
				return nil, err
			}
			return countIn(t, a.Pos[0]), nil
		},
	}
}
