package governance

import (
	"maps"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// The tags that a stack's databases, tables and columns have.
const (
	TagLayer       = "layer"                // of a database: landing, staging, …
	TagSchema      = "schema"               // of a database: its logical name
	TagDomain      = project.TagDomain      // of a table
	TagSensitivity = project.TagSensitivity // of a column; of a database Unclassified
)

// Unclassified is the sensitivity of what nobody classified: no grant by tags
// reads it.
const Unclassified = "unclassified"

// NoDomain is the one value of the tag domain where no table has a domain: a
// tag of Lake Formation must have a value.
const NoDomain = "none"

// landing is the layer of the sources' schemas, and begins their names.
const landing = "landing"

// TagKey is the key of a stack's tag. An account has one set of tags, so the
// stack is part of it. Lake Formation keeps keys in lower case.
func TagKey(project, stack, tag string) string {
	return strings.ToLower(project + "-" + stack + "-" + tag)
}

// Layer is a schema's.
func Layer(schema string) string {
	if strings.HasPrefix(schema, landing+"_") {
		return landing
	}
	return schema
}

// Layers are the values of the tag layer, sorted.
func Layers(s *live.Stack) []string {
	return sorted(slices.Concat([]string{landing}, live.Layers, s.Platform.Schemas))
}

// Sensitivities are the values of the tag sensitivity, the least first.
func Sensitivities() []string { return append(slices.Clone(project.Sensitivities), Unclassified) }

// Domains are the values of the tag domain, sorted: those of contracts,
// platform.yaml and access.yaml. A model's must be among them.
func Domains(p *project.Project, s *live.Stack) []string {
	all := slices.Clone(s.Platform.Domains)
	for _, g := range s.Access.Grants {
		all = append(all, g.Domains...)
	}
	for _, t := range Contracts(p) {
		if t.Domain != "" {
			all = append(all, t.Domain)
		}
	}
	if len(all) == 0 {
		return []string{NoDomain}
	}
	return sorted(all)
}

func sorted(values []string) []string {
	values = slices.Clone(values)
	slices.Sort(values)
	return slices.Compact(values)
}

// worst is the most sensitive of some columns and a table's own sensitivity,
// Unclassified if one of them is.
func worst(sensitivity string, columns []Column) string {
	order := Sensitivities()
	at := slices.Index(order, Classified(sensitivity))
	for _, c := range columns {
		at = max(at, slices.Index(order, c.Sensitivity))
	}
	return order[at]
}

// Classified is a sensitivity, or Unclassified if that is none.
func Classified(sensitivity string) string {
	if slices.Contains(project.Sensitivities, sensitivity) {
		return sensitivity
	}
	return Unclassified
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
