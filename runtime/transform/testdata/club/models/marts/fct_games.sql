{{ config(materialized='incremental', unique_key='uuid', on_schema_change='append_new_columns') }}

select * from {{ ref('int_games') }}
{% if is_incremental() %}
where played_at > (select max(played_at) from {{ this }})
{% endif %}
