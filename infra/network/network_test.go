package network

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/runtime/live"
)

// logsBucket stands for storage's; only its name and what it waits for count.
var logsBucket = &storage.Bucket{Name: "floe-logs"}

// reported stands for operations.
var reported = &operations.Operations{}

// shape is a stack that differs in its network.
type shape struct {
	name, stack string
	change      func(*live.Network)
}

var shapes = []shape{
	{"public", "dev", nil},
	{"endpoints", "prod", nil},
	{"nat-dev", "dev", func(n *live.Network) { n.Egress = nat }},
	{"nat-prod", "prod", func(n *live.Network) { n.Egress = nat }},
	{"existing-ids", "dev", func(n *live.Network) {
		n.Egress, n.Existing = existing, &live.Existing{VPC: "vpc-01234567", Subnets: []string{"subnet-01234567", "subnet-89abcdef"}}
	}},
	{"existing-tags", "prod", func(n *live.Network) {
		n.Egress, n.Existing = existing, &live.Existing{Tags: map[string]string{"Name": "data"}}
	}},
}

func (sh shape) site(t *testing.T) *site.Site {
	t.Helper()
	return sitetest.Load(t, sh.stack, func(s *site.Site) {
		if sh.change != nil {
			sh.change(&s.Live.Platform.Network)
		}
	})
}

func (sh shape) planned(t *testing.T) []plan.Resource {
	t.Helper()
	s := sh.site(t)
	return sitetest.Plan(t, s, func(ctx *pulumi.Context) error {
		_, err := New(ctx, s, Args{Endpoints: Endpoints(s), Logs: logsBucket, Operations: reported})
		return err
	})
}

func TestGolden(t *testing.T) {
	for _, sh := range shapes {
		t.Run(sh.name, func(t *testing.T) { sitetest.Golden(t, sh.name, sh.planned(t)) })
	}
}

func count(resources []plan.Resource, token string) int {
	n := 0
	for _, r := range resources {
		if strings.HasSuffix(r.Type, ":"+token) {
			n++
		}
	}
	return n
}

// TestWayOut holds what each egress is made of, and what it must not have.
func TestWayOut(t *testing.T) {
	want := map[string]map[string]int{
		"public":        {"InternetGateway": 1, "NatGateway": 0, "Eip": 0, "Subnet": 2, "Route": 2, "VpcEndpoint": 2, "FlowLog": 2, "DefaultSecurityGroup": 1, "SecurityGroup": 1},
		"endpoints":     {"InternetGateway": 0, "NatGateway": 0, "Eip": 0, "Subnet": 3, "Route": 0, "VpcEndpoint": 7, "FlowLog": 2, "DefaultSecurityGroup": 1, "SecurityGroup": 2},
		"nat-dev":       {"InternetGateway": 1, "NatGateway": 1, "Eip": 1, "Subnet": 3, "Route": 3, "VpcEndpoint": 2, "FlowLog": 2, "DefaultSecurityGroup": 1, "SecurityGroup": 1},
		"nat-prod":      {"InternetGateway": 1, "NatGateway": 3, "Eip": 3, "Subnet": 6, "Route": 6, "VpcEndpoint": 2, "FlowLog": 2, "DefaultSecurityGroup": 1, "SecurityGroup": 1},
		"existing-ids":  {"Vpc": 0, "Subnet": 0, "Route": 0, "VpcEndpoint": 0, "SecurityGroup": 1, "SecurityGroupEgressRule": 1},
		"existing-tags": {"Vpc": 0, "Subnet": 0, "Route": 0, "VpcEndpoint": 0, "SecurityGroup": 1, "SecurityGroupEgressRule": 1},
	}
	for _, sh := range shapes {
		resources := sh.planned(t)
		for token, n := range want[sh.name] {
			if got := count(resources, token); got != n {
				t.Errorf("%s: %d %s, want %d", sh.name, got, token, n)
			}
		}
	}
}

