//go:build cloud

package storage_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/internal/emulated"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/runtime/environment"
)

const region = "eu-central-1"

// TestTableBucket takes a stack's storage with an S3 table bucket through its life.
func TestTableBucket(t *testing.T) {
	t.Parallel()
	e := emulated.Start(t, emulated.Options{Region: region})
	s := sitetest.Load(t, "dev", func(s *site.Site) {
		s.Account, s.Region, s.Live.Platform.Tables = "123456789012", region, environment.S3Tables
	})
	stack, err := e.Stack(t.Context(), "dev", emulated.Program{Project: "floe", Run: func(ctx *pulumi.Context) error {
		st, err := storage.New(ctx, s, storage.Args{})
		if err != nil {
			return err
		}
		_, err = catalog.New(ctx, s, catalog.Args{Storage: st})
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	stack.Begin(t)
	stack.End(t)
	e.Recorded(t, "floe", "dev", "../internal/cloudtest/testdata/calls/options/tables")
	e.Gone(t, region)
}
