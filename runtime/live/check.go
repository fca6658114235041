package live

import (
	"cmp"
	"encoding/json"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/yamlfile"
)

// checker reads a stack's files and finds what is wrong in them.
type checker struct {
	project *project.Project
	stack   *Stack
	folder  string // of live/
}

// read decodes one of the stack's files.
func (c *checker) read(name string, out any) *yamlfile.File {
	return yamlfile.Read(c.project.Root, path.Join("live", c.folder, name), out, yamlfile.Options{
		Hints: map[string]string{"region": "the region is in stacks/Pulumi." + c.folder + ".yaml only, as aws:region"},
	})
}

func (c *checker) pipelines() *yamlfile.File {
	p := &c.stack.Pipelines
	f := c.read("pipelines.yaml", p)
	seen := map[string]bool{}
	for i, w := range p.Workflows {
		key := yamlfile.Key("workflows", i, "name")
		if _, ok := c.project.Workflows[w.Name]; !ok {
			f.Errorf(key, "found %s, but there is no such file in runtime/pipelines/orchestrate; %s", w.Name, meant(w.Name, slices.Sorted(maps.Keys(c.project.Workflows))))
		} else if seen[w.Name] {
			f.Errorf(key, "found %s twice; keep one", w.Name)
		}
		seen[w.Name] = true
		if w.Schedule != "" && w.Schedule != NoSchedule {
			if err := project.CheckSchedule(w.Schedule); err != nil {
				f.Errorf(yamlfile.Key("workflows", i, "schedule"), "%v; or none", err)
			}
		}
		if w.OnUpload != "" && !uploadForm.MatchString(w.OnUpload) {
			f.Errorf(yamlfile.Key("workflows", i, "on_upload"), "found %q; write a prefix below uploads/ that ends in /: uploads/shop/", w.OnUpload)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Sources)) {
		c.source(f, name, p.Sources[name])
	}
	c.defaults(p)
	c.untransformed(f)
	return f
}

// defaults fills in the workflows and schedules that the file leaves out.
func (c *checker) defaults(p *Pipelines) {
	if p.Workflows == nil {
		for _, name := range slices.Sorted(maps.Keys(c.project.Workflows)) {
			p.Workflows = append(p.Workflows, Workflow{Name: name})
		}
	}
	for i := range p.Workflows {
		w := &p.Workflows[i]
		w.Enabled = w.Schedule != NoSchedule && (w.Schedule != "" || c.stack.Name == Production)
		if own := c.project.Workflows[w.Name]; w.Schedule == "" && own != nil {
			w.Schedule = own.Schedule
		}
		if w.Schedule == "" {
			w.Schedule = NoSchedule
		}
		w.Enabled = w.Enabled && w.Schedule != NoSchedule
		w.Compute = cmp.Or(w.Compute, Fargate)
	}
}

func (c *checker) source(f *yamlfile.File, name string, s Source) {
	source, ok := c.project.Sources[name]
	if !ok {
		f.Errorf(yamlfile.Key("sources", name), "found %s, but there is no such folder in runtime/pipelines/ingest; %s", name, meant(name, slices.Sorted(maps.Keys(c.project.Sources))))
		return
	}
	if n := c.stack.Platform.Network; s.Compute == Fargate && n.Egress == "endpoints" {
		f.Errorf(yamlfile.Key("sources", name, "compute"), "found fargate, but live/%s/platform.yaml has network.egress endpoints: the task could not reach %s; write lambda, which needs no network, or egress nat", c.folder, name)
	}
	sound := true
	for _, key := range slices.Sorted(maps.Keys(s.Vars)) {
		value, err := source.CheckVar(key, s.Vars[key])
		if err != nil {
			f.Errorf(yamlfile.Key("sources", name, "vars", key), "%v", err)
			sound = false
			continue
		}
		s.Vars[key] = value
	}
	if !sound {
		return
	}
	if _, err := source.ResolveVars(nil, s.Vars); err != nil {
		f.Errorf(yamlfile.Key("sources", name, "vars"), "%v", err)
	}
	if n := inEnvironment(s.Vars); n > mostVars && s.Compute != Fargate {
		f.Errorf(yamlfile.Key("sources", name, "vars"), "found values of %d bytes; a function's environment has room for %d: shorten them, write what is long into the source's own source.yaml, or compute: fargate", n, mostVars)
	}
}

// mostVars is what a source's values may take of the 4,096 bytes that Lambda
// gives a function's environment; the rest are names and the secret's ARN.
const mostVars = 3_000

// inEnvironment is the length of vars as a function is given them: as JSON, in
// a text of the JSON that Lambda measures.
func inEnvironment(vars map[string]any) int {
	text, err := json.Marshal(vars)
	if err != nil || len(vars) == 0 {
		return 0 // what YAML gave is always JSON, too
	}
	quoted, err := json.Marshal(string(text))
	if err != nil {
		return 0
	}
	return len(quoted)
}

// principalForm is a role or user of IAM; Lake Formation grants to these.
var principalForm = regexp.MustCompile(`^arn:aws(-[a-z]+)*:iam::[0-9]{12}:(role|user)/[\w+=,.@/-]+$`)

