package operations

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
)

// identifiers are what is looked for in logs, of what CloudWatch Logs knows
// (its "Types of data that you can protect"): what a row of people could leave
// in an error. Names and addresses are not among them, for they would hide half
// of every line.
var identifiers = []string{
	"EmailAddress", "CreditCardNumber", "AwsSecretKey",
	"PhoneNumber-BR", "PhoneNumber-DE", "PhoneNumber-ES", "PhoneNumber-FR", "PhoneNumber-GB", "PhoneNumber-IT", "PhoneNumber-US",
}

// Mask hides what is personal in a program's log from those who may not unmask
// it (logs:Unmask), where a contract says that the data is. source is the one
// that the program loads, "" for a program of all of them.
func Mask(ctx *pulumi.Context, s *site.Site, logical, source string, group *cloudwatch.LogGroup, opts ...pulumi.ResourceOption) error {
	if s.DataClass(source) != site.Personal {
		return nil
	}
	text, err := json.Marshal(maskPolicy(s))
	if err != nil {
		return fmt.Errorf("what is masked in the log %s: %w", logical, err)
	}
	_, err = cloudwatch.NewLogDataProtectionPolicy(ctx, logical, &cloudwatch.LogDataProtectionPolicyArgs{
		LogGroupName: group.Name, PolicyDocument: pulumi.String(string(text)),
	}, opts...)
	if err != nil {
		return fmt.Errorf("data protection of the log %s: %w", logical, err)
	}
	return nil
}

// protection is a data protection policy (CloudWatch Logs, "Understanding data
// protection policies"): what is found is counted, and hidden.
type protection struct {
	Name, Description, Version string
	Statement                  []protect
}

type protect struct {
	Sid            string
	DataIdentifier []string
	Operation      map[string]map[string]struct{}
}

func maskPolicy(s *site.Site) protection {
	arns := make([]string, len(identifiers))
	for i, name := range identifiers {
		arns[i] = "arn:" + s.Partition() + ":dataprotection::aws:data-identifier/" + name
	}
	return protection{Name: "personal", Description: "hides what is personal", Version: "2021-06-01", Statement: []protect{
		{Sid: "Count", DataIdentifier: arns, Operation: map[string]map[string]struct{}{"Audit": {"FindingsDestination": {}}}},
		{Sid: "Hide", DataIdentifier: arns, Operation: map[string]map[string]struct{}{"Deidentify": {"MaskConfig": {}}}},
	}}
}
