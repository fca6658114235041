//go:build cloud

package cloudtest

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/floe-data/floe/infra/internal/emulated"
)

// changes makes one change of each kind and says what exactly an up does for it.
func changes(w *world) {
	// A value of a file: updates in place.
	platform := "live/" + w.name + "/platform.yaml"
	w.files.edit(platform, "version: 1\n", "version: 1\nsizes: {function: {memory_mb: 512}}\n")
	r, err := w.stack.Up(w.ctx)
	w.must("another size", r, err)
	w.wants("another size", r)

	// A model: the images' pipelines layer, and so what names the digest.
	w.files.edit("runtime/pipelines/transform/models/marts/games_of_players.sql", "count(*) as games", "count(*) as games, 1 as one")
	r, err = w.stack.Up(w.ctx)
	w.must("another model", r, err)
	w.wants("another model", r, "replace TaskDefinition transform", "replace Invocation govern")

	// A contract: the tables are changed in the same up, before it ends.
	w.files.edit("runtime/pipelines/ingest/games/tables/players.yaml", "  - {name: followers, type: long}\n", "  - {name: followers, type: long}\n  - {name: league, type: string}\n")
	r, err = w.stack.Up(w.ctx)
	w.must("another contract", r, err)
	if !w.did(r, "replace", "Invocation") {
		w.Errorf("another contract evolved nothing:\n%s", r)
	}
	if columns := w.columns("landing_games", "players"); !strings.Contains(columns, "league") {
		w.Errorf("the columns are %s", columns)
	}

	// The network: a zone more, or less.
	from, to, op := "zones: 2", "zones: 3", "create"
	if w.name == "prod" {
		from, to, op = to, from, "delete"
	}
	w.files.edit(platform, from, to)
	r, err = w.stack.Up(w.ctx)
	w.must("other zones", r, err)
	if !w.did(r, op, "Subnet") {
		w.Errorf("other zones did not %s a subnet:\n%s", op, r)
	}
	r, err = w.stack.Up(w.ctx, emulated.NoChanges)
	w.must("up after the changes", r, err)
}

// did says whether a result holds a step of an operation on a type.
func (w *world) did(r *emulated.Result, op, short string) bool {
	for _, s := range r.Steps {
		if s.Op == op && strings.HasSuffix(s.Type, ":"+short) {
			return true
		}
	}
	return false
}

// drift changes things behind Pulumi's back; refresh finds them, up repairs them.
func drift(w *world) {
	client := s3.NewFromConfig(w.engine.AWS.Config())
	bucket := aws.String(w.names("landing-123456789012-" + region))
	suspended := &s3.PutBucketVersioningInput{Bucket: bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusSuspended}}
	if _, err := client.PutBucketVersioning(w.ctx, suspended); err != nil {
		w.Fatal(err)
	}
	w.deleteLogGroup("/aws/lambda/" + w.names("maintain"))
	r, err := w.stack.Refresh(w.ctx)
	w.must("refresh after drift", r, err)
	r, err = w.stack.Up(w.ctx)
	w.must("up repairs drift", r, err)
	if !w.did(r, "create", "LogGroup") || !w.did(r, "update", "BucketVersioningV2") {
		w.Errorf("drift was not repaired:\n%s", r)
	}
	is, err := client.GetBucketVersioning(w.ctx, &s3.GetBucketVersioningInput{Bucket: bucket})
	if err != nil || is.Status != types.BucketVersioningStatusEnabled {
		w.Errorf("versioning is %v, %v", is.Status, err)
	}
	r, err = w.stack.Up(w.ctx, emulated.NoChanges)
	w.must("up after the repair", r, err)
}

// failedEvolution gives a contract that no table can follow: the up fails and
// says why, and the next one, with the contract mended, goes through.
func failedEvolution(w *world) {
	const right, wrong = "{name: player_id, type: long}", "{name: player_id, type: boolean}"
	w.files.edit("runtime/pipelines/ingest/games/tables/players.yaml", right, wrong)
	r, err := w.stack.Up(w.ctx)
	if err == nil || !strings.Contains(err.Error()+r.String(), "player_id") {
		w.Fatalf("a contract that cannot be followed: %v\n%s", err, r)
	}
	r, err = w.stack.Up(w.ctx)
	if err == nil {
		w.Fatalf("the failed evolution was not tried again:\n%s", r)
	}
	w.files.edit("runtime/pipelines/ingest/games/tables/players.yaml", wrong, right)
	w.files.edit("runtime/pipelines/ingest/games/tables/players.yaml", "  - {name: league, type: string}\n", "  - {name: league, type: string}\n  - {name: title, type: string}\n")
	r, err = w.stack.Up(w.ctx)
	w.must("up with the contract mended", r, err)
	if columns := w.columns("landing_games", "players"); !strings.Contains(columns, "title") {
		w.Errorf("the columns are %s", columns)
	}
	r, err = w.stack.Up(w.ctx, emulated.NoChanges)
	w.must("up after the mended evolution", r, err)
}

// rename gives a source another name: its tables begin anew under it, and what
// was loaded under the old name stays, entries and files.
func rename(w *world) {
	before := w.keys("landing_partner", "orders", "id")
	w.files.rename("runtime/pipelines/ingest/partner", "runtime/pipelines/ingest/associate")
	w.files.edit("runtime/pipelines/orchestrate/daily.yaml", "ingest: {source: partner}", "ingest: {source: associate}")
	w.files.edit("live/"+w.name+"/pipelines.yaml", "  partner: ", "  associate: ")
	r, err := w.stack.Up(w.ctx)
	w.must("rename of a source", r, err)
	if !w.hasTable("landing_associate", "orders") {
		w.Error("the new name has no table")
	}
	if after := w.keys("landing_partner", "orders", "id"); !equal(before, after) || len(after) == 0 {
		w.Errorf("of the %d rows under the old name %d are left", len(before), len(after))
	}
}
