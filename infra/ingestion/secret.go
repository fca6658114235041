package ingestion

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/runner"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/operations"
)

// recoveryDays is how long a deleted secret can be had back.
const recoveryDays = 30

// secret is a source's; nil where its auth needs none.
type secret struct {
	source  string
	pattern string
	made    *secretsmanager.Secret
}

// secret makes the source's secret, without a value.
func (i *Ingestion) secret(ctx *pulumi.Context, s *site.Site, o *operations.Operations, source string, parent pulumi.ResourceOption) (*secret, error) {
	if s.Pipelines.Sources[source].Client.Auth == nil {
		return nil, nil
	}
	name := s.Name(site.Secret, source, "auth")
	deletable, days := s.Live.Platform.Deletable(), recoveryDays
	if deletable {
		days = 0
	}
	made, err := secretsmanager.NewSecret(ctx, source, &secretsmanager.SecretArgs{
		Name: pulumi.String(name), KmsKeyId: o.Key.Arn, RecoveryWindowInDays: pulumi.Int(days),
		Description: pulumi.Sprintf("what source %s asks for; fill it: floe secret set %s --stack %s", source, source, s.Stack),
		Tags:        pulumi.StringMap{"floe:source": pulumi.String(source)},
	}, parent, pulumi.Protect(!deletable))
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	i.Secrets[source] = name
	return &secret{source: source, pattern: s.ARN("secretsmanager", "secret:"+name+"-??????"), made: made}, nil
}

// reads is the secret as its program knows it.
func (x *secret) reads() *runner.Secret {
	if x == nil {
		return nil
	}
	return &runner.Secret{ARN: x.made.Arn, Pattern: x.pattern}
}

// guard lets nobody but the program's role read the value, not even who
// administers the account (who can still change this policy, which is seen),
// and nobody do anything without TLS. Who may fill it, their own policies say.
func (x *secret) guard(ctx *pulumi.Context, s *site.Site, role string, parent pulumi.ResourceOption) error {
	if x == nil {
		return nil
	}
	_, err := secretsmanager.NewSecretPolicy(ctx, x.source, &secretsmanager.SecretPolicyArgs{
		SecretArn: x.made.Arn, BlockPublicPolicy: pulumi.Bool(true), Policy: grant.Document(
			grant.Statement{Sid: "OneReader", Deny: true, Actions: []string{"secretsmanager:GetSecretValue"}, Resources: grant.On("*"), Principals: []string{"*"},
				When: map[string]map[string][]string{"ArnNotEquals": {"aws:PrincipalArn": {role}}}},
			grant.Statement{Sid: "TLS", Deny: true, Actions: []string{"secretsmanager:*"}, Resources: grant.On("*"), Principals: []string{"*"},
				When: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}}},
		),
	}, parent)
	if err != nil {
		return fmt.Errorf("policy of the secret of source %s: %w", x.source, err)
	}
	return nil
}
