package policy

import (
	"slices"
	"strings"
)

// everybody says whether a statement is about whoever comes, and leaves nobody out.
func (s statement) everybody() bool {
	return len(s.NotPrincipal) == 0 && slices.Contains(s.Principal["AWS"], "*")
}

// on says whether a statement is about the whole of an ARN: "arn:aws:s3:::x/*"
// is all objects of a bucket.
func (s statement) on(arn string) bool {
	return len(s.NotResource) == 0 && slices.ContainsFunc(s.Resource, func(pattern string) bool { return like(pattern, arn) })
}

// condition is one that a statement may have.
type condition struct {
	operators []string
	key       string
	right     func(values []string) bool
}

// oneOf says that values are some of these.
func oneOf(known ...string) func([]string) bool {
	return func(values []string) bool {
		return len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(known, v) })
	}
}

func (c condition) is(operator, key string, values []string) bool {
	return slices.Contains(c.operators, operator) && strings.EqualFold(c.key, key) && c.right(values)
}

// only says whether a statement holds where a condition does, whatever else is
// the case; each of but may narrow it.
func (s statement) only(where condition, but ...condition) bool {
	found := false
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if where.is(operator, key, values) {
				found = true
			} else if !slices.ContainsFunc(but, func(c condition) bool { return c.is(operator, key, values) }) {
				return false
			}
		}
	}
	return found
}

// under says whether a statement has a condition.
func (s statement) under(c condition) bool {
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if c.is(operator, key, values) {
				return true
			}
		}
	}
	return false
}

// refuses says whether a statement denies everybody an action on the whole of
// an ARN wherever a condition holds. An action of s3:* is all of S3.
func (s statement) refuses(action, arn string, where condition, but ...condition) bool {
	return s.denies() && s.everybody() && len(s.NotAction) == 0 && s.has(action) && s.on(arn) && s.only(where, but...)
}

// refused says whether each of the ARNs is refused by some statement of a policy.
func refused(policy []statement, action string, arns []string, where condition, but ...condition) bool {
	return !slices.ContainsFunc(arns, func(arn string) bool {
		return !slices.ContainsFunc(policy, func(s statement) bool { return s.refuses(action, arn, where, but...) })
	})
}

var (
	plainText = condition{[]string{"Bool", "BoolIfExists"}, "aws:SecureTransport", oneOf("false")}
	oldTLS    = condition{[]string{"NumericLessThan", "NumericLessThanIfExists"}, "s3:TlsVersion", oneOf("1.2", "1.3")}
)

// unbounded says whether a pattern takes in what is of any account: *, or an ARN
// with a wildcard before its resource; where an ARN has no account, as S3's,
// before the end of the first name.
func unbounded(pattern string) bool {
	part := strings.SplitN(pattern, ":", 6)
	if len(part) < 6 {
		return wild(pattern)
	}
	owner := strings.Join(part[:5], ":")
	if part[4] == "" {
		name, _, _ := strings.Cut(part[5], "/")
		owner += name
	}
	return wild(owner)
}

// naming are the operators that a condition of Allow names somebody with. The
// others hold where the key is missing, or for all but those that are named.
var naming = []string{"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"}

// except are those that a condition of Deny leaves somebody out with.
var except = []string{"StringNotEquals", "StringNotEqualsIfExists", "ArnNotEquals", "ArnNotEqualsIfExists"}

// tied says whether a condition on one of keys names whom or what the statement
// is for.
func (s statement) tied(keys ...string) bool {
	for _, operator := range naming {
		for key, values := range s.Condition[operator] {
			known := slices.ContainsFunc(keys, func(k string) bool { return matches(k, key) })
			if known && len(values) > 0 && !slices.ContainsFunc(values, unbounded) {
				return true
			}
		}
	}
	return false
}

// wide finds statements that allow whom they do not name, or all of a service.
func wide(r resource, property string) []Finding {
	var all []Finding
	for _, s := range r.policies[property] {
		if !s.allows() {
			continue
		}
		for _, who := range s.unnamed() {
			all = append(all, broken(r, s.name(property), who, "a principal that is named"))
		}
		for _, a := range s.Action {
			if wild(a) {
				all = append(all, broken(r, s.name(property), "Action "+a, "the actions that are needed, by name"))
			}
		}
		if len(s.NotAction) > 0 {
			all = append(all, broken(r, s.name(property), "NotAction "+strings.Join(s.NotAction, ", "), "Action, by name"))
		}
	}
	return all
}

// unnamed are the principals of a statement that stand for more than themselves.
func (s statement) unnamed() []string {
	var all []string
	for _, whom := range s.Principal {
		for _, who := range whom {
			if wild(who) {
				all = append(all, "Principal "+who)
			}
		}
	}
	for _, whom := range s.NotPrincipal {
		all = append(all, "NotPrincipal "+strings.Join(whom, ", "))
	}
	return all
}

// open is wide, and finds services that are let in for whomever they act.
func open(r resource, property string) []Finding {
	all := wide(r, property)
	for _, s := range r.policies[property] {
		if services := s.Principal["Service"]; s.allows() && len(services) > 0 && !s.tied("aws:SourceArn", "aws:SourceAccount") {
			all = append(all, broken(r, s.name(property), strings.Join(services, ", ")+" may act for anybody", "a condition that names aws:SourceArn or aws:SourceAccount"))
		}
	}
	return all
}
