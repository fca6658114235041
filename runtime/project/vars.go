package project

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
)

// ResolveVars gives the values of a source's vars: what set says (--set), else
// what overrides say (live/<stack>/pipelines.yaml), else what source.yaml says.
// A var keeps its type: a list in set is written with commas. Values are
// string, bool, int64, float64 or []string.
func (s *Source) ResolveVars(set map[string]string, overrides map[string]any) (map[string]any, error) {
	vars := maps.Clone(s.Vars)
	if vars == nil {
		vars = map[string]any{}
	}
	for _, name := range slices.Sorted(maps.Keys(overrides)) {
		value, err := s.CheckVar(name, overrides[name])
		if err != nil {
			return nil, fault.New(fault.Usage, fmt.Errorf("var %s of source %s in live/<stack>/pipelines.yaml: %w", name, s.Name, err), "")
		}
		vars[name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		value, err := s.parseVar(name, set[name])
		if err != nil {
			return nil, fault.New(fault.Usage, fmt.Errorf("--set %s=%s for source %s: %w", name, set[name], s.Name, err), "")
		}
		vars[name] = value
	}
	base, err := s.baseURL(vars)
	if err == nil {
		err = CheckBaseURL(base)
	}
	if err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("base_url of source %s: %w", s.Name, err), "")
	}
	return vars, nil
}

// CheckVar says whether value may take the place of source.yaml's, and gives
// it in the form of that.
func (s *Source) CheckVar(name string, value any) (any, error) {
	have, ok := s.Vars[name]
	if !ok {
		return nil, s.noVar(name)
	}
	value, err := varValue(value)
	if err != nil {
		return nil, err
	}
	if n, ok := value.(int64); ok {
		if _, ok := have.(float64); ok {
			return float64(n), nil
		}
	}
	if _, isFloat := value.(float64); isFloat && isNumber(have) {
		return value, nil
	}
	if fmt.Sprintf("%T", value) != fmt.Sprintf("%T", have) {
		return nil, fmt.Errorf("found %s; write %s, as in %s", varKind(value), varKind(have), s.File)
	}
	return value, nil
}

func (s *Source) noVar(name string) error {
	names := slices.Sorted(maps.Keys(s.Vars))
	return fmt.Errorf("source %s has no var of that name; %s", s.Name, meant(name, names, ""))
}

// parseVar reads a value from the command line in the type of the var.
func (s *Source) parseVar(name, text string) (any, error) {
	have, ok := s.Vars[name]
	if !ok {
		return nil, s.noVar(name)
	}
	switch have.(type) {
	case []string:
		return parseList(text)
	case bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("write true or false")
		}
		return b, nil
	case int64, float64:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return s.CheckVar(name, n)
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || f != f || f-f != 0 {
			return nil, errors.New("write a number")
		}
		return f, nil
	}
	return text, nil
}

func parseList(text string) ([]string, error) {
	var items []string
	for _, item := range strings.Split(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			return nil, errors.New("the var is a list; write a,b without an empty place")
		}
		items = append(items, item)
	}
	return items, nil
}

// varValue gives a value in one of the types that a var has.
func varValue(value any) (any, error) {
	switch v := value.(type) {
	case string, bool, int64, float64:
		return v, nil
	case int:
		return int64(v), nil
	case []string:
		return slices.Clone(v), nil
	case []any:
		items := make([]string, len(v))
		for i, x := range v {
			text, ok := x.(string)
			if !ok {
				return nil, fmt.Errorf("found %v in a list; a var's list holds strings: write %q in quotes", x, fmt.Sprint(x))
			}
			items[i] = text
		}
		return items, nil
	}
	return nil, errors.New("found a mapping; a var is a string, a number, true or false, or a list of strings")
}

func varKind(value any) string {
	switch value.(type) {
	case string:
		return "a string"
	case bool:
		return "true or false"
	case int64, float64:
		return "a number"
	}
	return "a list of strings"
}

func isNumber(value any) bool { return varKind(value) == "a number" }

// baseURL is the client's base URL with the vars filled in.
func (s *Source) baseURL(vars map[string]any) (string, error) {
	refs, err := Placeholders(s.Client.BaseURL)
	if err != nil {
		return "", err
	}
	text := s.Client.BaseURL
	for _, p := range refs {
		value, ok := vars[p.Name]
		if _, isList := value.([]string); !ok || isList || p.Scope != "vars" {
			return "", fmt.Errorf("found %s; a base URL holds vars that are not lists", p)
		}
		text = strings.ReplaceAll(text, p.String(), fmt.Sprint(value))
	}
	return text, nil
}
