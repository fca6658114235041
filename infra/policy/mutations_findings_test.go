package policy_test

import (
	"slices"
	"strings"
)

// job is a Glue job as it ought to be.
func job(property string, value any) func(*world) {
	return func(w *world) {
		w.add("aws:glue/job:Job", "own", map[string]any{"securityConfiguration": "own", "glueVersion": "5.0", "timeout": 10, "executionProperty": map[string]any{"maxConcurrentRuns": 1}})
		w.set("Job own", property, value)
	}
}

// optimizers gives each database an optimizer that waits for the evolution, and
// takes the waivers of floe maintain away that speak of it.
func optimizers(w *world) {
	w.unwaived("76")
	w.unwaived("78")
	evolution := w.at("Invocation evolve").URN
	for _, r := range slices.Clone(w.resources) {
		if strings.HasSuffix(r.Type, ":CatalogDatabase") {
			w.add("aws:glue/catalogTableOptimizer:CatalogTableOptimizer", r.Name, map[string]any{"databaseName": r.Inputs["name"], "type": "retention",
				"configuration": map[string]any{"retentionConfiguration": map[string]any{"icebergConfiguration": map[string]any{"cleanExpiredFiles": true}}}})
			w.at("CatalogTableOptimizer " + r.Name).DependsOn = []string{evolution}
		}
	}
}

