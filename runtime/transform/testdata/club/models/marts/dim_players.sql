-- depends_on: {{ ref('openings') }}
select p.player, p.name, count(g.uuid) as games
from {{ ref('stg_players') }} p
left join {{ ref('stg_games') }} g on g.player = p.player
group by 1, 2
