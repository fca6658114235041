{{ config(alias='games_by_day') }}
with recursive x as (select 1)
select
{%- for c in var('classes') %}
    count(*) filter (where time_class = '{{ c }}') as {{ c }}{{ ',' if not loop.last }}
{%- endfor %}
from {{ ref('fct_games') }} join {{ ref('int_days') }} on true
