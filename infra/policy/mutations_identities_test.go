package policy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// identities are where a policy of an identity may be.
var identities = map[string]func(w *world, policy any){
	"a user's policy": func(w *world, policy any) {
		w.add("aws:iam/userPolicy:UserPolicy", "more", map[string]any{"user": "x", "policy": policy})
	},
	"a group's policy": func(w *world, policy any) {
		w.add("aws:iam/groupPolicy:GroupPolicy", "more", map[string]any{"group": "x", "policy": policy})
	},
	"a managed policy": func(w *world, policy any) { w.add("aws:iam/policy:Policy", "more", map[string]any{"policy": policy}) },
	"a role's policy": func(w *world, policy any) { // the others' are objects, which Pulumi takes, too
		text, err := json.Marshal(policy)
		if err != nil {
			w.t.Fatal(err)
		}
		w.add("aws:iam/rolePolicy:RolePolicy", "more", map[string]any{"role": "x", "policy": string(text)})
	},
	"a role's inline policy": func(w *world, policy any) {
		w.set("Role evolve", "inlinePolicies", []any{map[string]any{"name": "other", "policy": `{"Statement":[]}`}, map[string]any{"name": "more", "policy": policy}})
	},
}

// sweeping are statements that allow what they do not name.
var sweeping = []struct {
	name string
	of   map[string]any
	rows []int
}{
	{"a wildcard within an action", map[string]any{"Action": "s3:*Object", "Resource": "arn:aws:s3:::b/*"}, []int{108}},
	{"a letter of an action", map[string]any{"Action": "s3:?etBucketAcl", "Resource": "arn:aws:s3:::b"}, []int{108}},
	{"roles to pass", map[string]any{"Action": []any{"iam:Pass*"}, "Resource": "arn:aws:iam::123456789012:role/x"}, []int{55, 108}},
	{"all but an action", map[string]any{"NotAction": "kms:*", "Resource": "arn:aws:sns:eu-central-1:123456789012:x"}, []int{55, 82, 108}},
	{"all but a resource", map[string]any{"Action": "sns:Publish", "NotResource": "arn:aws:sns:eu-central-1:123456789012:x"}, []int{108}},
	{"everything where something holds", map[string]any{"Action": "sns:Publish", "Resource": "*", "Condition": map[string]any{"StringEquals": map[string]any{"aws:RequestedRegion": "eu-central-1"}}}, []int{108}},
	{"everything beside keys", map[string]any{"Action": []any{"sns:Publish", "kms:Decrypt"}, "Resource": "*"}, []int{21, 108}},
	{"all buckets", map[string]any{"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::*"}, []int{108}},
	{"all objects", map[string]any{"Action": "s3:DeleteObject", "Resource": []any{"arn:aws:s3:::*/*"}}, []int{108}},
	{"buckets by a prefix", map[string]any{"Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::floe-*/x"}, []int{108}},
	{"every ARN", map[string]any{"Action": "sns:Publish", "Resource": "arn:*"}, []int{108}},
	{"every ARN of a partition", map[string]any{"Action": "sns:Publish", "Resource": "arn:aws:*:*:*:*"}, []int{108}},
	{"any account's roles", map[string]any{"Action": "iam:GetRole", "Resource": "arn:aws:iam::*:role/*"}, []int{108}},
	{"any account's role", map[string]any{"Action": "iam:GetRole", "Resource": "arn:aws:iam::*:role/x"}, []int{108}},
	{"all roles", map[string]any{"Action": "iam:GetRole", "Resource": "arn:aws:iam::123456789012:role/*"}, []int{108}},
	{"all topics", map[string]any{"Action": "sns:Publish", "Resource": "arn:aws:sns:eu-central-1:123456789012:*"}, []int{108}},
	{"all kinds", map[string]any{"Action": "glue:GetTable", "Resource": "arn:aws:glue:eu-central-1:123456789012:tab*/x"}, []int{108}},
	{"all tables", map[string]any{"Action": "glue:GetTable", "Resource": "arn:aws:glue:eu-central-1:123456789012:table/*/*"}, []int{108}},
	{"all databases, to delete", map[string]any{"Action": "glue:DeleteDatabase", "Resource": "arn:aws:glue:eu-central-1:123456789012:database/*"}, []int{108}},
	{"all databases of RDS", map[string]any{"Action": "rds:DeleteDBInstance", "Resource": "arn:aws:rds:eu-central-1:123456789012:db:*"}, []int{108}},
	{"all secrets", map[string]any{"Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:??????*"}, []int{108}},
	{"all keys, to delete", map[string]any{"Action": "kms:ScheduleKeyDeletion", "Resource": "arn:aws:kms:eu-central-1:123456789012:key/*"}, []int{108}},
	{"all of KMS", map[string]any{"Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-central-1:123456789012:*"}, []int{21}},
	{"keys by a prefix", map[string]any{"Action": []any{"kms:Decrypt"}, "Resource": "arn:aws:kms:eu-central-1:123456789012:key/mrk-*"}, []int{21}},
	{"any account's key", map[string]any{"Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-central-1:*:key/x"}, []int{21}},
	{"any service's", map[string]any{"Action": "kms:Encrypt", "Resource": "arn:aws:*:eu-central-1:123456789012:key/x"}, []int{21}},
	{"all but a key", map[string]any{"Action": "kms:Decrypt", "NotResource": "arn:aws:kms:eu-central-1:123456789012:key/x"}, []int{21, 108}},
	{"all but an action of all keys", map[string]any{"NotAction": "s3:*", "Resource": "arn:aws:kms:eu-central-1:123456789012:key/*"}, []int{21, 55, 82, 108}},
	{"decrypting by a wildcard", map[string]any{"Action": "kms:*crypt", "Resource": "*"}, []int{21, 108}},
	{"all keys, by grants", map[string]any{"Action": "kms:CreateGrant", "Resource": "arn:aws:kms:eu-central-1:123456789012:key/*",
		"Condition": map[string]any{"StringEquals": map[string]any{"kms:ViaService": "rds.eu-central-1.amazonaws.com"}}}, []int{21}},
	{"a role to pass to all but one service", map[string]any{"Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/x",
		"Condition": map[string]any{"StringNotEquals": map[string]any{"iam:PassedToService": "lambda.amazonaws.com"}}}, []int{55}},
	{"functions by their end", map[string]any{"Action": "lambda:InvokeFunction", "Resource": "arn:aws:lambda:eu-central-1:123456789012:function:floe-*-x"}, []int{55}},
}

