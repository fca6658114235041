package jinja

import (
	"math/big"
	"strings"
)

// typed makes a Test of a predicate without arguments.
func typed(f func(v Value) bool) Test {
	return func(_ *State, v Value, a Args) (bool, error) {
		if _, err := a.Bind("test"); err != nil {
			return false, err
		}
		return f(v), nil
	}
}

// typeTests are about what a value is.
func typeTests() map[string]Test {
	return map[string]Test{
		"defined":   typed(func(v Value) bool { return !IsUndefined(v) }),
		"undefined": typed(IsUndefined),
		"none":      typed(func(v Value) bool { return v == nil }),
		"string":    typed(isType[string]),
		"boolean":   typed(isType[bool]),
		"float":     typed(isType[float64]),
		"number":    typed(isNumber),
		"true":      typed(func(v Value) bool { return sameObject(v, true) }),
		"false":     typed(func(v Value) bool { return sameObject(v, false) }),
		"integer":   typed(func(v Value) bool { return isInt(v) && !isType[bool](v) }),
		"mapping":   typed(func(v Value) bool { return isType[*Dict](v) || isType[Mapping](v) }),
		"iterable":  typed(isIterable),
		"sequence":  typed(isSequence),
		"callable":  typed(func(v Value) bool { return isType[Callable](v) || IsUndefined(v) }),
		"escaped":   typed(func(Value) bool { return false }),
		"lower":     typed(func(v Value) bool { return isLower(Str(v)) }),
		"upper":     typed(func(v Value) bool { return isUpper(Str(v)) }),
		"filter": func(s *State, v Value, _ Args) (bool, error) {
			_, err := s.filter(Str(v))
			return err == nil, nil
		},
		"test": func(s *State, v Value, _ Args) (bool, error) {
			_, err := s.test(Str(v))
			return err == nil, nil
		},
	}
}

func isType[T any](v Value) bool {
	_, ok := v.(T)
	return ok
}

// isSequence is jinja2's: it has a length and items.
func isSequence(v Value) bool {
	switch v.(type) {
	case *List, Tuple, string, *Dict, *Undefined, Range:
		return true
	}
	return isType[Indexable](v) && (isType[Sized](v) || isType[Mapping](v) || isType[Iterable](v))
}

func isLower(s string) bool { return s == strings.ToLower(s) && s != strings.ToUpper(s) }

func isUpper(s string) bool { return s == strings.ToUpper(s) && s != strings.ToLower(s) }

// sameObject is Python's "is", as far as values have an identity.
func sameObject(a, b Value) bool {
	switch a.(type) {
	case bool, nil, string, int64, int, float64:
		return TypeName(a) == TypeName(b) && Equal(a, b)
	case *big.Int, Tuple:
		return TypeName(a) == TypeName(b) && Equal(a, b)
	}
	ha, errA := hashPointer(a)
	hb, errB := hashPointer(b)
	return errA == nil && errB == nil && ha == hb
}

// hashPointer is a key for an object's identity.
func hashPointer(v Value) (any, error) {
	switch x := v.(type) {
	case *List, *Dict, *Set, *Undefined:
		return x, nil
	}
	return hashKey(v, 0)
}

// binaryTest makes a Test with one argument.
func binaryTest(f func(a, b Value) (bool, error)) Test {
	return func(_ *State, v Value, a Args) (bool, error) {
		args, err := a.Bind("test", Req("other"))
		if err != nil {
			return false, err
		}
		return f(v, args[0])
	}
}

// valueTests compare a value.
func valueTests() map[string]Test {
	m := map[string]Test{
		"odd":         remainderTest(2, 1),
		"even":        remainderTest(2, 0),
		"divisibleby": divisibleBy,
		"sameas":      binaryTest(func(a, b Value) (bool, error) { return sameObject(a, b), nil }),
	}
	for op, names := range map[string][]string{
		"==": {"eq", "equalto"}, "!=": {"ne"}, "in": {},
		"<": {"lt", "lessthan"}, "<=": {"le"}, ">": {"gt", "greaterthan"}, ">=": {"ge"},
	} {
		t := binaryTest(func(a, b Value) (bool, error) { return comparison(op, a, b) })
		for _, n := range append(names, op) {
			m[n] = t
		}
	}
	return m
}

func remainderTest(divisor, want int64) Test {
	return func(s *State, v Value, a Args) (bool, error) {
		if _, err := a.Bind("test"); err != nil {
			return false, err
		}
		r, err := s.binary("%", v, divisor)
		return err == nil && Equal(r, want), err
	}
}

func divisibleBy(s *State, v Value, a Args) (bool, error) {
	args, err := a.Bind("divisibleby", Req("num"))
	if err != nil {
		return false, err
	}
	r, err := s.binary("%", v, args[0])
	return err == nil && Equal(r, int64(0)), err
}
