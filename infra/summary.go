package main

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// summary is what the stack is, for `pulumi stack output`. The account is ""
// where live/ names none.
func summary(p *project.Project, s *live.Stack) pulumi.Map {
	workflows := pulumi.StringMap{}
	for _, w := range s.Pipelines.Workflows {
		workflows[w.Name] = pulumi.String(w.Schedule)
	}
	return pulumi.Map{
		"stack":     pulumi.String(s.Name),
		"region":    pulumi.String(s.Region),
		"account":   pulumi.String(s.Platform.Account),
		"egress":    pulumi.String(s.Platform.Network.Egress),
		"workflows": workflows, // name -> schedule
		"sources":   pulumi.ToStringArray(slices.Sorted(maps.Keys(p.Sources))),
	}
}
