package policy_test

import (
	"slices"
)

// mutation breaks a stack's plan so that one rule speaks.
type mutation struct {
	row    int
	name   string
	stack  string // default prod
	breaks func(*world)
	also   []int // rules that cannot but speak, too
}

func mutations() []mutation {
	return slices.Concat(storageMutations, keyMutations, networkMutations, programMutations, workflowMutations, taskMutations, dataMutations, lakeMutations, accountMutations, denialMutations, allowanceMutations, identityMutations, grantMutations,
		otherKeyMutations, valueMutations, trailMutations, imageMutations, unseenMutations, databaseMutations, findingMutations)
}

var storageMutations = []mutation{
	{row: 1, name: "no block", breaks: func(w *world) { w.drop("BucketPublicAccessBlock logs") }},
	{row: 1, name: "half a block", breaks: func(w *world) { w.set("BucketPublicAccessBlock landing", "blockPublicPolicy", false) }},
	{row: 3, name: "no controls", breaks: func(w *world) { w.drop("BucketOwnershipControls landing") }},
	{row: 3, name: "ACLs", breaks: func(w *world) { w.set("BucketOwnershipControls results", "rule.objectOwnership", "ObjectWriter") }},
	{row: 4, name: "plain HTTP", breaks: func(w *world) {
		w.write("BucketPolicy landing", "policy", `"aws:SecureTransport":\["false"\]`, `"aws:SecureTransport":["true"]`)
	}},
	{row: 4, name: "old TLS", breaks: func(w *world) {
		w.write("BucketPolicy logs", "policy", `"s3:TlsVersion":\["1.2"\]`, `"s3:TlsVersion":["1.0"]`)
	}},
	{row: 4, name: "plain HTTP to tables", stack: "tables", breaks: func(w *world) { w.drop("TableBucketPolicy tables") }},
	{row: 5, name: "everybody's tables", stack: "tables", breaks: func(w *world) {
		w.write("TableBucketPolicy tables", "resourcePolicy", `"Statement":\[`, `"Statement":[{"Effect":"Allow","Principal":"*","Action":["s3tables:GetTable"],"Resource":["*"]},`)
	}},
	{row: 7, name: "S3 Tables' key", stack: "tables", breaks: func(w *world) { w.set("TableBucket tables", "encryptionConfiguration.sseAlgorithm", "AES256") }},
	{row: 5, name: "everybody", breaks: func(w *world) {
		w.allow("BucketPolicy landing", `{"Effect":"Allow","Principal":"*","Action":["s3:GetBucketLocation"],"Resource":["*"]}`)
	}},
	{row: 5, name: "everything", breaks: func(w *world) {
		w.allow("BucketPolicy landing", `{"Effect":"Allow","Principal":{"Service":"x"},"Action":"s3:*","Resource":"*"}`)
	}},
	{row: 5, name: "NotAction", breaks: func(w *world) {
		w.allow("BucketPolicy landing", `{"Effect":"Allow","Principal":{"Service":"x"},"NotAction":"s3:GetObject","Resource":"*"}`)
	}},
	{row: 6, name: "locked out", breaks: func(w *world) {
		w.allow("BucketPolicy landing", `{"Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["*"]}`)
	}},
	{row: 6, name: "all but root", breaks: func(w *world) {
		w.allow("BucketPolicy landing", `{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":["s3:*"],"Resource":["*"]}`)
	}},
	{row: 7, name: "no bucket key", breaks: func(w *world) {
		w.set("BucketServerSideEncryptionConfigurationV2 lakehouse", "rules.0.bucketKeyEnabled", false)
	}},
	{row: 7, name: "not encrypted", breaks: func(w *world) { w.drop("BucketServerSideEncryptionConfigurationV2 results") }},
	{row: 7, name: "S3's key", breaks: func(w *world) {
		w.set("BucketServerSideEncryptionConfigurationV2 results", "rules.0.applyServerSideEncryptionByDefault.sseAlgorithm", "AES256")
	}},
	{row: 7, name: "other keys", breaks: func(w *world) {
		w.write("BucketPolicy landing", "policy", "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:other")
	}},
	{row: 8, name: "suspended", breaks: func(w *world) { w.set("BucketVersioningV2 landing", "versioningConfiguration.status", "Suspended") }},
	{row: 8, name: "none", breaks: func(w *world) { w.drop("BucketVersioningV2 lakehouse") }},
	{row: 9, name: "late", breaks: func(w *world) {
		w.set("BucketLifecycleConfigurationV2 logs", "rules.0.abortIncompleteMultipartUpload.daysAfterInitiation", 30)
	}},
	{row: 9, name: "off", breaks: func(w *world) { w.set("BucketLifecycleConfigurationV2 logs", "rules.0.status", "Disabled") }},
	{row: 10, name: "soon", breaks: func(w *world) {
		w.set("BucketLifecycleConfigurationV2 landing", "rules.1.noncurrentVersionExpiration.noncurrentDays", 5)
	}},
	{row: 10, name: "never", breaks: func(w *world) {
		w.set("BucketLifecycleConfigurationV2 landing", "rules.1.noncurrentVersionExpiration", nil)
	}},
	{row: 10, name: "current files expire", breaks: func(w *world) {
		w.set("BucketLifecycleConfigurationV2 lakehouse", "rules.1.expiration", map[string]any{"days": 90})
	}},
	{row: 10, name: "a table's files expire", breaks: func(w *world) {
		w.set("BucketLifecycleConfigurationV2 landing", "rules.2.filter.prefix", "landing_games/players/")
	}},
	{row: 10, name: "current files move", breaks: func(w *world) {
		w.set("BucketLifecycleConfigurationV2 lakehouse", "rules.0.transitions", []any{map[string]any{"days": 30, "storageClass": "GLACIER"}})
	}},
	{row: 11, name: "kept", breaks: func(w *world) { w.set("BucketLifecycleConfigurationV2 results", "rules.1.expiration.days", 400) }},
	{row: 11, name: "versions", breaks: func(w *world) {
		w.add("aws:s3/bucketVersioningV2:BucketVersioningV2", "results", map[string]any{"bucket": w.at("BucketV2 results").Inputs["bucket"], "versioningConfiguration": map[string]any{"status": "Enabled"}})
	}},
	{row: 12, name: "neither", breaks: func(w *world) { w.drop("Trail audit"); w.drop("BucketLoggingV2 landing") }, also: []int{115}},
	{row: 13, name: "untold", breaks: func(w *world) { w.drop("BucketNotification uploads") }},
	{row: 13, name: "not by EventBridge", breaks: func(w *world) { w.set("BucketNotification uploads", "eventbridge", false) }},
	{row: 14, name: "none", breaks: func(w *world) { w.drop("BucketReplicationConfig landing") }},
	{row: 14, name: "no deletions", breaks: func(w *world) {
		w.set("BucketReplicationConfig landing", "rules.0.deleteMarkerReplication.status", "Disabled")
	}},
	{row: 14, name: "the same key", breaks: func(w *world) {
		w.set("BucketReplicationConfig landing", "rules.0.destination.encryptionConfiguration", nil)
	}},
	{row: 15, name: "no lock", breaks: func(w *world) { w.drop("BucketObjectLockConfigurationV2 audit") }},
	{row: 15, name: "no days", breaks: func(w *world) { w.set("BucketObjectLockConfigurationV2 audit", "rule", nil) }},
	{row: 15, name: "tables", breaks: func(w *world) { w.set("BucketV2 landing", "objectLockEnabled", true) }},
	{row: 16, name: "not protected", breaks: func(w *world) { w.at("Key landing").Protect = false }},
	{row: 16, name: "not kept", breaks: func(w *world) { w.at("CatalogDatabase marts").Retain = false }},
	{row: 16, name: "forced", breaks: func(w *world) { w.set("BucketV2 landing", "forceDestroy", true) }},
}

