select
    opening_slug,
    replace(opening_slug, '-', ' ') as opening,
    count(*) as games,
    cast(sum(case when outcome = 'white' then 1 else 0 end) as bigint) as white_wins,
    cast(sum(case when outcome = 'black' then 1 else 0 end) as bigint) as black_wins,
    cast(sum(case when outcome = 'draw' then 1 else 0 end) as bigint) as draws,
    avg(case when outcome = 'white' then 1.0E0 when outcome = 'draw' then 0.5E0 else 0.0E0 end) as white_score,
    avg(cast(white_rating + black_rating as double) / 2) as average_rating,
    max(ended_at) as last_played_at
from {{ ref('fct_games') }}
where opening_slug is not null
group by opening_slug
