package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/zclconf/go-cty/cty"

	"github.com/floe-data/floe/infra/internal/emulated/terraform"
)

// autonamedKey marks inputs whose name the provider made up.
const autonamedKey = resource.PropertyKey("__autonamed")

func autonamed(in resource.PropertyMap) bool { return in.HasValue(autonamedKey) }

// Check names the resource if the program did not, and has its inputs validated.
func (p *Provider) Check(ctx context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	res, err := p.resource(ctx, r.Urn)
	if err != nil {
		return nil, err
	}
	olds, news, err := unmarshalBoth(r.Olds, r.News)
	if err != nil {
		return nil, err
	}
	res.shape.autoname(r, news, olds)
	resp := &pulumirpc.CheckResponse{}
	var errs problems
	config := res.shape.config(news, "", &errs)
	if len(errs) == 0 {
		ds, err := res.provider.Validate(ctx, res.terraform, config)
		if err != nil {
			return nil, err
		}
		for _, d := range ds {
			if d.Error {
				errs.add(res.shape.property(d.Path), "%s", d.Message())
			}
		}
		res.shape.complete(config, "", &errs)
	}
	for _, e := range errs {
		resp.Failures = append(resp.Failures, &pulumirpc.CheckFailure{Property: e.property, Reason: e.message})
	}
	resp.Inputs, err = marshal(news)
	return resp, err
}

// complete reports what is missing and what there is too much of: Terraform's
// core checks that, not the provider.
func (s *shape) complete(config cty.Value, at string, errs *problems) {
	if s.block == nil {
		return
	}
	for name, a := range s.block.Attributes {
		if a.Required && config.GetAttr(name).IsNull() {
			errs.add(under(at, s.property(terraform.Path{name})), "missing required property")
		}
	}
	for name, n := range s.block.Blocks {
		f, v := s.fields[name], config.GetAttr(name)
		if f == nil || v.IsNull() || !v.IsKnown() || !collection(f.ty) {
			continue
		}
		switch count := int64(v.LengthInt()); {
		case count < n.Min:
			errs.add(under(at, f.pulumi), "at least %d needed", n.Min)
		case n.Max > 0 && count > n.Max:
			errs.add(under(at, f.pulumi), "at most %d allowed", n.Max)
		}
		for _, e := range v.AsValueSlice() {
			if e.IsKnown() && !e.IsNull() {
				f.element.complete(e, under(at, f.pulumi), errs)
			}
		}
	}
}

// nameField is the field that a resource is named by and that the provider
// names if the program does not: name, or bucket where it may be left out.
func (s *shape) nameField() *field {
	for _, name := range []string{"name", "bucket"} {
		f := s.byName[name]
		if f == nil || f.attribute == nil || f.ty != cty.String {
			continue
		}
		if f.attribute.Optional && f.attribute.Computed || f.attribute.Required && name == "name" {
			return f
		}
	}
	return nil
}

// autoname gives a nameless resource its name: the old one, the engine's
// proposal, or <name>-<seven hexadecimal digits>.
func (s *shape) autoname(r *pulumirpc.CheckRequest, news, olds resource.PropertyMap) {
	f := s.nameField()
	if f == nil || news.HasValue(resource.PropertyKey(f.pulumi)) || news.HasValue(resource.PropertyKey(f.pulumi+"Prefix")) {
		return
	}
	key := resource.PropertyKey(f.pulumi)
	if old, ok := olds[key]; ok && autonamed(olds) {
		news[key], news[autonamedKey] = old, resource.NewProperty(true)
		return
	}
	name := ""
	switch a := r.Autonaming; {
	case a != nil && a.Mode == pulumirpc.CheckRequest_AutonamingOptions_DISABLE:
		return
	case a != nil:
		name = a.ProposedName
	default:
		base := resource.URN(r.Urn).Name()
		sum := sha256.Sum256(append([]byte(base), r.RandomSeed...))
		name = base + "-" + hex.EncodeToString(sum[:])[:7]
	}
	if fifo := plain(news["fifoQueue"]); fifo.IsBool() && fifo.BoolValue() {
		name += ".fifo"
	}
	news[key], news[autonamedKey] = resource.NewProperty(name), resource.NewProperty(true)
}

// plan asks the provider what the inputs make of the resource.
func (r *resourceType) plan(ctx context.Context, prior terraform.State, in resource.PropertyMap, t timeout) (*terraform.Plan, cty.Value, error) {
	var errs problems
	config := r.withTimeout(r.shape.config(in, "", &errs), t)
	if err := errs.err(); err != nil {
		return nil, config, err
	}
	plan, err := r.provider.Plan(ctx, r.terraform, prior, config)
	if err == nil {
		err = plan.Diagnostics.Err()
	}
	if err != nil {
		return nil, config, fmt.Errorf("planning %s: %w", r.terraform, err)
	}
	return plan, config, nil
}

// timeout is the time that a program allows for one act (customTimeouts).
type timeout struct {
	act     string // create, update or delete
	seconds float64
}

// withTimeout puts the time allowed into the configuration's timeouts.
func (r *resourceType) withTimeout(config cty.Value, t timeout) cty.Value {
	ty := r.shape.ty
	if t.seconds <= 0 || !ty.HasAttribute("timeouts") {
		return config
	}
	tt := ty.AttributeType("timeouts")
	if !tt.IsObjectType() || !tt.HasAttribute(t.act) {
		return config
	}
	limits := map[string]cty.Value{}
	for name, at := range tt.AttributeTypes() {
		limits[name] = cty.NullVal(at)
	}
	limits[t.act] = cty.StringVal(fmt.Sprintf("%.0fs", t.seconds))
	out := config.AsValueMap()
	out["timeouts"] = cty.ObjectVal(limits)
	return cty.ObjectVal(out)
}
