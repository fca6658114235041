package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
)

// snapshots are a table's, as floe tables tells them.
func (b *bench) snapshots(table string, flags ...string) []lakehouse.Snapshot {
	b.t.Helper()
	var v tableView
	if err := json.Unmarshal([]byte(b.ok(append([]string{"tables", table, "--output", "json"}, flags...)...)), &v); err != nil {
		b.t.Fatal(err)
	}
	return v.History
}

func TestRollback(t *testing.T) {
	b := newBench(t)
	b.wants(b.run(), 0)
	want := fmt.Sprint(b.rows("select id, amount from landing_shop.orders order by id"))
	b.shop.orders = `{"id": 10, "customer_id": 1, "amount": 1000000, "at": "2024-01-31T23:59:59Z"}`
	b.wants(b.run(), 0)
	all := b.snapshots("landing_shop.orders")
	first, last := fmt.Sprint(all[0].ID), fmt.Sprint(all[len(all)-1].ID)
	b.wants(b.floe("rollback", "landing_shop.orders", "--to", first, "--dry-run"), 0, "would go back to snapshot "+first, "dry run")
	b.wants(b.floe("rollback", "landing_shop.orders", "--to", first), 0, "is back at snapshot "+first, "floe rollback landing_shop.orders --to "+last)
	if got := fmt.Sprint(b.rows("select id, amount from landing_shop.orders order by id")); got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	b.wants(b.floe("tables", "landing_shop.orders"), 0, "current", "undone")
	b.wants(b.floe("rollback", "landing_shop.orders", "--to", first), 0, "already")
	out := b.ok("rollback", "landing_shop.orders", "--to", last, "--output", "json")
	if !strings.Contains(out, `"to":`+last) || !strings.Contains(out, `"changed":true`) || !strings.Contains(out, `"table":"landing_shop.orders"`) {
		t.Errorf("%s", out)
	}
	b.wants(b.floe("rollback", "marts.spend", "--to", time.Now().UTC().Format(time.RFC3339)), 0, "marts.spend")
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"landing_shop.orders"}, "where to?"},
		{[]string{"landing_shop.orders", "--to", "yesterday"}, "neither a snapshot's id nor a time"},
		{[]string{"landing_shop.orders", "--to", "7"}, "it has no snapshot 7"},
		{[]string{"landing_shop.orders", "--to", "2020-01-01T00:00:00Z"}, "does not reach back"},
		{[]string{"landing_shop.nope", "--to", "7"}, "no such table"},
		{[]string{"orders", "--to", "7"}, "schema.table"},
	} {
		b.wants(b.floe(append([]string{"rollback"}, tc.args...)...), 2, tc.want, "next:")
	}
}

