package rights

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Grant is a piece of what a policy allows: one action on one resource, or one
// value of a condition.
type Grant struct {
	Sid      string
	Action   string // lower case, may be a pattern; of a value "*"
	Resource string // a pattern; of a value "*"
	// Key and Value are the condition's, where the piece is a value.
	Key, Value string

	narrow Statement
}

// String is a line of a reviewed list.
func (g Grant) String() string {
	if g.Key != "" {
		return fmt.Sprintf("%s %s=%s", g.Sid, g.Key, g.Value)
	}
	return fmt.Sprintf("%s %s %s", g.Sid, g.Action, g.Resource)
}

// Grants are the pieces of what a document allows.
func (d *Document) Grants() []Grant {
	var all []Grant
	for _, s := range d.Statements {
		if s.Deny {
			continue
		}
		for _, action := range orAll(s.Actions, s.NotActions) {
			for _, resource := range orAll(s.Resources, s.NotResources) {
				narrow := s
				narrow.Actions, narrow.Resources, narrow.NotActions, narrow.NotResources = []string{action}, []string{resource}, nil, nil
				all = append(all, Grant{Sid: s.Sid, Action: action, Resource: resource, narrow: narrow})
			}
		}
		all = append(all, s.values()...)
	}
	return all
}

// orAll is the list, or * where the statement excepts some, or says nothing.
func orAll(all, except []string) []string {
	if len(all) == 0 || len(except) > 0 {
		return []string{"*"}
	}
	return all
}

// values are those of the statement's conditions that want one of several, or
// hold a pattern: each of them is allowed as an action is.
func (s Statement) values() []Grant {
	var all []Grant
	for i, c := range s.Conditions {
		if c.Operator == null || operators[c.Operator].not {
			continue
		}
		for _, value := range c.Values {
			narrow := s
			narrow.Conditions = slices.Clone(s.Conditions)
			narrow.Conditions[i].Values = []string{value}
			narrow.Conditions[i].IfExists = false
			all = append(all, Grant{Sid: s.Sid, Action: "*", Resource: "*", Key: c.Key, Value: value, narrow: narrow})
		}
	}
	return all
}

// Used says whether a request needs this piece, and nothing narrower would do.
func (g Grant) Used(r Request) (bool, error) {
	ok, err := g.narrow.Applies(r)
	if err != nil || !ok {
		return false, err
	}
	if g.Key != "" {
		return slices.ContainsFunc(r.Context[g.Key], func(v string) bool { return !strings.Contains(g.Value, "*") || same(v, g.Value) }), nil
	}
	return strings.EqualFold(r.Action, g.Action) && (len(g.narrow.Resources) == 0 || g.Resource == "*" && r.Resource == "*" || same(r.Resource, g.Resource)), nil
}

func sortedKeys(c Context) []string { return slices.Sorted(maps.Keys(c)) }
