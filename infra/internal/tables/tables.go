package tables

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/environment"
)

// Bucket is where tables' files are.
type Bucket struct {
	Name string
	Key  pulumi.StringInput // the ARN of the key that encrypts them
}

// Schemas are schemas of one bucket.
type Schemas struct {
	// Label begins the statements' ids: Landing.
	Label  string
	Bucket Bucket
	// Names are logical: landing_chess, marts.
	Names []string
}

// Use is what a program does with tables, itself or through Athena.
type Use struct {
	catalog []string // actions on databases and tables
	files   []string // actions on the tables' files
	bucket  []string // actions on the bucket
	key     []string // actions on its key

	// In an S3 table bucket, which Athena is not let into: actions on namespaces,
	// which are made by nobody but the program, and on tables.
	namespaces, tables []string
}

var (
	// Load reads one's own tables, makes them and commits to them.
	Load = Use{
		catalog: []string{"glue:CreateTable", "glue:GetDatabase", "glue:GetTable", "glue:UpdateTable"},
		files:   []string{"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
		key:     []string{"kms:Decrypt", "kms:GenerateDataKey"},

		namespaces: []string{"s3tables:CreateTable", "s3tables:GetNamespace"},
		tables:     slices.Concat(readTables, writeTables, maintained),
	}
	// Keep finds tables, rewrites what they consist of, and makes none.
	Keep = Use{
		catalog: []string{"glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:UpdateTable"},
		files:   Load.files, key: Load.key,

		namespaces: []string{"s3tables:GetNamespace", "s3tables:ListTables"},
		tables:     slices.Concat(readTables, writeTables),
	}
	// Query reads tables through Athena, which asks for partitions of any table.
	Query = Use{
		catalog: describe, files: []string{"s3:GetObject"}, bucket: []string{"s3:GetBucketLocation"}, key: []string{"kms:Decrypt"},
	}
	// Build is Query, and makes, changes and removes tables.
	Build = Use{
		catalog: slices.Concat(describe, []string{"glue:CreateTable", "glue:DeleteTable", "glue:UpdateTable"}),
		files:   []string{"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"},
		bucket:  Query.bucket, key: Load.key,
	}
)

// describe is how one learns what Glue knows of tables.
var describe = []string{
	"glue:GetDatabase", "glue:GetTable", "glue:GetTables",
	"glue:BatchGetPartition", "glue:GetPartition", "glue:GetPartitions",
}

// Allow allows a use of the schemas' tables; without names it allows nothing.
func Allow(s *site.Site, use Use, of Schemas) []grant.Statement {
	if len(of.Names) == 0 {
		return nil
	}
	if InTableBucket(s) {
		return allowS3Tables(s, use, of)
	}
	names := Named(s, of.Names)
	var inGlue, prefixes, objects []string
	for _, name := range names {
		database := pattern(s, name)
		inGlue = append(inGlue, s.ARN("glue", "database/"+database), s.ARN("glue", "table/"+database+"/*"))
		prefixes = append(prefixes, name+"/*")
		objects = append(objects, s.BucketARN(of.Bucket.Name, "/"+name+"/*"))
	}
	all := []grant.Statement{
		{Sid: of.Label + "Catalog", Actions: use.catalog, Resources: grant.On(append([]string{s.ARN("glue", "catalog")}, inGlue...)...)},
		// IfExists: where a file is missing S3 says so to who may list, and asks that without a prefix.
		{Sid: of.Label + "List", Actions: []string{"s3:ListBucket"}, Resources: grant.On(s.BucketARN(of.Bucket.Name, "")),
			When: map[string]map[string][]string{"StringLikeIfExists": {"s3:prefix": prefixes}}},
		{Sid: of.Label + "Files", Actions: use.files, Resources: grant.On(objects...)},
		Key(s, of.Label+"Key", of.Bucket.Key, use.key, "s3"),
	}
	if len(use.bucket) > 0 {
		all = append(all, grant.Statement{Sid: of.Label + "Bucket", Actions: use.bucket, Resources: grant.On(s.BucketARN(of.Bucket.Name, ""))})
	}
	return all
}

// List allows to find the stack's databases among the account's. Glue lists all
// or none, and what it tells of the others is their names.
func List(s *site.Site) grant.Statement {
	if InTableBucket(s) {
		return grant.Statement{Sid: "Namespaces", Actions: []string{"s3tables:ListNamespaces"}, Resources: grant.On(BucketARN(s))}
	}
	return grant.Statement{Sid: "Databases", Actions: []string{"glue:GetDatabases"}, Resources: grant.On(s.ARN("glue", "catalog"), s.ARN("glue", "database/*"))}
}

// Describe allows to learn of the schemas' tables what Glue knows, as Athena
// does for who asks, and nothing of their files.
func Describe(s *site.Site, sid string, names []string) grant.Statement {
	return inCatalog(s, sid, names, describe)
}

// Find allows to find the schemas' tables.
func Find(s *site.Site, sid string, names []string) grant.Statement {
	return inCatalog(s, sid, names, []string{"glue:GetTable", "glue:GetTables"})
}

func inCatalog(s *site.Site, sid string, names, actions []string) grant.Statement {
	on := []string{s.ARN("glue", "catalog")}
	for _, name := range Named(s, names) {
		database := pattern(s, name)
		on = append(on, s.ARN("glue", "database/"+database), s.ARN("glue", "table/"+database+"/*"))
	}
	return grant.Statement{Sid: sid, Actions: actions, Resources: grant.On(on...)}
}

// Key allows to use a key through services, and not by hand.
func Key(s *site.Site, sid string, key pulumi.StringInput, actions []string, services ...string) grant.Statement {
	var via []string
	for _, name := range services {
		via = append(via, name+"."+s.Region+".amazonaws.com")
	}
	return grant.Statement{
		Sid: sid, Actions: actions, Resources: []pulumi.StringInput{key},
		When: map[string]map[string][]string{"StringEquals": {"kms:ViaService": via}},
	}
}

// Split parts schemas by the bucket that they are in: the sources' and the models'.
func Split(schemas []string) (landings, others []string) {
	for _, name := range slices.Sorted(slices.Values(schemas)) {
		if strings.HasPrefix(name, landing) {
			landings = append(landings, name)
		} else {
			others = append(others, name)
		}
	}
	return landings, others
}

// most is how many schemas a role's policies can name one by one: IAM takes
// 10,240 characters of a role, and each schema is three resources of about 80.
const most = 12

// landing begins the schema of a source.
const landing = "landing_"

// Named gives the names as a policy says them: one by one, or where there are
// too many, the landing schemas by one pattern. A database whose name was cut
// so far that the pattern misses it is named all the same.
func Named(s *site.Site, names []string) []string {
	names = slices.Sorted(slices.Values(names))
	if len(names) <= most {
		return names
	}
	begins := strings.TrimSuffix(pattern(s, landing+"*"), "*")
	others := slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		return strings.HasPrefix(n, landing) && strings.HasPrefix(pattern(s, n), begins)
	})
	if len(others) == len(names) {
		return names
	}
	return append(others, landing+"*")
}

// pattern is the name of a schema's database, or of the databases of a pattern.
func pattern(s *site.Site, name string) string {
	plain, isPattern := strings.CutSuffix(name, "*")
	database := environment.PhysicalSchema(s.Project, s.Stack, plain)
	if isPattern {
		database += "*"
	}
	return database
}
