package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// find takes the user's VPC and subnets, by their ids or by their tags, and
// makes nothing in it but a security group.
func (m *maker) find() error {
	e := m.site.Live.Platform.Network.Existing
	vpc, subnets := e.VPC, e.Subnets
	if len(e.Tags) > 0 {
		var err error
		if vpc, subnets, err = m.tagged(e.Tags); err != nil {
			return fmt.Errorf("live/%s/platform.yaml: network.existing.tags: %w", m.site.Stack, err)
		}
	}
	m.network.VPC = pulumi.String(vpc).ToStringOutput()
	m.network.Subnets = pulumi.ToStringArray(subnets).ToStringArrayOutput()
	return m.guard()
}

// tagged finds the one VPC that has the tags, and its subnets that have them.
func (m *maker) tagged(tags map[string]string) (vpc string, subnets []string, err error) {
	parent := pulumi.Parent(m.network)
	v, err := ec2.LookupVpc(m.ctx, &ec2.LookupVpcArgs{Tags: tags}, parent)
	if err != nil {
		return "", nil, fmt.Errorf("they must be those of exactly one VPC; give the tag to one, or write the ids under vpc and subnets: %w", err)
	}
	found, err := ec2.GetSubnets(m.ctx, &ec2.GetSubnetsArgs{Filters: []ec2.GetSubnetsFilter{{Name: "vpc-id", Values: []string{v.Id}}}, Tags: tags}, parent)
	if err != nil {
		return "", nil, fmt.Errorf("find the subnets of %s: %w", v.Id, err)
	}
	if len(found.Ids) < 2 {
		return "", nil, fmt.Errorf("found %d subnets of %s with them, and tasks need at least two, in different zones; tag another, or write the ids under vpc and subnets", len(found.Ids), v.Id)
	}
	return v.Id, found.Ids, nil
}
