select '{{ var("nested") }}' as n, '{{ var("scoped") }}' as s, {{ var("map")['k2'][1] }} as m, '{{ var("list") | join("|") }}' as l,
 '{{ var("missing", "dflt") }}' as d, '{{ env_var("WIDE_ENV", "no env") }}' as e, {{ "1" if var('yes_no') else "0" }} as yn,
 '{{ tojson({"b": 1, "a": [none, true]}) }}' as j, '{{ fromjson('{"z": [1, 2]}').z | sum }}' as fj,
 '{{ fromyaml("a: [1, 2]").a | length }}' as fy, '{{ zip([1, 2], ["a", "b"]) | list }}' as z, '{{ set([1, 1, 2]) | length }}' as st,
 '{{ local_md5("x") }}' as md, '{{ this }}' as t, '{{ this.name }}.{{ this.schema }}' as tn, '{{ target.type }}/{{ target.name }}' as tt, '{{ model.name }}' as mn,
 '{{ modules.datetime.date(2024, 2, 3).strftime("%d/%m/%Y") }}' as dt, '{{ modules.re.sub("[aeiou]", "_", "hello") }}' as rx,
 '{{ modules.itertools.chain([1], [2]) | list }}' as it, '{{ config.get("materialized") }}' as cm, '{{ config.get("nope", "d") }}' as cn,
 '{{ adapter.quote("q") }}' as q, '{{ model.config.meta.level }}' as ml, '{{ model.tags | sort | join(",") }}' as mt, '{{ flags.WHICH }}' as w
from {{ ref('tools', 'from_tools') }} as f
