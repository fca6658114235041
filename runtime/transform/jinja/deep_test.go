package jinja

import (
	"strings"
	"testing"
)

// TestDeepSources: sources that would take a deep stack are refused, or fit into it.
func TestDeepSources(t *testing.T) {
	const n = 20_000
	for _, unit := range []string{"(", "[", "{1:", "not ", "-", "1+", "1~", "a.", "a[", "f(", "1 if ", "1 if 1 else ", "1 and ", "a<", "a|f|", "a is b|", "x(a=", "*", "**", "'a' ", "1,"} {
		if _, err := render("{{ "+strings.Repeat(unit, n), nil); kindOf(err) != "TemplateSyntaxError" {
			t.Errorf("%q: %.200v", unit, err)
		}
		_, _ = render("{{ "+strings.Repeat(unit, n)+"1 }}", nil)
		_, _ = render("{{ "+strings.Repeat(unit, maxChain-1)+"1 }}", nil)
	}
	for _, unit := range []string{"{% if 1 %}", "{% for x in y %}", "{% macro m() %}", "{% call x() %}", "{% set x %}", "{% filter f %}", "{% with %}", "{% if 1 %}{% elif 1 %}"} {
		if _, err := render(strings.Repeat(unit, n), nil); kindOf(err) != "TemplateSyntaxError" {
			t.Errorf("%q: %.200v", unit, err)
		}
	}
	long := "{% if 0 %}" + strings.Repeat("{% elif 0 %}x", 20_000) + "{% else %}y{% endif %}"
	if got, err := render(long, nil); err != nil || got != "y" {
		t.Errorf("a long if: %q, %v", got, err)
	}
	sum := "{{ 0" + strings.Repeat(" + 1", 4000) + " }}"
	if got, err := render(sum, nil); err != nil || got != "4000" {
		t.Errorf("a long sum: %q, %v", got, err)
	}
	concat := "{{ ''" + strings.Repeat(" ~ 'a'", 20_000) + " }}"
	if got, err := render(concat, nil); err != nil || len(got) != 20_000 {
		t.Errorf("a long concatenation: %d bytes, %v", len(got), err)
	}
}
