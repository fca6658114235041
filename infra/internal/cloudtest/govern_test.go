//go:build cloud

package cloudtest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"

	"github.com/floe-data/floe/infra/governance"
	"github.com/floe-data/floe/infra/internal/emulated"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// principals of the account, by what access.yaml says of them.
const (
	principals = "arn:aws:iam::123456789012:role/"
	deployer   = principals + "deployer" // administers Lake Formation
	stranger   = principals + "stranger" // is granted nothing
	auditor    = principals + "auditor"  // is granted something for a while
	everybody  = "IAM_ALLOWED_PRINCIPALS"
)

func (w *world) lake() *lakeformation.Client {
	return lakeformation.NewFromConfig(w.engine.AWS.Config())
}

// openAccount makes the account what a new one is: what is made in it is open
// to whom IAM allows it; and gives it an administrator, as bootstrap does.
func (w *world) openAccount() {
	w.Helper()
	open := []types.PrincipalPermissions{{Principal: &types.DataLakePrincipal{DataLakePrincipalIdentifier: aws.String(everybody)}, Permissions: []types.Permission{types.PermissionAll}}}
	_, err := w.lake().PutDataLakeSettings(w.ctx, &lakeformation.PutDataLakeSettingsInput{DataLakeSettings: &types.DataLakeSettings{
		DataLakeAdmins:                   []types.DataLakePrincipal{{DataLakePrincipalIdentifier: aws.String(deployer)}},
		CreateDatabaseDefaultPermissions: open, CreateTableDefaultPermissions: open,
	}})
	if err != nil {
		w.Fatal(err)
	}
}

// granted is what Lake Formation grants to a principal, one line each.
func (w *world) granted(name string) []string {
	w.Helper()
	var all []string
	pages := lakeformation.NewListPermissionsPaginator(w.lake(), &lakeformation.ListPermissionsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.ctx)
		if err != nil {
			w.Fatal(err)
		}
		for _, p := range page.PrincipalResourcePermissions {
			if aws.ToString(p.Principal.DataLakePrincipalIdentifier) != principals+name {
				continue
			}
			var may []string
			for _, m := range p.Permissions {
				may = append(may, string(m))
			}
			all = append(all, strings.Join(may, ",")+" "+w.of(p.Resource))
		}
	}
	slices.Sort(all)
	return all
}

// of writes what a grant is of, without the stack's own names.
func (w *world) of(r *types.Resource) string {
	plain := func(name *string) string { return strings.TrimPrefix(aws.ToString(name), "floe_"+w.name+"_") }
	switch {
	case r.LFTagPolicy != nil:
		var terms []string
		for _, t := range r.LFTagPolicy.Expression {
			terms = append(terms, strings.TrimPrefix(aws.ToString(t.TagKey), "floe-"+w.name+"-")+"="+strings.Join(t.TagValues, "|"))
		}
		return strings.ToLower(string(r.LFTagPolicy.ResourceType)) + " where " + strings.Join(terms, " ")
	case r.Table != nil:
		return plain(r.Table.DatabaseName) + "." + aws.ToString(r.Table.Name)
	case r.TableWithColumns != nil:
		return plain(r.TableWithColumns.DatabaseName) + "." + aws.ToString(r.TableWithColumns.Name) + "(" + strings.Join(r.TableWithColumns.ColumnNames, " ") + ")"
	case r.DataCellsFilter != nil:
		return plain(r.DataCellsFilter.DatabaseName) + "." + aws.ToString(r.DataCellsFilter.TableName) + w.filter(r.DataCellsFilter)
	case r.Database != nil:
		return plain(r.Database.Name)
	}
	return "something else"
}

func (w *world) filter(r *types.DataCellsFilterResource) string {
	w.Helper()
	out, err := w.lake().GetDataCellsFilter(w.ctx, &lakeformation.GetDataCellsFilterInput{TableCatalogId: r.TableCatalogId, DatabaseName: r.DatabaseName, TableName: r.TableName, Name: r.Name})
	if err != nil {
		w.Fatal(err)
	}
	return "(" + strings.Join(out.DataCellsFilter.ColumnNames, " ") + ") where " + aws.ToString(out.DataCellsFilter.RowFilter.FilterExpression)
}

