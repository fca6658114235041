package jinja

import (
	"math/big"
	"reflect"
	"slices"
	"strings"
)

// Truth is Python's bool(v).
func Truth(v Value) bool {
	switch x := v.(type) {
	case nil, *Undefined:
		return false
	case bool:
		return x
	case string:
		return x != ""
	case float64:
		return x != 0
	case *big.Int:
		return x.Sign() != 0
	case Tuple:
		return len(x) > 0
	case Truther:
		return x.Truth()
	case Sized:
		return x.Len() > 0
	}
	if i, ok := intOf(v); ok {
		return i != 0
	}
	return true
}

// Equal is Python's ==.
func Equal(a, b Value) bool { return equal(a, b, 0) }

func equal(a, b Value, depth int) bool {
	if depth > maxNesting {
		return false
	}
	if isNumber(a) && isNumber(b) {
		c, ordered := compareNumbers(a, b)
		return ordered && c == 0
	}
	switch x := a.(type) {
	case nil:
		return b == nil
	case string:
		y, ok := b.(string)
		return ok && x == y
	case *List:
		y, ok := b.(*List)
		return ok && (x == y || equalItems(x.Items, y.Items, depth))
	case Tuple:
		y, ok := b.(Tuple)
		return ok && equalItems(x, y, depth)
	case *Dict:
		y, ok := b.(*Dict)
		return ok && (x == y || equalDicts(x, y, depth))
	case *Set:
		y, ok := b.(*Set)
		return ok && x.Len() == y.Len() && x.within(y)
	case *dictView:
		y, ok := b.(*dictView)
		return ok && (x == y || x.equal(y, depth))
	case *Undefined:
		return IsUndefined(b)
	case Hashable:
		y, ok := b.(Hashable)
		return ok && x.HashKey() == y.HashKey()
	case Ordered:
		c, ok := x.CompareTo(b)
		return ok && c == 0
	}
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	return vb.IsValid() && va.Type() == vb.Type() && va.Comparable() && vb.Comparable() && a == b
}

func equalItems(a, b []Value, depth int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i], depth+1) {
			return false
		}
	}
	return true
}

func equalDicts(a, b *Dict, depth int) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i, k := range a.keys {
		v, ok := b.Get(k)
		if !ok || !equal(a.values[i], v, depth+1) {
			return false
		}
	}
	return true
}

// within tells whether every member of s is one of t.
func (s *Set) within(t *Set) bool {
	for _, k := range s.members.keys {
		if !t.Has(k) {
			return false
		}
	}
	return true
}

// Compare orders a and b as Python's < does; what has no order is a TypeError.
func Compare(a, b Value) (int, error) { return compare("<", a, b, 0) }

func compare(op string, a, b Value, depth int) (int, error) {
	if depth > maxNesting {
		return 0, Errorf("RecursionError", "values nested more than %d deep cannot be compared", maxNesting)
	}
	for _, v := range []Value{a, b} {
		if u, ok := v.(*Undefined); ok {
			return 0, u.err()
		}
	}
	if isNumber(a) && isNumber(b) {
		c, _ := compareNumbers(a, b)
		return c, nil
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), nil
		}
	case *List:
		if y, ok := b.(*List); ok {
			return compareItems(op, x.Items, y.Items, depth)
		}
	case Tuple:
		if y, ok := b.(Tuple); ok {
			return compareItems(op, x, y, depth)
		}
	case Ordered:
		if c, ok := x.CompareTo(b); ok {
			return c, nil
		}
	}
	return 0, Errorf("TypeError", "'%s' not supported between instances of '%s' and '%s'", op, TypeName(a), TypeName(b))
}

func compareItems(op string, a, b []Value, depth int) (int, error) {
	for i := 0; i < len(a) && i < len(b); i++ {
		if !Equal(a[i], b[i]) {
			return compare(op, a[i], b[i], depth+1)
		}
	}
	return cmpInt(int64(len(a)), int64(len(b))), nil
}

// ordered is a op b for < <= > >=.
func ordered(op string, a, b Value) (bool, error) {
	if x, ok := a.(*Set); ok {
		if y, ok := b.(*Set); ok {
			return orderedSets(op, x, y), nil
		}
	}
	if isNumber(a) && isNumber(b) {
		if _, ok := compareNumbers(a, b); !ok {
			return false, nil
		}
	}
	c, err := compare(op, a, b, 0)
	if err != nil {
		return false, err
	}
	return accepts(op, c), nil
}