// TestNothingComesIn walks the rules of all shapes: what comes in comes from
// the tasks and to the endpoints, what goes out is HTTPS, and each rule says why.
func TestNothingComesIn(t *testing.T) {
	for _, sh := range shapes {
		resources := sh.planned(t)
		tasks := ""
		for _, r := range resources {
			switch {
			case strings.HasSuffix(r.Type, ":SecurityGroup"):
				if r.Inputs["ingress"] != nil || r.Inputs["egress"] != nil || r.Inputs["description"] == "" {
					t.Errorf("%s: group %s has rules of its own: %v", sh.name, r.Name, r.Inputs)
				}
			case strings.HasSuffix(r.Type, ":SecurityGroupEgressRule"):
				tasks, _ = r.Inputs["securityGroupId"].(string)
			}
		}
		for _, r := range resources {
			if !strings.HasPrefix(r.Type, "aws:vpc/") {
				continue
			}
			if r.Inputs["fromPort"] != 443.0 || r.Inputs["toPort"] != 443.0 || r.Inputs["ipProtocol"] != "tcp" || r.Inputs["description"] == nil {
				t.Errorf("%s: rule %s is %v", sh.name, r.Name, r.Inputs)
			}
			if in := strings.HasSuffix(r.Type, "IngressRule"); in && (r.Inputs["securityGroupId"] == tasks || r.Inputs["referencedSecurityGroupId"] != tasks) {
				t.Errorf("%s: rule %s lets in %v", sh.name, r.Name, r.Inputs)
			} else if !in && sh.name == "endpoints" && r.Inputs["cidrIpv4"] != nil {
				t.Errorf("%s: rule %s lets out to %v", sh.name, r.Name, r.Inputs["cidrIpv4"])
			}
		}
	}
}

// TestSubnets holds that ranges lie in the VPC's and apart, one zone each, and
// that no subnet hands out public addresses.
func TestSubnets(t *testing.T) {
	for _, sh := range shapes {
		ranges, zones := []string{}, map[string]int{}
		for _, r := range sh.planned(t) {
			if r.Type != "aws:ec2/subnet:Subnet" {
				continue
			}
			if r.Inputs["mapPublicIpOnLaunch"] != false {
				t.Errorf("%s: %s hands out public addresses", sh.name, r.Name)
			}
			ranges = append(ranges, r.Inputs["cidrBlock"].(string))
			if strings.HasPrefix(r.Name, "tasks-") {
				zones[r.Inputs["availabilityZone"].(string)]++
			}
		}
		slices.Sort(ranges)
		if len(slices.Compact(ranges)) != len(ranges) {
			t.Errorf("%s: ranges %v", sh.name, ranges)
		}
		for zone, n := range zones {
			if n != 1 {
				t.Errorf("%s: %d subnets of tasks in %s", sh.name, n, zone)
			}
		}
	}
}

