package transformation

import (
	"errors"
	"fmt"
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
	Image      images.Image // of transform
	Storage    *storage.Storage
	Catalog    *catalog.Catalog
	Governance *governance.Governance
	Operations *operations.Operations
}

// Transformation is what builds models.
type Transformation struct {
	pulumi.ResourceState
	Cluster Cluster
	// Task builds models in Fargate; its Kind is empty where tables lie in a table bucket.
	Task runner.Runner
	// Function does it in Lambda; its Kind is empty where no workflow says compute: lambda.
	Function runner.Runner
	// Transform is the workgroup of the models, Analyst the people's.
	Transform, Analyst Workgroup
	// Spark is for notebooks; its Name is empty where live/ does not ask for it.
	Spark Workgroup
}

// New makes it.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*Transformation, error) {
	if args.Image.Push == nil || args.Storage == nil || args.Catalog == nil || args.Operations == nil || args.Governance == nil && !tables.InTableBucket(s) {
		return nil, errors.New("transformation: an image, storage, catalog, governance and operations are needed")
	}
	t := &Transformation{}
	if err := ctx.RegisterComponentResource("floe:transformation:Transformation", "transformation", t, opts...); err != nil {
		return nil, fmt.Errorf("transformation: %w", err)
	}
	if err := t.cluster(ctx, s, args.Operations); err != nil {
		return nil, err
	}
	if err := t.workgroups(ctx, s, args.Storage.Results); err != nil {
		return nil, err
	}
	if err := t.spark(ctx, s, args); err != nil {
		return nil, fmt.Errorf("transformation: %w", err)
	}
	if err := t.runners(ctx, s, args); err != nil {
		return nil, fmt.Errorf("transformation: %w", err)
	}
	return t, ctx.RegisterResourceOutputs(t, pulumi.Map{
		"cluster": pulumi.String(t.Cluster.Name), "workgroup": pulumi.String(t.Transform.Name), "analystWorkgroup": pulumi.String(t.Analyst.Name),
	})
}

// runners makes the task, which every stack has: live/ says which of the two a
// workflow uses, and one that is added later finds it there. Where tables lie in
// a table bucket no models are built, and there is none.
func (t *Transformation) runners(ctx *pulumi.Context, s *site.Site, args Args) error {
	if tables.InTableBucket(s) {
		return nil
	}
	a := runner.Args{
		Name: "transform", Description: fmt.Sprintf("%s %s: builds and tests models", s.Project, s.Stack),
		Image: args.Image, Program: images.Transform, Operations: args.Operations,
		Environment: map[string]string{environment.Workgroup: t.Transform.Name},
		Statements:  t.statements(s, args.Storage, args.Catalog),
	}
	var err error
	if t.Task, err = runner.NewTask(ctx, s, a, pulumi.Parent(t)); err != nil {
		return err
	}
	needs := slices.Concat(t.Transform.Ready, args.Catalog.Ready, args.Storage.Lakehouse.Ready, args.Storage.Landing.Ready)
	t.Task.Ready = append(t.Task.Ready, needs...)
	rights := []governance.Right{args.Governance.Models(true), governance.Landings(false)}
	if t.Task, err = args.Governance.Grant(ctx, "task-transform", t.Task, rights, pulumi.Parent(t)); err != nil {
		return err
	}
	if !slices.ContainsFunc(s.Live.Pipelines.Workflows, func(w live.Workflow) bool { return w.Compute == live.Lambda }) {
		return nil
	}
	if t.Function, err = runner.NewFunction(ctx, s, a, pulumi.Parent(t)); err != nil {
		return err
	}
	t.Function.Ready = append(t.Function.Ready, needs...)
	if t.Function, err = args.Governance.Grant(ctx, "transform", t.Function, rights, pulumi.Parent(t)); err != nil {
		return err
	}
	return nil
}

// statements are what models need, and what Athena does in their name: it
// reads and writes tables and results with the rights of who asks.
func (t *Transformation) statements(s *site.Site, st *storage.Storage, c *catalog.Catalog) []grant.Statement {
	results := s.BucketARN(st.Results.Name, "")
	landing, lakehouse := tables.Split(c.Schemas)
	out := []grant.Statement{
		{Sid: "Queries", Resources: grant.On(t.Transform.ARN), Actions: []string{
			"athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution", "athena:StopQueryExecution",
		}},
		// Athena looks for a database of this name whatever is asked.
		{Sid: "DefaultDatabase", Actions: []string{"glue:GetDatabase"}, Resources: grant.On(s.ARN("glue", "catalog"), s.ARN("glue", "database/default"))},
		{Sid: "ResultsBucket", Actions: []string{"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"}, Resources: grant.On(results)},
		{Sid: "Results", Resources: grant.On(results + "/" + t.Transform.Prefix + "*"), Actions: []string{
			"s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject",
		}},
		tables.Key(s, "ResultsKey", st.Results.Key.Arn, []string{"kms:Decrypt", "kms:GenerateDataKey"}, "s3"),
	}
	// Athena asks Lake Formation for the tables' files, in the name of who asks.
	out = append(out, tables.List(s), grant.Statement{Sid: "Data", Actions: []string{"lakeformation:GetDataAccess"}, Resources: grant.On("*")})
	out = append(out, tables.Allow(s, tables.Build, tables.Schemas{Label: "Lakehouse", Bucket: bucket(st.Lakehouse), Names: lakehouse})...)
	return append(out, tables.Allow(s, tables.Query, tables.Schemas{Label: "Landing", Bucket: bucket(st.Landing), Names: landing})...)
}

func bucket(b *storage.Bucket) tables.Bucket {
	return tables.Bucket{Name: b.Name, Key: b.TablesKey().Arn}
}
