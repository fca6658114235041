{{ config(tags=['single'], warn_if='>3') }}
select * from {{ ref('uses') }} where {{ source('raw', 'things') }}.id is null