var identityMutations = slices.Concat(swept(), attached(), []mutation{
	{row: 107, name: "all but one", breaks: func(w *world) {
		w.write("Role evolve", "assumeRolePolicy", `"Principal":{[^}]*}`, `"NotPrincipal":{"AWS":"arn:aws:iam::123456789012:role/x"}`)
	}},
	{row: 107, name: "any account", breaks: func(w *world) {
		w.write("Role evolve", "assumeRolePolicy", `"Principal":{[^}]*}`, `"Principal":{"AWS":["arn:aws:iam::*:role/x"]}`)
	}},
	{row: 107, name: "the account's number", breaks: func(w *world) {
		w.write("Role evolve", "assumeRolePolicy", `"Principal":{[^}]*}`, `"Principal":{"AWS":"123456789012"}`)
	}},
	{row: 107, name: "any service", breaks: func(w *world) {
		w.write("Role evolve", "assumeRolePolicy", `"Principal":{[^}]*}`, `"Principal":{"Service":"*"}`)
	}},
})

// swept gives a role each of the statements, and every other identity one for
// each of the rules.
func swept() []mutation {
	var all []mutation
	spoken := map[string]bool{}
	for _, s := range sweeping {
		for where, put := range identities {
			of := fmt.Sprint(where, s.rows)
			if where != "a role's policy" && spoken[of] {
				continue
			}
			spoken[of] = true
			all = append(all, mutation{row: s.rows[0], also: s.rows[1:], name: where + " allows " + s.name, breaks: func(w *world) {
				s.of["Effect"] = "Allow"
				put(w, map[string]any{"Statement": []any{s.of}})
			}})
		}
	}
	return all
}