// accepts tells whether a comparison's result satisfies op.
func accepts(op string, c int) bool {
	switch op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

func orderedSets(op string, a, b *Set) bool {
	switch op {
	case "<":
		return a.Len() < b.Len() && a.within(b)
	case "<=":
		return a.within(b)
	case ">":
		return a.Len() > b.Len() && b.within(a)
	}
	return b.within(a)
}

// Contains is Python's "x in c".
func Contains(c, x Value) (bool, error) {
	switch y := c.(type) {
	case string:
		s, ok := x.(string)
		if !ok {
			return false, Errorf("TypeError", "'in <string>' requires string as left operand, not %s", TypeName(x))
		}
		return strings.Contains(y, s), nil
	case *Dict:
		if _, err := hashKey(x, 0); err != nil {
			return false, err
		}
		_, ok := y.Get(x)
		return ok, nil
	case *Set:
		if _, err := hashKey(x, 0); err != nil {
			return false, err
		}
		return y.Has(x), nil
	case Container:
		return y.Has(x), nil
	}
	it, err := cursorOf(c)
	if err != nil {
		return false, Errorf("TypeError", "argument of type '%s' is not iterable", TypeName(c))
	}
	for {
		v, ok, err := it.next()
		if err != nil || !ok {
			return false, err
		}
		if Equal(v, x) {
			return true, nil
		}
	}
}

// binary computes a op b for + - * / // % **.
func (s *State) binary(op string, a, b Value) (Value, error) {
	if u, ok := a.(*Undefined); ok {
		return nil, u.err()
	}
	if text, ok := a.(string); ok && op == "%" {
		return s.percentFormat(text, b)
	}
	if u, ok := b.(*Undefined); ok {
		return nil, u.err()
	}
	if o, ok := a.(Operand); ok {
		if r, ok, err := o.BinaryOp(op, b, false); ok {
			return r, err
		}
	}
	if o, ok := b.(Operand); ok {
		if r, ok, err := o.BinaryOp(op, a, true); ok {
			return r, err
		}
	}
	if isNumber(a) && isNumber(b) {
		return arithmetic(op, a, b)
	}
	switch op {
	case "+":
		return s.concatenate(a, b)
	case "*":
		if n, ok := intOf(b); ok {
			return s.repeat(a, n)
		}
		if n, ok := intOf(a); ok {
			return s.repeat(b, n)
		}
	case "-":
		if x, ok := a.(*Set); ok {
			if y, ok := b.(*Set); ok {
				return x.combine("difference", y), nil
			}
		}
	}
	return nil, unsupported(op, a, b)
}

func unsupported(op string, a, b Value) error {
	if op == "**" {
		op = "** or pow()"
	}
	return Errorf("TypeError", "unsupported operand type(s) for %s: '%s' and '%s'", op, TypeName(a), TypeName(b))
}

// concatenate is + for strings, lists and tuples.
func (s *State) concatenate(a, b Value) (Value, error) {
	switch x := a.(type) {
	case string:
		y, ok := b.(string)
		if !ok {
			return nil, Errorf("TypeError", `can only concatenate str (not "%s") to str`, TypeName(b))
		}
		return x + y, s.grow(len(x) + len(y))
	case *List:
		y, ok := b.(*List)
		if !ok {
			return nil, Errorf("TypeError", `can only concatenate list (not "%s") to list`, TypeName(b))
		}
		return &List{Items: slices.Concat(x.Items, y.Items)}, s.growList(len(x.Items) + len(y.Items))
	case Tuple:
		y, ok := b.(Tuple)
		if !ok {
			return nil, Errorf("TypeError", `can only concatenate tuple (not "%s") to tuple`, TypeName(b))
		}
		return slices.Concat(x, y), s.growList(len(x) + len(y))
	}
	return nil, unsupported("+", a, b)
}

// repeat is * for strings, lists and tuples.
func (s *State) repeat(v Value, n int64) (Value, error) {
	n = min(max(n, 0), maxStringBytes+1)
	switch x := v.(type) {
	case string:
		if err := s.growBy(int(n), len(x)); err != nil {
			return nil, err
		}
		return strings.Repeat(x, int(n)), nil
	case *List:
		items, err := s.repeatItems(x.Items, int(n))
		return &List{Items: items}, err
	case Tuple:
		items, err := s.repeatItems(x, int(n))
		return Tuple(items), err
	}
	return nil, unsupported("*", v, n)
}

func (s *State) repeatItems(items []Value, n int) ([]Value, error) {
	if len(items) > 0 && n > maxListItems/len(items) {
		return nil, s.growList(maxListItems + 1)
	}
	if err := s.growList(len(items) * n); err != nil {
		return nil, err
	}
	return slices.Repeat(items, n), nil
}

// Add is a + b.
func (s *State) Add(a, b Value) (Value, error) { return s.binary("+", a, b) }
