package demand

import (
	"encoding/json"
	"strings"

	"github.com/floe-data/floe/infra/internal/rights"
	"github.com/floe-data/floe/infra/plan"
)

// service is what a service does in the name of a role because a resource is there.
type service struct {
	why  string
	kind string // the resource's type
	role []string
	asks func(*Account, plan.Resource) ([]rights.Request, error)
}

var services = []service{
	{"Lambda writes logs and traces, and reads the environment", "aws:lambda/function:Function", []string{"role"}, (*Account).function},
	{"Lambda tells where failed events go", "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", nil, (*Account).failures},
	{"Fargate pulls the image and writes logs", "aws:ecs/taskDefinition:TaskDefinition", []string{"executionRoleArn"}, (*Account).execution},
	{"Step Functions does what the definition says", "aws:sfn/stateMachine:StateMachine", []string{"roleArn"}, (*Account).machine},
	{"Scheduler starts a workflow", "aws:scheduler/schedule:Schedule", []string{"target", "roleArn"}, (*Account).schedule},
	{"EventBridge starts a workflow", "aws:cloudwatch/eventTarget:EventTarget", []string{"roleArn"}, func(_ *Account, r plan.Resource) ([]rights.Request, error) {
		return on(text(r, "arn"), "states:StartExecution"), nil
	}},
	{"Lake Formation reads and writes tables for whom it grants it", locationType, []string{"roleArn"}, (*Account).location},
	{"CloudTrail writes a log group", "aws:cloudtrail/trail:Trail", []string{"cloudWatchLogsRoleArn"}, (*Account).trail},
	{"a network's refusals are written to a log group", "aws:ec2/flowLog:FlowLog", []string{"iamRoleArn"}, (*Account).flow},
	{"S3 copies a bucket", "aws:s3/bucketReplicationConfig:BucketReplicationConfig", []string{"role"}, (*Account).replication},
	{"Athena for Apache Spark runs notebooks", "aws:athena/workgroup:Workgroup", []string{"configuration", "executionRole"}, (*Account).notebooks},
}

// locationType is a bucket that was handed to Lake Formation.
const locationType = "aws:lakeformation/resource:Resource"

// Served is what services do in a role's name, without what follows from it.
func (a *Account) Served(role *Role) ([]rights.Request, error) {
	var all []rights.Request
	for _, s := range services {
		for _, r := range a.of(s.kind) {
			who := text(r, s.role...)
			if s.role == nil { // by way of a function
				who = text(a.byName["aws:lambda/function:Function "+text(r, "functionName")], "role")
			}
			if who != role.ARN {
				continue
			}
			asked, err := s.asks(a, r)
			if err != nil {
				return nil, err
			}
			all = append(all, asked...)
		}
	}
	return all, nil
}

// function is what Lambda does (AWS Lambda, "Execution role", "Securing
// environment variables").
func (a *Account) function(r plan.Resource) ([]rights.Request, error) {
	all := a.logs(text(r, "loggingConfig", "logGroup"))
	if text(r, "tracingConfig", "mode") == "Active" {
		all = append(all, on("*", "xray:PutTraceSegments", "xray:PutTelemetryRecords")...)
	}
	return append(all, a.key(text(r, "kmsKeyArn"), "lambda", nil, "kms:Decrypt")...), nil
}

func (a *Account) failures(r plan.Resource) ([]rights.Request, error) {
	return on(text(r, "destinationConfig", "onFailure", "destination"), "sqs:SendMessage"), nil
}

func (a *Account) logs(group string) []rights.Request {
	return on(a.place("arn:aws:logs:REGION:ACCOUNT:log-group:"+group+":*"), "logs:CreateLogStream", "logs:PutLogEvents")
}

// execution is what starts a task (Amazon ECS, "Task execution IAM role").
func (a *Account) execution(r plan.Resource) ([]rights.Request, error) {
	var containers []struct {
		Image            string
		LogConfiguration struct{ Options map[string]string }
	}
	if err := inner(r, "containerDefinitions", &containers); err != nil {
		return nil, err
	}
	all := on("*", "ecr:GetAuthorizationToken")
	for _, c := range containers {
		_, repository, _ := strings.Cut(c.Image, "/")
		repository, _, _ = strings.Cut(repository, "@")
		all = append(all, on(a.place("arn:aws:ecr:REGION:ACCOUNT:repository/"+repository), "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")...)
		all = append(all, a.logs(c.LogConfiguration.Options["awslogs-group"])...)
	}
	return all, nil
}

// schedule is what Scheduler does (EventBridge Scheduler, "Setting up the
// execution role", "Encryption at rest").
func (a *Account) schedule(r plan.Resource) ([]rights.Request, error) {
	var input struct{ StateMachineArn string }
	target, _ := r.Inputs["target"].(map[string]any)
	body, _ := target["input"].(string)
	if err := json.Unmarshal([]byte(body), &input); err != nil {
		return nil, err
	}
	all := on(input.StateMachineArn, "states:StartExecution")
	all = append(all, on(text(r, "target", "deadLetterConfig", "arn"), "sqs:SendMessage")...)
	return append(all, a.key(text(r, "kmsKeyArn"), "", rights.Context{"kms:encryptioncontext:aws:scheduler:schedule:arn": {r.ARN}}, "kms:Decrypt")...), nil
}

