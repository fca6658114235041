package policy_test

import (
	"slices"
	"strings"
)

var taskMutations = []mutation{
	{row: 60, name: "a service", breaks: func(w *world) { w.add("aws:ecs/service:Service", "web", map[string]any{}) }},
	{row: 61, name: "public", breaks: func(w *world) {
		w.write("StateMachine workflow-daily", "definition", `"AssignPublicIp": "DISABLED"`, `"AssignPublicIp": "ENABLED"`)
	}},
	{row: 61, name: "egress is public", stack: "dev", breaks: func(w *world) { w.unwaived("61") }},
	{row: 62, name: "written to", breaks: func(w *world) {
		w.write("TaskDefinition transform", "containerDefinitions", `"readonlyRootFilesystem":true`, `"readonlyRootFilesystem":false`)
	}},
	{row: 62, name: "no /tmp", breaks: func(w *world) {
		w.write("TaskDefinition transform", "containerDefinitions", `"containerPath":"/tmp"`, `"containerPath":"/var"`)
	}},
	{row: 63, name: "root", breaks: func(w *world) {
		w.write("TaskDefinition transform", "containerDefinitions", `"user":"[^"]*"`, `"user":"0:0"`)
	}},
	{row: 63, name: "privileged", breaks: func(w *world) {
		w.write("TaskDefinition transform", "containerDefinitions", `"user":`, `"privileged":true,"user":`)
	}},
	{row: 63, name: "the host's processes", breaks: func(w *world) { w.set("TaskDefinition transform", "pidMode", "host") }},
	{row: 64, name: "one role", breaks: func(w *world) {
		w.set("TaskDefinition transform", "executionRoleArn", w.at("TaskDefinition transform").Inputs["taskRoleArn"])
	}},
	{row: 65, name: "a password", breaks: func(w *world) {
		w.write("TaskDefinition transform", "containerDefinitions", "FLOE_PROJECT", "DB_PASSWORD")
	}},
	{row: 66, name: "waits", breaks: func(w *world) {
		w.write("TaskDefinition transform", "containerDefinitions", `"mode":"non-blocking"`, `"mode":"blocking"`)
	}},
	{row: 66, name: "elsewhere", breaks: func(w *world) {
		w.write("TaskDefinition transform", "containerDefinitions", `"logDriver":"awslogs"`, `"logDriver":"splunk"`)
	}},
	{row: 67, name: "on demand only", breaks: func(w *world) { w.set("ClusterCapacityProviders tasks", "capacityProviders", []any{"FARGATE"}) }},
	{row: 67, name: "another architecture", breaks: func(w *world) { w.set("TaskDefinition transform", "runtimePlatform.cpuArchitecture", "X86_64") }},
	{row: 68, name: "off", breaks: func(w *world) { w.set("Cluster tasks", "settings", nil) }},
	{row: 69, name: "a shell", breaks: func(w *world) {
		w.write("StateMachine workflow-daily", "definition", `"EnableExecuteCommand": false`, `"EnableExecuteCommand": true`)
	}},
	{row: 69, name: "an unseen shell", breaks: func(w *world) {
		w.set("Cluster tasks", "configuration.executeCommandConfiguration", map[string]any{"logging": "DEFAULT"})
	}},
	{row: 70, name: "no time", breaks: func(w *world) {
		w.write("TaskDefinition transform", "containerDefinitions", `"stopTimeout":`, `"startTimeout":`)
	}},
	{row: 70, name: "any disk", breaks: func(w *world) { w.set("TaskDefinition transform", "ephemeralStorage", nil) }},
}