func TestRestoreAHome(t *testing.T) {
	b := newBench(t)
	b.wants(b.run(), 0)
	want := fmt.Sprint(b.rows("select * from landing_shop.orders order by id"))
	backup := filepath.Join(t.TempDir(), "backup")
	if err := os.CopyFS(backup, os.DirFS(b.home)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(b.home); err != nil {
		t.Fatal(err)
	}
	b.wants(b.floe("restore"), 2, "from where?")
	b.wants(b.floe("restore", "--from", backup+"s"), 2, "no such file", "next:")
	b.wants(b.floe("restore", "--from", backup, "--dry-run"), 0, "landing_shop.orders", "dry run")
	if _, err := os.Stat(b.home); !os.IsNotExist(err) {
		t.Errorf("the home is there before anything came back: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(backup, "warehouse", "landing_shop", "orders", "metadata", "*.metadata.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	text, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		t.Fatal(err)
	}
	rival := filepath.Join(filepath.Dir(files[0]), strings.Split(filepath.Base(files[len(files)-1]), "-")[0]+"-killed.metadata.json")
	if err := os.WriteFile(rival, text, 0o600); err != nil {
		t.Fatal(err)
	}
	b.wants(b.floe("restore", "--from", backup, "--dry-run"), 0, "landing_shop.orders: nothing in the copy says which file", rival)
	if err := os.Remove(rival); err != nil {
		t.Fatal(err)
	}
	b.wants(b.floe("restore", "--from", backup), 0, "landing_shop.orders", "restored", "marts.spend")
	b.wants(b.floe("restore", "--from", backup), 0, "there already")
	b.wants(b.floe("restore", "--from", backup, "--dry-run"), 0, "there already")
	if got := fmt.Sprint(b.rows("select * from landing_shop.orders order by id")); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b.wants(b.run(), 0)
	b.wants(b.floe("restore", "marts", "--from", backup), 1, "nothing is overwritten", "next:")
	b.wants(b.floe("restore", "nothing", "--from", backup), 2, "no table and no schema nothing")
	b.wants(b.floe("doctor"), 0, "ok")
}

// A stack: its bucket is lost, a replica is there, and the stack is deployed anew.
func TestRecoverAStack(t *testing.T) {
	b, a := newBench(t), awstest.New(t)
	b.edit("live/dev/platform.yaml", "version: 1", "version: 1\nobjectives: {rto: 4h, rpo: 24h}")
	for _, pair := range a.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	a.Bucket("floe-dev-landing")
	a.BucketIn("floe-dev-replica", "eu-north-1")
	deploy := func() {
		a.Database(environment.PhysicalSchema("floe", "dev", "landing_shop"), "s3://floe-dev-landing/landing_shop", map[string]string{
			environment.ParameterProject: "floe", environment.ParameterStack: "dev", environment.ParameterSchema: "landing_shop"})
	}
	deploy()
	lake, err := lakehouse.Open(t.Context(), lakehouse.Options{Glue: &lakehouse.GlueOptions{Project: "floe", Stack: "dev", Config: a.Config()}})
	if err != nil {
		t.Fatal(err)
	}
	defer lake.Close()
	n := lakehouse.Name{Schema: "landing_shop", Table: "orders"}
	if _, err := lake.Create(t.Context(), lakehouse.Spec{Name: n, Schema: schema.Schema{Columns: []schema.Column{{Name: "id", Type: schema.Type{Kind: schema.Long}}}}}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		appendID(t, lake, n, int64(i))
	}
	first := fmt.Sprint(b.snapshots("landing_shop.orders", "--stack", "dev")[0].ID)
	b.wants(b.floe("rollback", "landing_shop.orders", "--to", first, "--stack", "dev"), 0, "is back at", "--stack dev")
	for next, args := range map[string][]string{
		"  floe tables landing_shop.orders --stack dev": {"landing_shop.orders"},
		"it has no snapshot 7":                          {"landing_shop.orders", "--to", "7"},
		"  floe tables --stack dev":                     {"landing_shop.nope", "--to", "7"},
	} {
		b.wants(b.floe(append([]string{"rollback", "--stack", "dev"}, args...)...), 2, next, "--stack dev")
	}
	b.wants(b.floe("tables", "--stack", "dev"), 0, "landing_shop.orders")
	appendID(t, lake, n, 7)
	for _, key := range a.Keys("floe-dev-landing") {
		content, _ := a.Object("floe-dev-landing", key)
		a.PutObject("floe-dev-replica", key, content, time.Time{})
		a.DeleteObject("floe-dev-landing", key)
	}
	a.DropDatabase(environment.PhysicalSchema("floe", "dev", "landing_shop"))
	b.wants(b.floe("restore", "--stack", "dev", "--from", "s3://floe-dev-replica"), 1, "make deploy STACK=dev")
	deploy()
	b.wants(b.floe("restore", "--stack", "dev"), 2, "no table below")
	out := b.ok("restore", "--stack", "dev", "--from", "s3://floe-dev-replica", "--output", "json")
	if !strings.Contains(out, `"rows":2`) || !strings.Contains(out, `"rpo_seconds":86400`) {
		t.Errorf("%s", out)
	}
	b.wants(b.floe("tables", "landing_shop.orders", "--stack", "dev"), 0, "2 rows", "undone")
}

func appendID(t *testing.T, lake *lakehouse.Lake, n lakehouse.Name, id int64) {
	t.Helper()
	rows := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.PrimitiveTypes.Int64}}, nil))
	rows.Field(0).(*array.Int64Builder).Append(id)
	load, err := lake.NewLoad(t.Context(), n, lakehouse.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := load.Write(t.Context(), rows.NewRecordBatch()); err != nil {
		t.Fatal(err)
	}
	if _, err := load.Commit(t.Context(), lakehouse.StateUpdate{}); err != nil {
		t.Fatal(err)
	}
}
