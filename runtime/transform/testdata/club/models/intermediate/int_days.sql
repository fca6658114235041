-- {{ var('greeting') }}
with days as (select distinct cast(played_at as date) as day from {{ ref('int_games') }})
select * from days
