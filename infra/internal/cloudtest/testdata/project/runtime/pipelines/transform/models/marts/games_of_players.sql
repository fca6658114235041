select g.player, count(*) as games, max(p.followers) as followers
from {{ ref('stg_games') }} g
left join {{ source('games', 'players') }} p on p.username = g.player
group by g.player
