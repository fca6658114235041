package bootstrap

import (
	"slices"
	"strings"
)

// right is what one kind of thing needs of who deploys it. In on, NAME stands
// for what the stack's names begin with (floe-dev-*), STACK for its own name
// (floe-dev), LOW for its databases (floe_dev_*), REGION and ACCOUNT for what
// they say, and THERE for the replica's region; what begins with : lies in that
// region and account. Read is
// what a preview asks, write what an up and a destroy do besides.
type right struct {
	sid         string
	on          []string
	read, write []string
	when        map[string]map[string][]string // of write
}

// own limits an act to what bears the stack's tag, made limits it to what is
// made with it.
var (
	own  = map[string]map[string][]string{"StringLike": {"aws:ResourceTag/floe:stack": {"STACKS"}, "aws:ResourceTag/floe:project": {"PROJECT"}}}
	born = map[string]map[string][]string{"StringLike": {"aws:RequestTag/floe:stack": {"STACKS"}, "aws:RequestTag/floe:project": {"PROJECT"}}}
)

// everywhere are actions that know no resource, or list all or none.
var everywhere = []string{
	"cloudtrail:DescribeTrails", "ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute", "ec2:DescribeAvailabilityZones", "ec2:DescribeFlowLogs", "ec2:DescribeInternetGateways", "ec2:DescribeNatGateways", "ec2:DescribeNetworkAcls",
	"ec2:DescribeNetworkInterfaces", "ec2:DescribePrefixLists", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups",
	"ec2:DescribeSubnets", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs", "ecs:DescribeTaskDefinition", "iam:GetUser", "kms:ListAliases",
	"sts:GetCallerIdentity",
}

