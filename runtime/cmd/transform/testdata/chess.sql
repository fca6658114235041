SELECT * FROM (
select
    cast(c1 as varchar) as "code",
    cast(c2 as varchar) as "outcome",
    cast(c3 as varchar) as "description"
from (values
    ('win', 'win', 'Won'),
    ('checkmated', 'loss', 'Checkmated'),
    ('resigned', 'loss', 'Resigned'),
    ('timeout', 'loss', 'Lost on time'),
    ('abandoned', 'loss', 'Abandoned the game'),
    ('lose', 'loss', 'Lost'),
    ('kingofthehill', 'loss', 'Opponent''s king reached the hill'),
    ('threecheck', 'loss', 'Checked for the third time'),
    ('bughousepartnerlose', 'loss', 'Bughouse partner lost'),
    ('agreed', 'draw', 'Draw agreed'),
    ('repetition', 'draw', 'Draw by repetition'),
    ('stalemate', 'draw', 'Stalemate'),
    ('insufficient', 'draw', 'Insufficient material'),
    ('50move', 'draw', 'Draw by the 50-move rule'),
    ('timevsinsufficient', 'draw', 'Timeout against insufficient material')
) as seed (c1, c2, c3)
) LIMIT 0
;

CREATE TABLE "floe_dev_staging"."chess_results__floe_<id>"
WITH (
    table_type = 'ICEBERG',
    is_external = false,
    location = 's3://staging/staging/chess_results/floe_<id>',
    format = 'PARQUET',
    write_compression = 'ZSTD'
) AS
select
    cast(c1 as varchar) as "code",
    cast(c2 as varchar) as "outcome",
    cast(c3 as varchar) as "description"
from (values
    ('win', 'win', 'Won'),
    ('checkmated', 'loss', 'Checkmated'),
    ('resigned', 'loss', 'Resigned'),
    ('timeout', 'loss', 'Lost on time'),
    ('abandoned', 'loss', 'Abandoned the game'),
    ('lose', 'loss', 'Lost'),
    ('kingofthehill', 'loss', 'Opponent''s king reached the hill'),
    ('threecheck', 'loss', 'Checked for the third time'),
    ('bughousepartnerlose', 'loss', 'Bughouse partner lost'),
    ('agreed', 'draw', 'Draw agreed'),
    ('repetition', 'draw', 'Draw by repetition'),
    ('stalemate', 'draw', 'Stalemate'),
    ('insufficient', 'draw', 'Insufficient material'),
    ('50move', 'draw', 'Draw by the 50-move rule'),
    ('timevsinsufficient', 'draw', 'Timeout against insufficient material')
) as seed (c1, c2, c3)
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      with all_values as (

    select
        outcome as value_field,
        count(*) as n_records

    from "floe_dev_staging"."chess_results__floe_<id>" AS "chess_results"
    group by outcome

)

select *
from all_values
where value_field not in (
    'win','loss','draw'
)
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select code
from "floe_dev_staging"."chess_results__floe_<id>" AS "chess_results"
where code is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select outcome
from "floe_dev_staging"."chess_results__floe_<id>" AS "chess_results"
where outcome is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    code as unique_field,
    count(*) as n_records

from "floe_dev_staging"."chess_results__floe_<id>" AS "chess_results"
where code is not null
group by code
having count(*) > 1
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select player
from "floe_dev_landing_chess"."players_games"
where player is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select url
from "floe_dev_landing_chess"."players_games"
where url is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select username
from "floe_dev_landing_chess"."players"
where username is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    username as unique_field,
    count(*) as n_records

from "floe_dev_landing_chess"."players"
where username is not null
group by username
having count(*) > 1
      
    ) dbt_internal_test
;

CREATE OR REPLACE VIEW "floe_dev_staging"."stg_chess__games__floe_<id>" AS
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
        lower(trim(white__username)) as white_username,
        white__rating as white_rating,
        white__result as white_result,
        accuracies__white as white_accuracy,
        lower(trim(black__username)) as black_username,
        black__rating as black_rating,
        black__result as black_result,
        accuracies__black as black_accuracy,
        tournament as tournament_url,
        _floe_loaded_at as loaded_at
    from "floe_dev_landing_chess"."players_games"

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
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select ended_at
from "floe_dev_staging"."stg_chess__games__floe_<id>" AS "stg_chess__games"
where ended_at is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select game_id
from "floe_dev_staging"."stg_chess__games__floe_<id>" AS "stg_chess__games"
where game_id is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    game_id as unique_field,
    count(*) as n_records

