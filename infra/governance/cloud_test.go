//go:build cloud

package governance

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	gluesdk "github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	lakesdk "github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
	provider "github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/internal/emulated"
	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/runner"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/runtime/live"
)

const (
	admin    = "arn:aws:iam::123456789012:role/admin"
	analyst  = "arn:aws:iam::123456789012:role/analyst"
	stranger = "arn:aws:iam::123456789012:user/stranger"
)

// world is a small stack: buckets, databases, governance and one program.
type world struct {
	t      *testing.T
	site   *site.Site
	engine *emulated.Engine
	stack  *emulated.Stack
	lake   *Lake
	client *lakesdk.Client
	glue   *gluesdk.Client
}

func (w *world) program(ctx *pulumi.Context) error {
	p, err := provider.NewProvider(ctx, "aws", &provider.ProviderArgs{Region: pulumi.String(w.site.Region)})
	if err != nil {
		return err
	}
	with := pulumi.Provider(p)
	key, err := kms.NewKey(ctx, "key", &kms.KeyArgs{DeletionWindowInDays: pulumi.Int(7)}, with)
	if err != nil {
		return err
	}
	bucket := func(name string) *storage.Bucket {
		made, err := s3.NewBucketV2(ctx, name, &s3.BucketV2Args{Bucket: pulumi.String(w.site.Bucket(name))}, with)
		if err != nil {
			w.t.Error(err)
		}
		return &storage.Bucket{Name: w.site.Bucket(name), Key: key, Resource: made, Ready: []pulumi.Resource{made}}
	}
	st := &storage.Storage{Landing: bucket("landing"), Lakehouse: bucket("lakehouse"), Results: bucket("results")}
	c, err := catalog.New(ctx, w.site, catalog.Args{Storage: st}, pulumi.Providers(p))
	if err != nil {
		return err
	}
	domains, err := w.lake.Domains(ctx.Context())
	if err != nil {
		return err
	}
	g, err := New(ctx, w.site, Args{Storage: st, Catalog: c, Domains: domains, Close: w.lake.Close}, pulumi.Providers(p))
	if err != nil {
		return err
	}
	for name, rights := range map[string][]Right{Function: nil, "maintain": {g.All(true)}, "transform": {g.Models(true), Landings(false)}, "ingest-shop": {{Schemas: []string{"landing_shop"}, Write: true}}} {
		role, err := grant.NewRole(ctx, w.site, name, grant.RoleArgs{Parts: []string{name}, Service: "lambda", Statements: []grant.Statement{
			{Sid: "X", Actions: []string{"s3:GetObject"}, Resources: grant.On("*")}}}, with)
		if err != nil {
			return err
		}
		r := runner.Runner{RoleARN: w.site.GlobalARN("iam", "role/"+role.Name), Ready: []pulumi.Resource{role.Policy}}
		if name == Function {
			govern := &Govern{Runner: r}
			if err := ctx.RegisterComponentResource("floe:governance:Govern", Function, govern, pulumi.Providers(p)); err != nil {
				return err
			}
			if err := govern.grants(ctx, g); err != nil {
				return err
			}
			continue
		}
		if _, err := g.Grant(ctx, name, r, rights, with); err != nil {
			return err
		}
	}
	_, err = NewReader(ctx, w.site, ReaderArgs{Governance: g, Workgroup: w.site.ARN("athena", "workgroup/x"), Results: st.Results, Prefix: "analyst/"}, with)
	return err
}

