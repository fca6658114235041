package jinja

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

var faultyTemplates = []string{
	"select 1\n{{ (1 }}",
	"\n\n{% if x %}",
	"{% for i in [1] %}\n{% endif %}",
	"{% endfor %}",
	"{% fro x in y %}",
	"{% include 'x.sql' %}",
	"{% set none = 1 %}",
	"{{ 1 2 }}",
	"{{ }}",
	"{{ f(a=1, 2) }}",
	"{{ f(a=1, a=2) }}",
	"{{ 'abc }}",
	"{{ a $ b }}",
	"{{ 007 }}",
	"a\n{# never closed",
	"{% raw %}",
	"{{ x",
	"{% macro m(a=1, b) %}{% endmacro %}",
	"{% break %}",
	"{{ '\\x4' }}",
	"{{ [1, 2) }}",
	"{% materialization m, adapter=x %}{% endmaterialization %}",
	"{{ nope.attribute }}",
	"\n{{ config.get(\n  'a'\n).b.c }}",
	"{{ 1 / 0 }}",
	"{% set a, b = [1] %}",
	"{{ 'a'|uper }}",
	"{{ 1 is evne }}",
	"{% for i in 5 %}{% endfor %}",
	"{% macro m(relation) %}{% endmacro %}\n{{ m(relatoin=1) }}",
	"{% macro inner(x) %}\n{{ x.y.z }}\n{% endmacro %}\n{% macro outer() %}\n{{ inner({}) }}\n{% endmacro %}\n\n{{ outer() }}",
	"{% macro m() %}{{ caller() }}{% endmacro %}\n{% call m() %}\n{{ 1 + 'a' }}\n{% endcall %}",
	"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
	"{{ fails() }}",
	"{{ return(1) }}",
	"{{ 'a' * 100000000000 }}",
	"{{ range(10**6) }}",
	"{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
	"{{ {}[[]].x }}",
	"\xff",
}

// TestErrorMessages holds messages against testdata/errors.golden; -update writes it.
func TestErrorMessages(t *testing.T) {
	env := oracleEnv()
	lookup := env.Lookup
	env.Limits.Steps = 100_000
	env.Lookup = func(name string) (Value, bool) {
		switch name {
		case "fails":
			return Func(func(*State, Args) (Value, error) { return nil, errors.New("the database is gone") }), true
		case "return":
			return Func(func(_ *State, a Args) (Value, error) { return nil, &Return{Value: a.Get(0, "data", nil)} }), true
		case "config":
			return DictOf("x", int64(1)), true
		}
		return lookup(name)
	}
	var b strings.Builder
	for _, source := range faultyTemplates {
		out, err := render(source, env)
		if err == nil {
			t.Errorf("%q: no error, but %q", source, out)
			continue
		}
		fmt.Fprintf(&b, "%q\n\t%v\n", source, err)
	}
	const path = "testdata/errors.golden"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("messages differ from %s (go test -run ErrorMessages -update writes it):\n%s", path, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, g[i], append(w, "")[min(i, len(w))])
		}
	}
	return "lines are missing at the end"
}

// TestErrorPlace checks the fields that callers read.
func TestErrorPlace(t *testing.T) {
	cause := errors.New("the database is gone")
	env := &Env{Lookup: func(string) (Value, bool) {
		return Func(func(*State, Args) (Value, error) { return nil, fmt.Errorf("querying: %w", cause) }), true
	}}
	tpl, err := ParseAt("macros/m.sql", "{% macro m() %}\n{{ run_query('x') }}\n{% endmacro %}", 41)
	if err != nil {
		t.Fatal(err)
	}
	m, ok := tpl.Macro(env, "m")
	if !ok {
		t.Fatal("no macro m")
	}
	_, err = NewState(context.Background(), env).Call(m, Args{})
	var e *Error
	if !errors.As(err, &e) || e.Template != "macros/m.sql" || e.Line != 42 || len(e.Stack) != 1 || e.Stack[0].Macro != "m" {
		t.Errorf("got %#v", e)
	}
	if !errors.Is(err, cause) {
		t.Errorf("%v does not wrap its cause", err)
	}
}

func TestReturn(t *testing.T) {
	env := &Env{Lookup: func(string) (Value, bool) {
		return Func(func(_ *State, a Args) (Value, error) { return nil, &Return{Value: a.Pos[0]} }), true
	}}
	tpl, err := Parse("m.sql", "{% macro inner() %}{{ return([1]) }}{% endmacro %}{% macro outer() %}a{% for i in [1] %}{{ inner() }}{% endfor %}b{% endmacro %}")
	if err != nil {
		t.Fatal(err)
	}
	// inner is no dbt macro here but one of the same template: return() goes through it
	lookup := env.Lookup
	env.Lookup = func(name string) (Value, bool) {
		if m, ok := tpl.Macro(env, name); ok {
			return m, true
		}
		return lookup(name)
	}
	m, _ := tpl.Macro(env, "outer")
	v, err := Catch(NewState(context.Background(), env).Call(m, Args{}))
	if err != nil || Repr(v) != "[1]" {
		t.Errorf("got %v, %v", v, err)
	}
	v, err = Catch("as it was", nil)
	if err != nil || v != "as it was" {
		t.Errorf("got %v, %v", v, err)
	}
}
