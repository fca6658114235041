select g.*, o.name as opening
from {{ ref('stg_games') }} g
left join {{ ref('openings') }} o on o.code = g.uuid
