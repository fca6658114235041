package backup

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/backup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/key"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/objectives"
	"github.com/floe-data/floe/infra/operations"
)

// Args are the component's.
type Args struct {
	// Operations has the topic that hears of jobs that failed. Required.
	Operations *operations.Operations
}

// Backup is the component.
type Backup struct {
	pulumi.ResourceState
	// Vault and Plan are names, known at preview.
	Vault, Plan string

	vault *backup.Vault
	role  *grant.Role
}

const (
	// daily is when backups begin: at night in Europe, before people work in America.
	daily = "cron(0 3 * * ? *)"
	// monthly is when the latest is restored, on the first Sunday.
	monthly = "cron(0 6 ? * 1#1 *)"
	// leastDays and mostDays bound what the vault takes: those that live/ takes.
	leastDays, mostDays = 7, 3650
	// startMinutes and doneMinutes are how late a backup may begin, and how long it may take.
	startMinutes, doneMinutes = 60, 480
)

// New makes vault, plan and test.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*Backup, error) {
	if args.Operations == nil || s.Live.Platform.Backup == nil {
		return nil, errors.New("backup: operations and platform.yaml's backup are needed")
	}
	b := &Backup{Vault: s.Name(site.Vault, "databases"), Plan: s.Name(site.Vault, "databases")}
	if err := ctx.RegisterComponentResource("floe:backup:Backup", "backup", b, opts...); err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	for _, make := range []func(*pulumi.Context, *site.Site) error{b.store, b.act, b.schedule, b.test} {
		if err := make(ctx, s); err != nil {
			return nil, fmt.Errorf("backup: %w", err)
		}
	}
	if err := b.tell(ctx, s, args.Operations); err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	return b, ctx.RegisterResourceOutputs(b, pulumi.Map{"vault": pulumi.String(b.Vault), "plan": pulumi.String(b.Plan)})
}

// store makes the vault, its key and its lock. The lock is in governance mode:
// who has a permission of its own for it may lift it, and so a stack that may be
// deleted is.
func (b *Backup) store(ctx *pulumi.Context, s *site.Site) error {
	parent, keep := pulumi.Parent(b), !s.Live.Platform.Deletable()
	k, err := key.New(ctx, s, key.Args{
		Name: "backup", Description: fmt.Sprintf("backups of %s %s", s.Project, s.Stack), Use: []grant.Statement{throughBackup(s), grants(s)},
	}, parent)
	if err != nil {
		return err
	}
	b.vault, err = backup.NewVault(ctx, "databases", &backup.VaultArgs{
		Name: pulumi.String(b.Vault), KmsKeyArn: k.Arn, ForceDestroy: pulumi.Bool(!keep),
	}, parent, pulumi.Protect(keep), pulumi.RetainOnDelete(keep))
	if err != nil {
		return fmt.Errorf("vault %s: %w", b.Vault, err)
	}
	_, err = backup.NewVaultLockConfiguration(ctx, "databases", &backup.VaultLockConfigurationArgs{
		BackupVaultName: b.vault.Name, MinRetentionDays: pulumi.Int(leastDays), MaxRetentionDays: pulumi.Int(mostDays),
	}, parent)
	if err != nil {
		return fmt.Errorf("lock of vault %s: %w", b.Vault, err)
	}
	return nil
}

// throughBackup lets AWS Backup use the vault's key for who may.
func throughBackup(s *site.Site) grant.Statement {
	return grant.Statement{
		Sid: "UseThroughBackup", Principals: key.Account(s), Resources: grant.On("*"),
		Actions: []string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"},
		When: map[string]map[string][]string{"StringEquals": {
			"kms:CallerAccount": {s.Account}, "kms:ViaService": {s.ServicePrincipal("backup." + s.Region)},
		}},
	}
}

// grants lets AWS Backup keep a grant for as long as a backup is there.
func grants(s *site.Site) grant.Statement {
	return grant.Statement{
		Sid: "GrantToBackup", Principals: key.Account(s), Resources: grant.On("*"), Actions: []string{"kms:CreateGrant"},
		When: map[string]map[string][]string{"Bool": {"kms:GrantIsForAWSResource": {"true"}}, "StringEquals": {
			"kms:CallerAccount": {s.Account}, "kms:ViaService": {s.ServicePrincipal("backup." + s.Region)},
		}},
	}
}

// schedule makes the plan, and says what it is for.
func (b *Backup) schedule(ctx *pulumi.Context, s *site.Site) error {
	parent, of := pulumi.Parent(b), s.Live.Platform.Backup
	plan, err := backup.NewPlan(ctx, "databases", &backup.PlanArgs{
		Name: pulumi.String(b.Plan),
		Rules: backup.PlanRuleArray{&backup.PlanRuleArgs{
			RuleName: pulumi.String("daily"), TargetVaultName: b.vault.Name, Schedule: pulumi.String(daily),
			StartWindow: pulumi.Int(startMinutes), CompletionWindow: pulumi.Int(doneMinutes),
			// Where less than a day may be lost, up to its last five minutes.
			EnableContinuousBackup: pulumi.Bool(objectives.Prompt(s)),
			Lifecycle:              &backup.PlanRuleLifecycleArgs{DeleteAfter: pulumi.Int(of.KeepDays)},
			RecoveryPointTags:      pulumi.ToStringMap(s.Tags()), // the provider's tags do not reach them
		}},
	}, parent)
	if err != nil {
		return fmt.Errorf("plan %s: %w", b.Plan, err)
	}
	_, err = backup.NewSelection(ctx, "databases", &backup.SelectionArgs{
		Name: pulumi.String(b.Plan), PlanId: plan.ID(), IamRoleArn: b.role.Arn, Resources: pulumi.ToStringArray(of.Databases),
	}, parent, pulumi.DependsOn([]pulumi.Resource{b.role.Policy}))
	if err != nil {
		return fmt.Errorf("selection of plan %s: %w", b.Plan, err)
	}
	return nil
}
