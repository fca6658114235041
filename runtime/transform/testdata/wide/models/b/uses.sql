/* leading */ WITH x as (select 1 as one) select * from x join {{ ref('eph2') }} on true join {{ ref('eph') }} on true
