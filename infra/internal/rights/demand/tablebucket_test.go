package demand

import (
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/rights"
	"github.com/floe-data/floe/infra/plan"
)

// TestInTableBucket: calls on Glue's tables become those on a table bucket's, in
// the namespace that is called as the database is; other calls stay, and so do
// all where there is no table bucket.
func TestInTableBucket(t *testing.T) {
	const bucket = "arn:aws:s3tables:" + here + "bucket/floe-dev-tables"
	database := plan.Resource{Type: "aws:glue/catalogDatabase:CatalogDatabase", ID: "floe_dev_landing_a", Inputs: map[string]any{"locationUri": "s3://b/landing_a"}}
	tables := plan.Resource{Type: tableBucketType, ID: "floe-dev-tables", ARN: bucket, Inputs: map[string]any{"encryptionConfiguration": map[string]any{"kmsKeyArn": "key"}}}
	inGlue, err := Read([]plan.Resource{database}, "123456789012", "eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	there, err := Read([]plan.Resource{tables}, "123456789012", "eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	const in = " s3tables:namespace=floe_dev_landing_a"
	for _, c := range []struct {
		action, resource string
		want             []string
	}{
		{"glue:GetTables", "arn:aws:glue:" + here + "table/floe_dev_landing_a/*", []string{"s3tables:ListTables " + bucket + in}},
		{"glue:UpdateTable", "arn:aws:glue:" + here + "table/floe_dev_landing_a/t", []string{"s3tables:GetTableMetadataLocation " + bucket + "/table/*" + in, "s3tables:UpdateTableMetadataLocation " + bucket + "/table/*" + in}},
		{"glue:GetTable", "arn:aws:glue:" + here + "catalog", nil},
		{"glue:GetDatabases", "arn:aws:glue:" + here + "catalog", []string{"s3tables:ListNamespaces " + bucket}},
		{"s3:GetObject", "arn:aws:s3:::b/landing_a/*", []string{"s3tables:GetTableData " + bucket + "/table/*" + in}},
		{"s3:DeleteObject", "arn:aws:s3:::b/landing_a/*", nil},
		{"sqs:SendMessage", "arn:aws:sqs:" + here + "q", []string{"sqs:SendMessage arn:aws:sqs:" + here + "q"}},
	} {
		asked := []rights.Request{{Action: c.action, Resource: c.resource}}
		var got []string
		for _, r := range there.InTableBucket(asked, inGlue) {
			got = append(got, r.String())
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s on %s becomes\n  %s\nwant\n  %s", c.action, c.resource, strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
		}
		if same := inGlue.InTableBucket(asked, inGlue); len(same) != 1 || same[0].String() != asked[0].String() {
			t.Errorf("without a table bucket %s becomes %v", c.action, same)
		}
	}
	keys := there.Closed([]rights.Request{{Action: "s3tables:PutTableData", Resource: bucket + "/table/*"}})
	if len(keys) != 3 || keys[1].Resource != "key" || keys[1].Context["kms:encryptioncontext:aws:s3:arn"][0] != bucket+"/table/*" {
		t.Errorf("a table's file asks for %v", keys)
	}
}
