package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/live"
)

const (
	grantType    = "lakeformation/permissions:Permissions"
	locationType = "lakeformation/resource:Resource"
	tagType      = "lakeformation/lfTag:LfTag"
	tagsType     = "lakeformation/resourceLfTags:ResourceLfTags"
)

// everyone is what Lake Formation calls those whom IAM alone allows.
const everyone = "IAM_ALLOWED_PRINCIPALS"

var lakeRules = []Rule{
	{Row: 89, Title: "new tables are open to nobody", Severity: Must,
		Fix: "leave createTableDefaultPermissions out: the program empties them and looks that they are", Check: closedTables},
	{Row: 91, Title: "buckets of tables are Lake Formation's, by a role of the stack's, and not half", Severity: Must,
		Fix: "register the bucket with roleArn and hybridAccessEnabled false", Check: registered},
	{Row: 92, Title: "nothing is granted to whom IAM alone allows", Severity: Must,
		Fix: "grant it to a principal", Check: func(p *Plan) []Finding {
			return each(p.of(grantType), func(g resource) []Finding {
				if who := g.text("principal"); who == everyone {
					return one(broken(g, "principal", who, "a role or a user"))
				}
				return nil
			})
		}},
	{Row: 93, Title: "LF-tags are few and their values are written out", Severity: Must,
		Fix: "leave the tags to infra/governance", Check: lakeTags},
	{Row: 94, Title: "grants are to the stack's roles and to principals of access.yaml, on expressions of tags, of single verbs, and cannot be handed on", Severity: Must,
		Fix: "grant by lfTagPolicy, and tables or columns by access.yaml", Check: grants},
	{Row: 95, Title: "columns are tagged as contracts and models say, at every deployment", Severity: Must,
		Fix: "leave tables and columns to the function that governs", Check: columnTags},
	{Row: 98, Title: "readers read through Lake Formation, not past it", Severity: Must,
		Fix: "allow lakeformation:GetDataAccess and not s3:GetObject where tables lie", Check: readers},
}

func closedTables(p *Plan) []Finding {
	return each(p.of(databaseType), func(d resource) []Finding {
		if list := d.list("createTableDefaultPermissions"); len(list) > 0 {
			return one(broken(d, "createTableDefaultPermissions", list, "none"))
		}
		return nil
	})
}

func registered(p *Plan) []Finding {
	return each(p.tableBuckets(), func(b resource) []Finding {
		return p.beside(b, locationType, "arn", func(l resource) []Finding {
			var all []Finding
			if !p.ours(roleType, l.text("roleArn")) || l.flag("useServiceLinkedRole") {
				all = append(all, broken(l, "roleArn", l.get("roleArn"), "a role of the stack's, not the service's own"))
			}
			if l.flag("hybridAccessEnabled") {
				all = append(all, broken(l, "hybridAccessEnabled", true, "false: IAM alone opens nothing"))
			}
			return all
		})
	})
}

// axes are what LF-tags say of a table.
var axes = []string{"layer", "schema", "domain", "sensitivity"}

func lakeTags(p *Plan) []Finding {
	return each(p.of(tagType), func(t resource) []Finding {
		var all []Finding
		key := t.text("key")
		if !slices.ContainsFunc(axes, func(a string) bool { return strings.HasSuffix(key, "-"+p.Stack.Name+"-"+a) }) {
			all = append(all, broken(t, "key", key, "<project>-%s-… and one of %s", p.Stack.Name, strings.Join(axes, ", ")))
		}
		if values := t.list("values"); len(values) == 0 || slices.Contains(values, any("*")) {
			all = append(all, broken(t, "values", values, "the values, by name"))
		}
		return all
	})
}

// acting are the functions that the program calls with an act: govern, evolve.
func (p *Plan) acting(act string) []resource {
	var all []resource
	for _, i := range p.of(invocationType) {
		if !strings.Contains(i.text("input"), `"act":"`+act+`"`) {
			continue
		}
		if f, ok := p.known(functionType, i.text("functionName")); ok {
			all = append(all, f)
		}
	}
	return all
}

// governs says whether a grant is to a role that tags and grants for the stack:
// it needs all tables, whatever their tags, and has to hand on what it grants.
func (p *Plan) governs(principal string) bool {
	return slices.ContainsFunc(p.of(functionType), func(f resource) bool {
		governing := among(p.acting("govern"), f) || strings.HasSuffix(f.text("name"), "-"+p.Stack.Name+"-govern")
		return governing && f.text("role") == principal
	})
}

func grants(p *Plan) []Finding {
	return each(p.of(grantType), func(g resource) []Finding {
		var all []Finding
		verbs := g.list("permissions")
		if slices.ContainsFunc(verbs, func(v any) bool { return slices.Contains(everything, strings.ToUpper(fmt.Sprint(v))) }) {
			all = append(all, broken(g, "permissions", verbs, "single verbs"))
		}
		if p.governs(g.text("principal")) {
			return all
		}
		if who := g.text("principal"); !p.ours(roleType, who) && !slices.ContainsFunc(p.Stack.Access.Grants, func(of live.Grant) bool { return of.Principal == who }) {
			all = append(all, broken(g, "principal", who, "a role of the stack, or a principal of access.yaml"))
		}
		if handed := g.list("permissionsWithGrantOptions"); len(handed) > 0 {
			all = append(all, broken(g, "permissionsWithGrantOptions", handed, "none"))
		}
		return append(all, p.granted(g)...)
	})
}

