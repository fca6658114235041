package platform

import (
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/orchestration"
)

// workflows are what runs when, and who hears of it.
func (c *composer) workflows() (err error) {
	if c.orchestration, err = orchestration.New(c.ctx, c.site, orchestration.Args{
		Operations: c.operations, Ingestion: c.ingestion, Transformation: c.transformation, Network: c.network, Storage: c.storage,
	}, c.with); err != nil {
		return err
	}
	watch := operations.WatchArgs{Operations: c.operations, Functions: map[string]string{"evolve": c.ingestion.Evolve.FunctionName, "maintain": c.ingestion.Maintain.FunctionName},
		Workgroups: map[string]string{"transform": c.transformation.Transform.Name, "analyst": c.transformation.Analyst.Name},
		Workflows:  c.orchestration.Watched}
	for source, r := range c.ingestion.Sources {
		if r.FunctionName != "" {
			watch.Functions["ingest-"+source] = r.FunctionName
		}
	}
	return operations.Watch(c.ctx, c.site, watch, c.with)
}
