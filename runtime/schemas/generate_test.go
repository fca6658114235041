package schemas

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// kinds are the files that have a schema, by the schema's name.
var kinds = map[string]struct {
	title string
	value any
}{
	"source":    {"A source: runtime/pipelines/ingest/<source>/source.yaml", &project.Source{}},
	"table":     {"A contract: runtime/pipelines/ingest/<source>/tables/<resource>.yaml", &project.Contract{}},
	"workflow":  {"A workflow: runtime/pipelines/orchestrate/<workflow>.yaml", &project.Workflow{}},
	"platform":  {"A stack's platform: live/<stack>/platform.yaml", &live.Platform{}},
	"pipelines": {"A stack's pipelines: live/<stack>/pipelines.yaml", &live.Pipelines{}},
	"access":    {"A stack's access: live/<stack>/access.yaml", &live.Access{}},
	"waivers":   {"A stack's waivers: live/<stack>/waivers.yaml", &live.Waivers{}},
}

// generate makes the schema of one kind.
func generate(kind string) ([]byte, error) {
	r := jsonschema.Reflector{FieldNameTag: "yaml", ExpandedStruct: true, Anonymous: true}
	for _, folder := range []string{"project", "live"} {
		if err := r.AddGoComments("github.com/floe-data/floe/runtime/schemas", "../"+folder, jsonschema.WithFullComment()); err != nil {
			return nil, fmt.Errorf("read the comments of %s: %w", folder, err)
		}
	}
	for key, text := range r.CommentMap { // the first paragraph, in one line
		first, _, _ := strings.Cut(text, "\n\n")
		r.CommentMap[key] = strings.Join(strings.Fields(first), " ")
	}
	s := r.Reflect(kinds[kind].value)
	s.Title = kinds[kind].title
	s.Description = ""
	narrow(s, s.Definitions)
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the schema of %s: %w", kind, err)
	}
	readable := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&") // for people: no HTML is near
	return []byte(readable.Replace(string(text)) + "\n"), nil
}

// narrow adds what the types do not say: what a var may be, and that a step
// does exactly one thing.
func narrow(root *jsonschema.Schema, definitions jsonschema.Definitions) {
	all := []*jsonschema.Schema{root}
	for _, d := range definitions {
		all = append(all, d)
	}
	for _, s := range all {
		if vars, ok := s.Properties.Get("vars"); ok {
			vars.AdditionalProperties = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
				{Type: "string"}, {Type: "number"}, {Type: "boolean"}, {Type: "array", Items: &jsonschema.Schema{Type: "string"}},
			}}
		}
	}
	if step, ok := definitions["Step"]; ok {
		for _, act := range []string{"ingest", "transform", "maintain"} {
			step.OneOf = append(step.OneOf, &jsonschema.Schema{Required: []string{act}})
		}
	}
}
