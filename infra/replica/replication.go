package replica

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/infra/objectives"
)

// ruleID is the one rule of each bucket; its metrics are found by it.
const ruleID = "everything"

// replication lets S3 copy, in the name of a role that can do nothing else.
func (m *maker) replication() error {
	role, err := grant.NewRole(m.ctx, m.here, "replication", grant.RoleArgs{
		Parts: []string{"replication"}, Service: "s3",
		Description: fmt.Sprintf("%s %s: copies the tables' files to %s", m.here.Project, m.here.Stack, m.there.Region), Statements: m.statements(),
	}, m.with...)
	if err != nil {
		return err
	}
	for _, p := range m.pairs {
		needs := slices.Concat(p.from.Ready, p.to.Ready, []pulumi.Resource{role.Policy})
		_, err := s3.NewBucketReplicationConfig(m.ctx, p.name, &s3.BucketReplicationConfigArgs{
			Bucket: p.from.Resource.ID(), Role: role.Arn, Rules: s3.BucketReplicationConfigRuleArray{m.rule(p)},
		}, append([]pulumi.ResourceOption{pulumi.DependsOn(needs)}, m.with...)...)
		if err != nil {
			return fmt.Errorf("replication of bucket %s: %w", p.from.Name, err)
		}
	}
	return nil
}

// rule copies all of a bucket: the tables, and the uploads that they can be
// loaded from again.
func (m *maker) rule(p pair) *s3.BucketReplicationConfigRuleArgs {
	on := pulumi.String("Enabled")
	to := &s3.BucketReplicationConfigRuleDestinationArgs{
		Bucket:                  p.to.Resource.Arn,
		EncryptionConfiguration: &s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs{ReplicaKmsKeyId: p.to.Key.Arn},
		Metrics:                 &s3.BucketReplicationConfigRuleDestinationMetricsArgs{Status: on},
	}
	if objectives.Prompt(m.here) {
		minutes := pulumi.Int(int(objectives.Timed.Minutes()))
		to.Metrics = &s3.BucketReplicationConfigRuleDestinationMetricsArgs{
			Status: on, EventThreshold: &s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs{Minutes: minutes},
		}
		to.ReplicationTime = &s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs{
			Status: on, Time: &s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs{Minutes: minutes},
		}
	}
	return &s3.BucketReplicationConfigRuleArgs{
		Id: pulumi.String(ruleID), Status: on, Priority: pulumi.Int(1),
		Filter:                  &s3.BucketReplicationConfigRuleFilterArgs{Prefix: pulumi.String("")},
		DeleteMarkerReplication: &s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs{Status: on},
		SourceSelectionCriteria: &s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs{
			SseKmsEncryptedObjects: &s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs{Status: on},
		},
		Destination: to,
	}
}

// statements are what S3 needs to copy (Amazon S3, "Setting up permissions for
// live replication" and "Replicating encrypted objects").
func (m *maker) statements() []grant.Statement {
	var from, versions, to []string
	var out []grant.Statement
	for _, p := range m.pairs {
		from = append(from, m.here.BucketARN(p.from.Name, ""))
		versions = append(versions, m.here.BucketARN(p.from.Name, "/*"))
		to = append(to, m.here.BucketARN(p.to.Name, "/*"))
		label := map[string]string{"landing": "Landing", "lakehouse": "Lakehouse"}[p.name]
		out = append(out,
			through(m.here, label+"Key", p.from.Key.Arn, p.from.Name, "kms:Decrypt"),
			through(m.there, label+"ReplicaKey", p.to.Key.Arn, p.to.Name, "kms:Encrypt", "kms:GenerateDataKey"))
	}
	return append([]grant.Statement{
		{Sid: "Source", Actions: []string{"s3:GetReplicationConfiguration", "s3:ListBucket"}, Resources: grant.On(from...)},
		{Sid: "Versions", Actions: []string{"s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"}, Resources: grant.On(versions...)},
		{Sid: "Copies", Actions: []string{"s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"}, Resources: grant.On(to...)},
	}, out...)
}

// through allows to use a key through S3 of its region for one bucket. The context
// is the bucket's ARN with a bucket key, the object's without.
func through(s *site.Site, sid string, arn pulumi.StringInput, bucket string, actions ...string) grant.Statement {
	out := tables.Key(s, sid, arn, actions, "s3")
	out.When["StringLike"] = map[string][]string{"kms:EncryptionContext:aws:s3:arn": {s.BucketARN(bucket, ""), s.BucketARN(bucket, "/*")}}
	return out
}
