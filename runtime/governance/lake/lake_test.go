package lake

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/governance"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/live"
)

func TestTags(t *testing.T) {
	s := newStack(t)
	if sum := s.governs(); sum.Tagged != len(tagged) || sum.Tables != 4 {
		t.Errorf("%+v", sum)
	}
	s.holds(tagged...)
	s.still()
	t.Run("a new column stays unclassified", func(t *testing.T) {
		s.table("floe_dev_landing_shop", "orders", "EXTERNAL_TABLE", "id", "email", "total", "note", "_floe_load_id", "card_number")
		s.still()
	})
	t.Run("and is classified when it is declared", func(t *testing.T) {
		s.options.Tables[0].Columns = append(s.options.Tables[0].Columns, governance.Column{Name: "card_number", Sensitivity: "personal"})
		s.options.Tables[0].Columns[2].Sensitivity = "public"
		s.governs()
		if got := s.told(); !strings.Contains(got, "orders.card_number sensitivity=personal") || !strings.Contains(got, "orders.total sensitivity=public") {
			t.Error(got)
		}
	})
	t.Run("a table that nobody declares any more", func(t *testing.T) {
		s.options.Tables = nil
		s.governs()
		s.holds("")
		s.still()
	})
}

// TestStrayTags: what is tagged by hand above a column would open it.
func TestStrayTags(t *testing.T) {
	s := newStack(t)
	s.governs()
	for _, by := range []struct{ resource, key, value string }{
		{"floe_dev_landing_shop.orders", "floe-dev-sensitivity", "public"},
		{"floe_dev_landing_shop.orders", "floe-dev-layer", "marts"},
		{"floe_dev_landing_shop.orders.note", "floe-dev-sensitivity", "public"},
		{"floe_dev_landing_shop.orders.email", "floe-dev-sensitivity", "internal"},
		{"floe_dev_landing_shop.orders.email", "cost", "low"},
		{"floe_prod_marts.customers", "cost", "low"},
	} {
		s.Tag(by.resource, by.key, by.value)
	}
	if sum := s.governs(); sum.Tagged != 4 {
		t.Errorf("%+v", sum)
	}
	s.holds(slices.Sorted(slices.Values(append([]string{"landing_shop.orders.email cost=low", "floe_prod_marts.customers cost=low"}, tagged...)))...)
	s.still()
}

func TestNamedGrants(t *testing.T) {
	norway := governance.Named{Columns: []string{"country", "id"}, Rows: "country = 'NO'"}.Filter()
	for _, tc := range []struct {
		name    string
		grants  []live.Grant
		want    []string
		pending string
	}{
		{"by tags", []live.Grant{{Principal: analyst, Schemas: []string{"marts"}, Sensitivity: live.DefaultSensitivity}}, nil, ""},
		{"a table: what its sensitivity allows", []live.Grant{{Principal: analyst, Tables: []string{"marts.customers", "landing_shop.orders"}, Sensitivity: live.DefaultSensitivity}},
			[]string{"analyst DESCRIBE landing_shop.orders", "analyst DESCRIBE marts.customers", "analyst SELECT landing_shop.orders _floe_load_id,id,total", "analyst SELECT marts.customers country,id"}, ""},
		{"columns by name, whatever they are", []live.Grant{{Principal: analyst, Tables: []string{"landing_shop.orders"}, Columns: []string{"email", "note", "soon"}}},
			[]string{"analyst DESCRIBE landing_shop.orders", "analyst SELECT landing_shop.orders email,note"}, "landing_shop.orders.soon for " + analyst + ": there is no such column yet"},
		{"two grants are one", []live.Grant{{Principal: analyst, Tables: []string{"marts.customers"}, Columns: []string{"id"}}, {Principal: analyst, Tables: []string{"marts.customers"}, Columns: []string{"name"}}},
			[]string{"analyst DESCRIBE marts.customers", "analyst SELECT marts.customers id,name"}, ""},
		{"rows", []live.Grant{{Principal: analyst, Tables: []string{"marts.customers"}, Rows: "country = 'NO'", Sensitivity: live.DefaultSensitivity}, {Principal: auditor, Tables: []string{"marts.customers"}, Columns: []string{"name"}}},
			[]string{"marts.customers." + norway + " country,id where country = 'NO'", "analyst DESCRIBE marts.customers", "analyst SELECT marts.customers " + norway,
				"auditor DESCRIBE marts.customers", "auditor SELECT marts.customers name"}, ""},
		{"a view as a whole", []live.Grant{{Principal: analyst, Tables: []string{"marts.revenue"}, Sensitivity: []string{"public", "confidential"}}},
			[]string{"analyst DESCRIBE marts.revenue", "analyst SELECT marts.revenue *"}, ""},
		{"or not at all", []live.Grant{{Principal: analyst, Tables: []string{"marts.revenue"}, Sensitivity: live.DefaultSensitivity}}, nil, "marts.revenue for " + analyst + ": it is a view"},
		{"a table that is not there", []live.Grant{{Principal: analyst, Tables: []string{"marts.later"}, Sensitivity: live.DefaultSensitivity}}, nil, "marts.later for " + analyst + ": there is no such table yet"},
		{"a table that nobody declares", []live.Grant{{Principal: analyst, Tables: []string{"marts.stray"}, Sensitivity: governance.Sensitivities()}}, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newStack(t, tc.grants...)
			sum := s.governs()
			s.holds(slices.Concat(tagged, tc.want)...)
			if !strings.Contains(strings.Join(sum.Pending, "\n"), tc.pending) || (len(sum.Pending) > 0) != (tc.pending != "") {
				t.Errorf("pending %q, want %q", sum.Pending, tc.pending)
			}
			s.still()
			s.options.Spec.Grants = nil
			s.governs()
			s.holds(tagged...)
		})
	}
}

