with played as (

    select
        username,
        count(*) as games,
        sum(case when outcome = 'win' then 1 else 0 end) as wins,
        sum(case when outcome = 'loss' then 1 else 0 end) as losses,
        sum(case when outcome = 'draw' then 1 else 0 end) as draws,
        max(rating) as best_rating,
        min(ended_at) as first_game_at,
        max(ended_at) as last_game_at
    from {{ ref('int_player_games') }}
    group by username

)

select
    coalesce(p.username, g.username) as username,
    p.username is not null as is_followed,
    p.player_id,
    p.full_name,
    p.title,
    p.profile_url,
    p.country_code,
    p.followers,
    p.league,
    p.is_streamer,
    p.joined_at,
    cast(coalesce(g.games, 0) as bigint) as games,
    cast(coalesce(g.wins, 0) as bigint) as wins,
    cast(coalesce(g.losses, 0) as bigint) as losses,
    cast(coalesce(g.draws, 0) as bigint) as draws,
    g.best_rating,
    g.first_game_at,
    g.last_game_at
from {{ ref('stg_chess__players') }} as p
full outer join played as g on g.username = p.username
