package lake

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/governance"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/live"
)

const (
	account = "arn:aws:iam::123456789012:"
	analyst = account + "role/analyst"
	auditor = account + "role/auditor"
	own     = account + "role/floe-dev-transform"
)

// stack is a deployed stack: two schemas with three tables and a view, and the
// tables of another stack.
type stack struct {
	*awstest.AWS
	t       *testing.T
	options Options
	log     bytes.Buffer
}

func newStack(t *testing.T, grants ...live.Grant) *stack {
	t.Helper()
	s := &stack{AWS: awstest.New(t), t: t}
	for _, stackName := range []string{"dev", "prod"} {
		for _, schema := range []string{"landing_shop", "marts"} {
			s.Database("floe_"+stackName+"_"+schema, "s3://lake/"+schema, map[string]string{
				environment.ParameterProject: "floe", environment.ParameterStack: stackName, environment.ParameterSchema: schema})
		}
		s.table("floe_"+stackName+"_marts", "customers", "EXTERNAL_TABLE", "id", "name", "country")
	}
	s.table("floe_dev_landing_shop", "orders", "EXTERNAL_TABLE", "id", "email", "total", "note", "_floe_load_id")
	s.table("floe_dev_marts", "revenue", "VIRTUAL_VIEW", "country", "total")
	s.table("floe_dev_marts", "stray", "EXTERNAL_TABLE", "id")
	s.LFTag("floe-dev-domain", "sales")
	s.LFTag("floe-dev-sensitivity", governance.Sensitivities()...)
	s.LFTag("floe-dev-layer", "landing", "marts")
	s.LFTag("cost", "low")
	for _, p := range []string{analyst, auditor, own} {
		s.Principal(p)
	}
	s.options = Options{Config: s.Config(), Project: "floe", Stack: "dev", Spec: governance.Spec{Grants: grants, Roles: []string{own}}, Tables: []governance.Table{
		{Schema: "landing_shop", Name: "orders", Domain: "sales", Sensitivity: governance.Unclassified,
			Columns: []governance.Column{{Name: "id", Sensitivity: "internal"}, {Name: "email", Sensitivity: "personal"}, {Name: "total", Sensitivity: "internal"}, {Name: "_floe_load_id", Sensitivity: "internal"}}},
		{Schema: "marts", Name: "customers", Sensitivity: "public", Columns: []governance.Column{{Name: "name", Sensitivity: "personal"}}},
		{Schema: "marts", Name: "revenue", Sensitivity: "public", Columns: []governance.Column{{Name: "total", Sensitivity: "confidential"}}},
		{Schema: "marts", Name: "later", Sensitivity: "public"},
	}}
	return s
}

func (s *stack) table(database, name, kind string, columns ...string) {
	var all []map[string]any
	for _, c := range columns {
		all = append(all, map[string]any{"Name": c, "Type": "string"})
	}
	s.PutTable(database, map[string]any{"Name": name, "TableType": kind, "StorageDescriptor": map[string]any{"Columns": all}})
}

// built makes a model's table as a run does under what is declared at that time.
func (s *stack) built(declared governance.Table, columns ...map[string]any) {
	s.PutTable("floe_dev_"+declared.Schema, map[string]any{"Name": declared.Name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": map[string]any{"Columns": columns},
		"Parameters": map[string]string{environment.ParameterClassified: declared.Note()}})
}

func (s *stack) govern() (Report, error) {
	s.t.Helper()
	s.log.Reset()
	s.options.Log = slog.New(slog.NewJSONHandler(&s.log, nil))
	return Govern(context.Background(), s.options)
}

// governs runs it to its end, which must be a good one.
func (s *stack) governs() Summary {
	s.t.Helper()
	report, err := s.govern()
	if err != nil || !report.Finished {
		s.t.Fatalf("%v, %+v", err, report)
	}
	return report.Summary
}

// still checks that another run changes nothing, and asks for no change.
func (s *stack) still() {
	s.t.Helper()
	before := s.told()
	s.Forget()
	sum := s.governs()
	if sum.Tagged+sum.Granted+sum.Revoked+sum.Filters > 0 || s.told() != before {
		s.t.Errorf("a second run did %+v", sum)
	}
	for _, r := range s.Requests() {
		if !strings.HasPrefix(r.Action, "Get") && !strings.HasPrefix(r.Action, "List") {
			s.t.Errorf("a second run calls %s %s", r.Action, r.Resource)
		}
	}
}

// told is all that Lake Formation holds, short.
func (s *stack) told() string {
	var all []string
	for _, part := range [][]string{s.Tagged(), s.Filters(), s.Grants()} {
		for i, line := range part {
			part[i] = strings.NewReplacer("floe_dev_", "", "floe-dev-", "", account+"role/", "").Replace(line)
		}
		slices.Sort(part)
		all = append(all, part...)
	}
	return strings.Join(all, "\n")
}

func (s *stack) holds(want ...string) {
	s.t.Helper()
	if got := s.told(); got != strings.Join(want, "\n") {
		s.t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// tagged is what the tables above have of tags.
var tagged = []string{
	"landing_shop.orders domain=sales", "landing_shop.orders._floe_load_id sensitivity=internal", "landing_shop.orders.email sensitivity=personal",
	"landing_shop.orders.id sensitivity=internal", "landing_shop.orders.total sensitivity=internal",
	"marts.customers.country sensitivity=public", "marts.customers.id sensitivity=public", "marts.customers.name sensitivity=personal",
	"marts.revenue sensitivity=confidential",
}
