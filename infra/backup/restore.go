package backup

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/operations"
)

const (
	// checkHours is how long a restored database is left for people to look at,
	// before AWS Backup removes it.
	checkHours = 4
	// startHours is how late a test may begin.
	startHours = 8
	// recentDays is how old the backup may be that is restored.
	recentDays = 7
)

// test restores the latest backup of each database, every month.
func (b *Backup) test(ctx *pulumi.Context, s *site.Site) error {
	parent := pulumi.Parent(b)
	name := strings.ReplaceAll(b.Plan, "-", "_") // letters, digits and underscores only
	plan, err := backup.NewRestoreTestingPlan(ctx, "databases", &backup.RestoreTestingPlanArgs{
		Name: pulumi.String(name), ScheduleExpression: pulumi.String(monthly), StartWindowHours: pulumi.Int(startHours),
		RecoveryPointSelection: &backup.RestoreTestingPlanRecoveryPointSelectionArgs{
			Algorithm: pulumi.String("LATEST_WITHIN_WINDOW"), SelectionWindowDays: pulumi.Int(recentDays),
			IncludeVaults: pulumi.StringArray{b.vault.Arn}, RecoveryPointTypes: pulumi.ToStringArray([]string{"CONTINUOUS", "SNAPSHOT"}),
		},
	}, parent)
	if err != nil {
		return fmt.Errorf("restore testing plan %s: %w", name, err)
	}
	for _, kind := range []string{aurora, instances} {
		all := ofKind(s, kind)
		if len(all) == 0 {
			continue
		}
		logical := strings.ToLower(kind)
		_, err := backup.NewRestoreTestingSelection(ctx, logical, &backup.RestoreTestingSelectionArgs{
			Name: pulumi.String(logical), RestoreTestingPlanName: plan.Name, IamRoleArn: b.role.Arn, ProtectedResourceType: pulumi.String(kind),
			ProtectedResourceArns: pulumi.ToStringArray(all), ValidationWindowHours: pulumi.Int(checkHours),
		}, parent, pulumi.DependsOn([]pulumi.Resource{b.role.Policy}))
		if err != nil {
			return fmt.Errorf("restore testing of %s: %w", kind, err)
		}
	}
	return nil
}

// The kinds of databases, as AWS Backup names them: a cluster is Aurora's.
const (
	aurora    = "Aurora"
	instances = "RDS"
)

// ofKind are the databases of a kind.
func ofKind(s *site.Site, kind string) []string {
	var out []string
	for _, arn := range s.Live.Platform.Backup.Databases {
		if strings.Contains(arn, ":cluster:") == (kind == aurora) {
			out = append(out, arn)
		}
	}
	return out
}

// tell tells the topic of backups and restores that failed.
func (b *Backup) tell(ctx *pulumi.Context, s *site.Site, o *operations.Operations) error {
	pattern, err := json.Marshal(map[string]any{
		"source": []string{"aws.backup"}, "detail-type": []string{"Backup Job State Change", "Restore Job State Change"},
		"detail": map[string]any{
			"resourceType": []string{aurora, instances},
			// A backup says FAILED, a restore by its status; EXPIRED is one that began too late.
			"$or": []any{
				map[string]any{"state": []string{"ABORTED", "EXPIRED", "FAILED"}, "backupVaultName": []string{b.Vault}},
				map[string]any{"status": []string{"ABORTED", "FAILED"}, "iamRoleArn": []string{s.GlobalARN("iam", "role/"+b.role.Name)}},
			},
		},
	})
	if err != nil {
		return fmt.Errorf("write the pattern of failed jobs: %w", err)
	}
	name := s.Name(site.Rule, "backup", "failed")
	rule, err := cloudwatch.NewEventRule(ctx, "backup-failed", &cloudwatch.EventRuleArgs{
		Name: pulumi.String(name), Description: pulumi.Sprintf("%s %s: a backup, or a restore that was a test, failed", s.Project, s.Stack),
		EventPattern: pulumi.String(string(pattern)), State: pulumi.String("ENABLED"),
	}, pulumi.Parent(b))
	if err != nil {
		return fmt.Errorf("rule %s: %w", name, err)
	}
	_, err = cloudwatch.NewEventTarget(ctx, "backup-failed", &cloudwatch.EventTargetArgs{
		Rule: rule.Name, TargetId: pulumi.String("topic"), Arn: o.Topic.Arn,
		DeadLetterConfig: &cloudwatch.EventTargetDeadLetterConfigArgs{Arn: o.DeadLetters.Arn},
	}, pulumi.Parent(b), pulumi.DependsOn(o.Ready))
	if err != nil {
		return fmt.Errorf("target of rule %s: %w", name, err)
	}
	return nil
}
