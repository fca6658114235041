package platform

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/budget"
)

// limit tells people when the stack costs more than live/ says.
func (c *composer) limit() (err error) {
	c.budget, err = budget.New(c.ctx, c.site, budget.Args{Operations: c.operations}, c.with)
	return err
}

// limits are what limit made.
func (c *composer) limits() []pulumi.Resource {
	if c.budget == nil {
		return nil
	}
	return []pulumi.Resource{c.budget}
}
