package bridge

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/zclconf/go-cty/cty"

	"github.com/floe-data/floe/infra/internal/emulated/terraform"
)

// ruleArgs and function stand for what the SDK generates.
type ruleArgs struct {
	Name  string   `pulumi:"name"`
	Ports []int    `pulumi:"ports"`
	Ids   []string `pulumi:"ids"`
}

type environment struct {
	Variables map[string]string `pulumi:"variables"`
}

type function struct {
	pulumi.CustomResourceState
	Arn         pulumi.StringOutput `pulumi:"arn"`
	Name        pulumi.StringOutput `pulumi:"name"`
	Environment *environment        `pulumi:"environment"`
	Rules       []ruleArgs          `pulumi:"rules"`
	Policies    []string            `pulumi:"policies"`
	Secret      pulumi.StringOutput `pulumi:"secret"`
	Forgotten   pulumi.StringOutput `pulumi:"forgotten"`
}

func block() *terraform.Block {
	number := cty.List(cty.Number)
	return &terraform.Block{
		Attributes: map[string]*terraform.Attribute{
			"id":            {Type: cty.String, Optional: true, Computed: true},
			"arn":           {Type: cty.String, Computed: true},
			"function_name": {Type: cty.String, Required: true},
			"policy":        {Type: cty.Set(cty.String), Optional: true},
			"secret":        {Type: cty.String, Optional: true, Sensitive: true},
			"secret_wo":     {Type: cty.String, Optional: true, WriteOnly: true},
		},
		Blocks: map[string]*terraform.Nested{
			"environment": {Nesting: terraform.List, Max: 1, Block: &terraform.Block{Attributes: map[string]*terraform.Attribute{
				"variables": {Type: cty.Map(cty.String), Optional: true}}}},
			"rule": {Nesting: terraform.List, Max: 2, Block: &terraform.Block{Attributes: map[string]*terraform.Attribute{
				"name": {Type: cty.String, Required: true}, "ports": {Type: number, Optional: true}, "ids": {Type: cty.Set(cty.String), Optional: true}}}},
		},
	}
}

func functionShape() (*shape, *shaper) {
	s := &shaper{renamed: map[string]string{"aws_function.function_name": "name"}}
	b := block()
	return s.shape("aws_function", b, b.Type(), reflect.TypeFor[function]()), s
}

func props(v map[string]any) resource.PropertyMap { return resource.NewPropertyMapFromMap(v) }

func TestShape(t *testing.T) {
	_, s := functionShape()
	slices.Sort(s.unmatched)
	if want := []string{"aws_function has no forgotten", "aws_function.secret_wo"}; !slices.Equal(s.unmatched, want) {
		t.Errorf("unmatched are %q, want %q", s.unmatched, want)
	}
}

func TestThereAndBack(t *testing.T) {
	s, _ := functionShape()
	in := props(map[string]any{"name": "f", "environment": map[string]any{"variables": map[string]any{"A": "1"}},
		"rules": []any{map[string]any{"name": "x", "ports": []any{443.0}}}, "policies": []any{"p"}, "secret": "s", "__autonamed": true})
	var errs problems
	config := s.config(in, "", &errs)
	if err := errs.err(); err != nil {
		t.Fatal(err)
	}
	if got := config.GetAttr("environment").AsValueSlice()[0].GetAttr("variables").AsValueMap()["A"].AsString(); got != "1" {
		t.Errorf("environment's A is %q, want 1: one plain value is a list of one", got)
	}
	s.complete(config, "", &errs)
	if err := errs.err(); err != nil {
		t.Errorf("a complete configuration: %v", err)
	}
	out := s.outputs(config)
	if !out["secret"].IsSecret() {
		t.Error("a sensitive attribute came out as a plain output")
	}
	for _, key := range []resource.PropertyKey{"name", "environment", "policies"} {
		if !out[key].DeepEquals(in[key]) {
			t.Errorf("%s came back as %v, want %v", key, out[key], in[key])
		}
	}
	final, err := s.final(terraform.State{Value: config, Private: []byte("private")}, in)
	if err != nil {
		t.Fatal(err)
	}
	if !final[stateKey].IsSecret() {
		t.Error("a state with a secret in it is not secret")
	}
	if st, err := s.state(final); err != nil || !st.Value.RawEquals(config) || string(st.Private) != "private" {
		t.Errorf("the state came back as %#v, %v", st, err)
	}
}

