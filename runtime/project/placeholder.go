package project

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Placeholder is what stands between braces in a text of source.yaml:
// {vars.x}, {each.x}, {resources.<parent>.<field>} or {incremental.<what>}.
// Two braces stand for one that is meant.
type Placeholder struct {
	Scope string // vars, each, resources or incremental
	Name  string // the var, the for_each name, the parent, or what of incremental
	Field string // resources: dotted path in the parent's record
}

func (p Placeholder) String() string {
	s := "{" + p.Scope + "." + p.Name
	if p.Field != "" {
		s += "." + p.Field
	}
	return s + "}"
}

var (
	scopes       = []string{"vars", "each", "resources", "incremental"}
	incrementals = []string{"start_value", "initial_value", "last_value", "end_value", "cursor"}
)

// Placeholders lists those of a text in order.
func Placeholders(text string) ([]Placeholder, error) {
	var found []Placeholder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c != '{' && c != '}':
		case i+1 < len(text) && text[i+1] == c:
			i++
		case c == '}':
			return nil, errors.New("found } without a {; write }} for a brace that is meant")
		default:
			n := strings.IndexByte(text[i:], '}')
			if n < 0 {
				return nil, errors.New("found { without a }; write {{ for a brace that is meant")
			}
			p, err := parsePlaceholder(text[i+1 : i+n])
			if err != nil {
				return nil, err
			}
			found = append(found, p)
			i += n
		}
	}
	return found, nil
}

func parsePlaceholder(inside string) (Placeholder, error) {
	scope, name, _ := strings.Cut(strings.TrimSpace(inside), ".")
	p := Placeholder{Scope: scope, Name: name}
	if scope == "resources" {
		p.Name, p.Field, _ = strings.Cut(name, ".")
	}
	switch {
	case !slices.Contains(scopes, scope):
		return p, fmt.Errorf("found {%s}; %s", inside, meant(scope, scopes, "write {vars.x}, {each.x}, {resources.<parent>.<field>} or {incremental.cursor}, and {{ for a brace that is meant"))
	case scope == "resources" && p.Field == "":
		return p, fmt.Errorf("found {%s}; write a field of the parent's record: {resources.<parent>.<field>}", inside)
	case p.Name == "" || strings.ContainsAny(p.Name+p.Field, "{ \t\n") || scope != "resources" && strings.Contains(name, "."):
		return p, fmt.Errorf("found {%s}; write {%s.<name>}", inside, scope)
	case scope == "incremental" && !slices.Contains(incrementals, p.Name):
		return p, fmt.Errorf("found {%s}; incremental has %s", inside, strings.Join(incrementals, ", "))
	}
	return p, nil
}
