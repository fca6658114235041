package terraform

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// queue is a resource with an attribute of each kind and a list and a set of blocks.
func queue() *Block {
	rule := &Block{Attributes: map[string]*Attribute{
		"name": {Type: cty.String, Required: true},
		"id":   {Type: cty.String, Optional: true, Computed: true},
	}}
	return &Block{
		Attributes: map[string]*Attribute{
			"arn":    {Type: cty.String, Computed: true},
			"name":   {Type: cty.String, Optional: true, Computed: true},
			"size":   {Type: cty.Number, Optional: true},
			"secret": {Type: cty.String, Optional: true, WriteOnly: true},
		},
		Blocks: map[string]*Nested{"rule": {Block: rule, Nesting: Set}, "step": {Block: rule, Nesting: List}},
	}
}

func rule(name string, id cty.Value) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal(name), "id": id})
}

var none = cty.NullVal(cty.String)

func TestPropose(t *testing.T) {
	b := queue()
	prior := cty.ObjectVal(map[string]cty.Value{
		"arn": cty.StringVal("arn:q"), "name": cty.StringVal("q-1"), "size": cty.NumberIntVal(5), "secret": none,
		"rule": cty.SetVal([]cty.Value{rule("a", cty.StringVal("id-a")), rule("b", cty.StringVal("id-b"))}),
		"step": cty.ListVal([]cty.Value{rule("x", cty.StringVal("id-x")), rule("y", cty.StringVal("id-y"))}),
	})
	config := cty.ObjectVal(map[string]cty.Value{
		"arn": none, "name": none, "size": cty.NullVal(cty.Number), "secret": cty.StringVal("s"),
		"rule": cty.SetVal([]cty.Value{rule("b", none), rule("c", none)}),
		"step": cty.ListVal([]cty.Value{rule("z", none)}),
	})
	want := cty.ObjectVal(map[string]cty.Value{
		"arn":    cty.StringVal("arn:q"),                                                     // computed: kept
		"name":   cty.StringVal("q-1"),                                                       // computed unless given: kept
		"size":   cty.NullVal(cty.Number),                                                    // given before, not now: gone
		"secret": none,                                                                       // never in a state
		"rule":   cty.SetVal([]cty.Value{rule("b", cty.StringVal("id-b")), rule("c", none)}), // by sameness
		"step":   cty.ListVal([]cty.Value{rule("z", cty.StringVal("id-x"))}),                 // by place
	})
	if got := propose(b, prior, config); !got.RawEquals(want) {
		t.Errorf("propose:\n got %#v\nwant %#v", got, want)
	}
	fresh := propose(b, cty.NullVal(b.Type()), config)
	if v := fresh.GetAttr("name"); !v.IsNull() {
		t.Errorf("a new resource is proposed with name %#v, want null", v)
	}
	if gone := propose(b, prior, cty.NullVal(b.Type())); !gone.IsNull() {
		t.Errorf("a resource to delete is proposed as %#v, want null", gone)
	}
}

func TestHandshake(t *testing.T) {
	for line, want := range map[string]string{
		"1|5|unix|/tmp/plugin1|grpc|\n": "unix:/tmp/plugin1",
		"1|5|tcp|127.0.0.1:1|grpc|":     "passthrough:///127.0.0.1:1",
		"1|6|unix|/tmp/plugin1|grpc|":   "",
		"1|5|unix|/tmp/plugin1|netrpc|": "",
		"This binary is a plugin.":      "",
	} {
		got, err := handshake(line)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("handshake(%q) = %q, %v; want %q", line, got, err, want)
		}
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"FLOE_TF_AWS_PROVIDER", "FLOE_TF_MIRROR", "TF_PLUGIN_CACHE_DIR"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", root)
	if _, err := Find(); err == nil || !strings.Contains(err.Error(), "terraform init") {
		t.Errorf("without a provider: %v, want an error that says how to get one", err)
	}
	dir := filepath.Join(root, "cache", "registry.terraform.io", "hashicorp", "aws", Version, runtime.GOOS+"_"+runtime.GOARCH)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "terraform-provider-aws_v"+Version+"_x5")
	if err := os.WriteFile(binary, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TF_PLUGIN_CACHE_DIR", filepath.Join(root, "cache"))
	if got, err := Find(); err != nil || got != binary {
		t.Errorf("in the plugin cache: %q, %v; want %q", got, err, binary)
	}
	t.Setenv("FLOE_TF_AWS_PROVIDER", filepath.Join(root, "nothing"))
	if _, err := Find(); err == nil || !strings.Contains(err.Error(), "FLOE_TF_AWS_PROVIDER") {
		t.Errorf("with a wrong FLOE_TF_AWS_PROVIDER: %v, want an error that names it", err)
	}
}

func TestMessages(t *testing.T) {
	m, err := newMessage("PlanResourceChange.Request")
	if err != nil {
		t.Fatal(err)
	}
	ty := cty.Object(map[string]cty.Type{"a": cty.List(cty.String)})
	v := cty.ObjectVal(map[string]cty.Value{"a": cty.UnknownVal(cty.List(cty.String))})
	if err := m.setValue("config", v, ty); err != nil {
		t.Fatal(err)
	}
	if got, err := m.value("config", ty); err != nil || !got.RawEquals(v) {
		t.Errorf("config is %#v, %v; want %#v", got, err, v)
	}
	if got, err := m.value("prior_state", ty); err != nil || !got.IsNull() {
		t.Errorf("an absent value is %#v, %v; want null", got, err)
	}
	if _, err := newMessage("Nothing"); err == nil {
		t.Error("a message that the protocol has not was made")
	}
}
