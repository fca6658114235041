package governance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lakeformation"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/runner"
	"github.com/floe-data/floe/infra/internal/site"
	declared "github.com/floe-data/floe/runtime/governance"
)

// What Lake Formation knows to grant. ALL is never granted: AWS answers with
// more than was asked, and the provider would grant it anew for ever.
var (
	readDatabase  = []string{"DESCRIBE"}
	writeDatabase = []string{"CREATE_TABLE", "DESCRIBE"}
	readTables    = []string{"DESCRIBE", "SELECT"}
	writeTables   = []string{"ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"}
)

// Right is what a program may do with all tables of some layers, or of some
// schemas: one of the two is given.
type Right struct {
	Layers  []string
	Schemas []string
	// Write allows to make, change and remove tables, too.
	Write bool
}

// Landings are all sources' tables.
func Landings(write bool) Right { return Right{Layers: []string{landing}, Write: write} }

// All are the tables of all layers.
func (g *Governance) All(write bool) Right { return Right{Layers: g.layers(), Write: write} }

// Models are the tables of all other layers.
func (g *Governance) Models(write bool) Right {
	return Right{Layers: slices.DeleteFunc(g.layers(), func(l string) bool { return l == landing }), Write: write}
}

// Grant grants a program what it needs in Lake Formation, and gives the program
// back with that among what must be there before it is called. A nil Governance,
// that of tables which Lake Formation does not know, has nothing to grant.
func (g *Governance) Grant(ctx *pulumi.Context, name string, to runner.Runner, rights []Right, opts ...pulumi.ResourceOption) (runner.Runner, error) {
	if g == nil {
		return to, nil
	}
	if !slices.Contains(Roles(g.site), to.RoleARN) {
		return to, fmt.Errorf("grants of %s: the role %s is none of governance.Roles, so the next deployment would take them away", name, to.RoleARN)
	}
	opts = append(slices.Clone(opts), pulumi.DependsOn(slices.Concat(to.Ready, g.Ready)))
	needs := slices.Concat(to.Ready, g.tagged)
	for _, w := range g.wishes(name, rights) {
		w.principal = to.RoleARN
		made, err := g.permit(ctx, w, opts...)
		if err != nil {
			return to, err
		}
		needs = append(needs, made)
	}
	to.Ready = needs
	return to, nil
}

// wishes are a program's grants.
func (g *Governance) wishes(name string, rights []Right) []wish {
	var all []wish
	buckets := map[string]bool{}
	for _, r := range rights {
		label, database, tables := name+"-read", readDatabase, readTables
		if r.Write {
			label, database, tables = name+"-write", writeDatabase, writeTables
		}
		tag, values := declared.TagLayer, r.Layers
		if len(r.Schemas) > 0 {
			tag, values = declared.TagSchema, r.Schemas
		}
		for i, e := range expressions(term{tag, values}) {
			all = append(all, wish{name: numbered(label+"-databases", i), kind: "DATABASE", permissions: database, where: e},
				wish{name: numbered(label+"-tables", i), kind: "TABLE", permissions: tables, where: e})
		}
		for _, v := range values {
			if b := bucketOf(declared.Layer(v)); r.Write && !buckets[b] {
				buckets[b] = true
				all = append(all, wish{name: name + "-" + b, location: b, permissions: []string{"DATA_LOCATION_ACCESS"}})
			}
		}
	}
	return all
}

func numbered(name string, i int) string {
	if i == 0 {
		return name
	}
	return fmt.Sprintf("%s-%d", name, i+1)
}

// wish is one grant: of what an expression of tags finds, or of a location.
type wish struct {
	name        string // Pulumi's
	principal   string
	kind        string // DATABASE or TABLE
	where       expression
	location    string // the bucket's name's part
	permissions []string
}

// permit makes a grant.
func (g *Governance) permit(ctx *pulumi.Context, w wish, opts ...pulumi.ResourceOption) (pulumi.Resource, error) {
	args := &lakeformation.PermissionsArgs{Principal: pulumi.String(w.principal), Permissions: pulumi.ToStringArray(w.permissions)}
	if w.location != "" {
		args.DataLocation = lakeformation.PermissionsDataLocationArgs{Arn: g.locations[w.location].Arn}
	} else {
		terms := lakeformation.PermissionsLfTagPolicyExpressionArray{}
		for _, t := range w.where {
			terms = append(terms, lakeformation.PermissionsLfTagPolicyExpressionArgs{Key: g.tags[t.tag].Key, Values: pulumi.ToStringArray(t.values)})
		}
		args.LfTagPolicy = lakeformation.PermissionsLfTagPolicyArgs{ResourceType: pulumi.String(w.kind), Expressions: terms}
	}
	made, err := lakeformation.NewPermissions(ctx, w.name, args, opts...)
	if err != nil {
		return nil, fmt.Errorf("grant %s: %w", w.name, err)
	}
	return made, nil
}

// term holds where a tag has one of the values.
type term struct {
	tag    string
	values []string
}

// expression holds where all of its terms do.
type expression []term

// mostValues is how many values Lake Formation takes in a term.
const mostValues = 50

// expressions are one, or as many as the terms' values need.
func expressions(terms ...term) []expression {
	all := []expression{nil}
	for _, t := range terms {
		var longer []expression
		for _, e := range all {
			for part := range slices.Chunk(distinct(t.values), mostValues) {
				longer = append(longer, append(slices.Clone(e), term{t.tag, part}))
			}
		}
		all = longer
	}
	return all
}

// String is the same for the same expression, however it is written.
func (e expression) String() string {
	var terms []string
	for _, t := range e {
		terms = append(terms, t.tag+"="+strings.Join(distinct(t.values), ","))
	}
	slices.Sort(terms)
	return strings.Join(terms, " ")
}

// short tells wishes apart in Pulumi's names: a grant that leaves access.yaml
// must not give its name to another.
func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:8]
}

// Roles are the ARNs of the roles that floe's programs may have in the stack:
// their grants are floe's own, and left alone.
func Roles(s *site.Site) []string {
	names := []string{"evolve", "maintain", "spark", "transform", Function}
	var all []string
	for source := range s.Pipelines.Sources {
		names = append(names, "ingest-"+source)
	}
	for _, name := range names {
		all = append(all, s.GlobalARN("iam", "role/"+s.Name(site.Role, name)), s.GlobalARN("iam", "role/"+s.Name(site.Role, "task", name)))
	}
	return distinct(all)
}

// accountOf is the account of an ARN of IAM.
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}
