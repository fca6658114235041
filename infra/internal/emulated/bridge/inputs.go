package bridge

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// problem is an input that is no configuration.
type problem struct{ property, message string }

// problems collects them while a configuration is made.
type problems []problem

func (p *problems) add(property, format string, args ...any) {
	*p = append(*p, problem{property, fmt.Sprintf(format, args...)})
}

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s", p[0].property, p[0].message)
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func under(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// config makes the Terraform configuration of an object: what is not given is
// null, and an absent block is an empty collection.
func (s *shape) config(in resource.PropertyMap, at string, errs *problems) cty.Value {
	out := map[string]cty.Value{}
	for name, ty := range s.ty.AttributeTypes() {
		out[name] = cty.NullVal(ty)
		if s.block != nil && s.block.Blocks[name] != nil {
			out[name] = s.block.Blocks[name].Empty()
		}
	}
	for key, v := range in {
		name := string(key)
		if strings.HasPrefix(name, "__") { // the bridge's own
			continue
		}
		f := s.byName[name]
		switch {
		case f == nil:
			errs.add(under(at, name), "unknown property")
		case !plain(v).IsNull():
			out[f.terraform] = f.config(plain(v), under(at, name), errs)
		}
	}
	return cty.ObjectVal(out)
}

// plain is a property without its wrappings of secrecy and dependencies.
func plain(v resource.PropertyValue) resource.PropertyValue {
	for {
		switch {
		case v.IsSecret():
			v = v.SecretValue().Element
		case v.IsOutput() && !v.OutputValue().Known:
			return unknown()
		case v.IsOutput():
			v = v.OutputValue().Element
		default:
			return v
		}
	}
}

func unknown() resource.PropertyValue { return resource.MakeComputed(resource.NewProperty("")) }

func (f *field) config(v resource.PropertyValue, at string, errs *problems) cty.Value {
	switch {
	case v.IsComputed():
		return cty.UnknownVal(f.ty)
	case collection(f.ty):
		return f.sequence(v, at, errs)
	case f.ty.IsMapType():
		return f.mapping(v, at, errs)
	}
	return f.one(v, f.ty, at, errs)
}

func (f *field) sequence(v resource.PropertyValue, at string, errs *problems) cty.Value {
	ty := f.ty.ElementType()
	var out []cty.Value
	switch {
	case f.single:
		out = append(out, f.one(v, ty, at, errs))
	case v.IsArray():
		for i, e := range v.ArrayValue() {
			out = append(out, f.one(e, ty, at+index(i), errs))
		}
	default:
		errs.add(at, "expected a list, got %s", v.TypeString())
		return cty.NullVal(f.ty)
	}
	switch {
	case len(out) == 0 && f.ty.IsSetType():
		return cty.SetValEmpty(ty)
	case len(out) == 0:
		return cty.ListValEmpty(ty)
	case f.ty.IsSetType():
		return cty.SetVal(out)
	}
	return cty.ListVal(out)
}

func (f *field) mapping(v resource.PropertyValue, at string, errs *problems) cty.Value {
	if !v.IsObject() {
		errs.add(at, "expected a map, got %s", v.TypeString())
		return cty.NullVal(f.ty)
	}
	out := map[string]cty.Value{}
	for key, e := range v.ObjectValue() {
		out[string(key)] = f.one(e, f.ty.ElementType(), under(at, string(key)), errs)
	}
	if len(out) == 0 {
		return cty.MapValEmpty(f.ty.ElementType())
	}
	return cty.MapVal(out)
}

// one converts a value that is no collection.
func (f *field) one(v resource.PropertyValue, ty cty.Type, at string, errs *problems) cty.Value {
	v = plain(v)
	switch {
	case v.IsComputed():
		return cty.UnknownVal(ty)
	case f.element != nil && !v.IsObject():
		errs.add(at, "expected an object, got %s", v.TypeString())
		return cty.NullVal(ty)
	case f.element != nil:
		return f.element.config(v.ObjectValue(), at, errs)
	}
	out, err := scalar(v, ty)
	if err != nil {
		errs.add(at, "%v", err)
		return cty.NullVal(ty)
	}
	return out
}

// scalar converts text, numbers and truth values; documents that are given as
// objects become their JSON text.
func scalar(v resource.PropertyValue, ty cty.Type) (cty.Value, error) {
	var out cty.Value
	switch {
	case v.IsNull():
		return cty.NullVal(ty), nil
	case ty == cty.String && (v.IsObject() || v.IsArray()):
		b, err := json.Marshal(v.Mappable())
		return cty.StringVal(string(b)), err
	case v.IsString():
		out = cty.StringVal(v.StringValue())
	case v.IsNumber():
		out = cty.NumberFloatVal(v.NumberValue())
	case v.IsBool():
		out = cty.BoolVal(v.BoolValue())
	default:
		return cty.NilVal, fmt.Errorf("expected a %s, got %s", ty.FriendlyName(), v.TypeString())
	}
	return convert.Convert(out, ty)
}
