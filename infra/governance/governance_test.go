package governance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/internal/runner"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/infra/storage"
	declared "github.com/floe-data/floe/runtime/governance"
	"github.com/floe-data/floe/runtime/live"
)

// try plans governance with all that it stands on; body goes on from there.
func try(s *site.Site, args Args, body func(*pulumi.Context, *Governance) error) ([]plan.Resource, error) {
	found, err := sitetest.Try(s, func(ctx *pulumi.Context) error {
		st, err := storage.New(ctx, s, storage.Args{})
		if err != nil {
			return err
		}
		c, err := catalog.New(ctx, s, catalog.Args{Storage: st, Made: []string{"landing_gone"}})
		if err != nil {
			return err
		}
		o, err := operations.New(ctx, s, operations.Args{})
		if err != nil {
			return err
		}
		const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		i, err := images.New(ctx, s, images.Args{Ingest: images.Planned(images.Ingest, digest), Transform: images.Planned(images.Transform, digest), Key: o.Key.Arn})
		if err != nil {
			return err
		}
		args.Storage, args.Catalog = st, c
		if args.Close == nil {
			args.Close = func(context.Context, []string) error { return nil }
		}
		g, err := New(ctx, s, args)
		if err != nil {
			return err
		}
		if _, err := NewGovern(ctx, s, GovernArgs{Governance: g, Image: i.Transform, Operations: o, Evolved: c.Databases["marts"]}); err != nil {
			return err
		}
		if _, err := NewReader(ctx, s, ReaderArgs{Governance: g, Workgroup: s.ARN("athena", "workgroup/people"), Results: st.Results, Prefix: "analyst/"}); err != nil {
			return err
		}
		if body == nil {
			return nil
		}
		return body(ctx, g)
	})
	return slices.DeleteFunc(found, func(r plan.Resource) bool {
		return !strings.Contains(r.URN, "floe:governance:") && r.Type != "aws:iam/policy:Policy"
	}), err
}

func TestGolden(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack, func(t *testing.T) {
			found, err := try(sitetest.Load(t, stack, nil), Args{Domains: []string{"left"}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			sitetest.Golden(t, stack, found)
		})
	}
}

