package rights

import (
	"fmt"
	"slices"
	"strings"
)

// Request is what somebody wants to do. The zero Principal is nobody.
type Request struct {
	// Principal is the ARN of a role, or a service: logs.amazonaws.com.
	Principal string
	Action    string // s3:GetObject
	Resource  string // an ARN, a pattern of ARNs, or * where the action knows no resource
	Context   Context
}

// String is for people.
func (r Request) String() string {
	out := r.Action + " " + r.Resource
	for _, key := range sortedKeys(r.Context) {
		out += " " + key + "=" + strings.Join(r.Context[key], ",")
	}
	return out
}

// Policies are all that decide on a request within one account.
type Policies struct {
	// Identity are the role's own. A service has none.
	Identity []*Document
	// Boundary limits a role; nil for none.
	Boundary *Document
	// Resource is the policy of what is asked for; nil for none.
	Resource *Document
	// Owned says that without the resource's policy nobody may do anything:
	// keys, and roles that are assumed.
	Owned bool
}

// Decision is the answer.
type Decision struct {
	Allowed bool
	// Reason names the statement that decided, or says what is missing.
	Reason string
}

// Decide says whether the request is allowed. The error is of a policy that
// cannot be evaluated for it.
func (p Policies) Decide(r Request) (Decision, error) {
	for _, d := range slices.Concat(p.Identity, []*Document{p.Boundary, p.Resource}) {
		denied, err := d.first(r, true)
		if err != nil {
			return Decision{}, err
		}
		if denied != nil {
			return Decision{Reason: "denied by statement " + denied.Sid}, nil
		}
	}
	own, err := p.identity(r)
	if err != nil {
		return Decision{}, err
	}
	there, err := p.Resource.first(r, false)
	if err != nil {
		return Decision{}, err
	}
	if p.Boundary != nil {
		inside, err := p.Boundary.first(r, false)
		if err != nil {
			return Decision{}, err
		}
		if inside == nil {
			return Decision{Reason: "outside of the permissions boundary"}, nil
		}
	}
	switch {
	case there != nil && there.Principals.names(r.Principal):
		return Decision{true, "allowed by statement " + there.Sid + " of the resource's policy"}, nil
	case p.Owned && there == nil:
		return Decision{Reason: "the resource's policy does not allow it"}, nil
	case own != nil:
		return Decision{true, "allowed by statement " + own.Sid}, nil
	}
	return Decision{Reason: "no statement allows it"}, nil
}

func (p Policies) identity(r Request) (*Statement, error) {
	for _, d := range p.Identity {
		s, err := d.first(r, false)
		if s != nil || err != nil {
			return s, err
		}
	}
	return nil, nil
}

// first is the first statement that denies the request, or that allows it; of
// those that allow, one that names the principal comes before one that leaves
// the choice to the account. nil where there is none.
func (d *Document) first(r Request, deny bool) (*Statement, error) {
	if d == nil {
		return nil, nil
	}
	var found *Statement
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Deny != deny {
			continue
		}
		ok, err := s.Applies(r)
		if err != nil {
			return nil, fmt.Errorf("statement %s on %s: %w", s.Sid, r, err)
		}
		if ok && (found == nil || s.Principals != nil && s.Principals.names(r.Principal)) {
			found = s
		}
	}
	return found, nil
}

// Applies says whether the statement is about the request: about all of it if
// it allows, about any of it if it denies.
func (s *Statement) Applies(r Request) (bool, error) {
	action := strings.ToLower(r.Action)
	takes := func(p, other string) bool { return covers(p, other) }
	if s.Deny {
		takes = overlaps
	}
	about := slices.ContainsFunc(s.Actions, func(p string) bool { return takes(p, action) }) ||
		len(s.NotActions) > 0 && !slices.ContainsFunc(s.NotActions, func(p string) bool { return covers(p, action) })
	on := len(s.Resources)+len(s.NotResources) == 0 ||
		slices.ContainsFunc(s.Resources, func(p string) bool { return takes(p, r.Resource) }) ||
		len(s.NotResources) > 0 && s.beside(r.Resource)
	if !about || !on || s.Principals != nil && !s.Principals.take(r.Principal) {
		return false, nil
	}
	for _, c := range s.Conditions {
		ok, err := c.met(r.Context, s.Deny)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// beside says whether a resource is none of those that the statement excepts.
func (s *Statement) beside(resource string) bool {
	if s.Deny {
		return !slices.ContainsFunc(s.NotResources, func(p string) bool { return covers(p, resource) })
	}
	return !slices.ContainsFunc(s.NotResources, func(p string) bool { return overlaps(p, resource) })
}

// take says whether the principals hold one: by name, or as one of its account.
func (p *Principals) take(principal string) bool {
	return p.names(principal) || slices.ContainsFunc(p.AWS, func(a string) bool {
		return account(principal) != "" && (a == account(principal) || strings.HasSuffix(a, ":iam::"+account(principal)+":root"))
	})
}

// names says whether the principals hold one by name, so that the resource's
// policy alone lets it in. Nil holds nobody.
func (p *Principals) names(principal string) bool {
	if p == nil {
		return false
	}
	return p.Everybody || slices.Contains(p.AWS, principal) || slices.Contains(p.Services, principal) || slices.Contains(p.Federated, principal)
}

// account is the one of a role's ARN, "" of a service.
func account(principal string) string {
	parts := strings.SplitN(principal, ":", arnParts)
	if len(parts) != arnParts || parts[2] != "iam" {
		return ""
	}
	return parts[4]
}
