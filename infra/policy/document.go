package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// statement is one of a policy document.
type statement struct {
	Sid          string
	Effect       string
	Principal    principals
	NotPrincipal principals
	Action       texts
	NotAction    texts
	Resource     texts
	NotResource  texts
	Condition    map[string]map[string]texts
}

// document reads the statements of a property that is a policy: a text, or the
// object that Pulumi takes, too. What is neither has none.
func document(v any) ([]statement, error) {
	text, ok := v.(string)
	if object, is := v.(map[string]any); is {
		encoded, err := json.Marshal(object)
		if err != nil {
			return nil, err
		}
		text, ok = string(encoded), true
	}
	if !ok || !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return nil, nil
	}
	var read struct{ Statement []statement }
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return nil, err
	}
	return read.Statement, nil
}

// texts is one text or a list of them.
type texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *texts) UnmarshalJSON(data []byte) error {
	var one any
	if err := json.Unmarshal(data, &one); err != nil {
		return fmt.Errorf("a list of a policy: %w", err)
	}
	list, ok := one.([]any)
	if !ok {
		list = []any{one}
	}
	for _, v := range list {
		*t = append(*t, fmt.Sprint(v))
	}
	return nil
}

// principals are by kind: AWS, Service, Federated. "*" is everybody of AWS.
type principals map[string]texts

// UnmarshalJSON implements json.Unmarshaler.
func (p *principals) UnmarshalJSON(data []byte) error {
	var all string
	if json.Unmarshal(data, &all) == nil {
		*p = principals{"AWS": {all}}
		return nil
	}
	var kinds map[string]texts
	if err := json.Unmarshal(data, &kinds); err != nil {
		return fmt.Errorf("the principal of a policy: %w", err)
	}
	*p = kinds
	return nil
}

func (s statement) allows() bool { return s.Effect == "Allow" }
func (s statement) denies() bool { return s.Effect == "Deny" }

// name is how messages name a statement of a property.
func (s statement) name(property string) string {
	if s.Sid == "" {
		return property
	}
	return property + ": " + s.Sid
}

// when says whether a condition on key holds one of values; without values,
// whether there is one at all.
func (s statement) when(key string, values ...string) bool {
	for _, keys := range s.Condition {
		for k, found := range keys {
			if !strings.EqualFold(k, key) {
				continue
			}
			if len(values) == 0 || slices.ContainsFunc(found, func(v string) bool { return slices.Contains(values, v) }) {
				return true
			}
		}
	}
	return false
}

// has says whether the statement's actions hold action: as it is, by a
// wildcard, or by not being left out.
func (s statement) has(action string) bool {
	holds := func(a string) bool { return matches(a, action) }
	return slices.ContainsFunc(s.Action, holds) || len(s.NotAction) > 0 && !slices.ContainsFunc(s.NotAction, holds)
}

// wild says whether a text of a policy stands for more than itself.
func wild(text string) bool { return strings.ContainsAny(text, "*?") }

// matches says whether text is of the pattern, where * is anything and ? one
// letter, in capitals or not.
func matches(pattern, text string) bool {
	if !wild(pattern) {
		return strings.EqualFold(pattern, text)
	}
	return like(strings.ToLower(pattern), strings.ToLower(text))
}

// like is matches where capitals count, as they do in ARNs.
func like(pattern, text string) bool {
	if !wild(pattern) {
		return pattern == text
	}
	p, t := []rune(pattern), []rune(text)
	star, from := -1, 0 // the last * and where it was tried from
	for i, j := 0, 0; i < len(p) || j < len(t); {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case i < len(p) && j < len(t) && (p[i] == '?' || p[i] == t[j]):
			i++
			j++
		case star >= 0 && from < len(t):
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	return true
}
