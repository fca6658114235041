package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/live"
)

const (
	vpcType      = "ec2/vpc:Vpc"
	subnetType   = "ec2/subnet:Subnet"
	endpointType = "ec2/vpcEndpoint:VpcEndpoint"
	flowLogType  = "ec2/flowLog:FlowLog"
	natType      = "ec2/natGateway:NatGateway"
	groupType    = "ec2/securityGroup:SecurityGroup"
	ingressType  = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType   = "vpc/securityGroupEgressRule:SecurityGroupEgressRule"
)

var networkRules = []Rule{
	{Row: 24, Title: "what flows through a network is noted, encrypted, and goes some day", IDs: []string{"EC2.6", "CKV2_AWS_11", "W60"}, Severity: Must,
		Fix: "give the VPC a FlowLog to a bucket that expires, or to a log group", Check: flowLogs},
	{Row: 25, Title: "the default security group lets nothing through", IDs: []string{"EC2.2", "CKV2_AWS_12"}, Severity: Must,
		Fix: "give the VPC a DefaultSecurityGroup without rules", Check: emptyDefault},
	{Row: 26, Title: "subnets give nobody a public address", IDs: []string{"EC2.15", "CKV_AWS_130"}, Severity: Must,
		Fix: "set mapPublicIpOnLaunch to false", Check: want(subnetType, "mapPublicIpOnLaunch", false)},
	{Row: 28, Title: "S3 and DynamoDB are reached by gateway endpoints that have policies", IDs: []string{"EC2.10"}, Severity: Must,
		Fix: "give the VPC both gateway endpoints, each with a policy that names actions or accounts", Check: gateways},
	{Row: 29, Title: "services are reached by interface endpoints", IDs: []string{"EC2.55", "EC2.56", "EC2.10"}, Severity: Must,
		Fix: "set network.egress to endpoints or nat", Check: interfaces},
	{Row: 30, Title: "security groups name groups and single ports, and say why", IDs: []string{"EC2.18", "EC2.19", "EC2.21", "CKV_AWS_23", "CKV_AWS_382", "CKV2_AWS_5", "F1000", "W5", "W2", "W9", "W27", "W29", "W36", "W40", "W42"}, Severity: Must,
		Fix: "write a rule for one port of one group, with a description", Check: securityGroups},
	{Row: 31, Title: "a network has two zones or more", IDs: []string{"Lambda.5"}, Severity: Must,
		Fix: "set network.zones to 2 or 3", Check: zones},
	{Row: 32, Title: "NAT: a gateway in each zone in production, one elsewhere", Severity: Offered,
		Fix: "let infra/network make the gateways", Check: translators},
}

func flowLogs(p *Plan) []Finding {
	return each(p.of(vpcType), func(v resource) []Finding {
		everything := slices.ContainsFunc(p.naming(v, flowLogType, "vpcId"), func(f resource) bool { return f.text("trafficType") == "ALL" })
		return p.beside(v, flowLogType, "vpcId", func(f resource) []Finding {
			var all []Finding
			if !everything {
				all = f.want("trafficType", "ALL")
			}
			to := f.text("logDestination")
			if f.text("logDestinationType") != "s3" {
				if !p.logsHere(to) { // the group's own rules hold
					all = append(all, broken(f, "logDestination", to, "a bucket or a log group of the stack"))
				}
				return all
			}
			buckets := p.bucketsOf(to)
			if len(buckets) == 0 {
				return append(all, broken(f, "logDestination", to, "a bucket of the stack"))
			}
			return append(all, p.beside(buckets[0], lifecycleType, "bucket", func(l resource) []Finding {
				if slices.ContainsFunc(l.rules(), func(rule map[string]any) bool { return whole(rule) && number(at(rule, "expiration.days")) > 0 }) {
					return nil
				}
				return one(broken(l, "rules.expiration.days", "", "the days that flow logs are kept"))
			})...)
		})
	})
}

func emptyDefault(p *Plan) []Finding {
	return each(p.of(vpcType), func(v resource) []Finding {
		return p.beside(v, "ec2/defaultSecurityGroup:DefaultSecurityGroup", "vpcId", func(g resource) []Finding {
			var all []Finding
			for _, way := range []string{"ingress", "egress"} {
				if n := len(g.list(way)); n > 0 {
					all = append(all, broken(g, way, fmt.Sprintf("%d rules", n), "none"))
				}
			}
			return all
		})
	})
}

// endpoint is a VPC's of a service: s3, ecr.api.
func (p *Plan) endpoint(vpc resource, service string) (resource, bool) {
	for _, e := range p.naming(vpc, endpointType, "vpcId") {
		if strings.HasSuffix(e.text("serviceName"), "."+p.Stack.Region+"."+service) {
			return e, true
		}
	}
	return resource{}, false
}

// anywhere says whether a statement of an endpoint is about what is of any account.
func (s statement) anywhere() bool {
	return (len(s.NotResource) > 0 || slices.ContainsFunc(s.Resource, unbounded)) && !s.tied("aws:ResourceAccount", "aws:PrincipalAccount", "aws:ResourceOrgID", "aws:PrincipalOrgID")
}

