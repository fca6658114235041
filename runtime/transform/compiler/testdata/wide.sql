=== model.tools.from_tools
select 'root-for-tools' as own, 'tools-only' as only_one, 'root-all' as everyone, 'wide default x' as h, 'wide default y' as h2
=== model.wide.eph
select 1 as id
=== model.wide.cols
select code, other

, 42 as first, 2 as second, 2 as n 
from "main"."codes"
=== model.wide.eph2
with __dbt__cte__eph as (
select 1 as id
), a as (select * from __dbt__cte__eph) select * from a
=== model.wide.two
select 'root-all-main' as n, 'only-wide' as s, 2 as m, 'x|y z|1' as l,
 'dflt' as d, 'no env' as e, 1 as yn,
 '{"b": 1, "a": [null, true]}' as j, '3' as fj,
 '2' as fy, '[(1, 'a'), (2, 'b')]' as z, '2' as st,
 '9dd4e461268c8034f5c8564e155c67a6' as md, '"main_layer_a"."two"' as t, 'two.main_layer_a' as tn, 'duckdb/laptop' as tt, 'two' as mn,
 '03/02/2024' as dt, 'h_ll_' as rx,
 '[1, 2]' as it, 'view' as cm, 'd' as cn,
 '"q"' as q, 'deep' as ml, 't0,t1,t2' as mt, 'compile' as w
from "main_tools_schema"."from_tools" as f
=== test.wide.source_unique_raw_things_id.5b4d897697
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    id as unique_field,
    count(*) as n_records

from "raw_laptop"."things_v1"
where id is not null
group by id
having count(*) > 1
      
    ) dbt_internal_test
=== test.wide.tools_source_together_raw_things_id.6baf2cfaa6
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select id from "raw_laptop"."things_v1" group by id having count(*) > 1
      
    ) dbt_internal_test
=== test.wide.unique_codes_code.982e481454
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select
    code as unique_field,
    count(*) as n_records

from "main"."codes"
where code is not null
group by code
having count(*) > 1
      
    ) dbt_internal_test
=== model.wide.one
select
    'wide default one' as helped,
    0, 1, 2,
    lower(to_hex(md5(to_utf8(cast(coalesce(cast(x as varchar), '') || '-' || coalesce(cast(y as varchar), '') as varchar))))) as k,
    
    date_add('day', 1, date '2024-01-01')
 as d,
    date_diff('month', date_trunc('month', date '2024-01-01'), date_trunc('month', date '2024-02-01')) as dd,
    date_trunc('month', x) as m,
    try_cast(x as integer) as i,
    split_part(x, ',', 1) as s,
    cast(
    date_add('day', -1, 
    date_add('month', 1, date_trunc('month', x))
)
 as date) as l,
    cast(x as varchar) as b,
    any_value(x) as a,
    bool_or(x) as o,
    case when 2 = 0 then '' else substr(x, -1 * (2)) end as r,
    length(x) as le,
    position('a' in x) as p,
    replace(x, 'a', 'b') as re,
    'lit' as sl,
    it''s as e,
    array_join(array_agg(x order by x), '|') as la,
    a || b as c,
    current_timestamp as ct,
    timestamp as ts, double, decimal(28,6), bigint, boolean, varchar, 'A' as a, 'B' as b
from "main_layer_a"."two" except intersect
=== model.wide.uses
/* leading */ WITH __dbt__cte__eph as (
select 1 as id
), __dbt__cte__eph2 as (
with a as (select * from __dbt__cte__eph) select * from a
), x as (select 1 as one) select * from x join __dbt__cte__eph2 on true join __dbt__cte__eph on true
=== model.wide.three
select * from "main"."codes" -- "main_layer_a"."one"
where x in ('a','b')
=== test.wide.accepted_values_one__k___False__1__2__3.6c752c1c09
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      with all_values as (

    select
        "k" as value_field,
        count(*) as n_records

    from "main_layer_a"."one"
    group by "k"

)

select *
from all_values
where value_field not in (
    1,2,3
)
      
    ) dbt_internal_test
=== test.wide.k_is_there.d7fa4de710
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select "k"
from (select * from "main_layer_a"."one" where k > 1) dbt_subquery
where "k" is null
      
    ) dbt_internal_test
=== test.wide.relationships_one__k___code__ref_codes_.12e5eece0d
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      with child as (
    select "k" as from_field
    from "main_layer_a"."one"
    where "k" is not null
),

parent as (
    select code as to_field
    from "main"."codes"
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null
      
    ) dbt_internal_test
=== test.wide.relationships_one__k___id__source_raw_things_.f0c77c9774
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      with child as (
    select "k" as from_field
    from "main_layer_a"."one"
    where "k" is not null
),

parent as (
    select id as to_field
    from "raw_laptop"."things_v1"
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null
      
    ) dbt_internal_test
=== test.wide.short_name.a1619cf566
select
      sum(x) as failures,
      sum(x) >1 as should_warn,
      sum(x) >5 as should_error
    from (
      select k from "main_layer_a"."one" group by k having count(*) > 1
      limit 10
    ) dbt_internal_test
=== test.wide.single
select
      count(*) as failures,
      count(*) >3 as should_warn,
      count(*) != 0 as should_error
    from (
      select * from "main"."used" where "raw_laptop"."things_v1".id is null
      
    ) dbt_internal_test
=== test.wide.tools_between_one__k___20__1.ece3ac805c
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select * from "main_layer_a"."one" where 1 = 2 or "k" < 1 or "k" > 20
      
    ) dbt_internal_test
=== test.wide.tools_together_one_k__d___var_n_.29748731f1
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      select k, d from "main_layer_a"."one" group by k, d having count(*) > 1
      
    ) dbt_internal_test
