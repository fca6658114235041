package yamlfile

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/floe-data/floe/runtime/nearest"
)

// field is a struct's field as YAML knows it.
type field struct {
	name     string
	index    int
	required bool // no omitempty
	rules    rules
}

// rules are the bounds that a field's jsonschema tag sets.
type rules struct {
	enum     []string
	min, max *float64
	minItems int
}

// fieldsOf lists the fields of a struct type that have a yaml name.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		fields = append(fields, field{name: name, index: i, required: options != "omitempty", rules: rulesOf(t.Field(i))})
	}
	return fields
}

func rulesOf(f reflect.StructField) rules {
	var r rules
	for _, part := range strings.Split(f.Tag.Get("jsonschema"), ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "enum":
			r.enum = append(r.enum, value)
		case "minimum":
			r.min = limit(value)
		case "maximum":
			r.max = limit(value)
		case "minItems":
			r.minItems, _ = strconv.Atoi(value)
		}
	}
	return r
}

func limit(value string) *float64 {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return nil
	}
	return &n
}

// ofItems are the bounds of a list's items: its enum.
func (r rules) ofItems() rules { return rules{enum: r.enum} }

// allow says whether a scalar is within the bounds.
func (r rules) allow(v reflect.Value) bool {
	if len(r.enum) > 0 && !slices.Contains(r.enum, fmt.Sprint(v.Interface())) {
		return false
	}
	if r.min == nil && r.max == nil {
		return true
	}
	n := 0.0
	switch v.Kind() {
	case reflect.Int:
		n = float64(v.Int())
	case reflect.Float64:
		n = v.Float()
	}
	return (r.min == nil || n >= *r.min) && (r.max == nil || n <= *r.max)
}

// right says what would be within the bounds.
func (r rules) right(found string) string {
	if near := nearest.Word(found, r.enum); near != "" && len(r.enum) > 1 {
		return fmt.Sprintf("did you mean %s? It is one of %s", near, strings.Join(r.enum, ", "))
	}
	return "write " + r.bounds()
}

func (r rules) bounds() string {
	switch {
	case len(r.enum) == 1:
		return r.enum[0]
	case len(r.enum) > 1:
		return "one of " + strings.Join(r.enum, ", ")
	case r.min != nil && r.max != nil:
		return fmt.Sprintf("a number from %v to %v", *r.min, *r.max)
	case r.min != nil:
		return fmt.Sprintf("a number of at least %v", *r.min)
	case r.max != nil:
		return fmt.Sprintf("a number of at most %v", *r.max)
	}
	return ""
}

// wanted names what a key of type t takes.
func wanted(t reflect.Type, r rules) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
		if t.Kind() == reflect.Struct {
			return "a mapping ({} where it has nothing to say)"
		}
	}
	if b := r.bounds(); b != "" && t.Kind() != reflect.Slice {
		return b
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number without leading zeros"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	case reflect.Interface:
		return "a value"
	}
	return "a mapping"
}
