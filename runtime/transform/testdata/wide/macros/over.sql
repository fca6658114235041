{% macro default__helper(x) %}'wide default {{ x }}'{% endmacro %}

{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- if custom_alias_name -%}{{ custom_alias_name | trim }}{%- else -%}{{ node.name }}{%- endif -%}
{%- endmacro %}

{% macro several(n) %}
{%- for i in range(n) %}{{ i }}{{ ", " if not loop.last }}{% endfor -%}
{% endmacro %}
