package platform

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/budget"
	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/governance"
	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/ingestion"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/network"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/orchestration"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/infra/transformation"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// Options say what is deployed, and from what.
type Options struct {
	// Root is the project's root: the folder of Pulumi.yaml.
	Root string
	// Build makes an image. Default images.Build.
	Build func(context.Context, images.BuildOptions) (*images.Built, error)
	// Made lists the schemas that the stack has databases of. Default: Glue is asked.
	Made func(context.Context, *site.Site) ([]string, error)
	// Lake is what is asked and told of grants. Default: Lake Formation.
	Lake func(context.Context, *site.Site) (Lake, error)
}

// Deploy plans the stack of ctx as the files under the root describe it.
func Deploy(ctx *pulumi.Context, o Options) error {
	s, err := read(ctx, o.Root)
	if err != nil {
		return err
	}
	if err := passes(s, o.Root); err != nil {
		return err
	}
	return deploy(ctx, s, o)
}

// deploy plans a stack whose files are read and whose plan is checked.
func deploy(ctx *pulumi.Context, s *site.Site, o Options) error {
	if err := promises(ctx, s); err != nil {
		return err
	}
	if o.Build == nil {
		o.Build = images.Build
	}
	if o.Made == nil {
		o.Made = made
	}
	if o.Lake == nil {
		o.Lake = lakeFormation
	}
	p, err := provider(ctx, s)
	if err != nil {
		return err
	}
	c := &composer{ctx: ctx, site: s, made: o.Made, lake: o.Lake, with: pulumi.Providers(p)}
	if err := c.images(o); err != nil {
		return err
	}
	if err := c.compose(); err != nil {
		return err
	}
	if err := c.guard(); err != nil {
		return err
	}
	return c.outputs()
}

// read reads and checks all files; nothing is planned if one is wrong.
func read(ctx *pulumi.Context, root string) (*site.Site, error) {
	p, err := project.Load(root)
	if err != nil {
		return nil, refused("the project", err)
	}
	stack, err := live.Load(p, ctx.Stack())
	if err != nil {
		return nil, refused("stack "+ctx.Stack(), err)
	}
	return newSite(ctx.Project(), p, stack), nil
}

func newSite(name string, p *project.Project, stack *live.Stack) *site.Site {
	return &site.Site{Project: name, Stack: stack.Name, Account: stack.Platform.Account, Region: stack.Region, Live: stack, Pipelines: p}
}

// refused says why nothing was planned, with each problem on its own line.
func refused(what string, err error) error {
	if next := fault.Next(err); next != "" {
		return fmt.Errorf("%s is refused, nothing was planned:\n%w\nnext: %s", what, err, next)
	}
	return fmt.Errorf("%s is refused, nothing was planned:\n%w", what, err)
}

// composer puts the components together.
type composer struct {
	ctx  *pulumi.Context
	site *site.Site
	with pulumi.ResourceOption // the provider, for components and so for their children

	made           func(context.Context, *site.Site) ([]string, error)
	lake           func(context.Context, *site.Site) (Lake, error)
	built          map[string]*images.Built
	operations     *operations.Operations
	storage        *storage.Storage
	catalog        *catalog.Catalog
	governance     *governance.Governance
	governing      *governance.Govern
	reader         *iam.Policy
	network        *network.Network
	repositories   *images.Images
	ingestion      *ingestion.Ingestion
	transformation *transformation.Transformation
	orchestration  *orchestration.Orchestration
	alarms         pulumi.Resource
	safety         safety
	budget         *budget.Budget
}

// images builds both images: their digests are part of the plan.
func (c *composer) images(o Options) error {
	c.built = map[string]*images.Built{}
	for _, program := range []string{images.Ingest, images.Transform} {
		built, err := o.Build(c.ctx.Context(), images.BuildOptions{Root: o.Root, Program: program, Architecture: c.site.Live.Platform.Architecture})
		if err != nil {
			return fmt.Errorf("build the image %s: %w", program, err)
		}
		c.built[program] = built
	}
	return nil
}
