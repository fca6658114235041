package jinja

import (
	"context"
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"testing"
)

func TestDict(t *testing.T) {
	d := DictOf("b", int64(1), "a", int64(2), "c", int64(3))
	if err := d.Set(Tuple{int64(1), "x"}, "t"); err != nil {
		t.Fatal(err)
	}
	if v, ok := d.Get(Tuple{1.0, "x"}); !ok || v != "t" {
		t.Errorf("a tuple that is equal is not found: %v", v)
	}
	if !d.Delete("a") || d.Delete("a") {
		t.Error("Delete does not tell what was there")
	}
	d.SetString("b", "again")
	if got, want := Repr(d), "{'b': 'again', 'c': 3, (1, 'x'): 't'}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if v, ok := d.Get("c"); !ok || v != int64(3) {
		t.Errorf("after Delete, c is %v", v)
	}
	if err := d.Set(NewList(), 1); kindOf(err) != "TypeError" {
		t.Errorf("a list as key: %v", err)
	}
	c := d.Copy()
	c.SetString("b", "changed")
	if v, _ := d.GetString("b"); v != "again" {
		t.Error("a copy changes its original")
	}
	var zero Dict
	zero.SetString("x", nil)
	if zero.Len() != 1 {
		t.Error("the zero Dict takes no key")
	}
}

func TestHashing(t *testing.T) {
	big1, _ := new(big.Int).SetString("100000000000000000000", 10)
	d := NewDict()
	for _, same := range [][]Value{{int64(1), 1.0, true, 1}, {big1, 1e20}, {nil}, {"1"}, {Tuple{int64(1)}, Tuple{true}}} {
		before := d.Len()
		for _, k := range same {
			if err := d.Set(k, k); err != nil {
				t.Error(err)
			}
		}
		if d.Len() != before+1 {
			t.Errorf("%v are %d keys", same, d.Len()-before)
		}
	}
}

func TestFromGoToGo(t *testing.T) {
	type name string
	in := map[string]any{
		"s": name("x"), "i": 3, "u": uint64(1) << 63, "f": float32(0.5), "n": json.Number("12345678901234567890"),
		"l": []string{"a"}, "m": map[string]int{"z": 1, "a": 2}, "nil": nil, "b": true,
	}
	v := FromGo(in)
	want := "{'b': True, 'f': 0.5, 'i': 3, 'l': ['a'], 'm': {'a': 2, 'z': 1}, 'n': 12345678901234567890, 'nil': None, 's': 'x', 'u': 9223372036854775808}"
	if Repr(v) != want {
		t.Errorf("FromGo: got %s\nwant %s", Repr(v), want)
	}
	s, _ := NewSet("x")
	out := ToGo(DictOf("l", NewList(int64(1), Tuple{"a"}), "s", s, "r", Range{0, 2, 1}, "u", &Undefined{}, "n", nil))
	wantGo := map[string]any{
		"l": []any{int64(1), []any{"a"}}, "s": []any{"x"}, "r": []any{int64(0), int64(1)}, "u": nil, "n": nil,
	}
	if !reflect.DeepEqual(out, wantGo) {
		t.Errorf("ToGo: got %#v", out)
	}
}

