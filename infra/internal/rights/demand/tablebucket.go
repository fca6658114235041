package demand

import (
	"strings"

	"github.com/floe-data/floe/infra/internal/rights"
)

// tableBucketType is a table bucket.
const tableBucketType = "aws:s3tables/tableBucket:TableBucket"

// instead are the calls that a program makes where its tables lie in a table
// bucket, by what it calls where they are Glue's (runtime/lakehouse, s3tables*.go
// beside glue*.go), and by what it asks of the files. To S3 a table's file is the
// table's data (Amazon S3, "Access management for S3 Tables"); nobody but S3
// Tables lists or deletes files.
var instead = map[string]struct{ bucket, table []string }{
	"glue:GetDatabases": {bucket: []string{"s3tables:ListNamespaces"}},
	"glue:GetDatabase":  {bucket: []string{"s3tables:GetNamespace"}},
	"glue:GetTables":    {bucket: []string{"s3tables:ListTables"}},
	// Of a table that is not there the next question is whether its namespace is.
	"glue:GetTable": {bucket: []string{"s3tables:GetNamespace"}, table: []string{"s3tables:GetTableMetadataLocation"}},
	// A table is made without metadata, its maintenance is turned off, and then it is committed to.
	"glue:CreateTable": {bucket: []string{"s3tables:CreateTable"}, table: []string{"s3tables:GetTableMetadataLocation", "s3tables:PutTableMaintenanceConfiguration", "s3tables:UpdateTableMetadataLocation"}},
	"glue:UpdateTable": {table: []string{"s3tables:GetTableMetadataLocation", "s3tables:UpdateTableMetadataLocation"}},
	"glue:DeleteTable": {table: []string{"s3tables:DeleteTable", "s3tables:GetTableMetadataLocation"}},
	"s3:GetObject":     {table: []string{"s3tables:GetTableData"}},
	"s3:PutObject":     {table: []string{"s3tables:PutTableData"}},
	"s3:DeleteObject":  {},
	"s3:ListBucket":    {},
}

// InTableBucket are calls on tables of Glue, made as those on a table bucket's
// where the stack has one. recorded are of account from, whose tables are Glue's.
func (a *Account) InTableBucket(recorded []rights.Request, from *Account) []rights.Request {
	buckets := a.of(tableBucketType)
	if len(buckets) == 0 {
		return recorded
	}
	var out []rights.Request
	for _, r := range recorded {
		to, ok := instead[r.Action]
		if !ok {
			out = append(out, r)
			continue
		}
		in := rights.Context{}
		if r.Action != "glue:GetDatabases" {
			namespace := from.databaseOf(r)
			if namespace == "" {
				continue // Glue asks for the whole catalog, too
			}
			in["s3tables:namespace"] = []string{namespace}
		}
		for resource, actions := range map[string][]string{buckets[0].ARN: to.bucket, buckets[0].ARN + "/table/*": to.table} {
			for _, n := range on(resource, actions...) {
				n.Context = in
				out = append(out, n)
			}
		}
	}
	return out
}

// databaseOf is the database that a request is about, "" if it is none's.
func (a *Account) databaseOf(r rights.Request) string {
	for _, d := range a.of("aws:glue/catalogDatabase:CatalogDatabase") {
		files := "arn:aws:s3:::" + strings.TrimPrefix(text(d, "locationUri"), "s3://") + "/"
		if strings.HasSuffix(r.Resource, ":database/"+d.ID) || strings.Contains(r.Resource, ":table/"+d.ID+"/") || strings.HasPrefix(r.Resource, files) {
			return d.ID
		}
	}
	return ""
}

// tableKey asks for the key of the table bucket, whose tables are the encryption
// context (Amazon S3, "Permission requirements for S3 Tables SSE-KMS encryption").
func (a *Account) tableKey(actions ...string) []rights.Request {
	var all []rights.Request
	for _, b := range a.of(tableBucketType) {
		all = append(all, a.key(text(b, "encryptionConfiguration", "kmsKeyArn"), "s3", rights.Context{"kms:encryptioncontext:aws:s3:arn": {b.ARN + "/table/*"}}, actions...)...)
	}
	return all
}
