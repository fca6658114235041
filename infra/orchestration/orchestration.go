package orchestration

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sfn"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/governance"
	"github.com/floe-data/floe/infra/ingestion"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/infra/network"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/infra/transformation"
	"github.com/floe-data/floe/runtime/live"
)

// Args are the component's. All are required.
type Args struct {
	Operations     *operations.Operations
	Ingestion      *ingestion.Ingestion
	Transformation *transformation.Transformation
	Network        *network.Network
	Storage        *storage.Storage
	Govern         *governance.Govern
}

// Orchestration is the stack's workflows.
type Orchestration struct {
	pulumi.ResourceState
	// Machines by workflow.
	Machines map[string]*sfn.StateMachine
	// Watched is what operations.Watch needs to know of the workflows.
	Watched []operations.Workflow

	site  *site.Site
	args  Args
	group *scheduler.ScheduleGroup // nil if no workflow has a schedule
}

// New makes it.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*Orchestration, error) {
	if args.Operations == nil || args.Ingestion == nil || args.Transformation == nil || args.Network == nil || args.Storage == nil || args.Govern == nil && !tables.InTableBucket(s) {
		return nil, errors.New("orchestration: operations, ingestion, transformation, network, storage and what governs are needed")
	}
	if args.Ingestion.Evolved == nil {
		return nil, errors.New("orchestration: ingestion has no schema evolution to wait for")
	}
	o := &Orchestration{Machines: map[string]*sfn.StateMachine{}, site: s, args: args}
	if err := ctx.RegisterComponentResource("floe:orchestration:Orchestration", "orchestration", o, opts...); err != nil {
		return nil, fmt.Errorf("orchestration: %w", err)
	}
	if err := o.uploads(ctx); err != nil {
		return nil, err
	}
	for _, w := range s.Live.Pipelines.Workflows {
		if err := o.workflow(ctx, w); err != nil {
			return nil, fmt.Errorf("workflow %s: %w", w.Name, err)
		}
	}
	machines := pulumi.StringMap{}
	for name, m := range o.Machines {
		machines[name] = m.Arn
	}
	return o, ctx.RegisterResourceOutputs(o, pulumi.Map{"machines": machines})
}

// workflow makes a machine and what starts it.
func (o *Orchestration) workflow(ctx *pulumi.Context, w live.Workflow) error {
	m, err := o.machine(ctx, w)
	if err != nil {
		return err
	}
	o.Machines[w.Name] = m.made
	if w.Schedule != live.NoSchedule && w.Schedule != "" {
		if err := o.schedule(ctx, w, m); err != nil {
			return err
		}
	}
	if w.OnUpload != "" {
		return o.upload(ctx, w, m)
	}
	return nil
}