var dataMutations = []mutation{
	{row: 72, name: "a crawler", breaks: func(w *world) {
		w.add("aws:glue/crawler:Crawler", "other", map[string]any{"s3Targets": []any{map[string]any{"path": "s3://elsewhere/x"}}})
	}},
	{row: 73, name: "a job", breaks: func(w *world) {
		w.add("aws:glue/job:Job", "old", map[string]any{"securityConfiguration": "own", "glueVersion": "2.0", "timeout": 10, "executionProperty": map[string]any{"maxConcurrentRuns": 1}})
	}},
	{row: 74, name: "a table", breaks: func(w *world) { w.add("aws:glue/catalogTable:CatalogTable", "orders", map[string]any{}) }},
	{row: 75, name: "none", breaks: func(w *world) { w.unwaived("75") }},
	{row: 76, name: "none", breaks: func(w *world) { w.unwaived("76") }},
	{row: 76, name: "the files stay", breaks: func(w *world) {
		w.unwaived("76")
		for _, r := range slices.Clone(w.resources) {
			if strings.HasSuffix(r.Type, ":CatalogDatabase") {
				w.add("aws:glue/catalogTableOptimizer:CatalogTableOptimizer", r.Name, map[string]any{"databaseName": r.Inputs["name"], "type": "retention",
					"configuration": map[string]any{"retentionConfiguration": map[string]any{"icebergConfiguration": map[string]any{"cleanExpiredFiles": r.Name != "marts"}}}})
			}
		}
	}},
	{row: 77, name: "none", breaks: func(w *world) { w.unwaived("77") }},
	{row: 78, name: "none", breaks: func(w *world) { w.unwaived("78") }},
	{row: 80, name: "a crawler", breaks: func(w *world) {
		w.add("aws:glue/crawler:Crawler", "landing", map[string]any{"securityConfiguration": "own",
			"s3Targets": []any{map[string]any{"path": "s3://" + w.at("BucketV2 landing").Inputs["bucket"].(string) + "/landing_games/players"}}})
	}},
	{row: 82, name: "primary", breaks: func(w *world) {
		w.write("RolePolicy task-transform", "policy", `:workgroup/[^"]*`, ":workgroup/primary")
	}},
	{row: 83, name: "advice", breaks: func(w *world) { w.set("Workgroup analyst", "configuration.enforceWorkgroupConfiguration", false) }},
	{row: 84, name: "S3's key", breaks: func(w *world) {
		w.set("Workgroup analyst", "configuration.resultConfiguration.encryptionConfiguration.encryptionOption", "SSE_S3")
	}},
	{row: 84, name: "anybody's bucket", breaks: func(w *world) {
		w.set("Workgroup analyst", "configuration.resultConfiguration.expectedBucketOwner", nil)
	}},
	{row: 85, name: "unmeasured", breaks: func(w *world) { w.set("Workgroup analyst", "configuration.publishCloudwatchMetricsEnabled", false) }},
	{row: 86, name: "no limit", breaks: func(w *world) { w.set("Workgroup analyst", "configuration.bytesScannedCutoffPerQuery", nil) }},
	{row: 86, name: "one limit", breaks: func(w *world) {
		w.set("Workgroup analyst", "configuration.bytesScannedCutoffPerQuery", w.at("Workgroup transform").Inputs["configuration"].(map[string]any)["bytesScannedCutoffPerQuery"])
	}},
	{row: 86, name: "no alarm", breaks: func(w *world) { w.drop("MetricAlarm athena-analyst-bytes") }},
	{row: 87, name: "no role", breaks: func(w *world) { w.set("Workgroup spark", "configuration.executionRole", nil) }},
	{row: 99, name: "AWS's key", breaks: func(w *world) { w.set("Secret partner", "kmsKeyId", nil) }},
	{row: 99, name: "no window", breaks: func(w *world) { w.set("Secret partner", "recoveryWindowInDays", 0) }},
	{row: 99, name: "no policy", breaks: func(w *world) { w.drop("SecretPolicy partner") }},
	{row: 99, name: "any reader", breaks: func(w *world) { w.write("SecretPolicy partner", "policy", "aws:PrincipalArn", "aws:other") }},
	{row: 100, name: "unwatched", breaks: func(w *world) { w.drop("MetricAlarm secret-partner-old") }},
	{row: 102, name: "a value", breaks: func(w *world) { w.add("aws:secretsmanager/secretVersion:SecretVersion", "partner", map[string]any{}) }},
	{row: 103, name: "a public database", breaks: func(w *world) { w.add("aws:rds/instance:Instance", "shop", map[string]any{"publiclyAccessible": true}) }},
}

var lakeMutations = []mutation{
	{row: 89, name: "open", breaks: func(w *world) {
		w.set("CatalogDatabase marts", "createTableDefaultPermissions", []any{map[string]any{"permissions": []any{"ALL"}}})
	}},
	{row: 91, name: "none", breaks: func(w *world) { w.drop("Resource landing") }},
	{row: 91, name: "half", breaks: func(w *world) { w.set("Resource landing", "hybridAccessEnabled", true) }},
	{row: 91, name: "the service's role", breaks: func(w *world) { w.set("Resource landing", "useServiceLinkedRole", true) }},
	{row: 92, name: "everyone", also: []int{94}, breaks: func(w *world) { w.set("Permissions evolve-write-tables", "principal", "IAM_ALLOWED_PRINCIPALS") }},
	{row: 93, name: "any value", breaks: func(w *world) { w.set("LfTag domain", "values", []any{"*"}) }},
	{row: 93, name: "another key", breaks: func(w *world) { w.set("LfTag domain", "key", "floe-prod-colour") }},
	{row: 94, name: "ALL", breaks: func(w *world) { w.set("Permissions evolve-write-tables", "permissions", []any{"ALL"}) }},
	{row: 94, name: "handed on", breaks: func(w *world) {
		w.set("Permissions evolve-write-tables", "permissionsWithGrantOptions", []any{"SELECT"})
	}},
	{row: 94, name: "by name", breaks: func(w *world) {
		w.set("Permissions evolve-write-tables", "lfTagPolicy", nil)
		w.set("Permissions evolve-write-tables", "table", map[string]any{"databaseName": "x", "wildcard": true})
	}},
	{row: 95, name: "by hand", breaks: func(w *world) { w.set("ResourceLfTag marts-layer", "tableWithColumns", map[string]any{"name": "x"}) }},
	{row: 95, name: "never", breaks: func(w *world) { w.drop("Invocation govern") }},
	{row: 98, name: "not through", breaks: func(w *world) {
		w.write("Policy reader", "policy", "lakeformation:GetDataAccess", "lakeformation:GetTableObjects")
	}},
	{row: 98, name: "past", breaks: func(w *world) {
		w.allow("Policy reader", `{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::`+w.at("BucketV2 lakehouse").Inputs["bucket"].(string)+`/marts/*"]}`)
	}},
}

