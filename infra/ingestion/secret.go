package ingestion

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/runner"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/runtime/environment"
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
	days := recoveryDays
	if s.Live.Platform.Deletable() {
		days = 0
	}
	// Not protected: a source that is renamed or loses its auth takes its secret
	// with it, and a protected one would refuse every deployment from then on.
	// What guards the value is the recovery window.
	made, err := secretsmanager.NewSecret(ctx, source, &secretsmanager.SecretArgs{
		Name: pulumi.String(name), KmsKeyId: o.Key.Arn, RecoveryWindowInDays: pulumi.Int(days),
		Description: pulumi.Sprintf("what source %s asks for; fill it: floe secret set %s --stack %s", source, source, s.Stack),
		Tags:        pulumi.StringMap{environment.TagSource: pulumi.String(source), "floe:pipeline": pulumi.String(source)},
	}, parent)
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
// It gives what must be there before the value is read.
func (x *secret) guard(ctx *pulumi.Context, s *site.Site, role string, parent pulumi.ResourceOption) ([]pulumi.Resource, error) {
	if x == nil {
		return nil, nil
	}
	policy, err := secretsmanager.NewSecretPolicy(ctx, x.source, &secretsmanager.SecretPolicyArgs{
		SecretArn: x.made.Arn, BlockPublicPolicy: pulumi.Bool(true), Policy: grant.Document(
			grant.Statement{Sid: "OneReader", Deny: true, Actions: []string{"secretsmanager:GetSecretValue"}, Resources: grant.On("*"), Principals: []string{"*"},
				When: map[string]map[string][]string{"ArnNotEquals": {"aws:PrincipalArn": {role}}}},
			grant.Statement{Sid: "TLS", Deny: true, Actions: []string{"secretsmanager:*"}, Resources: grant.On("*"), Principals: []string{"*"},
				When: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}}},
		),
	}, parent)
	if err != nil {
		return nil, fmt.Errorf("policy of the secret of source %s: %w", x.source, err)
	}
	return []pulumi.Resource{policy}, nil
}
