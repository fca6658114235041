package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
)

const https = 443

// guard makes the tasks' security group: nothing comes in, and HTTPS goes out.
// Names are resolved by the VPC's own resolver and credentials come from the
// task's agent; security groups filter neither.
func (m *maker) guard() error {
	var err error
	if m.tasks, err = m.group("tasks", "Fargate tasks: nothing in, HTTPS out"); err != nil {
		return err
	}
	m.network.SecurityGroup = m.tasks.ID().ToStringOutput()
	if m.egress == endpoints {
		return nil // goes to the endpoints only, see interfaces
	}
	return m.out("https", &vpc.SecurityGroupEgressRuleArgs{
		CidrIpv4: pulumi.String(everywhere), Description: pulumi.String("HTTPS to AWS and to sources"),
	})
}

// group makes a security group without a rule.
func (m *maker) group(name, description string) (*ec2.SecurityGroup, error) {
	group, err := ec2.NewSecurityGroup(m.ctx, name, &ec2.SecurityGroupArgs{
		Name: pulumi.String(m.site.Name(site.SecurityGroup, name)), Description: pulumi.String(description),
		VpcId: m.network.VPC, Tags: m.tags(name),
	}, m.child())
	if err != nil {
		return nil, fmt.Errorf("security group %s: %w", name, err)
	}
	return group, nil
}

// out lets tasks make HTTPS connections to what rule names.
func (m *maker) out(name string, rule *vpc.SecurityGroupEgressRuleArgs) error {
	rule.SecurityGroupId, rule.IpProtocol, rule.Tags = m.tasks.ID(), pulumi.String("tcp"), m.tags("tasks-"+name)
	rule.FromPort, rule.ToPort = pulumi.Int(https), pulumi.Int(https)
	made, err := vpc.NewSecurityGroupEgressRule(m.ctx, name, rule, m.child())
	if err != nil {
		return fmt.Errorf("egress rule %s: %w", name, err)
	}
	m.network.Ready = append(m.network.Ready, made)
	return nil
}
