package jinja

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"sort"
)

// FromGo makes a Value of Go data: numbers of all kinds, json.Number, slices (a
// list) and maps (a dict, keys sorted, as Go's maps have no order). Values and
// objects stay what they are. Slices and maps are copied.
func FromGo(v any) Value { return fromGo(v, 0) }

func fromGo(v any, depth int) Value {
	if depth > maxNesting {
		return nil
	}
	switch x := v.(type) {
	case nil, bool, string, int64, float64, *List, Tuple, *Dict, *Set, *Undefined, *Iterator, Range, Callable, Object:
		return x
	case int:
		return int64(x)
	case *big.Int:
		return normal(new(big.Int).Set(x))
	case json.Number:
		return jsonNumber(x.String())
	case []any:
		return fromItems(len(x), func(i int) any { return x[i] }, depth)
	case map[string]any:
		return fromStringMap(x, depth)
	}
	return fromReflect(v, depth)
}

func fromItems(n int, at func(i int) any, depth int) Value {
	l := &List{Items: make([]Value, n)}
	for i := range n {
		l.Items[i] = fromGo(at(i), depth+1)
	}
	return l
}

func fromStringMap(m map[string]any, depth int) Value {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	d := NewDict()
	for _, k := range keys {
		d.SetString(k, fromGo(m[k], depth+1))
	}
	return d
}

// fromReflect handles named types, other numbers, slices and maps.
func fromReflect(v any, depth int) Value {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Bool:
		return r.Bool()
	case reflect.String:
		return r.String()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return normal(new(big.Int).SetUint64(r.Uint()))
	case reflect.Float32, reflect.Float64:
		return r.Float()
	case reflect.Slice, reflect.Array:
		return fromItems(r.Len(), func(i int) any { return r.Index(i).Interface() }, depth)
	case reflect.Map:
		if r.Type().Key().Kind() != reflect.String {
			return v
		}
		m := make(map[string]any, r.Len())
		for _, k := range r.MapKeys() {
			m[k.String()] = r.MapIndex(k).Interface()
		}
		return fromStringMap(m, depth)
	}
	return v
}

// ToGo makes plain Go data: lists, tuples and sets are []any, dicts map[string]any (keys
// by Str), Undefined is nil. Objects stay what they are.
func ToGo(v Value) any { return toGo(v, 0) }

func toGo(v Value, depth int) any {
	if depth > maxNesting {
		return nil
	}
	switch x := v.(type) {
	case *List:
		return toItems(x.Items, depth)
	case Tuple:
		return toItems(x, depth)
	case *Set:
		return toItems(x.members.keys, depth)
	case *dictView:
		return toItems(x.Iter(), depth)
	case Range:
		out := make([]any, x.Len())
		for i := range out {
			out[i] = x.At(i)
		}
		return out
	case *Dict:
		m := make(map[string]any, x.Len())
		for i, k := range x.keys {
			m[Str(k)] = toGo(x.values[i], depth+1)
		}
		return m
	case *Undefined:
		return nil
	case int:
		return int64(x)
	}
	return v
}

func toItems(items []Value, depth int) []any {
	out := make([]any, len(items))
	for i, x := range items {
		out[i] = toGo(x, depth+1)
	}
	return out
}

// Truncated is an int from a number or a text, as Python's int(v): floats lose their fraction.
func Truncated(v Value) (Value, bool) {
	switch x := v.(type) {
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, false
		}
		b, _ := big.NewFloat(x).Int(nil)
		return normal(b), true
	case string:
		return parseInt(x, 10)
	}
	b, ok := bigOf(v)
	if !ok {
		return nil, false
	}
	return normal(b), true
}
