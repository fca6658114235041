package compiler

import (
	"fmt"
	"slices"

	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/yamltree"
)

// fromYAML makes a template's value; mappings keep their order.
func fromYAML(v *yamltree.Value) jinja.Value {
	if v == nil {
		return nil
	}
	switch v.Kind {
	case yamltree.Map:
		d := jinja.NewDict()
		for _, p := range v.Pairs {
			if p.Name == nil || d.Set(p.Name, fromYAML(p.Value)) != nil {
				d.SetString(p.Key, fromYAML(p.Value))
			}
		}
		return d
	case yamltree.List:
		l := jinja.NewList()
		for _, x := range v.Items {
			l.Append(fromYAML(x))
		}
		return l
	}
	return v.Scalar
}

// plain makes a value that encoding/json and yamltree.Of take.
func plain(v jinja.Value) any {
	switch x := v.(type) {
	case *jinja.Dict:
		m := make(map[string]any, x.Len())
		for i := range x.Len() {
			k, val := x.At(i)
			m[jinja.Str(k)] = plain(val)
		}
		return m
	case *jinja.List:
		return plainList(x.Items)
	case jinja.Tuple:
		return plainList(x)
	case *jinja.Set:
		return plainList(x.Values())
	case *jinja.Undefined, nil:
		return nil
	case bool, int64, float64, string:
		return x
	}
	return jinja.Str(v)
}

func plainList(items []jinja.Value) []any {
	out := make([]any, len(items))
	for i, x := range items {
		out[i] = plain(x)
	}
	return out
}

// texts reads a configured string or list of strings.
func texts(key string, v jinja.Value) ([]string, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{x}, nil
	case *jinja.List:
		return listTexts(key, x.Items)
	case jinja.Tuple:
		return listTexts(key, x)
	case *jinja.Set:
		return listTexts(key, x.Values())
	}
	return nil, fmt.Errorf("%s is %s; a string or a list of strings is needed", key, jinja.Repr(v))
}

func listTexts(key string, items []jinja.Value) ([]string, error) {
	var out []string
	for _, x := range items {
		s, ok := x.(string)
		if !ok {
			return nil, fmt.Errorf("%s holds %s; a list of strings is needed", key, jinja.Repr(x))
		}
		out = append(out, s)
	}
	return out, nil
}

func textMap(key string, v jinja.Value) (map[string]string, error) {
	if v == nil {
		return nil, nil
	}
	d, ok := v.(*jinja.Dict)
	if !ok {
		return nil, fmt.Errorf("%s is %s; a mapping is needed", key, jinja.Repr(v))
	}
	out := map[string]string{}
	for i := range d.Len() {
		k, val := d.At(i)
		out[jinja.Str(k)] = jinja.Str(val)
	}
	return out, nil
}

func stringList(v []string) *jinja.List {
	l := jinja.NewList()
	for _, s := range v {
		l.Append(s)
	}
	return l
}

// unique drops repeated texts and keeps the first of each.
func unique(in []string) []string {
	var out []string
	for _, s := range in {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
