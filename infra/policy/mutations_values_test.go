package policy_test

import "slices"

// The tables of these files break what looks right: a value that is there and
// is another one, a resource of a type that no rule looks into.

var valueMutations = []mutation{
	{row: 7, name: "customers' keys", breaks: func(w *world) {
		w.statement("BucketPolicy landing", "policy", "RefuseCustomersKeys", func(s map[string]any) {
			s["Effect"] = "Allow"
			s["Principal"] = map[string]any{"AWS": "arn:aws:iam::123456789012:role/x"}
		})
	}},
	{row: 9, name: "what has a tag", breaks: func(w *world) {
		w.set("BucketLifecycleConfigurationV2 logs", "rules.0.filter", map[string]any{"tag": map[string]any{"key": "a", "value": "b"}})
	}},
	{row: 10, name: "large files stay for ever", breaks: func(w *world) {
		w.set("BucketLifecycleConfigurationV2 landing", "rules.1.filter", map[string]any{"prefix": "", "objectSizeLessThan": 1000})
	}},
	{row: 10, name: "tables' files go at once", stack: "tables", breaks: func(w *world) {
		w.set("TableBucket tables", "maintenanceConfiguration.icebergUnreferencedFileRemoval.settings.nonCurrentDays", 1)
	}},
	{row: 10, name: "files of writers go at once", stack: "tables", breaks: func(w *world) {
		w.set("TableBucket tables", "maintenanceConfiguration.icebergUnreferencedFileRemoval.settings.unreferencedDays", 1)
	}},
	{row: 10, name: "tables' files stay for ever", stack: "tables", breaks: func(w *world) {
		w.set("TableBucket tables", "maintenanceConfiguration.icebergUnreferencedFileRemoval.status", "disabled")
	}},
	{row: 11, name: "some answers", breaks: func(w *world) { w.set("BucketLifecycleConfigurationV2 results", "rules.1.filter.prefix", "analyst/") }},
	{row: 23, name: "tables by the key of operations", stack: "tables", breaks: func(w *world) {
		w.set("TableBucket tables", "encryptionConfiguration.kmsKeyArn", w.at("Key operations").ARN)
	}},
	{row: 24, name: "some of it goes", breaks: func(w *world) { w.set("BucketLifecycleConfigurationV2 logs", "rules.1.filter.prefix", "access/") }},
	{row: 12, name: "tables are not noted", stack: "prod-tables", also: []int{115}, breaks: func(w *world) {
		selectors := w.at("Trail audit").Inputs["advancedEventSelectors"].([]any)
		w.set("Trail audit", "advancedEventSelectors", selectors[:1])
	}},
	{row: 12, name: "no trail of tables", stack: "prod-tables", also: []int{115}, breaks: func(w *world) { w.drop("Trail audit") }},
	{row: 14, name: "tables that nothing copies", stack: "prod-tables", breaks: func(w *world) { w.unwaived("14") }},
	{row: 14, name: "one prefix", breaks: func(w *world) { w.set("BucketReplicationConfig landing", "rules.0.filter.prefix", "landing_games/") }},
	{row: 14, name: "what has a tag", breaks: func(w *world) {
		w.set("BucketReplicationConfig landing", "rules.0.filter", map[string]any{"tag": map[string]any{"key": "copy", "value": "yes"}})
	}},
	{row: 14, name: "nothing that is encrypted", breaks: func(w *world) {
		w.set("BucketReplicationConfig landing", "rules.0.sourceSelectionCriteria.sseKmsEncryptedObjects.status", "Disabled")
	}},
	{row: 14, name: "another's bucket", breaks: func(w *world) {
		w.set("BucketReplicationConfig landing", "rules.0.destination.bucket", "arn:aws:s3:::another")
	}},
	{row: 15, name: "in compliance mode", breaks: func(w *world) {
		w.set("BucketObjectLockConfigurationV2 audit", "rule.defaultRetention.mode", "COMPLIANCE")
	}},
	{row: 16, name: "a vault that is forced", breaks: func(w *world) { w.set("Vault databases", "forceDestroy", true) }},
	{row: 16, name: "a vault that is not protected", breaks: func(w *world) { w.at("Vault databases").Protect = false }},
	{row: 16, name: "a vault that is not kept", breaks: func(w *world) { w.at("Vault databases").Retain = false }},
	{row: 24, name: "another's log group", breaks: func(w *world) {
		w.set("FlowLog flow", "logDestinationType", "cloud-watch-logs")
		w.set("FlowLog flow", "logDestination", "arn:aws:logs:eu-central-1:999999999999:log-group:x:*")
	}},
	{row: 24, name: "another's bucket", breaks: func(w *world) { w.set("FlowLog flow", "logDestination", "arn:aws:s3:::another") }},
	{row: 84, name: "another's bucket", breaks: func(w *world) {
		w.set("Workgroup analyst", "configuration.resultConfiguration.outputLocation", "s3://another/analyst/")
	}},
	{row: 84, name: "another account's bucket", breaks: func(w *world) {
		w.set("Workgroup analyst", "configuration.resultConfiguration.expectedBucketOwner", "999999999999")
	}},
	{row: 86, name: "an alarm that never rings", breaks: func(w *world) { w.set("MetricAlarm athena-analyst-bytes", "threshold", 1e18) }},
	{row: 86, name: "an alarm of an hour", breaks: func(w *world) { w.set("MetricAlarm athena-analyst-bytes", "period", 3600) }},
	{row: 100, name: "an age of years", breaks: func(w *world) { w.set("MetricAlarm secret-partner-old", "threshold", 9000) }},
	{row: 100, name: "the young", breaks: func(w *world) {
		w.set("MetricAlarm secret-partner-old", "comparisonOperator", "LessThanThreshold")
	}},
	{row: 100, name: "an age that nobody measures", breaks: func(w *world) { w.drop("LogMetricFilter secret-partner-age") }},
	{row: 100, name: "an age that another tells", breaks: func(w *world) {
		w.set("LogMetricFilter secret-partner-age", "logGroupName", w.at("LogGroup ingest-games").Inputs["name"])
	}},
	{row: 100, name: "an age of nobody's", breaks: func(w *world) {
		w.set("LogMetricFilter secret-partner-age", "metricTransformation.dimensions", nil)
	}},
	{row: 100, name: "another measure", breaks: func(w *world) {
		w.set("LogMetricFilter secret-partner-age", "metricTransformation.name", "Other")
	}},
	{row: 117, name: "switched off", breaks: func(w *world) { w.set("MetricAlarm dead-letters", "actionsEnabled", false) }},
	{row: 117, name: "all switched off", breaks: func(w *world) { w.set("CompositeAlarm health", "actionsEnabled", false) }},
	{row: 118, name: "a million", breaks: func(w *world) { w.set("Budget month", "limitAmount", "1000000") }},
	{row: 118, name: "a year's", breaks: func(w *world) { w.set("Budget month", "timeUnit", "ANNUALLY") }},
	{row: 119, name: "no pipeline", breaks: func(w *world) { w.set("Function ingest-games", "tags", nil) }},
	{row: 119, name: "another pipeline", breaks: func(w *world) { w.set("Function ingest-games", "tags", map[string]any{"floe:pipeline": "partner"}) }},
	{row: 119, name: "no pipeline of a task", stack: "existing", breaks: func(w *world) { w.set("TaskDefinition ingest-games", "tags", nil) }},
	{row: 120, name: "nothing is tried", breaks: func(w *world) { w.drop("RestoreTestingSelection rds") }},
}

