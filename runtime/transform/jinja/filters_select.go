package jinja

import (
	"strconv"
	"strings"
)

// selectFilters look at each item of a sequence and give generators.
func selectFilters() map[string]Filter {
	return map[string]Filter{
		"map":        mapFilter,
		"select":     selector("select", true, false),
		"reject":     selector("reject", false, false),
		"selectattr": selector("selectattr", true, true),
		"rejectattr": selector("rejectattr", false, true),
	}
}

// attributeOf follows a path like "a.b.0" from v; a nil path is v itself. What is
// undefined on the way becomes def, unless that is nil.
func (s *State) attributeOf(v, path, def Value) (Value, error) {
	if path == nil {
		return v, nil
	}
	keys := []Value{path}
	if text, ok := path.(string); ok {
		keys = keys[:0]
		for _, part := range strings.Split(text, ".") {
			keys = append(keys, pathKey(part))
		}
	}
	for _, k := range keys {
		var err error
		if v, err = s.Item(v, k); err != nil {
			return nil, err
		}
		if def != nil && IsUndefined(v) {
			v = def
		}
	}
	return v, nil
}

// pathKey is a part of a path: digits are an index.
func pathKey(part string) Value {
	if i, err := strconv.ParseInt(part, 10, 64); err == nil && isDigit(part[0]) {
		return i
	}
	return part
}

func mapFilter(s *State, in Value, a Args) (Value, error) {
	f, err := s.mapper(a)
	if err != nil {
		return nil, err
	}
	c, err := filterSource(in)
	if err != nil {
		return nil, err
	}
	return NewIterator("sync_do_map", func() (Value, bool, error) {
		v, ok, err := c.next()
		if err != nil || !ok {
			return nil, false, err
		}
		if err := s.step(1); err != nil {
			return nil, false, err
		}
		v, err = f(v)
		return v, err == nil, err
	}), nil
}

// filterSource is what map and select loop over: nothing, if the value is false.
func filterSource(in Value) (cursor, error) {
	if !Truth(in) {
		return &sliceCursor{}, nil
	}
	return cursorOf(in)
}

// mapper is the function of map(attribute=...) or map("filter", arguments...).
func (s *State) mapper(a Args) (func(Value) (Value, error), error) {
	if len(a.Pos) == 0 && keywordIn(a.Kw, "attribute") {
		v, err := a.Bind("map", Opt("attribute", nil), Opt("default", nil))
		if err != nil {
			return nil, err
		}
		return func(x Value) (Value, error) { return s.attributeOf(x, v[0], v[1]) }, nil
	}
	if len(a.Pos) == 0 {
		return nil, Errorf("FilterArgumentError", "map requires a filter argument")
	}
	f, err := s.filter(Str(a.Pos[0]))
	if err != nil {
		return nil, err
	}
	rest := Args{Pos: a.Pos[1:], Kw: a.Kw}
	return func(x Value) (Value, error) { return f(s, x, rest) }, nil
}

// selector makes select, reject and their attr kin.
func selector(name string, want, byAttribute bool) Filter {
	return func(s *State, in Value, a Args) (Value, error) {
		accept, err := s.predicate(a, byAttribute)
		if err != nil {
			return nil, err
		}
		c, err := filterSource(in)
		if err != nil {
			return nil, err
		}
		return NewIterator("sync_do_"+name, func() (Value, bool, error) {
			for {
				v, ok, err := c.next()
				if err != nil || !ok {
					return nil, false, err
				}
				if err := s.step(1); err != nil {
					return nil, false, err
				}
				hit, err := accept(v)
				if err != nil {
					return nil, false, err
				}
				if hit == want {
					return v, true, nil
				}
			}
		}), nil
	}
}

// predicate is the test that select's arguments name, on the item or its attribute.
func (s *State) predicate(a Args, byAttribute bool) (func(Value) (bool, error), error) {
	var path Value
	if byAttribute {
		if len(a.Pos) == 0 {
			return nil, Errorf("FilterArgumentError", "Missing parameter for attribute name")
		}
		path = a.Pos[0]
		a.Pos = a.Pos[1:]
	}
	test := func(_ *State, v Value, _ Args) (bool, error) { return Truth(v), nil }
	if len(a.Pos) > 0 {
		t, err := s.test(Str(a.Pos[0]))
		if err != nil {
			return nil, err
		}
		test = t
		a.Pos = a.Pos[1:]
	}
	return func(v Value) (bool, error) {
		v, err := s.attributeOf(v, path, nil)
		if err != nil {
			return false, err
		}
		return test(s, v, a)
	}, nil
}
