package governance

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lakeformation"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/runner"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/runtime/environment"
	declared "github.com/floe-data/floe/runtime/governance"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// Function is the name of the function that tags and grants, and of its role.
const Function = "govern"

// GovernArgs are the function's. All are required.
type GovernArgs struct {
	Governance *Governance
	Image      images.Image // of transform, which holds the models
	Operations *operations.Operations
	// Evolved is there when the landing tables are: they are tagged after that.
	Evolved pulumi.Resource
}

// Govern is the function that tags tables and columns, and grants by table.
type Govern struct {
	pulumi.ResourceState

	// Runner is the function.
	Runner runner.Runner
	// Spec is what it is told: a governance.Spec of the runtime.
	Spec json.RawMessage
	// Governed is there when it has worked on what was deployed.
	Governed pulumi.Resource
}

// NewGovern makes the function, invokes it when what is declared changes, and
// then grants readers what they may read by schema, layer and domain.
func NewGovern(ctx *pulumi.Context, s *site.Site, args GovernArgs, opts ...pulumi.ResourceOption) (*Govern, error) {
	if args.Governance == nil || args.Image.Push == nil || args.Operations == nil || args.Evolved == nil {
		return nil, errors.New("govern: governance, an image, operations and schema evolution are needed")
	}
	spec := declared.Spec{Grants: s.Live.Access.Grants, Domains: declared.Domains(s.Pipelines, s.Live), Roles: Roles(s)}
	id, err := spec.ID()
	if err != nil {
		return nil, fmt.Errorf("govern: %w", err)
	}
	v := &Govern{}
	if v.Spec, err = json.Marshal(spec); err != nil {
		return nil, fmt.Errorf("govern: write what is granted: %w", err)
	}
	if err := ctx.RegisterComponentResource("floe:governance:Govern", Function, v, opts...); err != nil {
		return nil, fmt.Errorf("govern: %w", err)
	}
	v.Runner, err = runner.NewFunction(ctx, s, runner.Args{
		Name: Function, Description: fmt.Sprintf("%s %s: tags tables and columns, and grants what is read of them", s.Project, s.Stack),
		Image: args.Image, Program: images.Transform, Operations: args.Operations, Statements: governStatements(s, args.Governance),
		Environment: map[string]string{environment.Grants: id},
	}, pulumi.Parent(v))
	if err != nil {
		return nil, fmt.Errorf("govern: %w", err)
	}
	if err := v.grants(ctx, args.Governance); err != nil {
		return nil, fmt.Errorf("govern: %w", err)
	}
	if err := v.invoke(ctx, args, id); err != nil {
		return nil, fmt.Errorf("govern: %w", err)
	}
	if err := args.Governance.grantReaders(ctx, v.Governed); err != nil {
		return nil, fmt.Errorf("govern: %w", err)
	}
	return v, ctx.RegisterResourceOutputs(v, pulumi.Map{"function": pulumi.String(v.Runner.FunctionName)})
}

// governStatements are what it calls. Lake Formation's actions know no
// resources: what they are done to, its own grants say.
func governStatements(s *site.Site, g *Governance) []grant.Statement {
	return []grant.Statement{
		{Sid: "LakeFormation", Resources: grant.On("*"), Actions: []string{
			"lakeformation:AddLFTagsToResource", "lakeformation:CreateDataCellsFilter", "lakeformation:DeleteDataCellsFilter",
			"lakeformation:GetResourceLFTags", "lakeformation:GrantPermissions", "lakeformation:ListDataCellsFilter", "lakeformation:ListPermissions",
			"lakeformation:RemoveLFTagsFromResource", "lakeformation:RevokePermissions", "lakeformation:UpdateDataCellsFilter",
		}},
		tables.Find(s, "Catalog", slices.Collect(maps.Keys(g.catalog.Databases))),
		tables.List(s),
	}
}

