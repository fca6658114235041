package compiler

import (
	"context"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

// TestErrors: what is wrong in a project is told with its place, what was found
// and what would be right.
func TestErrors(t *testing.T) {
	sql := "select 1 as id"
	tests := map[string]struct {
		files map[string]string
		want  []string
	}{
		"missing ref": {
			map[string]string{"models/fct_games.sql": sql, "models/b.sql": "select 1\nfrom {{ ref('fct_game') }}"},
			[]string{"models/b.sql:2", "b: ref('fct_game'): there is no such model or seed; did you mean fct_games?"},
		},
		"missing source": {
			map[string]string{"models/a.sql": "select * from {{ source('ches', 'players') }}", "models/s.yml": "sources: [{name: chess, tables: [{name: players}]}]"},
			[]string{"models/a.sql:1", "did you mean source('chess', 'players')?"},
		},
		"disabled ref": {
			map[string]string{"models/a.sql": "{{ config(enabled=false) }}" + sql, "models/b.sql": "select * from {{ ref('a') }}"},
			[]string{"models/b.sql:1", "ref('a') names models/a.sql, which is disabled"},
		},
		"cycle": {
			map[string]string{"models/a.sql": "select * from {{ ref('b') }}", "models/b.sql": "select * from {{ ref('c') }}", "models/c.sql": "-- {{ ref('a') }}\n" + sql},
			[]string{"in a circle", "model.small.a reads model.small.b reads model.small.c reads model.small.a"},
		},
		"two of a name": {
			map[string]string{"models/x/a.sql": sql, "models/y/a.sql": sql},
			[]string{"models/y/a.sql:1", "model a is there already, at models/x/a.sql"},
		},
		"two of a table": {
			map[string]string{"models/a.sql": sql, "models/b.sql": "{{ config(alias='A') }}" + sql},
			[]string{"models/b.sql:1", "b and a (models/a.sql) would both be the table main.A"},
		},
		"materialisation": {
			map[string]string{"models/a.sql": "{{ config(materialized='dynamic_table') }}" + sql},
			[]string{"models/a.sql:1", `materialized is "dynamic_table"; floe has view, table, incremental and ephemeral`},
		},
		"strategy": {
			map[string]string{"models/a.sql": "{{ config(materialized='incremental', incremental_strategy='microbatch') }}" + sql},
			[]string{`incremental_strategy is "microbatch"; floe has append and merge`},
		},
		"merge without key": {
			map[string]string{"models/a.sql": "{{ config(materialized='incremental', incremental_strategy='merge') }}" + sql},
			[]string{"incremental_strategy merge needs unique_key"},
		},
		"slip in a configuration": {
			map[string]string{"models/a.sql": "{{ config(materialised='table') }}" + sql},
			[]string{"unknown configuration materialised; did you mean materialized?"},
		},
		"sensitivity of a model": {
			map[string]string{"models/a.sql": "{{ config(meta={'sensitivity': 'secret'}) }}" + sql},
			[]string{"models/a.sql:1", `a: meta.sensitivity is "secret"; it is one of public, internal, confidential, personal`},
		},
		"sensitivity in the tree": {
			map[string]string{"dbt_project.yml": "name: small\nmodels: {small: {+meta: {sensitivity: [public]}}}", "models/a.sql": sql},
			[]string{"models/a.sql:1", `a: meta.sensitivity is [public]; it is one of`},
		},
		"domain of a seed": {
			map[string]string{"seeds/s.csv": "a\n1\n", "seeds/s.yml": "seeds: [{name: s, config: {meta: {domain: Big Sales}}}]", "models/a.sql": sql},
			[]string{"seeds/s.csv:1", `s: meta.domain is "Big Sales"; write lower-case letters, digits and _`},
		},
		"meta of a column": {
			map[string]string{"models/a.sql": sql, "models/a.yml": "models:\n- name: a\n  columns:\n  - {name: id, meta: {sensitivity: Personal}}\n  - {name: url, config: {meta: {domain: chess}}}"},
			[]string{"models/a.yml:4", `a: column id: meta.sensitivity is "Personal"; it is one of`, "models/a.yml:5", "a: column url: meta.domain: a domain is the whole table's"},
		},
		"refused configuration": {
			map[string]string{"models/a.sql": "{{ config(materialized='incremental', unique_key='id', merge_update_columns=['x']) }}" + sql},
			[]string{"merge_update_columns is not supported: a merge replaces whole rows"},
		},
		"several at once": {
			map[string]string{"models/a.sql": "{{ config(materialized='x') }}" + sql, "models/b.sql": "select {{ ref('c') }}"},
			[]string{`materialized is "x"`, "ref('c')"},
		},
		"snapshot": {
			map[string]string{"snapshots/s.sql": "\n{% snapshot players_history %}select 1{% endsnapshot %}"},
			[]string{"snapshots/s.sql:2", "players_history", "not supported"},
		},
		"python": {
			map[string]string{"models/a.py": "def model(): pass"},
			[]string{"models/a.py:1", "Python models are not supported"},
		},
		"property key": {
			map[string]string{"models/a.sql": sql, "models/p.yml": "version: 2\nmodels:\n  - name: a\n    descriptionn: x\n"},
			[]string{"models/p.yml:4: models[a].descriptionn: unknown key; did you mean description?"},
		},
		"configuration too high": {
			map[string]string{"models/a.sql": sql, "models/p.yml": "models:\n  - name: a\n    materialized: table\n"},
			[]string{"models/p.yml:3: models[a].materialized: this is configuration: write it under config:"},
		},
		"unit test": {
			map[string]string{"models/p.yml": "unit_tests:\n  - name: x\n"},
			[]string{"models/p.yml:1: unit_tests", "not supported yet"},
		},
		"versions": {
			map[string]string{"models/a.sql": sql, "models/p.yml": "models:\n  - name: a\n    versions: [{v: 1}]\n"},
			[]string{"models/p.yml:3: models[a].versions: model versions are not supported"},
		},
		"contract": {
			map[string]string{"models/a.sql": sql, "models/p.yml": "models:\n  - name: a\n    config: {contract: {enforced: true}}\n"},
			[]string{"contract.enforced is not supported"},
		},
		"broken YAML": {
			map[string]string{"models/p.yml": "models:\n  - name: a\n   x: [\n"},
			[]string{"models/p.yml: line 3"},
		},
		"unknown test": {
			map[string]string{"models/a.sql": sql, "models/p.yml": "models:\n  - name: a\n    columns:\n      - name: id\n        data_tests:\n          - not_nul\n"},
			[]string{"models/p.yml:6", "unknown test not_nul; did you mean not_null?"},
		},
		"test of a package": {
			map[string]string{"models/a.sql": sql, "models/p.yml": "models:\n  - name: a\n    data_tests: [dbt_utils.at_least_one]\n"},
			[]string{"the package dbt_utils is not in dbt_packages"},
		},
		"argument of a test": {
			map[string]string{"models/a.sql": sql, "models/p.yml": "models:\n  - name: a\n    columns:\n      - name: id\n        data_tests:\n          - accepted_values: {valuse: [1]}\n"},
			[]string{"models/p.yml:6", "valuse"},
		},
		"test over tests": {
			map[string]string{"models/a.sql": sql, "models/p.yml": "models:\n  - name: a\n    tests: [unique]\n    data_tests: [unique]\n"},
			[]string{"tests and data_tests are one thing"},
		},
		"template": {
			map[string]string{"models/a.sql": "select 1\n{% if x %}\n"},
			[]string{"models/a.sql:"},
		},
		"raised": {
			map[string]string{"models/a.sql": "select 1\n{{ exceptions.raise_compiler_error('not today') }}"},
			[]string{"models/a.sql:2", "not today"},
		},
		"missing var": {
			map[string]string{"dbt_project.yml": "name: small\nvars: {first_day: 1}\n", "models/a.sql": "select '{{ var('first_dya') }}'"},
			[]string{"models/a.sql:1", "Required var 'first_dya'", "did you mean first_day?"},
		},
		"missing env": {
			map[string]string{"models/a.sql": "select '{{ env_var('NOT_THERE') }}'"},
			[]string{"Env var required but not provided: 'NOT_THERE'"},
		},
		"secret": {
			map[string]string{"models/a.sql": "select '{{ env_var('DBT_ENV_SECRET_X') }}'"},
			[]string{"secrets never reach SQL"},
		},
		"missing doc": {
			map[string]string{"models/a.sql": sql, "models/d.md": "{% docs players %}x{% enddocs %}", "models/p.yml": "models:\n  - name: a\n    description: \"{{ doc('player') }}\"\n"},
			[]string{"models/p.yml:2", "did you mean players?"},
		},
		"two macros": {
			map[string]string{"macros/a.sql": "{% macro x() %}{% endmacro %}", "macros/b.sql": "\n{% macro x() %}{% endmacro %}"},
			[]string{"macros/b.sql:2: macro x is there already, at macros/a.sql:1"},
		},
		"broken macro": {
			map[string]string{"macros/a.sql": "\n{% macro x() %}{{ 1 + }}{% endmacro %}"},
			[]string{"macros/a.sql:2"},
		},
		"ref of a version": {
			map[string]string{"models/a.sql": "select * from {{ ref('b', v=2) }}"},
			[]string{"model versions are not supported"},
		},
		"dispatch": {
			map[string]string{"models/a.sql": "select {{ adapter.dispatch('nothing')() }}"},
			[]string{"No macro named 'nothing' found; searched for duckdb__nothing, default__nothing"},
		},
		"adapter": {
			map[string]string{"models/a.sql": "{{ adapter.drop_relation(this) }}"},
			[]string{"adapter.drop_relation is not supported"},
		},
		"project's name": {
			map[string]string{"dbt_project.yml": "nam: small\n"},
			[]string{"dbt_project.yml:1: nam: unknown key; did you mean name?", "a project's name"},
		},
		"packages": {
			map[string]string{"packages.yml": "packages:\n  - package: dbt-labs/dbt_utils\n"},
			[]string{"floe fetches none itself"},
		},
		"empty": {
			map[string]string{"models/a.sql": "\n"},
			[]string{"models/a.sql:1", "the file is empty"},
		},
		"source is a model": {
			map[string]string{"models/a.sql": sql, "models/s.yml": "sources:\n  - name: main\n    tables: [{name: a}]\n"},
			[]string{"models/s.yml:3", "read it with ref('a')"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Load(context.Background(), Options{Dir: project(t, tt.files), Env: noEnv})
			if err == nil {
				t.Fatal("no error")
			}
			if fault.Code(err) != int(fault.Usage) {
				t.Errorf("kind %d, want Usage: %v", fault.Code(err), err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error\n%v\nlacks %q", err, want)
				}
			}
		})
	}
}

// TestRunErrors: what shows only when a model is compiled to be run.
func TestRunErrors(t *testing.T) {
	tests := map[string]struct{ model, want string }{
		"undefined name": {"select {{ nothing.here }}", "models/a.sql:1: UndefinedError: 'nothing' is undefined"},
		"late ref":       {"{% if execute %}select * from {{ ref('b') }}{% endif %}", "put `-- depends_on: {{ ref('b') }}` at the top of models/a.sql"},
		"raised":         {"{% if execute %}\n{{ exceptions.raise_compiler_error('stop') }}{% endif %}", "models/a.sql:2: CompilationError: stop"},
		"required":       {"{{ config.require('owner') }}", "does not configure owner"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := load(t, map[string]string{"models/a.sql": tt.model, "models/b.sql": "select 1 as id"})
			_, err := p.NewSession(&tables{}).Node(context.Background(), p.Manifest().Nodes["model.small.a"])
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
