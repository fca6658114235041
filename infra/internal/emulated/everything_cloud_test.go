//go:build cloud

package emulated

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// everything is a program with one resource of every type of Resources, each
// with the settings that a careful program gives it.
type everything struct {
	Image  func(repository pulumi.StringOutput) pulumi.StringOutput // pushes the function's image
	Memory int                                                      // of the function
	CIDR   string                                                   // of the second subnet
	URNs   []pulumi.URNOutput
}

// parts are what the pieces of the program share.
type parts struct {
	ctx      *pulumi.Context
	e        *everything
	key      *kms.Key
	lake     *s3.BucketV2
	logs     *cloudwatch.LogGroup
	subnets  pulumi.StringArray
	security *ec2.SecurityGroup
	roles    map[string]*iam.Role
	versions map[string]pulumi.Resource
}

const readOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"*"}]}`

func str(s string) pulumi.String { return pulumi.String(s) }

// made gives back what a constructor made; a failed one ends the program.
func made[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Run is the program.
func (e *everything) Run(ctx *pulumi.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the program ended: %v", r)
		}
	}()
	p := &parts{ctx: ctx, e: e, roles: map[string]*iam.Role{}, versions: map[string]pulumi.Resource{}}
	p.identity()
	p.keys()
	p.rights()
	p.network()
	p.storage()
	p.catalog()
	p.secrets()
	p.messages()
	p.compute()
	p.lakeFormation()
	p.money()
	p.safety()
	ctx.Export("bucket", p.lake.Bucket)
	return nil
}

func (p *parts) keys() {
	p.key = made(kms.NewKey(p.ctx, "key", &kms.KeyArgs{Description: str("floe"), EnableKeyRotation: pulumi.Bool(true), DeletionWindowInDays: pulumi.Int(7),
		Policy: str(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}]}`)}))
	made(kms.NewAlias(p.ctx, "alias", &kms.AliasArgs{Name: str("alias/floe"), TargetKeyId: p.key.KeyId}))
	p.logs = made(cloudwatch.NewLogGroup(p.ctx, "logs", &cloudwatch.LogGroupArgs{Name: str("/floe/runs"), RetentionInDays: pulumi.Int(30), KmsKeyId: p.key.Arn}))
}

