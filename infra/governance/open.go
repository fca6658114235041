package governance

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	catalog "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"

	"github.com/floe-data/floe/runtime/environment"
)

// Opening is a grant that neither floe nor access.yaml makes.
type Opening struct {
	What      string // database floe_dev_marts, table floe_dev_marts.fct_games
	Principal string
	May       []string

	grant types.PrincipalResourcePermissions
}

func (o Opening) String() string {
	return fmt.Sprintf("%s is open to %s (%s)", o.What, o.Principal, strings.Join(o.May, ", "))
}

// defaults is the opening of tables that a database has yet to be given.
const defaults = "new tables of database "

// state is what Lake Formation and Glue hold of our databases.
type state struct {
	openings  []Opening
	defaults  []catalog.Database // those whose new tables are open
	admins    []string
	databases map[string]map[string]bool // by database, then principal and permission: what administrators have
}

// Open lists what of the databases is open to whom neither floe nor access.yaml
// grants anything.
func (l *Lake) Open(ctx context.Context, databases []string) ([]Opening, error) {
	s, err := l.look(ctx, databases)
	if err != nil {
		return nil, err
	}
	return s.all(), nil
}

// all are the openings, of new tables too.
func (s *state) all() []Opening {
	all := slices.Clone(s.openings)
	for _, d := range s.defaults {
		for _, p := range d.CreateTableDefaultPermissions {
			o := Opening{What: defaults + aws.ToString(d.Name), Principal: "nobody named"}
			if p.Principal != nil {
				o.Principal = aws.ToString(p.Principal.DataLakePrincipalIdentifier)
			}
			for _, may := range p.Permissions {
				o.May = append(o.May, string(may))
			}
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b Opening) int { return cmp.Compare(a.String(), b.String()) })
	return all
}

// look reads all grants of the account and keeps those of the databases.
func (l *Lake) look(ctx context.Context, databases []string) (*state, error) {
	s := &state{databases: map[string]map[string]bool{}}
	settings, err := l.lake.GetDataLakeSettings(ctx, &lakeformation.GetDataLakeSettingsInput{CatalogId: &l.site.Account})
	if err != nil {
		return nil, l.failed("read who administers Lake Formation", err)
	}
	if settings.DataLakeSettings != nil {
		for _, a := range settings.DataLakeSettings.DataLakeAdmins {
			s.admins = append(s.admins, aws.ToString(a.DataLakePrincipalIdentifier))
		}
	}
	rule := l.rule(databases, s.admins)
	pages := lakeformation.NewListPermissionsPaginator(l.lake, &lakeformation.ListPermissionsInput{CatalogId: &l.site.Account})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, l.failed("list the grants of Lake Formation", err)
		}
		for _, p := range page.PrincipalResourcePermissions {
			s.note(p)
			if err := l.resolve(ctx, rule, p); err != nil {
				return nil, err
			}
			if what, excess := rule.breaks(p); what != "" {
				p.Permissions = excess
				s.openings = append(s.openings, opening(what, p))
			}
		}
	}
	return s, l.lookAtDefaults(ctx, s, databases)
}

// note remembers what a principal has of a database.
func (s *state) note(p types.PrincipalResourcePermissions) {
	if p.Resource == nil || p.Resource.Database == nil || p.Principal == nil {
		return
	}
	name := aws.ToString(p.Resource.Database.Name)
	if s.databases[name] == nil {
		s.databases[name] = map[string]bool{}
	}
	for _, may := range p.Permissions {
		s.databases[name][aws.ToString(p.Principal.DataLakePrincipalIdentifier)+" "+string(may)] = true
	}
}

func opening(what string, p types.PrincipalResourcePermissions) Opening {
	o := Opening{What: what, Principal: aws.ToString(p.Principal.DataLakePrincipalIdentifier), grant: p}
	for _, may := range p.Permissions {
		o.May = append(o.May, string(may))
	}
	return o
}

func (l *Lake) lookAtDefaults(ctx context.Context, s *state, databases []string) error {
	pages := glue.NewGetDatabasesPaginator(l.glue, &glue.GetDatabasesInput{CatalogId: &l.site.Account})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return l.failed("list the databases of Glue", err)
		}
		for _, d := range page.DatabaseList {
			if slices.Contains(databases, aws.ToString(d.Name)) && len(d.CreateTableDefaultPermissions) > 0 {
				s.defaults = append(s.defaults, d)
			}
		}
	}
	return nil
}

// rule tells a grant that is floe's or access.yaml's from one that is not.
type rule struct {
	databases map[string]bool
	locations map[string]bool
	keys      map[string]bool     // of the stack's tags
	ours      map[string]bool     // floe's roles, and who administers Lake Formation
	named     map[string]bool     // principal and table: what readers are granted by table
	tagged    map[string][]string // what readers are granted by tags, as tagGrant writes them
	saved     map[string]bool     // expressions of tags by name: whether they have tags of ours
}

