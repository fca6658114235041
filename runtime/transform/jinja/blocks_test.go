package jinja

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func describeBlocks(blocks []Block) string {
	var parts []string
	for _, b := range blocks {
		parts = append(parts, fmt.Sprintf("%s %s/%s:%d %q", b.Kind, b.Name, b.Macro, b.Line, b.Body))
	}
	return strings.Join(parts, "; ")
}

func TestBlocks(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"none", "select {{ ref('a') }} {% if x %}{% endif %}", ""},
		{"two macros", "{% macro a() %}1{% endmacro %}\ntext\n\n{%- macro b(x, y=')') -%}2{%- endmacro -%}",
			`macro a/a:1 "1"; macro b/b:4 "2"`},
		{"test", "{% test is_even(model) %}x{% endtest %}{% data_test z() %}y{% enddata_test %}",
			`test is_even/test_is_even:1 "x"; data_test z/test_z:1 "y"`},
		{"materialization", "{% materialization m, default %}a{% endmaterialization %}{% materialization m, adapter='athena' %}b{% endmaterialization %}",
			`materialization m/materialization_m_default:1 "a"; materialization m/materialization_m_athena:1 "b"`},
		{"snapshot", "{% snapshot s %}{{ config(a=1) }} select{% endsnapshot %}", `snapshot s/:1 "{{ config(a=1) }} select"`},
		{"docs with anything", "{% docs d %}# A {{ b }} {% c %} it's {{ don't }} {# {{ 'x {% enddocs %}\n{% docs e %}z{% enddocs %}",
			`docs d/:1 "# A {{ b }} {% c %} it's {{ don't }} {# {{ 'x "; docs e/:2 "z"`},
		{"comments and raw", "{# {% macro a() %} #}{% raw %}{% macro b() %}{% endraw %}{% macro c() %}{# {% endmacro %} #}x{% endmacro %}",
			`macro c/c:1 "{# {% endmacro %} #}x"`},
		{"tags in strings", `{% macro c() %}{{ "{% endmacro %}" }}{% set x = '%}' %}{% endmacro %}`,
			`macro c/c:1 "{{ \"{% endmacro %}\" }}{% set x = '%}' %}"`},
		{"if inside", "{% macro c() %}{% if a %}{% for x in y %}{% endfor %}{% endif %}{% endmacro %}",
			`macro c/c:1 "{% if a %}{% for x in y %}{% endfor %}{% endif %}"`},
		{"windows", "a\r\n{% macro c() %}\r\n{% endmacro %}", `macro c/c:2 "\n"`},
	} {
		got, err := Blocks("f.sql", c.source)
		if err != nil || describeBlocks(got) != c.want {
			t.Errorf("%s: got %s, %v\nwant %s", c.name, describeBlocks(got), err, c.want)
		}
	}
}

func TestBlocksErrors(t *testing.T) {
	for source, want := range map[string]string{
		"\n{% macro a() %}": "f.sql:2: TemplateSyntaxError: a {% macro %} block is not closed; close it with {% endmacro %}",
		"{% if x %}\n{% macro a() %}{% endmacro %}{% endif %}":         "f.sql:2: TemplateSyntaxError: a {% macro %} block inside of {% if %}; move it to the top level of the file",
		"{% macro a() %}\n{% macro b() %}{% endmacro %}{% endmacro %}": "f.sql:2: TemplateSyntaxError: a {% macro %} block inside of a {% macro %} block; close the outer one with {% endmacro %} before",
		"{% macro %}{% endmacro %}":                                    "f.sql:1: TemplateSyntaxError: a {% macro %} block without a name; write {% macro name %}",
		"a\n{{ 'x }}":                                                  "f.sql:2: TemplateSyntaxError: a tag is not closed; close it with }}, and strings and brackets in it before",
		"{# x":                                                         "f.sql:1: TemplateSyntaxError: a comment is not closed; close it with #}",
		"{% raw %}x":                                                   "f.sql:1: TemplateSyntaxError: {% raw %} is not closed; close it with {% endraw %}",
	} {
		if _, err := Blocks("f.sql", source); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", source, err, want)
		}
	}
}

func TestBlocksOfKinds(t *testing.T) {
	got, err := Blocks("f.sql", "{% macro a() %}{% endmacro %}{% snapshot s %}x{% endsnapshot %}", "snapshot")
	if err != nil || describeBlocks(got) != `snapshot s/:1 "x"` {
		t.Errorf("got %s, %v", describeBlocks(got), err)
	}
}

// TestBlockParse: a block's template has the macro under its name, and the file's lines.
func TestBlockParse(t *testing.T) {
	blocks, err := Blocks("macros/t.sql", "\n\n{% test positive(model, column_name) %}\nselect {{ column_name }} from {{ model }} where {{ 1 / zero }}\n{% endtest %}")
	if err != nil || len(blocks) != 1 {
		t.Fatalf("got %v, %v", blocks, err)
	}
	tpl, err := blocks[0].Parse()
	if err != nil {
		t.Fatal(err)
	}
	if got := tpl.Macros(); len(got) != 1 || got[0] != blocks[0].Macro {
		t.Errorf("macros %v, block %s", got, blocks[0].Macro)
	}
	env := &Env{Lookup: func(n string) (Value, bool) { return int64(0), n == "zero" }}
	m, _ := tpl.Macro(env, "test_positive")
	_, err = NewState(context.Background(), env).Call(m, Positional("m", "c"))
	if want := "macros/t.sql:4: ZeroDivisionError: division by zero (in macro test_positive)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if m.Line() != 3 || strings.Join(m.Params(), ",") != "model,column_name" {
		t.Errorf("line %d, params %v", m.Line(), m.Params())
	}
}

func TestCalls(t *testing.T) {
	tpl, err := Parse("m.sql", `{{ config(materialized='table', tags=['a', 'b'], n=-1, d={'k': (1, none)}) }}
select * from {{ ref('a') }} join {{ ref('pkg', 'b', v=2) }} -- {{ source('s', 't') }}
{% if x %}{% for c in dbt_utils.get_columns(ref(name)) if f(c) %}{{ adapter.quote(c)|upper(g()) }}{% endfor %}{% endif %}
{% macro m(a=h()) %}{% call stmt('x') %}{{ i(*a, **b) }}{% endcall %}{% endmacro %}
{% set y = z()[j()] %}{% do k() %}{{ (q)('x') }}{{ w()() }}`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range tpl.Calls() {
		s := fmt.Sprintf("%d %s", c.Line, c.Name)
		if c.Macro != "" {
			s = fmt.Sprintf("%d %s>%s", c.Line, c.Macro, c.Name)
		}
		if c.Const() {
			a := c.Args()
			s += Repr(Tuple(a.Pos)) + Repr(a.KwDict())
		}
		got = append(got, s)
	}
	want := []string{
		"1 config(){'materialized': 'table', 'tags': ['a', 'b'], 'n': -1, 'd': {'k': (1, None)}}",
		"2 ref('a',){}", "2 ref('pkg', 'b'){'v': 2}", "2 source('s', 't'){}",
		"3 dbt_utils.get_columns", "3 ref", "3 f", "3 adapter.quote", "3 g(){}",
		"4 m>h(){}", "4 m>stmt('x',){}", "4 m>i",
		"5 z(){}", "5 j(){}", "5 k(){}", "5 q('x',){}", "5 w(){}",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
