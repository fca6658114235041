package athena

import (
	"testing"

	"github.com/floe-data/floe/runtime/lakehouse"
)

func TestResolve(t *testing.T) {
	e := &Engine{project: "floe", stack: "dev", aside: map[lakehouse.Name]*relation{
		{Schema: "marts", Table: "held"}: {body: `"floe_dev_marts"."held__floe_1"`},
	}}
	for _, tc := range []struct{ name, sql, want string }{
		{"quoted", `select * from "marts"."games"`, `select * from "floe_dev_marts"."games"`},
		{"plain", `select g.id from marts.Games g`, `select g.id from "floe_dev_marts"."games" g`},
		{"columns are no relations", `select g.id, "g"."id" from a.b g where g.x = 1 order by g.y`, `select g.id, "g"."id" from "floe_dev_a"."b" g where g.x = 1 order by g.y`},
		{"joins and commas", `select 1 from a.b x, a.c y join a.d on x.i = d.i left join (a.e cross join a.f) on true, a.g`,
			`select 1 from "floe_dev_a"."b" x, "floe_dev_a"."c" y join "floe_dev_a"."d" on x.i = d.i left join ("floe_dev_a"."e" cross join "floe_dev_a"."f") on true, "floe_dev_a"."g"`},
		{"subqueries and CTEs", `with c as (select * from a.b), d as (select 1 from c) select (select max(x.n) from a.e x), f.* from c, (select * from a.f) f where exists (select 1 from a.g where c.x = g.x)`,
			`with c as (select * from "floe_dev_a"."b"), d as (select 1 from c) select (select max(x.n) from "floe_dev_a"."e" x), f.* from c, (select * from "floe_dev_a"."f") f where exists (select 1 from "floe_dev_a"."g" where c.x = g.x)`},
		{"FROM that is no clause", `select extract(year from g.t), trim(both ' ' from g.s), substring(g.s from 1) from a.b g where g.x is distinct from g.y and g.z in (1, 2)`,
			`select extract(year from g.t), trim(both ' ' from g.s), substring(g.s from 1) from "floe_dev_a"."b" g where g.x is distinct from g.y and g.z in (1, 2)`},
		{"table functions", `select 1 from a.b x cross join unnest(x.list, x.other) as t(v), a.c`, `select 1 from "floe_dev_a"."b" x cross join unnest(x.list, x.other) as t(v), "floe_dev_a"."c"`},
		{"text and comments", `select 'from a.b' -- from a.b` + "\n/* from a.b */ from a.b", `select 'from a.b' -- from a.b` + "\n/* from a.b */ from \"floe_dev_a\".\"b\""},
		{"metadata tables", `select * from a."b$snapshots"`, `select * from "floe_dev_a"."b$snapshots"`},
		{"a catalog's own", `select * from awsdatacatalog.x.y, information_schema.tables`, `select * from awsdatacatalog.x.y, information_schema.tables`},
		{"whole names of columns", `select "a"."b"."c" from "a"."b" where a.b.c > 0`, `select "floe_dev_a"."b"."c" from "floe_dev_a"."b" where "floe_dev_a"."b".c > 0`},
		{"unions", `select x.n from a.b x union all select y.n from a.c y`, `select x.n from "floe_dev_a"."b" x union all select y.n from "floe_dev_a"."c" y`},
		{"held", `select held.n, marts.held.m from marts.held`, `select held.n, "held".m from "floe_dev_marts"."held__floe_1" AS "held"`},
		{"held with an alias", `select h.n from "marts"."Held" as h join marts.held k using (n)`, `select h.n from "floe_dev_marts"."held__floe_1" as h join "floe_dev_marts"."held__floe_1" k using (n)`},
		{"held at the end of things", `select 1 from (select * from marts.held) where 1 = 1 union select 2 from marts.held where 2 = 2`,
			`select 1 from (select * from "floe_dev_marts"."held__floe_1" AS "held") where 1 = 1 union select 2 from "floe_dev_marts"."held__floe_1" AS "held" where 2 = 2`},
		{"nothing to do", `select 1`, `select 1`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := e.resolve(tc.sql); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}
