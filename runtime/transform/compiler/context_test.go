package compiler

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/transform/jinja"
)

// TestContext: what templates may call, and what it gives.
func TestContext(t *testing.T) {
	p := load(t, map[string]string{
		"dbt_project.yml":  "name: small\nvars:\n  first: 1\n  text: \"{{ var('first') + 1 }}\"\n  none: null\n",
		"models/games.sql": "{{ config(materialized='table', meta={'owner': 'desk'}, tags=['a']) }} select 1 as id",
		"macros/m.sql": "{% macro found() %}{% for i in [1, 2] %}{% if i == 2 %}{{ return({'at': i}) }}{% endif %}{% endfor %}{% endmacro %}" +
			"{% macro ask(sql) %}{% call statement('q', fetch_result=True) %}{{ sql }}{% endcall %}{{ return(load_result('q')) }}{% endmacro %}",
	})
	db := &tables{columns: map[string][]string{"main.games": {"id", "name"}}, answers: map[string][][]jinja.Value{"two rows": {{int64(1), "x"}, {int64(2), "y"}}}}
	var said []string
	s := p.NewSession(db)
	s.Log = func(m string) { said = append(said, m) }
	tests := map[string]string{
		// relations
		"{{ ref('games') }}":                                                                                        `"main"."games"`,
		"{{ ref('small', 'games').identifier }}":                                                                    "games",
		"{{ ref('games').include(schema=false) }}":                                                                  `"games"`,
		"{{ ref('games').include(database=true) }}":                                                                 `"main"."games"`,
		"{{ ref('games').without_identifier() }}":                                                                   `"main"`,
		"{{ ref('games').is_table }}":                                                                               "True",
		"{{ ref('games') is mapping }}":                                                                             "True",
		"{{ ref('games').metadata.type }}":                                                                          "DuckDBRelation",
		"{{ ref('games').get('schema') }}":                                                                          "main",
		"{{ ref('games') == ref('games') }}":                                                                        "True",
		"{{ ref('games').incorporate(type='view').type }}":                                                          "view",
		"{{ api.Relation.create(schema='a', identifier='b', type='table') }}":                                       `"a"."b"`,
		"{{ adapter.get_relation('d', 'main', 'games').type }}":                                                     "table",
		"{{ adapter.get_relation('d', 'main', 'other') }}":                                                          "None",
		"{{ load_relation(ref('games')) is not none }}":                                                             "True",
		"{{ adapter.already_exists('main', 'games') }}":                                                             "True",
		"{{ adapter.get_columns_in_relation(ref('games')) | map(attribute='name') | join(',') }}":                   "id,name",
		"{{ adapter.get_columns_in_relation(ref('games'))[0].is_integer() }}":                                       "True",
		"{{ adapter.get_missing_columns(ref('games'), api.Relation.create(schema='x', identifier='y')) | length }}": "2",
		"{{ api.Column('a', 'decimal', none, 10, 2).data_type }}":                                                   "decimal(10,2)",
		"{{ api.Column.translate_type('string') }}":                                                                 "varchar",
		// queries
		"{{ run_query('two rows').columns[1].values() | join('|') }}":          "x|y",
		"{{ run_query('two rows').rows[1]['a'] }}":                             "2",
		"{% for r in run_query('two rows') %}{{ r[0] }}{{ r.b }};{% endfor %}": "1x;2y;",
		"{{ run_query('two rows').column_names | list }}":                      "['a', 'b']",
		"{{ run_query('two rows').rows | length }}":                            "2",
		"{{ run_query('two rows').columns['b'].values() | last }}":             "y",
		"{{ run_query('two rows').exclude(['a']).column_names | list }}":       "['b']",
		"{{ ask('two rows')['data'] }}":                                        "[(1, 'x'), (2, 'y')]",
		"{{ ask('two rows').table.rows[0].values() | list }}":                  "[1, 'x']",
		"{% call statement() %}create x{% endcall %}{{ 'done' }}":              "done",
		// macros and vars
		"{{ found().at }}":                                         "2",
		"{{ small.found().at }}":                                   "2",
		"{{ context['found']().at }}":                              "2",
		"{{ var('text') }}":                                        "2",
		"{{ var('none', 'x') }}":                                   "None",
		"{{ var('nothing', none) }}":                               "None",
		"{{ var.has_var('first') }}":                               "True",
		"{{ env_var('NOTHING', 'd') }}":                            "d",
		"{{ dbt.type_string() }}":                                  "varchar",
		"{{ type_string() }}":                                      "varchar",
		"{{ builtins.ref('games') }}":                              `"main"."games"`,
		"{{ project_name }} {{ target.name }} {{ target.type }}":   "small laptop duckdb",
		"{{ graph.nodes['model.small.games'].config.meta.owner }}": "desk",
		"{{ graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list | length }}": "1",
		"{{ execute }} {{ flags.FULL_REFRESH }}":                                                       "True False",
		"{{ exceptions.warn('careful') }}{{ log('loud', info=true) }}{{ log('quiet') }}":               "",
		"{{ run_started_at.strftime('%Y') | length }}":                                                 "4",
		// functions
		"{{ tojson({'b': [1, none]}) }}":                           `{"b": [1, null]}`,
		"{{ fromjson('{\"a\": 1}').a }}":                           "1",
		"{{ fromjson('x', 'bad') }}":                               "bad",
		"{{ fromyaml('a: [1, 2]')['a'][1] }}":                      "2",
		"{{ toyaml({'a': [1]}) | trim }}":                          "a:\n- 1",
		"{{ zip([1, 2], 'ab') | list }}":                           "[(1, 'a'), (2, 'b')]",
		"{{ set([1, 1]) | length }}":                               "1",
		"{{ local_md5('a') }}":                                     "0cc175b9c0f1b6a831c399e269772661",
		"{{ diff_of_two_dicts({'a': ['x', 'y']}, {'A': ['y']}) }}": "{'a': ['x']}",
		"{{ try_or_compiler_error('no', found).at }}":              "2",
		"{{ render('{{ 1 + 1 }}') }}":                              "2",
	}
	for in, want := range tests {
		got, err := s.Inline(context.Background(), in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	if !slices.Contains(said, "loud") || !slices.Contains(said, "warning: careful") || slices.Contains(said, "quiet") {
		t.Errorf("said %v", said)
	}
	if len(db.exec) != 1 || db.exec[0] != "create x" {
		t.Errorf("executed %v", db.exec)
	}
}

// TestIncremental: is_incremental asks for the table, the materialisation and the refresh.
func TestIncremental(t *testing.T) {
	p := load(t, map[string]string{
		"models/a.sql": "{{ config(materialized='incremental') }}select {{ is_incremental() }}",
		"models/b.sql": "{{ config(materialized='incremental', full_refresh=false) }}select {{ is_incremental() }}",
		"models/c.sql": "{{ config(materialized='table') }}select {{ is_incremental() }}",
	})
	all := map[string][]string{"main.a": {"x"}, "main.b": {"x"}, "main.c": {"x"}}
	tests := []struct {
		model   string
		there   map[string][]string
		refresh bool
		want    string
	}{
		{"a", all, false, "True"}, {"a", nil, false, "False"}, {"a", all, true, "False"},
		{"b", all, true, "True"}, {"c", all, false, "False"},
	}
	for _, tt := range tests {
		s := p.NewSession(&tables{columns: tt.there})
		s.FullRefresh = tt.refresh
		got, err := s.Node(context.Background(), p.Manifest().Nodes["model.small."+tt.model])
		if err != nil || got != "select "+tt.want {
			t.Errorf("%s there %v refresh %v: %q %v, want %s", tt.model, len(tt.there) > 0, tt.refresh, got, err, tt.want)
		}
	}
}

// TestDialects: dispatch takes the engine's macro, Athena's falls back to Trino's.
func TestDialects(t *testing.T) {
	files := map[string]string{
		"models/a.sql": "select {{ adapter.dispatch('one')() }}, {{ dbt.type_timestamp() }}",
		"macros/m.sql": "{% macro default__one() %}d{% endmacro %}{% macro trino__one() %}t{% endmacro %}",
	}
	for dialect, want := range map[string]string{"duckdb": "select d, timestamp", "trino": "select t, timestamp(6)", "athena": "select t, timestamp(6)"} {
		p, err := Load(context.Background(), Options{Dir: project(t, files), Target: Target{Type: dialect}})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.NewSession(nil).Node(context.Background(), p.Manifest().Nodes["model.small.a"]); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", dialect, got, err, want)
		}
	}
}