// TestDrift: whatever somebody grants by hand is taken away, what somebody took
// away is granted again; the stack's own roles, tags and other stacks stay.
func TestDrift(t *testing.T) {
	granted := []string{"analyst DESCRIBE marts.customers", "analyst SELECT marts.customers country,id"}
	grants := []live.Grant{{Principal: analyst, Tables: []string{"marts.customers"}, Sensitivity: live.DefaultSensitivity}}
	customers := `{"Table": {"DatabaseName": "floe_dev_marts", "Name": "customers"}}`
	for _, tc := range []struct {
		name, principal, resource string
		permissions, grantable    []string
		stays                     string // what is left of it
	}{
		{"all of a table", auditor, customers, []string{"SELECT", "DESCRIBE", "ALTER", "DROP"}, nil, ""},
		{"more of what is granted", analyst, customers, []string{"ALL", "INSERT"}, nil, ""},
		{"all columns", analyst, customers, []string{"SELECT"}, nil, ""},
		{"one more column", analyst, `{"TableWithColumns": {"DatabaseName": "floe_dev_marts", "Name": "customers", "ColumnNames": ["name"]}}`, []string{"SELECT"}, nil, ""},
		{"all columns but one", auditor, `{"TableWithColumns": {"DatabaseName": "floe_dev_marts", "Name": "customers", "ColumnWildcard": {"ExcludedColumnNames": ["id"]}}}`, []string{"SELECT"}, nil, ""},
		{"to grant it on", analyst, customers, []string{"DESCRIBE"}, []string{"DESCRIBE"}, ""},
		{"all tables", auditor, `{"Table": {"DatabaseName": "floe_dev_marts", "TableWildcard": {}}}`, []string{"SELECT", "DESCRIBE"}, nil, ""},
		{"everybody", "IAM_ALLOWED_PRINCIPALS", customers, []string{"ALL"}, nil, ""},
		{"a table that nobody declares", auditor, `{"Table": {"DatabaseName": "floe_dev_marts", "Name": "stray"}}`, []string{"SELECT"}, nil, ""},
		{"an own role", own, customers, []string{"ALL", "ALTER"}, []string{"ALTER"}, "floe-dev-transform ALL,ALTER marts.customers and may grant ALTER"},
		{"an own role of all tables", own, `{"Table": {"DatabaseName": "floe_dev_marts", "TableWildcard": {}}}`, []string{"ALTER"}, nil, "floe-dev-transform ALTER marts.ALL_TABLES"},
		{"by tags", auditor, `{"LFTagPolicy": {"ResourceType": "TABLE", "Expression": [{"TagKey": "floe-dev-layer", "TagValues": ["marts"]}]}}`, []string{"SELECT"}, nil, "auditor SELECT by tags"},
		{"another stack", auditor, `{"Table": {"DatabaseName": "floe_prod_marts", "Name": "customers"}}`, []string{"SELECT"}, nil, "auditor SELECT floe_prod_marts.customers *"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newStack(t, grants...)
			s.governs()
			s.Grant(tc.principal, tc.resource, tc.permissions, tc.grantable)
			sum := s.governs()
			want := slices.Concat(tagged, granted)
			if tc.stays != "" {
				want = append(want, strings.Replace(tc.stays, "floe-dev-", "", 1))
			} else if sum.Revoked == 0 {
				t.Errorf("%+v", sum)
			}
			s.holds(want...)
			s.still()
		})
	}
}