func TestJSON(t *testing.T) {
	v, err := FromJSON(`{"z": [1, 2.5, "é\n", null, true, {}], "a": 123456789012345678901234567890, "e": 1e3}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		options JSONOptions
		want    string
	}{
		{JSONOptions{}, `{"z": [1, 2.5, "\u00e9\n", null, true, {}], "a": 123456789012345678901234567890, "e": 1000.0}`},
		{JSONOptions{SortKeys: true}, `{"a": 123456789012345678901234567890, "e": 1000.0, "z": [1, 2.5, "\u00e9\n", null, true, {}]}`},
		{JSONOptions{Indent: " "}, "{\n \"z\": [\n  1,\n  2.5,\n  \"\\u00e9\\n\",\n  null,\n  true,\n  {}\n ],\n \"a\": 123456789012345678901234567890,\n \"e\": 1000.0\n}"},
	} {
		if got, err := ToJSON(v, c.options); err != nil || got != c.want {
			t.Errorf("%+v: got %s, %v\nwant %s", c.options, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "{", "[1,]", "1 2", "nope", strings.Repeat("[", 2000)} {
		if v, err := FromJSON(bad); kindOf(err) != "JSONDecodeError" {
			t.Errorf("%.20q: got %v, %v", bad, v, err)
		}
	}
}

// relation implements what dbt's Relation does.
type relation struct{ schema, table string }

func (r *relation) String() string   { return `"` + r.schema + `"."` + r.table + `"` }
func (r *relation) Repr() string     { return "<Relation " + r.String() + ">" }
func (r *relation) TypeName() string { return "FloeRelation" }
func (r *relation) HashKey() string  { return r.String() }
func (r *relation) Keys() []Value    { return []Value{"schema", "table"} }
func (r *relation) Item(k Value) (Value, bool) {
	switch k {
	case "schema":
		return r.schema, true
	case "table":
		return r.table, true
	}
	return nil, false
}
func (r *relation) Attr(name string) (Value, bool) {
	if name == "render" {
		return Func(func(*State, Args) (Value, error) { return r.String(), nil }), true
	}
	return nil, false
}
func (r *relation) CompareTo(other Value) (int, bool) {
	o, ok := other.(*relation)
	if !ok {
		return 0, false
	}
	return strings.Compare(r.table, o.table), true
}
func (r *relation) BinaryOp(op string, other Value, reflected bool) (Value, bool, error) {
	if s, ok := other.(string); ok && op == "+" {
		if reflected {
			return s + r.String(), true, nil
		}
		return r.String() + s, true, nil
	}
	return nil, false, nil
}
func (r *relation) Format(spec string) (string, error) { return spec + ":" + r.table, nil }

func TestObjects(t *testing.T) {
	env := &Env{Lookup: func(name string) (Value, bool) {
		switch name {
		case "a", "b":
			return &relation{"s", name}, true
		case "bag":
			return &Bag{Type: "Adapter", Attrs: map[string]Value{"x": int64(1)}, Fn: func(_ *State, a Args) (Value, error) { return int64(len(a.Pos)), nil }}, true
		}
		return nil, false
	}}
	for source, want := range map[string]string{
		`{{ a }} {{ [a] }}`: `"s"."a" [<Relation "s"."a">]`,
		`{{ a.schema }}{{ a["table"] }}{{ a.render() }}`:                                                     `sa"s"."a"`,
		`{{ a.nope is defined }}{{ a is mapping }}{{ a is iterable }}{{ a is sequence }}{{ a is callable }}`: "FalseTrueTrueTrueFalse",
		`{% for k in a %}{{ k }} {% endfor %}{{ a|length }}`:                                                 "schema table 2",
		`{{ dict(a) }}{{ a|dictsort }}`:                                                                      "{'schema': 's', 'table': 'a'}[('schema', 's'), ('table', 'a')]",
		`{{ dict(**a) }}`:                                                                                    "{'schema': 's', 'table': 'a'}",
		`{{ a == a }}{{ a == b }}{{ a in [b, a] }}`:                                                          "TrueFalseTrue",
		`{{ {a: 1}[a] }}{{ [a, b, a]|unique|list|length }}`:                                                  "12",
		`{{ [b, a]|sort|join(",") }}{{ a < b }}`:                                                             `"s"."a","s"."b"True`,
		`{{ a + "x" }}{{ "x" + a }}`:                                                                         `"s"."a"xx"s"."a"`,
		`{{ "{:q}".format(a) }}{{ "%s" % a }}`:                                                               `q:a"s"."a"`,
		`{{ bag.x }}{{ bag(1, 2) }}{{ bag.y is defined }}`:                                                   "12False",
		`{{ a|tojson }}`: `{"schema": "s", "table": "a"}`,
	} {
		got, err := render(source, env)
		if err != nil || got != want {
			t.Errorf("%s\n got %q, %v\nwant %q", source, got, err, want)
		}
	}
	for source, want := range map[string]string{
		`{{ a() }}`:     "t.sql:1: TypeError: 'FloeRelation' object is not callable",
		`{{ a.b.c }}`:   "t.sql:1: UndefinedError: 'FloeRelation object' has no attribute 'b'",
		`{{ a < 1 }}`:   "t.sql:1: TypeError: '<' not supported between instances of 'FloeRelation' and 'int'",
		`{{ a - "x" }}`: "t.sql:1: TypeError: unsupported operand type(s) for -: 'FloeRelation' and 'str'",
	} {
		tpl, err := Parse("t.sql", source)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = tpl.Render(context.Background(), env); err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", source, err, want)
		}
	}
}

func TestBind(t *testing.T) {
	params := []Param{Req("a"), Opt("b", int64(2))}
	for _, c := range []struct {
		args Args
		want string
	}{
		{Positional("x"), "('x', 2)"},
		{Args{Pos: []Value{"x"}, Kw: []Keyword{{"b", nil}}}, "('x', None)"},
		{Args{Kw: []Keyword{{"b", "y"}, {"a", "x"}}}, "('x', 'y')"},
		{Args{}, "f() missing required argument 'a'"},
		{Positional(1, 2, 3), "f() takes at most 2 argument(s) (3 given)"},
		{Args{Pos: []Value{"x"}, Kw: []Keyword{{"a", 1}}}, "f() got multiple values for argument 'a'"},
		{Args{Pos: []Value{"x"}, Kw: []Keyword{{"c", 1}}}, "f() got an unexpected keyword argument 'c'"},
		{Args{Kw: []Keyword{{"a", 1}, {"a", 2}}}, "f() got a keyword argument twice"},
	} {
		v, err := c.args.Bind("f", params...)
		got := Repr(Tuple(v))
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "TypeError: ")
		}
		if got != c.want {
			t.Errorf("%+v: got %s, want %s", c.args, got, c.want)
		}
	}
}
