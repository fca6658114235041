package images

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/live"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func planned(t *testing.T, stack, deletion string, args Args, withKey bool) ([]plan.Resource, error) {
	t.Helper()
	s := &site.Site{Project: "floe", Stack: stack, Account: plan.Account, Region: "eu-west-1", Live: &live.Stack{Platform: live.Platform{Deletion: deletion}}}
	return plan.Resources("floe", stack, plan.Answers{Region: "eu-west-1"}, func(ctx *pulumi.Context) error {
		if withKey {
			args.Key = pulumi.String("arn:aws:kms:eu-west-1:123456789012:key/k")
		}
		i, err := New(ctx, s, args)
		if err != nil {
			return err
		}
		if i.Ingest.RepositoryARN != "arn:aws:ecr:eu-west-1:123456789012:repository/floe-"+stack+"-ingest" || i.Ingest.Push == nil || len(i.Transform.Ready) == 0 {
			t.Errorf("got %+v", i.Ingest)
		}
		ctx.Export("uri", i.Transform.URI.ApplyT(func(uri string) string {
			if want := "123456789012.dkr.ecr.eu-west-1.amazonaws.com/floe-" + stack + "-transform@" + digest; uri != want {
				t.Errorf("got %s, want %s", uri, want)
			}
			return uri
		}))
		return nil
	})
}

func TestRepositories(t *testing.T) {
	args := Args{Ingest: Planned(Ingest, digest), Transform: Planned(Transform, digest)}
	for _, tc := range []struct {
		stack, deletion string
		key             bool
	}{{"dev", "allowed", false}, {"prod", "refused", true}} {
		found, err := planned(t, tc.stack, tc.deletion, args, tc.key)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 6 {
			t.Errorf("%s: %d resources", tc.stack, len(found))
		}
		t.Run(tc.stack, func(t *testing.T) { sitetest.Golden(t, tc.stack, found) })
	}
}

func TestRepositoriesRefuse(t *testing.T) {
	ingest, transform := Planned(Ingest, digest), Planned(Transform, digest)
	for want, args := range map[string]Args{
		"no image of ingest":    {Transform: transform},
		"no image of transform": {Ingest: ingest, Transform: ingest},
		"needs a key":           {Ingest: ingest, Transform: transform},
	} {
		if _, err := planned(t, "prod", "refused", args, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
