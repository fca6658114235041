{{ config(tags=['pkg'], materialized='table') }}
select '{{ var("own") }}' as own, '{{ var("only") }}' as only_one, '{{ var("all") }}' as everyone, {{ helper('x') }} as h, {{ tools.helper('y') }} as h2
