package backup

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
)

// act makes the role in whose name AWS Backup works: what its managed policies
// AWSBackupServiceRolePolicyForBackup and ...ForRestores say of RDS, on these
// databases, on snapshots that it made, and on what it restored.
func (b *Backup) act(ctx *pulumi.Context, s *site.Site) error {
	var err error
	b.role, err = grant.NewRole(ctx, s, "backup", grant.RoleArgs{
		Parts: []string{"backup"}, Service: "backup", Description: fmt.Sprintf("%s %s: backs databases up and restores them as a test", s.Project, s.Stack),
		Statements: append(b.backups(s), restores(s)...),
	}, pulumi.Parent(b))
	return err
}

// snapshots are those that AWS Backup makes: their names begin so.
func snapshots(s *site.Site) []string {
	return []string{s.ARN("rds", "cluster-snapshot:awsbackup:*"), s.ARN("rds", "snapshot:awsbackup:*")}
}

func (b *Backup) backups(s *site.Site) []grant.Statement {
	databases := s.Live.Platform.Backup.Databases
	return []grant.Statement{
		{Sid: "Databases", Resources: grant.On(append(snapshots(s), databases...)...), Actions: []string{
			"rds:AddTagsToResource", "rds:CreateDBClusterSnapshot", "rds:CreateDBSnapshot", "rds:ListTagsForResource",
		}},
		// Continuous backups are the database's own, which AWS Backup turns on.
		{Sid: "Continuous", Resources: grant.On(databases...), Actions: []string{"rds:ModifyDBCluster", "rds:ModifyDBInstance"}},
		{Sid: "Look", Resources: grant.On("*"), Actions: []string{ // RDS lists all or none
			"rds:DescribeDBClusterAutomatedBackups", "rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeDBSnapshots",
			"rds:DescribeDBSubnetGroups", "tag:GetResources",
		}},
		{Sid: "Expire", Resources: grant.On(append(snapshots(s), s.ARN("rds", "auto-backup:*"), s.ARN("rds", "cluster-auto-backup:*"))...), Actions: []string{
			"rds:DeleteDBClusterAutomatedBackup", "rds:DeleteDBClusterSnapshot", "rds:DeleteDBInstanceAutomatedBackup", "rds:DeleteDBSnapshot",
		}},
		{Sid: "Vault", Resources: []pulumi.StringInput{b.vault.Arn}, Actions: []string{"backup:CopyIntoBackupVault", "backup:DescribeBackupVault"}},
	}
}

// restored begins the names of what a test restores.
const restored = "awsbackup-restore-test-*"

func restores(s *site.Site) []grant.Statement {
	into := []string{s.ARN("rds", "cluster:"+restored), s.ARN("rds", "db:"+restored)}
	from := append(snapshots(s), s.ARN("rds", "auto-backup:*"), s.ARN("rds", "cluster-auto-backup:*"))
	// RDS asks for each thing that the restored database is made with.
	with := []string{s.ARN("rds", "cluster-pg:*"), s.ARN("rds", "og:*"), s.ARN("rds", "pg:*"), s.ARN("rds", "subgrp:*")}
	all := append(append(append([]string{}, into...), append(from, with...)...), s.Live.Platform.Backup.Databases...)
	through := map[string]map[string][]string{"StringEquals": {"kms:ViaService": {"rds." + s.Region + ".amazonaws.com"}}}
	grants := map[string]map[string][]string{"Bool": {"kms:GrantIsForAWSResource": {"true"}}, "StringEquals": through["StringEquals"]}
	keys := grant.On(s.ARN("kms", "key/*")) // the databases' own, which live/ does not name
	return []grant.Statement{
		{Sid: "Restore", Resources: grant.On(all...), Actions: []string{
			"rds:RestoreDBClusterFromSnapshot", "rds:RestoreDBClusterToPointInTime", "rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime",
		}},
		{Sid: "Restored", Resources: grant.On(append(into, with...)...), Actions: []string{"rds:AddTagsToResource", "rds:CreateDBInstance", "rds:DeleteDBCluster", "rds:DeleteDBInstance"}},
		{Sid: "DatabasesKeys", Resources: keys, Actions: []string{"kms:DescribeKey"}, When: through},
		{Sid: "GrantDatabasesKeys", Resources: keys, Actions: []string{"kms:CreateGrant"}, When: grants},
	}
}
