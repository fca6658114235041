package terraform

import (
	"fmt"

	_ "github.com/hashicorp/terraform-plugin-go/tfprotov5/tf5server" // registers the messages of tfplugin5
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// message is a message of tfplugin5 whose fields are used by name. The names
// are constants of this package: a wrong one is a fault that any test finds.
type message struct{ protoreflect.Message }

// newMessage makes an empty message of tfplugin5.<name>.
func newMessage(name string) (message, error) {
	t, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName("tfplugin5." + name))
	if err != nil {
		return message{}, fmt.Errorf("plugin protocol 5 has no message %s: %w", name, err)
	}
	return message{t.New()}, nil
}

func (m message) field(name string) protoreflect.FieldDescriptor {
	return m.Descriptor().Fields().ByName(protoreflect.Name(name))
}

func (m message) get(name string) protoreflect.Value { return m.Get(m.field(name)) }

func (m message) sub(name string) message { return message{m.get(name).Message()} }

func (m message) list(name string) []message {
	l := m.get(name).List()
	out := make([]message, l.Len())
	for i := range out {
		out[i] = message{l.Get(i).Message()}
	}
	return out
}

func (m message) set(name string, value any) { m.Set(m.field(name), protoreflect.ValueOf(value)) }

// setValue puts v, as MessagePack, into a field of type DynamicValue.
func (m message) setValue(name string, v cty.Value, ty cty.Type) error {
	b, err := msgpack.Marshal(v, ty)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	message{m.Mutable(m.field(name)).Message()}.set("msgpack", b)
	return nil
}

// value reads a field of type DynamicValue; an absent one is null.
func (m message) value(name string, ty cty.Type) (cty.Value, error) {
	d := m.sub(name)
	if !d.IsValid() {
		return cty.NullVal(ty), nil
	}
	if b := d.get("msgpack").Bytes(); len(b) > 0 {
		return msgpack.Unmarshal(b, ty)
	}
	if b := d.get("json").Bytes(); len(b) > 0 {
		return ctyjson.Unmarshal(b, ty)
	}
	return cty.NullVal(ty), nil
}

// path reads an AttributePath: names are strings, indices are int64.
func (m message) path() Path {
	var p Path
	for _, s := range m.list("steps") {
		switch f := s.WhichOneof(s.Descriptor().Oneofs().ByName("selector")); {
		case f == nil:
		case f.Kind() == protoreflect.StringKind:
			p = append(p, s.Get(f).String())
		default:
			p = append(p, s.Get(f).Int())
		}
	}
	return p
}
