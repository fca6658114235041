{{ config(severity='warn', tags=['slow']) }}
select * from {{ ref('fct_games') }} where played_at > current_timestamp