// TestDroppedColumn: what is granted of a column outlives it, and AWS takes no
// grant of a column away that is not there.
func TestDroppedColumn(t *testing.T) {
	s := newStack(t, live.Grant{Principal: analyst, Tables: []string{"marts.customers"}, Columns: []string{"country", "id"}})
	s.governs()
	for _, columns := range []string{`"country", "name"`, `"country"`} {
		s.Grant(auditor, `{"TableWithColumns": {"DatabaseName": "floe_dev_marts", "Name": "customers", "ColumnNames": [`+columns+`]}}`, []string{"SELECT"}, nil)
		s.table("floe_dev_marts", "customers", "EXTERNAL_TABLE", "id", "name")
		s.governs()
		if got := s.told(); !strings.Contains(got, "analyst SELECT marts.customers country,id") || !strings.Contains(got, "auditor SELECT marts.customers country\n") && !strings.HasSuffix(got, "auditor SELECT marts.customers country") {
			t.Error(got)
		}
		s.still()
		s.table("floe_dev_marts", "customers", "EXTERNAL_TABLE", "id", "name", "country")
	}
	s.governs()
	if got := s.told(); strings.Contains(got, "auditor") {
		t.Errorf("the column is there again, and open: %s", got)
	}
}

func TestFilterDrift(t *testing.T) {
	s := newStack(t, live.Grant{Principal: analyst, Tables: []string{"marts.customers"}, Columns: []string{"id"}, Rows: "country = 'NO'"})
	s.governs()
	before := s.told()
	filter := governance.Named{Columns: []string{"id"}, Rows: "country = 'NO'"}.Filter()
	for name, body := range map[string]string{"rows": `"ColumnNames": ["id"], "RowFilter": {"FilterExpression": "true"}`, "columns": `"ColumnNames": ["id", "name"], "RowFilter": {"FilterExpression": "country = 'NO'"}`} {
		s.Filter(`{"TableCatalogId": "123456789012", "DatabaseName": "floe_dev_marts", "TableName": "customers", "Name": "` + filter + `", ` + body + `}`)
		if sum := s.governs(); sum.Filters != 1 || s.told() != before {
			t.Errorf("%s: %+v\n%s", name, sum, s.told())
		}
	}
	s.Filter(`{"TableCatalogId": "123456789012", "DatabaseName": "floe_dev_marts", "TableName": "customers", "Name": "theirs", "ColumnNames": ["id"], "RowFilter": {"FilterExpression": "true"}}`)
	s.Grant(auditor, `{"DataCellsFilter": {"TableCatalogId": "123456789012", "DatabaseName": "floe_dev_marts", "TableName": "customers", "Name": "theirs"}}`, []string{"SELECT"}, nil)
	s.governs()
	if got := s.told(); !strings.Contains(got, "customers.theirs id where true") || strings.Contains(got, "auditor") {
		t.Errorf("their own filter is left, and what is granted of it is not: %s", got)
	}
	s.options.Spec.Grants[0].Rows = "country = 'SE'"
	s.governs()
	if got := s.told(); strings.Contains(got, "NO") || strings.Count(got, "where country = 'SE'") != 1 {
		t.Error(got)
	}
	s.still()
}

func TestTellsWhatToDo(t *testing.T) {
	nobody := account + "role/nobody"
	for _, tc := range []struct {
		name  string
		grant live.Grant
		edit  func(*stack)
		kind  fault.Kind
		want  []string
	}{
		{"a role that does not exist", live.Grant{Principal: nobody, Tables: []string{"marts.customers"}, Columns: []string{"id"}}, func(*stack) {}, fault.Usage,
			[]string{"grant DESCRIBE to " + nobody + " on marts.customers", "make the role or user " + nobody}},
		{"a domain without a tag", live.Grant{Principal: analyst, Schemas: []string{"marts"}}, func(s *stack) { s.options.Tables[1].Domain = "people" }, fault.Usage,
			[]string{"tag it with floe-dev-domain=people: marts.customers", "domains: of live/dev/platform.yaml"}},
		{"no grantor", live.Grant{Principal: analyst, Tables: []string{"marts.customers"}, Columns: []string{"id"}}, func(s *stack) {
			s.Fail(func(r awstest.Request) *awstest.Failure {
				if r.Action == "GrantPermissions" {
					return awstest.GlueDenied
				}
				return nil
			})
		}, fault.Failed, []string{"grant DESCRIBE to " + analyst, "make bootstrap, then make deploy STACK=dev"}},
		{"no databases", live.Grant{}, func(s *stack) { s.options.Stack = "test" }, fault.Failed, []string{"no Glue database of stack test", "make deploy STACK=test"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newStack(t, tc.grant)
			tc.edit(s)
			report, err := s.govern()
			if err == nil || fault.Code(err) != int(tc.kind) || report.Finished {
				t.Fatalf("%v, %+v", err, report)
			}
			for _, part := range tc.want {
				if text := err.Error() + "\n" + fault.Next(err); !strings.Contains(text, part) {
					t.Errorf("%q is not in %s", part, text)
				}
			}
			if tc.kind == fault.Usage && !slices.Contains(s.Tagged(), "floe_dev_landing_shop.orders.email floe-dev-sensitivity=personal") {
				t.Error("the other tables were not done")
			}
		})
	}
}