func (w *world) grants(name string, want ...string) {
	w.Helper()
	if got := w.granted(name); !slices.Equal(got, want) {
		w.Errorf("%s is granted\n  %s\nwant\n  %s", name, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// nothingOpen asks whether anything of the stack is open to whom nothing is granted.
func (w *world) nothingOpen(when string) {
	w.Helper()
	for _, schema := range []string{"landing_games", "landing_partner", "staging", "marts"} {
		out, err := w.lake().ListPermissions(w.ctx, &lakeformation.ListPermissionsInput{
			Resource: &types.Resource{Database: &types.DatabaseResource{Name: aws.String(environment.PhysicalSchema("floe", w.name, schema))}}})
		if err != nil {
			w.Fatal(err)
		}
		for _, p := range out.PrincipalResourcePermissions {
			if who := aws.ToString(p.Principal.DataLakePrincipalIdentifier); who != deployer {
				w.Errorf("%s: database %s is open to %s", when, schema, who)
			}
		}
	}
	if got := w.granted("stranger"); len(got) > 0 {
		w.Errorf("%s: a stranger is granted %v", when, got)
	}
	all, err := w.lake().ListPermissions(w.ctx, &lakeformation.ListPermissionsInput{Principal: &types.DataLakePrincipal{DataLakePrincipalIdentifier: aws.String(everybody)}, ResourceType: types.DataLakeResourceTypeTable})
	if err != nil || len(all.PrincipalResourcePermissions) > 0 {
		w.Errorf("%s: %v, tables are open: %+v", when, err, all)
	}
}

// governed holds who is granted what, by Lake Formation's own word.
func governed(w *world) {
	w.nothingOpen("after up and a workflow")
	w.task(w.names("govern"), w.governTask()) // the workflow's last step
	w.readers()
	if got := w.sensitivities("marts", "games_of_players"); got != "followers=internal games=internal player=personal" {
		w.Errorf("the mart's columns are %s", got)
	}
	w.byHand()
	w.newReader()
}

// readers are those that the fixture's access.yaml names.
func (w *world) readers() {
	w.Helper()
	w.grants("analyst", "DESCRIBE database where schema=marts", "DESCRIBE,SELECT table where schema=marts sensitivity=internal|public")
	w.grants("steward", "DESCRIBE database where layer=landing", "DESCRIBE,SELECT table where domain=partner layer=landing sensitivity=internal|personal|public")
	w.grants("support", "DESCRIBE database where schema=landing_games", "DESCRIBE landing_games.players", "SELECT landing_games.players(followers username)")
	w.grants("referee", "DESCRIBE database where schema=landing_games", "DESCRIBE landing_games.games", "SELECT landing_games.games(end_time player url) where rated = true")
}

// governTask is what the deployment told the function.
func (w *world) governTask() orchestrate.Task {
	w.Helper()
	state, err := w.stack.Export(w.ctx)
	if err != nil {
		w.Fatal(err)
	}
	for _, r := range state.Resources {
		text, ok := r.Inputs["input"].(string)
		if !ok || !strings.HasSuffix(string(r.URN), "Invocation::govern") {
			continue
		}
		var task orchestrate.Task
		if err := json.Unmarshal([]byte(text), &task); err != nil || task.Act != orchestrate.ActGovern {
			w.Fatalf("the task is %s: %v", text, err)
		}
		return task
	}
	w.Fatal("nothing governs the tables")
	return orchestrate.Task{}
}

// sensitivities are a table's columns'.
func (w *world) sensitivities(schema, table string) string {
	w.Helper()
	out, err := w.lake().GetResourceLFTags(w.ctx, &lakeformation.GetResourceLFTagsInput{
		Resource: &types.Resource{Table: &types.TableResource{DatabaseName: aws.String(environment.PhysicalSchema("floe", w.name, schema)), Name: &table}}})
	if err != nil {
		w.Fatal(err)
	}
	var all []string
	for _, c := range out.LFTagsOnColumns {
		for _, t := range c.LFTags {
			if strings.HasSuffix(aws.ToString(t.TagKey), "-sensitivity") {
				all = append(all, aws.ToString(c.Name)+"="+strings.Join(t.TagValues, "|"))
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// byHand opens and grants what nobody declared: a preview tells it, the next up
// closes it, though nothing else is to be done.
func (w *world) byHand() {
	marts, players := aws.String(environment.PhysicalSchema("floe", w.name, "marts")), aws.String("players")
	landing := aws.String(environment.PhysicalSchema("floe", w.name, "landing_games"))
	for who, what := range map[string]*types.Resource{
		everybody: {Database: &types.DatabaseResource{Name: marts}},
		stranger:  {Table: &types.TableResource{DatabaseName: landing, Name: players}},
	} {
		may := types.PermissionDescribe
		_, err := w.lake().GrantPermissions(w.ctx, &lakeformation.GrantPermissionsInput{Principal: &types.DataLakePrincipal{DataLakePrincipalIdentifier: &who}, Resource: what, Permissions: []types.Permission{may}})
		if err != nil {
			w.Fatal(err)
		}
	}
	r, err := w.stack.Preview(w.ctx)
	w.must("preview of what was opened by hand", r, err)
	for _, want := range []string{"database " + *marts + " is open to " + everybody, "table " + *landing + ".players is open to " + stranger} {
		if !strings.Contains(r.Output, want) {
			w.Errorf("a preview does not tell that %s:\n%s", want, r)
		}
	}
	r, err = w.stack.Up(w.ctx, emulated.NoChanges)
	w.must("up after something was opened by hand", r, err)
	w.nothingOpen("after the next up")
	w.readers()
}

// newReader grants columns and rows of a table to somebody, and takes them away.
func (w *world) newReader() {
	file, none := "live/"+w.name+"/access.yaml", "grants:\n"
	some := none + "  - {principal: \"" + auditor + "\", tables: [landing_partner.orders], columns: [id, amount], rows: \"amount > 100\"}\n"
	w.files.edit(file, none, some)
	r, err := w.stack.Up(w.ctx)
	w.must("up with another reader", r, err)
	w.grants("auditor", "DESCRIBE database where schema=landing_partner", "DESCRIBE landing_partner.orders", "SELECT landing_partner.orders(amount id) where amount > 100")
	w.files.edit(file, some, none)
	r, err = w.stack.Up(w.ctx)
	w.must("up without that reader", r, err)
	w.grants("auditor")
	left, err := w.lake().ListDataCellsFilter(w.ctx, &lakeformation.ListDataCellsFilterInput{})
	if err != nil || len(left.DataCellsFilters) != 1 {
		w.Errorf("%v, filters are left: %+v", err, left)
	}
	w.readers()
}

// closes is Lake Formation of the world's own account: several are here at once.
func (w *world) closes(s *site.Site) *governance.Lake {
	return governance.NewLake(w.engine.AWS.Config(), s)
}
