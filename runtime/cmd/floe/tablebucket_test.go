package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
)

// --stack opens the stack's table bucket where platform.yaml says so, in the
// account that the credentials are for.
func TestAStackInATableBucket(t *testing.T) {
	b, a := newBench(t), awstest.New(t)
	b.edit("live/dev/platform.yaml", "version: 1", "version: 1\ntables: s3tables")
	b.edit("stacks/Pulumi.dev.yaml", "eu-central-1", awstest.Region)
	b.wants(b.floe("tables", "--stack", "dev"), 2, "whose step", "transforms, but platform.yaml says tables: s3tables")
	b.edit("live/dev/pipelines.yaml", "version: 1", "version: 1\nworkflows: []")
	for _, pair := range a.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, awstest.Account)
	}))
	defer sts.Close()
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	n := lakehouse.Name{Schema: "landing_shop", Table: "orders"}
	bucket := a.TableBucket("floe-dev-tables", environment.PhysicalSchema("floe", "dev", n.Schema))
	lake, err := lakehouse.Open(t.Context(), lakehouse.Options{S3Tables: &lakehouse.S3TablesOptions{Bucket: bucket, Project: "floe", Stack: "dev", Config: a.Config()}})
	if err != nil {
		t.Fatal(err)
	}
	defer lake.Close()
	if _, err := lake.Create(t.Context(), lakehouse.Spec{Name: n, Schema: schema.Schema{Columns: []schema.Column{{Name: "id", Type: schema.Type{Kind: schema.Long}}}}}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		appendID(t, lake, n, int64(i))
	}
	b.wants(b.floe("tables", "--stack", "dev"), 0, "landing_shop.orders")
	first := fmt.Sprint(b.snapshots("landing_shop.orders", "--stack", "dev")[0].ID)
	b.wants(b.floe("rollback", "landing_shop.orders", "--to", first, "--stack", "dev"), 0, "is back at")
	b.wants(b.floe("tables", "landing_shop.orders", "--stack", "dev"), 0, "1 row")
	b.wants(b.floe("restore", "--stack", "dev", "--from", "s3://copy"), 2, "in the keeping of S3 Tables")
}
