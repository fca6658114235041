package storage

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/runtime/environment"
)

func inTableBucket(s *site.Site) { s.Live.Platform.Tables = environment.S3Tables }

// TestTableBucket: it takes the lakehouse bucket's place, encrypted by the
// lakehouse's key, closed to plain HTTP, and kept where the stack may not be
// deleted.
func TestTableBucket(t *testing.T) {
	for stack, keep := range map[string]bool{"dev": false, "prod": true} {
		s := sitetest.Load(t, stack, inTableBucket)
		var st *Storage
		resources := sitetest.Plan(t, s, func(ctx *pulumi.Context) (err error) {
			st, err = New(ctx, s, Args{})
			return err
		})
		bucket, ok := each(resources, "aws:s3tables/tableBucket:TableBucket")["tables"]
		if !ok || bucket.Protect != keep || bucket.Retain != keep {
			t.Fatalf("%s: table bucket %v, protected %v, retained %v", stack, ok, bucket.Protect, bucket.Retain)
		}
		encryption, _ := bucket.Inputs["encryptionConfiguration"].(map[string]any)
		if encryption["sseAlgorithm"] != "aws:kms" || encryption["kmsKeyArn"] == nil {
			t.Errorf("%s: encrypted by %v", stack, encryption)
		}
		removal, _ := json.Marshal(bucket.Inputs["maintenanceConfiguration"])
		if want := `{"icebergUnreferencedFileRemoval":{"settings":{"nonCurrentDays":7,"unreferencedDays":7},"status":"enabled"}}`; string(removal) != want {
			t.Errorf("%s: maintenance %s", stack, removal)
		}
		policy, _ := each(resources, "aws:s3tables/tableBucketPolicy:TableBucketPolicy")["tables"].Inputs["resourcePolicy"].(string)
		if !strings.Contains(policy, `"Effect":"Deny"`) || !strings.Contains(policy, "aws:SecureTransport") || strings.Contains(policy, "Allow") {
			t.Errorf("%s: policy %s", stack, policy)
		}
		if _, there := each(resources, "aws:s3/bucketV2:BucketV2")["lakehouse"]; there {
			t.Errorf("%s: there is a lakehouse bucket, too", stack)
		}
		if st.Lakehouse.Key != st.Results.Key || st.Landing.TablesKey() != st.Lakehouse.Key || st.Landing.Key == st.Lakehouse.Key || len(st.Lakehouse.Ready) != 2 {
			t.Errorf("%s: keys %v, %v, %v", stack, st.Landing.Key, st.Landing.TablesKey(), st.Lakehouse.Key)
		}
		key, _ := each(resources, "aws:kms/key:Key")["lakehouse"].Inputs["policy"].(string)
		for _, want := range []string{"maintenance.s3tables.amazonaws.com", "s3tables." + s.Region + ".amazonaws.com"} {
			if !strings.Contains(key, want) {
				t.Errorf("%s: the key's policy has no %s", stack, want)
			}
		}
	}
}
