package policy

import (
	"slices"
	"strings"
)

const (
	roleType       = "iam/role:Role"
	rolePolicyType = "iam/rolePolicy:RolePolicy"
	managedType    = "iam/policy:Policy"
)

var roleRules = []Rule{
	{Row: 107, Title: "who may take a role is named", IDs: []string{"CKV_AWS_393", "CKV_AWS_60", "CKV_AWS_61"}, Severity: Must,
		Fix: "name one service, or for GitHub the audience and the whole subject by StringEquals", Check: trusts},
	{Row: 108, Title: "roles allow named actions on named resources, within the boundary", IDs: []string{"IAM.1", "IAM.21", "CKV_AWS_274", "CKV_AWS_275", "CKV_AWS_62", "CKV_AWS_63", "CKV_AWS_286", "CKV_AWS_287", "CKV_AWS_288", "CKV_AWS_289", "CKV_AWS_290", "CKV_AWS_355", "F2", "F3", "F4", "F38", "F39", "W11", "W12", "W13", "W14", "W15", "W16", "W43", "W44"}, Severity: Must,
		Fix: "write the actions and the ARNs out", Check: narrow},
}

// rolePolicies are the policies of identities; a role has its inline ones itself.
func (p *Plan) rolePolicies() []resource {
	return p.of(rolePolicyType, managedType, roleType, "iam/userPolicy:UserPolicy", "iam/groupPolicy:GroupPolicy")
}

// policiesOf are those of one role.
func (p *Plan) policiesOf(role resource) []resource {
	all := []resource{role}
	for _, r := range p.of(rolePolicyType) {
		if slices.Contains(role.names(), r.text("role")) {
			all = append(all, r)
		}
	}
	return all
}

func trusts(p *Plan) []Finding {
	return each(p.of(roleType), func(r resource) []Finding {
		const property = "assumeRolePolicy"
		var all []Finding
		for _, s := range r.policies[property] {
			if !s.allows() {
				continue
			}
			for _, who := range s.unnamed() {
				all = append(all, broken(r, s.name(property), who+" may take the role", "a service, or a role by its ARN"))
			}
			for _, who := range s.Principal["AWS"] {
				if strings.HasSuffix(who, ":root") || !strings.Contains(who, ":") && !wild(who) { // an account's number is its root
					all = append(all, broken(r, s.name(property), who+" may take the role", "a service, or a role by its ARN"))
				}
			}
			if len(s.Principal["Federated"]) > 0 && !federated(s) {
				all = append(all, broken(r, s.name(property), s.Condition, "StringEquals on :aud and on the whole :sub"))
			}
		}
		return all
	})
}

// federated says whether a trust names the audience and whole subjects.
func federated(s statement) bool {
	found := map[string]bool{}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			_, claim, _ := strings.Cut(key, ":")
			whole := operator == "StringEquals" && !slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, "*") })
			if !whole {
				return false
			}
			found[claim] = true
		}
	}
	return found["aud"] && found["sub"]
}

// unscoped are the actions that AWS takes for all resources only (Service
// Authorization Reference: no resource type), which roles of floe have.
var unscoped = []string{
	"athena:ListDataCatalogs", "athena:ListWorkGroups", "athena:ListEngineVersions", "cloudwatch:PutMetricData", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
	"ec2:DescribeNetworkInterfaces", "ecr:GetAuthorizationToken", "lakeformation:*", "logs:CreateLogDelivery", "logs:CreateLogStream", "logs:DeleteLogDelivery",
	"logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutLogEvents",
	"logs:PutResourcePolicy", "logs:UpdateLogDelivery", "rds:Describe*", "tag:GetResources", "xray:*",
}

// families are the kinds of resources that roles of floe have by the kind,
// because nobody knows the names before: what a restore of AWS Backup makes, and
// databases of Glue and log groups that are listed. A kind has the actions that it is for.
var families = map[string]string{
	"glue:database": "glue:GetDatabases", "logs:log-group": "logs:DescribeLogGroups", "rds:og": "rds:*", "rds:pg": "rds:*", "rds:cluster-pg": "rds:*", "rds:subgrp": "rds:*",
	"rds:auto-backup": "rds:*", "rds:cluster-auto-backup": "rds:*",
}

// sweeps says whether a statement allows an action on more than an ARN names:
// on what is of any account, or on all resources of a kind.
func (s statement) sweeps(action, arn string) bool {
	if arn == "*" {
		return !slices.ContainsFunc(unscoped, func(u string) bool { return matches(u, action) })
	}
	part := strings.SplitN(arn, ":", 6)
	if unbounded(arn) || len(part) < 6 || part[4] == "" {
		return unbounded(arn) // a bucket's objects are named by the bucket
	}
	i := strings.IndexAny(part[5], "/:") // none where a queue or a topic is named
	kind, name := part[5][:max(i, 0)], part[5][i+1:]
	if !wild(kind) && strings.IndexAny(name, "*?") != 0 {
		return false
	}
	kind = part[2] + ":" + kind
	return !matches(families[kind], action) && (kind != "kms:key" || !s.tied("kms:ViaService"))
}

func narrow(p *Plan) []Finding {
	all := each(p.rolePolicies(), func(r resource) []Finding {
		var found []Finding
		for _, s := range r.policies["policy"] {
			if s.allows() {
				found = append(found, s.unnarrow(r)...)
			}
		}
		return found
	})
	all = append(all, p.attached()...)
	if boundary := p.Stack.Platform.PermissionsBoundary; boundary != "" {
		all = append(all, want(roleType, "permissionsBoundary", boundary)(p)...)
	}
	return all
}

// unnarrow finds what a statement allows without naming it.
func (s statement) unnarrow(r resource) []Finding {
	var found []Finding
	if len(s.NotAction)+len(s.NotResource) > 0 {
		found = append(found, broken(r, s.name("policy"), "NotAction or NotResource", "Action and Resource"))
	}
	for _, a := range s.Action {
		if wild(a) {
			found = append(found, broken(r, s.name("policy"), "Action "+a, "the actions that are called, by name"))
		}
		for _, arn := range s.Resource {
			if slices.ContainsFunc(uses, func(use string) bool { return matches(a, use) }) && anyKeys(arn) {
				continue // rule 21 speaks of keys
			}
			if s.sweeps(a, arn) {
				found = append(found, broken(r, s.name("policy"), a+" on "+arn, "the resources, by ARN"))
			}
		}
	}
	return found
}

// attached finds managed policies that are not the stack's, which nobody here
// can look into: AdministratorAccess is one of them.
func (p *Plan) attached() []Finding {
	var all []Finding
	look := func(r resource, property string, arns ...any) {
		for _, arn := range arns {
			if !slices.ContainsFunc(p.of(managedType), func(own resource) bool { return own.ARN == arn }) {
				all = append(all, broken(r, property, arn, "a policy of the stack's"))
			}
		}
	}
	for _, who := range []string{"role", "user", "group"} {
		of := "iam/" + who + "PolicyAttachment"
		name := strings.ToUpper(who[:1]) + who[1:] + "PolicyAttachment"
		for _, r := range p.of(of + ":" + name) {
			look(r, "policyArn", r.get("policyArn"))
		}
		for _, r := range p.of(of + "sExclusive:" + name + "sExclusive") {
			look(r, "policyArns", r.list("policyArns")...)
		}
	}
	for _, r := range p.of("iam/policyAttachment:PolicyAttachment") {
		look(r, "policyArn", r.get("policyArn"))
	}
	for _, r := range p.of(roleType) {
		look(r, "managedPolicyArns", r.list("managedPolicyArns")...)
	}
	return all
}
