{#- Usernames are compared without case: Chess.com writes Hikaru in a game and hikaru in a profile. -#}
{% macro player_name(column) -%}
    lower(trim({{ column }}))
{%- endmacro %}