func (c *checker) access() *yamlfile.File {
	a := &c.stack.Access
	f := c.read("access.yaml", a)
	for i := range a.Grants {
		g := &a.Grants[i]
		key := yamlfile.Key("grants", i)
		if !principalForm.MatchString(g.Principal) {
			f.Errorf(key+".principal", "found %q; write the ARN of a role or user: arn:aws:iam::123456789012:role/analyst", g.Principal)
		}
		c.reach(f, key, g)
		for j, name := range g.Schemas {
			c.schema(f, yamlfile.Key(key, "schemas", j), name)
		}
		for j, name := range g.Tables {
			c.table(f, yamlfile.Key(key, "tables", j), name)
		}
		if len(g.Tables) == 1 {
			c.columns(f, key, g)
		}
		if len(g.Sensitivity) == 0 && len(g.Columns) == 0 {
			g.Sensitivity = slices.Clone(DefaultSensitivity)
		}
	}
	return f
}

// reach checks what kind of thing a grant is of.
func (c *checker) reach(f *yamlfile.File, key string, g *Grant) {
	tagged := len(g.Layers) > 0 || len(g.Domains) > 0
	switch {
	case len(g.Schemas) == 0 && len(g.Tables) == 0 && !tagged:
		f.Errorf(key, "found a grant of nothing; write schemas: [marts], tables: [marts.fct_games], or layers: and domains:")
	case len(g.Schemas) > 0 && len(g.Tables) > 0:
		f.Errorf(key+".tables", "found schemas and tables in one grant; write a grant for each")
	case tagged && (len(g.Schemas) > 0 || len(g.Tables) > 0):
		f.Errorf(key, "found layers or domains beside schemas or tables; write a grant for each")
	case len(g.Columns) > 0 && len(g.Tables) != 1:
		f.Errorf(key+".columns", "found columns of no one table; name exactly one in tables:")
	case g.Rows != "" && len(g.Tables) != 1:
		f.Errorf(key+".rows", "found a condition for the rows of no one table; name exactly one in tables:")
	case len(g.Columns) > 0 && len(g.Sensitivity) > 0:
		f.Errorf(key+".sensitivity", "found sensitivity beside columns; columns that are named are granted whatever they are: remove one of the two")
	}
	for j, value := range g.Sensitivity {
		if !slices.Contains(project.Sensitivities, value) {
			f.Errorf(yamlfile.Key(key, "sensitivity", j), "found %q; write one of %s", value, strings.Join(project.Sensitivities, ", "))
		}
	}
	layers := slices.Concat([]string{"landing"}, Layers, c.stack.Platform.Schemas)
	for j, value := range g.Layers {
		if !slices.Contains(layers, value) {
			f.Errorf(yamlfile.Key(key, "layers", j), "found %q; %s", value, meant(value, layers))
		}
	}
	for j, value := range g.Domains {
		if !schemaForm.MatchString(value) {
			f.Errorf(yamlfile.Key(key, "domains", j), "found %q; write a domain as contracts and models have it, in lower case", value)
		}
	}
}

// DefaultSensitivity is what a grant may read that does not say.
var DefaultSensitivity = []string{"public", "internal"}

// uploadForm is where files that start a workflow are put. It is apart from
// the tables, which lie below the names of schemas.
var uploadForm = regexp.MustCompile(`^uploads/([A-Za-z0-9_-]+/)*$`)

// landing begins the name of a source's schema.
const landing = "landing_"

// schema checks a landing schema's source. The other schemas are the models',
// which cannot be known without rendering them.
func (c *checker) schema(f *yamlfile.File, key, name string) {
	if !schemaForm.MatchString(name) {
		f.Errorf(key, "found %q; write a schema such as marts or landing_chess, in lower case", name)
		return
	}
	source, isLanding := strings.CutPrefix(name, landing)
	if _, ok := c.project.Sources[source]; isLanding && !ok {
		f.Errorf(key, "found %s, but there is no source %s; %s", name, source, meant(name, c.landingSchemas()))
	}
}

var schemaForm = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

func (c *checker) landingSchemas() []string {
	var names []string
	for _, s := range slices.Sorted(maps.Keys(c.project.Sources)) {
		names = append(names, landing+s)
	}
	return names
}

// table checks that a contract or a model is named like it.
func (c *checker) table(f *yamlfile.File, key, name string) {
	schema, table, ok := strings.Cut(name, ".")
	if !ok || !schemaForm.MatchString(schema) || !schemaForm.MatchString(table) {
		f.Errorf(key, "found %q; write schema.table, in lower case: marts.fct_games", name)
		return
	}
	source, isLanding := strings.CutPrefix(schema, landing)
	if !isLanding {
		if _, ok := c.project.Models[table]; !ok {
			f.Errorf(key, "found %s, but there is no model %s; %s", name, table, meant(table, slices.Sorted(maps.Keys(c.project.Models))))
		}
		return
	}
	s, ok := c.project.Sources[source]
	if !ok {
		c.schema(f, key, schema)
		return
	}
	if _, ok := s.Contracts[strings.TrimSuffix(table, "__rejected")]; !ok {
		f.Errorf(key, "found %s, but source %s has no contract %s; %s", name, source, table, meant(table, slices.Sorted(maps.Keys(s.Contracts))))
	}
}

// columns checks the columns of a landing table against its contract, and
// those that every load adds. A model's columns are known only when it is built.
func (c *checker) columns(f *yamlfile.File, key string, g *Grant) {
	schema, table, _ := strings.Cut(g.Tables[0], ".")
	source, ok := c.project.Sources[strings.TrimPrefix(schema, landing)]
	if !ok || !strings.HasPrefix(schema, landing) || source.Contracts[table] == nil {
		return
	}
	names := append(source.Contracts[table].Schema().Names(), "_floe_load_id", "_floe_loaded_at", "_floe_source")
	for i, name := range g.Columns {
		if !slices.Contains(names, name) {
			f.Errorf(yamlfile.Key(key, "columns", i), "found %s, which %s does not declare; %s", name, source.Contracts[table].File, meant(name, names))
		}
	}
}
