package yamltree

import (
	"reflect"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/nearest"
)

func TestParse(t *testing.T) {
	v, err := Parse([]byte(`
base: &base {a: 1, b: two}
derived:
  <<: *base
  b: 3.5
list: [yes, null, "x", 0123]
text: |
  one
  two
folded: >-
  a
  b
when: 2024-01-02
big: 18446744073709551615
5: number key
`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"base": map[string]any{"a": int64(1), "b": "two"}, "derived": map[string]any{"a": int64(1), "b": 3.5},
		"list": []any{"yes", nil, "x", v.Get("list").Items[3].Scalar}, "text": "one\ntwo\n", "folded": "a b", "when": "2024-01-02",
		"big": "18446744073709551615", "5": "number key",
	}
	if got := v.Plain(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v\nwant %#v", got, want)
	}
	if line := v.Get("derived").Get("b").Line; line != 5 {
		t.Errorf("line %d, want 5", line)
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\na: 2":      "line 2",
		"a: *nothing":     "",
		"a: [":            "line 1",
		"a: 1\n---\nb: 2": "a second document",
		"a: &x [*x]":      "itself",
		"\t- a":           "line 1",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestReader(t *testing.T) {
	v, err := Parse([]byte("namee: x\nlist: one\nflag: maybe\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := &Reader{File: "f.yml"}
	r.Keys(v, "", "name", "list", "flag")
	if got := r.Strings(v.Get("list"), "list"); len(got) != 1 || got[0] != "one" {
		t.Errorf("list %v", got)
	}
	r.Bool(v.Get("flag"), "flag", false)
	text := r.Problems.Error()
	for _, want := range []string{"f.yml:1: namee: unknown key; did you mean name?", "f.yml:3: flag: found a string (maybe); true or false is needed"} {
		if !strings.Contains(text, want) {
			t.Errorf("problems\n%s\nlack %q", text, want)
		}
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{"materialised": "materialized", "tgas": "tags", "xyz": ""} {
		if got := nearest.Word(word, []string{"materialized", "tags", "enabled"}); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: 1", "- &x [1]\n- *x", "a: |\n  b", "{a: [b, {c: d}]}", "<<: {a: b}", "? a\n: b", "!!str 1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := Parse(text)
		if err == nil && v == nil {
			t.Fatal("neither a value nor an error")
		}
		if err == nil {
			v.Plain()
		}
	})
}
