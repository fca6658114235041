=== model.club.stg_games
select
    uuid,
    lower(trim(player, ' ')) as player,
    time_class,
    end_time as played_at
from "landing_chess"."games"
where end_time >= timestamp '2022-01-01'
=== model.club.stg_players
select lower(trim(username, ' ')) as player, name from "landing_chess"."players";
=== test.club.source_not_null_chess_players_username.fcbab698f1
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select username
from "landing_chess"."players"
where username is null
      
    ) dbt_internal_test
=== model.club.dim_players
-- depends_on: "staging"."openings"
select p.player, p.name, count(g.uuid) as games
from "staging"."stg_players" p
left join "staging"."stg_games" g on g.player = p.player
group by 1, 2
=== model.club.int_games
select g.*, o.name as opening
from "staging"."stg_games" g
left join "staging"."openings" o on o.code = g.uuid
=== test.club.accepted_values_stg_games_time_class__blitz__rapid__bullet.3bd6bcee5a
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      with all_values as (

    select
        time_class as value_field,
        count(*) as n_records

    from "staging"."stg_games"
    group by time_class

)

select *
from all_values
where value_field not in (
    'blitz','rapid','bullet'
)
      
    ) dbt_internal_test
=== test.club.not_null_stg_games_uuid.d91c9e9b25
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select uuid
from "staging"."stg_games"
where uuid is null
      
    ) dbt_internal_test
=== test.club.unique_stg_games_uuid.061ea2a8e2
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    uuid as unique_field,
    count(*) as n_records

from "staging"."stg_games"
where uuid is not null
group by uuid
having count(*) > 1
      
    ) dbt_internal_test
=== test.club.unique_stg_players_player.d28bdebd5a
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    player as unique_field,
    count(*) as n_records

from "staging"."stg_players"
where player is not null
group by player
having count(*) > 1
      
    ) dbt_internal_test
=== model.club.fct_games
with __dbt__cte__int_games as (
select g.*, o.name as opening
from "staging"."stg_games" g
left join "staging"."openings" o on o.code = g.uuid
)
select * from __dbt__cte__int_games

where played_at > (select max(played_at) from "marts"."fct_games")
=== model.club.int_days
-- day 2022-01-01
with __dbt__cte__int_games as (
select g.*, o.name as opening
from "staging"."stg_games" g
left join "staging"."openings" o on o.code = g.uuid
), days as (select distinct cast(played_at as date) as day from __dbt__cte__int_games)
select * from days
=== test.club.positive_dim_players_0__games.6371eea05e
select
      count(*) as failures,
      count(*) >0 as should_warn,
      count(*) >10 as should_error
    from (
      select * from "marts"."dim_players" where games < 0
      limit 100
    ) dbt_internal_test
=== model.club.report
with recursive __dbt__cte__int_games as (
select g.*, o.name as opening
from "staging"."stg_games" g
left join "staging"."openings" o on o.code = g.uuid
), __dbt__cte__int_days as (
-- day 2022-01-01
with days as (select distinct cast(played_at as date) as day from __dbt__cte__int_games)
select * from days
), x as (select 1)
select
    count(*) filter (where time_class = 'blitz') as blitz,
    count(*) filter (where time_class = 'rapid') as rapid
from "marts"."fct_games" join __dbt__cte__int_days on true
=== test.club.no_future_games
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select * from "marts"."fct_games" where played_at > current_timestamp
      
    ) dbt_internal_test
=== test.club.not_null_fct_games_uuid.b1c0617628
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select uuid
from "marts"."fct_games"
where uuid is null
      
    ) dbt_internal_test
=== test.club.relationships_fct_games_player__player__ref_dim_players_.bcc562232f
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      with child as (
    select player as from_field
    from (select * from "marts"."fct_games" where player is not null) dbt_subquery
    where player is not null
),

parent as (
    select player as to_field
    from "marts"."dim_players"
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null
      
    ) dbt_internal_test
=== test.club.unique_fct_games_uuid.149a866d92
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    uuid as unique_field,
    count(*) as n_records

from "marts"."fct_games"
where uuid is not null
group by uuid
having count(*) > 1
      
    ) dbt_internal_test
