package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"google.golang.org/grpc/stats"
	"google.golang.org/protobuf/proto"

	"github.com/floe-data/floe/infra/internal/emulated/terraform"
)

// session is one provider of a program. The engine attaches all of them to one
// address, but each with a connection of its own.
type session struct{ provider *terraform.Provider }

type sessionKey struct{}

// sessions gives each connection its session.
type sessions struct{ stats.Handler }

func (sessions) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, sessionKey{}, &session{})
}
func (sessions) HandleConn(context.Context, stats.ConnStats)                     {}
func (sessions) HandleRPC(context.Context, stats.RPCStats)                       {}
func (sessions) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

func sessionOf(ctx context.Context) *session {
	if s, ok := ctx.Value(sessionKey{}).(*session); ok {
		return s
	}
	return &session{}
}

// CheckConfig validates the arguments of an explicit provider, and those of the
// default one from the stack's configuration.
func (p *Provider) CheckConfig(_ context.Context, r *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	in, err := unmarshal(r.News)
	if err != nil {
		return nil, err
	}
	resp := &pulumirpc.CheckResponse{Inputs: r.News}
	var errs problems
	if args, err := p.arguments(in); err != nil {
		return nil, err
	} else if p.provider.config(args, "", &errs); len(errs) > 0 {
		for _, e := range errs {
			resp.Failures = append(resp.Failures, &pulumirpc.CheckFailure{Property: e.property, Reason: e.message})
		}
	}
	return resp, nil
}

// DiffConfig tells whether a provider's arguments changed; resources stay.
func (p *Provider) DiffConfig(_ context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	old := r.OldInputs
	if old == nil {
		old = r.Olds
	}
	if proto.Equal(old, r.News) {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_SOME}, nil
}

// Configure takes a provider's arguments and finds, or starts, the process with
// this configuration.
func (p *Provider) Configure(ctx context.Context, r *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	in := resource.PropertyMap{}
	for key, v := range r.Variables { //nolint:staticcheck // an explicit provider's text settings still come by it
		in[resource.PropertyKey(key[strings.LastIndex(key, ":")+1:])] = resource.NewProperty(v)
	}
	if r.Args != nil {
		var err error
		if in, err = unmarshal(r.Args); err != nil {
			return nil, err
		}
	}
	args, err := p.arguments(in)
	if err != nil {
		return nil, err
	}
	var errs problems
	config := p.provider.config(args, "", &errs)
	if err := errs.err(); err != nil {
		return nil, fmt.Errorf("configuring the provider: %w", err)
	}
	s := sessionOf(ctx)
	if s.provider, err = p.process(ctx, p.fixed(config)); err != nil {
		return nil, fmt.Errorf("configuring the provider: %w", err)
	}
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true, SupportsAutonamingConfiguration: true}, nil
}

// arguments reads the arguments: the engine gives all that is no text as JSON.
func (p *Provider) arguments(in resource.PropertyMap) (resource.PropertyMap, error) {
	out := resource.PropertyMap{}
	for key, v := range in {
		v = plain(v)
		f := p.provider.byName[string(key)]
		if key == "version" || key == "pluginDownloadURL" { // the engine's own
			continue
		}
		if f != nil && f.ty != cty.String && v.IsString() {
			var decoded any
			if err := json.Unmarshal([]byte(v.StringValue()), &decoded); err != nil {
				return nil, fmt.Errorf("the provider's %s is no JSON: %w", key, err)
			}
			v = resource.NewPropertyValue(decoded)
		}
		out[key] = v
	}
	return out, nil
}

// fixed is the configuration with what the test's account dictates.
func (p *Provider) fixed(config cty.Value) cty.Value {
	all := config.AsValueMap()
	for name, v := range p.options.Fixed {
		all[name] = v
	}
	return cty.ObjectVal(all)
}

// process is the provider's process with this configuration; one stays as long
// as the bridge, so that stacks share it.
func (p *Provider) process(ctx context.Context, config cty.Value) (*terraform.Provider, error) {
	key, err := ctyjson.Marshal(config, p.provider.ty)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if run := p.running[string(key)]; run != nil {
		return run, nil
	}
	run := p.idle
	p.idle = nil
	if run == nil {
		if run, err = terraform.Start(ctx, p.options.Command, p.schema); err != nil {
			return nil, err
		}
	}
	ds, err := run.Configure(ctx, config)
	if err == nil {
		err = ds.Err()
	}
	if err != nil {
		run.Close()
		return nil, err
	}
	p.running[string(key)] = run
	return run, nil
}
