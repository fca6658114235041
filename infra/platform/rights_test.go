package platform

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/rights"
	"github.com/floe-data/floe/infra/internal/rights/demand"
	"github.com/floe-data/floe/infra/internal/sitetest"
)

// calls are those of the cloud tests.
const calls = "../internal/cloudtest/testdata/calls"

// seen are the calls of a role's program in the cloud tests, by the role's name
// after project and stack; none where nobody was seen.
func seen(t *testing.T, stack, name string) []rights.Request {
	t.Helper()
	path := filepath.Join(calls, stack, name+".txt")
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	found, err := demand.Parse(string(text))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return found
}

// shape is a stack that roles are held in: the cloud tests' project, with more
// of what live/ may say.
type shape struct {
	name, stack string
	more        map[string]string // file below live/<stack> -> what is added
	instead     map[string]string // file below live/<stack> -> what it says
	egress      string            // instead of the stack's; "" leaves it
}

// shapes are the two stacks as the cloud tests have them, with all options: a
// source in Fargate, a bounded account, copies and backups; and with an S3 table
// bucket, which goes with no models, grants and copies.
var shapes = []shape{
	{name: "dev", stack: "dev"},
	{name: "prod", stack: "prod"},
	{name: "options", stack: "prod", egress: "nat", more: map[string]string{
		"pipelines.yaml": "  partner: {compute: fargate}\n",
		"platform.yaml": "permissions_boundary: arn:aws:iam::123456789012:policy/bounds\nreplica: {region: eu-west-1}\n" +
			"backup: {databases: [\"arn:aws:rds:eu-central-1:123456789012:db:orders\"]}\n",
	}},
	{name: "tables", stack: "dev", instead: map[string]string{
		"pipelines.yaml": "version: 1\nworkflows:\n  - {name: loads}\nsources:\n  partner: {compute: fargate}\n",
		"access.yaml":    "version: 1\ngrants: []\n",
	}, more: map[string]string{"platform.yaml": "tables: s3tables\n"}},
}

