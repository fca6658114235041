{#- A model's schema is the layer that its folder names, as it is: the same words
    in SQL, in the catalog and in ref(), in every environment. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name if custom_schema_name is not none else target.schema }}
{%- endmacro %}
