package governance

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	analyst = "arn:aws:iam::123456789012:role/analyst"
	support = "arn:aws:iam::123456789012:user/support"
)

// shop is a project with two contracts.
func shop() *project.Project {
	return &project.Project{Name: "Shop", Sources: map[string]*project.Source{"shop": {Contracts: map[string]*project.Contract{
		"orders": {Owner: "sales-team", File: "orders.yaml", Tags: map[string]string{"domain": "sales", "sensitivity": "internal"}, Columns: []project.ContractColumn{
			{Name: "id"}, {Name: "email", Tags: map[string]string{"sensitivity": "personal"}}, {Name: "total", Tags: map[string]string{"sensitivity": "confidential"}}, {Name: "country"}}},
		"stock": {File: "stock.yaml", Columns: []project.ContractColumn{{Name: "id"}, {Name: "pieces", Tags: map[string]string{"sensitivity": "public"}}}},
	}}}}
}

func tables() []Table {
	return append(Contracts(shop()),
		Table{Schema: "marts", Name: "customers", Domain: "people", Sensitivity: "public", Columns: []Column{{Name: "id", Sensitivity: "public"}, {Name: "email", Sensitivity: "personal"}}},
		Table{Schema: "marts", Name: "scratch", Sensitivity: Unclassified, Columns: []Column{{Name: "id", Sensitivity: "internal"}}},
		Table{Schema: "staging", Name: "stg_orders", Sensitivity: "internal", View: true, Columns: []Column{{Name: "id", Sensitivity: "internal"}}},
		Table{Schema: "staging", Name: "stg_people", Sensitivity: "internal", View: true, Columns: []Column{{Name: "email", Sensitivity: "personal"}}})
}

func TestContracts(t *testing.T) {
	var lines []string
	for _, table := range Contracts(shop()) {
		lines = append(lines, fmt.Sprintf("%s domain=%s owner=%s others=%s", table, table.Domain, table.Owner, table.Sensitivity))
		for _, c := range table.Columns {
			lines = append(lines, "  "+c.Name+" "+c.Sensitivity)
		}
	}
	golden(t, "contracts.golden", strings.Join(lines, "\n")+"\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile("testdata/"+name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile("testdata/" + name); err != nil || string(want) != got {
		t.Errorf("%v: %s differs (-update writes it):\n%s", err, name, got)
	}
}

