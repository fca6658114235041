package storage

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3tables"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/key"
	"github.com/floe-data/floe/infra/internal/tables"
)

// unreferenced is after how many days S3 sets aside a file that no snapshot
// names: longer than any writer takes from its first file to its commit.
const unreferenced = 7

// lakehouse makes the key of the lakehouse and of what queries answer, and the
// table bucket where there is one.
func (m *maker) lakehouse(st *Storage) (*kms.Key, error) {
	if !tables.InTableBucket(m.site) {
		return m.key("lakehouse", "lakehouse", "results")
	}
	if err := m.tableBucket(st); err != nil {
		return nil, err
	}
	return st.Lakehouse.Key, nil
}

// tableBucket makes the S3 table bucket that takes the place of the lakehouse
// bucket and of tables' folders in the landing bucket.
//
// Nobody deletes a file of a table bucket but S3 itself: floe maintain expires
// snapshots and compacts, and what no snapshot names S3 removes. So of S3's own
// maintenance this one stays on, in its two steps (set aside, then removed);
// snapshots and compaction of a table, which are on by default and would keep
// less than live/ says, the runtime turns off as it makes the table.
func (m *maker) tableBucket(st *Storage) error {
	use := key.ThroughS3(m.site, []string{"kms:Decrypt", "kms:GenerateDataKey"}, m.site.Bucket("results"))
	lakehouse, err := key.New(m.ctx, m.site, key.Args{
		Name: "lakehouse", Description: "lakehouse of " + m.site.Project + " " + m.site.Stack,
		Use: append([]grant.Statement{use}, m.tableKey()...),
	}, m.with...)
	if err != nil {
		return err
	}
	arn := tables.BucketARN(m.site)
	made, err := s3tables.NewTableBucket(m.ctx, "tables", &s3tables.TableBucketArgs{
		Name:                    pulumi.String(tables.BucketName(m.site)),
		EncryptionConfiguration: &s3tables.TableBucketEncryptionConfigurationArgs{SseAlgorithm: pulumi.String("aws:kms"), KmsKeyArn: lakehouse.Arn},
		MaintenanceConfiguration: &s3tables.TableBucketMaintenanceConfigurationArgs{
			IcebergUnreferencedFileRemoval: &s3tables.TableBucketMaintenanceConfigurationIcebergUnreferencedFileRemovalArgs{
				Status: pulumi.String("enabled"),
				Settings: &s3tables.TableBucketMaintenanceConfigurationIcebergUnreferencedFileRemovalSettingsArgs{
					UnreferencedDays: pulumi.Int(unreferenced), NonCurrentDays: pulumi.Int(margin),
				},
			},
		},
	}, m.kept()...)
	if err != nil {
		return fmt.Errorf("table bucket %s: %w", tables.BucketName(m.site), err)
	}
	policy, err := s3tables.NewTableBucketPolicy(m.ctx, "tables", &s3tables.TableBucketPolicyArgs{
		TableBucketArn: made.Arn, ResourcePolicy: grant.Document(grant.Statement{
			Sid: "RefusePlainHTTP", Deny: true, Principals: []string{"*"}, Actions: []string{"s3tables:*"}, Resources: grant.On(arn, arn+"/table/*"),
			When: when{"Bool": {"aws:SecureTransport": {"false"}}},
		}),
	}, m.options()...)
	if err != nil {
		return fmt.Errorf("policy of table bucket %s: %w", tables.BucketName(m.site), err)
	}
	st.Tables = made
	st.Lakehouse = &Bucket{Name: tables.BucketName(m.site), Key: lakehouse, Ready: []pulumi.Resource{made, policy}}
	return nil
}

// tableKey lets S3 Tables use the key: for those of the account to whom IAM
// allows it, and for its own maintenance (Amazon S3, "Using server-side
// encryption with AWS KMS keys in table buckets").
func (m *maker) tableKey() []grant.Statement {
	ours := map[string][]string{"kms:EncryptionContext:aws:s3:arn": {tables.BucketARN(m.site), tables.BucketARN(m.site) + "/*"}}
	actions := []string{"kms:Decrypt", "kms:GenerateDataKey"}
	via := []string{m.site.ServicePrincipal("s3." + m.site.Region), m.site.ServicePrincipal("s3tables." + m.site.Region)}
	return []grant.Statement{
		{Sid: "UseThroughS3Tables", Principals: key.Account(m.site), Resources: grant.On("*"), Actions: actions,
			When: when{"StringEquals": {"kms:CallerAccount": {m.site.Account}, "kms:ViaService": via}, "StringLike": ours}},
		{Sid: "Maintenance", Services: []string{m.site.ServicePrincipal("maintenance.s3tables")}, Resources: grant.On("*"), Actions: actions,
			When: when{"StringEquals": {"aws:SourceAccount": {m.site.Account}}, "StringLike": ours}},
	}
}
