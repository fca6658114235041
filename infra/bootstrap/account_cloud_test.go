//go:build cloud

package bootstrap

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	costtypes "github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	laketypes "github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	control "github.com/aws/aws-sdk-go-v2/service/s3control/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	emulated "github.com/floe-data/floe/infra/internal/emulated/aws"
	"github.com/floe-data/floe/runtime/fault"
)

const (
	settings  = "config:\n  aws:region: eu-central-1\n"
	otherRole = "arn:aws:iam::" + account + ":role/steward"
)

// cloud is an empty account that runs here.
func cloud(t *testing.T) *emulated.Account {
	t.Helper()
	a, err := emulated.Start(t.Context(), emulated.Options{Dir: t.TempDir(), Region: "eu-central-1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// deployer is who deploys: a session of a role that has a path, with its
// credentials.
func deployer(t *testing.T, c aws.Config) (role string, config aws.Config) {
	t.Helper()
	const trust = `{"Version":"2012-10-17","Statement":[]}`
	made, err := iam.NewFromConfig(c).CreateRole(t.Context(), &iam.CreateRoleInput{Path: aws.String("/team/"), RoleName: aws.String("deployer"), AssumeRolePolicyDocument: aws.String(trust)})
	if err != nil {
		t.Fatal(err)
	}
	session, err := sts.NewFromConfig(c).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: made.Role.Arn, RoleSessionName: aws.String("me")})
	if err != nil {
		t.Fatal(err)
	}
	k := session.Credentials
	c.Credentials = credentials.NewStaticCredentialsProvider(*k.AccessKeyId, *k.SecretAccessKey, *k.SessionToken)
	return *made.Role.Arn, c
}

// open is the account of the dev stack; what it says goes to the builder.
func open(t *testing.T, c aws.Config, root string, o Options) (*Account, *strings.Builder) {
	t.Helper()
	p, err := Locate(root, "dev")
	if err != nil {
		t.Fatal(err)
	}
	out := new(strings.Builder)
	o.Out = out
	a, err := Open(t.Context(), c, p, o)
	if err != nil {
		t.Fatal(err)
	}
	return a, out
}

func mustMake(t *testing.T, c aws.Config, root string, o Options) string {
	t.Helper()
	a, out := open(t, c, root, o)
	if err := a.Make(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out.String()
}

// states are the words that a run's lines begin with, each once.
func states(out string) []string {
	var found []string
	for _, l := range strings.Split(out, "\n") {
		for _, word := range []string{there, made, changed, removed, kept, "would"} {
			if strings.HasPrefix(l, word) && !slices.Contains(found, word) {
				found = append(found, word)
			}
		}
	}
	slices.Sort(found)
	return found
}

// TestAccount makes everything in an account where nothing is, twice, mends
// what was changed behind its back, and takes it away.
func TestAccount(t *testing.T) {
	config := cloud(t).Config()
	role, mine := deployer(t, config)
	lake := lakeformation.NewFromConfig(config)
	before := &laketypes.DataLakeSettings{
		DataLakeAdmins:                   []laketypes.DataLakePrincipal{{DataLakePrincipalIdentifier: aws.String(otherRole)}},
		Parameters:                       map[string]string{"CROSS_ACCOUNT_VERSION": "4", "SET_CONTEXT": "TRUE"},
		CreateTableDefaultPermissions:    []laketypes.PrincipalPermissions{{Principal: &laketypes.DataLakePrincipal{DataLakePrincipalIdentifier: aws.String("IAM_ALLOWED_PRINCIPALS")}, Permissions: []laketypes.Permission{laketypes.PermissionAll}}},
		AllowExternalDataFiltering:       aws.Bool(true),
		TrustedResourceOwners:            []string{"999999999999"},
		CreateDatabaseDefaultPermissions: []laketypes.PrincipalPermissions{},
	}
	if _, err := lake.PutDataLakeSettings(t.Context(), &lakeformation.PutDataLakeSettingsInput{DataLakeSettings: before}); err != nil {
		t.Fatal(err)
	}
	root := testProject(t, settings)

	if got := states(mustMake(t, mine, root, Options{DryRun: true})); !slices.Equal(got, []string{"would"}) {
		t.Errorf("a dry run in an empty account says %q", got)
	}
	if a, _ := open(t, mine, root, Options{}); a.findKey(t.Context()) != nil || a.key != nil {
		t.Error("a dry run made a key")
	}
	first := mustMake(t, mine, root, Options{})
	if got := states(first); !slices.Equal(got, []string{changed, made}) || strings.Count(first, changed) != 1 {
		t.Errorf("the first run says\n%s", first)
	}
	checkMade(t, config, root, role)
	if second := mustMake(t, mine, root, Options{}); !slices.Equal(states(second), []string{there}) || !strings.Contains(second, "Nothing changed") {
		t.Errorf("the second run says\n%s", second)
	}
	checkMade(t, config, root, role)

	a, out := open(t, mine, root, Options{})
	spoil(t, a)
	if err := a.Make(t.Context()); err != nil || strings.Count(out.String(), changed) != 3 {
		t.Errorf("after three changes behind its back: %v\n%s", err, out)
	}
	checkMade(t, config, root, role)

	if after := read(t, root+"/stacks/Pulumi.dev.yaml"); after != line+settings {
		t.Errorf("the stack's settings are\n%s", after)
	}
	remove(t, mine, root)
	if after := read(t, root+"/stacks/Pulumi.dev.yaml"); after != settings {
		t.Errorf("the stack's settings are\n%s", after)
	}
	checkGone(t, a, before, lake)
}

// spoil changes three properties.
func spoil(t *testing.T, a *Account) {
	t.Helper()
	ctx := t.Context()
	_, versioning := a.s3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: a.name(), VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusSuspended}})
	_, block := a.s3.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: a.name(), PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{BlockPublicAcls: aws.Bool(true)}})
	_, policy := a.s3.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: a.name()})
	if err := errors.Join(versioning, block, policy); err != nil {
		t.Fatal(err)
	}
}

