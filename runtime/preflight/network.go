package preflight

import (
	"context"
	"fmt"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// mostEndpoints is how many interface endpoints a stack has at most (infra's
// network.Endpoints).
const mostEndpoints = 7

func transforms(s project.Step) bool { return s.Transform != nil }

// networkQuota holds what the stack's network takes against what is left.
func networkQuota(ctx context.Context, a *account) []Finding {
	egress := a.Stack.Platform.Network.Egress
	if egress == "existing" {
		return nil
	}
	file := "live/" + a.Stack.Name + "/platform.yaml"
	found := []Finding{a.left(ctx, "DescribeVpcs", "vpcSet", need{quota: networks, must: 1, takes: "the stack makes 1",
		otherwise: "network: {egress: existing, existing: {…}} in " + file + ", which takes a VPC of yours"})}
	if egress == "nat" {
		count := 1
		if a.Stack.Name == live.Production {
			count = a.Stack.Platform.Network.Zones
		}
		found = append(found, a.left(ctx, "DescribeAddresses", "addressesSet", need{quota: addresses, must: float64(count), takes: fmt.Sprintf("the stack's NAT gateways take %d", count),
			otherwise: "another network.egress in " + file}))
	}
	if egress == "endpoints" {
		found = append(found, a.enough(ctx, need{quota: interfaces, region: a.place.Region, must: mostEndpoints, takes: fmt.Sprintf("the stack's VPC has at most %d", mostEndpoints)}))
	}
	return found
}

// left counts what of a quota others have taken, and holds the rest against
// what is needed.
func (a *account) left(ctx context.Context, action, set string, n need) Finding {
	ctx, cancel := within(ctx)
	defer cancel()
	tags, err := a.describe(ctx, action, set)
	if err != nil {
		return unasked("quota "+n.name, "ec2:"+action, err)
	}
	for _, t := range tags {
		if !a.ours(t) {
			n.used++
		}
	}
	n.region = a.place.Region
	return a.enough(ctx, n)
}
