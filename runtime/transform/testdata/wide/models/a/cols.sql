select {% for c in adapter.get_columns_in_relation(ref('codes')) %}{{ c.name }}{{ ", " if not loop.last }}{% endfor %}
{% set q = run_query('select 41 + 1 as a, 2 as b') %}
{% if execute %}, {{ q.columns[0].values()[0] }} as first, {{ q.rows[0]['b'] }} as second, {{ q.columns | length }} as n {% endif %}
from {{ ref('codes') }}