var accountMutations = []mutation{
	{row: 2, name: "ours", breaks: func(w *world) { w.add("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", "account", nil) }},
	{row: 27, name: "ours", breaks: func(w *world) { w.add("aws:vpc/blockPublicAccessOptions:BlockPublicAccessOptions", "account", nil) }},
	{row: 71, name: "ours", breaks: func(w *world) {
		w.add("aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings", "account", nil)
	}},
	{row: 88, name: "ours", breaks: func(w *world) { w.add("aws:lakeformation/dataLakeSettings:DataLakeSettings", "account", nil) }},
	{row: 106, name: "ours", breaks: func(w *world) { w.add("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "github", nil) }},
	{row: 122, name: "ours", breaks: func(w *world) { w.add("aws:guardduty/detector:Detector", "all", nil) }},
	{row: 107, name: "anybody", breaks: func(w *world) { w.write("Role evolve", "assumeRolePolicy", `"Principal":{[^}]*}`, `"Principal":"*"`) }},
	{row: 107, name: "the account", breaks: func(w *world) {
		w.write("Role evolve", "assumeRolePolicy", `"Principal":{[^}]*}`, `"Principal":{"AWS":"arn:aws:iam::123456789012:root"}`)
	}},
	{row: 107, name: "any branch", breaks: func(w *world) {
		w.write("Role evolve", "assumeRolePolicy", `"Principal":{[^}]*}`, `"Principal":{"Federated":"x"},"Condition":{"StringEquals":{"t:aud":"sts.amazonaws.com"},"StringLike":{"t:sub":"repo:org/*"}}`)
	}},
	{row: 108, name: "all of S3", breaks: func(w *world) { w.write("RolePolicy evolve", "policy", `"s3:PutObject"`, `"s3:*"`) }},
	{row: 108, name: "everywhere", breaks: func(w *world) {
		w.allow("RolePolicy evolve", `{"Effect":"Allow","Action":["s3:PutObject"],"Resource":["*"]}`)
	}},
	{row: 108, name: "an administrator", breaks: func(w *world) {
		w.add("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "a", map[string]any{"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})
	}},
	{row: 108, name: "no boundary", breaks: func(w *world) { w.stack.Platform.PermissionsBoundary = "arn:aws:iam::123456789012:policy/edge" }},
	{row: 115, name: "unsigned", breaks: func(w *world) { w.set("Trail audit", "enableLogFileValidation", false) }},
	{row: 115, name: "a bucket left out", breaks: func(w *world) {
		w.set("Trail audit", "advancedEventSelectors.0.fieldSelectors.2.startsWiths", []any{"arn:aws:s3:::other/"})
	}},
	{row: 116, name: "a month", breaks: func(w *world) { w.set("LogGroup evolve", "retentionInDays", 30) }},
	{row: 116, name: "CloudWatch's key", breaks: func(w *world) { w.set("LogGroup evolve", "kmsKeyId", nil) }},
	{row: 116, name: "unmasked", breaks: func(w *world) { w.set("CatalogDatabase landing_games", "tags.floe:data-class", "personal") }},
	{row: 117, name: "failures", breaks: func(w *world) { w.drop("MetricAlarm workflow-daily-failed") }},
	{row: 117, name: "late", breaks: func(w *world) { w.drop("MetricAlarm workflow-daily-late") }},
	{row: 117, name: "dead letters", breaks: func(w *world) { w.drop("MetricAlarm dead-letters") }},
	{row: 117, name: "no page", breaks: func(w *world) { w.set("MetricAlarm dead-letters", "alarmDescription", "something is wrong") }},
	{row: 117, name: "tells nobody", breaks: func(w *world) { w.set("MetricAlarm dead-letters", "alarmActions", nil) }},
	{row: 117, name: "not of the stack's health", breaks: func(w *world) { w.set("CompositeAlarm health", "alarmRule", "FALSE") }},
	{row: 118, name: "none", breaks: func(w *world) { w.drop("Budget month") }},
	{row: 118, name: "not foreseen", breaks: func(w *world) {
		w.set("Budget month", "notifications", w.at("Budget month").Inputs["notifications"].([]any)[:1])
	}},
	{row: 119, name: "no owner", breaks: func(w *world) { w.set("aws aws", "defaultTags.tags.owner", nil) }},
	{row: 119, name: "no layer", breaks: func(w *world) { w.set("BucketV2 landing", "tags", nil) }},
	{row: 119, name: "no class", breaks: func(w *world) { w.set("CatalogDatabase marts", "tags.floe:data-class", nil) }},
	{row: 119, name: "no workflow", breaks: func(w *world) { w.set("StateMachine workflow-daily", "tags", nil) }},
	{row: 120, name: "no lock", breaks: func(w *world) { w.drop("VaultLockConfiguration databases") }},
	{row: 120, name: "untried", breaks: func(w *world) { w.drop("RestoreTestingPlan databases") }},
}
