package demand

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/floe-data/floe/infra/internal/rights"
)

// Needs are all that a role needs: what its program was seen to call, what
// services do in its name, and what follows from both.
func (a *Account) Needs(role *Role, recorded []rights.Request) ([]rights.Request, error) {
	served, err := a.Served(role)
	if err != nil {
		return nil, fmt.Errorf("role %s: %w", role.Name, err)
	}
	return a.Closed(slices.Concat(recorded, served)), nil
}

// Refused lists those of a role's needs that it may not do, with the reason.
func (a *Account) Refused(role *Role, needs []rights.Request, boundary *rights.Document) ([]string, error) {
	var all []string
	for _, r := range needs {
		d, err := a.Decide(role, r, boundary)
		if err != nil {
			return nil, fmt.Errorf("role %s: %w", role.Name, err)
		}
		if !d.Allowed {
			all = append(all, r.String()+": "+d.Reason)
		}
	}
	return all, nil
}

// Unused lists what a role may do and never needs, one line for each statement
// and action, or value of a condition.
func (a *Account) Unused(role *Role, needs []rights.Request) ([]string, error) {
	return unused(role.Own, needs)
}

func unused(policies []*rights.Document, needs []rights.Request) ([]string, error) {
	found := map[string][]string{}
	for _, d := range policies {
		for _, g := range d.Grants() {
			used, err := usedBy(g, needs)
			if err != nil {
				return nil, err
			}
			if used || void(g) {
				continue
			}
			if g.Key != "" {
				found[g.String()] = nil
				continue
			}
			found[g.Sid+" "+g.Action] = append(found[g.Sid+" "+g.Action], g.Resource)
		}
	}
	var lines []string
	for _, what := range slices.Sorted(maps.Keys(found)) {
		lines = append(lines, strings.TrimSpace(what+" "+strings.Join(found[what], " ")))
	}
	return lines, nil
}

// knows are the kinds of resource that an action knows, where it knows fewer
// than its statement names: on the others it allows nothing (Service
// Authorization Reference, AWS Glue).
var knows = map[string][]string{
	"glue:getdatabase": {"catalog", "database"}, "glue:getdatabases": {"catalog", "database"},
	"ec2:associateroutetable": {"route-table", "subnet"}, "ec2:attachinternetgateway": {"internet-gateway", "vpc"}, "ec2:createflowlogs": {"vpc-flow-log", "vpc"},
	"ec2:createinternetgateway": {"internet-gateway"}, "ec2:createroute": {"route-table"}, "ec2:createroutetable": {"route-table", "vpc"},
	"ec2:createsecuritygroup": {"security-group", "vpc"}, "ec2:createsubnet": {"subnet", "vpc"}, "ec2:createvpc": {"vpc"},
	"ec2:createvpcendpoint": {"route-table", "security-group", "subnet", "vpc", "vpc-endpoint"}, "ec2:deleteflowlogs": {"vpc-flow-log"},
	"ec2:deleteinternetgateway": {"internet-gateway"}, "ec2:deleteroute": {"route-table"}, "ec2:deleteroutetable": {"route-table"},
	"ec2:deletesecuritygroup": {"security-group"}, "ec2:deletesubnet": {"subnet"}, "ec2:deletevpc": {"vpc"}, "ec2:deletevpcendpoints": {"vpc-endpoint"},
	"ec2:detachinternetgateway": {"internet-gateway", "vpc"}, "ec2:disassociateroutetable": {"route-table", "subnet"}, "ec2:modifyvpcattribute": {"vpc"},
	"ec2:allocateaddress": {"elastic-ip"}, "ec2:releaseaddress": {"elastic-ip"}, "ec2:createnatgateway": {"elastic-ip", "natgateway", "subnet"}, "ec2:deletenatgateway": {"natgateway"},
	"ec2:modifyvpcendpoint": {"route-table", "security-group", "subnet", "vpc-endpoint"},
}

// void says whether a grant allows nothing since the action does not know the resource.
func void(g rights.Grant) bool {
	kinds, ok := knows[g.Action]
	parts := strings.SplitN(g.Resource, ":", 6)
	if !ok || len(parts) != 6 {
		return false
	}
	kind, _, _ := strings.Cut(parts[5], "/")
	return !slices.Contains(kinds, kind)
}

func usedBy(g rights.Grant, needs []rights.Request) (bool, error) {
	for _, r := range needs {
		used, err := g.Used(r)
		if used || err != nil {
			return used, err
		}
	}
	return false, nil
}
