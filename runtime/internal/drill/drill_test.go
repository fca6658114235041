//go:build drill

package drill

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/ingest"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/sample"
)

const (
	landing = "floe-prod-landing"
	replica = "floe-prod-replica"
	games   = 8_000
)

// loads are how many players each load asks for.
var loads = []int{6, 9, 11, 12}

// region is a stack in an AWS of its own.
type region struct {
	*testing.T
	aws  *awstest.AWS
	lake *lakehouse.Lake
}

func deploy(t *testing.T) *region {
	t.Helper()
	a := awstest.New(t)
	a.Bucket(landing)
	a.BucketIn(replica, "eu-north-1")
	a.Database(environment.PhysicalSchema("floe", "prod", "landing_chess"), "s3://"+landing+"/landing_chess", map[string]string{
		environment.ParameterProject: "floe", environment.ParameterStack: "prod", environment.ParameterSchema: "landing_chess"})
	lake, err := lakehouse.Open(t.Context(), lakehouse.Options{Glue: &lakehouse.GlueOptions{Project: "floe", Stack: "prod", Config: a.Config()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lake.Close() })
	return &region{t, a, lake}
}

// load loads what is new of so many players.
func (r *region) load(players int) {
	r.Helper()
	p, err := project.Load("../../..")
	if err != nil {
		r.Fatal(err)
	}
	world, err := sample.New(sample.Config{Games: games, Players: 12})
	if err != nil {
		r.Fatal(err)
	}
	server := httptest.NewServer(world.Handler(sample.Options{}))
	defer server.Close()
	_, err = ingest.Run(r.Context(), ingest.Options{Source: p.Sources["chess"], Lake: r.lake, Checkpoint: ingest.Checkpoint{Rows: 2_000},
		Vars: map[string]any{"base_url": server.URL + "/pub", "players": world.Players()[:players], "contact": "drill"}})
	if err != nil {
		r.Fatal(err)
	}
}

// tables are all of the stack's.
func (r *region) tables() map[string]*lakehouse.Table {
	r.Helper()
	relations, err := r.lake.Relations(r.Context(), "")
	if err != nil {
		r.Fatal(err)
	}
	found := map[string]*lakehouse.Table{}
	for _, relation := range relations {
		t, err := r.lake.Table(r.Context(), relation.Name)
		if err != nil {
			r.Fatal(err)
		}
		found[relation.Name.String()] = t
	}
	return found
}

// sums are the checksums of every snapshot of every table: "table snapshot" -> sum.
func (r *region) sums() map[string]string {
	r.Helper()
	sums := map[string]string{}
	for name, table := range r.tables() {
		for _, s := range table.Snapshots() {
			c, err := table.Checksum(r.Context(), s.ID)
			if err != nil {
				r.Fatal(err)
			}
			sums[fmt.Sprint(name, " ", s.ID)] = c.String()
		}
	}
	return sums
}

// rows are all tables' current rows.
func (r *region) rows() int64 {
	r.Helper()
	var n int64
	for _, t := range r.tables() {
		rows, err := t.Rows(r.Context())
		if err != nil {
			r.Fatal(err)
		}
		n += rows
	}
	return n
}

// replicate copies a region's bucket to the replica of another one, but for half
// of what was written after a moment: replication takes objects one by one, and
// in no order, so that metadata may come before what it names. It gives how many
// objects are late.
func replicate(from, to *region, after time.Time) int {
	var fresh []string
	for _, key := range from.aws.Keys(landing) {
		if from.aws.Modified(landing, key).After(after) && !strings.HasSuffix(key, ".json") {
			fresh = append(fresh, key)
		}
	}
	slices.SortFunc(fresh, func(a, b string) int { return from.aws.Modified(landing, a).Compare(from.aws.Modified(landing, b)) })
	late := fresh[len(fresh)/2:]
	for _, key := range from.aws.Keys(landing) {
		if !slices.Contains(late, key) {
			content, _ := from.aws.Object(landing, key)
			to.aws.PutObject(replica, key, content, from.aws.Modified(landing, key))
		}
	}
	return len(late)
}

// lose loses the bucket and the catalog.
func (r *region) lose() {
	for _, key := range r.aws.Keys(landing) {
		r.aws.DeleteObject(landing, key)
	}
	r.aws.DropDatabase(environment.PhysicalSchema("floe", "prod", "landing_chess"))
}

func TestDrill(t *testing.T) {
	first := deploy(t)
	var before time.Time
	for _, players := range loads {
		before = time.Now()
		first.load(players)
	}
	sums, rows := first.sums(), first.rows()
	second := deploy(t)
	late := replicate(first, second, before)
	first.lose()

	start := time.Now()
	done, err := second.lake.Restore(t.Context(), lakehouse.RestoreOptions{From: "s3://" + replica})
	took := time.Since(start)
	if err != nil {
		t.Fatal(err)
	}
	var back, lost, bytes int64
	var files, snapshots int
	for _, r := range done {
		back, bytes, files, snapshots = back+r.Rows, bytes+r.Bytes, files+r.Files, snapshots+r.Lost.Snapshots
		if r.Lost.Rows != nil {
			lost += *r.Lost.Rows
		}
		t.Logf("%s: %d rows in %d snapshots, as of %s; lost %d snapshots (%v)", r.Table, r.Rows, r.Snapshots, r.At.Format(time.RFC3339), r.Lost.Snapshots, r.Lost.Missing)
	}
	if len(done) != len(second.tables()) || len(done) < 2 {
		t.Fatalf("%d tables came back, the catalog has %d", len(done), len(second.tables()))
	}
	if snapshots == 0 || lost <= 0 || late == 0 {
		t.Errorf("the lag lost %d snapshots, %d rows; %d files were late: a drill without a loss shows nothing", snapshots, lost, late)
	}
	for name, sum := range second.sums() {
		if sums[name] != sum {
			t.Errorf("%s: %s, was %s", name, sum, sums[name])
		}
	}
	if back != second.rows() {
		t.Errorf("it was said that %d rows came back; there are %d", back, second.rows())
	}
	second.load(loads[len(loads)-1])
	if got := second.rows(); got != rows {
		t.Errorf("after the next load: %d rows, were %d", got, rows)
	}
	t.Logf("DRILL: %d of %d rows, %d files, %.1f MB back in %.2f s (%.0f rows/s); the lag of %d files lost %d rows (%d snapshots with %d rows, by what the copy tells), which the next load brought again",
		back, rows, files, float64(bytes)/1e6, took.Seconds(), float64(back)/took.Seconds(), late, rows-back, snapshots, lost)
}
