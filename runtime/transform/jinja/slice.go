package jinja

import "math/big"

func (e *sliceExpr) eval(*scope) (Value, error) {
	return nil, Errorf("TypeError", "a slice cannot be combined with another key")
}

// apply is v[from:to:step].
func (e *sliceExpr) apply(sc *scope, v Value) (Value, error) {
	var parts [3]Value
	for i, x := range []expr{e.from, e.to, e.step} {
		if x == nil {
			continue
		}
		p, err := x.eval(sc)
		if err != nil {
			return nil, err
		}
		if p != nil && !isInt(p) {
			return nil, Errorf("TypeError", "slice indices must be integers or None, not %s", TypeName(p))
		}
		parts[i] = p
	}
	if parts[2] != nil && !Truth(parts[2]) {
		return nil, Errorf("ValueError", "slice step cannot be zero")
	}
	return sc.state.slice(v, parts)
}

func (s *State) slice(v Value, parts [3]Value) (Value, error) {
	switch x := v.(type) {
	case string:
		var out []rune
		runes := []rune(x)
		for _, i := range sliceIndices(len(runes), parts) {
			out = append(out, runes[i])
		}
		return string(out), s.grow(len(x))
	case *List:
		return &List{Items: pick(x.Items, parts)}, s.growList(len(x.Items))
	case Tuple:
		return Tuple(pick(x, parts)), s.growList(len(x))
	case Range:
		from, to, step := sliceBounds(x.Len(), parts)
		return Range{x.Start + int64(from)*x.Step, x.Start + int64(to)*x.Step, x.Step * int64(step)}, nil
	case *Undefined:
		if x.Lenient {
			return x, nil
		}
		return nil, x.err()
	case Iterable:
		if !isType[Indexable](v) {
			break
		}
		items, err := s.Items(v)
		if err != nil {
			return nil, err
		}
		return &List{Items: pick(items, parts)}, nil
	}
	return nil, Errorf("TypeError", "'%s' object cannot be sliced", TypeName(v))
}

func pick(items []Value, parts [3]Value) []Value {
	index := sliceIndices(len(items), parts)
	out := make([]Value, len(index))
	for i, j := range index {
		out[i] = items[j]
	}
	return out
}

// sliceBounds are a slice's bounds within a sequence of n, as Python's slice.indices.
func sliceBounds(n int, parts [3]Value) (from, to, step int) {
	step = clampIndex(parts[2], 1, n)
	bound := func(v Value, def, lo, hi int) int {
		if v == nil {
			return def
		}
		i := clampIndex(v, 0, n)
		if i < 0 {
			i += n
		}
		return min(max(i, lo), hi)
	}
	if step > 0 {
		return bound(parts[0], 0, 0, n), bound(parts[1], n, 0, n), step
	}
	return bound(parts[0], n-1, -1, n-1), bound(parts[1], -1, -1, n-1), step
}

// sliceIndices are the indices that a slice takes from a sequence of n.
func sliceIndices(n int, parts [3]Value) []int {
	from, to, step := sliceBounds(n, parts)
	var out []int
	for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
		out = append(out, i)
	}
	return out
}

// clampIndex is an int of a slice; what is far outside of the sequence is as good as just outside.
func clampIndex(v Value, def, n int) int {
	far := int64(2*n + 2)
	if b, ok := v.(*big.Int); ok {
		return b.Sign() * int(far)
	}
	i, ok := intOf(v)
	if !ok {
		return def
	}
	return int(min(max(i, -far), far))
}
