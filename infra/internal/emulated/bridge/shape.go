package bridge

import (
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/zclconf/go-cty/cty"

	"github.com/floe-data/floe/infra/internal/emulated/terraform"
)

// Type ties a Pulumi token to a Terraform type. Go is a value of the SDK's
// struct: of the resource, of the function's result, or of the provider's
// arguments.
type Type struct {
	Token, Terraform string
	Go               any
}

// shape maps the attributes and blocks of one Terraform object to properties.
type shape struct {
	block  *terraform.Block // nil for an object inside an attribute
	ty     cty.Type
	fields map[string]*field // by Terraform name
	byName map[string]*field // by Pulumi name
}

// field is one attribute or block.
type field struct {
	terraform, pulumi string
	ty                cty.Type
	attribute         *terraform.Attribute // nil for blocks and members of objects
	single            bool                 // a list or set of at most one element: a plain value in Pulumi
	element           *shape               // of the object, or of the collection's objects
}

// settable tells whether a program may give the field.
func (f *field) settable() bool { return f.attribute == nil || f.attribute.Settable() }

func collection(t cty.Type) bool { return t.IsListType() || t.IsSetType() }

// shaper makes shapes and notes what it cannot match.
type shaper struct {
	renamed   map[string]string // "aws_x.attribute" -> Pulumi name
	unmatched []string
}

// shape builds the shape of b (nil: of the object type ty) against the SDK's
// type t (nil: by the naming rules alone).
func (s *shaper) shape(where string, b *terraform.Block, ty cty.Type, t reflect.Type) *shape {
	out := &shape{block: b, ty: ty, fields: map[string]*field{}, byName: map[string]*field{}}
	known := properties(t)
	names := make([]string, 0, len(ty.AttributeTypes()))
	for name := range ty.AttributeTypes() {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		top := b != nil && !strings.Contains(where, ".")
		if top && (name == "id" || name == "timeouts") { // the engine's own
			continue
		}
		f := &field{terraform: name, ty: ty.AttributeType(name)}
		if b != nil {
			f.attribute = b.Attributes[name]
		}
		gt, ok := s.match(f, out, known, where+"."+name)
		if !ok {
			s.unmatched = append(s.unmatched, where+"."+name)
			continue
		}
		s.refine(f, b, gt, where+"."+name)
		out.fields[name], out.byName[f.pulumi] = f, f
	}
	for name := range known {
		if out.byName[name] == nil && name != "id" {
			s.unmatched = append(s.unmatched, where+" has no "+name)
		}
	}
	return out
}

// match finds the field's Pulumi name and the SDK's type of it.
func (s *shaper) match(f *field, out *shape, known map[string]reflect.Type, where string) (reflect.Type, bool) {
	names := candidates(f.terraform, s.renamed[where], collection(f.ty))
	if known == nil { // nothing to match with: the first rule, which is right for what is nested deep
		f.pulumi = names[0]
		if !collection(f.ty) || strings.HasSuffix(camel(f.terraform), "s") {
			f.pulumi = camel(f.terraform)
		}
		return nil, true
	}
	for _, name := range names {
		if t, ok := known[name]; ok && out.byName[name] == nil {
			f.pulumi = name
			return t, true
		}
	}
	return nil, false
}

// refine finds whether the field is a plain value, and the shape of its objects.
func (s *shaper) refine(f *field, b *terraform.Block, t reflect.Type, where string) {
	t = pointee(t)
	var nested *terraform.Block
	maxItems := int64(0)
	if b != nil && b.Blocks[f.terraform] != nil {
		nested, maxItems = b.Blocks[f.terraform].Block, b.Blocks[f.terraform].Max
	}
	element := f.ty
	switch {
	case collection(f.ty):
		element = f.ty.ElementType()
		f.single = maxItems == 1
		if t != nil {
			f.single = t.Kind() != reflect.Slice
		}
		if t != nil && t.Kind() == reflect.Slice {
			t = t.Elem()
		}
	case f.ty.IsMapType():
		element = f.ty.ElementType()
		if t != nil && t.Kind() == reflect.Map {
			t = t.Elem()
		}
	}
	if element.IsObjectType() {
		f.element = s.shape(where, nested, element, t)
	}
}

func pointee(t reflect.Type) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

var outputType = reflect.TypeFor[pulumi.Output]()

// properties lists the Pulumi properties of a struct of the SDK with their
// plain Go types (nil: unknown); nil if t is no struct with properties.
func properties(t reflect.Type) map[string]reflect.Type {
	t = pointee(t)
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	out := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("pulumi"), ",")
		if name == "" {
			continue
		}
		ft := f.Type
		if ft.Implements(outputType) {
			if o, ok := reflect.Zero(ft).Interface().(pulumi.Output); ok && ft.Kind() == reflect.Struct {
				ft = o.ElementType()
			} else {
				ft = nil
			}
		}
		out[name] = ft
	}
	return out
}

// plainType is the struct whose fields are the properties of v: arguments of
// the SDK name theirs by ElementType.
func plainType(v any) reflect.Type {
	if v == nil {
		return nil
	}
	if in, ok := v.(pulumi.Input); ok && !reflect.TypeOf(v).Implements(outputType) {
		return in.ElementType()
	}
	return reflect.TypeOf(v)
}

// property is a Terraform path as Pulumi writes it: a[0].b for what is a list
// there, a.b for what is a plain value.
func (s *shape) property(p terraform.Path) string {
	var b strings.Builder
	at, single := s, false
	for _, step := range p {
		switch step := step.(type) {
		case string:
			name := step
			var f *field
			if at != nil {
				f = at.fields[step]
			}
			at, single = nil, false
			if f != nil {
				name, at, single = f.pulumi, f.element, f.single
			}
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(name)
		case int64:
			if !single {
				b.WriteString(index(int(step)))
			}
		}
	}
	return b.String()
}
