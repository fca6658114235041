select {{ clean('username') }} as player, name from {{ source('chess', 'players') }};
