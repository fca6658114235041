package governance

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

var ours = []string{"floe_dev_marts", "floe_dev_staging"}

// opened is an account where much was granted by hand, page by page.
func opened(t *testing.T) *fake {
	allOf := object{"DatabaseName": "floe_dev_marts", "Name": "ALL_TABLES", "TableWildcard": object{}}
	return &fake{t: t, admins: []string{boss}, described: map[string]string{}, grants: []object{
		to(everybody, database("floe_dev_marts"), "ALL"),
		to(everybody, database("theirs"), "ALL"),
		to(everybody, table("floe_dev_marts", "fct"), "ALL"),
		to(everybody, table("theirs", "fct"), "ALL"),
		to("123456789012:IAMPrincipals", columns("floe_dev_staging", "stg"), "SELECT"),
		to(hacker, object{"Table": allOf}, "DESCRIBE"),
		to(hacker, object{"DataCellsFilter": object{"DatabaseName": "floe_dev_marts", "TableName": "fct", "Name": "x"}}, "SELECT"),
		to(hacker, object{"DataLocation": object{"ResourceArn": "arn:aws:s3:::floe-dev-lakehouse-123456789012-eu-central-1"}}, "DATA_LOCATION_ACCESS"),
		to(hacker, object{"DataLocation": object{"ResourceArn": "arn:aws:s3:::theirs"}}, "DATA_LOCATION_ACCESS"),
		to(hacker, object{"LFTag": object{"TagKey": "floe-dev-sensitivity", "TagValues": []string{"*"}}}, "ASSOCIATE"),
		to(hacker, object{"LFTag": object{"TagKey": "floe-prod-sensitivity", "TagValues": []string{"*"}}}, "ASSOCIATE"),
		to(hacker, byTags("TABLE", "schema", "marts", "sensitivity", "internal,public"), "SELECT"),
		to(reading, byTags("TABLE", "sensitivity", "public,internal", "schema", "marts"), "SELECT", "DESCRIBE"),
		to(reading, byTags("TABLE", "schema", "marts"), "SELECT"),                      // more than is declared
		to(reading, byTags("DATABASE", "schema", "marts"), "DESCRIBE", "CREATE_TABLE"), // likewise
		to(reading, byTags("DATABASE", "schema", "staging"), "DESCRIBE"),
		to(reading, columns("floe_dev_staging", "stg_orders"), "SELECT"),
		to(reading, columns("floe_dev_staging", "stg_others"), "SELECT"),
		to("arn:aws:iam::123456789012:role/floe-dev-maintain", table("floe_dev_marts", "fct"), "ALTER"),
		to(boss, database("floe_dev_marts"), "ALTER", "DESCRIBE", "DROP"),
	}, defaults: map[string][]any{
		"floe_dev_staging": {object{"Principal": object{"DataLakePrincipalIdentifier": everybody}, "Permissions": []any{"ALL"}}},
		"theirs":           {object{"Principal": object{"DataLakePrincipalIdentifier": everybody}, "Permissions": []any{"ALL"}}},
	}}
}

// told is what is open, one line each.
func (l *Lake) told(t *testing.T) string {
	t.Helper()
	all, err := l.Open(context.Background(), ours)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, o := range all {
		lines = append(lines, o.String())
	}
	return strings.Join(lines, "\n")
}

