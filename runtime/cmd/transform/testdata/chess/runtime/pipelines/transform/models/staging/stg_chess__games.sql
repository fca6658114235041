-- A game lies in the archives of both players, and older games under two forms
-- of address (live/game/1 and game/live/1). One row per game is kept: the
-- newest load's, and of one load the first archive's.
with named as (

    select
        concat(regexp_extract(url, '(live|daily)', 1), '-', regexp_extract(url, '([0-9]+)$', 1)) as game_id,
        player as archive_of,
        url,
        end_time as ended_at,
        start_time as started_at,
        time_class,
        time_control,
        rules,
        rated as is_rated,
        regexp_replace(eco, '^.*/openings/', '') as opening_slug,
        {{ player_name('white__username') }} as white_username,
        white__rating as white_rating,
        white__result as white_result,
        accuracies__white as white_accuracy,
        {{ player_name('black__username') }} as black_username,
        black__rating as black_rating,
        black__result as black_result,
        accuracies__black as black_accuracy,
        tournament as tournament_url,
        _floe_loaded_at as loaded_at
    from {{ source('chess', 'players_games') }}

),

ranked as (

    select
        *,
        row_number() over (partition by game_id order by loaded_at desc, archive_of, url) as copy_number
    from named

)

select
    game_id,
    url,
    started_at,
    ended_at,
    time_class,
    time_control,
    rules,
    is_rated,
    opening_slug,
    white_username,
    white_rating,
    white_result,
    white_accuracy,
    black_username,
    black_rating,
    black_result,
    black_accuracy,
    tournament_url,
    loaded_at
from ranked
where copy_number = 1
