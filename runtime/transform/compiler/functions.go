package compiler

import (
	"crypto/md5" // dbt's local_md5, not a safeguard
	"encoding/hex"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/yamltree"
)

// pureFunctions are the context's functions that depend on nothing else.
var pureFunctions = map[string]jinja.Func{
	"tojson":   toJSON,
	"fromjson": fromJSON,
	"toyaml":   toYAML,
	"fromyaml": parseYAML,
	"zip":      zip(false), "zip_strict": zip(true),
	"set": makeSet(false), "set_strict": makeSet(true),
	"local_md5":         localMD5,
	"diff_of_two_dicts": diffOfDicts,
}

func toJSON(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("tojson", jinja.Req("value"), jinja.Opt("default", nil), jinja.Opt("sort_keys", false))
	if err != nil {
		return nil, err
	}
	text, err := jinja.ToJSON(v[0], jinja.JSONOptions{SortKeys: jinja.Truth(v[2])})
	if err != nil {
		return v[1], nil // dbt answers the default
	}
	return text, nil
}

func fromJSON(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("fromjson", jinja.Req("string"), jinja.Opt("default", nil))
	if err != nil {
		return nil, err
	}
	x, err := jinja.FromJSON(jinja.Str(v[0]))
	if err != nil {
		return v[1], nil // dbt answers the default
	}
	return x, nil
}

func toYAML(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("toyaml", jinja.Req("value"), jinja.Opt("default", nil), jinja.Opt("sort_keys", false))
	if err != nil {
		return nil, err
	}
	text, err := yaml.Marshal(yamlValue(v[0]))
	if err != nil {
		return v[1], nil // dbt answers the default
	}
	return string(text), nil
}

// yamlValue keeps a dict's order, which plain's maps do not.
func yamlValue(v jinja.Value) any {
	switch x := v.(type) {
	case *jinja.Dict:
		var m yaml.MapSlice
		for i := range x.Len() {
			k, val := x.At(i)
			m = append(m, yaml.MapItem{Key: plain(k), Value: yamlValue(val)})
		}
		return m
	case *jinja.List:
		out := make([]any, len(x.Items))
		for i, e := range x.Items {
			out[i] = yamlValue(e)
		}
		return out
	}
	return plain(v)
}

func parseYAML(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("fromyaml", jinja.Req("value"), jinja.Opt("default", nil))
	if err != nil {
		return nil, err
	}
	tree, err := yamltree.Parse([]byte(jinja.Str(v[0])))
	if err != nil {
		return v[1], nil // dbt answers the default
	}
	return fromYAML(tree), nil
}

// zip answers the default for what cannot be looped over; the strict one fails.
func zip(strict bool) jinja.Func {
	return func(s *jinja.State, a jinja.Args) (jinja.Value, error) {
		var lists [][]jinja.Value
		shortest := 0
		for i, p := range a.Pos {
			items, err := s.Items(p)
			if err != nil && strict {
				return nil, err
			}
			if err != nil {
				v, _ := a.Keyword("default")
				return v, nil
			}
			if i == 0 || len(items) < shortest {
				shortest = len(items)
			}
			lists = append(lists, items)
		}
		out := jinja.NewList()
		for i := range shortest {
			row := make(jinja.Tuple, len(lists))
			for j, l := range lists {
				row[j] = l[i]
			}
			out.Append(row)
		}
		return out, nil
	}
}

func makeSet(strict bool) jinja.Func {
	return func(s *jinja.State, a jinja.Args) (jinja.Value, error) {
		v, err := a.Bind("set", jinja.Req("value"), jinja.Opt("default", nil))
		if err != nil {
			return nil, err
		}
		items, err := s.Items(v[0])
		if err == nil {
			var set *jinja.Set
			if set, err = jinja.NewSet(items...); err == nil {
				return set, nil
			}
		}
		if strict {
			return nil, err
		}
		return v[1], nil
	}
}

func localMD5(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	sum := md5.Sum([]byte(jinja.Str(a.Get(0, "value", "")))) // see above
	return hex.EncodeToString(sum[:]), nil
}

// diffOfDicts gives, of two dicts of lists, what the first has more.
func diffOfDicts(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	out := jinja.NewDict()
	first, ok1 := a.Get(0, "dict_a", nil).(*jinja.Dict)
	second, ok2 := a.Get(1, "dict_b", nil).(*jinja.Dict)
	if !ok1 || !ok2 {
		return out, nil
	}
	have := map[string]bool{}
	for i := range second.Len() {
		k, v := second.At(i)
		items, err := s.Items(v)
		if err != nil {
			return nil, err
		}
		for _, x := range items {
			have[strings.ToLower(jinja.Str(k))+"\x00"+jinja.Str(x)] = true
		}
	}
	for i := range first.Len() {
		k, v := first.At(i)
		items, err := s.Items(v)
		if err != nil {
			return nil, err
		}
		more := jinja.NewList()
		for _, x := range items {
			if !have[strings.ToLower(jinja.Str(k))+"\x00"+jinja.Str(x)] {
				more.Append(x)
			}
		}
		if more.Len() > 0 {
			if err := out.Set(k, more); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
