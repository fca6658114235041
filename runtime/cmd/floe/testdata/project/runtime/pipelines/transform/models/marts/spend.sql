select
    c.id as customer_id,
    c.name,
    sum(o.amount) as spent,
    count(o.id) as orders,
    max(o.at) as last_order_at
from {{ source('shop', 'customers') }} as c
left join {{ source('shop', 'orders') }} as o on o.customer_id = c.id
group by c.id, c.name