// TestNeverALL holds what every grant has in common.
func TestNeverALL(t *testing.T) {
	s := sitetest.Load(t, "prod", nil)
	found, err := try(s, Args{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	grants, values := 0, map[string][]any{}
	for _, r := range found {
		switch {
		case strings.HasSuffix(r.Type, ":LfTag"):
			key, _ := r.Inputs["key"].(string)
			values[key], _ = r.Inputs["values"].([]any)
		case strings.HasSuffix(r.Type, ":Permissions"):
			grants++
			may, _ := r.Inputs["permissions"].([]any)
			if len(may) == 0 || slices.Contains(may, any("ALL")) {
				t.Errorf("%s grants %v", r.Name, may)
			}
			who, _ := r.Inputs["principal"].(string)
			if reader := strings.HasPrefix(r.Name, "reader-"); !reader && !slices.Contains(Roles(s), who) {
				t.Errorf("%s is a grant to %s, which is none of Roles", r.Name, who)
			} else if policy, _ := r.Inputs["lfTagPolicy"].(map[string]any); reader && policy == nil {
				t.Errorf("%s is no grant by tags", r.Name)
			}
		}
	}
	if grants < 10 || len(values) != 4 || !slices.Contains(values["floe-prod-layer"], any("landing")) || !slices.Contains(values["floe-prod-schema"], any("landing_gone")) {
		t.Errorf("%d grants, tags %v", grants, values)
	}
}

// TestReadersWait: what is not classified as it is declared now is granted to
// nobody anew.
func TestReadersWait(t *testing.T) {
	found, err := try(sitetest.Load(t, "dev", readersOfMarts), Args{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	governed := found[slices.IndexFunc(found, func(r plan.Resource) bool { return strings.HasSuffix(r.Type, ":Invocation") })].URN
	readers := slices.DeleteFunc(slices.Clone(found), func(r plan.Resource) bool { return !strings.HasPrefix(r.Name, "reader-") })
	if len(readers) != 3 {
		t.Fatalf("%d grants to readers", len(readers))
	}
	for _, r := range readers {
		if !slices.Contains(r.DependsOn, governed) {
			t.Errorf("%s does not wait for the invocation, but for %v", r.Name, r.DependsOn)
		}
	}
}

// TestWhole: an invocation that a deployment makes finishes, or fails.
func TestWhole(t *testing.T) {
	found, err := try(sitetest.Load(t, "dev", nil), Args{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range found {
		input, _ := r.Inputs["input"].(string)
		if strings.HasSuffix(r.Type, ":Invocation") && !strings.Contains(input, `"timeout":"14m0s"`) {
			t.Errorf("%s is told %s", r.Name, input)
		}
	}
}

// lines are grants as text.
func lines(all []wish) string {
	var out []string
	for _, w := range all {
		out = append(out, w.principal[strings.LastIndex(w.principal, "/")+1:]+" "+strings.Join(w.permissions, ",")+" "+w.kind+" "+w.where.String())
	}
	return strings.Join(out, "\n")
}

func TestReaders(t *testing.T) {
	const who = "arn:aws:iam::123456789012:role/x"
	standard := []string{"public", "internal"}
	for name, tc := range map[string]struct {
		grants []live.Grant
		want   string
	}{
		"schemas": {[]live.Grant{{Principal: who, Schemas: []string{"marts"}, Sensitivity: standard}},
			"x DESCRIBE DATABASE schema=marts\nx DESCRIBE,SELECT TABLE schema=marts sensitivity=internal,public"},
		"layers and domains": {[]live.Grant{{Principal: who, Layers: []string{"marts", "landing"}, Domains: []string{"chess"}, Sensitivity: standard}},
			"x DESCRIBE DATABASE layer=landing,marts\nx DESCRIBE,SELECT TABLE domain=chess layer=landing,marts sensitivity=internal,public"},
		"domains": {[]live.Grant{{Principal: who, Domains: []string{"chess"}, Sensitivity: []string{"personal"}}},
			"x DESCRIBE DATABASE layer=intermediate,landing,marts,staging\nx DESCRIBE,SELECT TABLE domain=chess sensitivity=personal"},
		"tables are seen, and the function's to grant": {[]live.Grant{{Principal: who, Tables: []string{"marts.a", "marts.b", "staging.c"}, Sensitivity: standard}},
			"x DESCRIBE DATABASE schema=marts,staging"},
		"the same twice": {[]live.Grant{{Principal: who, Schemas: []string{"marts"}, Sensitivity: standard}, {Principal: who, Schemas: []string{"marts"}, Sensitivity: []string{"internal", "public"}}},
			"x DESCRIBE DATABASE schema=marts\nx DESCRIBE,SELECT TABLE schema=marts sensitivity=internal,public"},
	} {
		s := sitetest.Load(t, "dev", func(s *site.Site) { s.Live.Access.Grants = tc.grants })
		if got := lines(readers(s)); got != tc.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, tc.want)
		}
	}
}

// TestANameStays: a grant that leaves access.yaml must not give its Pulumi name
// to another, which would be made before the old one of that name is removed.
func TestANameStays(t *testing.T) {
	a := live.Grant{Principal: "arn:aws:iam::123456789012:role/a", Schemas: []string{"marts"}, Sensitivity: []string{"public"}}
	b := live.Grant{Principal: "arn:aws:iam::123456789012:user/a", Schemas: []string{"marts"}, Sensitivity: []string{"public"}}
	names := func(grants ...live.Grant) map[string]string {
		out := map[string]string{}
		for _, w := range readers(sitetest.Load(t, "dev", func(s *site.Site) { s.Live.Access.Grants = grants })) {
			out[w.name] = w.principal + w.kind + w.where.String()
		}
		return out
	}
	both, one := names(a, b), names(b)
	if len(both) != 4 || len(one) != 2 {
		t.Fatalf("%v, %v", both, one)
	}
	for name, of := range one {
		if both[name] != of {
			t.Errorf("%s was %s and is %s", name, both[name], of)
		}
	}
}

// TestManyValues: Lake Formation takes 50 values in a term.
func TestManyValues(t *testing.T) {
	var schemas []string
	for i := range 120 {
		schemas = append(schemas, fmt.Sprintf("s%03d", i))
	}
	g := &Governance{}
	total := 0
	for _, w := range g.wishes("x", []Right{{Schemas: schemas, Write: true}}) {
		if w.kind == "TABLE" {
			total += len(w.where[0].values)
		}
		if len(w.where) > 0 && len(w.where[0].values) > 50 {
			t.Errorf("%s has %d values", w.name, len(w.where[0].values))
		}
	}
	if total != 120 {
		t.Errorf("%d of 120 schemas are granted", total)
	}
	pairs := map[string]bool{}
	for _, w := range reader(live.Grant{Layers: []string{"marts"}, Domains: schemas, Sensitivity: []string{"public"}}, nil) {
		for _, one := range w.where {
			if len(one.values) > 50 {
				t.Errorf("%s has %d values of %s", w.kind, len(one.values), one.tag)
			}
			for _, v := range one.values {
				pairs[w.kind+" "+one.tag+" "+v] = true
			}
		}
	}
	if len(pairs) != 1+1+120+1 {
		t.Errorf("%d values are granted", len(pairs))
	}
}

func TestRefused(t *testing.T) {
	s := sitetest.Load(t, "dev", func(s *site.Site) {
		s.Live.Access.Grants = []live.Grant{{Principal: "arn:aws:iam::999999999999:role/x", Schemas: []string{"marts"}}}
	})
	if _, err := try(s, Args{}, nil); err == nil || !strings.Contains(err.Error(), "live/dev/access.yaml: grants[0].principal: found arn:aws:iam::999999999999:role/x of account 999999999999") {
		t.Error(err)
	}
	s = sitetest.Load(t, "dev", nil)
	_, err := try(s, Args{}, func(ctx *pulumi.Context, g *Governance) error {
		_, err := g.Grant(ctx, "x", runner.Runner{RoleARN: s.GlobalARN("iam", "role/x")}, []Right{g.All(true)})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "none of governance.Roles") {
		t.Error(err)
	}
}

// TestNotClosed: where the databases stay open, nothing that works with them is
// called, and the deployment says why.
func TestNotClosed(t *testing.T) {
	var asked []string
	invoked := false
	_, err := try(sitetest.Load(t, "dev", nil), Args{Close: func(_ context.Context, databases []string) error {
		asked = databases
		return errors.New("database x is open")
	}}, func(ctx *pulumi.Context, g *Governance) error {
		late := &struct{ pulumi.ResourceState }{}
		if err := ctx.RegisterComponentResource("x:y:Z", "late", late, pulumi.DependsOnInputs(g.Closed)); err != nil {
			return err
		}
		late.URN().ApplyT(func(pulumi.URN) string { invoked = true; return "" })
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "close the databases to who is granted nothing: database x is open") {
		t.Error(err)
	}
	if want := []string{"floe_dev_intermediate", "floe_dev_landing_gone", "floe_dev_landing_shop", "floe_dev_marts", "floe_dev_staging"}; !slices.Equal(asked, want) {
		t.Errorf("closed %v, want %v", asked, want)
	}
	if invoked {
		t.Error("what waits for the closing did not wait")
	}
}

// TestTheFunctionIsTold holds that the specification is one that the runtime
// reads, and the same in the invocation as in workflows.
func TestTheFunctionIsTold(t *testing.T) {
	s := sitetest.Load(t, "prod", nil)
	found, err := try(s, Args{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(found, func(r plan.Resource) bool { return strings.HasSuffix(r.Type, ":Invocation") })
	if i < 0 {
		t.Fatal("nothing is invoked")
	}
	var task struct {
		Act    string
		Govern json.RawMessage
	}
	text, _ := found[i].Inputs["input"].(string)
	if err := json.Unmarshal([]byte(text), &task); err != nil || task.Act != "govern" {
		t.Fatalf("%v: %s", err, text)
	}
	spec, err := declared.ParseSpec(task.Govern)
	if err != nil || len(spec.Grants) != len(s.Live.Access.Grants) || !slices.Equal(spec.Roles, Roles(s)) {
		t.Errorf("%v: %+v", err, spec)
	}
}