func (p *parts) rights() {
	for _, service := range []string{"lambda", "ecs-tasks", "states", "scheduler", "vpc-flow-logs"} {
		trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"%s.amazonaws.com"},"Action":"sts:AssumeRole"}]}`, service)
		p.roles[service] = made(iam.NewRole(p.ctx, service, &iam.RoleArgs{AssumeRolePolicy: str(trust), MaxSessionDuration: pulumi.Int(7200)}))
		made(iam.NewRolePolicy(p.ctx, service, &iam.RolePolicyArgs{Role: p.roles[service].ID(), Policy: str(readOnly)}))
	}
	managed := made(iam.NewPolicy(p.ctx, "managed", &iam.PolicyArgs{Policy: str(readOnly), Path: str("/floe/")}))
	made(iam.NewRolePolicyAttachment(p.ctx, "managed", &iam.RolePolicyAttachmentArgs{Role: p.roles["lambda"].Name, PolicyArn: managed.Arn}))
}

func (p *parts) network() {
	v := made(ec2.NewVpc(p.ctx, "vpc", &ec2.VpcArgs{CidrBlock: str("10.0.0.0/16"), EnableDnsHostnames: pulumi.Bool(true)}))
	made(ec2.NewDefaultSecurityGroup(p.ctx, "default", &ec2.DefaultSecurityGroupArgs{VpcId: v.ID()}))
	gateway := made(ec2.NewInternetGateway(p.ctx, "internet", &ec2.InternetGatewayArgs{VpcId: v.ID()}))
	table := made(ec2.NewRouteTable(p.ctx, "routes", &ec2.RouteTableArgs{VpcId: v.ID()}))
	made(ec2.NewRoute(p.ctx, "internet", &ec2.RouteArgs{RouteTableId: table.ID(), DestinationCidrBlock: str("0.0.0.0/0"), GatewayId: gateway.ID()}))
	for i, cidr := range []string{"10.0.0.0/24", p.e.CIDR} {
		name := fmt.Sprintf("subnet-%d", i)
		s := made(ec2.NewSubnet(p.ctx, name, &ec2.SubnetArgs{VpcId: v.ID(), CidrBlock: str(cidr), AvailabilityZone: str("eu-central-1" + string(rune('a'+i)))}))
		made(ec2.NewRouteTableAssociation(p.ctx, name, &ec2.RouteTableAssociationArgs{RouteTableId: table.ID(), SubnetId: s.ID()}))
		p.subnets = append(p.subnets, s.ID().ToStringOutput())
	}
	address := made(ec2.NewEip(p.ctx, "nat", &ec2.EipArgs{Domain: str("vpc")}))
	made(ec2.NewNatGateway(p.ctx, "nat", &ec2.NatGatewayArgs{AllocationId: address.ID(), SubnetId: p.subnets[0]}))
	p.security = made(ec2.NewSecurityGroup(p.ctx, "tasks", &ec2.SecurityGroupArgs{VpcId: v.ID(), Description: str("tasks")}))
	made(vpc.NewSecurityGroupEgressRule(p.ctx, "out", &vpc.SecurityGroupEgressRuleArgs{SecurityGroupId: p.security.ID(), IpProtocol: str("tcp"),
		FromPort: pulumi.Int(443), ToPort: pulumi.Int(443), CidrIpv4: str("0.0.0.0/0"), Description: str("HTTPS")}))
	made(vpc.NewSecurityGroupIngressRule(p.ctx, "in", &vpc.SecurityGroupIngressRuleArgs{SecurityGroupId: p.security.ID(), IpProtocol: str("-1"),
		ReferencedSecurityGroupId: p.security.ID()}))
	made(ec2.NewVpcEndpoint(p.ctx, "s3", &ec2.VpcEndpointArgs{VpcId: v.ID(), ServiceName: str("com.amazonaws.eu-central-1.s3"), VpcEndpointType: str("Gateway"),
		RouteTableIds: pulumi.StringArray{table.ID()}}))
	made(ec2.NewVpcEndpoint(p.ctx, "glue", &ec2.VpcEndpointArgs{VpcId: v.ID(), ServiceName: str("com.amazonaws.eu-central-1.glue"), VpcEndpointType: str("Interface"),
		SubnetIds: p.subnets[:1], SecurityGroupIds: pulumi.StringArray{p.security.ID()}, PrivateDnsEnabled: pulumi.Bool(true)}))
	made(ec2.NewFlowLog(p.ctx, "flows", &ec2.FlowLogArgs{VpcId: v.ID(), TrafficType: str("ALL"), LogDestination: p.logs.Arn, LogDestinationType: str("cloud-watch-logs"),
		IamRoleArn: p.roles["vpc-flow-logs"].Arn, MaxAggregationInterval: pulumi.Int(600)}))
}

func (p *parts) storage() {
	p.lake = p.bucket("lake", "").BucketV2
	made(s3.NewBucketNotification(p.ctx, "lake", &s3.BucketNotificationArgs{Bucket: p.lake.ID(), Eventbridge: pulumi.Bool(true)}))
	access := p.bucket("access", `{"Sid":"Logs","Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"%s/*"}`)
	made(s3.NewBucketLoggingV2(p.ctx, "lake", &s3.BucketLoggingV2Args{Bucket: p.lake.ID(), TargetBucket: access.ID(), TargetPrefix: str("lake/")}, pulumi.DependsOn([]pulumi.Resource{access.policy})))
}

// guarded is a bucket with its policy.
type guarded struct {
	*s3.BucketV2
	policy *s3.BucketPolicy
}

func (p *parts) bucket(name, allowed string) guarded {
	b := made(s3.NewBucketV2(p.ctx, name, &s3.BucketV2Args{ForceDestroy: pulumi.Bool(true)}))
	p.versions[name] = made(s3.NewBucketVersioningV2(p.ctx, name, &s3.BucketVersioningV2Args{Bucket: b.ID(),
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: str("Enabled")}}))
	public := made(s3.NewBucketPublicAccessBlock(p.ctx, name, &s3.BucketPublicAccessBlockArgs{Bucket: b.ID(), BlockPublicAcls: pulumi.Bool(true),
		BlockPublicPolicy: pulumi.Bool(true), IgnorePublicAcls: pulumi.Bool(true), RestrictPublicBuckets: pulumi.Bool(true)}))
	made(s3.NewBucketOwnershipControls(p.ctx, name, &s3.BucketOwnershipControlsArgs{Bucket: b.ID(),
		Rule: s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: str("BucketOwnerEnforced")}}))
	made(s3.NewBucketServerSideEncryptionConfigurationV2(p.ctx, name, &s3.BucketServerSideEncryptionConfigurationV2Args{Bucket: b.ID(),
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{s3.BucketServerSideEncryptionConfigurationV2RuleArgs{BucketKeyEnabled: pulumi.Bool(true),
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: str("aws:kms"), KmsMasterKeyId: p.key.Arn}}}}))
	made(s3.NewBucketLifecycleConfigurationV2(p.ctx, name, &s3.BucketLifecycleConfigurationV2Args{Bucket: b.ID(),
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{
			s3.BucketLifecycleConfigurationV2RuleArgs{Id: str("expire"), Status: str("Enabled"),
				Filter:                      s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: str("tmp/")},
				Expiration:                  s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(7)},
				NoncurrentVersionExpiration: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{NoncurrentDays: pulumi.Int(30)}},
			s3.BucketLifecycleConfigurationV2RuleArgs{Id: str("uploads"), Status: str("Enabled"), Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{},
				AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{DaysAfterInitiation: pulumi.Int(3)}}}}))
	policy := b.Arn.ApplyT(func(arn string) string {
		statements := fmt.Sprintf(`{"Sid":"TLS","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["%s","%s/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`, arn, arn)
		if allowed != "" {
			statements += "," + fmt.Sprintf(allowed, arn)
		}
		return `{"Version":"2012-10-17","Statement":[` + statements + `]}`
	}).(pulumi.StringOutput)
	return guarded{b, made(s3.NewBucketPolicy(p.ctx, name, &s3.BucketPolicyArgs{Bucket: b.ID(), Policy: policy}, pulumi.DependsOn([]pulumi.Resource{public})))}
}
