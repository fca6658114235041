package platform

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/orchestration"
)

// workflows are what runs when, and who hears of it.
func (c *composer) workflows() (err error) {
	c.orchestration, err = orchestration.New(c.ctx, c.site, orchestration.Args{
		Operations: c.operations, Ingestion: c.ingestion, Transformation: c.transformation, Network: c.network, Storage: c.storage, Govern: c.governing,
	}, c.with)
	if err != nil {
		return err
	}
	watch := operations.WatchArgs{
		Operations: c.operations, Workflows: c.orchestration.Watched,
		Functions:  map[string]string{"evolve": c.ingestion.Evolve.FunctionName, "maintain": c.ingestion.Maintain.FunctionName},
		Workgroups: map[string]string{"transform": c.transformation.Transform.Name, "analyst": c.transformation.Analyst.Name},
		Secrets:    map[string]operations.Secret{}, Refusals: c.network.Refusals,
	}
	if c.governing != nil {
		watch.Functions["govern"] = c.governing.Runner.FunctionName
	}
	if c.transformation.Function.Kind != "" {
		watch.Functions["transform"] = c.transformation.Function.FunctionName
	}
	for source, r := range c.ingestion.Sources {
		if r.FunctionName != "" {
			watch.Functions["ingest-"+source] = r.FunctionName
		}
		if name, ok := c.ingestion.Secrets[source]; ok {
			watch.Secrets[source] = operations.Secret{Name: name, LogGroup: r.LogGroup, Ready: r.Ready}
		}
	}
	if of := c.safety.replica; of != nil {
		watch.Others, watch.Ready = of.Alarms, []pulumi.Resource{of}
	}
	c.alarms, err = operations.Watch(c.ctx, c.site, watch, c.with)
	return err
}