from "floe_dev_staging"."stg_chess__games__floe_<id>" AS "stg_chess__games"
where game_id is not null
group by game_id
having count(*) > 1
      
    ) dbt_internal_test
;

CREATE OR REPLACE VIEW "floe_dev_staging"."stg_chess__games" AS
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
        lower(trim(white__username)) as white_username,
        white__rating as white_rating,
        white__result as white_result,
        accuracies__white as white_accuracy,
        lower(trim(black__username)) as black_username,
        black__rating as black_rating,
        black__result as black_result,
        accuracies__black as black_accuracy,
        tournament as tournament_url,
        _floe_loaded_at as loaded_at
    from "floe_dev_landing_chess"."players_games"

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
;

DROP VIEW IF EXISTS "floe_dev_staging"."stg_chess__games__floe_<id>"
;

CREATE OR REPLACE VIEW "floe_dev_staging"."stg_chess__players__floe_<id>" AS
with ranked as (

    select
        *,
        row_number() over (
            partition by lower(trim(username))
            order by _floe_loaded_at desc, _floe_load_id desc
        ) as copy_number
    from "floe_dev_landing_chess"."players"

)

select
    lower(trim(username)) as username,
    player_id,
    name as full_name,
    title,
    url as profile_url,
    regexp_extract(country, '([A-Z]{2})$', 1) as country_code,
    location,
    followers,
    league,
    status,
    coalesce(is_streamer, false) as is_streamer,
    coalesce(verified, false) as is_verified,
    joined as joined_at,
    last_online as last_online_at,
    _floe_loaded_at as loaded_at
from ranked
where copy_number = 1
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select username
from "floe_dev_staging"."stg_chess__players__floe_<id>" AS "stg_chess__players"
where username is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    username as unique_field,
    count(*) as n_records

from "floe_dev_staging"."stg_chess__players__floe_<id>" AS "stg_chess__players"
where username is not null
group by username
having count(*) > 1
      
    ) dbt_internal_test
;

CREATE OR REPLACE VIEW "floe_dev_staging"."stg_chess__players" AS
with ranked as (

    select
        *,
        row_number() over (
            partition by lower(trim(username))
            order by _floe_loaded_at desc, _floe_load_id desc
        ) as copy_number
    from "floe_dev_landing_chess"."players"

)

select
    lower(trim(username)) as username,
    player_id,
    name as full_name,
    title,
    url as profile_url,
    regexp_extract(country, '([A-Z]{2})$', 1) as country_code,
    location,
    followers,
    league,
    status,
    coalesce(is_streamer, false) as is_streamer,
    coalesce(verified, false) as is_verified,
    joined as joined_at,
    last_online as last_online_at,
    _floe_loaded_at as loaded_at
from ranked
where copy_number = 1
;

DROP VIEW IF EXISTS "floe_dev_staging"."stg_chess__players__floe_<id>"
;

SELECT * FROM (
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
from "floe_dev_staging"."stg_chess__games" as g
left join "floe_dev_staging"."chess_results" as white on white.code = g.white_result
left join "floe_dev_staging"."chess_results" as black on black.code = g.black_result
) LIMIT 0
;

CREATE TABLE "floe_dev_intermediate"."int_games__floe_<id>"
WITH (
    table_type = 'ICEBERG',
    is_external = false,
    location = 's3://intermediate/intermediate/int_games/floe_<id>',
    format = 'PARQUET',
    write_compression = 'ZSTD'
) AS
SELECT
    "game_id",
    "url",
    CAST("started_at" AS timestamp(6) with time zone) AS "started_at",
    CAST("ended_at" AS timestamp(6) with time zone) AS "ended_at",
    "ended_month",
    "time_class",
    "time_control",
    "rules",
    "is_rated",
    "opening_slug",
    "white_username",
    "white_rating",
    "white_accuracy",
    "black_username",
    "black_rating",
    "black_accuracy",
    "outcome",
    "ended_by",
    "tournament_url",
    CAST("loaded_at" AS timestamp(6) with time zone) AS "loaded_at"