func TestProblems(t *testing.T) {
	s, _ := functionShape()
	for name, c := range map[string]struct {
		in   map[string]any
		want string
	}{
		"unknown property": {map[string]any{"name": "f", "nmae": "x"}, "nmae: unknown property"},
		"nested":           {map[string]any{"name": "f", "rules": []any{map[string]any{"name": "x", "nmae": "x"}}}, "rules[0].nmae: unknown property"},
		"wrong kind":       {map[string]any{"name": "f", "rules": "x"}, "rules: expected a list, got string"},
		"wrong number":     {map[string]any{"name": "f", "rules": []any{map[string]any{"name": "x", "ports": []any{"many"}}}}, "rules[0].ports[0]: a number is required"},
		"missing":          {map[string]any{}, "name: missing required property"},
		"missing below":    {map[string]any{"name": "f", "rules": []any{map[string]any{}}}, "rules.name: missing required property"},
		"too many":         {map[string]any{"name": "f", "rules": []any{map[string]any{"name": "a"}, map[string]any{"name": "b"}, map[string]any{"name": "c"}}}, "rules: at most 2 allowed"},
	} {
		var errs problems
		config := s.config(props(c.in), "", &errs)
		if len(errs) == 0 {
			s.complete(config, "", &errs)
		}
		if err := errs.err(); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestDiffer(t *testing.T) {
	s, _ := functionShape()
	config := func(in map[string]any) cty.Value {
		var errs problems
		return s.config(props(in), "", &errs)
	}
	prior := config(map[string]any{"name": "f", "environment": map[string]any{"variables": map[string]any{"A": "1", "B": "2"}},
		"rules": []any{map[string]any{"name": "x", "ids": []any{"i"}}, map[string]any{"name": "y"}}})
	plan := config(map[string]any{"name": "f", "environment": map[string]any{"variables": map[string]any{"A": "9", "C": "3"}},
		"rules": []any{map[string]any{"name": "z", "ids": []any{"j"}}}, "secret": "s"})
	computed := plan.AsValueMap()
	computed["arn"] = cty.UnknownVal(cty.String)
	d := newDiffer([]terraform.Path{{"rule", int64(0), "name"}, {"arn"}})
	d.object(s, prior, cty.ObjectVal(computed), nil, "", "")
	want := map[string]pulumirpc.PropertyDiff_Kind{
		"environment.variables.A": updated, "environment.variables.B": deleted, "environment.variables.C": added,
		"rules[0].name": pulumirpc.PropertyDiff_UPDATE_REPLACE, "rules[0].ids": updated, "rules[1]": deleted, "secret": added,
	}
	for at, k := range want {
		if d.detailed[at] == nil || d.detailed[at].Kind != k {
			t.Errorf("%s: %v, want %v", at, d.detailed[at], k)
		}
	}
	if len(d.detailed) != len(want) {
		t.Errorf("the changes are %s, want %d", d, len(want))
	}
	if got := sorted(d.replaced); !slices.Equal(got, []string{"rules"}) {
		t.Errorf("replaced for %q, want rules", got)
	}
}

func TestProperty(t *testing.T) {
	s, _ := functionShape()
	for want, path := range map[string]terraform.Path{
		"rules[1].ports[0]":       {"rule", int64(1), "ports", int64(0)},
		"environment.variables.A": {"environment", int64(0), "variables", "A"},
		"name":                    {"function_name"},
		"other.thing":             {"other", "thing"},
	} {
		if got := s.property(path); got != want {
			t.Errorf("%v is %q, want %q", path, got, want)
		}
	}
}

func TestAutoname(t *testing.T) {
	s, _ := functionShape()
	urn := "urn:pulumi:dev::floe::aws:lambda/function:Function::ingest"
	news := props(map[string]any{})
	s.autoname(&pulumirpc.CheckRequest{Urn: urn, RandomSeed: []byte("seed")}, news, nil)
	name := news["name"].StringValue()
	if !strings.HasPrefix(name, "ingest-") || len(name) != len("ingest-")+7 || !autonamed(news) {
		t.Errorf("a nameless resource is named %q, want ingest- and seven digits", name)
	}
	again := props(map[string]any{})
	s.autoname(&pulumirpc.CheckRequest{Urn: urn, RandomSeed: []byte("other")}, again, news)
	if got := again["name"].StringValue(); got != name {
		t.Errorf("it is renamed to %q, want %q still", got, name)
	}
	given := props(map[string]any{"name": "mine"})
	s.autoname(&pulumirpc.CheckRequest{Urn: urn}, given, news)
	if autonamed(given) || given["name"].StringValue() != "mine" {
		t.Errorf("a name that was given became %v", given)
	}
	r := &resourceType{shape: s}
	if !r.sameName(given, given) || r.sameName(news, again) {
		t.Error("only a name that the program gave, and gave before, must make room for its successor")
	}
}

func TestDrifted(t *testing.T) {
	in := props(map[string]any{"a": "1", "b": "2", "c": "3"})
	olds := props(map[string]any{"a": "1", "b": "2!", "c": "3", "d": "4"})
	out := props(map[string]any{"a": "9", "b": "2!", "d": "5"})
	got := drifted(in, olds, out)
	if want := props(map[string]any{"a": "9", "b": "2"}); !resource.NewProperty(got).DeepEquals(resource.NewProperty(want)) {
		t.Errorf("drifted inputs are %v, want %v", got, want)
	}
}
