package pymodules

import (
	"github.com/floe-data/floe/runtime/transform/jinja"
)

// Itertools is the module itertools, with what dbt lets through.
func Itertools() jinja.Value {
	chain := class("itertools.chain", func(s *jinja.State, a jinja.Args) (jinja.Value, error) { return chained(s, a.Pos) },
		map[string]jinja.Value{"from_iterable": jinja.Func(func(s *jinja.State, a jinja.Args) (jinja.Value, error) {
			v, err := a.Bind("from_iterable", jinja.Req("iterable"))
			if err != nil {
				return nil, err
			}
			parts, err := s.Items(v[0])
			if err != nil {
				return nil, err
			}
			return chained(s, parts)
		})})
	return module("itertools", map[string]jinja.Value{
		"chain":                         chain,
		"product":                       jinja.Func(product),
		"permutations":                  selection("permutations", nextPermutation),
		"combinations":                  selection("combinations", nextCombination),
		"combinations_with_replacement": selection("combinations_with_replacement", nextMulticombination),
		"count":                         jinja.Func(count),
		"cycle":                         jinja.Func(cycle),
		"repeat":                        jinja.Func(repeat),
		"accumulate":                    jinja.Func(accumulate),
		"compress":                      jinja.Func(compress),
		"islice":                        jinja.Func(islice),
		"starmap":                       jinja.Func(starmap),
		"zip_longest":                   jinja.Func(zipLongest),
	})
}

// over makes an iterator of known items.
func over(name string, items []jinja.Value) jinja.Value {
	i := 0
	return jinja.NewIterator(name, func() (jinja.Value, bool, error) {
		if i >= len(items) {
			return nil, false, nil
		}
		i++
		return items[i-1], true, nil
	})
}

func chained(s *jinja.State, parts []jinja.Value) (jinja.Value, error) {
	var all []jinja.Value
	for _, p := range parts {
		items, err := s.Items(p)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return over("chain", all), nil
}

// pools are the arguments' items.
func pools(s *jinja.State, args []jinja.Value) ([][]jinja.Value, error) {
	out := make([][]jinja.Value, len(args))
	for i, p := range args {
		var err error
		if out[i], err = s.Items(p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// maxPools bounds how many pools a product has.
const maxPools = 1000

func product(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	in, err := pools(s, a.Pos)
	if err != nil {
		return nil, err
	}
	v, err := jinja.Args{Kw: a.Kw}.Bind("product", jinja.Opt("repeat", int64(1)))
	if err != nil {
		return nil, err
	}
	n, err := intArg(v[0])
	if err != nil {
		return nil, err
	}
	if n < 0 || n*int64(len(in)) > maxPools {
		return nil, jinja.Errorf("ValueError", "product of more than %d iterables, or a negative repeat", maxPools)
	}
	var all [][]jinja.Value
	for range n {
		all = append(all, in...)
	}
	return jinja.NewIterator("product", odometer(all)), nil
}

// odometer counts through all tuples with one item of each pool.
func odometer(pools [][]jinja.Value) func() (jinja.Value, bool, error) {
	index := make([]int, len(pools))
	done := false
	for _, p := range pools {
		done = done || len(p) == 0
	}
	return func() (jinja.Value, bool, error) {
		if done {
			return nil, false, nil
		}
		t := make(jinja.Tuple, len(pools))
		for i, p := range pools {
			t[i] = p[index[i]]
		}
		done = true
		for i := len(pools) - 1; i >= 0; i-- {
			if index[i]++; index[i] < len(pools[i]) {
				done = false
				break
			}
			index[i] = 0
		}
		return t, true, nil
	}
}

// selection makes permutations and combinations: next goes on to the following
// selection of r indices below n, in Python's order.
func selection(name string, next func(index []int, n int) bool) jinja.Func {
	return func(s *jinja.State, a jinja.Args) (jinja.Value, error) {
		params := []jinja.Param{jinja.Req("iterable"), jinja.Req("r")}
		if name == "permutations" {
			params[1] = jinja.Opt("r", nil)
		}
		v, err := a.Bind(name, params...)
		if err != nil {
			return nil, err
		}
		items, err := s.Items(v[0])
		if err != nil {
			return nil, err
		}
		r := int64(len(items))
		if v[1] != nil {
			if r, err = intArg(v[1]); err != nil {
				return nil, err
			}
		}
		repeats := name == "combinations_with_replacement"
		switch {
		case r < 0:
			return nil, jinja.Errorf("ValueError", "r must be non-negative")
		case r > int64(len(items)) && !repeats, repeats && len(items) == 0 && r > 0:
			return over(name, nil), nil
		case r > maxPools:
			return nil, jinja.Errorf("ValueError", "%s of more than %d items", name, maxPools)
		}
		return jinja.NewIterator(name, selections(items, firstSelection(int(r), repeats), next)), nil
	}
}

func firstSelection(r int, repeats bool) []int {
	index := make([]int, r)
	for i := range index {
		if !repeats {
			index[i] = i
		}
	}
	return index
}

func selections(items []jinja.Value, index []int, next func([]int, int) bool) func() (jinja.Value, bool, error) {
	more := true
	return func() (jinja.Value, bool, error) {
		if !more {
			return nil, false, nil
		}
		t := make(jinja.Tuple, len(index))
		for i, j := range index {
			t[i] = items[j]
		}
		more = next(index, len(items))
		return t, true, nil
	}
}

func nextCombination(index []int, n int) bool {
	for i := len(index) - 1; i >= 0; i-- {
		if index[i] < n-len(index)+i {
			index[i]++
			for j := i + 1; j < len(index); j++ {
				index[j] = index[j-1] + 1
			}
			return true
		}
	}
	return false
}

func nextMulticombination(index []int, n int) bool {
	for i := len(index) - 1; i >= 0; i-- {
		if index[i] < n-1 {
			value := index[i] + 1
			for j := i; j < len(index); j++ {
				index[j] = value
			}
			return true
		}
	}
	return false
}

// nextPermutation takes, from the right, the next index that no place before uses.
func nextPermutation(index []int, n int) bool {
	used := make([]bool, n)
	for _, j := range index {
		used[j] = true
	}
	for i := len(index) - 1; i >= 0; i-- {
		used[index[i]] = false
		if !raise(index, i, used) {
			continue
		}
		for k := i + 1; k < len(index); k++ {
			index[k] = -1
			raise(index, k, used)
		}
		return true
	}
	return false
}

// raise sets index[i] to the next unused index above it.
func raise(index []int, i int, used []bool) bool {
	for j := index[i] + 1; j < len(used); j++ {
		if !used[j] {
			index[i], used[j] = j, true
			return true
		}
	}
	return false
}
