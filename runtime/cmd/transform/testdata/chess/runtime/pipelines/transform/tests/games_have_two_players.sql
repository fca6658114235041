-- A game against oneself would mean that a column was mapped wrongly.
select game_id, white_username, black_username
from {{ ref('fct_games') }}
where white_username = black_username
