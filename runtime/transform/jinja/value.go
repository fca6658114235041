package jinja

import "math/big"

// Value is a value of the language:
//
//	nil                  None
//	bool, string         themselves
//	int64, *big.Int      int (big only where int64 does not hold it)
//	float64              float
//	*List, Tuple         list (shared, mutable), tuple
//	*Dict, *Set          dict (ordered, shared, mutable), set
//	*Iterator            generator: one pass, always true, no length
//	*Undefined           Jinja's undefined, which is not None
//	anything else        an object, see Object, Callable, Mapping, ...
//
// FromGo and ToGo convert from and to maps, slices and the other Go numbers.
type Value = any

// Undefined is the value of a name, attribute or item that does not exist. It
// prints as nothing and is false; most other uses are an UndefinedError.
type Undefined struct {
	Name    string
	Hint    string // the message of the error, "" for "'name' is undefined"
	Lenient bool   // attributes, items and calls are Undefined again, as dbt's while it parses
}

func (u *Undefined) err() error {
	if u.Hint != "" {
		return Errorf("UndefinedError", "%s", u.Hint)
	}
	return Errorf("UndefinedError", "'%s' is undefined", u.Name)
}

// IsUndefined tells whether v is undefined.
func IsUndefined(v Value) bool {
	_, ok := v.(*Undefined)
	return ok
}

// List is Python's list: every holder of the pointer sees a change.
type List struct{ Items []Value }

// NewList makes a list of the given items.
func NewList(v ...Value) *List { return &List{Items: v} }

// Len is the number of items.
func (l *List) Len() int { return len(l.Items) }

// Append adds at the end.
func (l *List) Append(v ...Value) { l.Items = append(l.Items, v...) }

// Tuple is Python's tuple.
type Tuple []Value

// Set is Python's set, in the order of insertion (Python's own order differs
// between runs, so no template can rely on it).
type Set struct{ members *Dict }

// NewSet makes a set; an unhashable member is a TypeError.
func NewSet(v ...Value) (*Set, error) {
	s := &Set{members: NewDict()}
	for _, x := range v {
		if err := s.Add(x); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Add adds a member.
func (s *Set) Add(v Value) error { return s.members.Set(v, true) }

// Has tells whether v is a member.
func (s *Set) Has(v Value) bool {
	_, ok := s.members.Get(v)
	return ok
}

// Len is the number of members.
func (s *Set) Len() int { return s.members.Len() }

// Values are the members in the order of insertion.
func (s *Set) Values() []Value { return s.members.Keys() }

// Iterator is Python's generator: what map, select and other filters give. It is
// consumed by the first loop, list or join over it.
type Iterator struct {
	name string
	next func() (Value, bool, error)
}

// NewIterator makes an iterator; next gives false at the end.
func NewIterator(name string, next func() (Value, bool, error)) *Iterator {
	return &Iterator{name: name, next: next}
}

// TypeName is Python's.
func (it *Iterator) TypeName() string { return "generator" }

// Repr is Python's, without an address.
func (it *Iterator) Repr() string { return "<generator object " + it.name + ">" }

// Range is Python's range, limited like that of jinja2's sandbox.
type Range struct{ Start, Stop, Step int64 }

// Len is the number of items.
func (r Range) Len() int {
	if r.Step > 0 && r.Start < r.Stop {
		return int((r.Stop-r.Start-1)/r.Step + 1)
	}
	if r.Step < 0 && r.Start > r.Stop {
		return int((r.Start-r.Stop-1)/-r.Step + 1)
	}
	return 0
}

// At is the i-th item.
func (r Range) At(i int) Value { return r.Start + int64(i)*r.Step }

// bigOf is the int as *big.Int, if v is one (bool included, as in Python).
func bigOf(v Value) (*big.Int, bool) {
	if b, ok := v.(*big.Int); ok {
		return b, true
	}
	if i, ok := intOf(v); ok {
		return big.NewInt(i), true
	}
	return nil, false
}

// intOf is v as int64 if it is an int or bool that fits.
func intOf(v Value) (int64, bool) {
	switch x := v.(type) {
	case int64:
		return x, true
	case int:
		return int64(x), true
	case bool:
		if x {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}
