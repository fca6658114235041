package lakehouse

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3tables"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
)

// S3TablesOptions say which stack's lake to open in which S3 table bucket. A
// schema is the namespace environment.PhysicalSchema(Project, Stack, schema),
// which infra makes.
type S3TablesOptions struct {
	Bucket  string // its ARN
	Project string
	Stack   string
	Config  aws.Config // region, credentials, endpoint and retryer of S3 Tables and S3
}

// Deployed says which lake is a deployed stack's: Glue's, or where tables is
// environment.S3Tables, the one in the table bucket of the ARN.
func Deployed(stack GlueOptions, tables, bucket string) (Options, error) {
	switch tables {
	case "", environment.Glue:
		return Options{Glue: &stack}, nil
	case environment.S3Tables:
		return Options{S3Tables: &S3TablesOptions{Bucket: bucket, Project: stack.Project, Stack: stack.Stack, Config: stack.Config}}, nil
	}
	return Options{}, fault.New(fault.Usage, fmt.Errorf("open a deployed lake: its tables are in %q; floe knows %s and %s", tables, environment.Glue, environment.S3Tables), "deploy the stack again")
}

var tableBucketARN = regexp.MustCompile(`^arn:aws[-a-z0-9]*:s3tables:[-a-z0-9]+:[0-9]{12}:bucket/[a-z0-9_-]{3,63}$`)

// openS3Tables opens a deployed stack's lake. It calls nothing yet.
func openS3Tables(o Options) (*Lake, error) {
	s := *o.S3Tables
	if s.Project == "" || s.Stack == "" {
		return nil, fault.New(fault.Usage, fmt.Errorf("open a deployed lake: project %q and stack %q must both be set", s.Project, s.Stack), "")
	}
	if !tableBucketARN.MatchString(s.Bucket) {
		return nil, fault.New(fault.Usage, fmt.Errorf("open a deployed lake: %q is no ARN of a table bucket, arn:aws:s3tables:<region>:<account>:bucket/<name>", s.Bucket), "")
	}
	if s.Config.Region == "" {
		return nil, fault.New(fault.Usage, errors.New("open a deployed lake: no AWS region is set"), "set AWS_REGION, or a region in the AWS profile")
	}
	files, err := newS3Files(s.Config)
	if err != nil {
		return nil, err
	}
	files.managed = true
	o.LockTimeout = max(o.LockTimeout, glueWait)
	c := &s3TablesCatalog{client: s3tables.NewFromConfig(s.Config), bucket: s.Bucket, project: s.Project, stack: s.Stack}
	return newLake(o, c, files, ""), nil
}
