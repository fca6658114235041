package bridge

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/zclconf/go-cty/cty"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/floe-data/floe/infra/internal/emulated/terraform"
)

// Create makes a resource, or tells at preview what it would be.
func (p *Provider) Create(ctx context.Context, r *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	res, err := p.resource(ctx, r.Urn)
	if err != nil {
		return nil, err
	}
	in, err := unmarshal(r.Properties)
	if err != nil {
		return nil, err
	}
	none := terraform.State{Value: cty.NullVal(res.shape.ty)}
	plan, config, err := res.plan(ctx, none, in, timeout{"create", r.Timeout})
	if err != nil {
		return nil, err
	}
	if r.Preview {
		s, err := marshal(res.shape.planned(plan.State, in))
		return &pulumirpc.CreateResponse{Properties: s}, err
	}
	st, failed, err := res.apply(ctx, none.Value, plan, config)
	if err != nil {
		return nil, err
	}
	id := stateID(st.Value)
	if failed != nil && id == "" {
		return nil, failed
	}
	if id == "" {
		id = resource.URN(r.Urn).Name()
	}
	s, err := res.result(id, st, in, failed)
	return &pulumirpc.CreateResponse{Id: id, Properties: s}, err
}

// Update changes a resource, or tells at preview what it would be.
func (p *Provider) Update(ctx context.Context, r *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	res, err := p.resource(ctx, r.Urn)
	if err != nil {
		return nil, err
	}
	olds, in, err := unmarshalBoth(r.Olds, r.News)
	if err != nil {
		return nil, err
	}
	prior, err := res.shape.state(olds)
	if err != nil {
		return nil, err
	}
	plan, config, err := res.plan(ctx, prior, in, timeout{"update", r.Timeout})
	if err != nil {
		return nil, err
	}
	if r.Preview {
		s, err := marshal(res.shape.planned(plan.State, in))
		return &pulumirpc.UpdateResponse{Properties: s}, err
	}
	st, failed, err := res.apply(ctx, prior.Value, plan, config)
	if err != nil {
		return nil, err
	}
	s, err := res.result(r.Id, st, in, failed)
	return &pulumirpc.UpdateResponse{Properties: s}, err
}

// apply carries a plan out; failed is what the provider reports, with the state
// that the resource is left in.
func (r *resourceType) apply(ctx context.Context, prior cty.Value, plan *terraform.Plan, config cty.Value) (st terraform.State, failed, err error) {
	st, ds, err := r.provider.Apply(ctx, r.terraform, prior, plan.State, config)
	return st, ds.Err(), err
}

// result are the outputs of a resource. One that is there but failed is told so
// to the engine, which keeps it in its state and tries it again.
func (r *resourceType) result(id string, st terraform.State, in resource.PropertyMap, failed error) (*structpb.Struct, error) {
	out, err := r.shape.final(st, in)
	if err != nil {
		return nil, err
	}
	s, err := marshal(out)
	if err != nil || failed == nil {
		return s, err
	}
	inputs, err := marshal(in)
	if err != nil {
		return nil, err
	}
	detail := &pulumirpc.ErrorResourceInitFailed{Id: id, Properties: s, Inputs: inputs, Reasons: []string{failed.Error()}}
	told, err := status.New(codes.Unknown, failed.Error()).WithDetails(detail)
	if err != nil {
		return nil, fmt.Errorf("reporting that %s failed: %w", id, err)
	}
	return nil, told.Err()
}

// Delete removes a resource.
func (p *Provider) Delete(ctx context.Context, r *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	res, err := p.resource(ctx, r.Urn)
	if err != nil {
		return nil, err
	}
	olds, err := unmarshal(r.Properties)
	if err != nil {
		return nil, err
	}
	prior, err := res.shape.state(olds)
	if err != nil {
		return nil, err
	}
	if prior.Value.IsNull() {
		return nil, fmt.Errorf("%s %s has no Terraform state among its outputs: it was not made by this provider", res.terraform, r.Id)
	}
	null := cty.NullVal(res.shape.ty)
	_, ds, err := res.provider.Apply(ctx, res.terraform, prior.Value, terraform.State{Value: null, Private: prior.Private}, null)
	if err == nil {
		err = ds.Err()
	}
	return &emptypb.Empty{}, err
}
