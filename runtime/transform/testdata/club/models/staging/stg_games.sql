select
    uuid,
    {{ clean('player') }} as player,
    time_class,
    end_time as played_at
from {{ source('chess', 'games') }}
where end_time >= timestamp '{{ var("first_day") }}'
