package bridge

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/zclconf/go-cty/cty"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/floe-data/floe/infra/internal/emulated/terraform"
)

// maxMessage bounds what the engine sends: outputs hold the Terraform state.
const maxMessage = 256 << 20

// Options of a bridge.
type Options struct {
	Version     string            // of the Pulumi provider that it stands for
	Command     terraform.Command // how to run the Terraform provider
	Provider    Type              // arguments of explicit providers
	Resources   []Type
	DataSources []Type
	Renamed     map[string]string    // "aws_x.attribute" -> Pulumi name, where no rule gives it
	Fixed       map[string]cty.Value // configuration that no program may change
	Log         func(string)         // told what each Diff found; nil: nobody
}

// Provider is the Pulumi provider.
type Provider struct {
	pulumirpc.UnimplementedResourceProviderServer
	options     Options
	schema      *terraform.Schema
	provider    *shape
	resources   map[string]resourceType // by token
	dataSources map[string]resourceType

	mu      sync.Mutex
	idle    *terraform.Provider            // started, not yet configured
	running map[string]*terraform.Provider // by configuration

	// Unmatched lists "type.attribute" for what Terraform has and Pulumi has
	// not, and "type has no property" for the reverse.
	Unmatched []string
}

// resourceType is what serves one token, with the process of the caller.
type resourceType struct {
	terraform string
	shape     *shape
	provider  *terraform.Provider
}

// New starts the Terraform provider and matches the types with its schema.
func New(ctx context.Context, o Options) (*Provider, error) {
	first, err := terraform.Start(ctx, o.Command, nil)
	if err != nil {
		return nil, err
	}
	p := &Provider{options: o, schema: first.Schema, idle: first, running: map[string]*terraform.Provider{}}
	s := &shaper{renamed: o.Renamed}
	p.provider = s.shape(o.Provider.Terraform, p.schema.Provider, p.schema.Provider.Type(), plainType(o.Provider.Go))
	if p.resources, err = s.table(o.Resources, p.schema.Resources); err == nil {
		p.dataSources, err = s.table(o.DataSources, p.schema.DataSources)
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	slices.Sort(s.unmatched)
	p.Unmatched = s.unmatched
	return p, nil
}

// table makes the shapes of types.
func (s *shaper) table(types []Type, blocks map[string]*terraform.Block) (map[string]resourceType, error) {
	out := map[string]resourceType{}
	for _, t := range types {
		b := blocks[t.Terraform]
		if b == nil {
			return nil, fmt.Errorf("%s: the Terraform provider has no %s", t.Token, t.Terraform)
		}
		out[t.Token] = resourceType{terraform: t.Terraform, shape: s.shape(t.Terraform, b, b.Type(), plainType(t.Go))}
	}
	return out, nil
}

// Close ends the provider's processes.
func (p *Provider) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all sync.WaitGroup
	for _, run := range p.running {
		all.Go(run.Close)
	}
	if p.idle != nil {
		all.Go(p.idle.Close)
	}
	all.Wait()
	p.running, p.idle = map[string]*terraform.Provider{}, nil
}

// Serve lets the engine attach; stop ends that.
func (p *Provider) Serve() (port int, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, nil, fmt.Errorf("serving the provider: %w", err)
	}
	s := grpc.NewServer(grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage), grpc.StatsHandler(sessions{}))
	pulumirpc.RegisterResourceProviderServer(s, p)
	go func() { _ = s.Serve(l) }() // ends with Stop
	return l.Addr().(*net.TCPAddr).Port, s.Stop, nil
}

// resource finds what serves a URN.
func (p *Provider) resource(ctx context.Context, urn string) (*resourceType, error) {
	token := string(resource.URN(urn).Type())
	return p.served(ctx, p.resources, token, "resource type", "Resources")
}

func (p *Provider) dataSource(ctx context.Context, token string) (*resourceType, error) {
	return p.served(ctx, p.dataSources, token, "function", "DataSources")
}

func (p *Provider) served(ctx context.Context, table map[string]resourceType, token, kind, list string) (*resourceType, error) {
	r, ok := table[token]
	if !ok {
		return nil, fmt.Errorf("the emulated AWS provider does not know the %s %s: add a line for it to %s in infra/internal/emulated/resources.go", kind, token, list)
	}
	if r.provider = sessionOf(ctx).provider; r.provider == nil {
		return nil, fmt.Errorf("%s was asked for before the provider was configured", token)
	}
	return &r, nil
}

func (p *Provider) note(format string, args ...any) {
	if p.options.Log != nil {
		p.options.Log(fmt.Sprintf(format, args...))
	}
}

// Handshake tells the engine what the provider understands. References to
// resources are not among it: the engine then sends their ids.
func (p *Provider) Handshake(context.Context, *pulumirpc.ProviderHandshakeRequest) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, SupportsAutonamingConfiguration: true}, nil
}

// Attach is called when the engine attaches to the running provider.
func (p *Provider) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Cancel lets running calls end by themselves.
func (p *Provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// GetPluginInfo tells the version.
func (p *Provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: p.options.Version}, nil
}

// GetSchema gives the least that the engine accepts.
func (p *Provider) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: fmt.Sprintf(`{"name":"aws","version":%q}`, p.options.Version)}, nil
}

var wire = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, SkipNulls: true}

func unmarshal(s *structpb.Struct) (resource.PropertyMap, error) {
	m, err := plugin.UnmarshalProperties(s, wire)
	if err != nil {
		return nil, fmt.Errorf("reading properties: %w", err)
	}
	return m, nil
}

func unmarshalBoth(olds, news *structpb.Struct) (resource.PropertyMap, resource.PropertyMap, error) {
	o, err := unmarshal(olds)
	if err != nil {
		return nil, nil, err
	}
	n, err := unmarshal(news)
	return o, n, err
}

func marshal(m resource.PropertyMap) (*structpb.Struct, error) {
	s, err := plugin.MarshalProperties(m, wire)
	if err != nil {
		return nil, fmt.Errorf("writing properties: %w", err)
	}
	return s, nil
}