// attached attaches what is not the stack's in each way that there is.
func attached() []mutation {
	const administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
	var all []mutation
	by := func(name, property string, value any) {
		token := "aws:iam/" + strings.ToLower(name[:1]) + name[1:] + ":" + name
		all = append(all, mutation{row: 108, name: fmt.Sprint(value, " by ", name), breaks: func(w *world) { w.add(token, "more", map[string]any{property: value}) }})
	}
	for _, who := range []string{"Role", "User", "Group", ""} {
		by(who+"PolicyAttachment", "policyArn", administrator)
		if who != "" {
			by(who+"PolicyAttachmentsExclusive", "policyArns", []any{administrator})
		}
	}
	for _, arn := range []string{"arn:aws-cn:iam::aws:policy/PowerUserAccess", "arn:aws-us-gov:iam::aws:policy/IAMFullAccess", "arn:aws:iam::aws:policy/job-function/SystemAdministrator", "arn:aws:iam::123456789012:policy/anything"} {
		by("RolePolicyAttachment", "policyArn", arn)
		all = append(all, mutation{row: 108, name: arn + " of a role", breaks: func(w *world) { w.set("Role evolve", "managedPolicyArns", []any{arn}) }})
	}
	return all
}

var grantMutations = []mutation{
	{row: 94, name: "another account's role", breaks: func(w *world) {
		w.set("Permissions evolve-write-tables", "principal", "arn:aws:iam::999999999999:role/x")
	}},
	{row: 94, name: "a role that nobody named", breaks: func(w *world) {
		w.set("Permissions evolve-write-tables", "principal", "arn:aws:iam::123456789012:role/x")
	}},
	{row: 94, name: "all, in small letters", breaks: func(w *world) { w.set("Permissions evolve-write-tables", "permissions", []any{"all"}) }},
	{row: 94, name: "an administrator's verb", breaks: func(w *world) { w.set("Permissions evolve-write-tables", "permissions", []any{"SUPER_USER"}) }},
	{row: 94, name: "handed on by another's -govern", breaks: func(w *world) {
		w.set("Permissions evolve-write-tables", "principal", "arn:aws:iam::999999999999:role/any-govern")
		w.set("Permissions evolve-write-tables", "permissionsWithGrantOptions", []any{"SELECT"})
	}},
	{row: 94, name: "by name to another's -govern", breaks: func(w *world) {
		w.set("Permissions evolve-write-tables", "principal", "arn:aws:iam::123456789012:role/any-govern")
		w.set("Permissions evolve-write-tables", "lfTagPolicy", nil)
		w.set("Permissions evolve-write-tables", "table", map[string]any{"databaseName": "x", "wildcard": true})
	}},
	{row: 94, name: "by name beside tags", breaks: func(w *world) {
		w.set("Permissions evolve-write-tables", "tableWithColumns", map[string]any{"databaseName": "x", "name": "y"})
	}},
	{row: 94, name: "the catalog", breaks: func(w *world) { w.set("Permissions evolve-landing", "catalogResource", true) }},
	{row: 94, name: "no expression", breaks: func(w *world) { w.set("Permissions evolve-write-tables", "lfTagPolicy.expressions", []any{}) }},
	{row: 94, name: "any value", breaks: func(w *world) {
		w.set("Permissions evolve-write-tables", "lfTagPolicy.expressions.0.values", []any{"*"})
	}},
	{row: 94, name: "no value", breaks: func(w *world) { w.set("Permissions evolve-write-tables", "lfTagPolicy.expressions.0.values", []any{}) }},
	{row: 94, name: "another stack's tag", breaks: func(w *world) {
		w.set("Permissions evolve-write-tables", "lfTagPolicy.expressions.0.key", "floe-dev-layer")
	}},
	{row: 94, name: "another's bucket", breaks: func(w *world) { w.set("Permissions evolve-landing", "dataLocation.arn", "arn:aws:s3:::another") }},
}
