package grant

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
)

// Statement allows actions on resources, or denies them.
type Statement struct {
	Sid       string // letters and digits
	Deny      bool
	Actions   []string
	Resources []pulumi.StringInput
	// Services and Principals are for policies of resources; empty in a role's.
	Services   []string // lambda.amazonaws.com
	Principals []string // ARNs, or * for everybody (which needs a condition)
	// When holds conditions: operator -> key -> values.
	When map[string]map[string][]string
}

// On makes resources of plain ARNs.
func On(arns ...string) []pulumi.StringInput {
	out := make([]pulumi.StringInput, len(arns))
	for i, a := range arns {
		out[i] = pulumi.String(a)
	}
	return out
}

// document is the JSON form; the order of fields is the documentation's.
type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal any      `json:",omitempty"`
	Action    []string `json:",omitempty"`
	Resource  []string `json:",omitempty"`
	Condition any      `json:",omitempty"`
}

// Document is the statements' policy document.
func Document(statements ...Statement) pulumi.StringOutput {
	var all []any
	for _, s := range statements {
		for _, r := range s.Resources {
			all = append(all, r)
		}
	}
	return pulumi.All(all...).ApplyT(func(resolved []any) (string, error) {
		d := document{Version: "2012-10-17"}
		next := 0
		for _, s := range statements {
			out := s.form()
			for range s.Resources {
				arn, ok := resolved[next].(string)
				if !ok {
					return "", fmt.Errorf("policy statement %s: a resource is a %T, not a string", s.Sid, resolved[next])
				}
				out.Resource = append(out.Resource, arn)
				next++
			}
			d.Statement = append(d.Statement, out)
		}
		text, err := json.Marshal(d)
		if err != nil {
			return "", fmt.Errorf("write a policy document: %w", err)
		}
		return string(text), nil
	}).(pulumi.StringOutput)
}

func (s Statement) form() statement {
	out := statement{Sid: s.Sid, Effect: "Allow", Action: s.Actions}
	if s.Deny {
		out.Effect = "Deny"
	}
	if len(s.When) > 0 {
		out.Condition = s.When
	}
	principal := map[string][]string{}
	if len(s.Services) > 0 {
		principal["Service"] = s.Services
	}
	switch {
	case len(s.Principals) == 1 && s.Principals[0] == "*":
		out.Principal = "*"
		return out
	case len(s.Principals) > 0:
		principal["AWS"] = s.Principals
	}
	if len(principal) > 0 {
		out.Principal = principal
	}
	return out
}

// RoleArgs are a role's.
type RoleArgs struct {
	// Parts of the role's name after project and stack.
	Parts []string
	// Service may assume the role: lambda, ecs-tasks, states, scheduler, events.
	Service string
	// Source limits for whom the service assumes it, by ARN or pattern; "" only by account.
	Source string
	// Description says what the role is for.
	Description string
	// Statements are what it may do.
	Statements []Statement
}

// Role is a role with its one inline policy.
type Role struct {
	*iam.Role
	// Policy must be there before the role is of use.
	Policy *iam.RolePolicy
	// Name is known before the role is made.
	Name string
}

// silent are the services that set neither key when they assume a role: Lambda a
// function's, CloudTrail that of a log group (its "Role policy document for
// CloudTrail to use CloudWatch Logs"), and by their documentation's examples S3
// that of a replication, AWS Backup its own and Lake Formation that of a
// location. Who may pass the role says whom it is for.
var silent = map[string]bool{"backup": true, "cloudtrail": true, "lakeformation": true, "lambda": true, "s3": true}

// NewRole makes a role that one service may assume in this account only, bounded
// where live/ names a permissions boundary.
func NewRole(ctx *pulumi.Context, s *site.Site, name string, args RoleArgs, opts ...pulumi.ResourceOption) (*Role, error) {
	when := map[string]map[string][]string{"StringEquals": {"aws:SourceAccount": {s.Account}}}
	if args.Source != "" {
		when["ArnLike"] = map[string][]string{"aws:SourceArn": {args.Source}}
	}
	if silent[args.Service] {
		when = nil
	}
	r := &Role{Name: s.Name(site.Role, args.Parts...)}
	err := fits(r.Name, args.Statements)
	if err != nil {
		return nil, err
	}
	role := &iam.RoleArgs{
		Name:             pulumi.String(r.Name),
		Description:      pulumi.String(args.Description),
		AssumeRolePolicy: Document(Statement{Sid: "Assume", Actions: []string{"sts:AssumeRole"}, Services: []string{s.ServicePrincipal(args.Service)}, When: when}),
	}
	if s.Live != nil && s.Live.Platform.PermissionsBoundary != "" {
		role.PermissionsBoundary = pulumi.String(s.Live.Platform.PermissionsBoundary)
	}
	r.Role, err = iam.NewRole(ctx, name, role, opts...)
	if err != nil {
		return nil, fmt.Errorf("role %s: %w", r.Name, err)
	}
	r.Policy, err = iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{
		Name: pulumi.String("floe"), Role: r.Role.Name, Policy: Document(args.Statements...),
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("policy of role %s: %w", r.Name, err)
	}
	return r, nil
}

const (
	// largest is what IAM takes of all a role's inline policies, in characters.
	largest = 10_240
	// unknown is the length of what is not known yet: a key's ARN.
	unknown = 75
)

// fits refuses a policy that IAM would refuse when it is too late.
func fits(role string, statements []Statement) error {
	d := document{Version: "2012-10-17"}
	for _, s := range statements {
		out := s.form()
		for _, r := range s.Resources {
			arn, known := r.(pulumi.String)
			if !known {
				arn = pulumi.String(strings.Repeat("x", unknown))
			}
			out.Resource = append(out.Resource, string(arn))
		}
		d.Statement = append(d.Statement, out)
	}
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("policy of role %s: %w", role, err)
	}
	if len(text) > largest {
		return fmt.Errorf("policy of role %s: found %d characters; IAM takes %d: it names too many schemas, so spread them over two projects, or give them shorter names", role, len(text), largest)
	}
	return nil
}
