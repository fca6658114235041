//go:build interop

package interop

import (
	"strings"
	"testing"
)

// models are what DuckDB writes: sums over more than 18 digits, merges, empty
// tables, narrow and nested types, odd names.
var models = map[string]string{
	"models/sums.sql": `select s, sum(d18) as total, sum(d9) as total9, sum(id) as ids, avg(x) as mean, count(*) as n, min(atz) as first_at, max(day) as last_day
from {{ source('kinds', 'plain') }} group by s`,
	"models/wide_decimals.sql": `select id, cast(d18 as decimal(38,10)) as d38, cast(-d18 as decimal(28,4)) as d28, cast(d9 as decimal(19,2)) as d19 from {{ source('kinds', 'plain') }}`,
	"models/empty.sql":         `select * from {{ source('kinds', 'plain') }} where id < 0`,
	"models/narrow.sql": `select id, cast(id % 100 as smallint) as small, cast(id as integer) as whole, cast(id % 100 as tinyint) as tiny, cast(id as float) / 3 as single,
cast(s as varchar(10)) as ten, cast(null as varchar) as nothing from {{ source('kinds', 'plain') }}`,
	"models/everything.sql": `select id, flag, n, x, d9, d18, day, "at", atz, s, b, j from {{ source('kinds', 'plain') }}`,
	"models/latest.sql": `{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }}
select id, n, d18, atz, s from {{ source('kinds', 'plain') }} {% if is_incremental() %} where id >= 90 {% endif %}`,
	"models/history.sql": `{{ config(materialized='incremental', incremental_strategy='append') }}
select id, d18, atz, s, _floe_loaded_at from {{ source('kinds', 'plain') }}
{% if is_incremental() %} where _floe_loaded_at > (select max(_floe_loaded_at) from {{ this }}) {% endif %}`,
	"models/nan.sql":  `select id, case when id % 3 = 0 then cast('nan' as double) when id % 3 = 1 then cast('inf' as double) else 1.5e0 end as x from {{ source('kinds', 'plain') }}`,
	"seeds/codes.csv": "code,label,weight\na,First,1\nb,Zweiter ö,2\nc,,3\n",
}

// odd are models whose columns readers disagree about. Each
// is either refused with words on the column, or right in every reader.
var odd = map[string]struct {
	sql  string
	word string // in the refusal
}{
	"uuids":       {`select id, cast('00000000-0000-4000-8000-000000000001' as uuid) as u from {{ source('kinds', 'plain') }}`, "u"},
	"times":       {`select id, cast('12:30:00' as time) as t from {{ source('kinds', 'plain') }}`, "t"},
	"nanos":       {`select id, cast(atz as timestamp_ns) as t from {{ source('kinds', 'plain') }} where day between '1900-01-01' and '2030-01-01'`, "t"},
	"intervals":   {`select id, interval 3 day as i from {{ source('kinds', 'plain') }}`, "i"},
	"lists":       {`select id, case when id % 2 = 0 then [id, null] end as l from {{ source('kinds', 'plain') }}`, "l"},
	"structs":     {`select id, case when id % 2 = 0 then {'a': id, 'b': s} end as st from {{ source('kinds', 'plain') }}`, "st"},
	"maps":        {`select id, map {'k': id} as m from {{ source('kinds', 'plain') }}`, "m"},
	"unsigned":    {`select id, cast(18446744073709551615 as ubigint) as big from {{ source('kinds', 'plain') }}`, "big"},
	"hugeints":    {`select id, cast(170141183460469231731687303715884105727 as hugeint) as big from {{ source('kinds', 'plain') }}`, "big"},
	"enums":       {`select id, cast('a' as enum('a', 'b')) as e from {{ source('kinds', 'plain') }}`, "e"},
	"odd_names":   {`select id, s as "größe m²", n as "a b", d9 as "$x", day as "Select" from {{ source('kinds', 'plain') }}`, "größe"},
	"dotted":      {`select id, n as "a.b" from {{ source('kinds', 'plain') }}`, "a.b"},
	"case_clash":  {`select id, s as "Name", n as "name" from {{ source('kinds', 'plain') }}`, "name"},
	"zones":       {`select id, cast(atz as timestamp) as t, cast("at" as timestamptz) as tz from {{ source('kinds', 'plain') }}`, "t"},
	"millis":      {`select id, cast(atz as timestamp_ms) as t from {{ source('kinds', 'plain') }} where day < '2030-01-01'`, "t"},
	"infinities":  {`select id, cast('infinity' as timestamp) as t, cast('-infinity' as date) as d from {{ source('kinds', 'plain') }}`, "t"},
	"bits":        {`select id, cast('101' as bit) as b from {{ source('kinds', 'plain') }}`, "b"},
	"null_column": {`select id, null as nothing from {{ source('kinds', 'plain') }}`, "nothing"},
}

// TestOddModels builds each odd model alone: a refusal names the column and
// leaves no table; what is built is compared.
func TestOddModels(t *testing.T) {
	root := t.TempDir()
	files := map[string]string{}
	for name, m := range odd {
		files["models/"+name+".sql"] = m.sql
	}
	writeProject(t, root, kindsTables()[:1], files)
	l, a := newLab(t, root), serve(t)
	a.set("kinds", kindsRows(0, 60, 0))
	l.must("ingest", "kinds", "--set", "base_url="+a.URL)
	refused := map[string]bool{}
	for name, m := range odd {
		r := l.floe("transform", "build", "--select", name)
		if refused[name] = r.Code != 0; !refused[name] {
			continue
		}
		t.Logf("%s is refused: %s", name, r.Stderr)
		if r.Code < 1 || r.Code > 3 || !containsFold(r.Stdout+r.Stderr, m.word) || !containsFold(r.Stdout+r.Stderr, name) {
			t.Errorf("%s: the refusal should name the model and %q: %s", name, m.word, r)
		}
	}
	tables, err := l.Tables(t.Context(), l.home)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if name, ok := strings.CutPrefix(table.Name, "marts."); ok && refused[name] {
			t.Errorf("%s was refused and yet it is there", table.Name)
		}
	}
	compare(t, l.ask(chooseKinds))
}
