select
    g.game_id,
    g.url,
    g.started_at,
    g.ended_at,
    cast(date_trunc('month', g.ended_at) as date) as ended_month,
    g.time_class,
    g.time_control,
    g.rules,
    g.is_rated,
    g.opening_slug,
    g.white_username,
    g.white_rating,
    g.white_accuracy,
    g.black_username,
    g.black_rating,
    g.black_accuracy,
    case
        when white.outcome = 'win' then 'white'
        when black.outcome = 'win' then 'black'
        when white.outcome = 'draw' then 'draw'
        else 'unknown'
    end as outcome,
    case
        when white.outcome = 'win' then g.black_result
        else g.white_result
    end as ended_by,
    g.tournament_url,
    g.loaded_at
from {{ ref('stg_chess__games') }} as g
left join {{ ref('chess_results') }} as white on white.code = g.white_result
left join {{ ref('chess_results') }} as black on black.code = g.black_result