// grants are what Lake Formation wants of who tags and grants: ASSOCIATE on the
// tags that it sets; and of every table all that can be granted, to be passed
// on. Less does not do ("Assigning LF-Tags to Data Catalog resources": DESCRIBE,
// ALTER, DROP, INSERT, SELECT and DELETE with the grant option), and grants by
// table are passed on by who has them by table: so these name the tables of our
// databases, which a filter or a named grant is then of.
func (v *Govern) grants(ctx *pulumi.Context, g *Governance) error {
	wait := []pulumi.ResourceOption{pulumi.Parent(v), pulumi.DependsOn(slices.Concat(v.Runner.Ready, g.Ready))}
	v.Runner.Ready = slices.Concat(v.Runner.Ready, g.tagged)
	principal := pulumi.String(v.Runner.RoleARN)
	keep := func(made *lakeformation.Permissions, err error, what string) error {
		if err != nil {
			return fmt.Errorf("grant of %s: %w", what, err)
		}
		v.Runner.Ready = append(v.Runner.Ready, made)
		return nil
	}
	for _, tag := range []string{declared.TagDomain, declared.TagSensitivity} {
		made, err := lakeformation.NewPermissions(ctx, "govern-tag-"+tag, &lakeformation.PermissionsArgs{
			Principal: principal, Permissions: pulumi.ToStringArray([]string{"ASSOCIATE", "DESCRIBE"}),
			// All values: one that is added must not take the grant of the others away and give it back.
			LfTag: lakeformation.PermissionsLfTagArgs{Key: g.tags[tag].Key, Values: pulumi.ToStringArray([]string{"*"})},
		}, wait...)
		if err := keep(made, err, "tag "+tag); err != nil {
			return err
		}
	}
	for _, schema := range slices.Sorted(maps.Keys(g.catalog.Databases)) {
		made, err := lakeformation.NewPermissions(ctx, "govern-"+schema, &lakeformation.PermissionsArgs{
			Principal: principal, Permissions: pulumi.ToStringArray(writeTables), PermissionsWithGrantOptions: pulumi.ToStringArray(writeTables),
			Table: lakeformation.PermissionsTableArgs{DatabaseName: g.catalog.Databases[schema].Name, Wildcard: pulumi.Bool(true)},
		}, wait...)
		if err := keep(made, err, "the tables of "+schema); err != nil {
			return err
		}
	}
	for i, e := range expressions(term{declared.TagLayer, g.layers()}) {
		made, err := g.permit(ctx, wish{name: numbered("govern-databases", i), principal: v.Runner.RoleARN, kind: "DATABASE", permissions: readDatabase, where: e}, wait...)
		if err != nil {
			return err
		}
		v.Runner.Ready = append(v.Runner.Ready, made)
	}
	return nil
}

// invoke lets it work on what is declared now: contracts and models are in the
// image, grants in the specification. Tables that a workflow makes later are the
// workflow's last step's.
func (v *Govern) invoke(ctx *pulumi.Context, args GovernArgs, id string) error {
	input, err := json.Marshal(orchestrate.Task{Act: orchestrate.ActGovern, Govern: v.Spec, Timeout: runner.OnlyCall})
	if err != nil {
		return fmt.Errorf("write its task: %w", err)
	}
	v.Governed, err = lambda.NewInvocation(ctx, Function, &lambda.InvocationArgs{
		FunctionName: pulumi.String(v.Runner.FunctionName), Input: pulumi.String(string(input)), LifecycleScope: pulumi.String("CREATE_ONLY"),
		Triggers: pulumi.StringMap{"grants": pulumi.String(id), "declared": args.Image.URI},
	}, pulumi.Parent(v), pulumi.DependsOn(append(slices.Clone(v.Runner.Ready), args.Evolved)), pulumi.DependsOnInputs(args.Governance.Closed))
	if err != nil {
		return fmt.Errorf("invoke %s: %w", v.Runner.FunctionName, err)
	}
	return nil
}
