package jinja

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"
)

// sequenceFilters are jinja2's filters on sequences that do not look into the items.
func sequenceFilters() map[string]Filter {
	return map[string]Filter{
		"default": defaultFilter,
		"d":       defaultFilter,
		"length":  lengthFilter,
		"count":   lengthFilter,
		"list":    listFilter,
		"join":    joinFilter,
		"first":   firstFilter,
		"last":    lastFilter,
		"random":  randomFilter,
		"reverse": reverseFilter,
		"items":   itemsFilter,
		"batch":   batchFilter,
		"slice":   sliceFilter,
		"sum":     sumFilter,
		"attr":    attrFilter,
	}
}

func defaultFilter(_ *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("default", Opt("default_value", ""), Opt("boolean", false))
	if err != nil {
		return nil, err
	}
	if IsUndefined(in) || Truth(v[1]) && !Truth(in) {
		return v[0], nil
	}
	return in, nil
}

func lengthFilter(s *State, in Value, a Args) (Value, error) {
	if _, err := a.Bind("length"); err != nil {
		return nil, err
	}
	n, err := s.lengthOf(in)
	return int64(n), err
}

func listFilter(s *State, in Value, a Args) (Value, error) {
	if _, err := a.Bind("list"); err != nil {
		return nil, err
	}
	items, err := s.Items(in)
	return &List{Items: items}, err
}

func joinFilter(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("join", Opt("d", ""), Opt("attribute", nil))
	if err != nil {
		return nil, err
	}
	items, err := s.Items(in)
	if err != nil {
		return nil, err
	}
	parts, size := make([]string, len(items)), 0
	for i, x := range items {
		if x, err = s.attributeOf(x, v[1], nil); err != nil {
			return nil, err
		}
		if parts[i], err = text(x); err != nil {
			return nil, err
		}
		if size += len(parts[i]); size > maxStringBytes {
			return nil, s.grow(size)
		}
	}
	separator := Str(v[0])
	if err := s.growBy(len(parts), len(separator)); err != nil {
		return nil, err
	}
	return strings.Join(parts, separator), s.grow(size)
}

func firstFilter(s *State, in Value, a Args) (Value, error) {
	if _, err := a.Bind("first"); err != nil {
		return nil, err
	}
	c, err := cursorOf(in)
	if err != nil {
		return nil, err
	}
	v, ok, err := c.next()
	if err == nil && !ok {
		return s.undefined("first", "No first item, sequence was empty."), nil
	}
	return v, err
}

func lastFilter(s *State, in Value, a Args) (Value, error) {
	if _, err := a.Bind("last"); err != nil {
		return nil, err
	}
	items, err := s.reversible(in)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return s.undefined("last", "No last item, sequence was empty."), nil
	}
	return items[len(items)-1], nil
}

// reversible are the items of what Python's reversed() takes.
func (s *State) reversible(v Value) ([]Value, error) {
	switch v.(type) {
	case *Iterator, *Set:
		return nil, Errorf("TypeError", "'%s' object is not reversible", TypeName(v))
	}
	return s.Items(v)
}

func randomFilter(s *State, in Value, a Args) (Value, error) {
	items, err := s.reversible(in)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return s.undefined("random", "No random item, sequence was empty."), nil
	}
	return items[rand.IntN(len(items))], nil
}

func reverseFilter(s *State, in Value, a Args) (Value, error) {
	if _, err := a.Bind("reverse"); err != nil {
		return nil, err
	}
	if t, ok := in.(string); ok {
		var b strings.Builder
		for len(t) > 0 {
			_, size := utf8.DecodeLastRuneInString(t)
			b.WriteString(t[len(t)-size:])
			t = t[:len(t)-size]
		}
		return b.String(), nil
	}
	items, err := s.Items(in)
	if err != nil {
		return nil, Errorf("FilterArgumentError", "argument must be iterable")
	}
	slices.Reverse(items)
	return iteratorOver("list_reverseiterator", items), nil
}

// iteratorOver makes a generator of items that are known already.
func iteratorOver(name string, items []Value) *Iterator {
	c := &sliceCursor{items: items}
	return NewIterator(name, c.next)
}

func itemsFilter(_ *State, in Value, a Args) (Value, error) {
	if _, err := a.Bind("items"); err != nil {
		return nil, err
	}
	if IsUndefined(in) {
		return iteratorOver("do_items", nil), nil
	}
	d, err := dictFrom(in)
	if err != nil {
		return nil, Errorf("TypeError", "Can only get item pairs from a mapping.")
	}
	return iteratorOver("do_items", (&dictView{d, "items"}).Iter()), nil
}

func batchFilter(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("batch", Req("linecount"), Opt("fill_with", nil))
	if err != nil {
		return nil, err
	}
	items, err := s.Items(in)
	if err != nil {
		return nil, err
	}
	n, ok := intOf(v[0])
	if !ok || n < 1 {
		return nil, Errorf("ValueError", "batch needs a line count of at least 1, not %s", Repr(v[0]))
	}
	var out []Value
	for len(items) > 0 {
		size := int(min(n, int64(len(items))))
		row := slices.Clone(items[:size])
		items = items[size:]
		if int64(size) < n && v[1] != nil {
			if err := s.growList(int(min(n, maxListItems+1))); err != nil {
				return nil, err
			}
			row = append(row, slices.Repeat([]Value{v[1]}, int(n)-size)...)
		}
		out = append(out, &List{Items: row})
	}
	return iteratorOver("do_batch", out), nil
}

func sliceFilter(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("slice", Req("slices"), Opt("fill_with", nil))
	if err != nil {
		return nil, err
	}
	items, err := s.Items(in)
	if err != nil {
		return nil, err
	}
	n64, ok := intOf(v[0])
	if !ok || n64 < 1 {
		return nil, Errorf("ValueError", "slice needs a number of at least 1, not %s", Repr(v[0]))
	}
	if err := s.growList(int(min(n64, maxListItems+1))); err != nil {
		return nil, err
	}
	n := int(n64)
	per, extra := len(items)/n, len(items)%n
	out, offset := make([]Value, n), 0
	for i := range n {
		start := offset + i*per
		if i < extra {
			offset++
		}
		row := slices.Clone(items[start : offset+(i+1)*per])
		if v[1] != nil && i >= extra {
			row = append(row, v[1])
		}
		out[i] = &List{Items: row}
	}
	return iteratorOver("sync_do_slice", out), nil
}

func sumFilter(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("sum", Opt("attribute", nil), Opt("start", int64(0)))
	if err != nil {
		return nil, err
	}
	items, err := s.Items(in)
	if err != nil {
		return nil, err
	}
	total := v[1]
	for _, x := range items {
		if x, err = s.attributeOf(x, v[0], nil); err != nil {
			return nil, err
		}
		if total, err = s.binary("+", total, x); err != nil {
			return nil, err
		}
	}
	return total, nil
}

// attrFilter is x|attr("name"): the attribute, never an item.
func attrFilter(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("attr", Req("name"))
	if err != nil {
		return nil, err
	}
	name := Str(v[0])
	if u, ok := in.(*Undefined); ok {
		return s.Attr(u, name)
	}
	if m, ok := s.method(in, name); ok {
		return m, nil
	}
	if o, ok := in.(Object); ok {
		if x, ok := o.Attr(name); ok {
			return x, nil
		}
	}
	return s.noAttribute(in, name), nil
}