// findingMutations speak each finding that none of the others does.
var findingMutations = []mutation{
	{row: 12, name: "noted elsewhere", also: []int{115}, breaks: func(w *world) {
		w.drop("Trail audit")
		w.set("BucketLoggingV2 landing", "targetBucket", "another")
	}},
	{row: 13, name: "of another's bucket", breaks: func(w *world) { w.write("EventRule upload-daily", "eventPattern", `floe-prod-landing[^"]*`, "another") }},
	{row: 14, name: "by the key of the original", breaks: func(w *world) {
		w.set("BucketReplicationConfig landing", "rules.0.destination.encryptionConfiguration.replicaKmsKeyId", w.at("Key landing").ARN)
	}},
	{row: 14, name: "off", breaks: func(w *world) { w.set("BucketReplicationConfig landing", "rules.0.status", "Disabled") }},
	{row: 14, name: "unmeasured", breaks: func(w *world) { w.set("BucketReplicationConfig landing", "rules.0.destination.metrics", nil) }},
	{row: 15, name: "a bucket without locks", breaks: func(w *world) { w.set("BucketV2 audit", "objectLockEnabled", false) }},
	{row: 30, name: "from another's group", breaks: func(w *world) {
		w.set("SecurityGroupIngressRule endpoints", "referencedSecurityGroupId", "999999999999/sg-0123")
	}},
	{row: 30, name: "for what", breaks: func(w *world) { w.set("SecurityGroup tasks", "description", "Managed by Pulumi") }},
	{row: 30, name: "two ports", breaks: func(w *world) { w.set("SecurityGroupEgressRule s3", "toPort", 444) }},
	{row: 32, name: "one for three zones", breaks: func(w *world) { w.add("aws:ec2/natGateway:NatGateway", "one", map[string]any{}) }},
	{row: 40, name: "an archive", breaks: func(w *world) { w.set("Function evolve", "packageType", "Zip") }},
	{row: 42, name: "no age", breaks: func(w *world) { w.set("FunctionEventInvokeConfig evolve", "maximumEventAgeInSeconds", nil) }},
	{row: 42, name: "no number of retries", breaks: func(w *world) { w.set("FunctionEventInvokeConfig evolve", "maximumRetryAttempts", nil) }},
	{row: 42, name: "to another's queue", breaks: func(w *world) {
		w.set("FunctionEventInvokeConfig evolve", "destinationConfig.onFailure.destination", "arn:aws:sqs:eu-central-1:999999999999:x")
	}},
	{row: 46, name: "no group", breaks: func(w *world) {
		w.set("Function evolve", "vpcConfig", map[string]any{"subnetIds": []any{"subnet-1", "subnet-2"}})
	}},
	{row: 47, name: "of any account", breaks: func(w *world) {
		w.add("aws:lambda/permission:Permission", "open", map[string]any{"principal": "s3.amazonaws.com", "sourceArn": "arn:aws:s3:::x"})
	}},
	{row: 53, name: "never again", breaks: func(w *world) { w.write("StateMachine workflow-daily", "definition", `"Retry"`, `"Retries"`) }},
	{row: 53, name: "no longer wait", breaks: func(w *world) {
		w.write("StateMachine workflow-daily", "definition", `"BackoffRate": [0-9.]+`, `"BackoffRate": 1`)
	}},
	{row: 53, name: "no longest wait", breaks: func(w *world) {
		w.write("StateMachine workflow-daily", "definition", `"MaxDelaySeconds": [0-9]+`, `"MaxDelaySeconds": 0`)
	}},
	{row: 55, name: "roles by a prefix", breaks: func(w *world) {
		w.write("RolePolicy workflow-daily", "policy", `role/floe-prod-task-transform`, "role/floe-prod-*")
	}},
	{row: 56, name: "no time zone", breaks: func(w *world) { w.set("Schedule schedule-daily", "scheduleExpressionTimezone", nil) }},
	{row: 56, name: "to another's queue", breaks: func(w *world) {
		w.set("Schedule schedule-daily", "target.deadLetterConfig.arn", "arn:aws:sqs:eu-central-1:999999999999:x")
	}},
	{row: 57, name: "a bus without an archive", breaks: func(w *world) {
		w.add("aws:cloudwatch/eventBus:EventBus", "own", map[string]any{"name": "own"})
		w.add("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "own", map[string]any{"eventBusName": "own"})
	}},
	{row: 57, name: "a bus without a policy", breaks: func(w *world) {
		w.add("aws:cloudwatch/eventBus:EventBus", "own", map[string]any{"name": "own"})
		w.add("aws:cloudwatch/eventArchive:EventArchive", "own", map[string]any{"eventSourceArn": w.at("EventBus own").ARN})
	}},
	{row: 58, name: "rings when it is lost", breaks: func(w *world) { w.set("MetricAlarm dead-letters-old", "threshold", 1209600) }},
	{row: 63, name: "the host's memory", breaks: func(w *world) { w.set("TaskDefinition transform", "ipcMode", "host") }},
	{row: 63, name: "the host's network", breaks: func(w *world) { w.set("TaskDefinition transform", "networkMode", "host") }},
	{row: 63, name: "on a host", breaks: func(w *world) { w.set("TaskDefinition transform", "requiresCompatibilities", []any{"EC2"}) }},
	{row: 66, name: "to nobody's group", breaks: func(w *world) {
		w.write("TaskDefinition transform", "containerDefinitions", `"awslogs-group":"[^"]*"`, `"awslogs-group":"another"`)
	}},
	{row: 67, name: "an old platform", breaks: func(w *world) {
		w.write("StateMachine workflow-daily", "definition", `"EnableExecuteCommand": false`, `"EnableExecuteCommand": false, "PlatformVersion": "1.3.0"`)
	}},
	{row: 70, name: "nothing buries", breaks: func(w *world) {
		w.write("TaskDefinition transform", "containerDefinitions", `"initProcessEnabled":true`, `"initProcessEnabled":false`)
	}},
	{row: 72, name: "a job", breaks: job("securityConfiguration", nil)},
	{row: 73, name: "a job without end", breaks: job("timeout", nil)},
	{row: 73, name: "a job beside itself", breaks: job("executionProperty.maxConcurrentRuns", 2)},
	{row: 73, name: "a job of any version", breaks: job("glueVersion", nil)},
	{row: 76, name: "one keeps its files", breaks: func(w *world) {
		optimizers(w)
		w.set("CatalogTableOptimizer marts", "configuration.retentionConfiguration", nil)
	}},
	{row: 78, name: "one before its table", breaks: func(w *world) {
		optimizers(w)
		w.at("CatalogTableOptimizer marts").DependsOn = nil
	}},
	{row: 80, name: "a crawler of all", breaks: func(w *world) {
		w.add("aws:glue/crawler:Crawler", "lakehouse", map[string]any{"securityConfiguration": "own",
			"s3Targets": []any{map[string]any{"path": "s3://" + w.at("BucketV2 lakehouse").Inputs["bucket"].(string) + "/"}}})
	}},
	{row: 82, name: "disabled", breaks: func(w *world) { w.set("Workgroup analyst", "state", "DISABLED") }},
	{row: 82, name: "one for everybody", stack: "dev", breaks: func(w *world) { w.drop("Workgroup analyst") }},
	{row: 86, name: "a limit of nothing", breaks: func(w *world) { w.set("Workgroup analyst", "configuration.bytesScannedCutoffPerQuery", 1) }},
	{row: 87, name: "S3's key", breaks: func(w *world) {
		w.set("Workgroup spark", "configuration.resultConfiguration.encryptionConfiguration.encryptionOption", "SSE_S3")
	}},
	{row: 87, name: "in another's bucket", breaks: func(w *world) {
		w.set("Workgroup spark", "configuration.resultConfiguration.outputLocation", "s3://another/spark/")
	}},
	{row: 93, name: "no value", breaks: func(w *world) { w.set("LfTag domain", "values", []any{}) }},
	{row: 100, name: "rotated after years", breaks: func(w *world) {
		w.drop("MetricAlarm secret-partner-old")
		w.add("aws:secretsmanager/secretRotation:SecretRotation", "partner", map[string]any{"secretId": w.at("Secret partner").ID, "rotationRules": map[string]any{"automaticallyAfterDays": 1000}})
	}},
	{row: 117, name: "many failures", breaks: func(w *world) { w.set("MetricAlarm workflow-daily-failed", "threshold", 1000) }},
	{row: 117, name: "no failure", breaks: func(w *world) {
		w.set("MetricAlarm workflow-daily-failed", "comparisonOperator", "LessThanThreshold")
	}},
	{row: 117, name: "never late", breaks: func(w *world) { w.set("MetricAlarm workflow-daily-late", "threshold", 0) }},
	{row: 117, name: "many dead letters", breaks: func(w *world) { w.set("MetricAlarm dead-letters", "threshold", 1000) }},
	{row: 117, name: "tells others", breaks: func(w *world) {
		w.set("MetricAlarm dead-letters", "alarmActions", []any{"arn:aws:sns:eu-central-1:999999999999:x"})
	}},
	{row: 117, name: "all tell others", breaks: func(w *world) {
		w.set("CompositeAlarm health", "alarmActions", []any{"arn:aws:sns:eu-central-1:999999999999:x"})
	}},
	{row: 117, name: "what is refused is not noted", breaks: func(w *world) { w.drop("FlowLog refused") }},
	{row: 117, name: "what is let through is noted", breaks: func(w *world) { w.set("FlowLog refused", "trafficType", "ACCEPT") }},
	{row: 117, name: "what is refused is not counted", breaks: func(w *world) { w.drop("LogMetricFilter network-refused") }},
	{row: 117, name: "everything is noted alike", breaks: func(w *world) { w.set("FlowLog refused", "trafficType", "ALL") }},
	{row: 117, name: "a format of its own", breaks: func(w *world) { w.set("FlowLog refused", "logFormat", nil) }},
	{row: 117, name: "a format without the way", breaks: func(w *world) {
		w.write("FlowLog refused", "logFormat", "flow-direction", "flow-way")
	}},
	{row: 117, name: "what comes in is counted", breaks: func(w *world) {
		w.write("LogMetricFilter network-refused", "pattern", "=egress", "=ingress")
	}},
	{row: 117, name: "what does not go out is counted", breaks: func(w *world) {
		w.write("LogMetricFilter network-refused", "pattern", "=egress", "!=egress")
	}},
	{row: 117, name: "a pattern that is too short", breaks: func(w *world) {
		w.write("LogMetricFilter network-refused", "pattern", ", start", "")
	}},
	{row: 117, name: "nothing is counted", breaks: func(w *world) {
		w.set("LogMetricFilter network-refused", "metricTransformation.value", "0")
	}},
	{row: 117, name: "the least is looked at", breaks: func(w *world) { w.set("MetricAlarm network-refused", "statistic", "Minimum") }},
	{row: 117, name: "another group's lines are counted", breaks: func(w *world) {
		w.set("LogMetricFilter network-refused", "logGroupName", w.at("LogGroup evolve").Inputs["name"])
	}},
	{row: 117, name: "another metric is counted", breaks: func(w *world) {
		w.set("LogMetricFilter network-refused", "metricTransformation.name", "Other")
	}},
	{row: 117, name: "another space's metric is counted", breaks: func(w *world) {
		w.set("LogMetricFilter network-refused", "metricTransformation.namespace", "Other")
	}},
	{row: 117, name: "what is refused rings no bell", breaks: func(w *world) { w.drop("MetricAlarm network-refused") }},
	{row: 117, name: "a million are refused", breaks: func(w *world) { w.set("MetricAlarm network-refused", "threshold", 1000000) }},
	{row: 117, name: "few are refused", breaks: func(w *world) {
		w.set("MetricAlarm network-refused", "comparisonOperator", "LessThanThreshold")
	}},
	{row: 117, name: "somebody's are refused", breaks: func(w *world) {
		w.set("MetricAlarm network-refused", "dimensions", map[string]any{"VPC": "vpc-1"})
	}},
	{row: 118, name: "when ten times is spent", breaks: func(w *world) { w.set("Budget month", "notifications.0.threshold", 1000) }},
	{row: 118, name: "when a million is spent", breaks: func(w *world) {
		w.set("Budget month", "notifications.1.thresholdType", "ABSOLUTE_VALUE")
	}},
	{row: 118, name: "of another stack", breaks: func(w *world) {
		w.set("Budget month", "costFilters.0.values", []any{"user:floe:stack$dev"})
	}},
	{row: 118, name: "of a service", breaks: func(w *world) {
		w.set("Budget month", "costFilters.0", map[string]any{"name": "Service", "values": []any{"Amazon Athena"}})
	}},
	{row: 118, name: "tells others", breaks: func(w *world) {
		w.set("Budget month", "notifications.0.subscriberEmailAddresses", nil)
		w.set("Budget month", "notifications.0.subscriberSnsTopicArns", []any{"arn:aws:sns:eu-central-1:999999999999:x"})
	}},
	{row: 118, name: "of hours", breaks: func(w *world) { w.set("Budget month", "budgetType", "USAGE") }},
	{row: 118, name: "when less is spent", breaks: func(w *world) {
		w.set("Budget month", "notifications.0.comparisonOperator", "LESS_THAN")
	}},
	{row: 118, name: "tells nobody", breaks: func(w *world) {
		w.set("Budget month", "notifications.0.subscriberEmailAddresses", nil)
		w.set("Budget month", "notifications.0.subscriberSnsTopicArns", []any{})
	}},
	{row: 118, name: "in another coin", breaks: func(w *world) { w.set("Budget month", "limitUnit", "JPY") }},
	{row: 118, name: "a ceiling that nobody said", breaks: func(w *world) { w.stack.Platform.Budget = nil }},
	{row: 118, name: "no ceiling", breaks: func(w *world) { w.set("Budget month", "limitAmount", "all") }},
	{row: 120, name: "into another vault", breaks: func(w *world) { w.set("Plan databases", "rules.0.targetVaultName", "another") }},
	{row: 120, name: "another database", breaks: func(w *world) {
		w.set("Selection databases", "resources", []any{"arn:aws:rds:eu-central-1:123456789012:db:another"})
	}},
	{row: 120, name: "by another plan", breaks: func(w *world) { w.set("Selection databases", "planId", "another") }},
	{row: 120, name: "another database is tried", breaks: func(w *world) {
		w.set("RestoreTestingSelection rds", "protectedResourceArns", []any{"arn:aws:rds:eu-central-1:123456789012:db:another"})
	}},
	{row: 120, name: "tried by another plan", breaks: func(w *world) { w.set("RestoreTestingSelection rds", "restoreTestingPlanName", "another") }},
	{row: 120, name: "another vault is tried", breaks: func(w *world) {
		w.set("RestoreTestingPlan databases", "recoveryPointSelection.includeVaults", []any{"arn:aws:backup:eu-central-1:123456789012:backup-vault:another"})
	}},
	{row: 120, name: "no plan", breaks: func(w *world) { w.drop("Plan databases") }},
	{row: 120, name: "no database", breaks: func(w *world) { w.drop("Selection databases") }},
	{row: 120, name: "no vault", breaks: func(w *world) { w.drop("Vault databases") }},
}
