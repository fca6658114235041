package demand

import (
	"strings"

	"github.com/floe-data/floe/infra/internal/rights"
)

// follow is what a service does in the caller's name because of a call.
type follow struct {
	why    string
	action string
	asks   func(*Account, rights.Request) []rights.Request
}

// follows are applied until nothing new is asked for.
var follows = []follow{
	{"S3 decrypts an object of an encrypted bucket", "s3:GetObject", func(a *Account, r rights.Request) []rights.Request {
		return a.bucketKey(r, "kms:Decrypt")
	}},
	{"S3 says that an object is missing to who may list its bucket", "s3:GetObject", func(_ *Account, r rights.Request) []rights.Request {
		bucket, _, _ := strings.Cut(strings.TrimPrefix(r.Resource, "arn:aws:s3:::"), "/")
		return on("arn:aws:s3:::"+bucket, "s3:ListBucket")
	}},
	{"S3 encrypts an object; to join the parts of a large one it also decrypts", "s3:PutObject", func(a *Account, r rights.Request) []rights.Request {
		return a.bucketKey(r, "kms:GenerateDataKey", "kms:Decrypt")
	}},
	{"S3 decrypts a table's file of an encrypted table bucket", "s3tables:GetTableData", func(a *Account, _ rights.Request) []rights.Request {
		return a.tableKey("kms:Decrypt")
	}},
	{"S3 encrypts a table's file, as any", "s3tables:PutTableData", func(a *Account, _ rights.Request) []rights.Request {
		return a.tableKey("kms:GenerateDataKey", "kms:Decrypt")
	}},
	{"Secrets Manager decrypts a secret", "secretsmanager:GetSecretValue", func(a *Account, r rights.Request) []rights.Request {
		for _, secret := range a.of("aws:secretsmanager/secret:Secret") {
			if stable(secret.ARN) == r.Resource {
				return a.key(text(secret, "kmsKeyId"), "secretsmanager", nil, "kms:Decrypt")
			}
		}
		return nil
	}},
	{"SNS encrypts a message", "sns:Publish", func(a *Account, r rights.Request) []rights.Request {
		return a.key(text(a.byARN[r.Resource], "kmsMasterKeyId"), "sns", nil, "kms:Decrypt", "kms:GenerateDataKey")
	}},
	{"SQS encrypts a message", "sqs:SendMessage", func(a *Account, r rights.Request) []rights.Request {
		return a.key(text(a.byARN[r.Resource], "kmsMasterKeyId"), "sqs", nil, "kms:Decrypt", "kms:GenerateDataKey")
	}},
	{"Step Functions reads an encrypted machine and writes an execution's input", "states:StartExecution", func(a *Account, r rights.Request) []rights.Request {
		machine := a.byARN[r.Resource]
		return a.key(text(machine, "encryptionConfiguration", "kmsKeyId"), "", rights.Context{
			"kms:encryptioncontext:aws:states:statemachinearn": {r.Resource}}, "kms:Decrypt", "kms:GenerateDataKey")
	}},
	{"Athena writes a query's results, and reads and writes tables", "athena:StartQueryExecution", (*Account).query},
}

// key asks for a key, through a service or with an encryption context; "" is no key.
func (a *Account) key(key, service string, context rights.Context, actions ...string) []rights.Request {
	if key == "" {
		return nil
	}
	context = with(context, rights.Context{"kms:calleraccount": {a.ID}})
	if service != "" {
		context["kms:viaservice"] = []string{service + "." + a.Region + ".amazonaws.com"}
	}
	var all []rights.Request
	for _, action := range actions {
		all = append(all, rights.Request{Action: action, Resource: key, Context: context})
	}
	return all
}