// TestOpen tells what nobody declared, and nothing else.
func TestOpen(t *testing.T) {
	f := opened(t)
	if got := f.lake(readersOfMarts).told(t); got != `database floe_dev_marts is open to IAM_ALLOWED_PRINCIPALS (ALL)
databases where floe-dev-schema=marts is open to arn:aws:iam::123456789012:role/reading (CREATE_TABLE)
location arn:aws:s3:::floe-dev-lakehouse-123456789012-eu-central-1 is open to arn:aws:iam::123456789012:user/hacker (DATA_LOCATION_ACCESS)
new tables of database floe_dev_staging is open to IAM_ALLOWED_PRINCIPALS (ALL)
table floe_dev_marts.ALL_TABLES is open to arn:aws:iam::123456789012:user/hacker (DESCRIBE)
table floe_dev_marts.fct is open to IAM_ALLOWED_PRINCIPALS (ALL)
table floe_dev_marts.fct is open to arn:aws:iam::123456789012:user/hacker (SELECT)
table floe_dev_staging.stg is open to 123456789012:IAMPrincipals (SELECT)
table floe_dev_staging.stg_others is open to arn:aws:iam::123456789012:role/reading (SELECT)
tables where floe-dev-schema=marts floe-dev-sensitivity=internal,public is open to arn:aws:iam::123456789012:user/hacker (SELECT)
tables where floe-dev-schema=marts is open to arn:aws:iam::123456789012:role/reading (SELECT)
tag floe-dev-sensitivity is open to arn:aws:iam::123456789012:user/hacker (ASSOCIATE)` {
		t.Error(got)
	}
	for _, c := range f.calls {
		if !strings.HasPrefix(c, "Get") && !strings.HasPrefix(c, "List") {
			t.Errorf("looking called %s", c)
		}
	}
}

// TestClose closes ours, leaves what is others', and lets administrators work.
func TestClose(t *testing.T) {
	f := opened(t)
	f.grants[5]["Resource"] = object{"Table": object{"DatabaseName": "floe_dev_marts", "TableWildcard": object{}}} // as it is revoked
	l := f.lake(readersOfMarts)
	if err := l.Close(context.Background(), ours); err != nil {
		t.Fatal(err)
	}
	if got := l.told(t); got != "" {
		t.Errorf("left open:\n%s", got)
	}
	if len(f.grants) != 11 { // four of others', five of who is granted something, and boss' two databases
		t.Errorf("%d grants are left: %v", len(f.grants), f.grants)
	}
	if last := f.grants[len(f.grants)-1]; last["Resource"].(object)["Database"].(object)["Name"] != "floe_dev_staging" || last["Principal"].(object)["DataLakePrincipalIdentifier"] != boss {
		t.Errorf("the administrator may not change staging: %v", last)
	}
	if f.described["floe_dev_staging"] != "d floe_dev_staging" || len(f.described) != 1 || f.defaults["floe_dev_staging"] == nil || len(f.defaults["theirs"]) != 1 {
		t.Errorf("databases: %v %v", f.described, f.defaults)
	}
	f.calls = nil
	if err := l.Close(context.Background(), ours); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(f.calls, func(c string) bool { return !strings.HasPrefix(c, "Get") && !strings.HasPrefix(c, "List") }) {
		t.Errorf("what is closed was changed: %v", f.calls)
	}
}

// TestSomebodyElseIsQuicker: what is gone already is no error.
func TestSomebodyElseIsQuicker(t *testing.T) {
	f := &fake{t: t, grants: []object{to(everybody, database("floe_dev_marts"), "ALL")}, onRevoke: func(f *fake) string {
		f.grants = nil
		return ""
	}}
	if err := f.lake(nil).Close(context.Background(), ours); err != nil {
		t.Fatal(err)
	}
}

// TestDeletedAdministrator: a role that another team deleted stays among the
// administrators, and is in nobody's way.
func TestDeletedAdministrator(t *testing.T) {
	f := &fake{t: t, admins: []string{hacker, boss}, deleted: hacker}
	if err := f.lake(nil).Close(context.Background(), ours); err != nil || len(f.grants) != 2 || principal(f.grants[1]) != boss {
		t.Errorf("%v: %v", err, f.grants)
	}
}

// TestDroppedColumn: what is granted of a column that is there no longer cannot
// be taken away, and opens nothing; what is granted beside it is taken away.
func TestDroppedColumn(t *testing.T) {
	f := &fake{t: t, dropped: "gone", grants: []object{to(hacker, columns("floe_dev_marts", "fct", "b", "gone"), "SELECT"), to(everybody, table("floe_dev_marts", "fct"), "ALL")}}
	if err := f.lake(nil).Close(context.Background(), ours); err != nil {
		t.Fatal(err)
	}
	if len(f.grants) != 1 || !slices.Equal(f.grants[0]["Resource"].(object)["TableWithColumns"].(object)["ColumnNames"].([]string), []string{"gone"}) {
		t.Errorf("left: %v", f.grants)
	}
}

