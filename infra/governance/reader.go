package governance

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/infra/storage"
)

// ReaderArgs are where readers ask. All are required.
type ReaderArgs struct {
	Governance *Governance
	// Workgroup is the ARN of the workgroup for people's questions, Results where
	// its answers are put, Prefix below which.
	Workgroup string
	Results   *storage.Bucket
	Prefix    string
}

// NewReader makes the IAM policy that a reader needs: to ask questions, and to
// be given what Lake Formation grants. It holds no right to a table's files, so
// by itself it reads nothing.
func NewReader(ctx *pulumi.Context, s *site.Site, args ReaderArgs, opts ...pulumi.ResourceOption) (*iam.Policy, error) {
	results := s.BucketARN(args.Results.Name, "")
	schemas := slices.Collect(maps.Keys(args.Governance.catalog.Databases))
	made, err := iam.NewPolicy(ctx, "reader", &iam.PolicyArgs{
		Name:        pulumi.String(s.Name(site.Policy, "reader")),
		Description: pulumi.String(fmt.Sprintf("%s %s: asks questions, and reads what live/%s/access.yaml grants", s.Project, s.Stack, s.Stack)),
		Policy: grant.Document(
			grant.Statement{Sid: "Queries", Resources: grant.On(args.Workgroup), Actions: []string{
				"athena:BatchGetQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:GetWorkGroup",
				"athena:ListQueryExecutions", "athena:StartQueryExecution", "athena:StopQueryExecution",
			}},
			grant.Statement{Sid: "Data", Actions: []string{"lakeformation:GetDataAccess"}, Resources: grant.On("*")},
			tables.Describe(s, "Catalog", schemas),
			// Athena looks for a database of this name whatever is asked.
			grant.Statement{Sid: "DefaultDatabase", Actions: []string{"glue:GetDatabase"}, Resources: grant.On(s.ARN("glue", "catalog"), s.ARN("glue", "database/default"))},
			tables.List(s),
			grant.Statement{Sid: "ResultsBucket", Actions: []string{"s3:GetBucketLocation"}, Resources: grant.On(results)},
			// What AWS names for who asks Athena (AmazonAthenaFullAccess). IfExists: that a bucket or a file is there is asked without a prefix.
			grant.Statement{Sid: "ListResults", Actions: []string{"s3:ListBucket", "s3:ListBucketMultipartUploads"}, Resources: grant.On(results),
				When: map[string]map[string][]string{"StringLikeIfExists": {"s3:prefix": {args.Prefix + "*"}}}},
			grant.Statement{Sid: "Results", Resources: grant.On(results + "/" + args.Prefix + "*"), Actions: []string{
				"s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject",
			}},
			tables.Key(s, "ResultsKey", args.Results.Key.Arn, []string{"kms:Decrypt", "kms:GenerateDataKey"}, "s3"),
		),
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("the readers' policy: %w", err)
	}
	return made, nil
}