func gateways(p *Plan) []Finding {
	return each(p.of(vpcType), func(v resource) []Finding {
		var all []Finding
		for _, service := range []string{"s3", "dynamodb"} {
			e, ok := p.endpoint(v, service)
			if !ok {
				all = append(all, broken(v, "(its endpoints)", "none of "+service, "a gateway endpoint of %s", service))
				continue
			}
			all = append(all, e.want("vpcEndpointType", "Gateway")...)
			if len(e.policies["policy"]) == 0 {
				all = append(all, broken(e, "policy", "", "a policy; without one everything may be done with everybody's %s", service))
			}
			for _, s := range e.policies["policy"] {
				if s.allows() && (len(s.NotAction) > 0 || slices.ContainsFunc(s.Action, wild) || s.anywhere()) {
					all = append(all, broken(e, s.name("policy"), "everything is allowed", "named actions, on named buckets or in this account"))
				}
			}
		}
		return all
	})
}

// callable are the services that programs of floe call from a network, by the
// prefix of their actions. S3 has a gateway; what Athena does in the caller's
// name (lakeformation, kms) comes from Athena.
var callable = map[string]string{
	"athena": "athena", "glue": "glue", "secretsmanager": "secretsmanager", "states": "states", "sns": "sns", "sqs": "sqs", "events": "events", "sts": "sts",
}

// called are the services that tasks call: those that pull and log for them,
// and those that their roles allow.
func (p *Plan) called() []string {
	services := map[string]bool{"ecr.api": true, "ecr.dkr": true, "logs": true}
	for _, t := range p.of(taskType) {
		role, _ := p.known(roleType, t.text("taskRoleArn"))
		for _, r := range p.policiesOf(role) {
			for _, s := range r.policies["policy"] {
				for _, a := range s.Action {
					prefix, _, _ := strings.Cut(a, ":")
					if service, ok := callable[prefix]; ok && s.allows() {
						services[service] = true
					}
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(services))
}

func interfaces(p *Plan) []Finding {
	if len(p.of(natType)) > 0 || len(p.of(taskType)) == 0 {
		return nil
	}
	return each(p.of(vpcType), func(v resource) []Finding {
		var all []Finding
		for _, service := range p.called() {
			e, ok := p.endpoint(v, service)
			if !ok {
				all = append(all, broken(v, "(its endpoints)", "none of "+service, "an interface endpoint of %s, or a NAT gateway", service))
				continue
			}
			all = append(all, e.want("privateDnsEnabled", true)...)
			all = append(all, e.want("vpcEndpointType", "Interface")...)
		}
		return all
	})
}

func securityGroups(p *Plan) []Finding {
	all := absent("a SecurityGroupIngressRule or a SecurityGroupEgressRule", "ec2/securityGroupRule:SecurityGroupRule")(p)
	for _, g := range p.of(groupType) {
		for _, way := range []string{"ingress", "egress"} {
			if len(g.list(way)) > 0 {
				all = append(all, broken(g, way, "rules of its own", "rules that are resources, so that none is left over"))
			}
		}
		if g.text("description") == "" || g.text("description") == "Managed by Pulumi" {
			all = append(all, broken(g, "description", g.get("description"), "what the group is for"))
		}
		if len(p.naming(g, ingressType, "securityGroupId"))+len(p.naming(g, egressType, "securityGroupId")) == 0 {
			all = append(all, broken(g, "(its rules)", "", "a rule, or no group"))
		}
	}
	for _, r := range p.of(ingressType, egressType) {
		all = append(all, p.groupRule(r)...)
	}
	return all
}

func (p *Plan) groupRule(r resource) []Finding {
	var all []Finding
	if r.text("description") == "" {
		all = append(all, broken(r, "description", "", "why it is open"))
	}
	if r.text("ipProtocol") != "tcp" || r.number("fromPort") != r.number("toPort") || r.number("toPort") == 0 {
		all = append(all, broken(r, "toPort", fmt.Sprintf("%s %g-%g", r.text("ipProtocol"), r.number("fromPort"), r.number("toPort")), "one port of tcp"))
	}
	if from := r.text("referencedSecurityGroupId"); r.Type == "aws:"+ingressType && !p.ours(groupType, from) {
		from = cmp.Or(from, r.text("cidrIpv4"), r.text("cidrIpv6"), r.text("prefixListId"))
		all = append(all, broken(r, "referencedSecurityGroupId", from, "the group of the stack that may come in"))
	}
	return all
}

func zones(p *Plan) []Finding {
	return each(p.of(vpcType), func(v resource) []Finding {
		found := map[string]bool{}
		for _, s := range p.naming(v, subnetType, "vpcId") {
			found[s.text("availabilityZone")] = true
		}
		if len(found) >= 2 {
			return nil
		}
		return one(broken(v, "(its subnets)", fmt.Sprintf("subnets in %d zones", len(found)), "2 zones or more"))
	})
}

func translators(p *Plan) []Finding {
	gateways := p.of(natType)
	if len(gateways) == 0 {
		return nil
	}
	right := 1
	if p.Stack.Name == live.Production {
		right = p.Stack.Platform.Network.Zones
	}
	if len(gateways) == right {
		return nil
	}
	return one(broken(gateways[0], "(how many)", fmt.Sprintf("%d NAT gateways", len(gateways)), "%d", right))
}
