package catalog

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/runtime/environment"
)

func buckets(s *site.Site) *storage.Storage {
	return &storage.Storage{Landing: &storage.Bucket{Name: s.Bucket("landing")}, Lakehouse: &storage.Bucket{Name: s.Bucket("lakehouse")}}
}

func planned(t *testing.T, s *site.Site, made ...string) []plan.Resource {
	t.Helper()
	return sitetest.Plan(t, s, func(ctx *pulumi.Context) error {
		c, err := New(ctx, s, Args{Storage: buckets(s), Made: made})
		if err == nil && len(c.Ready) != len(c.Databases) {
			t.Errorf("%d to wait for, %d databases", len(c.Ready), len(c.Databases))
		}
		return err
	})
}

func TestGolden(t *testing.T) {
	t.Run("dev", func(t *testing.T) { sitetest.Golden(t, "dev", planned(t, sitetest.Load(t, "dev", nil))) })
	t.Run("prod", func(t *testing.T) {
		s := sitetest.Load(t, "prod", func(s *site.Site) { s.Live.Platform.Schemas = []string{"reports"} })
		sitetest.Golden(t, "prod", planned(t, s, "landing_shop", "landing_store", "marts"))
	})
}

func names(resources []plan.Resource) string {
	var all []string
	for _, r := range resources {
		all = append(all, r.Name)
	}
	return strings.Join(all, " ")
}

// TestARenameDeletesNothing holds that what there was is planned as it was: the
// engine deletes what it does not see, and replaces what has another name or place.
func TestARenameDeletesNothing(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		before := planned(t, sitetest.Load(t, stack, func(s *site.Site) { s.Live.Platform.Schemas = []string{"reports"} }))
		var made []string
		for _, r := range before {
			made = append(made, r.Name)
		}
		after := planned(t, sitetest.Load(t, stack, func(s *site.Site) {
			s.Pipelines.Sources["store"] = s.Pipelines.Sources["shop"]
			delete(s.Pipelines.Sources, "shop")
		}), made...)
		if got, want := names(after), "intermediate landing_shop landing_store marts reports staging"; got != want {
			t.Errorf("%s: got %s, want %s", stack, got, want)
		}
		kept := map[string]plan.Resource{}
		for _, r := range after {
			kept[r.Name] = r
		}
		for _, r := range before {
			now := kept[r.Name]
			for _, key := range []string{"name", "locationUri"} {
				if now.Inputs[key] != r.Inputs[key] {
					t.Errorf("%s: %s: %s was %v, and is %v", stack, r.Name, key, r.Inputs[key], now.Inputs[key])
				}
			}
			if now.URN != r.URN || now.Protect != (stack == "prod") || now.Retain != (stack == "prod") {
				t.Errorf("%s: %s: %s, protected %v, retained %v", stack, r.Name, now.URN, now.Protect, now.Retain)
			}
		}
		if again := planned(t, sitetest.Load(t, stack, nil)); names(again) != "intermediate landing_shop marts staging" {
			t.Errorf("%s: without what was made: %s", stack, names(again))
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		change func(*site.Site)
		made   []string
		want   string
	}{
		{func(s *site.Site) { s.Live.Platform.Schemas = []string{"reports", "landing_x"} }, nil, "live/dev/platform.yaml: schemas[1]: found landing_x"},
		{nil, []string{"landing-shop"}, "schemas landing-shop and landing_shop would have the same Glue database, floe_dev_landing_shop"},
	} {
		s := sitetest.Load(t, "dev", tc.change)
		_, err := sitetest.Try(s, func(ctx *pulumi.Context) error {
			_, err := New(ctx, s, Args{Storage: buckets(s), Made: tc.made})
			return err
		})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("got %v\nwant %s", err, tc.want)
		}
	}
	s := sitetest.Load(t, "dev", nil)
	if _, err := sitetest.Try(s, func(ctx *pulumi.Context) error { _, err := New(ctx, s, Args{}); return err }); err == nil {
		t.Error("a catalog without buckets was made")
	}
}

// TestNamespaces: where tables lie in a table bucket, a schema is a namespace of
// it, and Glue has no database.
func TestNamespaces(t *testing.T) {
	for stack, keep := range map[string]bool{"dev": false, "prod": true} {
		s := sitetest.Load(t, stack, func(s *site.Site) { s.Live.Platform.Tables = environment.S3Tables })
		var c *Catalog
		found := 0
		for _, r := range sitetest.Plan(t, s, func(ctx *pulumi.Context) error {
			st, err := storage.New(ctx, s, storage.Args{})
			if err != nil {
				return err
			}
			c, err = New(ctx, s, Args{Storage: st})
			return err
		}) {
			switch r.Type {
			case "aws:glue/catalogDatabase:CatalogDatabase":
				t.Errorf("%s: database %s", stack, r.Name)
			case "aws:s3tables/namespace:Namespace":
				found++
				if want := environment.PhysicalSchema("floe", stack, r.Name); r.Inputs["namespace"] != want || r.Protect != keep || r.Retain != keep {
					t.Errorf("%s: %v, protected %v, retained %v", stack, r.Inputs, r.Protect, r.Retain)
				}
			}
		}
		if found != len(Schemas(s)) || len(c.Namespaces) != found || len(c.Schemas) != found || len(c.Ready) != found {
			t.Errorf("%s: %d namespaces of %v", stack, found, c.Schemas)
		}
	}
}
