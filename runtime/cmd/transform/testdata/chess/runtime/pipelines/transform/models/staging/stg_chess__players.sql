with ranked as (

    select
        *,
        row_number() over (
            partition by {{ player_name('username') }}
            order by _floe_loaded_at desc, _floe_load_id desc
        ) as copy_number
    from {{ source('chess', 'players') }}

)

select
    {{ player_name('username') }} as username,
    player_id,
    name as full_name,
    title,
    url as profile_url,
    regexp_extract(country, '([A-Z]{2})$', 1) as country_code,
    location,
    followers,
    league,
    status,
    coalesce(is_streamer, false) as is_streamer,
    coalesce(verified, false) as is_verified,
    joined as joined_at,
    last_online as last_online_at,
    _floe_loaded_at as loaded_at
from ranked
where copy_number = 1
