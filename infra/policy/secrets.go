package policy

import (
	"slices"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/live"
)

const secretType = "secretsmanager/secret:Secret"

var secretRules = []Rule{
	{Row: 99, Title: "a secret has a key of the stack's, a policy, and days to come back", IDs: []string{"CKV_AWS_149", "W77"}, Severity: Must,
		Fix: "set kmsKeyId and recoveryWindowInDays, and give the secret a SecretPolicy", Check: secrets},
	{Row: 100, Title: "a secret is rotated, or its age rings a bell", IDs: []string{"SecretsManager.1", "SecretsManager.2", "SecretsManager.4", "CKV2_AWS_57", "CKV_AWS_304"}, Severity: Prod,
		Fix: "give the secret a SecretRotation, or an alarm of its age", Check: oldSecrets},
	{Row: 102, Title: "a secret's value never passes through Pulumi's state", Severity: Must,
		Fix: "fill it from stdin: floe secret set", Check: absent("no value; floe secret set fills it", "secretsmanager/secretVersion:SecretVersion")},
}

func secrets(p *Plan) []Finding {
	days := 7.0
	if p.Stack.Platform.Deletable() {
		days = 0
	}
	return each(p.of(secretType), func(s resource) []Finding {
		all := p.keyed(s, "kmsKeyId")
		if n := s.number("recoveryWindowInDays"); n < days {
			all = append(all, broken(s, "recoveryWindowInDays", n, "%g or more, as live/%s/platform.yaml refuses deletion", days, live.Folder(p.Stack.Name)))
		}
		all = append(all, open(s, "policy")...)
		return append(all, p.beside(s, "secretsmanager/secretPolicy:SecretPolicy", "secretArn", func(r resource) []Finding {
			found := open(r, "policy")
			if !refused(r.policies["policy"], "secretsmanager:GetSecretValue", []string{s.ARN}, otherReader) {
				found = append(found, broken(r, "policy", "whoever IAM allows may read", "a statement that denies secretsmanager:GetSecretValue to all but one role"))
			}
			return found
		})...)
	})
}

// otherReader is whoever is not the one role that is named.
var otherReader = condition{except, "aws:PrincipalArn", func(roles []string) bool { return len(roles) == 1 && !wild(roles[0]) }}

func oldSecrets(p *Plan) []Finding {
	return each(p.of(secretType), func(s resource) []Finding {
		rotated := slices.ContainsFunc(p.naming(s, "secretsmanager/secretRotation:SecretRotation", "secretId"), func(r resource) bool {
			days := r.number("rotationRules.automaticallyAfterDays")
			return days > 0 && days <= oldest
		})
		if rotated || p.aged(s) {
			return nil
		}
		return one(broken(s, "SecretRotation, MetricAlarm", "none", "a SecretRotation within %d days, or an alarm when it is so old and a LogMetricFilter that measures its age", oldest))
	})
}

// oldest is how many days a secret may be used before a bell rings.
const oldest = 90

// aged says whether an alarm looks at a secret's age, and the program that reads
// the secret tells it.
func (p *Plan) aged(secret resource) bool {
	programs := p.programs()
	measured := slices.ContainsFunc(p.of(filterType), func(f resource) bool {
		program, ok := programs[f.text("logGroupName")]
		return ok && program.source() == secret.tag(pipelineTag) && f.text("metricTransformation.dimensions."+environment.MetricSecret) != "" &&
			f.text("metricTransformation.namespace") == environment.MetricSpace && f.text("metricTransformation.name") == environment.MetricSecretAge
	})
	return measured && p.rings(environment.MetricSpace, environment.MetricSecretAge, environment.MetricSecret, secret.text("name"), func(a resource) bool {
		return a.above() && a.number("threshold") <= oldest
	})
}
