package network

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
)

// maker makes the component's resources.
type maker struct {
	ctx     *pulumi.Context
	site    *site.Site
	args    Args
	network *Network
	egress  string
	cidr    netip.Prefix

	zones   []string
	subnets []*ec2.Subnet     // of the tasks, one in each zone
	tables  []*ec2.RouteTable // theirs, one each
	tasks   *ec2.SecurityGroup
	s3      *ec2.VpcEndpoint
}

func (m *maker) child() pulumi.ResourceOrInvokeOption { return pulumi.Parent(m.network) }

// tags give a resource that has no name of its own one to be found by.
func (m *maker) tags(name string) pulumi.StringMap {
	return pulumi.StringMap{"Name": pulumi.String(m.site.Name(site.SecurityGroup, name))}
}

// build makes a network of the stack's own.
func (m *maker) build() error {
	var err error
	if m.zones, err = m.findZones(); err != nil {
		return err
	}
	v, err := ec2.NewVpc(m.ctx, "vpc", &ec2.VpcArgs{
		CidrBlock: pulumi.String(m.cidr.String()), Tags: m.tags("vpc"),
		EnableDnsSupport: pulumi.Bool(true), EnableDnsHostnames: pulumi.Bool(true), // endpoints' private names need both
	}, m.child())
	if err != nil {
		return fmt.Errorf("VPC: %w", err)
	}
	m.network.VPC = v.ID().ToStringOutput()
	for _, step := range []func() error{m.emptied, m.recorded, m.refused, m.inside, m.guard, m.gateways, m.outside} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// findZones are the region's first availability zones by name. Local zones and
// the like, which an account opts in to, have neither Fargate nor endpoints.
func (m *maker) findZones() ([]string, error) {
	available := "available"
	found, err := aws.GetAvailabilityZones(m.ctx, &aws.GetAvailabilityZonesArgs{
		State:   &available,
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "zone-type", Values: []string{"availability-zone"}}},
	}, m.child())
	if err != nil {
		return nil, fmt.Errorf("ask for the availability zones of %s: %w", m.site.Region, err)
	}
	count := m.site.Live.Platform.Network.Zones
	if len(found.Names) < count {
		return nil, fmt.Errorf("live/%s/platform.yaml: network.zones: found %d, but %s has %d that are available; write fewer, or another region",
			m.site.Stack, count, m.site.Region, len(found.Names))
	}
	return slices.Sorted(slices.Values(found.Names))[:count], nil
}

// emptied takes the rules from the group that AWS makes with every VPC and
// gives to whatever names none. The lists are written out, so that a rule which
// somebody adds is found and taken away again.
func (m *maker) emptied() error {
	_, err := ec2.NewDefaultSecurityGroup(m.ctx, "default", &ec2.DefaultSecurityGroupArgs{
		VpcId: m.network.VPC, Ingress: ec2.DefaultSecurityGroupIngressArray{}, Egress: ec2.DefaultSecurityGroupEgressArray{}, Tags: m.tags("default-unused"),
	}, m.child())
	if err != nil {
		return fmt.Errorf("default security group: %w", err)
	}
	return nil
}

// recorded writes the flow logs, to the bucket rather than to a log group:
// $0.25 against $0.50 a GB, a tenth of the price to keep once Parquet has
// packed them, no role to write with, and Athena is there to read them.
func (m *maker) recorded() error {
	_, err := ec2.NewFlowLog(m.ctx, "flow", &ec2.FlowLogArgs{
		VpcId: m.network.VPC, TrafficType: pulumi.String("ALL"), MaxAggregationInterval: pulumi.Int(600),
		LogDestinationType: pulumi.String("s3"),
		LogDestination:     pulumi.String(m.site.BucketARN(m.args.Logs.Name, "")),
		DestinationOptions: &ec2.FlowLogDestinationOptionsArgs{FileFormat: pulumi.String("parquet"), HiveCompatiblePartitions: pulumi.Bool(true), PerHourPartition: pulumi.Bool(false)},
		Tags:               m.tags("flow"),
	}, m.child(), pulumi.DependsOn(m.args.Logs.Ready), pulumi.DeleteBeforeReplace(true)) // a VPC has one flow log to a bucket
	if err != nil {
		return fmt.Errorf("flow log: %w", err)
	}
	return nil
}

// inside makes the tasks' subnets, one in each zone.
func (m *maker) inside() error {
	var ids pulumi.StringArray
	for i := range m.zones {
		name := "tasks-" + strconv.Itoa(i+1)
		subnet, table, err := m.subnet(name, i, m.part(i*16, 20))
		if err != nil {
			return err
		}
		m.subnets, m.tables = append(m.subnets, subnet), append(m.tables, table)
		ids = append(ids, subnet.ID())
	}
	m.network.Subnets = ids.ToStringArrayOutput()
	return nil
}

// part is a range of the VPC's: the third byte of its address, and its length.
func (m *maker) part(third, bits int) string {
	b := m.cidr.Addr().As4()
	b[2] = byte(third)
	return netip.PrefixFrom(netip.AddrFrom4(b), bits).String()
}

// subnet makes a subnet and its route table, whose routes come later. A zone
// that AWS takes out of the list for a while must not move the subnets that are
// there already, so the zone counts only as a subnet is made.
func (m *maker) subnet(name string, zone int, cidr string) (*ec2.Subnet, *ec2.RouteTable, error) {
	subnet, err := ec2.NewSubnet(m.ctx, name, &ec2.SubnetArgs{
		VpcId: m.network.VPC, AvailabilityZone: pulumi.String(m.zones[zone]), CidrBlock: pulumi.String(cidr),
		MapPublicIpOnLaunch: pulumi.Bool(false), Tags: m.tags(name),
	}, m.child(), pulumi.IgnoreChanges([]string{"availabilityZone"}))
	if err != nil {
		return nil, nil, fmt.Errorf("subnet %s: %w", name, err)
	}
	table, err := ec2.NewRouteTable(m.ctx, name, &ec2.RouteTableArgs{VpcId: m.network.VPC, Tags: m.tags(name)}, m.child())
	if err != nil {
		return nil, nil, fmt.Errorf("route table %s: %w", name, err)
	}
	tied, err := ec2.NewRouteTableAssociation(m.ctx, name, &ec2.RouteTableAssociationArgs{SubnetId: subnet.ID(), RouteTableId: table.ID()}, m.child())
	if err != nil {
		return nil, nil, fmt.Errorf("route table of subnet %s: %w", name, err)
	}
	m.network.Ready = append(m.network.Ready, tied)
	return subnet, table, nil
}
