package ingestion

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/governance"
	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/internal/runner"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// evolution changes whenever the program makes other tables of the same
// contracts, so that the next deployment evolves them.
const evolution = "1"

// evolve makes the function that makes the landing tables, and invokes it
// whenever what it works on has changed, after all that its role needs.
//
// The invocation is an act that happens when it is created. CREATE_ONLY makes
// another trigger a replacement: a new creation, while the deletion of the old
// one invokes nothing. A creation that fails is not in the state, so the next
// deployment tries it again.
func (i *Ingestion) evolve(ctx *pulumi.Context, s *site.Site, args Args) error {
	contracts, err := contractsHash(s)
	if err != nil {
		return err
	}
	input, err := json.Marshal(orchestrate.Task{Act: orchestrate.ActEvolve, Timeout: runner.OnlyCall})
	if err != nil {
		return fmt.Errorf("write its task: %w", err)
	}
	made, err := runner.NewFunction(ctx, s, runner.Args{
		Name: "evolve", Description: fmt.Sprintf("%s %s: makes landing tables as their contracts say", s.Project, s.Stack),
		Image: args.Image, Program: images.Ingest, Operations: args.Operations,
		Statements: tables.Allow(s, tables.Load, tables.Schemas{Label: "Landing", Bucket: bucket(args.Storage.Landing), Names: landings(s)}),
	}, pulumi.Parent(i))
	if err != nil {
		return err
	}
	if i.Evolve, err = args.Governance.Grant(ctx, "evolve", made, []governance.Right{governance.Landings(true)}, pulumi.Parent(i)); err != nil {
		return err
	}
	needs := slices.Concat(i.Evolve.Ready, args.Catalog.Ready, args.Storage.Landing.Ready)
	i.Evolved, err = lambda.NewInvocation(ctx, "evolve", &lambda.InvocationArgs{
		FunctionName: pulumi.String(i.Evolve.FunctionName), Input: pulumi.String(string(input)),
		LifecycleScope: pulumi.String("CREATE_ONLY"), Triggers: pulumi.StringMap{"contracts": pulumi.String(contracts)},
	}, pulumi.Parent(i), pulumi.DependsOn(needs), args.Governance.Shut())
	if err != nil {
		return fmt.Errorf("invoke %s: %w", i.Evolve.FunctionName, err)
	}
	return nil
}

// contractsHash changes with every contract, and with where its table is.
func contractsHash(s *site.Site) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, evolution)
	if tables.InTableBucket(s) {
		fmt.Fprintln(h, tables.BucketARN(s))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Pipelines.Sources)) {
		source := s.Pipelines.Sources[name]
		fmt.Fprintln(h, name, environment.PhysicalSchema(s.Project, s.Stack, catalog.Landing(name)))
		for _, table := range slices.Sorted(maps.Keys(source.Contracts)) {
			file := source.Contracts[table].File
			content, err := os.ReadFile(filepath.Join(s.Pipelines.Root, filepath.FromSlash(file)))
			if err != nil {
				return "", fmt.Errorf("read contract %s: %w", file, err)
			}
			fmt.Fprintln(h, table, len(content))
			h.Write(content)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