// TestSavedExpressions: a grant may name an expression of tags that somebody
// saved, which is ours to judge where it has a tag of ours.
func TestSavedExpressions(t *testing.T) {
	byName := func(kind, name string) object {
		return object{"LFTagPolicy": object{"ResourceType": kind, "ExpressionName": name}}
	}
	expression := func(name string) object { return object{"LFTagExpression": object{"Name": name}} }
	f := &fake{t: t, saved: map[string]string{"marts": "floe-dev-schema", "others": "cost"}, grants: []object{
		to(hacker, byName("TABLE", "marts"), "SELECT"), to(reading, byName("DATABASE", "marts"), "DESCRIBE"), to(hacker, byName("TABLE", "others"), "SELECT"),
		to(hacker, byName("TABLE", "gone"), "SELECT"), to(hacker, expression("marts"), "ALTER"), to(hacker, expression("others"), "ALTER"),
	}}
	l := f.lake(readersOfMarts)
	if got := l.told(t); got != `databases of the saved expression marts is open to arn:aws:iam::123456789012:role/reading (DESCRIBE)
saved expression marts is open to arn:aws:iam::123456789012:user/hacker (ALTER)
tables of the saved expression marts is open to arn:aws:iam::123456789012:user/hacker (SELECT)` {
		t.Error(got)
	}
	if err := l.Close(context.Background(), ours); err != nil || len(f.grants) != 3 {
		t.Errorf("%v; left: %v", err, f.grants)
	}
	f.deny = "GetLFTagExpression"
	if err := l.Close(context.Background(), ours); !Refused(err) || !strings.Contains(err.Error(), "read the saved expression others") {
		t.Errorf("what may not be read is not judged: %v", err)
	}
}

// TestOpenedAgain: what stays open fails the deployment, by name.
func TestOpenedAgain(t *testing.T) {
	f := &fake{t: t, grants: []object{to(everybody, database("floe_dev_marts"), "ALL")}}
	f.onRevoke = func(f *fake) string { // after each revocation it is there again
		f.grants = append(f.grants, f.grants[0])
		f.grants = f.grants[:1]
		return "InvalidInputException"
	}
	err := f.lake(nil).Close(context.Background(), ours)
	if err == nil || !strings.Contains(err.Error(), "database floe_dev_marts is open to IAM_ALLOWED_PRINCIPALS (ALL)") || !strings.Contains(fault.Next(err), "CloudTrail") {
		t.Errorf("%v; next %s", err, fault.Next(err))
	}
	if n := len(slices.DeleteFunc(f.calls, func(c string) bool { return c != "RevokePermissions" })); n != closings {
		t.Errorf("tried %d times", n)
	}
}

func TestRefusedByAWS(t *testing.T) {
	for action, want := range map[string]string{
		"ListPermissions": "list the grants of Lake Formation", "GetDataLakeSettings": "read who administers", "GetDatabases": "list the databases of Glue",
		"RevokePermissions": "take away that database floe_dev_marts is open to IAM_ALLOWED_PRINCIPALS", "GrantPermissions": "let the administrator " + boss + " change database floe_dev_marts",
		"UpdateDatabase": "make new tables of database floe_dev_staging open to nobody",
	} {
		f := opened(t)
		f.grants = f.grants[:1]
		f.deny = action
		err := f.lake(nil).Close(context.Background(), ours)
		if err == nil || !strings.Contains(err.Error(), want) || !Refused(err) || !strings.Contains(fault.Next(err), "make bootstrap STACK=dev") {
			t.Errorf("%s: %v; next %s", action, err, fault.Next(err))
		}
	}
}

func TestDomains(t *testing.T) {
	f := &fake{t: t}
	l := f.lake(nil)
	if got, err := l.Domains(context.Background()); err != nil || got != nil {
		t.Errorf("no tag: %v, %v", got, err)
	}
	f.domains = []string{"chess"}
	if got, err := l.Domains(context.Background()); err != nil || !slices.Equal(got, f.domains) {
		t.Errorf("%v, %v", got, err)
	}
	f.deny = "GetLFTag"
	if _, err := l.Domains(context.Background()); !Refused(err) {
		t.Error(err)
	}
}