// checkMade asks AWS for what is there.
func checkMade(t *testing.T, config aws.Config, root, role string) {
	t.Helper()
	ctx := t.Context()
	a, _ := open(t, config, root, Options{})
	if err := a.findKey(ctx); err != nil || a.key == nil || !a.key.Ours {
		t.Fatalf("the key: %v, %+v", err, a.key)
	}
	rotation, err := a.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: aws.String(a.key.ARN)})
	if err != nil || !rotation.KeyRotationEnabled {
		t.Errorf("rotation: %v", err)
	}
	for _, s := range a.settings() {
		if right, err := s.right(ctx); err != nil || !right {
			t.Errorf("%s of the bucket: %v, %v", s.what, right, err)
		}
	}
	if ours, err := a.bucketIsOurs(ctx); err != nil || !ours {
		t.Errorf("the bucket's tag: %v", err)
	}
	provider, err := a.iam.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: a.providerARN()})
	if err != nil || !slices.Equal(provider.ClientIDList, []string{audience}) || aws.ToString(provider.Url) != issuer {
		t.Errorf("the OIDC provider: %v, %+v", err, provider)
	}
	lake, err := a.lakeSettings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !isAdmin(lake, role) || !isAdmin(lake, otherRole) || len(lake.DataLakeAdmins) != 2 {
		t.Errorf("administrators are %+v", lake.DataLakeAdmins)
	}
	checkLakeKept(t, lake)
	if linked, err := a.findLinkedRole(ctx); err != nil || linked == "" {
		t.Errorf("the service-linked role: %v", err)
	}
	if block, err := a.accountBlock(ctx); err != nil || block == nil || len(openings(block)) > 0 {
		t.Errorf("the account's block: %v, %v", block, err)
	}
}

// checkLakeKept holds what bootstrap has no business with.
func checkLakeKept(t *testing.T, s *laketypes.DataLakeSettings) {
	t.Helper()
	if s.Parameters["CROSS_ACCOUNT_VERSION"] != "4" || s.Parameters["SET_CONTEXT"] != "TRUE" || len(s.CreateTableDefaultPermissions) != 1 ||
		len(s.CreateDatabaseDefaultPermissions) != 0 || !slices.Equal(s.TrustedResourceOwners, []string{"999999999999"}) || !aws.ToBool(s.AllowExternalDataFiltering) {
		t.Errorf("Lake Formation's settings are %+v", s)
	}
}

// remove says no to a wrong number, tells, removes, and finds nothing more.
func remove(t *testing.T, config aws.Config, root string) {
	t.Helper()
	a, _ := open(t, config, root, Options{})
	if err := a.Remove(t.Context(), "dev"); err == nil || fault.Code(err) != 2 || !strings.Contains(fault.Next(err), "CONFIRM="+account) {
		t.Errorf("not confirmed: %v", err)
	}
	for _, want := range []struct {
		o      Options
		states []string
	}{{Options{DryRun: true}, []string{"would"}}, {Options{}, []string{removed}}, {Options{}, nil}} {
		a, out := open(t, config, root, want.o)
		if err := a.Remove(t.Context(), account); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := states(out.String()); !slices.Equal(got, want.states) {
			t.Errorf("removing says\n%s", out)
		}
	}
}