// TestFaults: whichever call fails, whatever is lost, another run ends where an
// undisturbed one does.
func TestFaults(t *testing.T) {
	grants := []live.Grant{
		{Principal: analyst, Tables: []string{"marts.customers"}, Rows: "country = 'NO'", Sensitivity: live.DefaultSensitivity},
		{Principal: auditor, Tables: []string{"landing_shop.orders"}, Sensitivity: live.DefaultSensitivity},
	}
	disturb := func(s *stack) {
		s.Tag("floe_dev_landing_shop.orders.note", "floe-dev-sensitivity", "public")
		s.Grant(auditor, `{"Table": {"DatabaseName": "floe_dev_marts", "Name": "customers"}}`, []string{"SELECT", "DESCRIBE"}, nil)
		s.Filter(`{"TableCatalogId": "123456789012", "DatabaseName": "floe_dev_marts", "TableName": "customers", "Name": "floe_old", "ColumnNames": ["id"], "RowFilter": {"FilterExpression": "true"}}`)
	}
	good := newStack(t, grants...)
	disturb(good)
	good.governs()
	calls := 0
	for _, r := range good.Requests() {
		if r.Service == "lakeformation" {
			calls++
		}
	}
	want := good.told()
	for name, failure := range map[string]*awstest.Failure{"throttled": awstest.Throttled, "conflict": awstest.Conflict, "denied": awstest.GlueDenied, "lost": awstest.Lost} {
		for at := 1; at <= calls; at++ {
			s := newStack(t, grants...)
			disturb(s)
			n := 0
			s.Fail(func(r awstest.Request) *awstest.Failure {
				if r.Service == "lakeformation" {
					n++
				}
				if n == at && r.Service == "lakeformation" {
					return failure
				}
				return nil
			})
			if _, err := s.govern(); err != nil && failure != awstest.GlueDenied {
				t.Errorf("%s at call %d: %v", name, at, err)
			}
			s.Fail(nil)
			s.governs()
			if got := s.told(); got != want {
				t.Fatalf("%s at call %d: got\n%s\nwant\n%s", name, at, got, want)
			}
		}
	}
}

func TestHandsOver(t *testing.T) {
	s := newStack(t)
	var done []string
	for calls := 0; ; calls++ {
		if calls > 10 {
			t.Fatal("it never ends")
		}
		looked := 0
		s.options.Done, s.options.Pressed = done, func() bool { looked++; return looked > 2 }
		report, err := s.govern()
		if err != nil {
			t.Fatal(err)
		}
		done = report.Done
		if report.Finished {
			break
		}
	}
	s.holds(tagged...)
	if got := strings.Join(done, " "); got != "landing_shop.* landing_shop.orders marts.* marts.customers marts.revenue marts.stray" {
		t.Error(got)
	}
}

// TestGoneMeanwhile: a table that is dropped while it is looked at is no error.
func TestGoneMeanwhile(t *testing.T) {
	s := newStack(t)
	s.Fail(func(r awstest.Request) *awstest.Failure {
		if r.Action == "GetResourceLFTags" && strings.Contains(r.Resource, "customers") {
			s.DropTable("floe_dev_marts", "customers")
		}
		return nil
	})
	s.governs()
	if got := s.told(); strings.Contains(got, "customers") || !strings.Contains(got, "marts.revenue") {
		t.Error(got)
	}
}

// TestTogether: two runs at a time do no harm.
func TestTogether(t *testing.T) {
	s := newStack(t, live.Grant{Principal: analyst, Tables: []string{"marts.customers"}, Rows: "country = 'NO'", Sensitivity: live.DefaultSensitivity})
	s.Grant(auditor, `{"Table": {"DatabaseName": "floe_dev_marts", "Name": "customers"}}`, []string{"SELECT"}, nil)
	s.options.Log = slog.New(slog.DiscardHandler)
	ends := make(chan error)
	for range 4 {
		go func() {
			_, err := Govern(context.Background(), s.options)
			ends <- err
		}()
	}
	for range 4 {
		if err := <-ends; err != nil {
			t.Error(err)
		}
	}
	s.still()
}