FROM (
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
from "floe_dev_staging"."stg_chess__games" as g
left join "floe_dev_staging"."chess_results" as white on white.code = g.white_result
left join "floe_dev_staging"."chess_results" as black on black.code = g.black_result
)
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      with all_values as (

    select
        outcome as value_field,
        count(*) as n_records

    from "floe_dev_intermediate"."int_games__floe_<id>" AS "int_games"
    group by outcome

)

select *
from all_values
where value_field not in (
    'white','black','draw','unknown'
)
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select game_id
from "floe_dev_intermediate"."int_games__floe_<id>" AS "int_games"
where game_id is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    game_id as unique_field,
    count(*) as n_records

from "floe_dev_intermediate"."int_games__floe_<id>" AS "int_games"
where game_id is not null
group by game_id
having count(*) > 1
      
    ) dbt_internal_test
;

SELECT * FROM (
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
    white_accuracy,
    black_username,
    black_rating,
    black_accuracy,
    outcome,
    ended_by,
    tournament_url
from "floe_dev_intermediate"."int_games"
) LIMIT 0
;

CREATE TABLE "floe_dev_marts"."fct_games__floe_<id>"
WITH (
    table_type = 'ICEBERG',
    is_external = false,
    location = 's3://marts/marts/fct_games/floe_<id>',
    format = 'PARQUET',
    write_compression = 'ZSTD'
) AS
SELECT
    "game_id",
    "url",
    CAST("started_at" AS timestamp(6) with time zone) AS "started_at",
    CAST("ended_at" AS timestamp(6) with time zone) AS "ended_at",
    "time_class",
    "time_control",
    "rules",
    "is_rated",
    "opening_slug",
    "white_username",
    "white_rating",
    "white_accuracy",
    "black_username",
    "black_rating",
    "black_accuracy",
    "outcome",
    "ended_by",
    "tournament_url"
FROM (
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
    white_accuracy,
    black_username,
    black_rating,
    black_accuracy,
    outcome,
    ended_by,
    tournament_url
from "floe_dev_intermediate"."int_games"
)
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      with all_values as (

    select
        time_class as value_field,
        count(*) as n_records

    from "floe_dev_marts"."fct_games__floe_<id>" AS "fct_games"
    group by time_class

)

select *
from all_values
where value_field not in (
    'bullet','blitz','rapid','daily'
)
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      -- A game against oneself would mean that a column was mapped wrongly.
select game_id, white_username, black_username
from "floe_dev_marts"."fct_games__floe_<id>" AS "fct_games"
where white_username = black_username
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select black_username
from "floe_dev_marts"."fct_games__floe_<id>" AS "fct_games"
where black_username is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select ended_at
from "floe_dev_marts"."fct_games__floe_<id>" AS "fct_games"
where ended_at is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select game_id
from "floe_dev_marts"."fct_games__floe_<id>" AS "fct_games"
where game_id is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select outcome
from "floe_dev_marts"."fct_games__floe_<id>" AS "fct_games"
where outcome is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select url
from "floe_dev_marts"."fct_games__floe_<id>" AS "fct_games"
where url is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select white_username
from "floe_dev_marts"."fct_games__floe_<id>" AS "fct_games"
where white_username is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    game_id as unique_field,
    count(*) as n_records

from "floe_dev_marts"."fct_games__floe_<id>" AS "fct_games"
where game_id is not null
group by game_id
having count(*) > 1
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    url as unique_field,
    count(*) as n_records

from "floe_dev_marts"."fct_games__floe_<id>" AS "fct_games"
where url is not null
group by url
having count(*) > 1
      
    ) dbt_internal_test
;

CREATE OR REPLACE VIEW "floe_dev_intermediate"."int_player_games__floe_<id>" AS
select
    white_username as username,
    'white' as side,
    game_id,
    ended_at,
    ended_month,
    time_class,
    rules,
    is_rated,
    white_rating as rating,
    black_username as opponent,
    black_rating as opponent_rating,
    white_accuracy as accuracy,
    case
        when outcome = 'white' then 'win'
        when outcome = 'black' then 'loss'
        else outcome
    end as outcome