// deployments is the table that both roles' policies are made of.
var deployments = []right{
	{sid: "Look", on: []string{"*"}, read: everywhere, write: []string{"ecr:GetAuthorizationToken", "ecs:DeregisterTaskDefinition", "states:ValidateStateMachineDefinition"}},
	// What scripts ask once the deployment is done: which secrets are still empty, what a destroy left.
	{sid: "Ask", on: []string{"*"}, write: []string{"secretsmanager:ListSecrets", "tag:GetResources"}},
	{sid: "Athena", on: []string{":athena:workgroup/NAME"},
		read:  []string{"athena:GetWorkGroup", "athena:ListTagsForResource"},
		write: []string{"athena:CreateWorkGroup", "athena:DeleteWorkGroup", "athena:TagResource", "athena:UntagResource", "athena:UpdateWorkGroup"}},
	{sid: "Alarms", on: []string{":cloudwatch:alarm:NAME"}, read: []string{"cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"},
		write: []string{"cloudwatch:DeleteAlarms", "cloudwatch:PutCompositeAlarm", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"}},
	{sid: "Images", on: []string{":ecr:repository/NAME"},
		read: []string{"ecr:DescribeRepositories", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy", "ecr:ListTagsForResource"},
		write: []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:CreateRepository", "ecr:DeleteLifecyclePolicy", "ecr:DeleteRepository",
			"ecr:DeleteRepositoryPolicy", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:PutLifecyclePolicy", "ecr:SetRepositoryPolicy", "ecr:TagResource",
			"ecr:UntagResource", "ecr:UploadLayerPart"}},
	{sid: "Cluster", on: []string{":ecs:cluster/STACK"}, read: []string{"ecs:DescribeClusters"},
		write: []string{"ecs:DeleteCluster", "ecs:PutClusterCapacityProviders", "ecs:TagResource", "ecs:UntagResource", "ecs:UpdateCluster"}},
	{sid: "MakeCluster", on: []string{"*"}, write: []string{"ecs:CreateCluster"}, when: born},
	{sid: "Tasks", on: []string{":ecs:task-definition/NAME"}, write: []string{"ecs:RegisterTaskDefinition", "ecs:TagResource"}},
	{sid: "Rules", on: []string{":events:rule/NAME"}, read: []string{"events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"},
		write: []string{"events:DeleteRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource"}},
	{sid: "Databases", on: []string{":glue:catalog", ":glue:database/LOW"}, read: []string{"glue:GetDatabase"},
		write: []string{"glue:CreateDatabase", "glue:DeleteDatabase", "glue:UpdateDatabase"}},
	{sid: "DatabaseTags", on: []string{":glue:database/LOW"}, read: []string{"glue:GetTags"}, write: []string{"glue:TagResource", "glue:UntagResource"}},
	{sid: "Tables", on: []string{":glue:table/LOW/*", ":glue:userDefinedFunction/LOW/*"}, write: []string{"glue:DeleteDatabase"}},
	{sid: "AllDatabases", on: []string{":glue:catalog", ":glue:database/*"}, read: []string{"glue:GetDatabases"}},
	{sid: "Functions", on: []string{":lambda:function:NAME"},
		read: []string{"lambda:GetFunction", "lambda:GetFunctionEventInvokeConfig", "lambda:GetFunctionRecursionConfig", "lambda:ListVersionsByFunction"},
		write: []string{"lambda:CreateFunction", "lambda:DeleteFunction", "lambda:DeleteFunctionConcurrency", "lambda:DeleteFunctionEventInvokeConfig", "lambda:InvokeFunction",
			"lambda:PutFunctionConcurrency", "lambda:PutFunctionEventInvokeConfig", "lambda:PutFunctionRecursionConfig", "lambda:TagResource", "lambda:UntagResource",
			"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"}},
	{sid: "LogGroups", on: []string{":logs:log-group:*"}, read: []string{"logs:DescribeLogGroups"}},
	{sid: "Logs", on: []string{":logs:log-group:/aws/cloudtrail/NAME", ":logs:log-group:/aws/ecs/containerinsights/STACK/*", ":logs:log-group:/aws/ecs/NAME", ":logs:log-group:/aws/lambda/NAME", ":logs:log-group:/aws/vendedlogs/states/NAME", ":logs:log-group:/aws/vpc/NAME"},
		read:  []string{"logs:ListTagsForResource"},
		write: []string{"logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"}},
	{sid: "Counted", on: []string{":logs:log-group:/aws/ecs/NAME", ":logs:log-group:/aws/lambda/NAME", ":logs:log-group:/aws/vpc/NAME"}, read: []string{"logs:DescribeMetricFilters"},
		write: []string{"logs:DeleteMetricFilter", "logs:PutMetricFilter"}},
	{sid: "Masked", on: []string{":logs:log-group:/aws/ecs/NAME", ":logs:log-group:/aws/lambda/NAME"}, read: []string{"logs:GetDataProtectionPolicy"},
		write: []string{"logs:DeleteDataProtectionPolicy", "logs:PutDataProtectionPolicy"}},
	{sid: "LogDeliveries", on: []string{"*"}, write: []string{"logs:CreateLogDelivery", "logs:DeleteLogDelivery"}},
	{sid: "Buckets", on: []string{"arn:aws:s3:::NAME"},
		read: []string{"s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLogging", "s3:GetBucketNotification", "s3:GetBucketObjectLockConfiguration",
			"s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging", "s3:GetBucketVersioning",
			"s3:GetBucketWebsite", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListBucket"},
		write: []string{"s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:ListBucketVersions", "s3:PutBucketLogging", "s3:PutBucketNotification", "s3:PutBucketObjectLockConfiguration",
			"s3:PutBucketOwnershipControls", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration",
			"s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration"}},
	{sid: "Objects", on: []string{"arn:aws:s3:::NAME/*"}, write: []string{"s3:DeleteObject", "s3:DeleteObjectVersion"}},
	{sid: "TableBuckets", on: []string{":s3tables:bucket/NAME"},
		read: []string{"s3tables:GetNamespace", "s3tables:GetTableBucket", "s3tables:GetTableBucketEncryption", "s3tables:GetTableBucketMaintenanceConfiguration", "s3tables:GetTableBucketPolicy"},
		write: []string{"s3tables:CreateNamespace", "s3tables:CreateTableBucket", "s3tables:DeleteNamespace", "s3tables:DeleteTableBucket", "s3tables:DeleteTableBucketPolicy",
			"s3tables:PutTableBucketEncryption", "s3tables:PutTableBucketMaintenanceConfiguration", "s3tables:PutTableBucketPolicy"}},
	{sid: "ScheduleGroups", on: []string{":scheduler:schedule-group/STACK"}, read: []string{"scheduler:GetScheduleGroup", "scheduler:ListTagsForResource"},
		write: []string{"scheduler:CreateScheduleGroup", "scheduler:DeleteScheduleGroup", "scheduler:TagResource", "scheduler:UntagResource"}},
	{sid: "Schedules", on: []string{":scheduler:schedule/STACK/*"}, read: []string{"scheduler:GetSchedule"},
		write: []string{"scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:UpdateSchedule"}},
	{sid: "Secrets", on: []string{":secretsmanager:secret:NAME"}, read: []string{"secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"},
		write: []string{"secretsmanager:CreateSecret", "secretsmanager:DeleteResourcePolicy", "secretsmanager:DeleteSecret", "secretsmanager:PutResourcePolicy",
			"secretsmanager:TagResource", "secretsmanager:UntagResource", "secretsmanager:UpdateSecret"}},
	{sid: "Topics", on: []string{":sns:NAME"}, read: []string{"sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListTagsForResource"},
		write: []string{"sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:Unsubscribe", "sns:UntagResource"}},
	{sid: "Queues", on: []string{":sqs:NAME"}, read: []string{"sqs:GetQueueAttributes", "sqs:ListQueueTags"},
		write: []string{"sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"}},
	{sid: "Workflows", on: []string{":states:stateMachine:NAME"}, read: []string{"states:DescribeStateMachine", "states:ListStateMachineVersions", "states:ListTagsForResource"},
		write: []string{"states:CreateStateMachine", "states:DeleteStateMachine", "states:TagResource", "states:UntagResource", "states:UpdateStateMachine"}},
}

// governed are Lake Formation's, which knows no resources: what a grant is of,
// its own permissions say. The role that deploys is its administrator.
var governed = []right{
	{sid: "Lake", on: []string{"*"},
		read: []string{"lakeformation:DescribeResource", "lakeformation:GetDataLakeSettings", "lakeformation:GetLFTag", "lakeformation:GetLFTagExpression", "lakeformation:GetResourceLFTags", "lakeformation:ListPermissions"},
		write: []string{"lakeformation:AddLFTagsToResource", "lakeformation:CreateLFTag", "lakeformation:DeleteLFTag", "lakeformation:DeregisterResource",
			"lakeformation:GrantPermissions", "lakeformation:RegisterResource", "lakeformation:RemoveLFTagsFromResource", "lakeformation:RevokePermissions", "lakeformation:UpdateLFTag"}},
	{sid: "Trail", on: []string{":cloudtrail:trail/NAME"}, read: []string{"cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus", "cloudtrail:ListTags"},
		write: []string{"cloudtrail:AddTags", "cloudtrail:CreateTrail", "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:RemoveTags", "cloudtrail:StartLogging",
			"cloudtrail:StopLogging", "cloudtrail:UpdateTrail"}},
	{sid: "Budget", on: []string{"arn:aws:budgets::ACCOUNT:budget/NAME"}, read: []string{"budgets:ListTagsForResource", "budgets:ViewBudget"},
		write: []string{"budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"}},
	{sid: "Anomalies", on: []string{"*"}, read: []string{"ce:GetAnomalyMonitors", "ce:GetAnomalySubscriptions"}},
	{sid: "MakeAnomalies", on: []string{"*"}, write: []string{"ce:CreateAnomalyMonitor", "ce:CreateAnomalySubscription", "ce:TagResource"}, when: born},
	{sid: "AnomalyTags", on: []string{"arn:aws:ce::ACCOUNT:anomalymonitor/*", "arn:aws:ce::ACCOUNT:anomalysubscription/*"}, read: []string{"ce:ListTagsForResource"}},
	{sid: "Monitors", on: []string{"arn:aws:ce::ACCOUNT:anomalymonitor/*"}, write: []string{"ce:DeleteAnomalyMonitor", "ce:UntagResource", "ce:UpdateAnomalyMonitor"}, when: own},
	{sid: "Subscriptions", on: []string{"arn:aws:ce::ACCOUNT:anomalysubscription/*"}, when: own,
		write: []string{"ce:DeleteAnomalySubscription", "ce:UntagResource", "ce:UpdateAnomalySubscription"}},
	// A vault that is not empty stays: its recovery points are for nobody's workflow to delete.
	{sid: "Vaults", on: []string{":backup:backup-vault:NAME"}, read: []string{"backup:DescribeBackupVault", "backup:ListTags"},
		write: []string{"backup:CreateBackupVault", "backup:DeleteBackupVault", "backup:DeleteBackupVaultLockConfiguration", "backup:ListRecoveryPointsByBackupVault",
			"backup:PutBackupVaultLockConfiguration", "backup:TagResource"}},
	{sid: "VaultStorage", on: []string{"*"}, write: []string{"backup-storage:MountCapsule"}},
	{sid: "MakePlan", on: []string{":backup:backup-plan:*"}, write: []string{"backup:CreateBackupPlan", "backup:TagResource"}, when: born},
	{sid: "Plans", on: []string{":backup:backup-plan:*"}, read: []string{"backup:GetBackupPlan", "backup:GetBackupSelection", "backup:ListTags"},
		write: []string{"backup:CreateBackupSelection", "backup:DeleteBackupPlan", "backup:DeleteBackupSelection", "backup:UpdateBackupPlan"}, when: own},
	{sid: "RestoreTests", on: []string{":backup:restore-testing-plan:*"}, read: []string{"backup:GetRestoreTestingPlan", "backup:GetRestoreTestingSelection", "backup:ListTags"},
		write: []string{"backup:CreateRestoreTestingPlan", "backup:CreateRestoreTestingSelection", "backup:DeleteRestoreTestingPlan", "backup:DeleteRestoreTestingSelection", "backup:TagResource",
			"backup:UpdateRestoreTestingPlan", "backup:UpdateRestoreTestingSelection"}},
}

// copied are what a replica has in its own region beside buckets: their keys, a
// topic, and alarms that tell of the copy's lag.
var copied = []right{
	{sid: "ReplicaAliases", on: []string{"arn:aws:kms:THERE:ACCOUNT:alias/NAME"}, write: aliasWrites},
	{sid: "ReplicaReadKeys", on: []string{"arn:aws:kms:THERE:ACCOUNT:key/*"}, read: keyReads},
	{sid: "ReplicaKeys", on: []string{"arn:aws:kms:THERE:ACCOUNT:key/*"}, when: own, write: keyWrites},
	{sid: "ReplicaAlarms", on: []string{"arn:aws:cloudwatch:THERE:ACCOUNT:alarm:NAME"}, read: []string{"cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"},
		write: []string{"cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"}},
	{sid: "ReplicaTopics", on: []string{"arn:aws:sns:THERE:ACCOUNT:NAME"}, read: []string{"sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListTagsForResource"},
		write: []string{"sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:Unsubscribe", "sns:UntagResource"}},
}

// Actions on keys and their aliases, wherever they are.
var (
	aliasWrites = []string{"kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"}
	keyReads    = []string{"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"}
	keyWrites   = []string{"kms:CreateAlias", "kms:DeleteAlias", "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription"}
)

// keys are those of KMS: an alias bears the stack's name, a key its tag.
var keys = []right{
	{sid: "Aliases", on: []string{":kms:alias/NAME"}, write: aliasWrites},
	{sid: "MakeKey", on: []string{"*"}, write: []string{"kms:CreateKey", "kms:TagResource"}, when: born},
	{sid: "ReadKeys", on: []string{":kms:key/*"}, read: keyReads},
	{sid: "Keys", on: []string{":kms:key/*"}, when: own, write: keyWrites},
	// What services encrypt for who makes the thing: a function's environment, a secret, a workflow, a schedule, a repository.
	{sid: "UseKeys", on: []string{":kms:key/*"}, when: own, write: []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}},
	{sid: "GrantKeys", on: []string{":kms:key/*"}, write: []string{"kms:CreateGrant", "kms:RetireGrant"},
		when: map[string]map[string][]string{"StringLike": own["StringLike"], "StringEquals": {"kms:ViaService": {"backup.REGION.amazonaws.com", "ecr.REGION.amazonaws.com", "lambda.REGION.amazonaws.com"}}}},
}

// networks are what EC2 has: none of it has a name, so it is known by its tags.
var networks = []right{
	{sid: "MakeNetwork", when: born,
		on:    []string{":ec2:elastic-ip/*", ":ec2:internet-gateway/*", ":ec2:natgateway/*", ":ec2:route-table/*", ":ec2:security-group/*", ":ec2:subnet/*", ":ec2:vpc-endpoint/*", ":ec2:vpc-flow-log/*", ":ec2:vpc/*"},
		write: []string{"ec2:AllocateAddress", "ec2:CreateFlowLogs", "ec2:CreateInternetGateway", "ec2:CreateNatGateway", "ec2:CreateRouteTable", "ec2:CreateSecurityGroup", "ec2:CreateSubnet", "ec2:CreateVpc", "ec2:CreateVpcEndpoint"}},
	{sid: "Network", when: own,
		on: []string{":ec2:elastic-ip/*", ":ec2:internet-gateway/*", ":ec2:natgateway/*", ":ec2:route-table/*", ":ec2:security-group/*", ":ec2:subnet/*", ":ec2:vpc-endpoint/*", ":ec2:vpc-flow-log/*", ":ec2:vpc/*"},
		write: []string{"ec2:AssociateRouteTable", "ec2:AttachInternetGateway", "ec2:CreateFlowLogs", "ec2:CreateNatGateway", "ec2:CreateRoute", "ec2:CreateRouteTable", "ec2:CreateSecurityGroup", "ec2:CreateSubnet",
			"ec2:CreateVpcEndpoint", "ec2:DeleteFlowLogs", "ec2:DeleteInternetGateway", "ec2:DeleteNatGateway", "ec2:DeleteRoute", "ec2:DeleteRouteTable", "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet", "ec2:DeleteVpc",
			"ec2:DeleteVpcEndpoints", "ec2:DetachInternetGateway", "ec2:DisassociateRouteTable", "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint", "ec2:ReleaseAddress"}},
	// The default security group of a VPC is emptied before it bears a tag.
	{sid: "Rules", on: []string{":ec2:security-group/*"},
		write: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"}},
	{sid: "Tag", when: born, write: []string{"ec2:CreateTags"},
		on: []string{":ec2:elastic-ip/*", ":ec2:internet-gateway/*", ":ec2:natgateway/*", ":ec2:route-table/*", ":ec2:security-group-rule/*", ":ec2:security-group/*", ":ec2:subnet/*", ":ec2:vpc-endpoint/*", ":ec2:vpc-flow-log/*", ":ec2:vpc/*"}},
	{sid: "PrivateNames", on: []string{"*"}, write: []string{"route53:AssociateVPCWithHostedZone"}},
}

// bounded are the actions on roles that a permissions boundary is asked of.
var bounded = []string{"iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"}

// passedTo are the services that roles of a stack are for.
var passedTo = []string{"athena", "backup", "cloudtrail", "ecs-tasks", "events", "lakeformation", "lambda", "s3", "scheduler", "states", "vpc-flow-logs"}

// roles are the stack's own; without the two that deploy it, of which refuse has a word.
func (n names) roles() []right {
	write := []string{"iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:ListInstanceProfilesForRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy",
		"iam:UpdateRole", "iam:UpdateRoleDescription"}
	all := []right{
		{sid: "Roles", on: []string{"arn:aws:iam::ACCOUNT:role/NAME"}, read: []string{"iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"}, write: write},
		{sid: "Policies", on: []string{"arn:aws:iam::ACCOUNT:policy/NAME"}, read: []string{"iam:GetPolicy", "iam:GetPolicyVersion"},
			write: []string{"iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:ListPolicyVersions", "iam:TagPolicy", "iam:UntagPolicy"}},
	}
	make := right{sid: "MakeRoles", on: []string{"arn:aws:iam::ACCOUNT:role/NAME"}, write: bounded}
	if n.boundary != "" {
		make.when = map[string]map[string][]string{"StringEquals": {"iam:PermissionsBoundary": {n.boundary}}}
	} else {
		make.write = slices.DeleteFunc(slices.Clone(bounded), func(a string) bool { return a == "iam:PutRolePermissionsBoundary" })
	}
	pass := right{sid: "PassRoles", on: []string{"arn:aws:iam::ACCOUNT:role/NAME"}, write: []string{"iam:PassRole"},
		when: map[string]map[string][]string{"StringEquals": {"iam:PassedToService": nil}}}
	for _, service := range passedTo {
		pass.when["StringEquals"]["iam:PassedToService"] = append(pass.when["StringEquals"]["iam:PassedToService"], service+".amazonaws.com")
	}
	return append(all, make, pass)
}

// state is Pulumi's, of the stack in the project's bucket; the key encrypts it
// and the secrets in it.
func (n names) state() []right {
	in := "arn:aws:s3:::" + n.bucket
	var reads, writes []string
	for _, stack := range n.stacks {
		reads = append(reads, in+"/.pulumi/stacks/"+n.project+"/"+stack+".*")
		for _, kind := range []string{"backups", "history", "locks/organization"} {
			writes = append(writes, in+"/.pulumi/"+kind+"/"+n.project+"/"+stack+"/*")
		}
	}
	return []right{
		{sid: "StateBucket", on: []string{in}, read: []string{"s3:ListBucket"}},
		{sid: "StateOf", on: append([]string{in + "/.pulumi/meta.yaml"}, reads...), read: []string{"s3:GetObject"}},
		{sid: "State", on: slices.Concat(reads, writes), write: []string{"s3:DeleteObject", "s3:GetObject", "s3:PutObject"}},
		{sid: "StateKey", on: []string{n.key}, read: []string{"kms:Decrypt"}, write: []string{"kms:Encrypt", "kms:GenerateDataKey"}},
	}
}

// names are what a stack's roles may touch.
type names struct {
	project, stack, account, region string
	bucket, key                     string // of the state
	boundary                        string // ARN; "" for none
	replica                         string // region of the copy; "" for none
	stacks                          []string
}

// fill puts names into a template, once for each stack.
func (n names) fill(template string) []string {
	template = strings.NewReplacer("REGION", n.region, "THERE", n.replica, "ACCOUNT", n.account).Replace(template)
	if service, rest, ok := strings.Cut(strings.TrimPrefix(template, ":"), ":"); ok && strings.HasPrefix(template, ":") {
		template = "arn:aws:" + service + ":" + n.region + ":" + n.account + ":" + rest
	}
	var all []string
	for _, stack := range n.stacks {
		begin := n.project + "-" + stack
		low := strings.ReplaceAll(n.project+"_"+stack, "-", "_") + "_*"
		name := begin + "-*"
		if strings.HasSuffix(stack, "*") { // pr-*
			name, low = begin, strings.TrimSuffix(low, "_*")
		}
		all = append(all, strings.NewReplacer("NAME", name, "STACK", begin, "LOW", low).Replace(template))
	}
	slices.Sort(all)
	return slices.Compact(all)
}
