//go:build cloud

package emulated

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/athena"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/costexplorer"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lakeformation"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sfn"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// identity calls every data source that needs no resource.
func (p *parts) identity() {
	id := made(aws.GetCallerIdentity(p.ctx, &aws.GetCallerIdentityArgs{}))
	partition := made(aws.GetPartition(p.ctx, &aws.GetPartitionArgs{}))
	region := made(aws.GetRegion(p.ctx, &aws.GetRegionArgs{}))
	zones := made(aws.GetAvailabilityZones(p.ctx, &aws.GetAvailabilityZonesArgs{}))
	p.ctx.Export("account", str(id.AccountId))
	p.ctx.Export("partition", str(partition.Partition))
	p.ctx.Export("region", str(region.Name))
	p.ctx.Export("zones", pulumi.ToStringArray(zones.Names))
	yes := true
	net := made(ec2.LookupVpc(p.ctx, &ec2.LookupVpcArgs{Default: &yes}))
	made(ec2.GetSubnets(p.ctx, &ec2.GetSubnetsArgs{Filters: []ec2.GetSubnetsFilter{{Name: "vpc-id", Values: []string{net.Id}}}}))
}

func (p *parts) catalog() {
	made(glue.NewCatalogDatabase(p.ctx, "schema", &glue.CatalogDatabaseArgs{Name: str("floe_marts"), Description: str("marts"),
		LocationUri: pulumi.Sprintf("s3://%s/marts", p.lake.Bucket), Parameters: pulumi.StringMap{"floe.stack": str("dev")}}))
	made(athena.NewWorkgroup(p.ctx, "queries", &athena.WorkgroupArgs{Name: str("floe"), ForceDestroy: pulumi.Bool(true),
		Configuration: athena.WorkgroupConfigurationArgs{EnforceWorkgroupConfiguration: pulumi.Bool(true), PublishCloudwatchMetricsEnabled: pulumi.Bool(true),
			BytesScannedCutoffPerQuery: pulumi.Int(1 << 30),
			EngineVersion:              athena.WorkgroupConfigurationEngineVersionArgs{SelectedEngineVersion: str("Athena engine version 3")},
			ResultConfiguration: athena.WorkgroupConfigurationResultConfigurationArgs{OutputLocation: pulumi.Sprintf("s3://%s/athena/", p.lake.Bucket),
				EncryptionConfiguration: athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs{EncryptionOption: str("SSE_KMS"), KmsKeyArn: p.key.Arn}}}}))
}

func (p *parts) secrets() {
	s := made(secretsmanager.NewSecret(p.ctx, "token", &secretsmanager.SecretArgs{RecoveryWindowInDays: pulumi.Int(0), KmsKeyId: p.key.Arn}))
	made(secretsmanager.NewSecretPolicy(p.ctx, "token", &secretsmanager.SecretPolicyArgs{SecretArn: s.Arn, Policy: p.roles["lambda"].Arn.ApplyT(func(arn string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + arn + `"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`
	}).(pulumi.StringOutput)}))
	made(secretsmanager.NewSecretVersion(p.ctx, "token", &secretsmanager.SecretVersionArgs{SecretId: s.ID(), SecretString: pulumi.ToSecret(str("hunter2")).(pulumi.StringOutput)}))
}

