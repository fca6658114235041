package platform

import (
	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/governance"
	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/ingestion"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/infra/network"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/infra/transformation"
)

// compose makes all components, each after what it stands on.
func (c *composer) compose() error {
	for _, part := range []func() error{c.ground, c.protect, c.programs, c.workflows, c.limit} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// ground is what programs stand on.
func (c *composer) ground() (err error) {
	if c.operations, err = operations.New(c.ctx, c.site, operations.Args{}, c.with); err != nil {
		return err
	}
	if c.storage, err = storage.New(c.ctx, c.site, storageArgs(c.site), c.with); err != nil {
		return err
	}
	var made []string
	if !tables.InTableBucket(c.site) {
		if made, err = c.made(c.ctx.Context(), c.site); err != nil {
			return err
		}
	}
	if c.catalog, err = catalog.New(c.ctx, c.site, catalog.Args{Storage: c.storage, Made: made}, c.with); err != nil {
		return err
	}
	if err := c.govern(made); err != nil {
		return err
	}
	c.network, err = network.New(c.ctx, c.site, network.Args{Endpoints: network.Endpoints(c.site), Logs: c.storage.Logs, Operations: c.operations}, c.with)
	return err
}

// programs are what loads and what builds models.
func (c *composer) programs() (err error) {
	args := images.Args{Ingest: c.built[images.Ingest], Transform: c.built[images.Transform]}
	if c.site.Production() {
		args.Key = c.operations.Key.Arn
	}
	if c.repositories, err = images.New(c.ctx, c.site, args, c.with); err != nil {
		return err
	}
	if c.ingestion, err = ingestion.New(c.ctx, c.site, ingestion.Args{
		Image: c.repositories.Ingest, Storage: c.storage, Catalog: c.catalog, Governance: c.governance, Operations: c.operations,
	}, c.with); err != nil {
		return err
	}
	if c.transformation, err = transformation.New(c.ctx, c.site, transformation.Args{
		Image: c.repositories.Transform, Storage: c.storage, Catalog: c.catalog, Governance: c.governance, Operations: c.operations,
	}, c.with); err != nil {
		return err
	}
	if c.governance == nil {
		return nil
	}
	if c.governing, err = governance.NewGovern(c.ctx, c.site, governance.GovernArgs{
		Governance: c.governance, Image: c.repositories.Transform, Operations: c.operations, Evolved: c.ingestion.Evolved,
	}, c.with); err != nil {
		return err
	}
	c.reader, err = governance.NewReader(c.ctx, c.site, governance.ReaderArgs{
		Governance: c.governance, Workgroup: c.transformation.Analyst.ARN, Results: c.storage.Results, Prefix: c.transformation.Analyst.Prefix,
	}, c.with)
	return err
}
