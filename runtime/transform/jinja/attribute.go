package jinja

// Attr is v.name: the attribute or method, else the item of that name, else Undefined.
func (s *State) Attr(v Value, name string) (Value, error) {
	if u, ok := v.(*Undefined); ok {
		if u.Lenient {
			return &Undefined{Name: name, Lenient: true}, nil
		}
		return nil, u.err()
	}
	if m, ok := s.method(v, name); ok {
		return m, nil
	}
	if o, ok := v.(Object); ok {
		if x, ok := o.Attr(name); ok {
			return x, nil
		}
	}
	switch x := v.(type) {
	case *Dict:
		if item, ok := x.GetString(name); ok {
			return item, nil
		}
	case Indexable:
		if item, ok := x.Item(name); ok {
			return item, nil
		}
	}
	return s.noAttribute(v, name), nil
}

func (s *State) noAttribute(v Value, name string) Value {
	return s.undefined(name, "'"+TypeName(v)+" object' has no attribute '"+name+"'")
}

// Item is v[key]: the item, else the attribute of that name, else Undefined.
func (s *State) Item(v, key Value) (Value, error) {
	if u, ok := v.(*Undefined); ok {
		if u.Lenient {
			return u, nil
		}
		return nil, u.err()
	}
	if item, ok := itemOf(v, key); ok {
		return item, nil
	}
	name, ok := key.(string)
	if !ok {
		return s.undefined(Str(key), TypeName(v)+" object has no element "+Repr(key)), nil
	}
	if m, ok := s.method(v, name); ok {
		return m, nil
	}
	if o, ok := v.(Object); ok {
		if x, ok := o.Attr(name); ok {
			return x, nil
		}
	}
	return s.noAttribute(v, name), nil
}

// itemOf is Python's v[key].
func itemOf(v, key Value) (Value, bool) {
	switch x := v.(type) {
	case *List:
		if i, ok := indexOf(key, len(x.Items)); ok {
			return x.Items[i], true
		}
	case Tuple:
		if i, ok := indexOf(key, len(x)); ok {
			return x[i], true
		}
	case Range:
		if i, ok := indexOf(key, x.Len()); ok {
			return x.At(i), true
		}
	case string:
		return runeAt(x, key)
	case *Dict:
		return x.Get(key)
	case Indexable:
		return x.Item(key)
	}
	return nil, false
}

func runeAt(s string, key Value) (Value, bool) {
	if _, ok := intOf(key); !ok {
		return nil, false
	}
	runes := []rune(s)
	if i, ok := indexOf(key, len(runes)); ok {
		return string(runes[i]), true
	}
	return nil, false
}

// indexOf is a list index within n, counted from the end if negative.
func indexOf(key Value, n int) (int, bool) {
	i, ok := intOf(key)
	if !ok {
		return 0, false
	}
	if i < 0 {
		i += int64(n)
	}
	return int(i), i >= 0 && i < int64(n)
}
