package emulated

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/athena"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/costexplorer"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lakeformation"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3tables"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sfn"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"

	"github.com/floe-data/floe/infra/internal/emulated/bridge"
)

// Resources ties each Pulumi token to the Terraform type behind it and to the
// SDK's struct, which gives the names and shapes of its properties. A type that
// a program newly uses needs one line here.
var Resources = []bridge.Type{
	{Token: "aws:ec2/vpc:Vpc", Terraform: "aws_vpc", Go: ec2.Vpc{}},
	{Token: "aws:ec2/subnet:Subnet", Terraform: "aws_subnet", Go: ec2.Subnet{}},
	{Token: "aws:ec2/internetGateway:InternetGateway", Terraform: "aws_internet_gateway", Go: ec2.InternetGateway{}},
	{Token: "aws:ec2/routeTable:RouteTable", Terraform: "aws_route_table", Go: ec2.RouteTable{}},
	{Token: "aws:ec2/route:Route", Terraform: "aws_route", Go: ec2.Route{}},
	{Token: "aws:ec2/routeTableAssociation:RouteTableAssociation", Terraform: "aws_route_table_association", Go: ec2.RouteTableAssociation{}},
	{Token: "aws:ec2/vpcEndpoint:VpcEndpoint", Terraform: "aws_vpc_endpoint", Go: ec2.VpcEndpoint{}},
	{Token: "aws:ec2/securityGroup:SecurityGroup", Terraform: "aws_security_group", Go: ec2.SecurityGroup{}},
	{Token: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", Terraform: "aws_default_security_group", Go: ec2.DefaultSecurityGroup{}},
	{Token: "aws:ec2/flowLog:FlowLog", Terraform: "aws_flow_log", Go: ec2.FlowLog{}},
	{Token: "aws:ec2/eip:Eip", Terraform: "aws_eip", Go: ec2.Eip{}},
	{Token: "aws:ec2/natGateway:NatGateway", Terraform: "aws_nat_gateway", Go: ec2.NatGateway{}},
	{Token: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", Terraform: "aws_vpc_security_group_ingress_rule", Go: vpc.SecurityGroupIngressRule{}},
	{Token: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", Terraform: "aws_vpc_security_group_egress_rule", Go: vpc.SecurityGroupEgressRule{}},
	{Token: "aws:s3/bucketV2:BucketV2", Terraform: "aws_s3_bucket", Go: s3.BucketV2{}},
	{Token: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", Terraform: "aws_s3_bucket_public_access_block", Go: s3.BucketPublicAccessBlock{}},
	{Token: "aws:s3/bucketOwnershipControls:BucketOwnershipControls", Terraform: "aws_s3_bucket_ownership_controls", Go: s3.BucketOwnershipControls{}},
	{Token: "aws:s3/bucketPolicy:BucketPolicy", Terraform: "aws_s3_bucket_policy", Go: s3.BucketPolicy{}},
	{Token: "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
		Terraform: "aws_s3_bucket_server_side_encryption_configuration", Go: s3.BucketServerSideEncryptionConfigurationV2{}},
	{Token: "aws:s3/bucketVersioningV2:BucketVersioningV2", Terraform: "aws_s3_bucket_versioning", Go: s3.BucketVersioningV2{}},
	{Token: "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", Terraform: "aws_s3_bucket_lifecycle_configuration", Go: s3.BucketLifecycleConfigurationV2{}},
	{Token: "aws:s3/bucketNotification:BucketNotification", Terraform: "aws_s3_bucket_notification", Go: s3.BucketNotification{}},
	{Token: "aws:s3/bucketLoggingV2:BucketLoggingV2", Terraform: "aws_s3_bucket_logging", Go: s3.BucketLoggingV2{}},
	{Token: "aws:kms/key:Key", Terraform: "aws_kms_key", Go: kms.Key{}},
	{Token: "aws:kms/alias:Alias", Terraform: "aws_kms_alias", Go: kms.Alias{}},
	{Token: "aws:glue/catalogDatabase:CatalogDatabase", Terraform: "aws_glue_catalog_database", Go: glue.CatalogDatabase{}},
	{Token: "aws:athena/workgroup:Workgroup", Terraform: "aws_athena_workgroup", Go: athena.Workgroup{}},
	{Token: "aws:iam/role:Role", Terraform: "aws_iam_role", Go: iam.Role{}},
	{Token: "aws:iam/rolePolicy:RolePolicy", Terraform: "aws_iam_role_policy", Go: iam.RolePolicy{}},
	{Token: "aws:iam/rolePolicyAttachment:RolePolicyAttachment", Terraform: "aws_iam_role_policy_attachment", Go: iam.RolePolicyAttachment{}},
	{Token: "aws:iam/policy:Policy", Terraform: "aws_iam_policy", Go: iam.Policy{}},
	{Token: "aws:ecr/repository:Repository", Terraform: "aws_ecr_repository", Go: ecr.Repository{}},
	{Token: "aws:ecr/lifecyclePolicy:LifecyclePolicy", Terraform: "aws_ecr_lifecycle_policy", Go: ecr.LifecyclePolicy{}},
	{Token: "aws:ecr/repositoryPolicy:RepositoryPolicy", Terraform: "aws_ecr_repository_policy", Go: ecr.RepositoryPolicy{}},
	{Token: "aws:secretsmanager/secret:Secret", Terraform: "aws_secretsmanager_secret", Go: secretsmanager.Secret{}},
	{Token: "aws:secretsmanager/secretPolicy:SecretPolicy", Terraform: "aws_secretsmanager_secret_policy", Go: secretsmanager.SecretPolicy{}},
	{Token: "aws:secretsmanager/secretVersion:SecretVersion", Terraform: "aws_secretsmanager_secret_version", Go: secretsmanager.SecretVersion{}},
	{Token: "aws:cloudwatch/logGroup:LogGroup", Terraform: "aws_cloudwatch_log_group", Go: cloudwatch.LogGroup{}},
	{Token: "aws:cloudwatch/metricAlarm:MetricAlarm", Terraform: "aws_cloudwatch_metric_alarm", Go: cloudwatch.MetricAlarm{}},
	{Token: "aws:cloudwatch/eventRule:EventRule", Terraform: "aws_cloudwatch_event_rule", Go: cloudwatch.EventRule{}},
	{Token: "aws:cloudwatch/eventTarget:EventTarget", Terraform: "aws_cloudwatch_event_target", Go: cloudwatch.EventTarget{}},
	{Token: "aws:sns/topic:Topic", Terraform: "aws_sns_topic", Go: sns.Topic{}},
	{Token: "aws:sns/topicPolicy:TopicPolicy", Terraform: "aws_sns_topic_policy", Go: sns.TopicPolicy{}},
	{Token: "aws:sns/topicSubscription:TopicSubscription", Terraform: "aws_sns_topic_subscription", Go: sns.TopicSubscription{}},
	{Token: "aws:sqs/queue:Queue", Terraform: "aws_sqs_queue", Go: sqs.Queue{}},
	{Token: "aws:sqs/queuePolicy:QueuePolicy", Terraform: "aws_sqs_queue_policy", Go: sqs.QueuePolicy{}},
	{Token: "aws:lambda/function:Function", Terraform: "aws_lambda_function", Go: lambda.Function{}},
	{Token: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", Terraform: "aws_lambda_function_event_invoke_config", Go: lambda.FunctionEventInvokeConfig{}},
	{Token: "aws:lambda/functionRecursionConfig:FunctionRecursionConfig", Terraform: "aws_lambda_function_recursion_config", Go: lambda.FunctionRecursionConfig{}},
	{Token: "aws:lambda/invocation:Invocation", Terraform: "aws_lambda_invocation", Go: lambda.Invocation{}},
	{Token: "aws:lambda/permission:Permission", Terraform: "aws_lambda_permission", Go: lambda.Permission{}},
	{Token: "aws:ecs/cluster:Cluster", Terraform: "aws_ecs_cluster", Go: ecs.Cluster{}},
	{Token: "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", Terraform: "aws_ecs_cluster_capacity_providers", Go: ecs.ClusterCapacityProviders{}},
	{Token: "aws:ecs/taskDefinition:TaskDefinition", Terraform: "aws_ecs_task_definition", Go: ecs.TaskDefinition{}},
	{Token: "aws:sfn/stateMachine:StateMachine", Terraform: "aws_sfn_state_machine", Go: sfn.StateMachine{}},
	{Token: "aws:scheduler/schedule:Schedule", Terraform: "aws_scheduler_schedule", Go: scheduler.Schedule{}},
	{Token: "aws:scheduler/scheduleGroup:ScheduleGroup", Terraform: "aws_scheduler_schedule_group", Go: scheduler.ScheduleGroup{}},
	{Token: "aws:lakeformation/dataLakeSettings:DataLakeSettings", Terraform: "aws_lakeformation_data_lake_settings", Go: lakeformation.DataLakeSettings{}},
	{Token: "aws:lakeformation/resource:Resource", Terraform: "aws_lakeformation_resource", Go: lakeformation.Resource{}},
	{Token: "aws:lakeformation/permissions:Permissions", Terraform: "aws_lakeformation_permissions", Go: lakeformation.Permissions{}},
	{Token: "aws:lakeformation/lfTag:LfTag", Terraform: "aws_lakeformation_lf_tag", Go: lakeformation.LfTag{}},
	{Token: "aws:lakeformation/resourceLfTag:ResourceLfTag", Terraform: "aws_lakeformation_resource_lf_tag", Go: lakeformation.ResourceLfTag{}},
	{Token: "aws:s3/bucketReplicationConfig:BucketReplicationConfig", Terraform: "aws_s3_bucket_replication_configuration", Go: s3.BucketReplicationConfig{}},
	{Token: "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2", Terraform: "aws_s3_bucket_object_lock_configuration", Go: s3.BucketObjectLockConfigurationV2{}},
	{Token: "aws:s3tables/tableBucket:TableBucket", Terraform: "aws_s3tables_table_bucket", Go: s3tables.TableBucket{}},
	{Token: "aws:s3tables/tableBucketPolicy:TableBucketPolicy", Terraform: "aws_s3tables_table_bucket_policy", Go: s3tables.TableBucketPolicy{}},
	{Token: "aws:s3tables/namespace:Namespace", Terraform: "aws_s3tables_namespace", Go: s3tables.Namespace{}},
	{Token: "aws:cloudtrail/trail:Trail", Terraform: "aws_cloudtrail", Go: cloudtrail.Trail{}},
	{Token: "aws:backup/vault:Vault", Terraform: "aws_backup_vault", Go: backup.Vault{}},
	{Token: "aws:backup/vaultLockConfiguration:VaultLockConfiguration", Terraform: "aws_backup_vault_lock_configuration", Go: backup.VaultLockConfiguration{}},
	{Token: "aws:backup/plan:Plan", Terraform: "aws_backup_plan", Go: backup.Plan{}},
	{Token: "aws:backup/selection:Selection", Terraform: "aws_backup_selection", Go: backup.Selection{}},
	{Token: "aws:backup/restoreTestingPlan:RestoreTestingPlan", Terraform: "aws_backup_restore_testing_plan", Go: backup.RestoreTestingPlan{}},
	{Token: "aws:backup/restoreTestingSelection:RestoreTestingSelection", Terraform: "aws_backup_restore_testing_selection", Go: backup.RestoreTestingSelection{}},
	{Token: "aws:budgets/budget:Budget", Terraform: "aws_budgets_budget", Go: budgets.Budget{}},
	{Token: "aws:costexplorer/anomalyMonitor:AnomalyMonitor", Terraform: "aws_ce_anomaly_monitor", Go: costexplorer.AnomalyMonitor{}},
	{Token: "aws:costexplorer/anomalySubscription:AnomalySubscription", Terraform: "aws_ce_anomaly_subscription", Go: costexplorer.AnomalySubscription{}},
	{Token: "aws:cloudwatch/compositeAlarm:CompositeAlarm", Terraform: "aws_cloudwatch_composite_alarm", Go: cloudwatch.CompositeAlarm{}},
	{Token: "aws:cloudwatch/logMetricFilter:LogMetricFilter", Terraform: "aws_cloudwatch_log_metric_filter", Go: cloudwatch.LogMetricFilter{}},
	{Token: "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy", Terraform: "aws_cloudwatch_log_data_protection_policy", Go: cloudwatch.LogDataProtectionPolicy{}},
}

// DataSources does the same for functions: Go is the struct of the result.
var DataSources = []bridge.Type{
	{Token: "aws:index/getCallerIdentity:getCallerIdentity", Terraform: "aws_caller_identity", Go: aws.GetCallerIdentityResult{}},
	{Token: "aws:index/getPartition:getPartition", Terraform: "aws_partition", Go: aws.GetPartitionResult{}},
	{Token: "aws:index/getRegion:getRegion", Terraform: "aws_region", Go: aws.GetRegionResult{}},
	{Token: "aws:index/getAvailabilityZones:getAvailabilityZones", Terraform: "aws_availability_zones", Go: aws.GetAvailabilityZonesResult{}},
	{Token: "aws:ecr/getAuthorizationToken:getAuthorizationToken", Terraform: "aws_ecr_authorization_token", Go: ecr.GetAuthorizationTokenResult{}},
	{Token: "aws:ec2/getVpc:getVpc", Terraform: "aws_vpc", Go: ec2.LookupVpcResult{}},
	{Token: "aws:ec2/getSubnets:getSubnets", Terraform: "aws_subnets", Go: ec2.GetSubnetsResult{}},
	{Token: "aws:ecs/getCluster:getCluster", Terraform: "aws_ecs_cluster", Go: ecs.LookupClusterResult{}},
}

// provider is the type of explicit providers: its arguments are the provider's configuration.
var provider = bridge.Type{Token: "pulumi:providers:aws", Terraform: "provider", Go: aws.ProviderArgs{}}

// renamed lists the properties whose Pulumi name no rule of the bridge gives.
var renamed = map[string]string{
	"aws_lambda_function.function_name":        "name",
	"aws_lambda_function.filename":             "code",
	"aws_lambda_permission.function_name":      "function",
	"aws_sns_topic_subscription.topic_arn":     "topic",
	"aws_cloudwatch_metric_alarm.alarm_name":   "name",
	"aws_cloudwatch_metric_alarm.metric_query": "metricQueries",
}
