package tables

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/naming"
)

// TestUsesOfATableBucket: each use reads and writes, and only who loads makes tables;
// nothing is asked of Glue, and nothing of S3's buckets.
func TestUsesOfATableBucket(t *testing.T) {
	s := &site.Site{Project: "floe", Stack: "dev", Account: "123456789012", Region: "eu-central-1", Live: &live.Stack{Platform: live.Platform{Tables: environment.S3Tables}}}
	of := Schemas{Label: "Landing", Bucket: Bucket{Name: "b", Key: pulumi.String("k")}, Names: []string{"landing_a", "marts"}}
	for name, tc := range map[string]struct {
		use   Use
		makes bool
	}{"load": {Load, true}, "keep": {Keep, false}} {
		var actions []string
		for _, statement := range Allow(s, tc.use, of) {
			actions = append(actions, statement.Actions...)
			for _, r := range statement.Resources {
				if arn := string(r.(pulumi.String)); strings.Contains(arn, ":s3:::") || arn == "*" {
					t.Errorf("%s: %s on %s", name, statement.Sid, arn)
				}
			}
			namespaces := statement.When["StringLike"]["s3tables:namespace"]
			if strings.HasPrefix(statement.Actions[0], "s3tables:") && !slices.Equal(namespaces, []string{"floe_dev_landing_a", "floe_dev_marts"}) {
				t.Errorf("%s: %s is limited to %v", name, statement.Sid, namespaces)
			}
		}
		for action, want := range map[string]bool{
			"s3tables:GetTableData": true, "s3tables:GetTableMetadataLocation": true, "s3tables:PutTableData": true,
			"s3tables:UpdateTableMetadataLocation": true, "kms:GenerateDataKey": true, "s3tables:CreateTable": tc.makes, "glue:GetTable": false, "s3tables:CreateNamespace": false,
		} {
			if slices.Contains(actions, action) != want {
				t.Errorf("%s: %s allowed: %v", name, action, !want)
			}
		}
	}
	if got := List(s); !slices.Equal(got.Actions, []string{"s3tables:ListNamespaces"}) {
		t.Errorf("list: %v", got.Actions)
	}
	if Allow(s, Load, Schemas{Label: "None"}) != nil {
		t.Error("without schemas something is allowed")
	}
}

// TestTableBucketOfTheRuntime: floe --stack finds the bucket by the same name.
func TestTableBucketOfTheRuntime(t *testing.T) {
	s := &site.Site{Project: "floe", Stack: "dev", Account: "123456789012", Region: "eu-central-1"}
	place := naming.Place{Project: s.Project, Stack: s.Stack, Account: s.Account, Region: s.Region}
	if got := place.TableBucketARN(); got != BucketARN(s) {
		t.Errorf("floe looks for %s, infra makes %s", got, BucketARN(s))
	}
}