var keyMutations = []mutation{
	{row: 18, name: "off", breaks: func(w *world) { w.set("Key landing", "enableKeyRotation", false) }},
	{row: 19, name: "no policy", breaks: func(w *world) { w.set("Key landing", "policy", nil) }},
	{row: 19, name: "everybody", breaks: func(w *world) {
		w.write("Key landing", "policy", `"Principal":{"AWS":\["arn:aws:iam::123456789012:root"\]},"Action":\["kms:Cancel`, `"Principal":"*","Action":["kms:Cancel`)
	}},
	{row: 19, name: "administers and uses", breaks: func(w *world) {
		w.write("Key landing", "policy", `"kms:PutKeyPolicy"`, `"kms:PutKeyPolicy","kms:Decrypt"`)
	}, also: []int{22}},
	{row: 20, name: "a week", breaks: func(w *world) { w.set("Key landing", "deletionWindowInDays", 7) }},
	{row: 20, name: "no name", breaks: func(w *world) { w.drop("Alias landing") }},
	{row: 21, name: "all keys", breaks: func(w *world) { w.write("RolePolicy evolve", "policy", `arn:aws:kms:[^"]*`, "*") }},
	{row: 22, name: "directly", breaks: func(w *world) {
		w.write("Key landing", "policy", `kms:(ViaService|EncryptionContext[^"]*)`, "aws:other")
	}},
	{row: 23, name: "one for all", breaks: func(w *world) {
		w.set("BucketServerSideEncryptionConfigurationV2 lakehouse", "rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId", w.at("Key landing").ARN)
	}, also: []int{7}},
	{row: 23, name: "that of operations", breaks: func(w *world) {
		w.set("BucketServerSideEncryptionConfigurationV2 lakehouse", "rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId", w.at("Key operations").ARN)
	}, also: []int{7}},
}

