package bootstrap

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// document is a policy of IAM.
type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid       string
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    []string
	Resource  []string                       `json:",omitempty"`
	Condition map[string]map[string][]string `json:",omitempty"`
}

func (d document) text() (string, error) {
	d.Version = "2012-10-17"
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("write a policy: %w", err)
	}
	return string(text), nil
}

const (
	// largest is what IAM takes of a managed policy, in characters.
	largest = 6_144
	// most is how many of them a role may have.
	most = 10
)

// all is the whole table for a stack.
func (n names) all() []right {
	all := slices.Concat(n.state(), deployments, governed, keys, networks, n.roles())
	if n.replica != "" {
		all = append(all, copied...)
	}
	return all
}

// preview is what a role needs that only looks, at the one stack.
func (n names) preview() []statement {
	n.stacks = []string{n.stack}
	return n.reads()
}

func (n names) reads() []statement {
	var out []statement
	for _, r := range n.all() {
		if len(r.read) > 0 {
			out = append(out, n.statement(r, "", r.read, nil))
		}
	}
	return out
}

// apply is what a role needs that deploys and destroys the stack. What it must
// never change is itself, and the role that looks.
func (n names) apply() []statement {
	out := n.reads()
	for _, r := range n.all() {
		if len(r.write) > 0 {
			out = append(out, n.statement(r, "Change", r.write, r.when))
		}
	}
	return append(out, n.refuse())
}

func (n names) statement(r right, prefix string, actions []string, when map[string]map[string][]string) statement {
	s := statement{Sid: prefix + r.sid, Effect: "Allow", Action: actions}
	for _, template := range r.on {
		s.Resource = append(s.Resource, n.fill(template)...)
	}
	slices.Sort(s.Resource)
	s.Resource = slices.Compact(s.Resource)
	for operator, keys := range when {
		for key, values := range keys {
			if s.Condition == nil {
				s.Condition = map[string]map[string][]string{}
			}
			if s.Condition[operator] == nil {
				s.Condition[operator] = map[string][]string{}
			}
			s.Condition[operator][key] = n.values(values)
		}
	}
	return s
}

// values are a condition's, with the names filled in.
func (n names) values(templates []string) []string {
	var all []string
	for _, v := range templates {
		switch v {
		case "STACKS":
			all = append(all, n.stacks...)
		case "PROJECT":
			all = append(all, n.project)
		default:
			all = append(all, strings.ReplaceAll(v, "REGION", n.region))
		}
	}
	return all
}

// refuse keeps the two roles and their policies as bootstrap made them: their
// names begin as those of the stack's roles do.
func (n names) refuse() statement {
	return statement{Sid: "KeepTheseRoles", Effect: "Deny", Action: []string{
		"iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:CreateRole", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:DeleteRole", "iam:DeleteRolePolicy",
		"iam:DetachRolePolicy", "iam:PassRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
	}, Resource: []string{
		"arn:aws:iam::" + n.account + ":policy/" + n.project + "-*-" + roleApply + "-*", "arn:aws:iam::" + n.account + ":policy/" + n.project + "-*-" + rolePreview + "-*",
		"arn:aws:iam::" + n.account + ":role/" + n.project + "-*-" + roleApply, "arn:aws:iam::" + n.account + ":role/" + n.project + "-*-" + rolePreview,
	}}
}

// policies spreads statements over as few documents as IAM's sizes allow.
func policies(of []statement) ([]string, error) {
	var all []string
	var d document
	for _, s := range of {
		longer := document{Statement: append(slices.Clone(d.Statement), s)}
		text, err := longer.text()
		if err != nil {
			return nil, err
		}
		if len(text) > largest && len(d.Statement) == 0 {
			return nil, fmt.Errorf("statement %s has %d characters; IAM takes %d of a policy", s.Sid, len(text), largest)
		}
		if len(text) > largest {
			done, err := d.text()
			if err != nil {
				return nil, err
			}
			all, longer = append(all, done), document{Statement: []statement{s}}
		}
		d = longer
	}
	last, err := d.text()
	if err != nil {
		return nil, err
	}
	if all = append(all, last); len(all) > most {
		return nil, fmt.Errorf("found %d policies of %d characters; IAM takes %d for a role", len(all), largest, most)
	}
	return all, nil
}
