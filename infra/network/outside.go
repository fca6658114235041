package network

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const everywhere = "0.0.0.0/0"

// outside makes the way out that egress names.
func (m *maker) outside() error {
	switch m.egress {
	case endpoints:
		return m.interfaces()
	case nat:
		return m.translated()
	}
	gateway, err := m.internet()
	if err != nil {
		return err
	}
	for i, table := range m.tables {
		if err := m.route("tasks-"+strconv.Itoa(i+1), table, &ec2.RouteArgs{GatewayId: gateway.ID()}); err != nil {
			return err
		}
	}
	return nil
}

func (m *maker) internet() (*ec2.InternetGateway, error) {
	gateway, err := ec2.NewInternetGateway(m.ctx, "internet", &ec2.InternetGatewayArgs{VpcId: m.network.VPC, Tags: m.tags("internet")}, m.child())
	if err != nil {
		return nil, fmt.Errorf("internet gateway: %w", err)
	}
	return gateway, nil
}

// route makes the default route of a table.
func (m *maker) route(name string, table *ec2.RouteTable, args *ec2.RouteArgs) error {
	args.RouteTableId, args.DestinationCidrBlock = table.ID(), pulumi.String(everywhere)
	made, err := ec2.NewRoute(m.ctx, name, args, m.child())
	if err != nil {
		return fmt.Errorf("route of %s: %w", name, err)
	}
	m.network.Ready = append(m.network.Ready, made)
	return nil
}

// translated makes NAT gateways in public subnets: in prod one in each zone, so
// that the loss of a zone stays in it; elsewhere one, which costs a third.
func (m *maker) translated() error {
	gateway, err := m.internet()
	if err != nil {
		return err
	}
	count := 1
	if m.site.Production() {
		count = len(m.zones)
	}
	var gateways []*ec2.NatGateway
	for zone := range count {
		g, err := m.translator(zone, gateway)
		if err != nil {
			return err
		}
		gateways = append(gateways, g)
	}
	for i, table := range m.tables {
		g := gateways[min(i, count-1)]
		if err := m.route("tasks-"+strconv.Itoa(i+1), table, &ec2.RouteArgs{NatGatewayId: g.ID()}); err != nil {
			return err
		}
	}
	return nil
}

// translator makes a zone's public subnet and the NAT gateway in it.
func (m *maker) translator(zone int, gateway *ec2.InternetGateway) (*ec2.NatGateway, error) {
	name := "public-" + strconv.Itoa(zone+1)
	subnet, table, err := m.subnet(name, zone, m.part(240+zone, 24))
	if err != nil {
		return nil, err
	}
	if err := m.route(name, table, &ec2.RouteArgs{GatewayId: gateway.ID()}); err != nil {
		return nil, err
	}
	address, err := ec2.NewEip(m.ctx, name, &ec2.EipArgs{Domain: pulumi.String("vpc"), Tags: m.tags(name)}, m.child(), pulumi.DependsOn([]pulumi.Resource{gateway}))
	if err != nil {
		return nil, fmt.Errorf("address of the NAT gateway %s: %w", name, err)
	}
	g, err := ec2.NewNatGateway(m.ctx, name, &ec2.NatGatewayArgs{
		SubnetId: subnet.ID(), AllocationId: address.ID(), ConnectivityType: pulumi.String("public"), Tags: m.tags(name),
	}, m.child(), pulumi.DependsOn([]pulumi.Resource{gateway}))
	if err != nil {
		return nil, fmt.Errorf("NAT gateway %s: %w", name, err)
	}
	return g, nil
}