var networkMutations = []mutation{
	{row: 24, name: "none", breaks: func(w *world) { w.drop("FlowLog flow"); w.drop("FlowLog refused") }, stack: "dev", also: []int{117}},
	{row: 24, name: "only what is refused", breaks: func(w *world) { w.drop("FlowLog flow") }},
	{row: 24, name: "half", breaks: func(w *world) { w.set("FlowLog flow", "trafficType", "REJECT") }},
	{row: 24, name: "for ever", breaks: func(w *world) { w.set("BucketLifecycleConfigurationV2 logs", "rules.1.expiration", nil) }},
	{row: 25, name: "none", breaks: func(w *world) { w.drop("DefaultSecurityGroup default") }},
	{row: 25, name: "open", breaks: func(w *world) {
		w.set("DefaultSecurityGroup default", "egress", []any{map[string]any{"protocol": "-1"}})
	}},
	{row: 26, name: "public addresses", breaks: func(w *world) { w.set("Subnet tasks-1", "mapPublicIpOnLaunch", true) }},
	{row: 28, name: "none", breaks: func(w *world) { w.drop("VpcEndpoint dynamodb") }},
	{row: 28, name: "no policy", breaks: func(w *world) { w.set("VpcEndpoint s3", "policy", nil) }},
	{row: 28, name: "everything", breaks: func(w *world) {
		w.allow("VpcEndpoint s3", `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`)
	}},
	{row: 29, name: "none of Glue", breaks: func(w *world) { w.drop("VpcEndpoint glue") }},
	{row: 29, name: "public names", breaks: func(w *world) { w.set("VpcEndpoint ecr.dkr", "privateDnsEnabled", false) }},
	{row: 29, name: "egress is public", stack: "dev", breaks: func(w *world) { w.unwaived("29") }},
	{row: 30, name: "no reason", breaks: func(w *world) { w.set("SecurityGroupEgressRule s3", "description", "") }},
	{row: 30, name: "any port", breaks: func(w *world) { w.set("SecurityGroupEgressRule s3", "fromPort", 0) }},
	{row: 30, name: "from anywhere", breaks: func(w *world) {
		w.set("SecurityGroupIngressRule endpoints", "referencedSecurityGroupId", nil)
		w.set("SecurityGroupIngressRule endpoints", "cidrIpv4", "0.0.0.0/0")
	}},
	{row: 30, name: "rules within", breaks: func(w *world) { w.set("SecurityGroup tasks", "egress", []any{map[string]any{}}) }},
	{row: 30, name: "for nothing", breaks: func(w *world) { w.drop("SecurityGroupIngressRule endpoints") }},
	{row: 31, name: "one zone", stack: "dev", breaks: func(w *world) {
		w.set("Subnet tasks-1", "availabilityZone", w.at("Subnet tasks-2").Inputs["availabilityZone"])
	}},
	{row: 32, name: "too many", stack: "nat", breaks: func(w *world) { w.add("aws:ec2/natGateway:NatGateway", "another", map[string]any{}) }},
}

