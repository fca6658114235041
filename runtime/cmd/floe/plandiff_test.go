package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// differences is floe plan --diff against the untouched project, a line each:
// what name change column, verdict, and what is reached.
func (b *bench) differences(old string) []string {
	b.t.Helper()
	var d projectDiff
	if err := json.Unmarshal([]byte(b.ok("plan", "--diff", old, "--output", "json")), &d); err != nil {
		b.t.Fatal(err)
	}
	breaking := 0
	var lines []string
	for _, c := range d.Changes {
		line := strings.Join(strings.Fields(strings.Join([]string{c.Area, c.Name, c.Change, c.Column}, " ")), " ")
		switch {
		case c.Refused != "":
			line += " refused"
			breaking++
		case c.Breaking:
			line += " breaking"
			breaking++
		}
		if len(c.Downstream) > 0 {
			line += " -> " + strings.Join(c.Downstream, ",")
		}
		lines = append(lines, line)
	}
	if d.Breaking != breaking || d.Against != old {
		b.t.Errorf("it says %d breaking against %s; %d are against %s", d.Breaking, d.Against, breaking, old)
	}
	return lines
}

// write writes a file of the project; "" removes it.
func (b *bench) write(path, text string) {
	b.t.Helper()
	full := filepath.Join(b.root, path)
	if text == "" {
		if err := os.Remove(full); err != nil {
			b.t.Fatal(err)
		}
		return
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

const (
	orders    = "runtime/pipelines/ingest/shop/tables/orders.yaml"
	customers = "runtime/pipelines/ingest/shop/tables/customers.yaml"
	shopYAML  = "runtime/pipelines/ingest/shop/source.yaml"
	martsDir  = "runtime/pipelines/transform/models/marts/"
	flow      = "runtime/pipelines/orchestrate/"
)

func TestPlanDiff(t *testing.T) {
	const reach = " -> big_spenders,spend"
	for name, tc := range map[string]struct {
		change func(*bench)
		want   []string
	}{
		"nothing":           {func(*bench) {}, nil},
		"a column":          {func(b *bench) { b.edit(orders, "key:", "  - {name: note, type: string}\nkey:") }, []string{"contract landing_shop.orders add-column note" + reach}},
		"a required column": {func(b *bench) { b.edit(orders, "key:", "  - {name: note, type: string, required: true}\nkey:") }, []string{"contract landing_shop.orders add-column note refused" + reach}},
		"no column":         {func(b *bench) { b.edit(customers, "  - {name: region, type: string}\n", "") }, []string{"contract landing_shop.customers drop-column region breaking" + reach}},
		"another name": {func(b *bench) {
			b.edit(customers, "name: name, type: string", "name: full, was_named: name, type: string")
		}, []string{"contract landing_shop.customers rename-column full" + reach}},
		"another type": {func(b *bench) { b.edit(orders, "customer_id, type: long", "customer_id, type: string") }, []string{"contract landing_shop.orders change-type customer_id refused" + reach}},
		"required": {func(b *bench) {
			b.edit(customers, "name: name, type: string", "name: name, type: string, required: true")
		}, []string{"contract landing_shop.customers make-required name refused" + reach}},
		"another key": {func(b *bench) {
			b.edit(orders, "name: customer_id, type: long", "name: customer_id, type: long, required: true")
			b.edit(orders, "key: [id]", "key: [id, customer_id]")
		}, []string{"contract landing_shop.orders make-required customer_id refused" + reach, "contract landing_shop.orders set-key breaking" + reach}},
		"another partition": {func(b *bench) { b.edit(orders, "month(at)", "day(at)") }, []string{"contract landing_shop.orders set-partition breaking" + reach}},
		"tags": {func(b *bench) {
			b.edit(customers, "name: name, type: string", "name: name, type: string, tags: {sensitivity: personal}")
			b.edit(customers, "key: [id]", "key: [id]\ntags: {sensitivity: internal}\nowner: me\nretention: 730d\non_break: {bad_rows: fail}")
		},
			[]string{"contract landing_shop.customers set-owner" + reach, "contract landing_shop.customers set-retention" + reach, "contract landing_shop.customers set-tags" + reach, "contract landing_shop.customers set-bad_rows" + reach, "contract landing_shop.customers set-tags name" + reach}},
		"how it is written": {func(b *bench) { b.edit(orders, "format: rfc3339", "format: epoch_seconds, from: when") }, []string{"contract landing_shop.orders set-from at" + reach, "contract landing_shop.orders set-format at" + reach}},
		"a resource": {func(b *bench) {
			b.edit(shopYAML, "  - name: orders", "  - name: refunds\n    endpoint: {path: refunds}\n  - name: orders")
			b.write("runtime/pipelines/ingest/shop/tables/refunds.yaml", "version: 1\ncolumns: [{name: id, type: long}]\n")
		}, []string{"contract landing_shop.refunds added", "source shop add-resource"}},
		"the source": {func(b *bench) {
			b.edit(shopYAML, "attempts: 2", "attempts: 3")
			b.edit(shopYAML, "regions: [north, south]", "regions: [north]")
			b.edit(shopYAML, "path: orders", "path: all")
			b.edit(shopYAML, "client:\n", "client:\n  auth: {type: bearer}\n")
		}, []string{"source shop set-vars", "source shop set-auth", "source shop set-client", "source shop change-resource"}},
		"another address": {func(b *bench) { b.edit(shopYAML, `base_url: "{vars.base_url}"`, "base_url: https://shop.example/api") }, []string{"source shop set-base_url"}},
		"SQL":             {func(b *bench) { b.edit(martsDir+"spend.sql", "count(o.id)", "count(*)") }, []string{"model spend sql -> big_spenders"}},
		"a blank line":    {func(b *bench) { b.edit(martsDir+"spend.sql", "select", "\nselect") }, nil},
		"a model":         {func(b *bench) { b.write(martsDir+"names.sql", "select name from {{ ref('spend') }}") }, []string{"model names added"}},
		"no model":        {func(b *bench) { b.write(martsDir+"big_spenders.sql", "") }, []string{"model big_spenders removed breaking"}},
		"a view": {func(b *bench) {
			b.edit(martsDir+"big_spenders.sql", "select", "{{ config(materialized='view') }}select")
		}, []string{"model big_spenders set-materialized", "model big_spenders sql"}},
		"no relation":      {func(b *bench) { b.edit(martsDir+"spend.sql", "select", "{{ config(materialized='ephemeral') }}select") }, []string{"model spend set-materialized breaking -> big_spenders", "model spend sql -> big_spenders"}},
		"another relation": {func(b *bench) { b.edit(martsDir+"spend.sql", "select", "{{ config(alias='spending') }}select") }, []string{"model spend set-relation breaking -> big_spenders", "model spend sql -> big_spenders"}},
		"a config": {func(b *bench) {
			b.edit(martsDir+"marts.yml", "  - name: spend\n", "  - name: spend\n    config: {sort: [name], tags: [x]}\n")
		}, []string{"model spend set-config -> big_spenders"}},
		"a described column": {func(b *bench) {
			b.edit(martsDir+"marts.yml", "      - {name: name, tests: [not_null]}\n", "      - {name: name, data_type: string, meta: {sensitivity: personal}, tests: [not_null]}\n      - {name: spent}\n")
		}, []string{"model spend change-type name breaking -> big_spenders", "model spend add-column spent -> big_spenders"}},
		"a column's tags": {func(b *bench) {
			b.edit(martsDir+"marts.yml", "{name: name, tests", "{name: name, meta: {sensitivity: personal}, tests")
		}, []string{"model spend set-tags name -> big_spenders"}},
		"no described column": {func(b *bench) { b.edit(martsDir+"marts.yml", "      - {name: name, tests: [not_null]}\n", "") }, []string{"model spend drop-column name breaking -> big_spenders", "test not_null_spend_name removed"}},
		"a macro": {func(b *bench) {
			b.write("runtime/pipelines/transform/macros/cents.sql", "{% macro cents(x) %}{{ x }} * 100{% endmacro %}")
			b.edit(martsDir+"spend.sql", "count(o.id)", "{{ cents('count(o.id)') }}")
		}, []string{"model spend sql -> big_spenders", "macro cents added -> big_spenders,spend"}},
		"a workflow": {func(b *bench) { b.write(flow+"daily.yaml", "version: 1\nsteps: [{name: a, maintain: {}}]\n") }, []string{"workflow daily added"}},
		"its steps": {func(b *bench) {
			b.edit(flow+"shop.yaml", "steps:", "schedule: rate(1 hour)\nsteps:")
			b.edit(flow+"shop.yaml", "command: build", "command: run")
			b.edit(flow+"shop.yaml", "  - name: maintain\n    maintain: {}\n", "  - name: again\n    transform: {command: test}\n")
		}, []string{"workflow shop set-schedule", "workflow shop add-step", "workflow shop remove-step", "workflow shop change-step"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			tc.change(b)
			if got := b.differences("testdata/project"); !slices.Equal(got, tc.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(tc.want, "\n  "))
			}
			if _, err := os.Stat(b.home); err == nil {
				t.Error("comparing made a home")
			}
		})
	}
}

// TestPlanDiffBackwards compares the other way round: what was added is removed.
func TestPlanDiffBackwards(t *testing.T) {
	b, old := newBench(t), newBench(t)
	old.write(flow+"daily.yaml", "version: 1\nsteps: [{name: a, maintain: {}}]\n")
	old.edit(shopYAML, "  - name: orders", "  - name: refunds\n    endpoint: {path: refunds}\n  - name: orders")
	old.write("runtime/pipelines/ingest/shop/tables/refunds.yaml", "version: 1\ncolumns: [{name: id, type: long}]\n")
	old.edit(martsDir+"marts.yml", "{name: orders}]", "{name: orders}, {name: refunds}]")
	old.write(martsDir+"refunded.sql", "select id from {{ source('shop', 'refunds') }}")
	old.write("runtime/pipelines/transform/macros/cents.sql", "{% macro cents(x) %}{{ x }} * 100{% endmacro %}")
	want := []string{"contract landing_shop.refunds removed breaking -> refunded", "source shop remove-resource", "model refunded removed breaking", "macro cents removed", "workflow daily removed breaking"}
	if got := b.differences(old.root); !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestPlanDiffText(t *testing.T) {
	b := newBench(t)
	b.wants(b.floe("plan", "--diff", "testdata/project"), 0, "are the same")
	b.edit(orders, "month(at)", "day(at)")
	b.edit(martsDir+"spend.sql", "count(o.id)", "count(*)")
	b.wants(b.floe("plan", "--diff", "testdata/project"), 0, "2 changes, 1 of them breaking", "landing_shop.orders", "set-partition", "breaking", "big_spenders, spend", "sql")
	b.wants(b.floe("plan", "shop", "--diff", "testdata/project"), 2, `found "shop" beside it`)
	b.wants(b.floe("plan", "--diff", "/nowhere"), 2, "/nowhere", "another checkout")
	old := newBench(t)
	old.write(orders, "version: 1\n")
	b.wants(b.floe("plan", "--diff", old.root), 2, "the project to compare with", "orders.yaml")
}
