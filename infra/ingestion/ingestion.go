package ingestion

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/governance"
	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/runner"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/live"
)

// Args are the component's. All are required.
type Args struct {
	Image      images.Image // of ingest
	Storage    *storage.Storage
	Catalog    *catalog.Catalog
	Governance *governance.Governance
	Operations *operations.Operations
}

// Ingestion is what loads sources.
type Ingestion struct {
	pulumi.ResourceState
	// Sources by name.
	Sources map[string]runner.Runner
	// Evolve makes the landing tables as their contracts say; a Lambda function.
	Evolve runner.Runner
	// Maintain keeps all tables small; a Lambda function.
	Maintain runner.Runner
	// Evolved is there when all landing tables are as their contracts say:
	// schedules and triggers wait for it.
	Evolved pulumi.Resource
	// Secrets are the names of the secrets that somebody must fill, by source.
	Secrets map[string]string
}

// New makes it.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*Ingestion, error) {
	if args.Image.Push == nil || args.Storage == nil || args.Operations == nil || args.Catalog == nil || args.Governance == nil && !tables.InTableBucket(s) {
		return nil, errors.New("ingestion: an image, storage, catalog, governance and operations are needed")
	}
	i := &Ingestion{Sources: map[string]runner.Runner{}, Secrets: map[string]string{}}
	if err := ctx.RegisterComponentResource("floe:ingestion:Ingestion", "ingestion", i, opts...); err != nil {
		return nil, fmt.Errorf("ingestion: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Pipelines.Sources)) {
		if err := i.source(ctx, s, args, name); err != nil {
			return nil, fmt.Errorf("source %s: %w", name, err)
		}
	}
	if err := i.evolve(ctx, s, args); err != nil {
		return nil, fmt.Errorf("schema evolution: %w", err)
	}
	if err := i.maintain(ctx, s, args); err != nil {
		return nil, fmt.Errorf("maintenance: %w", err)
	}
	return i, ctx.RegisterResourceOutputs(i, pulumi.Map{"secrets": pulumi.ToStringMap(i.Secrets)})
}

// source makes what loads a source.
func (i *Ingestion) source(ctx *pulumi.Context, s *site.Site, args Args, name string) error {
	parent := pulumi.Parent(i)
	of := s.Live.Pipelines.Sources[name]
	own, err := variables(s, name)
	if err != nil {
		return err
	}
	a := runner.Args{
		Name: "ingest-" + name, Description: fmt.Sprintf("%s %s: loads %s", s.Project, s.Stack, name),
		Image: args.Image, Program: images.Ingest, Environment: own, Operations: args.Operations, Reserved: of.ReservedConcurrency, Source: name,
		Where:      fmt.Sprintf("live/%s/pipelines.yaml: sources.%s.vars", s.Stack, name),
		Statements: tables.Allow(s, tables.Load, tables.Schemas{Label: "Landing", Bucket: bucket(args.Storage.Landing), Names: []string{catalog.Landing(name)}}),
	}
	secret, err := i.secret(ctx, s, args.Operations, name, parent)
	if err != nil {
		return err
	}
	a.Secret = secret.reads()
	make := runner.NewFunction
	if of.Compute == live.Fargate {
		make = runner.NewTask
	}
	r, err := make(ctx, s, a, parent)
	if err != nil {
		return err
	}
	guards, err := secret.guard(ctx, s, r.RoleARN, parent)
	if err != nil {
		return err
	}
	r.Ready = append(r.Ready, guards...)
	i.Sources[name], err = args.Governance.Grant(ctx, a.Name, r, []governance.Right{{Schemas: []string{catalog.Landing(name)}, Write: true}}, parent)
	return err
}

// variables are a source's own part of its program's environment.
func variables(s *site.Site, source string) (map[string]string, error) {
	own := map[string]string{environment.Source: source}
	vars := s.Live.SourceVars(source)
	if len(vars) == 0 {
		return own, nil
	}
	text, err := json.Marshal(vars)
	if err != nil {
		return nil, fmt.Errorf("write its vars as JSON: %w", err)
	}
	own[environment.Vars] = string(text)
	return own, nil
}

func bucket(b *storage.Bucket) tables.Bucket {
	return tables.Bucket{Name: b.Name, Key: b.TablesKey().Arn}
}

// landings are the schemas of all sources.
func landings(s *site.Site) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.Pipelines.Sources)) {
		names = append(names, catalog.Landing(name))
	}
	return names
}

// maintain makes the function that keeps tables small. It writes to all of
// them, those of sources that are gone among them.
func (i *Ingestion) maintain(ctx *pulumi.Context, s *site.Site, args Args) error {
	landing, lakehouse := tables.Split(args.Catalog.Schemas)
	may := slices.Concat(
		[]grant.Statement{tables.List(s)},
		tables.Allow(s, tables.Keep, tables.Schemas{Label: "Landing", Bucket: bucket(args.Storage.Landing), Names: landing}),
		tables.Allow(s, tables.Keep, tables.Schemas{Label: "Lakehouse", Bucket: bucket(args.Storage.Lakehouse), Names: lakehouse}),
	)
	r, err := runner.NewFunction(ctx, s, runner.Args{
		Name: "maintain", Description: fmt.Sprintf("%s %s: keeps tables small and quick", s.Project, s.Stack),
		Image: args.Image, Program: images.Ingest, Operations: args.Operations, Statements: may,
	}, pulumi.Parent(i))
	if err != nil {
		return err
	}
	i.Maintain, err = args.Governance.Grant(ctx, "maintain", r, []governance.Right{args.Governance.All(true)}, pulumi.Parent(i))
	return err
}