func (l *Lake) rule(databases, admins []string) rule {
	s := l.site
	r := rule{
		databases: set(databases), ours: set(append(Roles(s), admins...)),
		locations: set([]string{s.BucketARN(s.Bucket(landing), ""), s.BucketARN(s.Bucket(lakehouse), "")}),
		keys:      map[string]bool{}, named: map[string]bool{}, tagged: map[string][]string{}, saved: map[string]bool{},
	}
	for _, grant := range s.Live.Access.Grants {
		for _, name := range grant.Tables {
			schema, table, _ := strings.Cut(name, ".")
			r.named[grant.Principal+" "+environment.PhysicalSchema(s.Project, s.Stack, schema)+"."+table] = true
		}
	}
	for _, tag := range allTags {
		r.keys[Key(s, tag)] = true
	}
	for _, w := range readers(s) {
		var e expression
		for _, t := range w.where {
			e = append(e, term{Key(s, t.tag), t.values})
		}
		r.tagged[tagGrant(w.principal, w.kind, e)] = w.permissions
	}
	return r
}

// breaks is what a grant opens and which of its verbs do, "" where it is right
// or not ours to judge.
func (r rule) breaks(p types.PrincipalResourcePermissions) (what string, excess []types.Permission) {
	if p.Principal == nil || p.Resource == nil {
		return "", nil
	}
	who := aws.ToString(p.Principal.DataLakePrincipalIdentifier)
	if r.ours[who] {
		return "", nil
	}
	switch on := p.Resource; {
	case on.Database != nil && r.databases[aws.ToString(on.Database.Name)]:
		return "database " + aws.ToString(on.Database.Name), p.Permissions
	case on.DataLocation != nil && r.locations[strings.TrimSuffix(aws.ToString(on.DataLocation.ResourceArn), "/")]:
		return "location " + aws.ToString(on.DataLocation.ResourceArn), p.Permissions
	case on.LFTag != nil && r.keys[aws.ToString(on.LFTag.TagKey)]:
		return "tag " + aws.ToString(on.LFTag.TagKey), p.Permissions
	case r.saved[savedBy(on)] && on.LFTagPolicy != nil:
		return strings.ToLower(string(on.LFTagPolicy.ResourceType)) + "s of the saved expression " + savedBy(on), p.Permissions
	case r.saved[savedBy(on)]:
		return "saved expression " + savedBy(on), p.Permissions
	case on.LFTagPolicy != nil:
		return r.policy(who, on.LFTagPolicy, p.Permissions)
	}
	return r.table(who, p.Resource), p.Permissions
}

// table is what a grant by table opens. Whether a reader has the right columns
// and rows of a table is the function's to judge, which knows the columns.
func (r rule) table(who string, on *types.Resource) string {
	var database, table *string
	switch {
	case on.Table != nil:
		database, table = on.Table.DatabaseName, on.Table.Name
	case on.TableWithColumns != nil:
		database, table = on.TableWithColumns.DatabaseName, on.TableWithColumns.Name
	case on.DataCellsFilter != nil:
		database, table = on.DataCellsFilter.DatabaseName, on.DataCellsFilter.TableName
	}
	name := aws.ToString(database) + "." + cmp.Or(aws.ToString(table), "*")
	if !r.databases[aws.ToString(database)] || r.named[who+" "+name] {
		return ""
	}
	return "table " + name
}

// policy is what a grant by tags opens: one that names a tag of ours must be one
// that access.yaml says.
func (r rule) policy(who string, on *types.LFTagPolicyResource, may []types.Permission) (what string, excess []types.Permission) {
	var e expression
	ours := false
	for _, t := range on.Expression {
		e = append(e, term{aws.ToString(t.TagKey), t.TagValues})
		ours = ours || r.keys[aws.ToString(t.TagKey)]
	}
	if !ours {
		return "", nil
	}
	allowed := r.tagged[tagGrant(who, string(on.ResourceType), e)]
	excess = slices.DeleteFunc(slices.Clone(may), func(p types.Permission) bool { return slices.Contains(allowed, string(p)) })
	if len(excess) == 0 {
		return "", nil
	}
	return strings.ToLower(string(on.ResourceType)) + "s where " + e.String(), excess
}

func tagGrant(principal, kind string, e expression) string {
	return principal + " " + kind + " " + e.String()
}

func set(values []string) map[string]bool {
	return maps.Collect(func(yield func(string, bool) bool) {
		for _, v := range values {
			if !yield(v, true) {
				return
			}
		}
	})
}
