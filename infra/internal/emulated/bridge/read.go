package bridge

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/floe-data/floe/infra/internal/emulated/terraform"
)

// Read refreshes a resource, or finds one that is imported or only looked up.
func (p *Provider) Read(ctx context.Context, r *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	res, err := p.resource(ctx, r.Urn)
	if err != nil {
		return nil, err
	}
	olds, in, err := unmarshalBoth(r.Properties, r.Inputs)
	if err != nil {
		return nil, err
	}
	current, err := res.shape.state(olds)
	if err != nil {
		return nil, err
	}
	imported := current.Value.IsNull()
	if imported {
		current, err = res.find(ctx, r.Id)
	}
	if err != nil || current.Value.IsNull() {
		return &pulumirpc.ReadResponse{}, err
	}
	st, ds, err := res.provider.Read(ctx, res.terraform, current)
	if err == nil {
		err = ds.Err()
	}
	if err != nil || st.Value.IsNull() { // null: it is gone
		return &pulumirpc.ReadResponse{}, err
	}
	out, err := res.shape.final(st, in)
	if err != nil {
		return nil, err
	}
	if imported {
		in = res.shape.inputsOf(out)
	} else {
		in = drifted(in, olds, out)
	}
	resp := &pulumirpc.ReadResponse{Id: r.Id}
	if id := stateID(st.Value); id != "" {
		resp.Id = id
	}
	if resp.Properties, err = marshal(out); err != nil {
		return nil, err
	}
	resp.Inputs, err = marshal(in)
	return resp, err
}

// find imports the state of a resource by its id; null if there is none.
func (r *resourceType) find(ctx context.Context, id string) (terraform.State, error) {
	st, ds, err := r.provider.Import(ctx, r.terraform, id)
	if err == nil {
		err = ds.Err()
	}
	if err != nil {
		return st, fmt.Errorf("importing %s %s: %w", r.terraform, id, err)
	}
	return st, nil
}

// drifted are the inputs with what changed behind the program's back, so that
// the engine shows it and the next update puts it right. Only what the program
// gives is looked at: the rest is the provider's to choose.
func drifted(in, olds, out resource.PropertyMap) resource.PropertyMap {
	in = in.Copy()
	for key := range in {
		if strings.HasPrefix(string(key), "__") {
			continue
		}
		was, is := olds[key], out[key]
		if plain(was).DeepEquals(plain(is)) {
			continue
		}
		if plain(is).IsNull() {
			delete(in, key)
		} else {
			in[key] = is
		}
	}
	return in
}

// inputsOf are the inputs that would give these outputs: what may be set and is.
func (s *shape) inputsOf(out resource.PropertyMap) resource.PropertyMap {
	in := resource.PropertyMap{}
	for key, v := range out {
		f := s.byName[string(key)]
		if f == nil || !f.settable() || empty(v) || f.terraform == "tags_all" {
			continue
		}
		in[key] = v
	}
	return in
}

func empty(v resource.PropertyValue) bool {
	v = plain(v)
	switch {
	case v.IsArray():
		return len(v.ArrayValue()) == 0
	case v.IsObject():
		return len(v.ObjectValue()) == 0
	case v.IsString():
		return v.StringValue() == ""
	}
	return v.IsNull()
}

// Invoke reads a data source.
func (p *Provider) Invoke(ctx context.Context, r *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	src, err := p.dataSource(ctx, r.Tok)
	if err != nil {
		return nil, err
	}
	in, err := unmarshal(r.Args)
	if err != nil {
		return nil, err
	}
	var errs problems
	config := src.shape.config(in, "", &errs)
	if err := errs.err(); err != nil {
		return nil, fmt.Errorf("%s: %w", r.Tok, err)
	}
	v, ds, err := src.provider.ReadData(ctx, src.terraform, config)
	if err == nil {
		err = ds.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Tok, err)
	}
	out := src.shape.outputs(v)
	if id := stateID(v); id != "" {
		out["id"] = resource.NewProperty(id)
	}
	// The answer of a function is plain, as that of the published provider is:
	// a program that calls a function directly could not take a secret.
	o := wire
	o.KeepSecrets = false
	s, err := plugin.MarshalProperties(out, o)
	if err != nil {
		return nil, fmt.Errorf("%s: writing properties: %w", r.Tok, err)
	}
	return &pulumirpc.InvokeResponse{Return: s}, nil
}