from "floe_dev_intermediate"."int_games"
union all

select
    black_username as username,
    'black' as side,
    game_id,
    ended_at,
    ended_month,
    time_class,
    rules,
    is_rated,
    black_rating as rating,
    white_username as opponent,
    white_rating as opponent_rating,
    black_accuracy as accuracy,
    case
        when outcome = 'black' then 'win'
        when outcome = 'white' then 'loss'
        else outcome
    end as outcome
from "floe_dev_intermediate"."int_games"
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select username
from "floe_dev_intermediate"."int_player_games__floe_<id>" AS "int_player_games"
where username is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      with child as (
    select game_id as from_field
    from "floe_dev_intermediate"."int_player_games__floe_<id>" AS "int_player_games"
    where game_id is not null
),

parent as (
    select game_id as to_field
    from "floe_dev_intermediate"."int_games"
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null
      
    ) dbt_internal_test
;

CREATE OR REPLACE VIEW "floe_dev_intermediate"."int_player_games" AS
select
    white_username as username,
    'white' as side,
    game_id,
    ended_at,
    ended_month,
    time_class,
    rules,
    is_rated,
    white_rating as rating,
    black_username as opponent,
    black_rating as opponent_rating,
    white_accuracy as accuracy,
    case
        when outcome = 'white' then 'win'
        when outcome = 'black' then 'loss'
        else outcome
    end as outcome
from "floe_dev_intermediate"."int_games"
union all

select
    black_username as username,
    'black' as side,
    game_id,
    ended_at,
    ended_month,
    time_class,
    rules,
    is_rated,
    black_rating as rating,
    white_username as opponent,
    white_rating as opponent_rating,
    black_accuracy as accuracy,
    case
        when outcome = 'black' then 'win'
        when outcome = 'white' then 'loss'
        else outcome
    end as outcome
from "floe_dev_intermediate"."int_games"
;

DROP VIEW IF EXISTS "floe_dev_intermediate"."int_player_games__floe_<id>"
;

SELECT * FROM (
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
    from "floe_dev_intermediate"."int_player_games"
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
from "floe_dev_staging"."stg_chess__players" as p
full outer join played as g on g.username = p.username
) LIMIT 0
;

CREATE TABLE "floe_dev_marts"."dim_players__floe_<id>"
WITH (
    table_type = 'ICEBERG',
    is_external = false,
    location = 's3://marts/marts/dim_players/floe_<id>',
    format = 'PARQUET',
    write_compression = 'ZSTD'
) AS
SELECT
    "username",
    "is_followed",
    "player_id",
    "full_name",
    "title",
    "profile_url",
    "country_code",
    "followers",
    "league",
    "is_streamer",
    CAST("joined_at" AS timestamp(6) with time zone) AS "joined_at",
    "games",
    "wins",
    "losses",
    "draws",
    "best_rating",
    CAST("first_game_at" AS timestamp(6) with time zone) AS "first_game_at",
    CAST("last_game_at" AS timestamp(6) with time zone) AS "last_game_at"
FROM (
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
    from "floe_dev_intermediate"."int_player_games"
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
from "floe_dev_staging"."stg_chess__players" as p
full outer join played as g on g.username = p.username
)
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select is_followed
from "floe_dev_marts"."dim_players__floe_<id>" AS "dim_players"
where is_followed is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select username
from "floe_dev_marts"."dim_players__floe_<id>" AS "dim_players"
where username is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    username as unique_field,
    count(*) as n_records

from "floe_dev_marts"."dim_players__floe_<id>" AS "dim_players"
where username is not null
group by username
having count(*) > 1
      
    ) dbt_internal_test
;

SELECT * FROM (
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
from "floe_dev_marts"."fct_games"
where opening_slug is not null
group by opening_slug
) LIMIT 0
;

