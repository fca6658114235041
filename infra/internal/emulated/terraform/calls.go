package terraform

import (
	"context"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// terraformVersion is what the provider is told of its caller.
const terraformVersion = "1.11.4"

// arguments of a call; values are written with the type given to call.
type arguments struct {
	text     map[string]string
	bytes    map[string][]byte
	values   map[string]cty.Value
	writable bool // say that we may be given write-only attributes
}

// call sends one request and reads the answer's diagnostics.
func (p *Provider) call(ctx context.Context, method, messages string, ty cty.Type, a arguments) (message, Diagnostics, error) {
	req, err := newMessage(messages + ".Request")
	if err != nil {
		return message{}, nil, err
	}
	for name, v := range a.text {
		req.set(name, v)
	}
	for name, v := range a.bytes {
		req.set(name, v)
	}
	for name, v := range a.values {
		if err := req.setValue(name, v, ty); err != nil {
			return message{}, nil, fmt.Errorf("%s: %w", method, err)
		}
	}
	if a.writable {
		caps := message{req.Mutable(req.field("client_capabilities")).Message()}
		caps.set("write_only_attributes_allowed", true)
	}
	resp, err := newMessage(messages + ".Response")
	if err != nil {
		return message{}, nil, err
	}
	if err := p.conn.Invoke(ctx, "/tfplugin5.Provider/"+method, req.Interface(), resp.Interface()); err != nil {
		return message{}, nil, fmt.Errorf("the provider's %s: %w", method, err)
	}
	return resp, diagnostics(resp), nil
}

func (p *Provider) schema(ctx context.Context) (*Schema, error) {
	resp, ds, err := p.call(ctx, "GetSchema", "GetProviderSchema", cty.DynamicPseudoType, arguments{})
	if err == nil {
		err = ds.Err()
	}
	if err != nil {
		return nil, err
	}
	s := &Schema{}
	if s.Provider, err = block(resp.sub("provider").sub("block")); err != nil {
		return nil, err
	}
	if s.Resources, err = blocks(resp, "resource_schemas"); err != nil {
		return nil, err
	}
	s.DataSources, err = blocks(resp, "data_source_schemas")
	return s, err
}

func blocks(resp message, field string) (map[string]*Block, error) {
	out := map[string]*Block{}
	var err error
	resp.get(field).Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		var b *Block
		if b, err = block(message{v.Message()}.sub("block")); err != nil {
			err = fmt.Errorf("schema of %s: %w", k.String(), err)
			return false
		}
		out[k.String()] = b
		return true
	})
	return out, err
}

// Configure checks the provider's configuration and gives it to the provider.
func (p *Provider) Configure(ctx context.Context, config cty.Value) (Diagnostics, error) {
	ty := p.Schema.Provider.Type()
	values := map[string]cty.Value{"config": config}
	_, ds, err := p.call(ctx, "PrepareProviderConfig", "PrepareProviderConfig", ty, arguments{values: values})
	if err != nil || ds.Err() != nil {
		return ds, err
	}
	_, more, err := p.call(ctx, "Configure", "Configure", ty,
		arguments{text: map[string]string{"terraform_version": terraformVersion}, values: values, writable: true})
	return append(ds, more...), err
}

// Validate checks a resource's configuration; it may hold unknown values.
func (p *Provider) Validate(ctx context.Context, resource string, config cty.Value) (Diagnostics, error) {
	_, ds, err := p.call(ctx, "ValidateResourceTypeConfig", "ValidateResourceTypeConfig", p.Schema.Resources[resource].Type(), arguments{
		text: map[string]string{"type_name": resource}, values: map[string]cty.Value{"config": config}, writable: true})
	return ds, err
}

// State is a resource as the provider knows it: null if there is none.
type State struct {
	Value   cty.Value
	Private []byte // the provider's own, to be given back
}

// Plan is what the provider would do.
type Plan struct {
	State
	Replaces    []Path // whose change needs a new resource
	Diagnostics Diagnostics
}

// Plan asks what a configuration would make of a resource (null: a new one).
func (p *Provider) Plan(ctx context.Context, resource string, prior State, config cty.Value) (*Plan, error) {
	b := p.Schema.Resources[resource]
	resp, ds, err := p.call(ctx, "PlanResourceChange", "PlanResourceChange", b.Type(), arguments{
		text:     map[string]string{"type_name": resource},
		bytes:    map[string][]byte{"prior_private": prior.Private},
		values:   map[string]cty.Value{"prior_state": prior.Value, "proposed_new_state": propose(b, prior.Value, config), "config": config},
		writable: true})
	if err != nil {
		return nil, err
	}
	plan := &Plan{Diagnostics: ds, State: State{Private: resp.get("planned_private").Bytes()}}
	for _, r := range resp.list("requires_replace") {
		plan.Replaces = append(plan.Replaces, r.path())
	}
	plan.Value, err = resp.value("planned_state", b.Type())
	return plan, err
}

// Apply does what was planned; a null plan deletes. A resource that was made
// before the provider failed comes back with the errors.
func (p *Provider) Apply(ctx context.Context, resource string, prior cty.Value, planned State, config cty.Value) (State, Diagnostics, error) {
	ty := p.Schema.Resources[resource].Type()
	resp, ds, err := p.call(ctx, "ApplyResourceChange", "ApplyResourceChange", ty, arguments{
		text:   map[string]string{"type_name": resource},
		bytes:  map[string][]byte{"planned_private": planned.Private},
		values: map[string]cty.Value{"prior_state": prior, "planned_state": planned.Value, "config": config}})
	if err != nil {
		return State{}, nil, err
	}
	v, err := resp.value("new_state", ty)
	return State{v, resp.get("private").Bytes()}, ds, err
}

// Read asks what a resource is now: null if it is gone.
func (p *Provider) Read(ctx context.Context, resource string, current State) (State, Diagnostics, error) {
	ty := p.Schema.Resources[resource].Type()
	resp, ds, err := p.call(ctx, "ReadResource", "ReadResource", ty, arguments{
		text:     map[string]string{"type_name": resource},
		bytes:    map[string][]byte{"private": current.Private},
		values:   map[string]cty.Value{"current_state": current.Value},
		writable: true})
	if err != nil {
		return State{}, nil, err
	}
	v, err := resp.value("new_state", ty)
	return State{v, resp.get("private").Bytes()}, ds, err
}

// Import makes the state of a resource that exists; only Read fills it.
func (p *Provider) Import(ctx context.Context, resource, id string) (State, Diagnostics, error) {
	ty := p.Schema.Resources[resource].Type()
	resp, ds, err := p.call(ctx, "ImportResourceState", "ImportResourceState", ty,
		arguments{text: map[string]string{"type_name": resource, "id": id}, writable: true})
	if err != nil {
		return State{}, nil, err
	}
	for _, r := range resp.list("imported_resources") {
		if r.get("type_name").String() == resource {
			v, err := r.value("state", ty)
			return State{v, r.get("private").Bytes()}, ds, err
		}
	}
	return State{Value: cty.NullVal(ty)}, ds, nil
}

// ReadData reads a data source.
func (p *Provider) ReadData(ctx context.Context, source string, config cty.Value) (cty.Value, Diagnostics, error) {
	ty := p.Schema.DataSources[source].Type()
	resp, ds, err := p.call(ctx, "ReadDataSource", "ReadDataSource", ty, arguments{
		text: map[string]string{"type_name": source}, values: map[string]cty.Value{"config": config}, writable: true})
	if err != nil {
		return cty.NilVal, nil, err
	}
	v, err := resp.value("state", ty)
	return v, ds, err
}
