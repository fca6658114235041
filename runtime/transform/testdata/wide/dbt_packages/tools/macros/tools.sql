{% macro helper(x) %}{{ return(adapter.dispatch('helper', 'tools')(x)) }}{% endmacro %}
{% macro default__helper(x) %}'tools default {{ x }}'{% endmacro %}
{% macro duckdb__helper(x) %}'tools duckdb {{ x }}'{% endmacro %}

{% macro key(fields) -%}
{%- set parts = [] -%}
{%- for f in fields -%}
    {%- do parts.append("coalesce(cast(" ~ f ~ " as " ~ dbt.type_string() ~ "), '')") -%}
    {%- if not loop.last %}{% do parts.append("'-'") %}{% endif -%}
{%- endfor -%}
{{ dbt.hash(dbt.concat(parts)) }}
{%- endmacro %}

{% macro values_of(relation, column) %}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- call statement('values_of', fetch_result=true) -%}
    select distinct {{ column }} as v from {{ relation }} order by 1
    {%- endcall -%}
    {%- set r = load_result('values_of') -%}
    {{ return(r['data'] | map(attribute=0) | list) }}
{% endmacro %}

{% test between(model, column_name, low=none, high=none) %}
select * from {{ model }} where 1 = 2
{%- if low is not none %} or {{ column_name }} < {{ low }}{% endif %}
{%- if high is not none %} or {{ column_name }} > {{ high }}{% endif %}
{% endtest %}

{% test together(model, columns, extra=none) %}
select {{ columns | join(', ') }} from {{ model }} group by {{ columns | join(', ') }} having count(*) > 1
{% endtest %}
