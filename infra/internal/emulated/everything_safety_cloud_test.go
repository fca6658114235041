//go:build cloud

package emulated

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3tables"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// safety is what guards data, and S3 Tables.
func (p *parts) safety() {
	p.copies()
	p.backups()
	notes := p.bucket("notes", `{"Sid":"Trail","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"%s/*"}`)
	made(cloudtrail.NewTrail(p.ctx, "notes", &cloudtrail.TrailArgs{Name: str("floe"), S3BucketName: notes.ID(), KmsKeyId: p.key.Arn, EnableLogFileValidation: pulumi.Bool(true),
		IsMultiRegionTrail: pulumi.Bool(true), AdvancedEventSelectors: cloudtrail.TrailAdvancedEventSelectorArray{cloudtrail.TrailAdvancedEventSelectorArgs{Name: str("files"),
			FieldSelectors: cloudtrail.TrailAdvancedEventSelectorFieldSelectorArray{
				cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs{Field: str("eventCategory"), Equals: pulumi.StringArray{str("Data")}},
				cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs{Field: str("resources.type"), Equals: pulumi.StringArray{str("AWS::S3::Object")}}}}}},
		pulumi.DependsOn([]pulumi.Resource{notes.policy})))
	tables := made(s3tables.NewTableBucket(p.ctx, "tables", &s3tables.TableBucketArgs{Name: str("floe-tables"),
		EncryptionConfiguration: s3tables.TableBucketEncryptionConfigurationArgs{SseAlgorithm: str("aws:kms"), KmsKeyArn: p.key.Arn}}))
	made(s3tables.NewNamespace(p.ctx, "tables", &s3tables.NamespaceArgs{Namespace: str("marts"), TableBucketArn: tables.Arn}))
	made(s3tables.NewTableBucketPolicy(p.ctx, "tables", &s3tables.TableBucketPolicyArgs{TableBucketArn: tables.Arn, ResourcePolicy: pulumi.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Sid":"TLS","Effect":"Deny","Principal":"*","Action":"s3tables:*","Resource":"%s","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`, tables.Arn)}))
}

// copies is a bucket that another is copied to, and one that is locked.
func (p *parts) copies() {
	to := p.bucket("copy", "")
	on := str("Enabled")
	made(s3.NewBucketReplicationConfig(p.ctx, "lake", &s3.BucketReplicationConfigArgs{Bucket: p.lake.ID(), Role: p.roles["lambda"].Arn,
		Rules: s3.BucketReplicationConfigRuleArray{s3.BucketReplicationConfigRuleArgs{Id: str("all"), Status: on, Priority: pulumi.Int(1),
			Filter:                  s3.BucketReplicationConfigRuleFilterArgs{Prefix: str("")},
			DeleteMarkerReplication: s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs{Status: on},
			SourceSelectionCriteria: s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs{
				SseKmsEncryptedObjects: s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs{Status: on}},
			Destination: s3.BucketReplicationConfigRuleDestinationArgs{Bucket: to.Arn, Metrics: s3.BucketReplicationConfigRuleDestinationMetricsArgs{Status: on},
				EncryptionConfiguration: s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs{ReplicaKmsKeyId: p.key.Arn}}}}},
		pulumi.DependsOn([]pulumi.Resource{to.policy, p.versions["lake"], p.versions["copy"]})))
	locked := made(s3.NewBucketV2(p.ctx, "locked", &s3.BucketV2Args{ForceDestroy: pulumi.Bool(true), ObjectLockEnabled: pulumi.Bool(true)}))
	made(s3.NewBucketObjectLockConfigurationV2(p.ctx, "locked", &s3.BucketObjectLockConfigurationV2Args{Bucket: locked.ID(), Rule: s3.BucketObjectLockConfigurationV2RuleArgs{
		DefaultRetention: s3.BucketObjectLockConfigurationV2RuleDefaultRetentionArgs{Mode: str("GOVERNANCE"), Days: pulumi.Int(1)}}}))
}

func (p *parts) backups() {
	vault := made(backup.NewVault(p.ctx, "vault", &backup.VaultArgs{Name: str("floe"), KmsKeyArn: p.key.Arn, ForceDestroy: pulumi.Bool(true)}))
	made(backup.NewVaultLockConfiguration(p.ctx, "vault", &backup.VaultLockConfigurationArgs{BackupVaultName: vault.Name, MinRetentionDays: pulumi.Int(7), MaxRetentionDays: pulumi.Int(35)}))
	plan := made(backup.NewPlan(p.ctx, "daily", &backup.PlanArgs{Name: str("floe"), Rules: backup.PlanRuleArray{backup.PlanRuleArgs{RuleName: str("daily"), TargetVaultName: vault.Name,
		Schedule: str("cron(0 3 * * ? *)"), Lifecycle: backup.PlanRuleLifecycleArgs{DeleteAfter: pulumi.Int(35)}}}}))
	made(backup.NewSelection(p.ctx, "databases", &backup.SelectionArgs{Name: str("floe"), PlanId: plan.ID(), IamRoleArn: p.roles["lambda"].Arn,
		Resources: pulumi.StringArray{str("arn:aws:rds:eu-central-1:123456789012:db:shop")}}))
	test := made(backup.NewRestoreTestingPlan(p.ctx, "monthly", &backup.RestoreTestingPlanArgs{Name: str("floe"), ScheduleExpression: str("cron(0 6 ? * 1#1 *)"),
		RecoveryPointSelection: backup.RestoreTestingPlanRecoveryPointSelectionArgs{Algorithm: str("LATEST_WITHIN_WINDOW"), IncludeVaults: pulumi.StringArray{vault.Arn},
			RecoveryPointTypes: pulumi.StringArray{str("SNAPSHOT")}}}))
	made(backup.NewRestoreTestingSelection(p.ctx, "rds", &backup.RestoreTestingSelectionArgs{Name: str("rds"), RestoreTestingPlanName: test.Name, IamRoleArn: p.roles["lambda"].Arn,
		ProtectedResourceType: str("RDS"), ProtectedResourceArns: pulumi.StringArray{str("arn:aws:rds:eu-central-1:123456789012:db:shop")}}))
}