var trailMutations = []mutation{
	{row: 115, name: "switched off", breaks: func(w *world) { w.set("Trail audit", "enableLogging", false) }},
	{row: 115, name: "another's bucket", breaks: func(w *world) { w.set("Trail audit", "s3BucketName", "another") }},
	{row: 115, name: "another's log group", breaks: func(w *world) {
		w.set("Trail audit", "cloudWatchLogsGroupArn", "arn:aws:logs:eu-central-1:999999999999:log-group:x:*")
	}},
	{row: 115, name: "one region", breaks: func(w *world) { w.set("Trail audit", "isMultiRegionTrail", false) }},
	{row: 115, name: "writes only", breaks: selecting(map[string]any{"field": "readOnly", "equals": []any{"false"}})},
	{row: 115, name: "reads only", breaks: selecting(map[string]any{"field": "readOnly", "equals": []any{"true"}})},
	{row: 115, name: "some events", breaks: selecting(map[string]any{"field": "eventName", "equals": []any{"PutObject"}})},
	{row: 115, name: "some tables", breaks: func(w *world) {
		const path = "advancedEventSelectors.0.fieldSelectors.2.startsWiths."
		w.set("Trail audit", path+"0", "arn:aws:s3:::floe-prod-lakehouse-123456789012-eu-central-1/marts/")
	}},
	{row: 115, name: "a copy left out", breaks: func(w *world) {
		w.set("Trail audit", "advancedEventSelectors.0.fieldSelectors.2.startsWiths.1", "arn:aws:s3:::other/")
	}},
	{row: 115, name: "another kind", breaks: func(w *world) {
		w.set("Trail audit", "advancedEventSelectors.0.fieldSelectors.1.equals", []any{"AWS::S3ObjectLambda::AccessPoint"})
	}},
}

