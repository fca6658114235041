package platform

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/floe-data/floe/infra/governance"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
)

// Lake is what the program itself asks and tells Lake Formation.
type Lake interface {
	// Domains are the values that the tag domain has.
	Domains(context.Context) ([]string, error)
	// Open lists what of databases is open to who is granted nothing.
	Open(context.Context, []string) ([]governance.Opening, error)
	// Close closes it.
	Close(context.Context, []string) error
}

// lakeFormation is Lake Formation itself, with the provider's credentials: both
// take those of the environment.
func lakeFormation(ctx context.Context, s *site.Site) (Lake, error) {
	settings, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.Region))
	if err != nil {
		return nil, fmt.Errorf("credentials to ask Lake Formation: %w", err)
	}
	return governance.NewLake(settings, s), nil
}

// mostTold is how many openings are told one by one.
const mostTold = 10

// govern says who reads and writes. A preview tells what is open, as far as who
// previews may see that; the deployment closes it.
func (c *composer) govern(made []string) error {
	if tables.InTableBucket(c.site) {
		return nil // Lake Formation does not know them by our tags
	}
	background := c.ctx.Context()
	lake, err := c.lake(background, c.site)
	if err != nil {
		return err
	}
	domains, err := lake.Domains(background)
	if err := c.unlessRefused(err, "the domains that tables have already"); err != nil {
		return err
	}
	if c.ctx.DryRun() {
		open, err := lake.Open(background, governance.Databases(c.site, made))
		if err := c.unlessRefused(err, "what somebody granted by hand"); err != nil {
			return err
		}
		if err := c.tell(open); err != nil {
			return err
		}
	}
	c.governance, err = governance.New(c.ctx, c.site, governance.Args{Storage: c.storage, Catalog: c.catalog, Domains: domains, Close: lake.Close}, c.with)
	return err
}

// unlessRefused lets a preview go on without what its role may not see, and says so.
func (c *composer) unlessRefused(err error, what string) error {
	if err == nil || !c.ctx.DryRun() || !governance.Refused(err) {
		return err
	}
	return c.warn("this preview does not know " + what + ": its role is no administrator of Lake Formation, not even a reading one; make bootstrap makes it one")
}

func (c *composer) tell(open []governance.Opening) error {
	for i, o := range open {
		text := o.String() + ": neither floe nor live/" + c.site.Stack + "/access.yaml grants that; the deployment takes it away"
		if i == mostTold {
			text = fmt.Sprintf("and %d more", len(open)-mostTold)
		}
		if err := c.warn(text); err != nil || i == mostTold {
			return err
		}
	}
	return nil
}

func (c *composer) warn(text string) error {
	if err := c.ctx.Log.Warn(text, nil); err != nil {
		return fmt.Errorf("warn that %s: %w", text, err)
	}
	return nil
}
