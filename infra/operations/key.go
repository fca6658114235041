package operations

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/key"
	"github.com/floe-data/floe/infra/internal/site"
)

func (o *Operations) key(ctx *pulumi.Context, s *site.Site, parent pulumi.ResourceOption) error {
	var err error
	o.Key, err = key.New(ctx, s, key.Args{
		Name: "operations", Description: fmt.Sprintf("%s %s: logs, messages, environments, secrets, workflows", s.Project, s.Stack), Use: keyPolicy(s),
	}, parent)
	return err
}

// when is a statement's conditions: operator -> key -> values.
type when = map[string]map[string][]string

// keyPolicy says who encrypts with the key. In a key's own policy, resource * is
// that key. Principals of the account still need their own policies to allow
// what is allowed here.
func keyPolicy(s *site.Site) []grant.Statement {
	self, account := grant.On("*"), key.Account(s)
	data := []string{"kms:Decrypt", "kms:GenerateDataKey"}
	logs := s.ARN("logs", "*")
	var through []string
	for _, service := range []string{"ecr", "lambda", "scheduler", "secretsmanager", "sns", "sqs", "states"} {
		through = append(through, s.ServicePrincipal(service+"."+s.Region))
	}
	return []grant.Statement{
		{Sid: "UseThroughServices", Principals: account, Resources: self,
			Actions: []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"},
			When:    when{"StringEquals": {"kms:CallerAccount": {s.Account}, "kms:ViaService": through}}},
		// Lambda and ECR keep a grant for as long as their resource uses the key.
		{Sid: "GrantToServices", Principals: account, Resources: self, Actions: []string{"kms:CreateGrant"},
			When: when{"Bool": {"kms:GrantIsForAWSResource": {"true"}}, "StringEquals": {"kms:CallerAccount": {s.Account}}}},
		// ECR gives back the grant of a repository that is deleted.
		{Sid: "RetireRegistryGrants", Principals: account, Resources: self, Actions: []string{"kms:RetireGrant"},
			When: when{"StringEquals": {"kms:CallerAccount": {s.Account}, "kms:ViaService": {s.ServicePrincipal("ecr." + s.Region)}}}},
		// Workflows and schedules name what they encrypt.
		{Sid: "Workflows", Principals: account, Resources: self, Actions: data,
			When: when{"ArnLike": {"kms:EncryptionContext:aws:states:stateMachineArn": {s.ARN("states", "stateMachine:*")}}}},
		{Sid: "Schedules", Principals: account, Resources: self, Actions: data,
			When: when{"ArnLike": {"kms:EncryptionContext:aws:scheduler:schedule:arn": {s.ARN("scheduler", "schedule/*")}}}},
		// The logs of an encrypted workflow are handed over encrypted.
		{Sid: "WorkflowLogs", Principals: account, Resources: self, Actions: []string{"kms:GenerateDataKey"},
			When: when{"ArnLike": {"kms:EncryptionContext:SourceArn": {logs}}}},
		{Sid: "LogDelivery", Resources: self, Actions: data, Services: []string{s.ServicePrincipal("delivery.logs")},
			When: when{"ArnLike": {"kms:EncryptionContext:SourceArn": {logs}}}},
		// CloudWatch Logs says for which group it asks, and sets no source account.
		{Sid: "Logs", Resources: self, Services: []string{s.ServicePrincipal("logs." + s.Region)},
			Actions: []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"},
			When:    when{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": {s.ARN("logs", "log-group:*")}}}},
		// Alarms, events and costs are told to the topic, events that nobody took to the queue.
		{Sid: "Messages", Resources: self, Actions: data, Services: tellers(s), When: ofAccount(s)},
	}
}
