package demand

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/floe-data/floe/infra/internal/rights"
	"github.com/floe-data/floe/infra/plan"
)

// Account is what a stack's plan says of rights.
type Account struct {
	// ID and Region are the stack's.
	ID, Region string
	// Roles by name.
	Roles map[string]*Role
	// Policies are managed policies by name, for whoever they are attached to.
	Policies map[string]*rights.Document

	planned  []plan.Resource
	policies map[string]*rights.Document // of resources, by ARN
	owned    map[string]bool             // ARNs of keys
	byARN    map[string]plan.Resource
	byName   map[string]plan.Resource // type and name in AWS
}

// Role is a planned role.
type Role struct {
	Name, ARN string
	// Trust says who assumes it.
	Trust *rights.Document
	// Own are its inline and attached policies.
	Own []*rights.Document
	// Text is the policies' JSON and TrustText that of Trust, for golden files.
	Text      []string
	TrustText string
	// Boundary is the ARN of its permissions boundary, "" for none.
	Boundary string
}

// The types that say who may do what.
const (
	bucketType   = "aws:s3/bucketV2:BucketV2"
	keyType      = "aws:kms/key:Key"
	roleType     = "aws:iam/role:Role"
	inlineType   = "aws:iam/rolePolicy:RolePolicy"
	policyType   = "aws:iam/policy:Policy"
	attachedType = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
)

// guards are the resources that are a policy of another one: the input that
// names it, and how its ARN is found.
var guards = map[string]struct{ input, arn string }{
	"aws:s3/bucketPolicy:BucketPolicy":             {"bucket", "arn:aws:s3:::%s"},
	"aws:sns/topicPolicy:TopicPolicy":              {"arn", "%s"},
	"aws:sqs/queuePolicy:QueuePolicy":              {"queueUrl", "arn:aws:sqs:REGION:ACCOUNT:%s"},
	"aws:secretsmanager/secretPolicy:SecretPolicy": {"secretArn", "%s"},
	"aws:ecr/repositoryPolicy:RepositoryPolicy":    {"repository", "arn:aws:ecr:REGION:ACCOUNT:repository/%s"},
}

// Read reads a plan.
func Read(planned []plan.Resource, account, region string) (*Account, error) {
	a := &Account{
		ID: account, Region: region, planned: planned, Roles: map[string]*Role{}, Policies: map[string]*rights.Document{},
		policies: map[string]*rights.Document{}, owned: map[string]bool{}, byARN: map[string]plan.Resource{}, byName: map[string]plan.Resource{},
	}
	for _, r := range planned {
		if _, other := r.Inputs["arn"]; r.ARN != "" && !other { // some name another one's
			a.byARN[r.ARN] = r
		}
		a.byName[r.Type+" "+r.ID] = r
	}
	for _, read := range []func(plan.Resource) error{a.role, a.policy, a.guard} {
		for _, r := range planned {
			if err := read(r); err != nil {
				return nil, fmt.Errorf("%s %s: %w", r.Type, r.Name, err)
			}
		}
	}
	return a, nil
}

func (a *Account) role(r plan.Resource) error {
	if r.Type != roleType {
		return nil
	}
	name := text(r, "name")
	trust, err := rights.Parse(text(r, "assumeRolePolicy"))
	if err != nil {
		return err
	}
	a.Roles[name] = &Role{Name: name, ARN: r.ARN, Trust: trust, TrustText: text(r, "assumeRolePolicy"), Boundary: text(r, "permissionsBoundary")}
	return nil
}

// policy reads what a role has, inline or attached.
func (a *Account) policy(r plan.Resource) error {
	if r.Type == policyType {
		d, err := rights.Parse(text(r, "policy"))
		a.Policies[text(r, "name")] = d
		return err
	}
	if r.Type != inlineType && r.Type != attachedType {
		return nil
	}
	role, ok := a.Roles[text(r, "role")]
	if !ok {
		return fmt.Errorf("there is no role %s in the plan", text(r, "role"))
	}
	document := text(r, "policy")
	if r.Type == attachedType {
		managed, ok := a.byARN[text(r, "policyArn")]
		if !ok {
			return fmt.Errorf("policy %s is attached to role %s and not in the plan", text(r, "policyArn"), role.Name)
		}
		document = text(managed, "policy")
	}
	d, err := rights.Parse(stable(document))
	if err != nil {
		return err
	}
	role.Own, role.Text = append(role.Own, d), append(role.Text, document)
	return nil
}

func (a *Account) guard(r plan.Resource) error {
	arn, document := "", text(r, "policy")
	if g, ok := guards[r.Type]; ok {
		name := text(r, g.input)
		arn = a.place(fmt.Sprintf(g.arn, name[strings.LastIndex(name, "/")+1:]))
		if strings.HasPrefix(name, "arn:") {
			arn = name
		}
	}
	if r.Type == keyType {
		arn = r.ARN
		a.owned[arn] = true
	}
	if arn == "" {
		return nil
	}
	d, err := rights.Parse(stable(document))
	if err != nil {
		return err
	}
	a.policies[stable(arn)] = d
	return nil
}

// stable puts question marks for the six characters that Secrets Manager adds
// to a secret's name, as policies and recorded calls have them.
func stable(text string) string { return strings.ReplaceAll(text, "-AbCdEf", "-??????") }

func (a *Account) place(arn string) string {
	return strings.NewReplacer("REGION", a.Region, "ACCOUNT", a.ID).Replace(arn)
}

// Decide says whether a role may do something. boundary limits it; nil for none.
func (a *Account) Decide(role *Role, r rights.Request, boundary *rights.Document) (rights.Decision, error) {
	p := rights.Policies{Identity: role.Own, Boundary: boundary}
	return a.decide(p, role.ARN, r)
}

// decide adds the policy of the resource, and what every request says of itself.
func (a *Account) decide(p rights.Policies, principal string, r rights.Request) (rights.Decision, error) {
	of := r.Resource
	if bucket, _, ok := strings.Cut(strings.TrimPrefix(of, "arn:aws:s3:::"), "/"); ok && strings.HasPrefix(of, "arn:aws:s3:::") {
		of = "arn:aws:s3:::" + bucket
	}
	p.Resource, p.Owned = a.policies[of], a.owned[of]
	r.Principal = principal
	r.Context = with(r.Context, rights.Context{
		"aws:principalarn": {principal}, "aws:principalaccount": {a.ID}, "aws:securetransport": {"true"}, "s3:tlsversion": {"1.3"},
	})
	return p.Decide(r)
}

func with(all ...rights.Context) rights.Context {
	out := rights.Context{}
	for _, c := range all {
		maps.Copy(out, c)
	}
	return out
}

// of lists the planned resources of a type.
func (a *Account) of(kind string) []plan.Resource {
	return slices.DeleteFunc(slices.Clone(a.planned), func(r plan.Resource) bool { return r.Type != kind })
}

// text is an input that is a text, "" if it is none.
func text(r plan.Resource, path ...string) string {
	var at any = r.Inputs
	for _, key := range path {
		m, ok := at.(map[string]any)
		if !ok {
			return ""
		}
		at = m[key]
	}
	t, _ := at.(string)
	return t
}

// inner is JSON in an input.
func inner(r plan.Resource, input string, into any) error {
	if err := json.Unmarshal([]byte(text(r, input)), into); err != nil {
		return fmt.Errorf("%s %s: read %s: %w", r.Type, r.Name, input, err)
	}
	return nil
}
