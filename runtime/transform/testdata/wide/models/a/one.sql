{{ config(tags='t3', meta={'own': true}) }}
{%- set names = ['a', 'b'] -%}
select
    {{ tools.helper('one') }} as helped,
    {{ several(var('n')) }},
    {{ tools.key(['x', 'y']) }} as k,
    {{ dbt.dateadd('day', 1, "date '2024-01-01'") }} as d,
    {{ dbt.datediff("date '2024-01-01'", "date '2024-02-01'", 'month') }} as dd,
    {{ dbt.date_trunc('month', 'x') }} as m,
    {{ dbt.safe_cast('x', dbt.type_int()) }} as i,
    {{ dbt.split_part('x', "','", 1) }} as s,
    {{ dbt.last_day('x', 'month') }} as l,
    {{ dbt.cast_bool_to_text('x') }} as b,
    {{ dbt.any_value('x') }} as a,
    {{ dbt.bool_or('x') }} as o,
    {{ dbt.right('x', 2) }} as r,
    {{ dbt.length('x') }} as le,
    {{ dbt.position("'a'", 'x') }} as p,
    {{ dbt.replace('x', "'a'", "'b'") }} as re,
    {{ dbt.string_literal('lit') }} as sl,
    {{ dbt.escape_single_quotes("it's") }} as e,
    {{ dbt.listagg('x', "'|'", 'order by x') }} as la,
    {{ dbt.concat(['a', 'b']) }} as c,
    {{ dbt.current_timestamp() }} as ct,
    {{ dbt.type_timestamp() }} as ts, {{ dbt.type_float() }}, {{ dbt.type_numeric() }}, {{ dbt.type_bigint() }}, {{ dbt.type_boolean() }}, {{ dbt.type_string() }}
    {%- for n in names %}, '{{ n | upper }}' as {{ n }}{% endfor %}
from {{ ref('two') }} {{ dbt.except() }} {{ dbt.intersect() }}
