package jinja

import (
	"context"
	"testing"
)

func addSeeds(f *testing.F) {
	f.Helper()
	for _, source := range faultyTemplates {
		f.Add(source)
	}
	for _, source := range []string{
		"{% macro m(a, b=1) %}{{ varargs }}{{ kwargs }}{{ caller() }}{% endmacro %}{% call(x) m(1, *[2], **{'z': 3}) %}{{ x }}{% endcall %}",
		"{% for k, v in d|dictsort if v > 1 recursive %}{{ loop.index }}{{ loop(v) }}{% else %}{% endfor %}",
		"{% set x | upper %}a{% endset %}{% with a = 1 %}{% filter lower %}B{% endfilter %}{% endwith %}{% do [].append(1) %}",
		"{{ 'a%sb' % 1 ~ '{:>5}{x!r}'.format(1, x=2) }}{{ [1, 2][::-1] }}{{ -1 ** 2 // 3 % 4 }}{{ 'a' if x is not none else [] }}",
		"{% materialization t, adapter='x' %}{% endmaterialization %}{% test u(m) %}{% endtest %}{% docs v %}{% enddocs %}{% snapshot w %}{% endsnapshot %}",
		"{{ people|groupby('age')|map('first')|list|tojson }}{{ d.items()|batch(2, 0)|list }}{{ text.split()|unique|sort(reverse=true)|join('-') }}",
		"{% raw %}{{ x }}{% endraw %}{#- c -#}{{- 1 -}}{%- if 1: +%}{% endif %}{{ 0x1f + 1_0.5e1 }}",
	} {
		f.Add(source)
	}
}

// FuzzParse: any text is parsed or refused, also as a file of blocks.
func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, source string) {
		tpl, err := Parse("fuzz.sql", source)
		if err == nil {
			tpl.Calls()
			tpl.Macros()
		} else if kindOf(err) != "TemplateSyntaxError" {
			t.Errorf("%q: %v", source, err)
		}
		blocks, err := Blocks("fuzz.sql", source)
		if err != nil {
			return
		}
		for _, b := range blocks {
			if _, err := b.Parse(); err != nil && kindOf(err) != "TemplateSyntaxError" {
				t.Errorf("%q: %v", b.Source, err)
			}
		}
	})
}

// FuzzRender: any template that can be parsed ends, within its limits and without a panic.
func FuzzRender(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, source string) {
		tpl, err := Parse("fuzz.sql", source)
		if err != nil {
			return
		}
		for _, mode := range []UndefinedMode{Strict, Lenient} {
			env := oracleEnv()
			env.Undefined = mode
			env.Limits = Limits{Steps: 20_000, Bytes: 8 << 20}
			out, err := tpl.Render(context.Background(), env)
			if len(out) > 9<<20 {
				t.Errorf("%q: %d bytes", source, len(out))
			}
			if err != nil && err.Error() == "" {
				t.Errorf("%q: an empty message", source)
			}
		}
	})
}
