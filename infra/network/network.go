package network

import (
	"cmp"
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/storage"
)

// DefaultCIDR is the VPC's range where nothing else is said. It is out of the
// way of the ranges that offices, Docker (172.17) and default VPCs (172.31) use.
const DefaultCIDR = "10.64.0.0/16"

// Values of network.egress.
const (
	public    = "public"
	endpoints = "endpoints"
	nat       = "nat"
	existing  = "existing"
)

// Args are what a network is made of beside platform.yaml.
type Args struct {
	// CIDR is the VPC's range: a /16 below 10.0.0.0/8. Default DefaultCIDR. A
	// change replaces the network.
	CIDR string
	// Endpoints are the services that get an interface endpoint where egress is
	// endpoints: what Endpoints says. Default none.
	Endpoints []string
	// Logs takes the flow logs. Required unless egress is existing.
	Logs *storage.Bucket
	// Operations has the key of the log of what is refused. Required like Logs.
	Operations *operations.Operations
}

// Network is the component, and where tasks run.
type Network struct {
	pulumi.ResourceState

	VPC           pulumi.StringOutput
	Subnets       pulumi.StringArrayOutput
	SecurityGroup pulumi.StringOutput
	// PublicAddress says whether a task needs a public address to reach anything.
	PublicAddress bool
	// Refusals is where it notes what it refuses; nowhere where egress is existing.
	Refusals operations.Refusals
	// Ready is what must be there before a task starts: routes, rules, endpoints.
	Ready []pulumi.Resource
}

// New makes the network, or finds the user's.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*Network, error) {
	cidr, err := check(s, args)
	if err != nil {
		return nil, err
	}
	n := &Network{PublicAddress: s.Live.Platform.Network.Egress == public}
	if err := ctx.RegisterComponentResource("floe:network:Network", "network", n, opts...); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	m := &maker{ctx: ctx, site: s, args: args, network: n, egress: s.Live.Platform.Network.Egress, cidr: cidr}
	if m.egress == existing {
		err = m.find()
	} else {
		err = m.build()
	}
	if err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	err = ctx.RegisterResourceOutputs(n, pulumi.Map{"vpc": n.VPC, "subnets": n.Subnets, "securityGroup": n.SecurityGroup})
	if err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	return n, nil
}

func check(s *site.Site, args Args) (netip.Prefix, error) {
	text := cmp.Or(args.CIDR, DefaultCIDR)
	cidr, err := netip.ParsePrefix(text)
	ten := netip.MustParsePrefix("10.0.0.0/8")
	if err != nil || cidr.Bits() != 16 || !ten.Contains(cidr.Addr()) || cidr.Masked() != cidr {
		return cidr, fmt.Errorf("network: CIDR is %q; give a /16 below 10.0.0.0/8, such as %s", text, DefaultCIDR)
	}
	switch own := s.Live.Platform.Network.Egress != existing; {
	case own && args.Logs == nil:
		return cidr, fmt.Errorf("network: Logs is missing; give the bucket that takes the flow logs")
	case own && args.Operations == nil:
		return cidr, fmt.Errorf("network: Operations is missing; give the component whose key encrypts logs")
	}
	return cidr, nil
}
