package rights

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Document is a policy.
type Document struct {
	Statements []Statement
}

// Statement is one of a policy's.
type Statement struct {
	Sid  string
	Deny bool
	// Actions are patterns in lower case; NotActions are those that the
	// statement is not about. One of them is set.
	Actions, NotActions []string
	// Resources are patterns; none in a role's trust policy.
	Resources, NotResources []string
	// Principals are nil in an identity's policy.
	Principals *Principals
	Conditions []Condition
}

// Principals are those that a resource's policy is about.
type Principals struct {
	Everybody bool
	AWS       []string // ARNs, and accounts
	Services  []string // lambda.amazonaws.com
	Federated []string // ARNs of providers
}

// raw is the JSON form; what it does not hold is refused.
type raw struct {
	Version   string
	ID        string `json:"Id"`
	Statement many[rawStatement]
}

type rawStatement struct {
	Sid          string
	Effect       string
	Principal    *Principals
	Action       many[string]
	NotAction    many[string]
	Resource     many[string]
	NotResource  many[string]
	Condition    map[string]map[string]texts
	NotPrincipal json.RawMessage
}

// many is one value or a list of them.
type many[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (m *many[T]) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		return strictly(text, (*[]T)(m))
	}
	*m = make(many[T], 1)
	return strictly(text, &(*m)[0])
}

// texts are a condition's values: texts, numbers and booleans, one or a list.
type texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *texts) UnmarshalJSON(text []byte) error {
	var all many[any]
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	for _, v := range all {
		switch v := v.(type) {
		case string:
			*t = append(*t, v)
		case bool, float64:
			*t = append(*t, fmt.Sprint(v))
		default:
			return fmt.Errorf("a condition's value is %v; a text, number or boolean would be right", v)
		}
	}
	return nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Principals) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		if one != "*" {
			return fmt.Errorf(`a principal is %q; "*" or an object would be right`, one)
		}
		p.Everybody = true
		return nil
	}
	var kinds map[string]many[string]
	if err := json.Unmarshal(text, &kinds); err != nil {
		return fmt.Errorf("a principal: %w", err)
	}
	for kind, names := range kinds {
		switch kind {
		case "AWS":
			p.Everybody = slices.Contains(names, "*")
			p.AWS = names
		case "Service":
			p.Services = names
		case "Federated":
			p.Federated = names
		default:
			return fmt.Errorf("a principal is a %s, which is not known", kind)
		}
	}
	return nil
}

// strictly reads JSON and refuses what the type does not hold.
func strictly(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more follows after the end")
	}
	return nil
}

// version is the one that knows all elements; without it AWS takes an older one.
const version = "2012-10-17"

// Parse reads a policy document.
func Parse(text string) (*Document, error) {
	var r raw
	if err := strictly([]byte(text), &r); err != nil {
		return nil, fmt.Errorf("read a policy: %w", err)
	}
	if r.Version != version {
		return nil, fmt.Errorf("read a policy: its version is %q; %s would be right", r.Version, version)
	}
	if len(r.Statement) == 0 {
		return nil, errors.New("read a policy: it has no statement")
	}
	d := &Document{}
	for i, s := range r.Statement {
		out, err := s.read()
		if err != nil {
			return nil, fmt.Errorf("read a policy: statement %d %s: %w", i+1, s.Sid, err)
		}
		d.Statements = append(d.Statements, out)
	}
	return d, nil
}

func (s rawStatement) read() (Statement, error) {
	out := Statement{
		Sid: s.Sid, Deny: s.Effect == "Deny", Principals: s.Principal,
		Actions: lower(s.Action), NotActions: lower(s.NotAction), Resources: s.Resource, NotResources: s.NotResource,
	}
	switch {
	case s.Effect != "Allow" && s.Effect != "Deny":
		return out, fmt.Errorf("its effect is %q; Allow or Deny would be right", s.Effect)
	case s.NotPrincipal != nil:
		return out, errors.New("NotPrincipal is not known")
	case (len(s.Action) == 0) == (len(s.NotAction) == 0):
		return out, errors.New("one of Action and NotAction would be right")
	case len(s.Resource) > 0 && len(s.NotResource) > 0:
		return out, errors.New("its Resource and NotResource exclude each other")
	case s.Principal == nil && len(s.Resource)+len(s.NotResource) == 0:
		return out, errors.New("it names no resource")
	}
	for _, text := range slices.Concat(s.Action, s.NotAction) {
		if text != "*" && strings.Count(text, ":") != 1 {
			return out, fmt.Errorf("%q is no action; service:Name would be right", text)
		}
	}
	for _, text := range slices.Concat(s.Resource, s.NotResource) {
		if strings.Contains(text, "${") {
			return out, fmt.Errorf("%q holds a policy variable, which is not known", text)
		}
		if text != "*" && len(strings.SplitN(text, ":", arnParts)) != arnParts {
			return out, fmt.Errorf("%q is no ARN", text)
		}
	}
	var err error
	out.Conditions, err = conditions(s.Condition)
	return out, err
}

func lower(all []string) []string {
	out := make([]string, len(all))
	for i, text := range all {
		out[i] = strings.ToLower(text)
	}
	return out
}
