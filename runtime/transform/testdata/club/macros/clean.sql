{% macro clean(column) -%}
    {{ adapter.dispatch('clean', 'club')(column) }}
{%- endmacro %}

{% macro default__clean(column) -%}
    lower(trim({{ column }}))
{%- endmacro %}

{% macro duckdb__clean(column) -%}
    lower(trim({{ column }}, ' '))
{%- endmacro %}
