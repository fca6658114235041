package jinja

import (
	"slices"
	"sort"
	"strings"
)

// sortFilters order or group a sequence.
func sortFilters() map[string]Filter {
	return map[string]Filter{
		"sort":     sortFilter,
		"unique":   uniqueFilter,
		"dictsort": dictSort,
		"groupby":  groupBy,
		"min":      extreme("min", -1),
		"max":      extreme("max", 1),
	}
}

// folded is the sort key without case, unless caseSensitive.
func folded(v Value, caseSensitive Value) Value {
	if s, ok := v.(string); ok && !Truth(caseSensitive) {
		return strings.ToLower(s)
	}
	return v
}

// sortBy sorts items stably by key; the first comparison that fails is the error.
func sortBy(items []Value, reverse bool, key func(Value) (Value, error)) error {
	keys := make([]Value, len(items))
	for i, x := range items {
		k, err := key(x)
		if err != nil {
			return err
		}
		keys[i] = k
	}
	var failed error
	sort.Stable(&sorter{items, keys, func(a, b Value) bool {
		if failed != nil {
			return false
		}
		if reverse {
			a, b = b, a
		}
		c, err := Compare(a, b)
		failed = err
		return c < 0
	}})
	return failed
}

// sorter sorts items along with their keys.
type sorter struct {
	items, keys []Value
	less        func(a, b Value) bool
}

func (s *sorter) Len() int           { return len(s.items) }
func (s *sorter) Less(i, j int) bool { return s.less(s.keys[i], s.keys[j]) }
func (s *sorter) Swap(i, j int) {
	s.items[i], s.items[j] = s.items[j], s.items[i]
	s.keys[i], s.keys[j] = s.keys[j], s.keys[i]
}

func sortFilter(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("sort", Opt("reverse", false), Opt("case_sensitive", false), Opt("attribute", nil))
	if err != nil {
		return nil, err
	}
	items, err := s.Items(in)
	if err != nil {
		return nil, err
	}
	err = sortBy(items, Truth(v[0]), func(x Value) (Value, error) { return s.sortKey(x, v[2], v[1]) })
	return &List{Items: items}, err
}

// sortKey is the value at a path, or a tuple of those at a comma-separated list of paths.
func (s *State) sortKey(x, path, caseSensitive Value) (Value, error) {
	text, ok := path.(string)
	if !ok || !strings.Contains(text, ",") {
		k, err := s.attributeOf(x, path, nil)
		return folded(k, caseSensitive), err
	}
	var t Tuple
	for _, p := range strings.Split(text, ",") {
		k, err := s.attributeOf(x, p, nil)
		if err != nil {
			return nil, err
		}
		t = append(t, folded(k, caseSensitive))
	}
	return t, nil
}

func uniqueFilter(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("unique", Opt("case_sensitive", false), Opt("attribute", nil))
	if err != nil {
		return nil, err
	}
	items, err := s.Items(in)
	if err != nil {
		return nil, err
	}
	seen := NewDict()
	var out []Value
	for _, x := range items {
		k, err := s.attributeOf(x, v[1], nil)
		if err != nil {
			return nil, err
		}
		before := seen.Len()
		if err := seen.Set(folded(k, v[0]), true); err != nil {
			return nil, err
		}
		if seen.Len() > before {
			out = append(out, x)
		}
	}
	return iteratorOver("do_unique", out), nil
}

func dictSort(_ *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("dictsort", Opt("case_sensitive", false), Opt("by", "key"), Opt("reverse", false))
	if err != nil {
		return nil, err
	}
	part, ok := map[string]int{"key": 0, "value": 1}[Str(v[1])]
	if !ok {
		return nil, Errorf("FilterArgumentError", `You can only sort by either "key" or "value"`)
	}
	d, err := dictFrom(in)
	if err != nil {
		return nil, err
	}
	pairs := (&dictView{d, "items"}).Iter()
	err = sortBy(pairs, Truth(v[2]), func(x Value) (Value, error) {
		pair, _ := x.(Tuple)
		return folded(pair[part], v[0]), nil
	})
	return &List{Items: pairs}, err
}

func groupBy(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("groupby", Req("attribute"), Opt("default", nil), Opt("case_sensitive", false))
	if err != nil {
		return nil, err
	}
	items, err := s.Items(in)
	if err != nil {
		return nil, err
	}
	key := func(x Value) (Value, error) {
		k, err := s.attributeOf(x, v[0], v[1])
		return folded(k, v[2]), err
	}
	if err := sortBy(items, false, key); err != nil {
		return nil, err
	}
	var out []Value
	var last Value
	for i, x := range items {
		k, err := key(x)
		if err != nil {
			return nil, err
		}
		if i > 0 && Equal(k, last) {
			g, _ := out[len(out)-1].(*group)
			g.list.Append(x)
			continue
		}
		last = k
		grouper, err := s.attributeOf(x, v[0], v[1])
		if err != nil {
			return nil, err
		}
		out = append(out, &group{grouper, NewList(x)})
	}
	return &List{Items: out}, nil
}

// group is one result of groupby: a tuple with names.
type group struct {
	grouper Value
	list    *List
}

func (g *group) tuple() Tuple { return Tuple{g.grouper, g.list} }

// Attr is grouper or list.
func (g *group) Attr(name string) (Value, bool) {
	switch name {
	case "grouper":
		return g.grouper, true
	case "list":
		return g.list, true
	}
	return nil, false
}

// Item is the tuple's.
func (g *group) Item(key Value) (Value, bool) { return itemOf(g.tuple(), key) }

// Iter is the tuple's.
func (g *group) Iter() []Value { return g.tuple() }

// Len is 2.
func (g *group) Len() int { return 2 }

// Repr is the tuple's.
func (g *group) Repr() string { return Repr(g.tuple()) }

// extreme makes min (sign -1) and max (sign 1).
func extreme(name string, sign int) Filter {
	return func(s *State, in Value, a Args) (Value, error) {
		v, err := a.Bind(name, Opt("case_sensitive", false), Opt("attribute", nil))
		if err != nil {
			return nil, err
		}
		items, err := s.Items(in)
		if err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return s.undefined(name, "No aggregated item, sequence was empty."), nil
		}
		keys := slices.Clone(items)
		best := 0
		for i, x := range items {
			k, err := s.attributeOf(x, v[1], nil)
			if err != nil {
				return nil, err
			}
			keys[i] = folded(k, v[0])
			c, err := Compare(keys[i], keys[best])
			if err != nil {
				return nil, err
			}
			if c*sign > 0 {
				best = i
			}
		}
		return items[best], nil
	}
}
