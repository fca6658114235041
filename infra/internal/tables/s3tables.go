package tables

import (
	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/environment"
)

// BucketName is the name of the stack's S3 table bucket; it is unique in the
// account and region.
func BucketName(s *site.Site) string { return s.Name(site.TableBucket, "tables") }

// BucketARN is its ARN, known at preview.
func BucketARN(s *site.Site) string { return s.ARN("s3tables", "bucket/"+BucketName(s)) }

// InTableBucket says that the stack's tables lie in an S3 table bucket.
func InTableBucket(s *site.Site) bool {
	return s.Live != nil && s.Live.Platform.Tables == environment.S3Tables
}

// allowS3Tables is Allow for tables in the table bucket. A namespace is named as
// a database would be. The tables' files are asked for through S3 Tables, too:
// s3:GetObject on them needs s3tables:GetTableData, and s3:PutObject
// s3tables:PutTableData.
func allowS3Tables(s *site.Site, use Use, of Schemas) []grant.Statement {
	var namespaces []string
	for _, name := range Named(s, of.Names) {
		namespaces = append(namespaces, pattern(s, name))
	}
	ours := map[string]map[string][]string{"StringLike": {"s3tables:namespace": namespaces}}
	return []grant.Statement{
		{Sid: of.Label + "Namespaces", Actions: use.namespaces, Resources: grant.On(BucketARN(s)), When: ours},
		{Sid: of.Label + "Tables", Actions: use.tables, Resources: grant.On(BucketARN(s) + "/table/*"), When: ours},
		Key(s, of.Label+"Key", of.Bucket.Key, use.key, "s3", "s3tables"),
	}
}

var (
	readTables  = []string{"s3tables:GetTable", "s3tables:GetTableData", "s3tables:GetTableMetadataLocation"}
	writeTables = []string{"s3tables:PutTableData", "s3tables:UpdateTableMetadataLocation"}
	// maintained is what who makes a table does to turn S3's own maintenance off.
	maintained = []string{"s3tables:PutTableMaintenanceConfiguration"}
)