var programMutations = []mutation{
	{row: 33, name: "tags move", breaks: func(w *world) { w.set("Repository ingest", "imageTagMutability", "MUTABLE") }},
	{row: 33, name: "by tag", breaks: func(w *world) {
		w.set("Function evolve", "imageUri", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/floe-prod-ingest:latest")
	}},
	{row: 34, name: "unseen", breaks: func(w *world) { w.set("Repository ingest", "imageScanningConfiguration.scanOnPush", false) }},
	{row: 35, name: "none", breaks: func(w *world) { w.drop("LifecyclePolicy ingest") }},
	{row: 35, name: "late", breaks: func(w *world) { w.write("LifecyclePolicy transform", "policy", `"countNumber":7`, `"countNumber":700`) }},
	{row: 36, name: "ECR's key", breaks: func(w *world) { w.set("Repository ingest", "encryptionConfigurations.0.encryptionType", "AES256") }},
	{row: 37, name: "everybody", breaks: func(w *world) { w.write("RepositoryPolicy ingest", "policy", `"Principal":{[^}]*}`, `"Principal":"*"`) }},
	{row: 37, name: "any function", breaks: func(w *world) { w.write("RepositoryPolicy ingest", "policy", "aws:SourceArn", "aws:other") }},
	{row: 37, name: "none", breaks: func(w *world) { w.drop("RepositoryPolicy ingest") }},
	{row: 40, name: "another architecture", breaks: func(w *world) { w.set("Function evolve", "architectures", []any{"x86_64"}) }},
	{row: 40, name: "a memory of chance", breaks: func(w *world) { w.set("Function evolve", "memorySize", nil) }},
	{row: 40, name: "outlives its caller", breaks: func(w *world) { w.set("Function maintain", "timeout", 2000) }},
	{row: 41, name: "none reserved", breaks: func(w *world) { w.unwaived("41") }},
	{row: 42, name: "none", breaks: func(w *world) { w.drop("FunctionEventInvokeConfig evolve") }},
	{row: 42, name: "lost", breaks: func(w *world) { w.set("FunctionEventInvokeConfig evolve", "destinationConfig", nil) }},
	{row: 43, name: "text", breaks: func(w *world) { w.set("Function evolve", "loggingConfig.logFormat", "Text") }},
	{row: 43, name: "another's group", breaks: func(w *world) {
		w.set("Function evolve", "loggingConfig.logGroup", w.at("LogGroup maintain").Inputs["name"])
	}},
	{row: 43, name: "a group of nobody's", breaks: func(w *world) { w.drop("LogGroup evolve") }},
	{row: 44, name: "off", breaks: func(w *world) { w.set("Function evolve", "tracingConfig.mode", "PassThrough") }},
	{row: 45, name: "Lambda's key", breaks: func(w *world) { w.set("Function evolve", "kmsKeyArn", nil) }},
	{row: 45, name: "a token", breaks: func(w *world) { w.set("Function evolve", "environment.variables.API_TOKEN", "abc") }},
	{row: 46, name: "one zone", breaks: func(w *world) {
		w.set("Function evolve", "vpcConfig", map[string]any{"subnetIds": []any{"subnet-1"}, "securityGroupIds": []any{"sg-1"}})
	}},
	{row: 47, name: "everybody", breaks: func(w *world) {
		w.add("aws:lambda/permission:Permission", "open", map[string]any{"principal": "*", "sourceArn": "arn:aws:s3:::x", "sourceAccount": "1"})
	}},
	{row: 47, name: "from anywhere", breaks: func(w *world) {
		w.add("aws:lambda/permission:Permission", "open", map[string]any{"principal": "s3.amazonaws.com"})
	}},
	{row: 49, name: "none", breaks: func(w *world) { w.drop("FunctionRecursionConfig evolve") }},
	{row: 49, name: "allowed", breaks: func(w *world) { w.set("FunctionRecursionConfig evolve", "recursiveLoop", "Allow") }},
}

var workflowMutations = []mutation{
	{row: 50, name: "payload", breaks: func(w *world) {
		w.set("StateMachine workflow-daily", "loggingConfiguration.includeExecutionData", true)
	}},
	{row: 50, name: "off", breaks: func(w *world) { w.set("StateMachine workflow-daily", "loggingConfiguration.level", "OFF") }},
	{row: 50, name: "nowhere", breaks: func(w *world) { w.drop("LogGroup workflow-daily") }},
	{row: 51, name: "off", breaks: func(w *world) { w.set("StateMachine workflow-daily", "tracingConfiguration.enabled", false) }},
	{row: 52, name: "AWS's key", breaks: func(w *world) { w.set("StateMachine workflow-daily", "encryptionConfiguration", nil) }},
	{row: 53, name: "no limit", breaks: func(w *world) {
		w.write("StateMachine workflow-daily", "definition", `"TimeoutSeconds": 960`, `"HeartbeatSeconds": 960`)
	}},
	{row: 53, name: "no jitter", breaks: func(w *world) {
		w.write("StateMachine workflow-daily", "definition", `"JitterStrategy": "FULL"`, `"JitterStrategy": "NONE"`)
	}},
	{row: 53, name: "untold", breaks: func(w *world) { w.write("StateMachine workflow-daily", "definition", `"Catch"`, `"Catches"`) }},
	{row: 54, name: "any name", breaks: func(w *world) { w.set("Schedule schedule-daily", "target.input", "{}") }},
	{row: 55, name: "passed to anybody", breaks: func(w *world) { w.write("RolePolicy workflow-daily", "policy", "iam:PassedToService", "iam:Other") }},
	{row: 55, name: "any function", breaks: func(w *world) { w.write("RolePolicy workflow-daily", "policy", `:function:[^"]*`, ":function:*") }, also: []int{108}},
	{row: 55, name: "any task", breaks: func(w *world) {
		w.write("RolePolicy workflow-daily", "policy", `:task-definition/[^"]*`, ":task-definition/*")
	}, also: []int{108}},
	{row: 56, name: "to the minute", breaks: func(w *world) { w.set("Schedule schedule-daily", "flexibleTimeWindow.mode", "OFF") }},
	{row: 56, name: "lost", breaks: func(w *world) { w.set("Schedule schedule-daily", "target.deadLetterConfig", nil) }},
	{row: 56, name: "on in dev", stack: "dev", breaks: func(w *world) { w.set("Schedule schedule-daily", "state", "ENABLED") }},
	{row: 57, name: "a bus", breaks: func(w *world) { w.add("aws:cloudwatch/eventBus:EventBus", "own", map[string]any{"name": "own"}) }},
	{row: 58, name: "no key", breaks: func(w *world) { w.set("Queue dead-letters", "kmsMasterKeyId", nil) }},
	{row: 58, name: "no policy", breaks: func(w *world) { w.drop("QueuePolicy dead-letters") }},
	{row: 58, name: "plain HTTP", breaks: func(w *world) { w.write("QueuePolicy dead-letters", "policy", "aws:SecureTransport", "aws:other") }},
	{row: 58, name: "unwatched", breaks: func(w *world) { w.drop("MetricAlarm dead-letters-old") }},
	{row: 58, name: "failures are lost", breaks: func(w *world) {
		w.add("aws:sqs/queue:Queue", "more", map[string]any{"name": "dead-letters-more", "kmsMasterKeyId": w.at("Queue dead-letters").Inputs["kmsMasterKeyId"]})
		for _, metric := range []string{"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"} {
			w.add("aws:cloudwatch/metricAlarm:MetricAlarm", metric, map[string]any{"namespace": "AWS/SQS", "metricName": metric, "alarmDescription": "docs/operate.md#x",
				"alarmActions": []any{w.at("Topic replica").ARN}, "comparisonOperator": "GreaterThanThreshold", "dimensions": map[string]any{"QueueName": "dead-letters-more"}})
		}
		w.add("aws:sqs/queuePolicy:QueuePolicy", "more", map[string]any{"queueUrl": "https://sqs/dead-letters-more", "policy": w.at("QueuePolicy dead-letters").Inputs["policy"]})
	}},
	{row: 59, name: "no key", breaks: func(w *world) { w.set("Topic alarms", "kmsMasterKeyId", nil) }},
	{row: 59, name: "no policy", breaks: func(w *world) { w.drop("TopicPolicy alarms") }},
	{row: 59, name: "everybody", breaks: func(w *world) { w.write("TopicPolicy alarms", "policy", `"Principal":{[^}]*}`, `"Principal":"*"`) }},
}
