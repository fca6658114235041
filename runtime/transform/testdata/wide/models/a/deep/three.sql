{{ config(schema='over') }}
{# a comment with {{ ref('nothing') }} #}
select * from {{ ref('codes') }} -- {{ ref('one') }}
where x in (
{%- for v in tools.values_of(ref('codes'), 'code') %}'{{ v }}'{{ "," if not loop.last }}{% endfor -%}
)
