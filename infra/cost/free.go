package cost

import "strings"

// free are the types that cost nothing of themselves, with the reason: those of
// which a run pays are counted there (run.go).
var free = map[string]string{
	"pulumi:providers:aws":                                           "nothing in AWS",
	"aws:athena/workgroup:Workgroup":                                 "paid by the query; one for Spark by the second that a notebook's session lives, which no plan tells",
	"aws:budgets/budget:Budget":                                      "free without actions",
	"aws:cloudwatch/eventRule:EventRule":                             "events of AWS services are free",
	"aws:cloudwatch/eventTarget:EventTarget":                         "events of AWS services are free",
	"aws:costexplorer/anomalyMonitor:AnomalyMonitor":                 "free",
	"aws:costexplorer/anomalySubscription:AnomalySubscription":       "free",
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":              "a rule of the network",
	"aws:ec2/internetGateway:InternetGateway":                        "free; addresses are paid for",
	"aws:ec2/route:Route":                                            "a rule of the network",
	"aws:ec2/routeTable:RouteTable":                                  "a rule of the network",
	"aws:ec2/routeTableAssociation:RouteTableAssociation":            "a rule of the network",
	"aws:ec2/securityGroup:SecurityGroup":                            "a rule of the network",
	"aws:ec2/subnet:Subnet":                                          "a rule of the network",
	"aws:ec2/vpc:Vpc":                                                "free; what stands in it is paid for",
	"aws:ecr/lifecyclePolicy:LifecyclePolicy":                        "a setting",
	"aws:ecr/repositoryPolicy:RepositoryPolicy":                      "a setting",
	"aws:ecs/clusterCapacityProviders:ClusterCapacityProviders":      "a setting",
	"aws:ecs/taskDefinition:TaskDefinition":                          "paid while a task runs",
	"aws:glue/catalogDatabase:CatalogDatabase":                       "the catalog's first million objects and requests a month are free",
	"aws:lambda/function:Function":                                   "paid while it runs",
	"aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": "a setting",
	"aws:lambda/functionRecursionConfig:FunctionRecursionConfig":     "a setting",
	"aws:lambda/permission:Permission":                               "a setting",
	"aws:lambda/invocation:Invocation":                               "one call of a function at a deploy",
	"aws:scheduler/schedule:Schedule":                                "paid by the start",
	"aws:scheduler/scheduleGroup:ScheduleGroup":                      "a name",
	"aws:sfn/stateMachine:StateMachine":                              "paid by the transition",
	"aws:sns/topic:Topic":                                            "mails of alarms are few: the first thousand a month are free",
	"aws:sns/topicPolicy:TopicPolicy":                                "a setting",
	"aws:sns/topicSubscription:TopicSubscription":                    "a setting",
	"aws:sqs/queue:Queue":                                            "it holds what went wrong: a message is 0.0000004",
	"aws:sqs/queuePolicy:QueuePolicy":                                "a setting",
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":        "a rule of the network",
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":      "a rule of the network",
}

// freeServices are those of which no type costs anything.
var freeServices = map[string]string{
	"aws:iam/":           "identities and policies are free",
	"aws:lakeformation/": "settings, tags and grants are free",
}

// freeSettings are types of services that cost, and are a setting of something
// that is counted by itself.
var freeSettings = map[string]bool{
	"aws:cloudwatch/logResourcePolicy:LogResourcePolicy":                                         true,
	"aws:kms/alias:Alias":                                                                        true,
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       true,
	"aws:s3/bucketLoggingV2:BucketLoggingV2":                                                     true,
	"aws:s3/bucketNotification:BucketNotification":                                               true,
	"aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2":                     true,
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     true,
	"aws:s3/bucketPolicy:BucketPolicy":                                                           true,
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     true,
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": true,
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               true,
	"aws:s3tables/namespace:Namespace":                                                           true,
	"aws:s3tables/tableBucketPolicy:TableBucketPolicy":                                           true,
	"aws:secretsmanager/secretVersion:SecretVersion":                                             true,
	"aws:secretsmanager/secretPolicy:SecretPolicy":                                               true,
}

// unpriced are types that cost something of which no dated source gives the
// price; an estimate that has one says so.
var unpriced = map[string]string{
	"aws:backup/plan:Plan":                                           "backups of databases are not in the figures: AWS charges by the GB kept, and no price of RDS's has a source here",
	"aws:backup/restoreTestingPlan:RestoreTestingPlan":               "tests of backups are not in the figures: each starts a database like yours for a while",
	"aws:backup/restoreTestingSelection:RestoreTestingSelection":     "",
	"aws:backup/vault:Vault":                                         "",
	"aws:backup/selection:Selection":                                 "",
	"aws:backup/vaultPolicy:VaultPolicy":                             "",
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration":       "",
	"aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": "the masking of logs is not in the figures: AWS charges by the GB looked at, and its price has no source here",
}

// Reviewed says whether somebody has looked at what a type costs.
func Reviewed(kind string) bool {
	if _, priced := idle[kind]; priced {
		return true
	}
	if _, ok := free[kind]; ok || freeSettings[kind] {
		return true
	}
	if _, ok := unpriced[kind]; ok {
		return true
	}
	for prefix := range freeServices {
		if strings.HasPrefix(kind, prefix) {
			return true
		}
	}
	return false
}