func (p *parts) messages() {
	topic := made(sns.NewTopic(p.ctx, "alarms", &sns.TopicArgs{KmsMasterKeyId: p.key.KeyId}))
	made(sns.NewTopicPolicy(p.ctx, "alarms", &sns.TopicPolicyArgs{Arn: topic.Arn,
		Policy: pulumi.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"%s"}]}`, topic.Arn)}))
	made(sns.NewTopicSubscription(p.ctx, "alarms", &sns.TopicSubscriptionArgs{Topic: topic.Arn, Protocol: str("email"), Endpoint: str("a@example.com")}))
	rule := made(cloudwatch.NewEventRule(p.ctx, "failed", &cloudwatch.EventRuleArgs{EventPattern: str(`{"source":["aws.states"],"detail-type":["Step Functions Execution Status Change"]}`)}))
	made(cloudwatch.NewEventTarget(p.ctx, "failed", &cloudwatch.EventTargetArgs{Rule: rule.Name, Arn: topic.Arn,
		InputTransformer: cloudwatch.EventTargetInputTransformerArgs{InputPaths: pulumi.StringMap{"name": str("$.detail.name")}, InputTemplate: str(`"<name> failed"`)},
		RetryPolicy:      cloudwatch.EventTargetRetryPolicyArgs{MaximumEventAgeInSeconds: pulumi.Int(3600), MaximumRetryAttempts: pulumi.Int(2)}}))
	failed := made(cloudwatch.NewMetricAlarm(p.ctx, "failed", &cloudwatch.MetricAlarmArgs{ComparisonOperator: str("GreaterThanThreshold"), EvaluationPeriods: pulumi.Int(1),
		MetricName: str("ExecutionsFailed"), Namespace: str("AWS/States"), Period: pulumi.Int(300), Statistic: str("Sum"), Threshold: pulumi.Float64(0),
		AlarmActions: pulumi.Array{topic.Arn}, TreatMissingData: str("notBreaching"), Dimensions: pulumi.StringMap{"Name": str("x")}}))
	made(cloudwatch.NewCompositeAlarm(p.ctx, "any", &cloudwatch.CompositeAlarmArgs{AlarmName: str("floe-any"), AlarmRule: pulumi.Sprintf(`ALARM("%s")`, failed.Name), AlarmActions: pulumi.StringArray{topic.Arn}}))
	made(cloudwatch.NewLogMetricFilter(p.ctx, "age", &cloudwatch.LogMetricFilterArgs{Name: str("age"), LogGroupName: p.logs.Name, Pattern: str("{ $.age = * }"),
		MetricTransformation: cloudwatch.LogMetricFilterMetricTransformationArgs{Namespace: str("floe"), Name: str("Age"), Value: str("$.age"), Unit: str("None")}}))
	made(cloudwatch.NewLogDataProtectionPolicy(p.ctx, "masked", &cloudwatch.LogDataProtectionPolicyArgs{LogGroupName: p.logs.Name, PolicyDocument: str(`{"Name":"floe","Version":"2021-06-01","Statement":[` +
		`{"Sid":"Count","DataIdentifier":["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],"Operation":{"Audit":{"FindingsDestination":{}}}},` +
		`{"Sid":"Hide","DataIdentifier":["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],"Operation":{"Deidentify":{"MaskConfig":{}}}}]}`)}))
}

