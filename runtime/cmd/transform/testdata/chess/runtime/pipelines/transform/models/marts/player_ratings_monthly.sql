with numbered as (

    select
        *,
        row_number() over (
            partition by username, time_class, ended_month
            order by ended_at desc, game_id desc
        ) as from_last
    from {{ ref('int_player_games') }}
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
where username in (select username from {{ ref('stg_chess__players') }})
group by username, ended_month, time_class