func TestTagKeys(t *testing.T) {
	if got := TagKey("Shop", "dev", TagSensitivity); got != "shop-dev-sensitivity" {
		t.Error(got)
	}
	s := &live.Stack{Platform: live.Platform{Schemas: []string{"reports"}, Domains: []string{"web", "sales"}}}
	s.Access.Grants = []live.Grant{{Domains: []string{"people"}}}
	for _, tc := range []struct {
		name string
		got  []string
		want string
	}{
		{"layers", Layers(s), "intermediate landing marts reports staging"}, {"sensitivities", Sensitivities(), "public internal confidential personal unclassified"},
		{"domains", Domains(shop(), s), "people sales web"}, {"no domains", Domains(&project.Project{}, &live.Stack{}), "none"},
		{"layers of schemas", []string{Layer("landing_shop"), Layer("marts"), Layer("reports")}, "landing marts reports"},
	} {
		if got := strings.Join(tc.got, " "); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestMatrix(t *testing.T) {
	m := NewMatrix(tables(), []live.Grant{
		{Principal: support, Domains: []string{"sales"}, Sensitivity: live.DefaultSensitivity},
		{Principal: support, Tables: []string{"landing_shop.orders"}, Columns: []string{"id", "email"}, Rows: "country = 'NO'"},
		{Principal: support, Tables: []string{"landing_shop.stock"}, Columns: []string{"undeclared"}},
		{Principal: analyst, Schemas: []string{"marts", "staging"}, Sensitivity: live.DefaultSensitivity},
		{Principal: analyst, Layers: []string{"landing"}, Domains: []string{"sales"}, Sensitivity: []string{"confidential"}},
		{Principal: analyst, Layers: []string{"marts"}, Domains: []string{"sales"}, Sensitivity: []string{"personal"}},
		{Principal: "no rows of views", Tables: []string{"staging.stg_orders"}, Rows: "x = 1", Sensitivity: live.DefaultSensitivity},
		{Principal: "nobody", Schemas: []string{"reports"}, Sensitivity: []string{"public"}},
	})
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "matrix.golden", string(text)+"\n")
}

// chance makes tables and grants that may mean anything.
type chance struct{ *rand.Rand }

func (r chance) some(of ...string) []string {
	return slices.DeleteFunc(slices.Clone(of), func(string) bool { return r.IntN(2) == 0 })
}

func (r chance) one(of ...string) string { return of[r.IntN(len(of))] }

func (r chance) tables() []Table {
	var all []Table
	for _, name := range r.some("a", "b", "c") {
		t := Table{Schema: r.one("landing_x", "marts"), Name: name, Domain: r.one("", "sales", "people"), Sensitivity: r.one(Sensitivities()...), View: r.IntN(4) == 0}
		for _, c := range r.some("c1", "c2", "c3") {
			t.Columns = append(t.Columns, Column{Name: c, Sensitivity: r.one(Sensitivities()...)})
		}
		all = append(all, t)
	}
	return all
}

func (r chance) grants() []live.Grant {
	var all []live.Grant
	for range r.IntN(5) {
		g := live.Grant{Principal: r.one(analyst, support), Sensitivity: r.some(Sensitivities()...)}
		switch r.IntN(3) {
		case 0:
			g.Schemas = r.some("landing_x", "marts")
		case 1:
			g.Layers, g.Domains = r.some("landing", "marts"), r.some("sales", "people")
		default:
			g.Tables = []string{r.one("marts", "landing_x") + "." + r.one("a", "b", "c")}
			g.Columns, g.Rows = r.some("c1", "c2", "c4"), r.one("", "x = 1", "y = 2")
		}
		all = append(all, g)
	}
	return all
}

// TestProperties: a change and its reverse mirror each other, what is added to
// what was is what is, and nobody reads what nobody classified unless it is named.
func TestProperties(t *testing.T) {
	for seed := range uint64(3000) {
		r := chance{rand.New(rand.NewPCG(seed, 1))}
		one, two, grants := r.tables(), r.tables(), r.grants()
		a, b := NewMatrix(one, grants), NewMatrix(two, r.grants())
		there, back := Diff(a, b), Diff(b, a)
		for i := range back {
			back[i].Adds, back[i].Takes = back[i].Takes, back[i].Adds
		}
		if !reflect.DeepEqual(there, back) {
			t.Fatalf("seed %d: %+v\nmirrored %+v", seed, there, back)
		}
		if same := Diff(a, a); len(same) != 0 {
			t.Fatalf("seed %d: %+v", seed, same)
		}
		if !reflect.DeepEqual(apply(a, there), b.cells()) {
			t.Fatalf("seed %d: %+v does not lead there", seed, there)
		}
		slices.Reverse(one)
		if again := NewMatrix(one, grants); !reflect.DeepEqual(a, again) {
			t.Fatalf("seed %d: another order of tables gives another matrix", seed)
		}
		for c := range a.cells() {
			if unclassified(one, c) && !namedBy(grants, c) {
				t.Fatalf("seed %d: %+v is unclassified", seed, c)
			}
		}
	}
}

func apply(m Matrix, changes []Change) map[cell]bool {
	all := m.cells()
	for _, c := range changes {
		for _, l := range c.Adds {
			for _, column := range l.Columns {
				all[cell{c.Principal, l.Table, l.Rows, column}] = true
			}
		}
		for _, l := range c.Takes {
			for _, column := range l.Columns {
				delete(all, cell{c.Principal, l.Table, l.Rows, column})
			}
		}
	}
	return all
}

func unclassified(tables []Table, c cell) bool {
	return slices.ContainsFunc(tables, func(t Table) bool { return t.String() == c.table && t.Of(c.column) == Unclassified })
}

func namedBy(grants []live.Grant, c cell) bool {
	return slices.ContainsFunc(grants, func(g live.Grant) bool {
		return g.Principal == c.principal && slices.Contains(g.Tables, c.table) && slices.Contains(g.Columns, c.column)
	})
}

// TestWantedIsTheMatrix: what is granted by name of a table whose columns are
// those that are declared is what the matrix says of these grants.
func TestWantedIsTheMatrix(t *testing.T) {
	for seed := range uint64(3000) {
		r := chance{rand.New(rand.NewPCG(seed, 2))}
		grants := slices.DeleteFunc(r.grants(), func(g live.Grant) bool { return !named(g) })
		for _, table := range r.tables() {
			table.View = false
			var columns []string
			for _, c := range table.Columns {
				columns = append(columns, c.Name)
			}
			want := map[cell]bool{}
			for _, n := range Wanted(table, columns, false, grants).Grants {
				for _, c := range n.Columns {
					want[cell{n.Principal, table.String(), n.Rows, c}] = true
				}
			}
			for c := range want { // who reads all rows needs no condition; Lake Formation may have both
				if c.rows != "" && want[cell{c.principal, c.table, "", c.column}] {
					delete(want, c)
				}
			}
			got := NewMatrix([]Table{table}, grants).cells()
			for c := range got {
				if !slices.Contains(columns, c.column) {
					delete(got, c)
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: %+v: the matrix says %v, Lake Formation is told %v", seed, table, got, want)
			}
		}
	}
}

func TestFilterNames(t *testing.T) {
	n := Named{Principal: analyst, Columns: []string{"a", "b"}, Rows: "x = 1"}
	if got := n.Filter(); !strings.HasPrefix(got, FilterPrefix) || len(got) != len(FilterPrefix)+32 {
		t.Error(got)
	}
	other := n
	other.Principal = support
	if n.Filter() != other.Filter() {
		t.Error("the same rows and columns have two filters")
	}
	for _, o := range []Named{{Columns: []string{"a"}, Rows: "x = 1"}, {Columns: []string{"a", "b"}, Rows: "x = 2"}} {
		if o.Filter() == n.Filter() {
			t.Errorf("%+v has the filter of another", o)
		}
	}
}

func TestParseSpec(t *testing.T) {
	s := Spec{Grants: []live.Grant{{Principal: analyst, Tables: []string{"marts.a"}, Rows: "x = '<'", Columns: []string{"a"}}}, Domains: []string{NoDomain}, Roles: []string{support}}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseSpec(text); err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("%v, %+v", err, got)
	}
	for _, wrong := range []string{"", " ", "{", "[]", `{"grants": [{"principal": "x", "columnz": []}]}`, `{"role": []}`, `{"roles": "x"}`, `{"domains": ["none"]} {}`, `{"grants": [], "roles": []}`} {
		if _, err := ParseSpec([]byte(wrong)); fault.Code(err) != int(fault.Usage) || fault.Next(err) == "" {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func FuzzParseSpec(f *testing.F) {
	f.Add([]byte(`{"grants": [{"principal": "x"}], "domains": ["none"], "roles": []}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ParseSpec(text)
		if err != nil {
			return
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := ParseSpec(again); err != nil || !reflect.DeepEqual(s, twice) {
			t.Fatalf("%v: %s is read as %+v, then as %+v", err, text, s, twice)
		}
	})
}

func TestCheck(t *testing.T) {
	s := &live.Stack{Name: "dev"}
	s.Access.Grants = []live.Grant{
		{Principal: analyst, Tables: []string{"marts.customers", "staging.customers", "marts.nothing"}},
		{Principal: analyst, Tables: []string{"staging.stg_orders"}, Rows: "x = 1"},
		{Principal: analyst, Tables: []string{"staging.stg_orders"}},
	}
	err := Check(s, tables(), []string{"sales"})
	want := `: meta.domain: found people, which stack dev has no tag for; write domains: [people] into live/dev/platform.yaml, or one of sales
live/dev/access.yaml: grants[0].tables[1]: found staging.customers, which nothing makes; did you mean marts.customers?
live/dev/access.yaml: grants[0].tables[2]: found marts.nothing, which nothing makes; floe transform ls tells what the models make
live/dev/access.yaml: grants[1].tables[0]: found rows or columns of staging.stg_orders, a view, which Lake Formation grants as a whole only; write materialized: table in `
	if fault.Code(err) != int(fault.Usage) || err.Error() != want {
		t.Errorf("%v", err)
	}
	s.Access.Grants = s.Access.Grants[2:]
	if err := Check(s, tables(), []string{"people", "sales"}); err != nil {
		t.Error(err)
	}
}
