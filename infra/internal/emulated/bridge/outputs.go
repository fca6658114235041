package bridge

import (
	"encoding/base64"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/floe-data/floe/infra/internal/emulated/terraform"
)

// stateKey and privateKey hold a resource's Terraform state among its outputs.
const (
	stateKey   = resource.PropertyKey("__tfstate")
	privateKey = resource.PropertyKey("__tfprivate")
)

// outputs makes properties of a Terraform object; what is null is left out.
func (s *shape) outputs(v cty.Value) resource.PropertyMap {
	out := resource.PropertyMap{}
	for name, f := range s.fields {
		pv := f.output(v.GetAttr(name))
		if pv.IsNull() {
			continue
		}
		if f.attribute != nil && f.attribute.Sensitive {
			pv = resource.MakeSecret(pv)
		}
		out[resource.PropertyKey(f.pulumi)] = pv
	}
	return out
}

func (f *field) output(v cty.Value) resource.PropertyValue {
	switch {
	case v.IsNull():
		return resource.NewNullProperty()
	case !v.IsKnown():
		return unknown()
	case collection(f.ty) && f.single:
		for _, e := range v.AsValueSlice() {
			return f.oneOutput(e)
		}
		return resource.NewNullProperty()
	case collection(f.ty):
		all := []resource.PropertyValue{}
		for _, e := range v.AsValueSlice() {
			all = append(all, f.oneOutput(e))
		}
		return resource.NewProperty(all)
	case f.ty.IsMapType():
		all := resource.PropertyMap{}
		for key, e := range v.AsValueMap() {
			all[resource.PropertyKey(key)] = f.oneOutput(e)
		}
		return resource.NewProperty(all)
	}
	return f.oneOutput(v)
}

func (f *field) oneOutput(v cty.Value) resource.PropertyValue {
	if f.element != nil && !v.IsNull() && v.IsKnown() {
		return resource.NewProperty(f.element.outputs(v))
	}
	return property(v)
}

// property converts a value that has no shape.
func property(v cty.Value) resource.PropertyValue {
	switch {
	case v.IsNull():
		return resource.NewNullProperty()
	case !v.IsKnown():
		return unknown()
	case v.Type() == cty.String:
		return resource.NewProperty(v.AsString())
	case v.Type() == cty.Bool:
		return resource.NewProperty(v.True())
	case v.Type() == cty.Number:
		n, _ := v.AsBigFloat().Float64()
		return resource.NewProperty(n)
	case v.Type().IsListType() || v.Type().IsSetType() || v.Type().IsTupleType():
		all := []resource.PropertyValue{}
		for _, e := range v.AsValueSlice() {
			all = append(all, property(e))
		}
		return resource.NewProperty(all)
	}
	all := resource.PropertyMap{}
	for key, e := range v.AsValueMap() {
		all[resource.PropertyKey(key)] = property(e)
	}
	return resource.NewProperty(all)
}

// planned are the outputs of a preview: what is not known yet is unknown.
func (s *shape) planned(st terraform.State, in resource.PropertyMap) resource.PropertyMap {
	return keepSecret(s.outputs(st.Value), in)
}

// final are the outputs of a resource that is there, with its Terraform state.
// The state is secret as soon as anything in it is.
func (s *shape) final(st terraform.State, in resource.PropertyMap) (resource.PropertyMap, error) {
	out := keepSecret(s.outputs(st.Value), in)
	raw, err := ctyjson.Marshal(st.Value, s.ty)
	if err != nil {
		return nil, fmt.Errorf("writing the Terraform state: %w", err)
	}
	text := resource.NewProperty(string(raw))
	if out.ContainsSecrets() {
		text = resource.MakeSecret(text)
	}
	out[stateKey] = text
	if len(st.Private) > 0 {
		out[privateKey] = resource.NewProperty(base64.StdEncoding.EncodeToString(st.Private))
	}
	return out, nil
}

// keepSecret makes an output secret whose input was.
func keepSecret(out, in resource.PropertyMap) resource.PropertyMap {
	for key, v := range in {
		if o, ok := out[key]; ok && v.ContainsSecrets() && !o.IsSecret() {
			out[key] = resource.MakeSecret(o)
		}
	}
	return out
}

// state reads the Terraform state back from the outputs; null if there is none.
func (s *shape) state(out resource.PropertyMap) (terraform.State, error) {
	text, ok := out[stateKey]
	if !ok {
		return terraform.State{Value: cty.NullVal(s.ty)}, nil
	}
	v, err := ctyjson.Unmarshal([]byte(plain(text).StringValue()), s.ty)
	if err != nil {
		return terraform.State{}, fmt.Errorf("reading the Terraform state: %w", err)
	}
	st := terraform.State{Value: v}
	if p, ok := out[privateKey]; ok {
		st.Private, err = base64.StdEncoding.DecodeString(plain(p).StringValue())
	}
	return st, err
}

// stateID is the id within a state, "" if it has none (yet).
func stateID(v cty.Value) string {
	if v.IsNull() || !v.Type().HasAttribute("id") {
		return ""
	}
	id := v.GetAttr("id")
	if id.IsNull() || !id.IsKnown() {
		return ""
	}
	return id.AsString()
}
