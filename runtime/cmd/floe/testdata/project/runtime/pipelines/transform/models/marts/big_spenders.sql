select customer_id, name, spent from {{ ref('spend') }} where spent > 100