// root is the shape's project.
func (s shape) root(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS("../internal/cloudtest/testdata/project")); err != nil {
		t.Fatal(err)
	}
	for name, text := range s.instead {
		if err := os.WriteFile(filepath.Join(root, "live", s.stack, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s.instead != nil { // a workflow that only loads: a table bucket has no models
		loads := "version: 1\ndescription: Load all, keep it small.\nschedule: cron(0 5 * * ? *)\nsteps:\n" +
			"  - {name: games, ingest: {source: games}}\n  - {name: partner, after: [], ingest: {source: partner}}\n  - {name: maintain, after: [games, partner], maintain: {keep_snapshots: 168h}}\n"
		if err := os.WriteFile(filepath.Join(root, "runtime", "pipelines", "orchestrate", "loads.yaml"), []byte(loads), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, more := range s.more {
		path := filepath.Join(root, "live", s.stack, name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := string(text) + more
		if s.egress != "" {
			changed = strings.Replace(changed, "egress: endpoints", "egress: "+s.egress, 1)
		}
		if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// account is what a shape plans.
func (s shape) account(t *testing.T) *demand.Account {
	t.Helper()
	a, err := demand.Read(resources(t, s.root(t), s.stack), "123456789012", "eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func isLanding(schema string) bool { return strings.HasPrefix(schema, "landing_") }

// alike are the schemas that a program treats the same, by its role.
var alike = map[string]func(schema string) bool{
	"maintain":       func(string) bool { return true },
	"govern":         func(string) bool { return true },
	"evolve":         isLanding,
	"transform":      func(schema string) bool { return !isLanding(schema) },
	"task-transform": func(schema string) bool { return !isLanding(schema) },
}

// needs are all that a role needs. A source's program is the same for all
// sources, in Lambda or Fargate: what one was seen to do each does to its schema.
func needs(t *testing.T, a *demand.Account, stack, name string, role *demand.Role) []rights.Request {
	t.Helper()
	found, from := seen(t, stack, name), a
	if a.Roles["floe-"+stack+"-govern"] == nil { // calls are those on Glue's tables
		from = shapes[0].account(t)
	}
	if same, ok := alike[name]; ok {
		found = from.Alike(found, same)
	}
	if source, ok := strings.CutPrefix(strings.TrimPrefix(name, "task-"), "ingest-"); ok {
		for _, other := range []string{"games", "partner"} {
			found = append(found, from.Moved(seen(t, stack, "ingest-"+other), "landing_"+other, "landing_"+source)...)
		}
		secret := func(r rights.Request) bool { return strings.HasPrefix(r.Action, "secretsmanager:") }
		found = slices.DeleteFunc(found, func(r rights.Request) bool { return secret(r) && source != "partner" }) // games asks for none
	}
	all, err := a.Needs(role, a.InTableBucket(found, from))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRights holds both directions for each role of each shape: what it needs
// it may do, and what it may do it needs, but for the reviewed list.
func TestRights(t *testing.T) {
	reviewed := review{used: map[int]bool{}}
	for _, s := range shapes {
		a := s.account(t)
		for _, name := range slices.Sorted(maps.Keys(a.Roles)) {
			role, short := a.Roles[name], strings.TrimPrefix(name, "floe-"+s.stack+"-")
			all := needs(t, a, s.stack, short, role)
			refused, err := a.Refused(role, all, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range refused {
				t.Errorf("%s: %s is not allowed what it needs: %s", s.name, name, line)
			}
			unused, err := a.Unused(role, all)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range unused {
				if !reviewed.holds(short, line) {
					t.Errorf("%s: %s may do what nothing needs: %s", s.name, name, line)
				}
			}
		}
	}
	for _, line := range reviewed.rest() {
		t.Errorf("the reviewed list holds what is not there: %s", line)
	}
}

// TestRightsAreSeen: who was seen calling is a role that is planned.
func TestRightsAreSeen(t *testing.T) {
	for _, s := range shapes[:2] {
		a := s.account(t)
		files, err := filepath.Glob(filepath.Join(calls, s.stack, "*.txt"))
		if err != nil || len(files) < 6 {
			t.Fatalf("%s: only %d files of calls, %v", s.stack, len(files), err)
		}
		for _, path := range files {
			name := strings.TrimSuffix(filepath.Base(path), ".txt")
			if _, ok := a.Roles["floe-"+s.stack+"-"+name]; !ok && !strings.HasPrefix(name, "deploy.") {
				t.Errorf("%s: there is no such role", path)
			}
		}
	}
}

// TestBounded: every role is bounded where live/ names a boundary, and by it.
func TestBounded(t *testing.T) {
	for _, s := range shapes {
		a := s.account(t)
		want := ""
		if s.name == "options" {
			want = "arn:aws:iam::123456789012:policy/bounds"
		}
		for name, role := range a.Roles {
			if role.Boundary != want {
				t.Errorf("%s: role %s is bounded by %q, want %q", s.name, name, role.Boundary, want)
			}
		}
	}
	narrow, err := rights.Parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["glue:*","s3:Get*"],"Resource":"*"}}`)
	if err != nil {
		t.Fatal(err)
	}
	a := shapes[0].account(t)
	role := a.Roles["floe-dev-ingest-games"]
	refused, err := a.Refused(role, needs(t, a, "dev", "ingest-games", role), narrow)
	if err != nil || !strings.Contains(strings.Join(refused, "\n"), "s3:PutObject") || strings.Contains(strings.Join(refused, "\n"), "glue:GetTable ") {
		t.Errorf("within a narrow boundary is refused: %v, %v", refused, err)
	}
}

// TestRoles holds each role, who assumes it and what it may do, against a golden
// file of its own, so that a change of rights is seen in review.
func TestRoles(t *testing.T) {
	for _, s := range shapes {
		dir := filepath.Join("testdata", "roles", s.name)
		written := map[string]bool{}
		for name, role := range s.account(t).Roles {
			file := filepath.Join(dir, strings.TrimPrefix(name, "floe-"+s.stack+"-")+".json")
			written[file] = true
			sitetest.Text(t, file, form(t, role))
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !written[file] {
				t.Errorf("%s: there is no such role; remove the file", file)
			}
		}
	}
}

// form is a role as its golden file has it.
func form(t *testing.T, role *demand.Role) string {
	t.Helper()
	out := struct {
		Boundary string `json:",omitempty"`
		Trust    any
		Policies []any
	}{Boundary: role.Boundary, Policies: []any{}}
	for i, text := range append([]string{role.TrustText}, role.Text...) {
		var document any
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			t.Fatal(fmt.Errorf("role %s: %w", role.Name, err))
		}
		if i == 0 {
			out.Trust = document
		} else {
			out.Policies = append(out.Policies, document)
		}
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}
