package policy

import (
	"slices"
	"strings"
)

const (
	replicationType = "s3/bucketReplicationConfig:BucketReplicationConfig"
	lockType        = "s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2"
	backupPlanType  = "backup/plan:Plan"
	vaultType       = "backup/vault:Vault"
	selectionType   = "backup/selection:Selection"
	testingPlanType = "backup/restoreTestingPlan:RestoreTestingPlan"
	testingType     = "backup/restoreTestingSelection:RestoreTestingSelection"
)

var safetyRules = []Rule{
	{Row: 14, Title: "tables' files are copied to another region, deletions too, by a key there", IDs: []string{"S3.7", "CKV_AWS_144"}, Severity: Prod,
		Fix: "set replica.region in platform.yaml", Check: copied},
	{Row: 15, Title: "the audit trail's objects are locked, and no table's are", IDs: []string{"S3.15", "CKV_AWS_143"}, Severity: Prod,
		Fix: "give the audit bucket a lock in governance mode", Check: locked},
	{Row: 115, Title: "a trail notes who touches tables' files, signed and encrypted", IDs: []string{"CloudTrail.2", "CloudTrail.4", "CloudTrail.5", "CKV_AWS_35", "CKV_AWS_36", "CKV_AWS_67", "CKV2_AWS_10", "CKV_AWS_252", "S3.22", "S3.23"}, Severity: Prod,
		Fix: "set audit: trail in platform.yaml", Check: trails},
	{Row: 120, Title: "backups of databases are encrypted, locked and tried", IDs: []string{"Backup.1", "RDS.26", "CKV_AWS_166", "CKV2_AWS_8"}, Severity: Offered,
		Fix: "let infra/backup make plan, vault, lock and restore test", Check: backups},
}

func copied(p *Plan) []Finding {
	uncopied := each(p.of(tableBucketType), func(b resource) []Finding {
		return one(broken(b, "(its copy)", "none, as nothing copies a table bucket", "buckets of Glue's tables, which replica.region copies"))
	})
	return append(uncopied, each(p.tableBuckets(), func(b resource) []Finding {
		return p.beside(b, replicationType, "bucket", func(c resource) []Finding {
			var all []Finding
			for _, path := range []string{"status", "deleteMarkerReplication.status", "destination.metrics.status", "sourceSelectionCriteria.sseKmsEncryptedObjects.status"} {
				all = append(all, c.want("rules.0."+path, "Enabled")...)
			}
			const replicaKey = "rules.0.destination.encryptionConfiguration.replicaKmsKeyId"
			all = append(all, p.keyed(c, replicaKey)...)
			if key := c.text(replicaKey); key == p.keyOf(b) {
				all = append(all, broken(c, replicaKey, key, "a key in the other region"))
			}
			if rule, _ := c.get("rules.0").(map[string]any); !whole(rule) {
				all = append(all, broken(c, "rules.0.filter", rule["filter"], "nothing: all that the bucket holds"))
			}
			if to := c.text("rules.0.destination.bucket"); len(p.bucketsOf(to)) == 0 {
				all = append(all, broken(c, "rules.0.destination.bucket", to, "a bucket of the stack's"))
			}
			return all
		})
	})...)
}

func locked(p *Plan) []Finding {
	var all []Finding
	for _, t := range p.of(trailType) {
		for _, b := range p.bucketsOf(t.text("s3BucketName")) {
			all = append(all, b.want("objectLockEnabled", true)...)
			all = append(all, p.beside(b, lockType, "bucket", func(l resource) []Finding {
				found := append(l.want("objectLockEnabled", "Enabled"), l.want("rule.defaultRetention.mode", "GOVERNANCE")...)
				if l.number("rule.defaultRetention.days")+l.number("rule.defaultRetention.years") == 0 {
					found = append(found, broken(l, "rule.defaultRetention.days", "", "the days that nobody deletes an object"))
				}
				return found
			})...)
		}
	}
	for _, b := range p.tableBuckets() {
		if b.flag("objectLockEnabled") || len(p.naming(b, lockType, "bucket")) > 0 {
			all = append(all, broken(b, "objectLockEnabled", true, "false: maintenance deletes files that no snapshot names"))
		}
	}
	return all
}

func backups(p *Plan) []Finding {
	if p.Stack.Platform.Backup == nil {
		return nil
	}
	var all []Finding
	for _, token := range []string{backupPlanType, vaultType, testingPlanType} {
		if len(p.of(token)) == 0 {
			all = append(all, p.ofPlatform("backup", "no "+strings.TrimPrefix(token, "backup/"), "one"))
		}
	}
	all = append(all, each(p.of(backupPlanType), func(b resource) []Finding {
		if to := b.text("rules.0.targetVaultName"); !p.ours(vaultType, to) {
			return one(broken(b, "rules.0.targetVaultName", to, "a vault of the stack"))
		}
		return nil
	})...)
	all = append(all, each(p.of(testingPlanType), func(r resource) []Finding {
		const property = "recoveryPointSelection.includeVaults"
		if !slices.ContainsFunc(p.of(vaultType), func(v resource) bool { return slices.Contains(r.list(property), any(v.ARN)) }) {
			return one(broken(r, property, r.list(property), "a vault of the stack"))
		}
		return nil
	})...)
	for _, database := range p.Stack.Platform.Backup.Databases {
		all = append(all, p.chosen(database, selectionType, "resources", backupPlanType, "planId")...)
		all = append(all, p.chosen(database, testingType, "protectedResourceArns", testingPlanType, "restoreTestingPlanName")...)
	}
	return append(all, each(p.of(vaultType), func(v resource) []Finding {
		return append(p.keyed(v, "kmsKeyArn"), p.beside(v, "backup/vaultLockConfiguration:VaultLockConfiguration", "backupVaultName", func(resource) []Finding { return nil })...)
	})...)
}

// chosen finds a database that no selection of a type chooses for a plan of the stack.
func (p *Plan) chosen(database, token, property, planToken, planProperty string) []Finding {
	if slices.ContainsFunc(p.of(token), func(s resource) bool {
		return slices.Contains(s.list(property), any(database)) && p.ours(planToken, s.text(planProperty))
	}) {
		return nil
	}
	return one(p.ofPlatform("backup.databases", database+" is in no "+token[strings.LastIndex(token, ":")+1:], "in one, of a plan of the stack"))
}