// TestEndpointPolicies holds that whoever uses an endpoint is of this account,
// but for reading the layers of images, which ECR signs.
func TestEndpointPolicies(t *testing.T) {
	seen := 0
	for _, sh := range shapes {
		for _, r := range sh.planned(t) {
			if r.Type != "aws:ec2/vpcEndpoint:VpcEndpoint" {
				continue
			}
			seen++
			var d struct {
				Statement []struct {
					Sid              string
					Action, Resource []string
					Condition        map[string]map[string][]string
				}
			}
			if err := json.Unmarshal([]byte(r.Inputs["policy"].(string)), &d); err != nil {
				t.Fatal(err)
			}
			for _, s := range d.Statement {
				if s.Sid == "ImageLayers" && r.Name == "s3" && slices.Equal(s.Action, []string{"s3:GetObject"}) && strings.HasSuffix(s.Resource[0], "-starport-layer-bucket/*") {
					continue
				}
				if s.Condition["StringEquals"]["aws:PrincipalAccount"] == nil {
					t.Errorf("%s: endpoint %s: %s is open to other accounts", sh.name, r.Name, s.Sid)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no endpoint was seen")
	}
}

// TestOutputs holds what a task is started with.
func TestOutputs(t *testing.T) {
	for _, sh := range shapes {
		s := sh.site(t)
		var n *Network
		var vpc, group string
		var subnets []string
		sitetest.Plan(t, s, func(ctx *pulumi.Context) error {
			var err error
			if n, err = New(ctx, s, Args{Endpoints: Endpoints(s), Logs: logsBucket, Operations: reported}); err != nil {
				return err
			}
			ctx.Export("all", pulumi.All(n.VPC, n.SecurityGroup, n.Subnets).ApplyT(func(all []any) string {
				vpc, group, subnets = all[0].(string), all[1].(string), all[2].([]string)
				return ""
			}))
			return nil
		})
		if !strings.HasPrefix(vpc, "vpc-") || !strings.HasPrefix(group, "sg-") || len(subnets) < 2 || !strings.HasPrefix(subnets[0], "subnet-") {
			t.Errorf("%s: %q %q %q", sh.name, vpc, group, subnets)
		}
		if n.PublicAddress != (sh.name == "public") {
			t.Errorf("%s: public address %v", sh.name, n.PublicAddress)
		}
		if len(n.Ready) == 0 {
			t.Errorf("%s: nothing to wait for", sh.name)
		}
	}
}

// cloud answers the questions of one test.
type cloud struct {
	vpc     string
	subnets int
	zones   []string
}

func (c cloud) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return args.Name, args.Inputs, nil
}

func (c cloud) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	var list []any
	switch args.Token {
	case "aws:ec2/getVpc:getVpc":
		if c.vpc == "" {
			return nil, fmt.Errorf("multiple EC2 VPCs matched")
		}
		return resource.NewPropertyMapFromMap(map[string]any{"id": c.vpc}), nil
	case "aws:ec2/getSubnets:getSubnets":
		for i := range c.subnets {
			list = append(list, fmt.Sprintf("subnet-%d", i))
		}
		return resource.NewPropertyMapFromMap(map[string]any{"ids": list}), nil
	}
	for _, z := range c.zones {
		list = append(list, z)
	}
	return resource.NewPropertyMapFromMap(map[string]any{"names": list}), nil
}

func TestRefusals(t *testing.T) {
	byTags := func(s *site.Site) {
		s.Live.Platform.Network = live.Network{Egress: existing, Existing: &live.Existing{Tags: map[string]string{"Name": "data"}}}
	}
	for _, tc := range []struct {
		name   string
		change func(*site.Site)
		cloud  cloud
		args   Args
		want   string
	}{
		{"several VPCs", byTags, cloud{}, Args{}, "live/dev/platform.yaml: network.existing.tags: they must be those of exactly one VPC"},
		{"one subnet", byTags, cloud{vpc: "vpc-1", subnets: 1}, Args{}, "live/dev/platform.yaml: network.existing.tags: found 1 subnets of vpc-1"},
		{"no subnet", byTags, cloud{vpc: "vpc-1"}, Args{}, "found 0 subnets of vpc-1"},
		{"few zones", nil, cloud{zones: []string{"eu-central-1a"}}, Args{Logs: logsBucket, Operations: reported}, "live/dev/platform.yaml: network.zones: found 2, but eu-central-1 has 1"},
		{"no bucket for logs", nil, cloud{}, Args{}, "network: Logs is missing"},
		{"no key for logs", nil, cloud{}, Args{Logs: logsBucket}, "network: Operations is missing"},
		{"a range that is no /16", nil, cloud{}, Args{CIDR: "10.0.0.0/8", Logs: logsBucket, Operations: reported}, `network: CIDR is "10.0.0.0/8"`},
		{"a range with a host", nil, cloud{}, Args{CIDR: "10.1.2.0/16", Logs: logsBucket, Operations: reported}, `network: CIDR is "10.1.2.0/16"`},
		{"a range of others", nil, cloud{}, Args{CIDR: "172.16.0.0/16", Logs: logsBucket, Operations: reported}, `network: CIDR is "172.16.0.0/16"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := sitetest.Load(t, "dev", tc.change)
			err := pulumi.RunErr(func(ctx *pulumi.Context) error {
				_, err := New(ctx, s, tc.args)
				return err
			}, pulumi.WithMocks("floe", "dev", tc.cloud))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v\nwant %s", err, tc.want)
			}
		})
	}
}

// TestZonesAreSorted holds that the order of AWS's answer does not matter.
func TestZonesAreSorted(t *testing.T) {
	s := sitetest.Load(t, "dev", nil)
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		n := &Network{}
		if err := ctx.RegisterComponentResource("floe:network:Network", "network", n); err != nil {
			return err
		}
		zones, err := (&maker{ctx: ctx, site: s, network: n}).findZones()
		if want := []string{"a", "b"}; err == nil && !slices.Equal(zones, want) {
			return fmt.Errorf("got %v, want %v", zones, want)
		}
		return err
	}, pulumi.WithMocks("floe", "dev", cloud{zones: []string{"c", "b", "a"}}))
	if err != nil {
		t.Error(err)
	}
}