// notebooks are what a session of Spark does (Amazon Athena, "Enable Apache Spark
// to use your data"), which here reads all tables and changes none.
func (a *Account) notebooks(r plan.Resource) ([]rights.Request, error) {
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(text(r, "configuration", "resultConfiguration", "outputLocation"), "s3://"), "/")
	all := on(r.ARN, "athena:CreatePresignedNotebookUrl", "athena:ExportNotebook", "athena:GetCalculationExecution", "athena:GetCalculationExecutionCode",
		"athena:GetCalculationExecutionStatus", "athena:GetSession", "athena:GetSessionStatus", "athena:GetWorkGroup", "athena:ListCalculationExecutions", "athena:ListExecutors",
		"athena:ListSessions", "athena:StartCalculationExecution", "athena:StopCalculationExecution", "athena:TerminateSession", "athena:UpdateNotebook")
	all = append(all, rights.Request{Action: "cloudwatch:PutMetricData", Resource: "*", Context: rights.Context{"cloudwatch:namespace": {"AmazonAthenaForApacheSpark"}}})
	all = append(all, on("arn:aws:s3:::"+bucket, "s3:GetBucketLocation", "s3:ListBucket")...)
	all = append(all, on("arn:aws:s3:::"+bucket+"/"+prefix+"*", "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")...)
	for _, arn := range []string{"catalog", "database/default"} {
		all = append(all, on(a.place("arn:aws:glue:REGION:ACCOUNT:"+arn), "glue:GetDatabase")...)
	}
	for _, arn := range []string{"catalog", "database/*"} {
		all = append(all, on(a.place("arn:aws:glue:REGION:ACCOUNT:"+arn), "glue:GetDatabases")...)
	}
	for _, d := range a.of("aws:glue/catalogDatabase:CatalogDatabase") {
		all = append(all, a.database(d.ID, text(d, "locationUri"), false)...)
		for _, arn := range []string{"catalog", "database/" + d.ID, "table/" + d.ID + "/*"} { // Spark lists tables
			all = append(all, on(a.place("arn:aws:glue:REGION:ACCOUNT:"+arn), "glue:GetTables")...)
		}
	}
	return all, nil
}

// location is what queries do by way of Lake Formation (AWS Lake Formation,
// "Requirements for roles used to register locations"): they read landing
// tables, and read and write those of models.
func (a *Account) location(r plan.Resource) ([]rights.Request, error) {
	bucket := text(r, "arn")
	all := on(bucket, "s3:GetBucketLocation", "s3:ListBucket")
	for _, d := range a.of("aws:glue/catalogDatabase:CatalogDatabase") {
		place, schema, _ := strings.Cut(strings.TrimPrefix(text(d, "locationUri"), "s3://"), "/")
		if "arn:aws:s3:::"+place != bucket {
			continue
		}
		if strings.HasPrefix(schema, landing) {
			return append(all, on(bucket+"/"+landing+"*", "s3:GetObject")...), nil
		}
	}
	return append(all, on(bucket+"/*", "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")...), nil
}

// trail is what CloudTrail does (AWS CloudTrail, "Role policy document for
// CloudTrail to use CloudWatch Logs for monitoring").
func (a *Account) trail(r plan.Resource) ([]rights.Request, error) {
	group := strings.TrimSuffix(text(r, "cloudWatchLogsGroupArn"), ":*")
	return on(a.place(group+":log-stream:ACCOUNT_CloudTrail_REGION*"), "logs:CreateLogStream", "logs:PutLogEvents"), nil
}

// flow is what VPC flow logs do (Amazon VPC, "IAM role for publishing flow logs
// to CloudWatch Logs").
func (a *Account) flow(r plan.Resource) ([]rights.Request, error) {
	group := strings.TrimSuffix(text(r, "logDestination"), ":*")
	all := on(group+":*", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
	return append(all, on(a.place("arn:aws:logs:REGION:ACCOUNT:log-group:*"), "logs:DescribeLogGroups")...), nil
}

// replication is what S3 does (Amazon S3, "Setting up permissions for live
// replication", "Replicating encrypted objects").
func (a *Account) replication(r plan.Resource) ([]rights.Request, error) {
	from := "arn:aws:s3:::" + text(r, "bucket")
	all := on(from, "s3:GetReplicationConfiguration", "s3:ListBucket")
	all = append(all, on(from+"/*", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging")...)
	all = append(all, a.bucketKey(rights.Request{Resource: from + "/*"}, "kms:Decrypt")...)
	rules, _ := r.Inputs["rules"].([]any)
	for _, rule := range rules {
		of, _ := rule.(map[string]any)
		to, _ := of["destination"].(map[string]any)
		bucket, _ := to["bucket"].(string)
		encryption, _ := to["encryptionConfiguration"].(map[string]any)
		key, _ := encryption["replicaKmsKeyId"].(string)
		all = append(all, on(bucket+"/*", "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags")...)
		if parts := strings.Split(key, ":"); len(parts) > 3 { // the key and S3 of the other region
			for _, action := range []string{"kms:Encrypt", "kms:GenerateDataKey"} {
				all = append(all, rights.Request{Action: action, Resource: key, Context: rights.Context{
					"kms:calleraccount": {a.ID}, "kms:viaservice": {"s3." + parts[3] + ".amazonaws.com"}, "kms:encryptioncontext:aws:s3:arn": {bucket},
				}})
			}
		}
	}
	return all, nil
}
