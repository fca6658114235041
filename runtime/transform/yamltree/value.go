package yamltree

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is what a Value is.
type Kind uint8

// The kinds of a Value.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	List
	Map
)

var kindNames = map[Kind]string{
	Null: "nothing", Bool: "a boolean", Int: "an integer", Float: "a number",
	String: "a string", List: "a list", Map: "a mapping",
}

// String names the kind for messages.
func (k Kind) String() string { return kindNames[k] }

// Value is a YAML value with its place in the file.
type Value struct {
	Kind   Kind
	Line   int // from 1
	Scalar any // bool, int64, float64 or string
	Items  []*Value
	Pairs  []Pair // in the file's order
}

// Pair is one entry of a mapping. Key is its text; Name is the key itself,
// which may be a number or a boolean.
type Pair struct {
	Key   string
	Name  any
	Line  int
	Value *Value
}

// Get finds an entry of a mapping; nil if there is none, or v is none.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	for _, p := range v.Pairs {
		if p.Key == key {
			return p.Value
		}
	}
	return nil
}

// Text is a scalar as text; "" for nothing, lists and mappings.
func (v *Value) Text() string {
	if v == nil || v.Scalar == nil {
		return ""
	}
	switch x := v.Scalar.(type) {
	case string:
		return x
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	return fmt.Sprint(v.Scalar)
}

// Plain is the value in Go's own types: map[string]any, []any and scalars.
func (v *Value) Plain() any {
	if v == nil {
		return nil
	}
	switch v.Kind {
	case Map:
		m := make(map[string]any, len(v.Pairs))
		for _, p := range v.Pairs {
			m[p.Key] = p.Value.Plain()
		}
		return m
	case List:
		l := make([]any, len(v.Items))
		for i, x := range v.Items {
			l[i] = x.Plain()
		}
		return l
	}
	return v.Scalar
}

// Of makes a Value of Go's own types; maps' keys are sorted by the caller's
// needs, so it takes scalars and lists only; anything else becomes its text.
func Of(x any, line int) *Value {
	switch t := x.(type) {
	case nil:
		return &Value{Line: line}
	case bool:
		return &Value{Kind: Bool, Scalar: t, Line: line}
	case int:
		return &Value{Kind: Int, Scalar: int64(t), Line: line}
	case int64:
		return &Value{Kind: Int, Scalar: t, Line: line}
	case float64:
		return &Value{Kind: Float, Scalar: t, Line: line}
	case string:
		return &Value{Kind: String, Scalar: t, Line: line}
	case []any:
		v := &Value{Kind: List, Line: line}
		for _, e := range t {
			v.Items = append(v.Items, Of(e, line))
		}
		return v
	}
	return &Value{Kind: String, Scalar: fmt.Sprint(x), Line: line}
}

// Map is a copy of v in which render has replaced each string that holds a
// template; path are the keys that lead to it (list items add none). A string
// that is alone in its value may become any scalar or list.
func (v *Value) Map(render func(path []string, line int, text string) (any, error)) (*Value, error) {
	return v.mapAt(nil, render)
}

func (v *Value) mapAt(path []string, render func([]string, int, string) (any, error)) (*Value, error) {
	if v == nil {
		return nil, nil
	}
	c := *v
	switch v.Kind {
	case String:
		s, _ := v.Scalar.(string)
		if !HasTemplate(s) {
			return v, nil
		}
		x, err := render(path, v.Line, s)
		if err != nil {
			return nil, err
		}
		return Of(x, v.Line), nil
	case List:
		c.Items = make([]*Value, len(v.Items))
		for i, x := range v.Items {
			n, err := x.mapAt(path, render)
			if err != nil {
				return nil, err
			}
			c.Items[i] = n
		}
	case Map:
		c.Pairs = make([]Pair, len(v.Pairs))
		for i, p := range v.Pairs {
			n, err := p.Value.mapAt(append(path[:len(path):len(path)], p.Key), render)
			if err != nil {
				return nil, err
			}
			p.Value = n
			c.Pairs[i] = p
		}
	}
	return &c, nil
}

// HasTemplate says whether text holds Jinja.
func HasTemplate(text string) bool {
	return strings.Contains(text, "{{") || strings.Contains(text, "{%") || strings.Contains(text, "{#")
}
