package platform

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// guard stands before everything when a stack is destroyed: it comes after all
// else, so it is the first to be deleted, and it is protected where the stack
// may not be. Without it Pulumi would delete what is not protected itself,
// functions, roles and network, before it came to a bucket and stopped.
//
// It is a component and nothing in AWS. To protect every resource instead would
// refuse replacements too.
func (c *composer) guard() error {
	g := &struct{ pulumi.ResourceState }{}
	all := []pulumi.Resource{c.operations, c.storage, c.catalog, c.network, c.repositories, c.ingestion, c.transformation, c.orchestration, c.alarms}
	all = append(append(all, c.safety.all()...), c.limits()...)
	if c.governance != nil {
		all = append(all, c.governance, c.governing, c.reader)
	}
	err := c.ctx.RegisterComponentResource("floe:platform:Guard", "guard", g,
		pulumi.DependsOn(all), pulumi.Protect(!c.site.Live.Platform.Deletable()))
	if err != nil {
		return fmt.Errorf("guard the stack: %w", err)
	}
	if err := c.ctx.RegisterResourceOutputs(g, pulumi.Map{}); err != nil {
		return fmt.Errorf("guard the stack: %w", err)
	}
	return nil
}
