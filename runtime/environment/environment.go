// Package environment names what programs agree on without meeting: the
// environment variables that infra sets and the binaries read, and the
// physical names of schemas.
package environment

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// The environment variables of floe's programs. A program in an image finds
// its project (Pulumi.yaml and runtime/pipelines) in its working folder.
const (
	Home      = "FLOE_HOME"             // the laptop's home: catalog and files
	Project   = "FLOE_PROJECT"          // the project's name, first part of every name in AWS
	Stack     = "FLOE_STACK"            // the stack; unset on the laptop
	Source    = "FLOE_SOURCE"           // the one source that a program loads
	Vars      = "FLOE_VARS"             // JSON object: the values that the stack gives the source's vars
	SecretARN = "FLOE_SECRET_ARN"       // the source's secret in Secrets Manager; unset where its auth needs none
	Workgroup = "FLOE_ATHENA_WORKGROUP" // where the models' queries run
	Grants    = "FLOE_GRANTS"           // the id of the specification of grants that holds now

	Tables      = "FLOE_TABLES"       // what catalogues the tables: glue, which is the default, or s3tables
	TableBucket = "FLOE_TABLE_BUCKET" // with s3tables, the table bucket's ARN; a namespace in it is named as a database would be
)

// The values of Tables, and of platform.yaml's key of the name: tables in the
// stack's own buckets, or in an S3 table bucket.
const (
	Glue     = "glue"
	S3Tables = "s3tables"
)

// The parameters of a Glue database that is ours. A name alone does not tell
// stack dev's schema x_marts from stack dev-x's schema marts.
const (
	ParameterProject = "floe.project"
	ParameterStack   = "floe.stack"
	ParameterSchema  = "floe.schema"
)

// ParameterClassified is the parameter of a model's table in Glue, and its
// property in Iceberg, that tells how sensitive its columns were held to be when
// the table was built (a note of package governance): its content is of that.
const ParameterClassified = "floe.classified"

// The tags by which programs find what infra makes.
const (
	TagProject = "floe:project"
	TagStack   = "floe:stack"
	TagSource  = "floe:source" // of a source's secret: the source's name
)

// How a program tells a secret's age: a line of its log has the two keys, and
// infra makes the metric of it.
const (
	LogSecret       = "secret" // its name
	LogSecretAge    = "secret_age_days"
	MetricSpace     = "floe"
	MetricSecretAge = "SecretAgeDays"
	MetricSecret    = "Secret" // the dimension: the secret's name
)

// StopSeconds is the longest that Fargate waits between telling a task to end
// and ending it: time to stop queries and to commit.
const StopSeconds = 120

// LocalSecret is the environment variable that holds a source's secret on the
// laptop: FLOE_SECRET_CHESS.
func LocalSecret(source string) string {
	return "FLOE_SECRET_" + strings.ToUpper(strings.Map(plain, strings.ToLower(source)))
}

// maxDatabase is the longest name that a Glue database may have.
const maxDatabase = 255

// PhysicalSchema is the schema's name in the stack's catalog. On the laptop
// (stack "") it is the logical one; in Glue the database is
// <project>_<stack>_<schema>, lower case, every character that Athena would
// make one quote an underscore. A name that is too long ends in a hash of itself.
func PhysicalSchema(project, stack, schema string) string {
	if stack == "" {
		return schema
	}
	name := strings.Map(plain, strings.ToLower(project+"_"+stack+"_"+schema))
	if len(name) <= maxDatabase {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	hash := hex.EncodeToString(sum[:6])
	return name[:maxDatabase-len(hash)-1] + "_" + hash
}

func plain(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
		return r
	}
	return '_'
}
