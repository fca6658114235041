package network

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
)

// gateways make the endpoints of S3 and DynamoDB, which cost nothing and keep
// what goes there off the internet. floe itself has nothing in DynamoDB.
func (m *maker) gateways() error {
	var tables pulumi.StringArray
	for _, t := range m.tables {
		tables = append(tables, t.ID())
	}
	for _, service := range []struct {
		name   string
		policy []grant.Statement
	}{
		{"s3", []grant.Statement{m.objects(), m.layers()}},
		{"dynamodb", []grant.Statement{m.items()}},
	} {
		endpoint, err := m.endpoint(service.name, &ec2.VpcEndpointArgs{
			VpcEndpointType: pulumi.String("Gateway"), RouteTableIds: tables, Policy: grant.Document(service.policy...),
		})
		if err != nil {
			return err
		}
		if service.name == "s3" {
			m.s3 = endpoint
		}
	}
	return nil
}

// endpoint makes an endpoint of one of the region's services.
func (m *maker) endpoint(service string, args *ec2.VpcEndpointArgs) (*ec2.VpcEndpoint, error) {
	args.VpcId, args.Tags = m.network.VPC, m.tags(service)
	args.ServiceName = pulumi.String("com.amazonaws." + m.site.Region + "." + service)
	made, err := ec2.NewVpcEndpoint(m.ctx, service, args, m.child())
	if err != nil {
		return nil, fmt.Errorf("endpoint of %s: %w", service, err)
	}
	m.network.Ready = append(m.network.Ready, made)
	return made, nil
}

// interfaces make an interface endpoint for each service in use, with an
// address in each of the tasks' subnets. There is no other way out.
func (m *maker) interfaces() error {
	if err := m.out("s3", &vpc.SecurityGroupEgressRuleArgs{PrefixListId: m.s3.PrefixListId, Description: pulumi.String("HTTPS to S3, by its gateway endpoint")}); err != nil {
		return err
	}
	if len(m.args.Endpoints) == 0 {
		return nil
	}
	group, err := m.group("endpoints", "Interface endpoints: HTTPS from the tasks, nothing out")
	if err != nil {
		return err
	}
	in, err := vpc.NewSecurityGroupIngressRule(m.ctx, "endpoints", &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: group.ID(), ReferencedSecurityGroupId: m.tasks.ID(), IpProtocol: pulumi.String("tcp"),
		FromPort: pulumi.Int(https), ToPort: pulumi.Int(https), Description: pulumi.String("HTTPS from the tasks"), Tags: m.tags("endpoints"),
	}, m.child())
	if err != nil {
		return fmt.Errorf("ingress rule of the endpoints: %w", err)
	}
	m.network.Ready = append(m.network.Ready, in)
	if err := m.out("endpoints", &vpc.SecurityGroupEgressRuleArgs{ReferencedSecurityGroupId: group.ID(), Description: pulumi.String("HTTPS to the interface endpoints")}); err != nil {
		return err
	}
	var subnets pulumi.StringArray
	for _, s := range m.subnets {
		subnets = append(subnets, s.ID())
	}
	for _, service := range slices.Sorted(slices.Values(m.args.Endpoints)) {
		_, err := m.endpoint(service, &ec2.VpcEndpointArgs{
			VpcEndpointType: pulumi.String("Interface"), SubnetIds: subnets, SecurityGroupIds: pulumi.StringArray{group.ID()},
			PrivateDnsEnabled: pulumi.Bool(true), Policy: grant.Document(m.ours("*", "*")),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ours allows an endpoint's actions to this account's principals; what each may
// do there is its role's matter.
func (m *maker) ours(resource string, actions ...string) grant.Statement {
	return grant.Statement{
		Sid: "Ours", Principals: []string{"*"}, Actions: actions, Resources: grant.On(resource),
		When: map[string]map[string][]string{"StringEquals": {"aws:PrincipalAccount": {m.site.Account}}},
	}
}

// objects allows this account's principals the objects of this account's
// buckets: nothing that runs here can carry data into somebody else's.
func (m *maker) objects() grant.Statement {
	s := m.ours("*",
		"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetBucketLocation", "s3:GetObject", "s3:GetObjectVersion",
		"s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions", "s3:ListMultipartUploadParts", "s3:PutObject")
	s.When["StringEquals"]["aws:ResourceAccount"] = []string{m.site.Account}
	return s
}

// layers allows reading the layers of images, which lie in a bucket of ECR's.
// It is ECR that signs the address, so there is no principal of ours to ask
// for (Amazon ECR, "Interface VPC endpoints": the S3 gateway's policy).
func (m *maker) layers() grant.Statement {
	return grant.Statement{
		Sid: "ImageLayers", Principals: []string{"*"}, Actions: []string{"s3:GetObject"},
		Resources: grant.On(m.site.BucketARN("prod-"+m.site.Region+"-starport-layer-bucket", "/*")),
	}
}

func (m *maker) items() grant.Statement {
	s := m.ours("*",
		"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem",
		"dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem")
	s.When["StringEquals"]["aws:ResourceAccount"] = []string{m.site.Account}
	return s
}
