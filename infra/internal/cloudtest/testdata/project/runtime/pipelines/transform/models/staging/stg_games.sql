select player, url, end_time, rated from {{ source('games', 'games') }}