// selecting adds a field to what a trail selects.
func selecting(field map[string]any) func(*world) {
	return func(w *world) {
		const path = "advancedEventSelectors.0.fieldSelectors"
		fields := w.at("Trail audit").Inputs["advancedEventSelectors"].([]any)[0].(map[string]any)["fieldSelectors"].([]any)
		w.set("Trail audit", path, append(slices.Clone(fields), field))
	}
}

// lifecycleOf gives a repository another lifecycle.
func lifecycleOf(rules string) func(*world) {
	return func(w *world) { w.set("LifecyclePolicy ingest", "policy", `{"rules":[`+rules+`]}`) }
}

const (
	untaggedGo = `{"selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":7},"action":{"type":"expire"}}`
	newestStay = `{"selection":{"tagStatus":"tagged","tagPatternList":["*"],"countType":"imageCountMoreThan","countNumber":100},"action":{"type":"expire"}}`
)

var imageMutations = []mutation{
	{row: 35, name: "one image stays", breaks: func(w *world) { w.write("LifecyclePolicy ingest", "policy", `"countNumber":100`, `"countNumber":1`) }},
	{row: 35, name: "all stay", breaks: lifecycleOf(untaggedGo)},
	{row: 35, name: "some tags stay", breaks: func(w *world) { w.write("LifecyclePolicy ingest", "policy", `\["\*"\]`, `["v*"]`) }},
	{row: 35, name: "a day's stay", breaks: lifecycleOf(untaggedGo + "," + newestStay + `,{"selection":{"tagStatus":"tagged","tagPatternList":["*"],"countType":"sinceImagePushed","countUnit":"days","countNumber":1}}`)},
	{row: 35, name: "any go", breaks: lifecycleOf(untaggedGo + "," + newestStay + `,{"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":200}}`)},
	{row: 35, name: "no JSON", breaks: func(w *world) { w.set("LifecyclePolicy ingest", "policy", "none") }},
}

var unseenMutations = []mutation{
	{row: 1, name: "a bucket of another type", breaks: func(w *world) { w.add("aws:s3/bucket:Bucket", "old", map[string]any{"acl": "public-read"}) }},
	{row: 1, name: "an access point", breaks: func(w *world) { w.add("aws:s3/accessPoint:AccessPoint", "way", map[string]any{}) }},
	{row: 1, name: "a directory bucket", breaks: func(w *world) { w.add("aws:s3/directoryBucket:DirectoryBucket", "quick", map[string]any{}) }},
	{row: 3, name: "an ACL", breaks: func(w *world) { w.add("aws:s3/bucketAclV2:BucketAclV2", "open", map[string]any{"acl": "public-read"}) }},
	{row: 30, name: "a rule of another type", breaks: func(w *world) {
		w.add("aws:ec2/securityGroupRule:SecurityGroupRule", "open", map[string]any{"type": "ingress", "cidrBlocks": []any{"0.0.0.0/0"}, "fromPort": 0, "toPort": 65535, "protocol": "-1"})
	}},
	{row: 47, name: "an address of a function's", breaks: func(w *world) {
		w.add("aws:lambda/functionUrl:FunctionUrl", "open", map[string]any{"authorizationType": "NONE"})
	}},
}
