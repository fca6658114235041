package jinja

import (
	"context"
	"strings"
	"testing"
)

const modelSource = `{{ config(materialized='incremental', unique_key='id', tags=['a', 'b']) }}
{% set columns = ['id', 'name', 'created_at'] %}
with source as (select * from {{ source('raw', 'orders') }}),
renamed as (
  select
  {%- for c in columns %}
    {{ c }} as {{ c|upper }}{{ "," if not loop.last }}
  {%- endfor %}
  from source
  {% if is_incremental() %}where created_at > (select max(created_at) from {{ ref('x') }}){% endif %}
)
select * from renamed`

// BenchmarkModel parses and renders a usual model.
func BenchmarkModel(b *testing.B) {
	call := Func(func(_ *State, a Args) (Value, error) { return Str(a.Get(0, "", "")), nil })
	env := &Env{Lookup: func(string) (Value, bool) { return call, true }}
	for b.Loop() {
		t, err := Parse("m.sql", modelSource)
		if err != nil {
			b.Fatal(err)
		}
		out, err := t.Render(context.Background(), env)
		if err != nil || !strings.Contains(out, "CREATED_AT") {
			b.Fatal(out, err)
		}
	}
}