// bucketKey asks for the key of an object's bucket. With a bucket key the
// encryption context is the bucket's ARN.
func (a *Account) bucketKey(r rights.Request, actions ...string) []rights.Request {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(r.Resource, "arn:aws:s3:::"), "/")
	for _, e := range a.of("aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2") {
		if text(e, "bucket") != bucket {
			continue
		}
		rules, _ := e.Inputs["rules"].([]any)
		for _, rule := range rules {
			r, _ := rule.(map[string]any)
			by, _ := r["applyServerSideEncryptionByDefault"].(map[string]any)
			key, _ := by["kmsMasterKeyId"].(string)
			return a.key(key, "s3", rights.Context{"kms:encryptioncontext:aws:s3:arn": {"arn:aws:s3:::" + bucket}}, actions...)
		}
	}
	return nil
}

// query is what Athena does with the rights of who asks (Amazon Athena, "Access
// to workgroups", "Fine-grained access to databases and tables", "Actions for
// Amazon S3"): results, the catalog and the tables' files.
func (a *Account) query(r rights.Request) []rights.Request {
	group := a.byARN[r.Resource]
	location := text(group, "configuration", "resultConfiguration", "outputLocation")
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(location, "s3://"), "/")
	if bucket == "" {
		return nil
	}
	all := on("arn:aws:s3:::"+bucket, "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
	all = append(all, on("arn:aws:s3:::"+bucket+"/"+prefix+"*", "s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")...)
	all = append(all, on(a.place("arn:aws:glue:REGION:ACCOUNT:catalog"), "glue:GetDatabase")...)
	all = append(all, on(a.place("arn:aws:glue:REGION:ACCOUNT:database/default"), "glue:GetDatabase")...)
	if len(a.of(locationType)) > 0 { // tables are read through Lake Formation
		all = append(all, on("*", "lakeformation:GetDataAccess")...)
	}
	for _, d := range a.of("aws:glue/catalogDatabase:CatalogDatabase") {
		location := text(d, "locationUri")
		all = append(all, a.database(d.ID, location, !isLanding(location))...)
	}
	return all
}

// isLanding says whether a database of that location is a source's, which
// queries only read.
func isLanding(location string) bool {
	_, schema, _ := strings.Cut(strings.TrimPrefix(location, "s3://"), "/")
	return strings.HasPrefix(schema, landing)
}

// database is what queries do with the tables of a database.
func (a *Account) database(name, location string, write bool) []rights.Request {
	catalog := []string{"glue:GetDatabase", "glue:GetTable", "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"}
	files := []string{"s3:GetObject"}
	bucket, schema, _ := strings.Cut(strings.TrimPrefix(location, "s3://"), "/")
	if write {
		catalog = append(catalog, "glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable")
		files = append(files, "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
	}
	var all []rights.Request
	for _, arn := range []string{"catalog", "database/" + name, "table/" + name + "/*"} {
		all = append(all, on(a.place("arn:aws:glue:REGION:ACCOUNT:"+arn), catalog...)...)
	}
	all = append(all, on("arn:aws:s3:::"+bucket, "s3:GetBucketLocation")...)
	all = append(all, rights.Request{Action: "s3:ListBucket", Resource: "arn:aws:s3:::" + bucket, Context: rights.Context{"s3:prefix": {schema + "/*"}}})
	return append(all, on("arn:aws:s3:::"+bucket+"/"+schema+"/*", files...)...)
}

// landing begins the schema of a source.
const landing = "landing_"

func on(resource string, actions ...string) []rights.Request {
	var all []rights.Request
	for _, action := range actions {
		all = append(all, rights.Request{Action: action, Resource: resource})
	}
	return all
}

// Closed are the requests and all that follows from them, each once.
func (a *Account) Closed(requests []rights.Request) []rights.Request {
	var all []rights.Request
	seen := map[string]bool{}
	for next := requests; len(next) > 0; {
		var more []rights.Request
		for _, r := range next {
			if seen[r.String()] {
				continue
			}
			seen[r.String()] = true
			all = append(all, r)
			for _, f := range follows {
				if f.action == r.Action {
					more = append(more, f.asks(a, r)...)
				}
			}
		}
		next = more
	}
	return all
}
