package rights

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Condition is one key of a statement's conditions.
type Condition struct {
	Operator string // StringLike, as the policy has it, without set and IfExists
	Set      string // ForAllValues, ForAnyValue or ""
	IfExists bool
	Key      string // lower case
	Values   []string
}

// Context are a request's condition keys, lower case, and their values.
type Context map[string][]string

// operator compares a value of the request with one of the policy.
type operator struct {
	match func(policy, request string) (bool, error)
	// may says whether they could match, where the request's value is a pattern
	// for many; nil where that is what match says.
	may func(policy, request string) bool
	// not turns the answer around, and makes a missing key a match.
	not bool
}

func text(match func(policy, request string) bool) func(string, string) (bool, error) {
	return func(p, r string) (bool, error) { return match(p, r), nil }
}

func equal(p, r string) bool { return p == r }

// number compares numbers.
func number(match func(request, policy float64) bool) func(string, string) (bool, error) {
	return func(p, r string) (bool, error) {
		want, err := strconv.ParseFloat(p, 64)
		if err != nil {
			return false, fmt.Errorf("the policy's %q is no number", p)
		}
		got, err := strconv.ParseFloat(r, 64)
		if err != nil {
			return false, fmt.Errorf("the request's %q is no number", r)
		}
		return match(got, want), nil
	}
}

// operators are those that are known. Null is apart: it looks at no value.
var operators = map[string]operator{
	"StringEquals":              {match: text(equal)},
	"StringNotEquals":           {match: text(equal), not: true},
	"StringEqualsIgnoreCase":    {match: text(strings.EqualFold)},
	"StringNotEqualsIgnoreCase": {match: text(strings.EqualFold), not: true},
	"StringLike":                {match: text(covers), may: overlaps},
	"StringNotLike":             {match: text(covers), may: overlaps, not: true},
	"ArnEquals":                 {match: text(coversARN), may: overlaps}, // AWS: ArnEquals and ArnLike behave identically
	"ArnLike":                   {match: text(coversARN), may: overlaps},
	"ArnNotEquals":              {match: text(coversARN), may: overlaps, not: true},
	"ArnNotLike":                {match: text(coversARN), may: overlaps, not: true},
	"Bool":                      {match: text(strings.EqualFold)},
	"NumericEquals":             {match: number(func(r, p float64) bool { return r == p })},
	"NumericNotEquals":          {match: number(func(r, p float64) bool { return r == p }), not: true},
	"NumericLessThan":           {match: number(func(r, p float64) bool { return r < p })},
	"NumericLessThanEquals":     {match: number(func(r, p float64) bool { return r <= p })},
	"NumericGreaterThan":        {match: number(func(r, p float64) bool { return r > p })},
	"NumericGreaterThanEquals":  {match: number(func(r, p float64) bool { return r >= p })},
}

const (
	null     = "Null"
	allOf    = "ForAllValues"
	anyOf    = "ForAnyValue"
	ifExists = "IfExists"
)

// conditions reads a statement's, in an order of their own.
func conditions(from map[string]map[string]texts) ([]Condition, error) {
	var all []Condition
	for _, name := range slices.Sorted(maps.Keys(from)) {
		c := Condition{Operator: name}
		if set, rest, ok := strings.Cut(name, ":"); ok {
			c.Set, c.Operator = set, rest
		}
		if c.Set != "" && c.Set != allOf && c.Set != anyOf {
			return nil, fmt.Errorf("condition %s: %s is not known", name, c.Set)
		}
		c.Operator, c.IfExists = strings.CutSuffix(c.Operator, ifExists)
		if _, ok := operators[c.Operator]; !ok && (c.Operator != null || c.IfExists || c.Set != "") {
			return nil, fmt.Errorf("condition %s is not known", name)
		}
		for _, key := range slices.Sorted(maps.Keys(from[name])) {
			one := c
			one.Key, one.Values = strings.ToLower(key), from[name][key]
			if err := one.check(); err != nil {
				return nil, fmt.Errorf("condition %s of %s: %w", name, key, err)
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// check refuses what could never be compared.
func (c Condition) check() error {
	if len(c.Values) == 0 {
		return fmt.Errorf("it has no values")
	}
	for _, v := range c.Values {
		if strings.Contains(v, "${") {
			return fmt.Errorf("%q holds a policy variable, which is not known", v)
		}
		if (c.Operator == null || c.Operator == "Bool") && !strings.EqualFold(v, "true") && !strings.EqualFold(v, "false") {
			return fmt.Errorf("%q is neither true nor false", v)
		}
		if strings.HasPrefix(c.Operator, "Numeric") {
			if _, err := strconv.ParseFloat(v, 64); err != nil {
				return fmt.Errorf("%q is no number", v)
			}
		}
	}
	return nil
}

// met says whether a request meets the condition: surely does, or may where
// that is what matters, since the condition is one of a refusal.
func (c Condition) met(in Context, may bool) (bool, error) {
	have, there := in[c.Key]
	there = there && len(have) > 0
	if c.Operator == null {
		return slices.ContainsFunc(c.Values, func(v string) bool { return strings.EqualFold(v, "true") != there }), nil
	}
	o := operators[c.Operator]
	switch {
	case !there && c.Set == allOf:
		return true, nil // even where the operator wants something: AWS warns of it
	case !there && c.Set == anyOf:
		return c.IfExists, nil
	case !there:
		return o.not || c.IfExists, nil
	case c.Set == "" && len(have) > 1:
		return false, fmt.Errorf("%s has %d values, and condition %s is for one: ForAnyValue or ForAllValues would be right", c.Key, len(have), c.Operator)
	}
	for _, value := range have {
		found, err := c.finds(o, value, may != o.not)
		if err != nil {
			return false, err
		}
		ok := found != o.not
		if c.Set == allOf && !ok {
			return false, nil
		}
		if c.Set != allOf && ok {
			return true, nil
		}
	}
	return c.Set == allOf, nil
}

// finds says whether one of the policy's values matches the request's.
func (c Condition) finds(o operator, value string, may bool) (bool, error) {
	match := o.match
	if may && o.may != nil {
		match = text(o.may)
	}
	for _, v := range c.Values {
		ok, err := match(v, value)
		if err != nil {
			return false, fmt.Errorf("condition %s of %s: %w", c.Operator, c.Key, err)
		}
		if ok {
			return true, nil
		}
	}
	return false, nil
}
