package transformation

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/athena"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/governance"
	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/runner"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
)

// engine is Athena's Spark: 3.5, with Iceberg.
const engine = "PySpark engine version 3"

// spark makes the workgroup for notebooks, where live/ asks for it.
//
// A session of Spark reads tables' files itself, in the name of the workgroup's
// role: Athena for Apache Spark does not ask Lake Formation for single columns
// or rows. So the role reads whole tables, and who may start a session in this
// workgroup sees what it sees; that is why it is off unless asked for.
//
// The provider cannot set the key of notebooks' text (a workgroup's
// CustomerContentEncryptionConfiguration), which AWS's own key encrypts then;
// what they compute is encrypted by the results' key. How long an idle session
// lasts is said when it is started: 20 minutes by default.
func (t *Transformation) spark(ctx *pulumi.Context, s *site.Site, args Args) error {
	if !s.Live.Platform.Athena.Spark {
		return nil
	}
	t.Spark = Workgroup{Name: s.Name(site.Workgroup, "spark"), Prefix: "spark/"}
	t.Spark.ARN = s.ARN("athena", "workgroup/"+t.Spark.Name)
	results, parent := args.Storage.Results, pulumi.Parent(t)
	role, err := grant.NewRole(ctx, s, "spark", grant.RoleArgs{
		Parts: []string{"spark"}, Service: "athena", Source: t.Spark.ARN,
		Description: fmt.Sprintf("%s %s: notebooks of Athena for Apache Spark", s.Project, s.Stack), Statements: t.sparkStatements(s, args),
	}, parent)
	if err != nil {
		return err
	}
	session := runner.Runner{RoleARN: s.GlobalARN("iam", "role/"+role.Name), Ready: []pulumi.Resource{role.Role, role.Policy}}
	session, err = args.Governance.Grant(ctx, "spark", session, []governance.Right{args.Governance.All(false)}, parent)
	if err != nil {
		return err
	}
	made, err := athena.NewWorkgroup(ctx, "spark", &athena.WorkgroupArgs{
		Name: pulumi.String(t.Spark.Name), Description: pulumi.Sprintf("%s %s: notebooks of Spark", s.Project, s.Stack),
		ForceDestroy: pulumi.Bool(s.Live.Platform.Deletable()), State: pulumi.String("ENABLED"),
		Configuration: athena.WorkgroupConfigurationArgs{
			EnforceWorkgroupConfiguration:   pulumi.Bool(true),
			PublishCloudwatchMetricsEnabled: pulumi.Bool(true),
			EngineVersion:                   athena.WorkgroupConfigurationEngineVersionArgs{SelectedEngineVersion: pulumi.String(engine)},
			ExecutionRole:                   role.Arn,
			ResultConfiguration: athena.WorkgroupConfigurationResultConfigurationArgs{
				OutputLocation: pulumi.String("s3://" + results.Name + "/" + t.Spark.Prefix),
				EncryptionConfiguration: athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs{
					EncryptionOption: pulumi.String("SSE_KMS"), KmsKeyArn: results.Key.Arn,
				},
			},
		},
	}, parent, pulumi.DependsOn(slices.Concat(results.Ready, session.Ready)))
	if err != nil {
		return fmt.Errorf("workgroup %s: %w", t.Spark.Name, err)
	}
	t.Spark.Ready = []pulumi.Resource{made}
	return nil
}

// sparkStatements are what a session needs (Amazon Athena, "Enable Apache Spark
// to use your data"), and to read all tables and change none. Its logs stay with
// its results; to CloudWatch it writes none, because Athena's log group there
// would be the account's, of no key and for ever.
func (t *Transformation) sparkStatements(s *site.Site, args Args) []grant.Statement {
	results := s.BucketARN(args.Storage.Results.Name, "")
	landing, lakehouse := tables.Split(args.Catalog.Schemas)
	measures := map[string]map[string][]string{"StringEquals": {"cloudwatch:namespace": {"AmazonAthenaForApacheSpark"}}}
	out := []grant.Statement{
		{Sid: "Sessions", Resources: grant.On(t.Spark.ARN), Actions: []string{
			"athena:CreatePresignedNotebookUrl", "athena:ExportNotebook", "athena:GetCalculationExecution", "athena:GetCalculationExecutionCode",
			"athena:GetCalculationExecutionStatus", "athena:GetSession", "athena:GetSessionStatus", "athena:GetWorkGroup", "athena:ListCalculationExecutions",
			"athena:ListExecutors", "athena:ListSessions", "athena:StartCalculationExecution", "athena:StopCalculationExecution", "athena:TerminateSession",
			"athena:UpdateNotebook",
		}},
		{Sid: "Measures", Actions: []string{"cloudwatch:PutMetricData"}, Resources: grant.On("*"), When: measures},
		{Sid: "ResultsBucket", Actions: []string{"s3:GetBucketLocation", "s3:ListBucket"}, Resources: grant.On(results)},
		{Sid: "Results", Resources: grant.On(results + "/" + t.Spark.Prefix + "*"), Actions: []string{
			"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject",
		}},
		tables.Key(s, "ResultsKey", args.Storage.Results.Key.Arn, []string{"kms:Decrypt", "kms:GenerateDataKey"}, "s3"),
		// Spark looks for a database of this name whatever is asked.
		{Sid: "DefaultDatabase", Actions: []string{"glue:GetDatabase"}, Resources: grant.On(s.ARN("glue", "catalog"), s.ARN("glue", "database/default"))},
		tables.List(s),
	}
	out = append(out, tables.Allow(s, tables.Query, tables.Schemas{Label: "Lakehouse", Bucket: bucket(args.Storage.Lakehouse), Names: lakehouse})...)
	return append(out, tables.Allow(s, tables.Query, tables.Schemas{Label: "Landing", Bucket: bucket(args.Storage.Landing), Names: landing})...)
}
