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

var (
	readCatalog = []string{
		"glue:GetDatabase", "glue:GetTable", "glue:GetTables",
		// Athena asks for partitions of any table that it reads.
		"glue:BatchGetPartition", "glue:GetPartition", "glue:GetPartitions",
	}
	writeCatalog = []string{"glue:CreateTable", "glue:DeleteTable", "glue:UpdateTable"}
	readFiles    = []string{"s3:GetObject"}
	writeFiles   = []string{"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"}
)

// Read allows to read the schemas' tables; without names it allows nothing.
func Read(s *site.Site, of Schemas) []grant.Statement {
	return statements(s, of, readCatalog, readFiles, []string{"kms:Decrypt"})
}

// Write allows to read them, to make, change and remove them; without names it
// allows nothing.
func Write(s *site.Site, of Schemas) []grant.Statement {
	return statements(s, of, slices.Concat(readCatalog, writeCatalog), slices.Concat(readFiles, writeFiles), []string{"kms:Decrypt", "kms:GenerateDataKey"})
}

func statements(s *site.Site, of Schemas, catalog, files, key []string) []grant.Statement {
	if len(of.Names) == 0 {
		return nil
	}
	names := Named(s, of.Names)
	var inGlue, prefixes, objects []string
	for _, name := range names {
		database := pattern(s, name)
		inGlue = append(inGlue, s.ARN("glue", "database/"+database), s.ARN("glue", "table/"+database+"/*"))
		prefixes = append(prefixes, name+"/*")
		objects = append(objects, s.BucketARN(of.Bucket.Name, "/"+name+"/*"))
	}
	return []grant.Statement{
		{Sid: of.Label + "Catalog", Actions: catalog, Resources: grant.On(append([]string{s.ARN("glue", "catalog")}, inGlue...)...)},
		{Sid: of.Label + "Bucket", Actions: []string{"s3:GetBucketLocation"}, Resources: grant.On(s.BucketARN(of.Bucket.Name, ""))},
		// IfExists: where a file is missing S3 says so to who may list, and asks that without a prefix.
		{Sid: of.Label + "List", Actions: []string{"s3:ListBucket"}, Resources: grant.On(s.BucketARN(of.Bucket.Name, "")),
			When: map[string]map[string][]string{"StringLikeIfExists": {"s3:prefix": prefixes}}},
		{Sid: of.Label + "Files", Actions: files, Resources: grant.On(objects...)},
		Key(s, of.Label+"Key", of.Bucket.Key, key, "s3"),
	}
}

// List allows to find the stack's databases among the account's. Glue lists all
// or none, and what it tells of the others is their names.
func List(s *site.Site) grant.Statement {
	return grant.Statement{Sid: "Databases", Actions: []string{"glue:GetDatabases"}, Resources: grant.On(s.ARN("glue", "catalog"), s.ARN("glue", "database/*"))}
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
