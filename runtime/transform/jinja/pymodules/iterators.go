package pymodules

import (
	"github.com/floe-data/floe/runtime/transform/jinja"
)

// maxCount is where count() ends, long after any limit of a render.
const maxCount = 1 << 53

func count(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("count", jinja.Opt("start", int64(0)), jinja.Opt("step", int64(1)))
	if err != nil {
		return nil, err
	}
	n, err := intArg(v[0])
	if err != nil {
		return nil, err
	}
	step, err := intArg(v[1])
	if err != nil {
		return nil, err
	}
	return jinja.NewIterator("count", func() (jinja.Value, bool, error) {
		if n > maxCount || n < -maxCount {
			return nil, false, jinja.Errorf("OverflowError", "itertools.count has come to %d", n)
		}
		n += step
		return n - step, true, nil
	}), nil
}

func cycle(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("cycle", jinja.Req("iterable"))
	if err != nil {
		return nil, err
	}
	items, err := s.Items(v[0])
	if err != nil {
		return nil, err
	}
	i := -1
	return jinja.NewIterator("cycle", func() (jinja.Value, bool, error) {
		if len(items) == 0 {
			return nil, false, nil
		}
		i = (i + 1) % len(items)
		return items[i], true, nil
	}), nil
}

func repeat(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("repeat", jinja.Req("object"), jinja.Opt("times", int64(-1)))
	if err != nil {
		return nil, err
	}
	left, err := intArg(v[1])
	if err != nil {
		return nil, err
	}
	_, bounded := a.Keyword("times")
	bounded = bounded || len(a.Pos) > 1
	return jinja.NewIterator("repeat", func() (jinja.Value, bool, error) {
		if bounded && left <= 0 {
			return nil, false, nil
		}
		left--
		return v[0], true, nil
	}), nil
}

// accumulate needs a function: templates have no operators as values, so that only
// sums of ints and floats come without one.
func accumulate(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("accumulate", jinja.Req("iterable"), jinja.Opt("func", nil), jinja.Opt("initial", nil))
	if err != nil {
		return nil, err
	}
	items, err := s.Items(v[0])
	if err != nil {
		return nil, err
	}
	if v[2] != nil {
		items = append([]jinja.Value{v[2]}, items...)
	}
	for i := 1; i < len(items); i++ {
		if v[1] != nil {
			items[i], err = s.Call(v[1], jinja.Positional(items[i-1], items[i]))
		} else {
			items[i], err = s.Add(items[i-1], items[i])
		}
		if err != nil {
			return nil, err
		}
	}
	return over("accumulate", items), nil
}

func compress(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("compress", jinja.Req("data"), jinja.Req("selectors"))
	if err != nil {
		return nil, err
	}
	in, err := pools(s, v)
	if err != nil {
		return nil, err
	}
	var out []jinja.Value
	for i, x := range in[0] {
		if i < len(in[1]) && jinja.Truth(in[1][i]) {
			out = append(out, x)
		}
	}
	return over("compress", out), nil
}

// islice is islice(iterable, stop) or islice(iterable, start, stop, step=1).
func islice(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	if len(a.Pos) < 2 || len(a.Pos) > 4 || len(a.Kw) > 0 {
		return nil, jinja.Errorf("TypeError", "islice expected 2 to 4 arguments, got %d", len(a.Pos))
	}
	n := [3]int64{0, maxCount, 1}
	bounds := a.Pos[1:]
	if len(bounds) == 1 {
		bounds = []jinja.Value{nil, bounds[0]}
	}
	for i, b := range bounds {
		if b == nil {
			continue
		}
		v, err := intArg(b)
		if err != nil {
			return nil, err
		}
		if v < 0 || i == 2 && v == 0 {
			return nil, jinja.Errorf("ValueError", "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
		}
		n[i] = v
	}
	next, err := s.Iterate(a.Pos[0])
	if err != nil {
		return nil, err
	}
	pos, due := int64(0), n[0]
	return jinja.NewIterator("islice", func() (jinja.Value, bool, error) {
		for due < n[1] {
			v, ok, err := next()
			if err != nil || !ok {
				return nil, false, err
			}
			if pos++; pos > due {
				due += n[2]
				return v, true, nil
			}
		}
		return nil, false, nil
	}), nil
}

func starmap(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("starmap", jinja.Req("function"), jinja.Req("iterable"))
	if err != nil {
		return nil, err
	}
	items, err := s.Items(v[1])
	if err != nil {
		return nil, err
	}
	for i, x := range items {
		args, err := s.Items(x)
		if err != nil {
			return nil, err
		}
		if items[i], err = s.Call(v[0], jinja.Positional(args...)); err != nil {
			return nil, err
		}
	}
	return over("starmap", items), nil
}

func zipLongest(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := jinja.Args{Kw: a.Kw}.Bind("zip_longest", jinja.Opt("fillvalue", nil))
	if err != nil {
		return nil, err
	}
	in, err := pools(s, a.Pos)
	if err != nil {
		return nil, err
	}
	longest := 0
	for _, p := range in {
		longest = max(longest, len(p))
	}
	var out []jinja.Value
	for i := range longest {
		t := make(jinja.Tuple, len(in))
		for j, p := range in {
			t[j] = v[0]
			if i < len(p) {
				t[j] = p[i]
			}
		}
		out = append(out, t)
	}
	return over("zip_longest", out), nil
}
