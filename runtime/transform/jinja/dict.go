package jinja

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
)

// Dict is Python's dict: ordered by insertion, shared by every holder of the
// pointer. It is not safe for concurrent use; the zero Dict is empty and ready.
type Dict struct {
	index  map[any]int
	keys   []Value
	values []Value
}

// NewDict makes an empty dict.
func NewDict() *Dict { return &Dict{index: map[any]int{}} }

// DictOf makes a dict of alternating string keys and values. A key that is no
// string, or one without a value, is left out.
func DictOf(pairs ...Value) *Dict {
	d := NewDict()
	for i := 0; i+1 < len(pairs); i += 2 {
		if k, ok := pairs[i].(string); ok {
			d.SetString(k, pairs[i+1])
		}
	}
	return d
}

// Len is the number of keys.
func (d *Dict) Len() int { return len(d.keys) }

// Keys are the keys in order. The slice is a copy.
func (d *Dict) Keys() []Value { return append([]Value(nil), d.keys...) }

// Values are the values in the keys' order. The slice is a copy.
func (d *Dict) Values() []Value { return append([]Value(nil), d.values...) }

// At is the i-th key with its value.
func (d *Dict) At(i int) (key, value Value) { return d.keys[i], d.values[i] }

// Get finds a key's value; an unhashable key is not found.
func (d *Dict) Get(key Value) (Value, bool) {
	h, err := hashKey(key, 0)
	if err != nil {
		return nil, false
	}
	i, ok := d.index[h]
	if !ok {
		return nil, false
	}
	return d.values[i], true
}

// GetString is Get for a string key.
func (d *Dict) GetString(key string) (Value, bool) {
	if i, ok := d.index[key]; ok {
		return d.values[i], true
	}
	return nil, false
}

// Set adds or replaces; a replaced key keeps its place. An unhashable key is a TypeError.
func (d *Dict) Set(key, value Value) error {
	h, err := hashKey(key, 0)
	if err != nil {
		return err
	}
	d.put(h, key, value)
	return nil
}

// SetString is Set for a string key, which cannot fail.
func (d *Dict) SetString(key string, value Value) { d.put(key, key, value) }

func (d *Dict) put(hash any, key, value Value) {
	if i, ok := d.index[hash]; ok {
		d.values[i] = value
		return
	}
	if d.index == nil {
		d.index = map[any]int{}
	}
	d.index[hash] = len(d.keys)
	d.keys = append(d.keys, key)
	d.values = append(d.values, value)
}

// Delete removes a key and tells whether it was there.
func (d *Dict) Delete(key Value) bool {
	h, err := hashKey(key, 0)
	if err != nil {
		return false
	}
	i, ok := d.index[h]
	if !ok {
		return false
	}
	d.keys = append(d.keys[:i:i], d.keys[i+1:]...)
	d.values = append(d.values[:i:i], d.values[i+1:]...)
	delete(d.index, h)
	for k, j := range d.index {
		if j > i {
			d.index[k] = j - 1
		}
	}
	return true
}

// Clear removes all keys.
func (d *Dict) Clear() { *d = Dict{} }

// Copy is a shallow copy.
func (d *Dict) Copy() *Dict {
	c := &Dict{index: make(map[any]int, len(d.index)), keys: d.Keys(), values: d.Values()}
	for k, i := range d.index {
		c.index[k] = i
	}
	return c
}

// dictView is dict.keys(), values() or items(): live, without items of its own.
type dictView struct {
	dict *Dict
	kind string // keys, values, items
}

func (v *dictView) at(i int) Value {
	switch v.kind {
	case "keys":
		return v.dict.keys[i]
	case "values":
		return v.dict.values[i]
	}
	return Tuple{v.dict.keys[i], v.dict.values[i]}
}

// equal compares keys and items like sets; values are equal to themselves only.
func (v *dictView) equal(w *dictView, depth int) bool {
	if v.kind == "values" || v.kind != w.kind || v.Len() != w.Len() {
		return false
	}
	for i, k := range v.dict.keys {
		x, ok := w.dict.Get(k)
		if !ok || v.kind == "items" && !equal(v.dict.values[i], x, depth+1) {
			return false
		}
	}
	return true
}

// Len is the number of keys.
func (v *dictView) Len() int { return v.dict.Len() }

// Iter copies the items.
func (v *dictView) Iter() []Value {
	out := make([]Value, v.Len())
	for i := range out {
		out[i] = v.at(i)
	}
	return out
}

// TypeName is Python's.
func (v *dictView) TypeName() string { return "dict_" + v.kind }

// hashKey makes a Go map key of a value: equal values have equal keys. The
// prefixes keep what is not a string apart from strings.
func hashKey(v Value, depth int) (any, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case nil:
		return nil, nil
	case int64, int, bool:
		i, _ := intOf(x)
		return i, nil
	case *big.Int:
		return "\x00i" + x.String(), nil
	case float64:
		return hashFloat(x), nil
	case Tuple:
		return hashTuple(x, depth)
	case *Undefined:
		return "\x00u", nil
	case Range:
		return x, nil
	case Hashable:
		return "\x00h" + x.HashKey(), nil
	case *List, *Dict, *Set:
		return nil, Errorf("TypeError", "unhashable type: '%s'", TypeName(v))
	}
	if !reflect.ValueOf(v).Comparable() {
		return nil, Errorf("TypeError", "unhashable type: '%s'", TypeName(v))
	}
	return v, nil
}

func hashFloat(x float64) any {
	switch {
	case math.IsNaN(x):
		return "\x00nan"
	case x != math.Trunc(x) || math.IsInf(x, 0):
		return x
	case math.Abs(x) < 1<<62:
		return int64(x)
	}
	b, _ := big.NewFloat(x).Int(nil)
	if b.IsInt64() {
		return b.Int64()
	}
	return "\x00i" + b.String()
}

func hashTuple(t Tuple, depth int) (any, error) {
	if depth > maxNesting {
		return nil, Errorf("RecursionError", "a tuple is nested more than %d deep", maxNesting)
	}
	var b strings.Builder
	b.WriteString("\x00t")
	for _, x := range t {
		h, err := hashKey(x, depth+1)
		if err != nil {
			return nil, err
		}
		s := fmt.Sprintf("%T%v", h, h)
		if reflect.ValueOf(h).Kind() == reflect.Pointer {
			s = fmt.Sprintf("%p", h)
		}
		fmt.Fprintf(&b, "%d:%s", len(s), s)
	}
	return b.String(), nil
}
