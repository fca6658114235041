package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/operations"
)

// refused writes what the network refuses to a log group besides: of a bucket's
// files nobody makes a metric in time. It is little, or something is wrong.
func (m *maker) refused() error {
	name := m.site.LogGroup("vpc", m.site.Name(site.LogGroup, "refused"))
	group, err := operations.LogGroup(m.ctx, m.site, "refused", name, m.args.Operations.Key, m.child())
	if err != nil {
		return err
	}
	role, err := grant.NewRole(m.ctx, m.site, "network", grant.RoleArgs{
		Parts: []string{"network"}, Service: "vpc-flow-logs", Source: m.site.ARN("ec2", "vpc-flow-log/*"),
		Description: fmt.Sprintf("%s %s: writes what the network refuses", m.site.Project, m.site.Stack),
		Statements: []grant.Statement{
			{Sid: "Logs", Actions: []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}, Resources: grant.On(m.site.ARN("logs", "log-group:"+name+":*"))},
			{Sid: "Find", Actions: []string{"logs:DescribeLogGroups"}, Resources: grant.On(m.site.ARN("logs", "log-group:*"))},
		},
	}, m.child())
	if err != nil {
		return err
	}
	_, err = ec2.NewFlowLog(m.ctx, "refused", &ec2.FlowLogArgs{
		VpcId: m.network.VPC, TrafficType: pulumi.String("REJECT"), MaxAggregationInterval: pulumi.Int(600),
		LogDestinationType: pulumi.String("cloud-watch-logs"), LogDestination: group.Arn, IamRoleArn: role.Arn,
		LogFormat: pulumi.String(operations.RefusedFormat()), Tags: m.tags("refused"),
	}, m.child(), pulumi.DependsOn([]pulumi.Resource{role.Policy}), pulumi.DeleteBeforeReplace(true)) // a VPC has one flow log to a group
	if err != nil {
		return fmt.Errorf("flow log of what is refused: %w", err)
	}
	m.network.Refusals = operations.Refusals{LogGroup: name, Ready: []pulumi.Resource{group}}
	return nil
}
