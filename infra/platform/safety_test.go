package platform

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/plan"
)

// asked is a project whose stack's platform.yaml says more.
func asked(t *testing.T, stack, more string) string {
	t.Helper()
	root := testProject(t)
	file := filepath.Join(root, "live", stack, "platform.yaml")
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(have, []byte("\n"+more)...), 0o600); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(more, "tables: s3tables") { // where no workflow may transform
		pipelines := filepath.Join(root, "live", stack, "pipelines.yaml")
		if err := os.WriteFile(pipelines, []byte("version: 1\nworkflows: []\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func has(found []plan.Resource, token, name string) bool {
	return slices.ContainsFunc(found, func(r plan.Resource) bool { return r.Type == token && r.Name == name })
}

// TestOptions: each is there where it is asked for, and nowhere else.
func TestOptions(t *testing.T) {
	for _, tc := range []struct{ name, ask, token, resource string }{
		{"replica", "replica: {region: eu-north-1}\n", "aws:s3/bucketReplicationConfig:BucketReplicationConfig", "landing"},
		{"backup", "backup: {databases: [\"arn:aws:rds:eu-central-1:123456789012:db:shop\"]}\n", "aws:backup/plan:Plan", "databases"},
		{"audit", "audit: trail\n", "aws:cloudtrail/trail:Trail", "audit"},
		{"spark", "athena: {spark: true}\n", "aws:athena/workgroup:Workgroup", "spark"},
		{"access logs", "storage: {access_logs: true}\n", "aws:s3/bucketLoggingV2:BucketLoggingV2", "landing"},
		{"tables", "tables: s3tables\n", "aws:s3tables/tableBucket:TableBucket", "tables"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if has(resources(t, testProject(t), "dev"), tc.token, tc.resource) {
				t.Errorf("%s %s is planned, though nobody asked", tc.token, tc.resource)
			}
			if !has(resources(t, asked(t, "dev", tc.ask), "dev"), tc.token, tc.resource) {
				t.Errorf("no %s %s is planned", tc.token, tc.resource)
			}
		})
	}
}

// TestWhoTells: in production either the trail or the access logs tell who read what.
func TestWhoTells(t *testing.T) {
	for ask, trail := range map[string]bool{"": true, "audit: none\n": false} {
		found := resources(t, asked(t, "prod", ask), "prod")
		if got := has(found, "aws:cloudtrail/trail:Trail", "audit"); got != trail {
			t.Errorf("%q: a trail %v", ask, got)
		}
		if got := has(found, "aws:s3/bucketLoggingV2:BucketLoggingV2", "lakehouse"); got == trail {
			t.Errorf("%q: access logs %v", ask, got)
		}
	}
}

// TestUploadsExpire holds that what live/ says of the buckets reaches them.
func TestUploadsExpire(t *testing.T) {
	for _, r := range resources(t, asked(t, "dev", "storage: {uploads_days: 90}\n"), "dev") {
		if r.Name != "landing" || !strings.Contains(r.Type, "Lifecycle") {
			continue
		}
		for _, rule := range r.Inputs["rules"].([]any) {
			if rule.(map[string]any)["id"] == "uploads" {
				return
			}
		}
	}
	t.Error("uploads never expire")
}

// TestInATableBucket: nothing is left of Glue's databases, and each program is
// told where the tables are and may work on them.
func TestInATableBucket(t *testing.T) {
	const bucket = "arn:aws:s3tables:eu-central-1:123456789012:bucket/floe-dev-tables"
	found := resources(t, asked(t, "dev", "tables: s3tables\n"), "dev")
	told := 0
	for _, r := range found {
		switch {
		case strings.HasPrefix(r.Type, "aws:lakeformation/"), r.Type == "aws:glue/catalogDatabase:CatalogDatabase", r.Type == "aws:s3/bucketV2:BucketV2" && r.Name == "lakehouse":
			t.Errorf("%s %s is planned", r.Type, r.Name)
		case r.Type == "aws:lambda/function:Function":
			told++
			variables := r.Inputs["environment"].(map[string]any)["variables"].(map[string]any)
			if variables["FLOE_TABLES"] != "s3tables" || variables["FLOE_TABLE_BUCKET"] != bucket {
				t.Errorf("%s: %v", r.Name, variables)
			}
		case r.Type == "aws:iam/rolePolicy:RolePolicy" && (r.Name == "evolve" || r.Name == "maintain"):
			policy := r.Inputs["policy"].(string)
			if !strings.Contains(policy, "s3tables:UpdateTableMetadataLocation") || !strings.Contains(policy, bucket+"/table/*") || strings.Contains(policy, "glue:") || strings.Contains(policy, `"s3:`) {
				t.Errorf("%s may %s", r.Name, policy)
			}
		}
	}
	if told < 3 {
		t.Errorf("%d functions", told)
	}
	if !has(found, "aws:s3tables/namespace:Namespace", "marts") || !has(found, "aws:s3tables/namespace:Namespace", "landing_shop") {
		t.Error("a namespace is missing")
	}
}

// TestWhatDoesNotGo is refused with the file and what would be right.
func TestWhatDoesNotGo(t *testing.T) {
	for _, tc := range []struct{ stack, ask, want string }{
		{"prod", "tables: s3tables\n", "live/prod/access.yaml: grants: found grants, but platform.yaml says tables: s3tables"},
		{"dev", "tables: s3tables\nreplica: {region: eu-north-1}\n", "live/dev/platform.yaml: replica: found a replica, but"},
		{"dev", "tables: s3tables\nathena: {spark: true}\n", "live/dev/platform.yaml: athena.spark: found true, but"},
		{"dev", "objectives: {rto: 1h, rpo: 5m}\nreplica: {region: eu-north-1}\n", "live/dev/platform.yaml: objectives.rpo: found 5m, but S3 promises"},
	} {
		_, err := Resources(asked(t, tc.stack, tc.ask), tc.stack)
		if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "nothing was planned") {
			t.Errorf("%s, %q: got %v, want %s", tc.stack, tc.ask, err, tc.want)
		}
	}
}
