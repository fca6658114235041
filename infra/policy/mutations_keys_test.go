package policy_test

import "slices"

// encrypted is what a key of the stack's encrypts.
var encrypted = []struct {
	row        int
	what, path string
	stack      string
}{
	{row: 7, what: "BucketServerSideEncryptionConfigurationV2 audit", path: "rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId"},
	{row: 7, what: "TableBucket tables", path: "encryptionConfiguration.kmsKeyArn", stack: "tables"},
	{row: 36, what: "Repository ingest", path: "encryptionConfigurations.0.kmsKey"},
	{row: 45, what: "Function evolve", path: "kmsKeyArn"},
	{row: 52, what: "StateMachine workflow-daily", path: "encryptionConfiguration.kmsKeyId"},
	{row: 56, what: "Schedule schedule-daily", path: "kmsKeyArn"},
	{row: 58, what: "Queue dead-letters", path: "kmsMasterKeyId"},
	{row: 59, what: "Topic alarms", path: "kmsMasterKeyId"},
	{row: 84, what: "Workgroup analyst", path: "configuration.resultConfiguration.encryptionConfiguration.kmsKeyArn"},
	{row: 87, what: "Workgroup spark", path: "configuration.resultConfiguration.encryptionConfiguration.kmsKeyArn"},
	{row: 99, what: "Secret partner", path: "kmsKeyId"},
	{row: 115, what: "Trail audit", path: "kmsKeyId"},
	{row: 116, what: "LogGroup evolve", path: "kmsKeyId"},
	{row: 120, what: "Vault databases", path: "kmsKeyArn"},
}

// strangers are keys that are not the stack's, beside none at all.
var strangers = map[string]any{
	"no key": nil, "AWS's key": "alias/aws/any", "another account's key": "arn:aws:kms:eu-central-1:999999999999:key/0123",
	"a key of its name": "arn:aws:kms:eu-central-1:123456789012:alias/floe-prod-landing",
}

var otherKeyMutations = slices.Concat(otherKeys(), []mutation{
	{row: 14, name: "a copy by another account's key", breaks: func(w *world) {
		w.set("BucketReplicationConfig landing", "rules.0.destination.encryptionConfiguration.replicaKmsKeyId", "arn:aws:kms:eu-north-1:999999999999:key/0123")
	}},
	{row: 69, name: "a shell by another account's key", breaks: func(w *world) {
		w.set("Cluster tasks", "configuration.executeCommandConfiguration", map[string]any{"logging": "OVERRIDE", "kmsKeyId": "arn:aws:kms:eu-central-1:999999999999:key/0123"})
	}},
})

func otherKeys() []mutation {
	var all []mutation
	for _, e := range encrypted {
		for name, key := range strangers {
			all = append(all, mutation{row: e.row, name: e.what + " by " + name, stack: e.stack, breaks: func(w *world) { w.set(e.what, e.path, key) }})
		}
	}
	return all
}
