package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

const accessYAML = "live/dev/access.yaml"

const grants = `version: 1
grants:
  - principal: arn:aws:iam::123456789012:role/analyst
    schemas: [marts]
  - principal: arn:aws:iam::123456789012:role/analyst
    tables: [landing_shop.customers]
    rows: region = 'north'
    columns: [id, name]
  - principal: arn:aws:iam::123456789012:role/finance
    layers: [landing, marts]
    domains: [sales]
    sensitivity: [public, internal, confidential]
  - principal: arn:aws:iam::123456789012:user/support
    tables: [marts.spend]
    columns: [customer_id, last_order_at]
`

// governed is a bench whose tables are classified and granted.
func governed(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.edit(customers, "key: [id]", "key: [id]\ntags: {domain: people, sensitivity: internal}")
	b.edit(customers, "name: name, type: string", "name: name, type: string, tags: {sensitivity: personal}")
	b.edit(orders, "key: [id]", "key: [id]\ntags: {domain: sales, sensitivity: confidential}")
	b.write(martsDir+"marts.yml", `version: 2
sources:
  - name: shop
    schema: landing_shop
    tables: [{name: customers}, {name: orders}]
models:
  - name: spend
    config: {meta: {sensitivity: public, domain: sales}}
    columns:
      - {name: customer_id}
      - {name: name, meta: {sensitivity: personal}}
      - {name: spent, config: {meta: {sensitivity: confidential}}}
`)
	b.write(accessYAML, grants)
	return b
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(want, []byte(got)) {
		t.Errorf("%v: %s differs (-update writes it):\n%s", err, file, got)
	}
}

func TestAccess(t *testing.T) {
	b := governed(t)
	golden(t, "access.txt", b.ok("access", "--stack", "dev"))
	golden(t, "access.json", b.ok("access", "--stack", "dev", "--output", "json"))
	if _, err := os.Stat(b.home); err == nil {
		t.Error("asking who may read made a home")
	}
	b.write(accessYAML, "version: 1\n")
	b.wants(b.floe("access", "--stack", "dev"), 0, "Nobody is granted anything: live/dev/access.yaml")
}

func TestAccessDiff(t *testing.T) {
	old, b := governed(t), governed(t)
	b.wants(b.floe("access", "--stack", "dev", "--diff", old.root), 0, "Nobody may read more or less than before.")
	b.edit(accessYAML, "region = 'north'", "region = 'south'")                                                                  // other rows
	b.edit(accessYAML, "layers: [landing, marts]", "layers: [marts]")                                                           // a layer less
	b.edit(accessYAML, "user/support", "user/service")                                                                          // another principal
	b.edit(martsDir+"marts.yml", "{name: name, meta: {sensitivity: personal}}", "{name: name}")                                 // a column that is said to be public
	b.edit("runtime/pipelines/transform/dbt_project.yml", "+schema: marts,", "+schema: marts, +meta: {sensitivity: internal},") // big_spenders is classified
	golden(t, "access.diff", b.ok("access", "--stack", "dev", "--diff", old.root))
	golden(t, "access.diff.json", b.ok("access", "--stack", "dev", "--diff", old.root, "--output", "json"))
	old.edit(accessYAML, "marts.spend", "staging.spend") // which nothing makes: this checkout mends it
	b.wants(b.floe("access", "--stack", "dev", "--diff", old.root), 0, "user/service\n+ marts.spend: customer_id, last_order_at\n")
	if err := os.RemoveAll(filepath.Join(old.root, "live")); err != nil {
		t.Fatal(err)
	}
	b.wants(b.floe("access", "--stack", "dev", "--diff", old.root), 0, "user/service\n+ marts.spend: customer_id, last_order_at\n")
}

func TestAccessUsedWrongly(t *testing.T) {
	b := governed(t)
	b.wants(b.floe("access"), 2, "which stack?", "floe access --stack prod")
	b.wants(b.floe("access", "--stack", "dev", "--diff", t.TempDir()), 2, "found no Pulumi.yaml there", "git worktree add ../before main, then floe access --stack dev --diff ../before")
	b.wants(b.floe("access", "--stack", "test"), 2, `there is no stack "test"`)
	b.edit(accessYAML, "marts.spend]\n    columns: [customer_id, last_order_at]", "staging.spend]")
	b.edit(martsDir+"marts.yml", "domain: sales", "domain: shops")
	b.wants(b.floe("access", "--stack", "dev"), 2, "live/dev/access.yaml: grants[3].tables[0]: found staging.spend, which nothing makes; did you mean marts.spend?",
		"runtime/pipelines/transform/models/marts/spend.sql: meta.domain: found shops, which stack dev has no tag for; write domains: [shops] into live/dev/platform.yaml, or one of people, sales")
	b.edit(martsDir+"marts.yml", "sensitivity: personal", "sensitivity: secret")
	b.wants(b.floe("access", "--stack", "dev"), 2, `models/marts/marts.yml:11: spend: column name: meta.sensitivity is "secret"; it is one of public, internal, confidential, personal`)
}