func start(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, engine: emulated.Start(t, emulated.Options{Log: func(s string) { t.Log(s) }})}
	w.site = sitetest.Load(t, "dev", func(s *site.Site) {
		s.Live.Access.Grants = []live.Grant{{Principal: analyst, Schemas: []string{"marts"}, Sensitivity: []string{"public", "internal"}}}
		s.Live.Platform.Schemas = []string{"reports"}
	})
	settings := w.engine.AWS.Config()
	w.lake, w.client, w.glue = NewLake(settings, w.site), lakesdk.NewFromConfig(settings), gluesdk.NewFromConfig(settings)
	w.lake.pause = 0
	_, err := w.client.PutDataLakeSettings(t.Context(), &lakesdk.PutDataLakeSettingsInput{DataLakeSettings: &types.DataLakeSettings{
		DataLakeAdmins:                   []types.DataLakePrincipal{{DataLakePrincipalIdentifier: aws.String(admin)}},
		CreateDatabaseDefaultPermissions: open(), CreateTableDefaultPermissions: open(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if w.stack, err = w.engine.Stack(t.Context(), "dev", emulated.Program{Run: w.program}); err != nil {
		t.Fatal(err)
	}
	return w
}

// open is what an account grants by default.
func open() []types.PrincipalPermissions {
	return []types.PrincipalPermissions{{Principal: &types.DataLakePrincipal{DataLakePrincipalIdentifier: aws.String("IAM_ALLOWED_PRINCIPALS")}, Permissions: []types.Permission{types.PermissionAll}}}
}

// opened are what is open, as text.
func (w *world) opened() []string {
	w.t.Helper()
	found, err := w.lake.Open(w.t.Context(), w.databases())
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, o := range found {
		all = append(all, o.String())
	}
	return all
}

// closed holds that a deployment leaves nothing open.
func (w *world) closed(*emulated.Result) {
	w.t.Helper()
	if got := w.opened(); len(got) > 0 {
		w.t.Errorf("after up is open: %v", got)
	}
}

func (w *world) databases() []string {
	return Databases(w.site, []string{"landing_shop", "staging", "intermediate", "marts", "reports"})
}

// TestLife takes the component through its life at the real provider.
func TestLife(t *testing.T) {
	w := start(t)
	w.stack.Begin(t, w.closed)
	w.openByHand()
	if got := w.opened(); !slices.Equal(got, []string{
		"database floe_dev_marts is open to " + stranger + " (DESCRIBE)",
		"location arn:aws:s3:::" + w.site.Bucket("lakehouse") + " is open to " + stranger + " (DATA_LOCATION_ACCESS)",
		"new tables of database floe_dev_marts is open to IAM_ALLOWED_PRINCIPALS (ALL)",
		"table floe_dev_marts.ALL_TABLES is open to " + stranger + " (SELECT)",
		"table floe_dev_marts.games is open to IAM_ALLOWED_PRINCIPALS (ALL)",
		"table floe_dev_marts.games is open to " + stranger + " (SELECT)",
		"tables where floe-dev-schema=marts is open to " + analyst + " (DESCRIBE)",
		"tag floe-dev-sensitivity is open to " + stranger + " (ASSOCIATE)",
	}) {
		t.Errorf("opened by hand:\n%s", strings.Join(got, "\n"))
	}
	w.site.Live.Access.Grants = append(w.site.Live.Access.Grants,
		live.Grant{Principal: stranger, Domains: []string{"games"}, Sensitivity: []string{"public"}}, live.Grant{Principal: analyst, Tables: []string{"staging.stg_orders"}})
	w.stack.Change(t, "more readers", w.closed)
	w.site.Live.Access.Grants = w.site.Live.Access.Grants[:1]
	w.stack.Change(t, "fewer readers", func(*emulated.Result) {
		if got, _ := w.lake.Domains(t.Context()); !slices.Contains(got, "games") {
			t.Errorf("the tag domain lost a value that a table may have: %v", got)
		}
	})
	w.stack.End(t)
	w.engine.Gone(t, "", "admin")
}

// openByHand does what somebody in a hurry does.
func (w *world) openByHand() {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	marts := aws.String("floe_dev_marts")
	out, err := w.glue.GetDatabase(ctx, &gluesdk.GetDatabaseInput{Name: marts})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.glue.UpdateDatabase(ctx, &gluesdk.UpdateDatabaseInput{Name: marts, DatabaseInput: &gluetypes.DatabaseInput{
		Name: marts, Description: out.Database.Description, LocationUri: out.Database.LocationUri, Parameters: out.Database.Parameters,
		CreateTableDefaultPermissions: []gluetypes.PrincipalPermissions{{Principal: &gluetypes.DataLakePrincipal{DataLakePrincipalIdentifier: aws.String("IAM_ALLOWED_PRINCIPALS")}, Permissions: []gluetypes.Permission{gluetypes.PermissionAll}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.glue.CreateTable(ctx, &gluesdk.CreateTableInput{DatabaseName: marts, TableInput: &gluetypes.TableInput{Name: aws.String("games"),
		StorageDescriptor: &gluetypes.StorageDescriptor{Columns: []gluetypes.Column{{Name: aws.String("id"), Type: aws.String("int")}}}}})
	if err != nil {
		t.Fatal(err)
	}
	games := aws.String("games")
	for _, g := range []struct {
		who  string
		may  types.Permission
		what *types.Resource
	}{
		{stranger, types.PermissionDescribe, &types.Resource{Database: &types.DatabaseResource{Name: marts}}},
		{stranger, types.PermissionSelect, &types.Resource{TableWithColumns: &types.TableWithColumnsResource{DatabaseName: marts, Name: games, ColumnNames: []string{"id"}}}},
		{stranger, types.PermissionSelect, &types.Resource{Table: &types.TableResource{DatabaseName: marts, TableWildcard: &types.TableWildcard{}}}},
		{stranger, types.PermissionDataLocationAccess, &types.Resource{DataLocation: &types.DataLocationResource{ResourceArn: aws.String("arn:aws:s3:::" + w.site.Bucket("lakehouse"))}}},
		{stranger, types.PermissionAssociate, &types.Resource{LFTag: &types.LFTagKeyResource{TagKey: aws.String("floe-dev-sensitivity"), TagValues: []string{"*"}}}},
		{analyst, types.PermissionDescribe, &types.Resource{LFTagPolicy: &types.LFTagPolicyResource{ResourceType: types.ResourceTypeTable,
			Expression: []types.LFTag{{TagKey: aws.String("floe-dev-schema"), TagValues: []string{"marts"}}}}}},
	} {
		_, err := w.client.GrantPermissions(ctx, &lakesdk.GrantPermissionsInput{Principal: &types.DataLakePrincipal{DataLakePrincipalIdentifier: &g.who}, Resource: g.what, Permissions: []types.Permission{g.may}})
		if err != nil {
			t.Fatalf("%s: %v", g.who, err)
		}
	}
}