// checkGone holds that nothing is left but a key in its waiting period.
func checkGone(t *testing.T, a *Account, before *laketypes.DataLakeSettings, lake *lakeformation.Client) {
	t.Helper()
	ctx := t.Context()
	if exists, err := a.hasBucket(ctx); err != nil || exists {
		t.Errorf("the bucket: %v, %v", exists, err)
	}
	keys, err := a.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(a.key.ARN)})
	if err != nil || keys.KeyMetadata.KeyState != kmstypes.KeyStatePendingDeletion {
		t.Errorf("the key: %v", err)
	}
	if err := a.findKey(ctx); err != nil {
		t.Error(err)
	}
	aliases, err := a.kms.ListAliases(ctx, &kms.ListAliasesInput{})
	if err != nil || slices.ContainsFunc(aliases.Aliases, func(e kmstypes.AliasListEntry) bool { return aws.ToString(e.AliasName) == a.Alias() }) {
		t.Errorf("the alias is there still: %v", err)
	}
	var missing *iamtypes.NoSuchEntityException
	if _, err := a.iam.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: a.providerARN()}); !errors.As(err, &missing) {
		t.Errorf("the OIDC provider: %v", err)
	}
	if role, err := a.findLinkedRole(ctx); err != nil || role != "" {
		t.Errorf("the service-linked role: %s, %v", role, err)
	}
	if block, err := a.accountBlock(ctx); err != nil || block != nil {
		t.Errorf("the account's block: %v, %v", block, err)
	}
	now, err := lake.GetDataLakeSettings(ctx, &lakeformation.GetDataLakeSettingsInput{})
	if err != nil {
		t.Fatal(err)
	}
	if s := now.DataLakeSettings; !isAdmin(s, otherRole) || len(s.DataLakeAdmins) != len(before.DataLakeAdmins) {
		t.Errorf("administrators are %+v", s.DataLakeAdmins)
	}
	checkLakeKept(t, now.DataLakeSettings)
}

// TestAdopted holds that what others made is used and never removed.
func TestAdopted(t *testing.T) {
	config := cloud(t).Config()
	role, mine := deployer(t, config)
	root := testProject(t, settings)
	a, _ := open(t, config, root, Options{})
	other(t, a, role)

	said := mustMake(t, mine, root, Options{})
	for _, want := range []string{"already there state bucket", "already there key", "already there GitHub", "already there Lake Formation", "already there service-linked", "kept          S3 public access block"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	b, out := open(t, mine, root, Options{})
	if err := b.Remove(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	if got := states(out.String()); !slices.Equal(got, []string{kept, removed}) || strings.Count(out.String(), removed) != 1 {
		t.Errorf("removing says\n%s", out)
	}
	ctx := t.Context()
	if exists, err := a.hasBucket(ctx); err != nil || !exists {
		t.Errorf("the bucket: %v", err)
	}
	if err := a.findKey(ctx); err != nil || a.key == nil || a.key.State != kmstypes.KeyStateEnabled || len(a.key.Tags) != 0 {
		t.Errorf("the key: %v, %+v", err, a.key)
	}
	if _, err := a.iam.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: a.providerARN()}); err != nil {
		t.Error(err)
	}
	if linked, err := a.findLinkedRole(ctx); err != nil || linked == "" {
		t.Errorf("the service-linked role: %v", err)
	}
	if block, err := a.accountBlock(ctx); err != nil || len(openings(block)) != 3 {
		t.Errorf("the account's block: %v, %v", block, err)
	}
	if lake, err := a.lakeSettings(ctx); err != nil || !isAdmin(lake, role) {
		t.Errorf("the administrator: %v", err)
	}
}

// other is what somebody made before, by hand.
func other(t *testing.T, a *Account, admin string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	made, err := a.kms.CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	_, alias := a.kms.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String(a.Alias()), TargetKeyId: made.KeyMetadata.KeyId})
	_, bucket := a.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: a.name(), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-central-1"}})
	_, provider := a.iam.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + issuer), ClientIDList: []string{audience}, ThumbprintList: thumbprints})
	_, linked := a.iam.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: aws.String(linkedService)})
	_, lake := a.lake.PutDataLakeSettings(ctx, &lakeformation.PutDataLakeSettingsInput{DataLakeSettings: &laketypes.DataLakeSettings{
		DataLakeAdmins: []laketypes.DataLakePrincipal{{DataLakePrincipalIdentifier: aws.String(admin)}}}})
	costs := a.setCostTags(ctx, costKeys, costtypes.CostAllocationTagStatusActive)
	_, block := a.block.PutPublicAccessBlock(ctx, &s3control.PutPublicAccessBlockInput{AccountId: &a.Account,
		PublicAccessBlockConfiguration: &control.PublicAccessBlockConfiguration{BlockPublicPolicy: aws.Bool(true)}})
	if err := errors.Join(alias, bucket, provider, linked, lake, costs, block); err != nil {
		t.Fatal(err)
	}
}
