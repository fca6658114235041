-- Wins, losses and draws make the month's games, but for results that the seed does not know.
select username, month, time_class, games, wins, losses, draws
from {{ ref('player_ratings_monthly') }}
where wins + losses + draws > games
