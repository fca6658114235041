package jinja

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"
)

// nsObject is "ns" of testdata/oracle.py.
type nsObject struct{}

func (nsObject) Attr(name string) (Value, bool) {
	if name != "m" {
		return nil, false
	}
	return Func(func(s *State, a Args) (Value, error) {
		v, err := a.Bind("m", Req("a"), Req("caller"))
		if err != nil {
			return nil, err
		}
		body, err := s.Call(v[1], Args{})
		return "<" + Str(v[0]) + Str(body) + ">", err
	}), true
}

// oracleEnv has the names of testdata/oracle.py.
func oracleEnv() *Env {
	person := func(name string, age int64, tags *List, boss *Dict) *Dict {
		return DictOf("name", name, "age", age, "tags", tags, "boss", boss)
	}
	names := map[string]Value{
		"x": nil,
		"f": Func(func(_ *State, a Args) (Value, error) {
			v, err := a.Bind("f", Req("a"), Req("b"))
			if err != nil {
				return nil, err
			}
			return Str(v[0]) + "+" + Str(v[1]), nil
		}),
		"g": Func(func(_ *State, a Args) (Value, error) {
			_, err := a.Bind("g")
			return NewList(int64(1), int64(2)), err
		}),
		"ns": nsObject{},
		"people": NewList(
			person("Bo", 30, NewList("a"), DictOf("name", "Cy")),
			person("al", 25, NewList(), DictOf("name", "Di")),
			person("Cy", 30, NewList("b", "c"), NewDict())),
		"d":    DictOf("b", int64(2), "a", int64(1), "C", int64(3)),
		"text": "The quick  brown\tfox\njumps over the lazy dog",
	}
	return &Env{Lookup: func(name string) (Value, bool) { v, ok := names[name]; return v, ok }}
}

func render(source string, env *Env) (string, error) {
	t, err := Parse("test.sql", source)
	if err != nil {
		return "", err
	}
	return t.Render(context.Background(), env)
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

// TestSnippets renders what dbt projects do most, with jinja2's results.
func TestSnippets(t *testing.T) {
	var snippets [][3]string
	readJSON(t, "testdata/snippets.json", &snippets)
	if len(snippets) != 104 {
		t.Fatalf("snippets.json has %d snippets, not 104", len(snippets))
	}
	for _, s := range snippets {
		got, err := render(s[1], oracleEnv())
		if err != nil || got != s[2] {
			t.Errorf("%s: %s\n got %q, %v\nwant %q", s[0], s[1], got, err, s[2])
		}
	}
}

// TestOracle compares with what jinja2 3.1.6 made of testdata/cases.json.
func TestOracle(t *testing.T) {
	var cases []struct{ Area, Source, OK, Error string }
	readJSON(t, "testdata/oracle.json", &cases)
	var differences map[string]string
	readJSON(t, "testdata/differences.json", &differences)
	for _, c := range cases {
		if _, known := differences[c.Source]; known {
			delete(differences, c.Source)
			continue
		}
		got, err := render(c.Source, oracleEnv())
		if err == nil && (c.Error != "" || got != c.OK) {
			t.Errorf("%s: %s\n got %q\nwant %q %s", c.Area, c.Source, got, c.OK, c.Error)
		}
		if err != nil && c.Error != kindOf(err) {
			t.Errorf("%s: %s\n got error %v\nwant %q %s", c.Area, c.Source, err, c.OK, c.Error)
		}
	}
	for source := range differences {
		t.Errorf("differences.json names a case that cases.json does not have: %s", source)
	}
}

func kindOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}