func (p *parts) compute() {
	repo := made(ecr.NewRepository(p.ctx, "images", &ecr.RepositoryArgs{Name: str("floe/ingest"), ImageTagMutability: str("IMMUTABLE"), ForceDelete: pulumi.Bool(true),
		ImageScanningConfiguration: ecr.RepositoryImageScanningConfigurationArgs{ScanOnPush: pulumi.Bool(true)},
		EncryptionConfigurations:   ecr.RepositoryEncryptionConfigurationArray{ecr.RepositoryEncryptionConfigurationArgs{EncryptionType: str("KMS"), KmsKey: p.key.Arn}}}))
	made(ecr.NewLifecyclePolicy(p.ctx, "images", &ecr.LifecyclePolicyArgs{Repository: repo.Name,
		Policy: str(`{"rules":[{"rulePriority":1,"description":"x","selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}]}`)}))
	made(ecr.NewRepositoryPolicy(p.ctx, "images", &ecr.RepositoryPolicyArgs{Repository: repo.Name,
		Policy: str(`{"Version":"2012-10-17","Statement":[{"Sid":"lambda","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}`)}))
	image := p.e.Image(repo.RepositoryUrl)
	dead := made(sqs.NewQueue(p.ctx, "dead", &sqs.QueueArgs{MessageRetentionSeconds: pulumi.Int(1209600), KmsMasterKeyId: p.key.KeyId, KmsDataKeyReusePeriodSeconds: pulumi.Int(3600)}))
	made(sqs.NewQueuePolicy(p.ctx, "dead", &sqs.QueuePolicyArgs{QueueUrl: dead.Url,
		Policy: pulumi.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"%s"}]}`, dead.Arn)}))
	f := p.function(image, dead)
	task := p.tasks(image)
	machine := made(sfn.NewStateMachine(p.ctx, "workflow", &sfn.StateMachineArgs{RoleArn: p.roles["states"].Arn,
		LoggingConfiguration:    sfn.StateMachineLoggingConfigurationArgs{Level: str("ERROR"), IncludeExecutionData: pulumi.Bool(false), LogDestination: pulumi.Sprintf("%s:*", p.logs.Arn)},
		EncryptionConfiguration: sfn.StateMachineEncryptionConfigurationArgs{Type: str("CUSTOMER_MANAGED_KMS_KEY"), KmsKeyId: p.key.Arn, KmsDataKeyReusePeriodSeconds: pulumi.Int(900)},
		TracingConfiguration:    sfn.StateMachineTracingConfigurationArgs{Enabled: pulumi.Bool(true)},
		Definition:              pulumi.Sprintf(`{"StartAt":"Load","States":{"Load":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"%s","Payload":{"task":"%s"}},"End":true}}}`, f.Arn, task.Arn)}))
	group := made(scheduler.NewScheduleGroup(p.ctx, "workflows", &scheduler.ScheduleGroupArgs{}))
	made(scheduler.NewSchedule(p.ctx, "daily", &scheduler.ScheduleArgs{GroupName: group.Name, ScheduleExpression: str("cron(0 5 * * ? *)"), State: str("DISABLED"),
		ScheduleExpressionTimezone: str("Europe/Berlin"), KmsKeyArn: p.key.Arn, FlexibleTimeWindow: scheduler.ScheduleFlexibleTimeWindowArgs{Mode: str("OFF")},
		Target: scheduler.ScheduleTargetArgs{Arn: machine.Arn, RoleArn: p.roles["scheduler"].Arn, Input: str(`{}`),
			DeadLetterConfig: scheduler.ScheduleTargetDeadLetterConfigArgs{Arn: dead.Arn},
			RetryPolicy:      scheduler.ScheduleTargetRetryPolicyArgs{MaximumRetryAttempts: pulumi.Int(0), MaximumEventAgeInSeconds: pulumi.Int(3600)}}}))
}

func (p *parts) function(image pulumi.StringOutput, dead *sqs.Queue) *lambda.Function {
	logs := made(cloudwatch.NewLogGroup(p.ctx, "function", &cloudwatch.LogGroupArgs{Name: str("/aws/lambda/floe-ingest"), RetentionInDays: pulumi.Int(30)}))
	f := made(lambda.NewFunction(p.ctx, "ingest", &lambda.FunctionArgs{Name: str("floe-ingest"), PackageType: str("Image"), ImageUri: image, Role: p.roles["lambda"].Arn,
		MemorySize: pulumi.Int(p.e.Memory), Timeout: pulumi.Int(20), Architectures: pulumi.StringArray{str("x86_64")}, ReservedConcurrentExecutions: pulumi.Int(1),
		KmsKeyArn: p.key.Arn, TracingConfig: lambda.FunctionTracingConfigArgs{Mode: str("Active")},
		EphemeralStorage: lambda.FunctionEphemeralStorageArgs{Size: pulumi.Int(1024)},
		LoggingConfig:    lambda.FunctionLoggingConfigArgs{LogFormat: str("JSON"), LogGroup: logs.Name, ApplicationLogLevel: str("INFO"), SystemLogLevel: str("WARN")},
		DeadLetterConfig: lambda.FunctionDeadLetterConfigArgs{TargetArn: dead.Arn},
		VpcConfig:        lambda.FunctionVpcConfigArgs{SubnetIds: p.subnets, SecurityGroupIds: pulumi.StringArray{p.security.ID()}},
		Environment:      lambda.FunctionEnvironmentArgs{Variables: pulumi.StringMap{"FLOE_STACK": str("dev")}}}))
	made(lambda.NewFunctionEventInvokeConfig(p.ctx, "ingest", &lambda.FunctionEventInvokeConfigArgs{FunctionName: f.Name, MaximumRetryAttempts: pulumi.Int(0),
		MaximumEventAgeInSeconds: pulumi.Int(3600), DestinationConfig: lambda.FunctionEventInvokeConfigDestinationConfigArgs{
			OnFailure: lambda.FunctionEventInvokeConfigDestinationConfigOnFailureArgs{Destination: dead.Arn}}}))
	made(lambda.NewFunctionRecursionConfig(p.ctx, "ingest", &lambda.FunctionRecursionConfigArgs{FunctionName: f.Name, RecursiveLoop: str("Terminate")}))
	made(lambda.NewPermission(p.ctx, "ingest", &lambda.PermissionArgs{Action: str("lambda:InvokeFunction"), Function: f.Name, Principal: str("events.amazonaws.com"),
		SourceAccount: str("123456789012")}))
	call := made(lambda.NewInvocation(p.ctx, "evolve", &lambda.InvocationArgs{FunctionName: f.Name, Input: str(`{"say":"hello"}`), Triggers: pulumi.StringMap{"schema": str("1")}}))
	p.ctx.Export("answer", call.Result)
	return f
}

func (p *parts) tasks(image pulumi.StringOutput) *ecs.TaskDefinition {
	cluster := made(ecs.NewCluster(p.ctx, "tasks", &ecs.ClusterArgs{
		Settings: ecs.ClusterSettingArray{ecs.ClusterSettingArgs{Name: str("containerInsights"), Value: str("enabled")}},
		Configuration: ecs.ClusterConfigurationArgs{ManagedStorageConfiguration: ecs.ClusterConfigurationManagedStorageConfigurationArgs{
			FargateEphemeralStorageKmsKeyId: p.key.KeyId}}}))
	made(ecs.NewClusterCapacityProviders(p.ctx, "tasks", &ecs.ClusterCapacityProvidersArgs{ClusterName: cluster.Name, CapacityProviders: pulumi.StringArray{str("FARGATE"), str("FARGATE_SPOT")},
		DefaultCapacityProviderStrategies: ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArray{
			ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs{CapacityProvider: str("FARGATE"), Weight: pulumi.Int(1)}}}))
	return made(ecs.NewTaskDefinition(p.ctx, "ingest", &ecs.TaskDefinitionArgs{Family: str("floe-ingest"), Cpu: str("256"), Memory: str("512"), NetworkMode: str("awsvpc"),
		RequiresCompatibilities: pulumi.StringArray{str("FARGATE")}, ExecutionRoleArn: p.roles["ecs-tasks"].Arn, TaskRoleArn: p.roles["ecs-tasks"].Arn,
		RuntimePlatform:  ecs.TaskDefinitionRuntimePlatformArgs{CpuArchitecture: str("X86_64"), OperatingSystemFamily: str("LINUX")},
		EphemeralStorage: ecs.TaskDefinitionEphemeralStorageArgs{SizeInGib: pulumi.Int(30)},
		ContainerDefinitions: pulumi.Sprintf(`[{"name":"main","image":"%s","essential":true,"readonlyRootFilesystem":true,"stopTimeout":120,"environment":[{"name":"FLOE_STACK","value":"dev"}],`+
			`"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"%s","awslogs-region":"eu-central-1","awslogs-stream-prefix":"t"}}}]`, image, p.logs.Name)}))
}

func (p *parts) lakeFormation() {
	settings := made(lakeformation.NewDataLakeSettings(p.ctx, "settings", &lakeformation.DataLakeSettingsArgs{Admins: pulumi.StringArray{p.roles["lambda"].Arn}}))
	after := pulumi.DependsOn([]pulumi.Resource{settings})
	tag := made(lakeformation.NewLfTag(p.ctx, "layer", &lakeformation.LfTagArgs{Key: str("layer"), Values: pulumi.StringArray{str("raw"), str("marts")}}, after))
	made(lakeformation.NewResource(p.ctx, "lake", &lakeformation.ResourceArgs{Arn: p.lake.Arn, RoleArn: p.roles["lambda"].Arn, HybridAccessEnabled: pulumi.Bool(true)}, after))
	database := made(glue.NewCatalogDatabase(p.ctx, "governed", &glue.CatalogDatabaseArgs{Name: str("floe_governed")}))
	made(lakeformation.NewPermissions(p.ctx, "schema", &lakeformation.PermissionsArgs{Principal: p.roles["ecs-tasks"].Arn, Permissions: pulumi.StringArray{str("CREATE_TABLE"), str("DESCRIBE")},
		Database: lakeformation.PermissionsDatabaseArgs{Name: database.Name}}, after))
	made(lakeformation.NewResourceLfTag(p.ctx, "governed", &lakeformation.ResourceLfTagArgs{Database: lakeformation.ResourceLfTagDatabaseArgs{Name: database.Name},
		LfTag: lakeformation.ResourceLfTagLfTagArgs{Key: tag.Key, Value: str("marts")}}, after))
	all := pulumi.ToStringArray([]string{"ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"})
	made(lakeformation.NewPermissions(p.ctx, "tables", &lakeformation.PermissionsArgs{Principal: p.roles["ecs-tasks"].Arn, Permissions: all, PermissionsWithGrantOptions: all,
		Table: lakeformation.PermissionsTableArgs{DatabaseName: database.Name, Wildcard: pulumi.Bool(true)}}, after))
	made(lakeformation.NewPermissions(p.ctx, "tag", &lakeformation.PermissionsArgs{Principal: p.roles["ecs-tasks"].Arn, Permissions: pulumi.StringArray{str("ASSOCIATE"), str("DESCRIBE")},
		LfTag: lakeformation.PermissionsLfTagArgs{Key: tag.Key, Values: pulumi.StringArray{str("*")}}}, after))
	made(lakeformation.NewPermissions(p.ctx, "tagged", &lakeformation.PermissionsArgs{Principal: p.roles["ecs-tasks"].Arn, Permissions: pulumi.StringArray{str("SELECT"), str("DESCRIBE")},
		LfTagPolicy: lakeformation.PermissionsLfTagPolicyArgs{ResourceType: str("TABLE"), Expressions: lakeformation.PermissionsLfTagPolicyExpressionArray{
			lakeformation.PermissionsLfTagPolicyExpressionArgs{Key: tag.Key, Values: pulumi.StringArray{str("marts")}}}}}, after))
	made(lakeformation.NewPermissions(p.ctx, "location", &lakeformation.PermissionsArgs{Principal: p.roles["ecs-tasks"].Arn, Permissions: pulumi.StringArray{str("DATA_LOCATION_ACCESS")},
		DataLocation: lakeformation.PermissionsDataLocationArgs{Arn: p.lake.Arn}}, after))
}

func (p *parts) money() {
	made(budgets.NewBudget(p.ctx, "month", &budgets.BudgetArgs{BudgetType: str("COST"), LimitAmount: str("100"), LimitUnit: str("USD"), TimeUnit: str("MONTHLY"),
		CostFilters: budgets.BudgetCostFilterArray{budgets.BudgetCostFilterArgs{Name: str("TagKeyValue"), Values: pulumi.StringArray{str("user:project$floe")}}},
		Notifications: budgets.BudgetNotificationArray{budgets.BudgetNotificationArgs{ComparisonOperator: str("GREATER_THAN"), Threshold: pulumi.Float64(80), ThresholdType: str("PERCENTAGE"),
			NotificationType: str("FORECASTED"), SubscriberEmailAddresses: pulumi.StringArray{str("a@example.com")}}}}))
	unusual := made(costexplorer.NewAnomalyMonitor(p.ctx, "unusual", &costexplorer.AnomalyMonitorArgs{Name: str("floe"), MonitorType: str("CUSTOM"),
		MonitorSpecification: str(`{"And":null,"CostCategories":null,"Dimensions":null,"Not":null,"Or":null,"Tags":{"Key":"floe:stack","MatchOptions":null,"Values":["dev"]}}`)}))
	made(costexplorer.NewAnomalySubscription(p.ctx, "unusual", &costexplorer.AnomalySubscriptionArgs{Name: str("floe"), Frequency: str("DAILY"), MonitorArnLists: pulumi.StringArray{unusual.Arn},
		Subscribers: costexplorer.AnomalySubscriptionSubscriberArray{costexplorer.AnomalySubscriptionSubscriberArgs{Type: str("EMAIL"), Address: str("a@example.com")}},
		ThresholdExpression: costexplorer.AnomalySubscriptionThresholdExpressionArgs{Dimension: costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs{
			Key: str("ANOMALY_TOTAL_IMPACT_ABSOLUTE"), MatchOptions: pulumi.StringArray{str("GREATER_THAN_OR_EQUAL")}, Values: pulumi.StringArray{str("10")}}}}))
}