// everything are the verbs that stand for all others.
var everything = []string{"ALL", "SUPER", "SUPER_USER"}

// granted finds what a grant is on, if it is no expression of the stack's tags
// and no bucket of the stack's.
func (p *Plan) granted(g resource) []Finding {
	var all []Finding
	for _, property := range []string{"catalogResource", "database", "table", "tableWithColumns", "dataCellsFilter", "lfTag"} {
		if of := g.get(property); of != nil && of != false {
			all = append(all, broken(g, property, "a grant on something by its name", "an expression of tags: lfTagPolicy"))
		}
	}
	if g.get("dataLocation") != nil {
		if arn := g.text("dataLocation.arn"); len(p.bucketsOf(arn)) == 0 {
			all = append(all, broken(g, "dataLocation.arn", arn, "a bucket of the stack's"))
		}
		return all
	}
	expressions := g.list("lfTagPolicy.expressions")
	if len(expressions) == 0 && len(all) == 0 {
		return one(broken(g, "lfTagPolicy", "a grant without an expression of tags", "an expression of tags"))
	}
	for i, e := range expressions {
		property := fmt.Sprintf("lfTagPolicy.expressions.%d", i)
		key, _ := at(e, "key").(string)
		if !slices.ContainsFunc(p.of(tagType), func(t resource) bool { return t.text("key") == key }) {
			all = append(all, broken(g, property+".key", key, "an LF-tag of the stack's"))
		}
		values, _ := at(e, "values").([]any)
		if len(values) == 0 || slices.ContainsFunc(values, func(v any) bool { return wild(fmt.Sprint(v)) }) {
			all = append(all, broken(g, property+".values", values, "the values, by name"))
		}
	}
	return all
}

func columnTags(p *Plan) []Finding {
	var all []Finding
	for _, t := range p.of(tagsType, "lakeformation/resourceLfTag:ResourceLfTag") {
		if t.get("table") != nil || t.get("tableWithColumns") != nil {
			all = append(all, broken(t, "table", "tags of a table or of columns", "tags of a database: tables and columns are the governing function's"))
		}
	}
	if databases := p.of(databaseType); len(databases) > 0 && len(p.acting("govern")) == 0 {
		all = append(all, broken(databases[0], "(its tables' tags)", "no lambda.Invocation with act govern", "one, after the evolution"))
	}
	return all
}

// tableFiles says whether an ARN of a policy holds files of tables.
func (p *Plan) tableFiles(arn string) bool {
	for _, d := range p.of(databaseType) {
		location := "arn:aws:s3:::" + strings.TrimPrefix(d.text("locationUri"), "s3://") + "/x"
		if matches(arn, location) {
			return true
		}
	}
	return false
}

func readers(p *Plan) []Finding {
	var all []Finding
	for _, r := range p.rolePolicies() {
		policy := r.policies["policy"]
		asks := slices.ContainsFunc(policy, func(s statement) bool { return s.allows() && s.has("athena:StartQueryExecution") })
		through := slices.ContainsFunc(policy, func(s statement) bool { return s.allows() && s.has("lakeformation:GetDataAccess") })
		if asks && !through {
			all = append(all, broken(r, "policy", "queries without lakeformation:GetDataAccess", "both"))
		}
		if r.Type != "aws:"+managedType {
			continue // a role of floe's own, which writes the files
		}
		for _, s := range policy {
			if s.allows() && slices.ContainsFunc(reads, s.has) && (len(s.NotResource) > 0 || slices.ContainsFunc(s.Resource, p.tableFiles)) {
				all = append(all, broken(r, s.name("policy"), "s3:GetObject on "+strings.Join(slices.Concat(s.Resource, s.NotResource), ", "), "no place where a table lies"))
			}
		}
	}
	return append(all, p.refusedReaders()...)
}

// reads are the actions that give an object's bytes, its older versions' too.
var reads = []string{"s3:GetObject", "s3:GetObjectVersion"}

// reader is a condition on who reads.
var reader = condition{naming, "aws:PrincipalArn", func(values []string) bool { return len(values) > 0 }}

// refusedReaders finds principals of access.yaml that the buckets' policies let
// read past Lake Formation.
func (p *Plan) refusedReaders() []Finding {
	return each(p.tableBuckets(), func(b resource) []Finding {
		var all []Finding
		for _, r := range p.naming(b, bucketPolicy, "bucket") {
			for _, g := range p.Stack.Access.Grants {
				ofReader := slices.DeleteFunc(slices.Clone(r.policies["policy"]), func(s statement) bool { return !s.when("aws:PrincipalArn", g.Principal) })
				if slices.ContainsFunc(reads, func(action string) bool { return !refused(ofReader, action, p.tablesIn(b), reader) }) {
					all = append(all, broken(r, "policy", fmt.Sprintf("%s may read files of tables if IAM allows it", g.Principal), "a statement that denies it s3:GetObject* by aws:PrincipalArn"))
				}
			}
		}
		return all
	})
}

// tablesIn are the ARNs of a bucket's objects that are files of tables.
func (p *Plan) tablesIn(b resource) []string {
	var all []string
	for _, d := range p.of(databaseType) {
		if bucket, below := split(d.text("locationUri")); slices.Contains(b.names(), bucket) {
			all = append(all, b.ARN+"/"+below+"/*")
		}
	}
	return all
}
