{{ config(materialized='view') }}
{#- A game seen from each side: two rows per game. -#}
{% for side, other in [('white', 'black'), ('black', 'white')] %}
select
    {{ side }}_username as username,
    '{{ side }}' as side,
    game_id,
    ended_at,
    ended_month,
    time_class,
    rules,
    is_rated,
    {{ side }}_rating as rating,
    {{ other }}_username as opponent,
    {{ other }}_rating as opponent_rating,
    {{ side }}_accuracy as accuracy,
    case
        when outcome = '{{ side }}' then 'win'
        when outcome = '{{ other }}' then 'loss'
        else outcome
    end as outcome
from {{ ref('int_games') }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