CREATE TABLE "floe_dev_marts"."openings__floe_<id>"
WITH (
    table_type = 'ICEBERG',
    is_external = false,
    location = 's3://marts/marts/openings/floe_<id>',
    format = 'PARQUET',
    write_compression = 'ZSTD'
) AS
SELECT
    "opening_slug",
    "opening",
    "games",
    "white_wins",
    "black_wins",
    "draws",
    "white_score",
    "average_rating",
    CAST("last_played_at" AS timestamp(6) with time zone) AS "last_played_at"
FROM (
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
from "floe_dev_marts"."fct_games"
where opening_slug is not null
group by opening_slug
)
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select opening_slug
from "floe_dev_marts"."openings__floe_<id>" AS "openings"
where opening_slug is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    opening_slug as unique_field,
    count(*) as n_records

from "floe_dev_marts"."openings__floe_<id>" AS "openings"
where opening_slug is not null
group by opening_slug
having count(*) > 1
      
    ) dbt_internal_test
;

SELECT * FROM (
with numbered as (

    select
        *,
        row_number() over (
            partition by username, time_class, ended_month
            order by ended_at desc, game_id desc
        ) as from_last
    from "floe_dev_intermediate"."int_player_games"
    where rules = 'chess' and is_rated

)

select
    username,
    ended_month as month,
    time_class,
    count(*) as games,
    cast(sum(case when outcome = 'win' then 1 else 0 end) as bigint) as wins,
    cast(sum(case when outcome = 'loss' then 1 else 0 end) as bigint) as losses,
    cast(sum(case when outcome = 'draw' then 1 else 0 end) as bigint) as draws,
    max(case when from_last = 1 then rating end) as closing_rating,
    max(rating) as best_rating,
    min(rating) as lowest_rating,
    avg(cast(accuracy as double)) as average_accuracy
from numbered
where username in (select username from "floe_dev_staging"."stg_chess__players")
group by username, ended_month, time_class
) LIMIT 0
;

CREATE TABLE "floe_dev_marts"."player_ratings_monthly__floe_<id>"
WITH (
    table_type = 'ICEBERG',
    is_external = false,
    location = 's3://marts/marts/player_ratings_monthly/floe_<id>',
    format = 'PARQUET',
    write_compression = 'ZSTD'
) AS
with numbered as (

    select
        *,
        row_number() over (
            partition by username, time_class, ended_month
            order by ended_at desc, game_id desc
        ) as from_last
    from "floe_dev_intermediate"."int_player_games"
    where rules = 'chess' and is_rated

)

select
    username,
    ended_month as month,
    time_class,
    count(*) as games,
    cast(sum(case when outcome = 'win' then 1 else 0 end) as bigint) as wins,
    cast(sum(case when outcome = 'loss' then 1 else 0 end) as bigint) as losses,
    cast(sum(case when outcome = 'draw' then 1 else 0 end) as bigint) as draws,
    max(case when from_last = 1 then rating end) as closing_rating,
    max(rating) as best_rating,
    min(rating) as lowest_rating,
    avg(cast(accuracy as double)) as average_accuracy
from numbered
where username in (select username from "floe_dev_staging"."stg_chess__players")
group by username, ended_month, time_class
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      -- Wins, losses and draws make the month's games, but for results that the seed does not know.
select username, month, time_class, games, wins, losses, draws
from "floe_dev_marts"."player_ratings_monthly__floe_<id>" AS "player_ratings_monthly"
where wins + losses + draws > games
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select month
from "floe_dev_marts"."player_ratings_monthly__floe_<id>" AS "player_ratings_monthly"
where month is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select username
from "floe_dev_marts"."player_ratings_monthly__floe_<id>" AS "player_ratings_monthly"
where username is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      with child as (
    select black_username as from_field
    from "floe_dev_marts"."fct_games"
    where black_username is not null
),

parent as (
    select username as to_field
    from "floe_dev_marts"."dim_players"
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      with child as (
    select white_username as from_field
    from "floe_dev_marts"."fct_games"
    where white_username is not null
),

parent as (
    select username as to_field
    from "floe_dev_marts"."dim_players"
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null
      
    ) dbt_internal_test
;

select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      with child as (
    select username as from_field
    from "floe_dev_marts"."player_ratings_monthly"
    where username is not null
),

parent as (
    select username as to_field
    from "floe_dev_marts"."dim_players"
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null
      
    ) dbt_internal_test
;

