package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/live"
)

// Plan is what rules look at.
type Plan struct {
	Stack  *live.Stack
	all    []resource
	byType map[string][]resource
}

// resource is a planned resource whose documents are read.
type resource struct {
	plan.Resource
	policies   map[string][]statement // by property
	machine    map[string]any         // of a state machine
	containers []map[string]any       // of a task definition
}

func newPlan(stack *live.Stack, resources []plan.Resource) (*Plan, error) {
	p := &Plan{Stack: stack, byType: map[string][]resource{}}
	for _, of := range resources {
		r := resource{Resource: of, policies: map[string][]statement{}}
		if err := r.read(); err != nil {
			return nil, fmt.Errorf("%s %s: %w", r.Type, r.Name, err)
		}
		p.all = append(p.all, r)
		p.byType[r.Type] = append(p.byType[r.Type], r)
	}
	return p, nil
}

// read reads the documents that are JSON in the inputs.
func (r *resource) read() error {
	for _, property := range []string{"policy", "assumeRolePolicy", "resourcePolicy"} {
		statements, err := document(r.get(property))
		if err != nil {
			return fmt.Errorf("%s is no policy document: %w", property, err)
		}
		r.policies[property] = statements
	}
	for i, inline := range r.list("inlinePolicies") { // of a role
		statements, err := document(at(inline, "policy"))
		if err != nil {
			return fmt.Errorf("inlinePolicies.%d is no policy document: %w", i, err)
		}
		for _, s := range statements {
			s.Sid = strings.TrimSpace(fmt.Sprintf("inlinePolicies.%d %s", i, s.Sid))
			r.policies["policy"] = append(r.policies["policy"], s)
		}
	}
	if text := r.text("definition"); text != "" {
		if err := json.Unmarshal([]byte(text), &r.machine); err != nil {
			return fmt.Errorf("definition is no JSON: %w", err)
		}
	}
	if text := r.text("containerDefinitions"); text != "" {
		if err := json.Unmarshal([]byte(text), &r.containers); err != nil {
			return fmt.Errorf("containerDefinitions is no JSON: %w", err)
		}
	}
	return nil
}

// of lists the resources of a type: s3/bucketV2:BucketV2.
func (p *Plan) of(types ...string) []resource {
	var all []resource
	for _, t := range types {
		all = append(all, p.byType["aws:"+t]...)
	}
	return all
}

// naming finds the resources of a type whose property is one of r's names.
func (p *Plan) naming(r resource, token, property string) []resource {
	var found []resource
	for _, other := range p.of(token) {
		if slices.Contains(r.names(), strings.TrimSuffix(other.text(property), ":*")) {
			found = append(found, other)
		}
	}
	return found
}

// names are what other resources may know r by.
func (r resource) names() []string {
	var all []string
	for _, name := range []string{r.ID, r.ARN, r.text("name"), r.text("bucket")} {
		if name != "" {
			all = append(all, name)
		}
	}
	if _, id, ok := strings.Cut(r.ARN, ":key/"); ok {
		all = append(all, id)
	}
	return all
}

// known finds a resource of a type by one of its names.
func (p *Plan) known(token, name string) (resource, bool) {
	for _, r := range p.of(token) {
		if name != "" && slices.Contains(r.names(), name) {
			return r, true
		}
	}
	return resource{}, false
}

// ours says whether the stack has a resource of a type by one of its names.
func (p *Plan) ours(token, name string) bool {
	_, ok := p.known(token, name)
	return ok
}

// get is the value at a path of keys and indexes: rules.0.bucketKeyEnabled.
func (r resource) get(path string) any { return at(r.Inputs, path) }

func at(v any, path string) any {
	for _, key := range strings.Split(path, ".") {
		switch of := v.(type) {
		case map[string]any:
			v = of[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(of) {
				return nil
			}
			v = of[i]
		default:
			return nil
		}
	}
	return v
}

func (r resource) text(path string) string {
	text, _ := r.get(path).(string)
	return text
}

// tag is one of the resource's own tags.
func (r resource) tag(key string) string {
	tags, _ := r.get("tags").(map[string]any)
	text, _ := tags[key].(string)
	return text
}

func (r resource) flag(path string) bool {
	flag, _ := r.get(path).(bool)
	return flag
}

func (r resource) list(path string) []any {
	list, _ := r.get(path).([]any)
	return list
}

// account is that of the resource's ARN.
func (r resource) account() string {
	part := strings.SplitN(r.ARN, ":", 6)
	return part[min(4, len(part)-1)]
}

// number is 0 for what is none.
func number(v any) float64 {
	switch n := v.(type) {
	case float64:
		return n
	case int:
		return float64(n)
	}
	return 0
}

func (r resource) number(path string) float64 { return number(r.get(path)) }

// want finds resources of a type whose property is another value.
func want(token, path string, right any) func(*Plan) []Finding {
	return func(p *Plan) []Finding {
		var all []Finding
		for _, r := range p.of(token) {
			all = append(all, r.want(path, right)...)
		}
		return all
	}
}

func (r resource) want(path string, right any) []Finding {
	if v := r.get(path); fmt.Sprint(v) != fmt.Sprint(right) {
		return []Finding{broken(r, path, v, "%v", right)}
	}
	return nil
}

// beside wants a resource of another type that names each of a type, and looks
// at it.
func (p *Plan) beside(r resource, token, property string, look func(other resource) []Finding) []Finding {
	others := p.naming(r, token, property)
	if len(others) == 0 {
		return []Finding{broken(r, token[strings.LastIndex(token, ":")+1:], "none", "one whose %s is this resource", property)}
	}
	var all []Finding
	for _, other := range others {
		all = append(all, look(other)...)
	}
	return all
}

// each looks at every resource of a list.
func each(resources []resource, look func(resource) []Finding) []Finding {
	var all []Finding
	for _, r := range resources {
		all = append(all, look(r)...)
	}
	return all
}

func one(f Finding) []Finding { return []Finding{f} }
