package jinja

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestLimits(t *testing.T) {
	for name, source := range map[string]string{
		"endless loop":      "{% set l = [1] %}{% for x in l %}{% do l.append(x) %}{% endfor %}",
		"doubling string":   "{% set n = namespace(s='ab') %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
		"doubling list":     "{% set l = [1] %}{% for i in range(60) %}{% do l.extend(l) %}{% endfor %}",
		"repeated string":   "{{ 'a' * 10**12 }}",
		"repeated list":     "{{ [1] * 10**12 }}",
		"wide format":       "{{ '%1000000000d' % 1 }}",
		"wide brace format": "{{ '{:1000000000}'.format(1) }}",
		"ljust":             "{{ 'a'.ljust(10**11) }}",
		"indent":            "{{ 'a\nb'|indent(10**11) }}",
		"replace":           "{% set s = 'a' * 10**5 %}{{ s.replace('a', s) }}",
		"join":              "{% set s = 'a' * 10**6 %}{{ ([s] * 1000)|join }}",
		"join separator":    "{% set s = 'a' * 10**6 %}{{ range(1000)|join(s) }}",
		"power":             "{{ 2 ** (10**9) }}",
		"tower":             "{% set n = namespace(i=3) %}{% for i in range(60) %}{% set n.i = n.i * n.i %}{% endfor %}",
		"slice":             "{{ [1]|slice(10**12)|list }}",
		"batch":             "{{ [1]|batch(10**12, 0)|list }}",
		"expandtabs":        "{{ '\t'.expandtabs(10**12) }}",
		"deep recursion":    "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
		"output":            "{% for i in range(100000) %}{% for j in range(100000) %}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}{% endfor %}",
		"nested list":       "{% set n = namespace(l=[]) %}{% for i in range(5000) %}{% set n.l = [n.l] %}{% endfor %}{{ n.l }}",
		"nested json":       "{% set l = [] %}{% do l.append(l) %}{{ l|tojson }}",
	} {
		t.Run(name, func(t *testing.T) {
			out, err := render(source, &Env{Limits: Limits{Steps: 2_000_000}})
			if err == nil {
				t.Errorf("no error, but %d bytes", len(out))
			}
		})
	}
}

func TestCyclicValues(t *testing.T) {
	for source, want := range map[string]string{
		"{% set l = [1] %}{% do l.append(l) %}{{ l }}":                        "[1, [...]]",
		"{% set d = {} %}{% do d.update(a=d) %}{{ d }}":                       "{'a': {...}}",
		"{% set l = [1] %}{% do l.append(l) %}{{ l == l }}":                   "True",
		"{% set l = [1] %}{% do l.append(l) %}{{ l in [l] }}":                 "True",
		"{% set l = [] %}{% do l.append((l,)) %}{{ l }}":                      "[([...],)]",
		"{% set a = [] %}{% set b = [a] %}{% do a.append(b) %}{{ a|length }}": "1",
	} {
		got, err := render(source, nil)
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", source, got, err, want)
		}
	}
}

func TestContextEndsRender(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	tpl, err := Parse("t.sql", "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tpl.Render(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// TestConcurrentRenders shares a template and an Env; run it with -race.
func TestConcurrentRenders(t *testing.T) {
	tpl, err := Parse("t.sql", "{% macro m(a) %}{% set x %}{{ a }}{% endset %}{% filter upper %}{{ x }}{% endfilter %}{% endmacro %}"+
		"{% set l = [] %}{% for i in range(n) %}{% do l.append(m('v' ~ i)) %}{% endfor %}{% set y | lower | replace('v', 'w') %}{{ l|join }}{% endset %}{{ y }}")
	if err != nil {
		t.Fatal(err)
	}
	env := &Env{Lookup: func(name string) (Value, bool) { return int64(20), name == "n" }}
	want, err := tpl.Render(context.Background(), env)
	if err != nil || !strings.HasPrefix(want, "w0w1w2") {
		t.Fatalf("got %q, %v", want, err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 50 {
				if got, err := tpl.Render(context.Background(), env); err != nil || got != want {
					t.Errorf("got %q, %v", got, err)
				}
			}
		}()
	}
	wg.Wait()
}

func TestLenient(t *testing.T) {
	env := oracleEnv()
	env.Undefined = Lenient
	for source, want := range map[string]string{
		"{{ nope.a.b['c'](1, x=2).d }}":                        "",
		"{{ nope[1:2] }}":                                      "",
		"{{ d.nope.x.y }}":                                     "",
		"{% for i in nope.columns %}a{% endfor %}b":            "b",
		"{{ nope().x is defined }}":                            "False",
		"{{ (1 if false).x }}":                                 "",
		"{% macro m(a) %}{{ a.b.c }}{% endmacro %}[{{ m() }}]": "[]",
		"{{ nope == none }}":                                   "False",
	} {
		got, err := render(source, env)
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", source, got, err, want)
		}
	}
	if _, err := render("{{ nope + 1 }}", env); kindOf(err) != "UndefinedError" {
		t.Errorf("adding to undefined: %v", err)
	}
}

// TestMacroEnvironment: a macro resolves names where it belongs, whoever calls it.
func TestMacroEnvironment(t *testing.T) {
	name := func(v string) *Env {
		return &Env{Lookup: func(n string) (Value, bool) { return v, n == "who" }}
	}
	tpl, err := Parse("macros.sql", "{% macro m() %}{{ who }}{{ nope is defined }}{% endmacro %}")
	if err != nil {
		t.Fatal(err)
	}
	m, _ := tpl.Macro(name("macro"), "m")
	model := name("model")
	inner := model.Lookup
	model.Lookup = func(n string) (Value, bool) {
		if n == "m" {
			return m, true
		}
		return inner(n)
	}
	got, err := render("{{ who }} {{ m() }} {{ who }}", model)
	if err != nil || got != "model macroFalse model" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestFiltersAndTestsOfEnv(t *testing.T) {
	env := &Env{
		Filters: map[string]Filter{"shout": func(_ *State, in Value, _ Args) (Value, error) { return Str(in) + "!", nil }},
		Tests:   map[string]Test{"loud": func(_ *State, v Value, _ Args) (bool, error) { return strings.HasSuffix(Str(v), "!"), nil }},
	}
	got, err := render("{{ ['a']|map('shout')|select('loud')|join }}{{ 'a'|shout is loud }}{{ 'shout' is filter }}", env)
	if err != nil || got != "a!TrueTrue" {
		t.Errorf("got %q, %v", got, err)
	}
}
